"""Standings folded anew are those that were kept while the events came, and whatever differs is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection, select, text

from consent import ledger, refolding, vault
from consent.events import EVERY_PURPOSE, Draft, EventType
from consent.refolding import COLUMNS
from consent.tables import StandingRow, table_of
from consent.vault import Identifier, IdentifierKind, Subject
from gateway.storage.database import Database
from tests.consent.events_given import at, draft

NOW = at(100)
GRANTED = draft(EventType.GRANTED, 1, expires_at=at(1_000))
LIVES: tuple[tuple[Draft, ...], ...] = (
    (GRANTED,),
    (GRANTED, draft(EventType.PAUSED, 2, purpose=EVERY_PURPOSE)),
    (draft(EventType.REQUESTED, 1, expires_at=at(40)), draft(EventType.DECLINED, 2)),
    (GRANTED, replace(GRANTED, purpose="custom:events"), draft(EventType.SUPPRESSED, 3, purpose=EVERY_PURPOSE)),
    (draft(EventType.HELD, 1, purpose=EVERY_PURPOSE),),
    (),
)


def lived(connection: Connection) -> list[Subject]:
    people = vault.add(connection, [Identifier(IdentifierKind.PHONE, f"+90555000{n:04}") for n in range(6)], NOW)
    for subject, life in zip(people, LIVES, strict=True):
        for number, one in enumerate(life):
            mine = replace(one, subject=subject.ref, idem=f"{subject.id}:{number}")
            ledger.append(connection, [(subject, mine)], NOW + timedelta(seconds=number))
    return people


def stored(connection: Connection) -> list[tuple[object, ...]]:
    table = table_of(StandingRow)
    return sorted((tuple(row) for row in connection.execute(select(table))), key=str)


def test_every_column_of_a_standing_is_folded_anew() -> None:
    assert set(COLUMNS) == set(table_of(StandingRow).columns.keys())


def test_standings_folded_anew_are_equal_to_those_that_were_kept(database: Database) -> None:
    with database.write() as connection:
        people = lived(connection)
        before = stored(connection)
        assert refolding.stale(connection, batch=2) == []
        assert refolding.rebuild(connection, batch=2) == len(people)
        assert stored(connection) == before
        assert len({row[1] for row in before}) == 3


def test_a_standing_that_was_changed_taken_away_or_invented_is_found(database: Database) -> None:
    with database.write() as connection:
        people = lived(connection)
        before = stored(connection)
        changed, gone, _, _, same, invented = (person.id for person in people)
        connection.execute(text("UPDATE standing SET proof = 1 WHERE subject_id = :id"), {"id": changed})
        connection.execute(text("DELETE FROM standing WHERE subject_id = :id"), {"id": gone})
        others = ", ".join(COLUMNS[1:])
        copied = f"INSERT INTO standing (subject_id, {others}) SELECT :new, {others} FROM standing WHERE"
        copied += " subject_id = :id"
        connection.execute(text(copied), {"new": invented, "id": same})
        assert refolding.stale(connection) == refolding.stale(connection, batch=2) == [changed, gone, invented]
        refolding.rebuild(connection)
        assert stored(connection) == before
