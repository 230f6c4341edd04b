"""Everybody's standing folded anew from the events: compared with the stored one, or put in its place.

People are taken by thousands, in the order of their numbers, with their events and rows as the driver gives them:
SQLAlchemy's way of a row costs more than to fold it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, delete, text

from consent import bulk
from consent.events import Event
from consent.ledger import FLAT, event_from, spoken_of
from consent.standing import fold
from consent.tables import StandingRow, table_of

_standing = table_of(StandingRow)
KEY = 2  # columns, from the first
COLUMNS = ("subject_id", "purpose", *FLAT, "suppressed", "held")
_PEOPLE = text("SELECT id FROM subject WHERE id > :after ORDER BY id LIMIT :batch")
_EVENTS = text("SELECT subject_id, body, hash FROM ledger_event WHERE subject_id BETWEEN :first AND :last ORDER BY seq")
_STORED = text(f"SELECT {', '.join(COLUMNS)} FROM standing WHERE subject_id BETWEEN :first AND :last")  # noqa: S608

Row = tuple[Any, ...]


def rebuild(connection: Connection, batch: int = 5_000) -> int:
    """Throw the projection away and fold it anew from the events. Returns the number of subjects."""
    connection.execute(delete(_standing))
    done = 0
    for ids in _people(connection, batch):
        bulk.insert_rows(connection, _standing, COLUMNS, _folded(connection, ids))
        done += len(ids)
    return done


def stale(connection: Connection, batch: int = 5_000) -> list[int]:
    """Subjects whose stored standing is not what their events say: there must be none."""
    wrong: list[int] = []
    for ids in _people(connection, batch):
        stored = connection.execute(_STORED, {"first": ids[0], "last": ids[-1]}).all()
        differing = set(_folded(connection, ids)).symmetric_difference(map(tuple, stored))
        wrong += sorted({subject_id for subject_id, *_ in differing})
    return wrong


_THEIR_EVENTS = "SELECT subject_id, body, hash FROM ledger_event WHERE subject_id {among} ORDER BY seq"
_THEIR_ROWS = "SELECT subject_id, purpose FROM standing WHERE subject_id {among} ORDER BY subject_id, purpose"


def refold(connection: Connection, ids: Sequence[int]) -> None:
    """Fold the standings of these people anew, after events were added to theirs."""
    events: dict[int, list[Event]] = defaultdict(list)
    for subject_id, body, hash_ in bulk.rows_among(connection, _THEIR_EVENTS, ids):
        events[subject_id].append(event_from(body, hash_))
    # Locked before they are replaced, so that a release that has read them commits first, or reads the new ones.
    lock = "" if bulk.is_sqlite(connection) else " FOR UPDATE"
    stored = set(map(tuple, bulk.rows_among(connection, _THEIR_ROWS + lock, ids)))
    written = bulk.as_stored(connection)
    rows = [row for subject_id, theirs in events.items() for row in _rows(subject_id, theirs, written)]
    bulk.insert_rows(connection, _standing, COLUMNS, [row for row in rows if row[:KEY] not in stored])
    bulk.update_rows(connection, _standing, COLUMNS, [row for row in rows if row[:KEY] in stored], KEY)


def _people(connection: Connection, batch: int) -> Iterator[list[int]]:
    after = 0
    while ids := list(connection.scalars(_PEOPLE, {"after": after, "batch": batch})):
        yield ids
        after = ids[-1]


def _folded(connection: Connection, ids: list[int]) -> list[Row]:
    """The rows that the events of these people make; nobody else's number is between the first and the last."""
    events: dict[int, list[Event]] = defaultdict(list)
    for subject_id, body, hash_ in connection.execute(_EVENTS, {"first": ids[0], "last": ids[-1]}).all():
        events[subject_id].append(event_from(body, hash_))
    written = bulk.as_stored(connection)
    return [row for subject_id, theirs in events.items() for row in _rows(subject_id, theirs, written)]


_flat = attrgetter(*FLAT)
_STATE = FLAT.index("state")
_MOMENTS = tuple(FLAT.index(name) for name in ("since", "deadline", "consent_ends"))


def _rows(subject_id: int, events: list[Event], written: Callable[[datetime], Any]) -> Iterator[Row]:
    standings = fold(events)
    spoken, suppressed, held = spoken_of(standings)
    for purpose, standing in spoken.items():
        values = list(_flat(standing))
        values[_STATE] = values[_STATE].value
        for place in _MOMENTS:
            if values[place] is not None:
                values[place] = written(values[place])
        yield subject_id, purpose, *values, suppressed, held
