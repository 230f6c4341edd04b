"""A segment asked of the database gives the people whom the pure evaluator gives, on both databases, both ways."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import select

from consent.standing import State
from consent.tables import table_of
from gateway.core.segment import Condition, Segment, matches, parse
from gateway.storage import audience, segments, spans
from gateway.storage.database import Database
from gateway.storage.effective_states import effective
from gateway.storage.inbox import Inbox
from gateway.storage.tables import PersonRow
from tests.given import Given
from tests.storage.worlds import NOW, Somebody, conditions, worlds, write

_person = table_of(PersonRow)
ONE_DATABASE = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def found(database: Database, people: list[Somebody], segment: Segment) -> list[list[int]]:
    """The numbers of those in the segment: asked at once, and person by person."""
    with database.engine.connect() as connection, connection.begin() as transaction:
        write(connection, people)
        ways = []
        for whole in (True, False):
            asked = select(_person.c.subject_id).where(segments.compiled(segment, NOW, whole=whole))
            ways.append(sorted(connection.scalars(asked)))
        middle = len(people) // 2
        halves = ({"first": 1, "last": middle}, {"first": middle + 1, "last": len(people)})
        counted = [connection.scalar(segments.count(segment, NOW), half) for half in halves]
        transaction.rollback()
    assert sum(counted) == len(ways[0])
    return ways


@ONE_DATABASE
@given(people=worlds, condition=conditions)
def test_the_database_finds_whom_the_evaluator_finds(
    database: Database, people: list[Somebody], condition: Condition
) -> None:
    segment = Segment("", condition)
    wanted = [n for n, person in enumerate(people, 1) if matches(segment, person.facts(n), NOW)]
    assert found(database, people, segment) == [wanted, wanted]


NOBODY_MUCH = Somebody(
    dict.fromkeys(("name", "source", "language", "zone", "country")), "", None, NOW - timedelta(days=1)
)


@pytest.mark.parametrize(
    ("text", "is_in"),
    [
        ("everyone", True),
        ("city != x", True),
        ("city = x", False),
        ("visits < 5", False),
        ("not visits < 5", True),
        ("consent(marketing) is none", True),
        ("sent = 0", True),
        ("bought() = 0 within 30d", True),
        ("bought(price > 5)", False),
        ("replied <= 0", True),
        ("added within 2d", True),
    ],
)
def test_of_whom_nothing_is_known_everything_is_true_or_false(database: Database, text: str, is_in: bool) -> None:
    segment = parse(text)
    assert isinstance(segment, Segment)
    assert found(database, [NOBODY_MUCH], segment) == [[1] if is_in else []] * 2


def test_every_stored_state_is_followed_through_its_deadlines() -> None:
    ends = effective()
    assert ends[State.GRANTED, "deadline"] is State.EXPIRED
    assert ends[State.PENDING, "deadline"] is State.LAPSED
    assert ends[State.PAUSED, "ends"] is State.EXPIRED
    assert ends[State.REVOKED, "together"] is State.REVOKED
    assert all(ends[state, "neither"] is state for state in State)


@pytest.mark.parametrize(
    ("text", "counts"),
    [("sent", False), ("sent = 0", False), ("bought() > 0", False), ("sent >= 2", True), ("bought() < 3", True)],
)
def test_nothing_is_counted_where_only_whether_it_happened_is_asked(text: str, counts: bool) -> None:
    segment = parse(text)
    assert isinstance(segment, Segment)
    assert ("GROUP BY" in str(segments.compiled(segment, NOW, whole=True))) is counts


def test_no_part_of_an_or_is_where_the_database_begins() -> None:
    segment = parse("sent or tag:vip")
    assert isinstance(segment, Segment)
    assert str(segments.compiled(segment, NOW, whole=True)).count("(+ person.subject_id) IN") == 2


@pytest.mark.parametrize("text", ["everyone", "not sent", "consent(marketing) is granted", "tag:vip or not replied"])
def test_people_are_counted_in_spans_by_two(
    database: Database, inbox: Inbox, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    gateway = Given(database, inbox)
    segment = parse(text)
    assert isinstance(segment, Segment)
    for _ in range(5):
        gateway.person()
    with gateway.database.read() as connection:
        at_once = audience.count(connection, segment, gateway.now)
        for engine in spans.WITH_LISTS.ids:
            monkeypatch.setitem(spans.WITH_LISTS.ids, engine, 2)
        monkeypatch.setattr(spans, "SHARED_FROM", 5)
        assert (at_once, audience.count(connection, segment, gateway.now)) == (5, 5)


@pytest.mark.parametrize("text", ["sent", "not read within 9d", "delivered >= 2", "clicked within 9d"])
def test_how_far_messages_got_is_told_by_indexes_alone(sqlite_template: Path, text: str) -> None:
    segment = parse(text)
    assert isinstance(segment, Segment)
    database = Database(f"sqlite:///{sqlite_template}")
    with database.read() as connection:
        asked = segments.count(segment, NOW).compile(connection, compile_kwargs={"render_postcompile": True})
        named = dict.fromkeys(asked.params, 9)
        values = tuple(named[name] for name in asked.positiontup or ())
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}", values)]
    database.close()
    assert [step for step in plan if " message " in step and "USING COVERING INDEX ix_message_" not in step] == []
