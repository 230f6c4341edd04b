"""The inbox: raw webhook bodies, kept exactly as they were signed until every item in them has been applied.

On SQLite it is a file of its own, so that storing a body never waits behind a campaign; on PostgreSQL it is a table
beside the others. Its one table is made on opening, since a spool needs no history of shapes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from consent.tables import table_of
from gateway.storage.database import Database
from gateway.storage.tables import InboxRow, inbox_metadata

_inbox = table_of(InboxRow)


STATEMENT_BODIES_MAX = 500
"""SQLite takes 32,766 parameters in a statement; memory is bounded by what the web's threads hold anyway."""


def _insert(connection: Connection, bodies: Sequence[bytes], received_at: datetime) -> None:
    if connection.dialect.name != "sqlite":
        connection.execute(insert(_inbox), [{"body": body, "received_at": received_at} for body in bodies])
        return
    # One statement for all: between two of them every other thread may take the interpreter, for milliseconds each.
    moment = _inbox.c.received_at.type.bind_processor(connection.dialect)
    assert moment is not None
    at = moment(received_at)
    rows = ", ".join(["(?, ?)"] * len(bodies))
    values = tuple(value for body in bodies for value in (at, body))
    connection.exec_driver_sql(f"INSERT INTO inbox (received_at, body) VALUES {rows}", values)  # noqa: S608  placeholders


@dataclass(frozen=True, slots=True)
class Body:
    """A stored webhook body and its place in the order of arrival."""

    id: int
    received_at: datetime
    body: bytes


class Inbox:
    def __init__(self, database: Database) -> None:
        self.database = database
        with database.write() as connection:
            inbox_metadata.create_all(connection)

    def store(self, bodies: Sequence[bytes], received_at: datetime) -> None:
        """Durable when it returns: one commit for all of them, in this order."""
        with self.database.write() as connection:
            for start in range(0, len(bodies), STATEMENT_BODIES_MAX):
                _insert(connection, bodies[start : start + STATEMENT_BODIES_MAX], received_at)

    def waiting(self, limit: int) -> list[Body]:
        with self.database.read() as connection:
            rows = connection.execute(
                select(_inbox.c.id, _inbox.c.received_at, _inbox.c.body)
                .where(_inbox.c.drained_at.is_(None))
                .order_by(_inbox.c.id)
                .limit(limit)
            )
            return [Body(row.id, row.received_at, row.body) for row in rows]

    def body(self, body_id: int) -> Body | None:
        with self.database.read() as connection:
            row = connection.execute(
                select(_inbox.c.id, _inbox.c.received_at, _inbox.c.body).where(_inbox.c.id == body_id)
            ).one_or_none()
        return None if row is None else Body(row.id, row.received_at, row.body)

    def drained(self, body_ids: Sequence[int], now: datetime) -> None:
        if not body_ids:
            return
        with self.database.write() as connection:
            connection.execute(update(_inbox).where(_inbox.c.id.in_(body_ids)).values(drained_at=now))

    def backlog(self) -> int:
        with self.database.read() as connection:
            return connection.scalar(select(func.count()).where(_inbox.c.drained_at.is_(None))) or 0

    def discard_drained(self, before: datetime) -> int:
        """Bodies hold personal data: what has been applied goes after a while. Returns how many went."""
        with self.database.write() as connection:
            return connection.execute(delete(_inbox).where(_inbox.c.drained_at < before)).rowcount
