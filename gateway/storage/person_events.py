"""What people did elsewhere: kept compactly, once each, and asked by segments (storage/segments.py) and parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from consent import bulk
from consent.tables import table_of
from consent.vault import LOOKUP_MAX
from gateway.storage.tables import EventKindRow, PersonEventRow, PersonRow

_event, _kind, _person = table_of(PersonEventRow), table_of(EventKindRow), table_of(PersonRow)

COLUMNS = ("kind", "subject_id", "at", "key", "about", "properties")
_IN_ORDER = itemgetter(0, 1, 2, 3)
"""As the table lies. What follows may be missing in one of two reports of the same id, and cannot be compared."""


@dataclass(frozen=True, slots=True)
class NewEvent:
    """`key` is 16 bytes; `properties` JSON of texts, None for none."""

    subject_id: int
    name: str
    at: datetime
    key: bytes
    about: str | None = None
    properties: str | None = None


def add(connection: Connection, events: Sequence[NewEvent]) -> int:
    """Keep events; those whose key is known are left as they are. Returns how many were new."""
    if not events:
        return 0
    kinds = _kinds(connection, sorted({event.name for event in events}))
    moment = bulk.as_stored(connection)
    rows = [(kinds[e.name], e.subject_id, moment(e.at), e.key, e.about, e.properties) for e in events]
    rows.sort(key=_IN_ORDER)
    return connection.exec_driver_sql(*_insertion(connection, rows)).rowcount


def _insertion(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> tuple[str, Any]:
    names = ", ".join(COLUMNS)
    if bulk.is_sqlite(connection):
        marks = ", ".join("?" * len(COLUMNS))
        return f"INSERT INTO person_event ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING", list(rows)  # noqa: S608
    types = ("bigint", "bigint", "timestamptz", "bytea", "text", "text")
    arrays = ", ".join(f"%s::{type_}[]" for type_ in types)
    statement = (
        f"INSERT INTO person_event ({names}) SELECT k, s, a, y, b, p::jsonb "  # noqa: S608  our own names
        f"FROM unnest({arrays}) AS new(k, s, a, y, b, p) ON CONFLICT DO NOTHING"
    )
    return statement, tuple(list(column) for column in zip(*rows, strict=True))


def _kinds(connection: Connection, names: Sequence[str]) -> dict[str, int]:
    make = sqlite.insert if bulk.is_sqlite(connection) else postgresql.insert
    asked = select(_kind.c.name, _kind.c.id).where(_kind.c.name.in_(names))
    found = {name: id_ for name, id_ in connection.execute(asked)}  # noqa: C416  a row is no pair
    if missing := [{"name": name} for name in names if name not in found]:
        connection.execute(make(_kind).on_conflict_do_nothing(), missing)
        found = {name: id_ for name, id_ in connection.execute(asked)}  # noqa: C416
    return found


def kinds(connection: Connection) -> dict[str, int]:
    """The names of all events that were ever reported, with how often."""
    counted = (
        select(_kind.c.name, func.count(_event.c.key))
        .outerjoin(_event, _event.c.kind == _kind.c.id)
        .group_by(_kind.c.name)
        .order_by(_kind.c.name)
    )
    return {name: count for name, count in connection.execute(counted)}  # noqa: C416


def names(connection: Connection) -> list[str]:
    """The names of all events that were ever reported."""
    return list(connection.scalars(select(_kind.c.name).order_by(_kind.c.name)))


def latest(
    connection: Connection, subject_ids: Sequence[int], names: Sequence[str], now: datetime
) -> dict[int, dict[str, dict[str, str]]]:
    """The properties of each person's latest event of each name, up to `now`; people without any are left out.

    `about`, what the event is about, is one of the properties. One query a name, by the order in which the table lies.
    """
    found: dict[int, dict[str, dict[str, str]]] = {}
    kinds = select(_kind.c.name, _kind.c.id).where(_kind.c.name.in_(names))
    for name, kind in connection.execute(kinds).all():
        for start in range(0, len(subject_ids), LOOKUP_MAX):
            chunk = subject_ids[start : start + LOOKUP_MAX]
            for subject_id, about, properties in connection.execute(_last_of(kind, chunk, now)):
                known = {"about": about} if about else {}
                found.setdefault(subject_id, {})[name] = known | (properties or {})
    return found


def those_who_did(names: Sequence[str]) -> ColumnElement[bool]:
    """A condition on people: whether any event of these names was ever reported of them."""
    kinds = select(_kind.c.id).where(_kind.c.name.in_(names))
    return _person.c.subject_id.in_(select(_event.c.subject_id).where(_event.c.kind.in_(kinds)))


def _last_of(kind: int, subject_ids: Sequence[int], now: datetime) -> Select[tuple[int, str | None, Any]]:
    other = _event.alias("other")
    newest = (
        select(other.c.key)
        .where(other.c.kind == kind, other.c.subject_id == _person.c.subject_id, other.c.at <= now)
        .order_by(other.c.at.desc(), other.c.key.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(_event.c.subject_id, _event.c.about, _event.c.properties)
        .join_from(_person, _event, _event.c.key == newest)
        .where(_person.c.subject_id.in_(subject_ids))
    )


@dataclass(frozen=True, slots=True)
class Done:
    """Something that a person did elsewhere, for that person's own eyes."""

    name: str
    at: datetime
    about: str | None
    properties: dict[str, str] | None


def done_by(connection: Connection, subject_ids: Sequence[int]) -> list[Done]:
    """All that was reported of these subjects, the oldest first. Kind by kind, because the table lies in that order."""
    columns = (_event.c.at, _event.c.about, _event.c.properties)
    found = [
        Done(name, *row)
        for name, kind in connection.execute(select(_kind.c.name, _kind.c.id)).all()
        for row in connection.execute(
            select(*columns).where(_event.c.kind == kind, _event.c.subject_id.in_(subject_ids))
        )
    ]
    return sorted(found, key=lambda one: (one.at, one.name))


def forget(connection: Connection, subject_id: int) -> None:
    """Kind by kind, because the table lies in that order."""
    for kind in connection.scalars(select(_kind.c.id)).all():
        connection.execute(delete(_event).where(_event.c.kind == kind, _event.c.subject_id == subject_id))


def move(connection: Connection, source: int, target: int) -> None:
    """Two subjects are one person, who did what either did."""
    for kind in connection.scalars(select(_kind.c.id)).all():
        mine = (_event.c.kind == kind, _event.c.subject_id == source)
        connection.execute(update(_event).where(*mine).values(subject_id=target))
