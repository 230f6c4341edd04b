"""The inbox: raw webhook bodies, kept exactly as they were signed until every item in them has been applied.

On SQLite it is a file of its own, so that storing a body never waits behind a campaign; on PostgreSQL it is a table
beside the others. Its one table is made on opening, since a spool needs no history of shapes.
"""

from __future__ import annotations

import itertools
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from sqlalchemy import Connection, delete, func, select
from sqlalchemy.exc import DBAPIError

from consent.tables import EPOCH, table_of
from gateway.storage.database import Database
from gateway.storage.statements import Statement, fetch, known_moment, statement, write
from gateway.storage.tables import InboxRow, inbox_metadata

_inbox = table_of(InboxRow)
_MICROSECOND = timedelta(microseconds=1)

_DRAINED = statement("UPDATE inbox SET drained_at = :now WHERE id IN LIST :them")

_OLDEST = statement(
    "SELECT id, bytes FROM (SELECT id, length(body) AS bytes FROM inbox WHERE drained_at IS NULL ORDER BY id"
    " LIMIT :most) AS oldest"
)
_BODIES = Statement(
    # One row: at each, the driver gives up the interpreter, and a busy sender keeps it for milliseconds.
    sqlite="SELECT json_group_array(json_array(id, received_at, length(body))),"
    " CAST(group_concat(CAST(body AS TEXT), '') AS BLOB)"
    " FROM (SELECT id, received_at, body FROM inbox WHERE drained_at IS NULL AND id <= :last ORDER BY id)",
    postgresql="SELECT id, received_at, body FROM inbox WHERE drained_at IS NULL AND id <= %(last)s ORDER BY id",
    gathered="",
)

DISCARDED_MAX = 2_000

STATEMENT_BODIES_MAX = 500
"""SQLite takes 32,766 parameters in a statement; memory is bounded by what the web holds anyway."""


class _File:
    """The writing end of a SQLite inbox: one connection kept open, and one statement for a whole group of bodies.

    Taking a connection from the pool costs more than storing thirty bodies; and between two statements every other
    thread may take the interpreter, for milliseconds each.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.Lock()

    def store(self, bodies: Sequence[bytes], received_at: datetime) -> None:
        """Raises DBAPIError; then nothing was stored."""
        moment = (received_at - EPOCH) // _MICROSECOND
        with self._lock:
            try:
                self._connection = self._connection or self._opened()
                _insert(self._connection, bodies, moment)
            except sqlite3.Error as problem:
                self._drop()
                raise DBAPIError.instance("INSERT INTO inbox", None, problem, sqlite3.Error) from problem

    def _opened(self) -> sqlite3.Connection:
        pooled = self.database.engine.raw_connection()
        connection = pooled.driver_connection
        pooled.detach()
        assert isinstance(connection, sqlite3.Connection)
        return connection

    def _drop(self) -> None:
        """Whatever it had begun is undone with it; the next store opens another."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def _insert(connection: sqlite3.Connection, bodies: Sequence[bytes], moment: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for start in range(0, len(bodies), STATEMENT_BODIES_MAX):
        chunk = bodies[start : start + STATEMENT_BODIES_MAX]
        rows = ", ".join(["(?, ?)"] * len(chunk))
        values = tuple(value for body in chunk for value in (moment, body))
        connection.execute(f"INSERT INTO inbox (received_at, body) VALUES {rows}", values)  # noqa: S608  placeholders
    connection.execute("COMMIT")


@dataclass(frozen=True, slots=True)
class Body:
    """A stored webhook body and its place in the order of arrival."""

    id: int
    received_at: datetime
    body: bytes


def _cut(told: str, joined: bytes) -> list[Body]:
    """Bodies that came as one, apart again."""
    bodies, at = [], 0
    for id_, received_at, length in orjson.loads(told):
        bodies.append(Body(id_, known_moment(received_at), joined[at : at + length]))
        at += length
    return bodies


class Inbox:
    def __init__(self, database: Database) -> None:
        self.database = database
        self._file: _File | None = None
        with database.write() as connection:
            inbox_metadata.create_all(connection)

    def store(self, bodies: Sequence[bytes], received_at: datetime) -> None:
        """Durable when it returns: one commit for all of them, in this order. Raises DBAPIError."""
        if self.database.is_sqlite:
            if self._file is None or self._file.database is not self.database:
                self._file = _File(self.database)
            self._file.store(bodies, received_at)
            return
        with self.database.write() as connection:
            every = "INSERT INTO inbox (received_at, body) SELECT %s, unnest(%s::bytea[])"
            connection.exec_driver_sql(every, (received_at, list(bodies)))

    def waiting(self, limit: int, bytes_max: int | None = None) -> list[Body]:
        """The oldest bodies that are not drained: at most `limit`, and no more bytes unless one alone has them."""
        with self.database.read() as connection:
            oldest = fetch(connection, _OLDEST, {"most": limit})
            sizes = itertools.accumulate(size for _, size in oldest)
            fit = [id_ for (id_, _), sum_ in zip(oldest, sizes, strict=True) if bytes_max is None or sum_ <= bytes_max]
            wanted = fit or [id_ for id_, _ in oldest[:1]]
            if not wanted:
                return []
            rows = fetch(connection, _BODIES, {"last": wanted[-1]}, gathered=False)
        return _cut(*rows[0]) if self.database.is_sqlite else [Body(*row) for row in rows]

    def body(self, body_id: int) -> Body | None:
        with self.database.read() as connection:
            row = connection.execute(
                select(_inbox.c.id, _inbox.c.received_at, _inbox.c.body).where(_inbox.c.id == body_id)
            ).one_or_none()
        return None if row is None else Body(row.id, row.received_at, row.body)

    def drained(self, body_ids: Sequence[int], now: datetime) -> None:
        with self.database.write() as connection:
            self.mark_drained(connection, body_ids, now)

    def mark_drained(self, connection: Connection, body_ids: Sequence[int], now: datetime) -> None:
        """As `drained`, inside a transaction that is under way in the inbox's own database."""
        write(connection, _DRAINED, {"them": body_ids, "now": now})

    def backlog(self) -> int:
        with self.database.read() as connection:
            return connection.scalar(select(func.count()).where(_inbox.c.drained_at.is_(None))) or 0

    def discard_drained(self, before: datetime) -> int:
        """Bodies hold personal data: what has been applied goes after a while. Returns how many went.

        Some thousands at a time, since a webhook waits for the file as long as one of these transactions has it.
        """
        oldest = select(_inbox.c.id).where(_inbox.c.drained_at < before).order_by(_inbox.c.id).limit(DISCARDED_MAX)
        gone = 0
        while True:
            with self.database.write() as connection:
                now_gone = connection.execute(delete(_inbox).where(_inbox.c.id.in_(oldest.scalar_subquery()))).rowcount
            gone += now_gone
            if now_gone < DISCARDED_MAX:
                return gone
