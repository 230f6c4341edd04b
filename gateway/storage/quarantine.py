"""Webhook items that could not be applied, and counts of everything that was seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from consent.tables import table_of
from gateway.storage.tables import QuarantineRow, TallyRow

_quarantine, _tally = table_of(QuarantineRow), table_of(TallyRow)


@dataclass(frozen=True, slots=True)
class Quarantined:
    id: int
    body_id: int
    position: int
    problem: str
    at: datetime


def add(connection: Connection, body_id: int, position: int, problem: str, now: datetime) -> None:
    row = {"body_id": body_id, "position": position, "problem": problem, "at": now}
    connection.execute(insert(_quarantine), [row])


def everything(connection: Connection) -> list[Quarantined]:
    rows = connection.execute(select(_quarantine).order_by(_quarantine.c.id))
    return [Quarantined(**row._mapping) for row in rows]


def remove(connection: Connection, quarantined_id: int) -> None:
    connection.execute(delete(_quarantine).where(_quarantine.c.id == quarantined_id))


def by_id(connection: Connection, quarantined_id: int) -> Quarantined | None:
    row = connection.execute(select(_quarantine).where(_quarantine.c.id == quarantined_id)).one_or_none()
    return None if row is None else Quarantined(**row._mapping)


def retell(connection: Connection, quarantined_id: int, problem: str, now: datetime) -> None:
    """It was tried again and still cannot be applied."""
    connection.execute(update(_quarantine).where(_quarantine.c.id == quarantined_id).values(problem=problem, at=now))


def tally(connection: Connection, counts: Mapping[str, int], now: datetime) -> None:
    """Add to the counts of what webhooks held, by kind."""
    if not counts:
        return
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = make(_tally)
    statement = statement.on_conflict_do_update(
        index_elements=["kind"],
        set_={"count": _tally.c.count + statement.excluded["count"], "last_at": statement.excluded["last_at"]},
    )
    connection.execute(statement, [{"kind": k, "count": n, "last_at": now} for k, n in sorted(counts.items())])


def tallies(connection: Connection) -> dict[str, int]:
    rows = connection.execute(select(_tally.c.kind, _tally.c.count.label("seen")).order_by(_tally.c.kind))
    return {row.kind: row.seen for row in rows}
