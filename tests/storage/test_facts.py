"""Counting alike people: whichever way they are counted, everybody is counted once and in the same group."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from zoneinfo import available_timezones

import pytest
from sqlalchemy import select

from consent.limits.frequency import DAY, MONTH, WEEK, Cap
from consent.tables import table_of
from gateway.core.segment import Segment, parse
from gateway.storage import coded_counts, contacts, facts, spans
from gateway.storage.contacts import NewPerson
from gateway.storage.cut_moments import binding
from gateway.storage.database import Database
from gateway.storage.facts import KEY, Alike
from gateway.storage.inbox import Inbox
from gateway.storage.person_columns import Question
from gateway.storage.segments import compiled
from gateway.storage.tables import PersonRow
from tests.given import TUESDAY, Given

QUESTION = Question(purpose="marketing", at=TUESDAY, ends=TUESDAY + 3 * DAY, caps=(Cap(1, DAY), Cap(2, WEEK)))


def counted(groups: list[Alike]) -> Counter[tuple[object, ...]]:
    found: Counter[tuple[object, ...]] = Counter()
    for group in groups:
        found[tuple(getattr(group, name) for name in KEY)] += group.count
    return found


@pytest.fixture
def gateway(database: Database, inbox: Inbox) -> Given:
    """People of a hundred zones, most of them rare, with a past or without."""
    built = Given(database, inbox)
    zones = sorted(available_timezones())[:100]
    for number in range(120):
        person = built.person("marketing" if number % 3 else None, zone=zones[number % 100], language="tr")
        if number % 5 == 0:
            with database.write() as connection:
                contacts.reserve(connection, [person.subject.id], TUESDAY - timedelta(hours=number))
        if number % 8 == 0:
            built.says(person, "DUR")  # some of them never agreed to anything: only the row of every purpose knows
    built.drain()
    return built


def test_codes_and_groups_count_alike(gateway: Given, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever texts are listed, in one thread or two."""
    for engine in spans.ALONG_INDEXES.ids:
        monkeypatch.setitem(spans.ALONG_INDEXES.ids, engine, 32)
    for listed, shared_from in [(1, 1), (7, 1_000), (60, 1)]:
        monkeypatch.setattr(coded_counts, "LISTED_MAX", listed)
        monkeypatch.setattr(spans, "SHARED_FROM", shared_from)
        with gateway.database.read() as connection:
            by_code = facts.alike(connection, QUESTION)
            grouped = facts._grouped(connection, facts._columns(connection, QUESTION), QUESTION, None)
        assert counted(by_code) == counted(grouped), (listed, shared_from)
        assert sum(group.count for group in by_code) == 120


def test_a_sample_belongs_to_its_group(gateway: Given, monkeypatch: pytest.MonkeyPatch) -> None:
    for engine in spans.ALONG_INDEXES.ids:
        monkeypatch.setitem(spans.ALONG_INDEXES.ids, engine, 32)
    monkeypatch.setattr(spans, "SHARED_FROM", 1)
    with gateway.database.read() as connection:
        groups = facts.alike(connection, QUESTION)
        people = contacts.states(connection, [subject for group in groups for subject in group.samples])
    for group in groups:
        assert group.samples
        assert {people[subject].zone for subject in group.samples} == {group.zones}


def test_those_who_stopped_are_counted_whether_they_had_agreed_or_not(gateway: Given) -> None:
    with gateway.database.read() as connection:
        groups = facts.alike(connection, QUESTION)
    states: Counter[str] = Counter()
    for group in groups:
        states[group.state] += group.count
    assert states == {"granted": 70, "none": 35, "revoked": 15}


def test_a_segment_is_looked_through_in_every_way_of_counting(gateway: Given, monkeypatch: pytest.MonkeyPatch) -> None:
    for engine in spans.ALONG_INDEXES.ids:
        monkeypatch.setitem(spans.ALONG_INDEXES.ids, engine, 32)
    segment = parse("zone != Africa/Abidjan and not consent(marketing) is granted")
    assert isinstance(segment, Segment)
    within = compiled(segment, TUESDAY)
    with gateway.database.read() as connection:
        groups = facts.alike(connection, replace(QUESTION, within=within))
        people = connection.scalars(select(table_of(PersonRow).c.subject_id).where(within)).all()
    assert 0 < sum(group.count for group in groups) == len(people) < 120


def test_nobody_is_nobody(database: Database) -> None:
    with database.read() as connection:
        assert facts.alike(connection, QUESTION) == []


def test_people_without_consent_or_address_are_counted_too(database: Database, inbox: Inbox) -> None:
    built = Given(database, inbox)
    person = built.person(None)
    with database.write() as connection:
        connection.exec_driver_sql("DELETE FROM identifier")
        contacts.add(connection, [NewPerson(subject_id=person.subject.id)], TUESDAY)
    with database.read() as connection:
        (group,) = facts.alike(connection, QUESTION)
    assert (group.state, group.reachable, group.count) == ("none", 0, 1)


def test_caps_that_another_makes_superfluous_are_left_out() -> None:
    caps = (Cap(3, DAY), Cap(1, DAY), Cap(2, WEEK), Cap(6, MONTH), Cap(4, WEEK))
    assert binding(caps) == [Cap(1, DAY), Cap(2, WEEK), Cap(6, MONTH)]
