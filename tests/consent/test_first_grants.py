"""Consents recorded in bulk are, byte for byte and standing for standing, what the ledger records one by one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from consent import first_grants, ledger, refolding, vault
from consent.events import (
    EVERY_PURPOSE,
    Actor,
    ActorKind,
    Commitment,
    Draft,
    EventType,
    TextRef,
    canonical,
    from_mapping,
    hash_of,
    moment_text,
)
from consent.first_grants import FirstGrant, Pattern
from consent.vault import Identifier, IdentifierKind
from gateway.storage.database import Database

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
KEY = f"csv:{'0f' * 16}#"
PATTERN = Draft(
    subject="",
    purpose="marketing",
    type=EventType.GRANTED_BY_IMPORT,
    occurred_at=NOW,
    actor=Actor(ActorKind.IMPORT, "0f0f by Ayşe “A” Yılmaz"),
    source="web_form",
    method="list",
    idem=KEY,
    text=TextRef("marketing", "1", "tr", "ab" * 32),
    evidence=Commitment(1, ""),
)


def grants(database: Database, pattern: Draft, count: int) -> list[tuple[Pattern, FirstGrant]]:
    shape = Pattern(pattern)
    identifiers = [Identifier(IdentifierKind.PHONE, f"+90555000{n:04}") for n in range(count)]
    with database.write() as connection:
        people = vault.meet(connection, identifiers, NOW)
        bodies = [b'{"row":%d}' % n for n in range(count)]
        kept = vault.keep_bodies(connection, [people[i].id for i in identifiers], bodies, NOW)
    return [
        (shape, FirstGrant(people[one].id, people[one].ref, NOW - timedelta(days=n, microseconds=n), n, commitment))
        for n, (one, commitment) in enumerate(zip(identifiers, kept, strict=True))
    ]


def test_the_chain_holds_what_the_ledger_itself_would_have_written(database: Database) -> None:
    given = grants(database, PATTERN, 5)
    with database.write() as connection:
        first_grants.append(connection, given, NOW)
    with database.read() as connection:
        rows = list(ledger.walk(connection))
        events = [ledger.event_at(connection, seq) for seq, _, _ in rows]
        size, last = ledger.head(connection)
    assert [seq for seq, _, _ in rows] == [1, 2, 3, 4, 5]
    assert (size, last) == (5, rows[-1][2])
    previous = "0" * 64
    for (_, grant), (_, body, hash_), event in zip(given, rows, events, strict=True):
        assert event is not None
        assert canonical(event) == body
        assert hash_of(body) == hash_ == event.hash
        assert event.prev_hash == previous
        assert (event.subject, event.occurred_at) == (grant.ref, grant.occurred_at)
        assert (event.idem, event.evidence) == (f"{KEY}{grant.idem}", Commitment(1, grant.commitment))
        assert (event.actor, event.text, event.recorded_at) == (PATTERN.actor, PATTERN.text, NOW)
        previous = hash_


def test_the_standings_are_those_that_a_fold_gives(database: Database) -> None:
    given = grants(database, PATTERN, 3)
    with database.write() as connection:
        first_grants.append(connection, given, NOW)
        assert refolding.stale(connection) == []
        stored = ledger.stored_standings(connection, [grant.subject_id for _, grant in given])
    assert all(stored[grant.subject_id, "marketing"].standing.granted for _, grant in given)


def test_a_refusal_of_somebody_unknown_stands_for_every_purpose(database: Database) -> None:
    refusal = replace(PATTERN, purpose=EVERY_PURPOSE, type=EventType.REVOKED, text=None)
    given = grants(database, refusal, 2)
    with database.write() as connection:
        first_grants.append(connection, given, NOW)
        assert refolding.stale(connection) == []
        stored = ledger.stored_standings(connection, [grant.subject_id for _, grant in given])
    assert all(ledger.stored_for(stored, g.subject_id, "utility").standing.refused for _, g in given)


def test_a_later_event_goes_on_from_there(database: Database) -> None:
    ((pattern, grant),) = grants(database, PATTERN, 1)
    with database.write() as connection:
        first_grants.append(connection, [(pattern, grant)], NOW)
        stop = replace(PATTERN, subject=grant.ref, type=EventType.REVOKED, idem="stop", source="wa_inbound")
        subject = vault.subjects_by_id(connection, [grant.subject_id])[grant.subject_id]
        (event,) = ledger.append(connection, [(subject, stop)], NOW)
        assert event.seq == 2
        assert refolding.stale(connection) == []


def test_somebody_who_has_a_standing_cannot_be_granted_for_the_first_time(database: Database) -> None:
    given = grants(database, PATTERN, 1)
    with database.write() as connection:
        first_grants.append(connection, given, NOW)
    with pytest.raises(IntegrityError), database.write() as connection:
        first_grants.append(connection, [(given[0][0], given[0][1]._replace(idem=99))], NOW)


def test_a_known_key_is_not_taken_twice(database: Database) -> None:
    given = grants(database, PATTERN, 2)
    with pytest.raises(IntegrityError), database.write() as connection:
        first_grants.append(connection, [(pattern, grant._replace(idem=7)) for pattern, grant in given], NOW)


@given(
    source=st.text(st.characters(codec="utf-8"), min_size=1, max_size=12),
    reference=st.text(st.characters(codec="utf-8"), max_size=12),
    moment=st.datetimes(datetime(1990, 1, 1), datetime(2026, 11, 24), timezones=st.just(UTC)),
    number=st.integers(2, 2_000_000),
)
def test_a_pattern_writes_canonical_bytes(source: str, reference: str, moment: datetime, number: int) -> None:
    draft = replace(PATTERN, source=source, actor=Actor(ActorKind.IMPORT, reference))
    recorded = "2026-11-24T11:00:00.000000Z"
    given = ("0199-id", "cd" * 32, number, moment_text(moment), "ef" * 32, recorded, number, "ab" * 16)
    body = (Pattern(draft).written % given).encode()
    event = from_mapping(orjson.loads(body), hash_of(body))
    assert canonical(event) == body
    assert (event.occurred_at, event.seq, event.idem, event.source) == (moment, number, f"{KEY}{number}", source)


@pytest.mark.parametrize(
    "draft",
    [
        replace(PATTERN, idem='a"b'),
        replace(PATTERN, idem="ş"),
        replace(PATTERN, type=EventType.REQUESTED),
        replace(PATTERN, text=None),
        replace(PATTERN, expires_at=NOW),
    ],
    ids=["quote", "letter", "no grant", "no text", "an end"],
)
def test_what_is_no_plain_first_grant_is_refused(draft: Draft) -> None:
    with pytest.raises(ValueError):
        Pattern(draft)


def test_a_stop_of_people_with_a_past_is_what_the_ledger_would_have_written(database: Database) -> None:
    given = grants(database, PATTERN, 4)
    stop = Pattern(replace(PATTERN, type=EventType.REVOKED, purpose=EVERY_PURPOSE, text=None, idem="stop:"))
    stops = [(stop, grant._replace(occurred_at=NOW)) for _, grant in given[1:]]
    with database.write() as connection:
        first_grants.append(connection, given[:3], NOW)
        first_grants.append_to_known(connection, stops, NOW)
    with database.read() as connection:
        rows = list(ledger.walk(connection))
        assert refolding.stale(connection) == []
        standings = ledger.standings_of(connection, [grant.subject_id for _, grant in given])
    assert [canonical(from_mapping(orjson.loads(body), hash_)) for _, body, hash_ in rows] == [r[1] for r in rows]
    assert all(hash_of(body) == hash_ for _, body, hash_ in rows)
    assert [standings[grant.subject_id].of("marketing").state.value for _, grant in given] == ["granted"] + [
        "revoked"
    ] * 3
