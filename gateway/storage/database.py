"""The two databases İzin runs on, and the only two ways to use them: `write()` and `read()`.

SQLite is the embedded default: WAL, foreign keys, `synchronous=FULL` because a 200 and a release depend on the commit,
and BEGIN IMMEDIATE for every write, since a deferred transaction that turns into a write fails at once under a second
writer (reference/performance.md section 7). PostgreSQL is for more than one machine.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, OperationalError

T = TypeVar("T")

TRIES_MAX = 5
CONNECT_SECONDS = 5
"""A server that does not answer: a webhook must reach its spool before Meta's patience ends."""
BUSY_TIMEOUT_MS = 15_000
LOOK_AGAIN_SECONDS = 0.001
PAGE_CACHE_KIB = 65_536


class Database:
    """One database. `write` commits at the end of its block or not at all; `read` sees one moment."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def write(self) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            if self.is_sqlite:
                connection = connection.execution_options(izin_begin="BEGIN IMMEDIATE")
            with connection.begin():
                yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    def run(self, work: Callable[[Connection], T]) -> T:
        """Do a write as one transaction, and again where two of them stood in each other's way."""
        for attempt in range(TRIES_MAX):
            try:
                with self.write() as connection:
                    return work(connection)
            except DBAPIError as problem:
                if attempt == TRIES_MAX - 1 or not is_collision(problem):
                    raise
        raise AssertionError("unreachable")

    def close(self) -> None:
        self.engine.dispose()


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        away = {"connect_timeout": CONNECT_SECONDS}
        return create_engine(url, pool_size=8, max_overflow=24, pool_pre_ping=True, connect_args=away)
    Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own; _begin_sqlite does
    for setting in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",  # what INSERT OR REPLACE deletes is refused like any other deletion (v0002_guards)
        f"cache_size=-{PAGE_CACHE_KIB}",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {setting}")


def _begin_sqlite(connection: Connection) -> None:
    begin = connection.get_execution_options().get("izin_begin", "BEGIN")
    if begin == "BEGIN":
        connection.exec_driver_sql(begin)
        return
    pooled = connection.connection
    turn = pooled.info.get(_TURN)
    if turn is None:
        turn = pooled.info[_TURN] = Turn(Path(connection.engine.url.database or ""))
    if not turn.begin(pooled.driver_connection):
        connection.exec_driver_sql(begin)  # fails as it did just now, in SQLAlchemy's words


_TURN = "izin_turn"


def is_awaited(connection: Connection) -> bool:
    """Whether somebody waits for this write to end. On PostgreSQL, where others need not wait, always: end it soon."""
    turn: Turn | None = connection.connection.info.get(_TURN)
    return turn is None or turn.is_awaited()


class Turn:
    """One connection's place in the queue for SQLite's one write lock.

    SQLite has no queue: whoever looks at the right moment has the lock, SQLite itself looks after up to 100 ms, and a
    sender that commits and begins anew a hundred times a second is always first: a stop waited for a second. So each
    writer, of any process, first takes a lock of the system's on a file beside the database, and gives it back once it
    has begun: who has waited longer cannot be overtaken by who has just committed.
    """

    def __init__(self, database: Path) -> None:
        self._file = os.open(database.with_name(database.name + "-turn"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        weakref.finalize(self, os.close, self._file)  # with the connection that it belongs to

    def begin(self, driver: Any) -> bool:
        """BEGIN IMMEDIATE soon after the lock is free. False when that failed."""
        with self._taken():
            driver.execute("PRAGMA busy_timeout=0")
            try:
                return _begun(driver)
            finally:
                driver.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")

    def is_awaited(self) -> bool:
        """Whether somebody stands in the queue while this connection writes: who waits to begin holds the file."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        fcntl.flock(self._file, fcntl.LOCK_UN)
        return False

    @contextmanager
    def _taken(self) -> Iterator[None]:
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)


def _begun(driver: Any) -> bool:
    until = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while time.monotonic() < until:
        try:
            driver.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as problem:
            if problem.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                return False
            time.sleep(LOOK_AGAIN_SECONDS)
        else:
            return True
    return False


COLLISIONS = frozenset({"40P01", "40001"})  # deadlock detected, serialization failure


def is_collision(problem: DBAPIError) -> bool:
    """Two transactions stood in each other's way and this one was undone: doing it again is right."""
    return getattr(problem.orig, "sqlstate", None) in COLLISIONS


TOO_LARGE = "54"  # PostgreSQL's class "program limit exceeded": it calls this operational, yet no waiting helps


def is_away(problem: DBAPIError) -> bool:
    """The database cannot be reached or written now, as opposed to having refused what it was asked."""
    refused = (getattr(problem.orig, "sqlstate", None) or "").startswith(TOO_LARGE)
    return problem.connection_invalidated or (isinstance(problem, OperationalError) and not refused)


def ping(database: Database) -> bool:
    try:
        with database.read() as connection:
            connection.execute(text("SELECT 1"))
    except DBAPIError:
        return False
    return True
