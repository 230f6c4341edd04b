"""A thousand random worlds: in each the run equals the dry run, or the difference has a name.

Most on SQLite, some on PostgreSQL; `in_a_world` makes them from their numbers, so a failing one can be looked at alone.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from gateway.storage.database import Database
from gateway.storage.inbox import Inbox
from gateway.storage.migrations import upgrade
from tests.bench.measuring import Result, Target
from tests.given import Given
from tests.postgres import postgres_database
from tests.random_worlds import Compared, in_a_world

WORLDS, ON_POSTGRESQL = 1_000, 40
SHOWN_MAX = 20
TARGETS = {
    "worlds": Target(WORLDS),
    "unnamed_differences": Target(0, at_most=True),
    "stopped_meanwhile": Target(1),
}


def run(quick: bool) -> Result:
    worlds, there = (20, 2) if quick else (WORLDS, ON_POSTGRESQL)
    began = time.monotonic()
    compared: dict[int, Compared] = {}
    with TemporaryDirectory(prefix="izin-worlds-") as folder, ExitStack() as stack:
        for seed, database in zip(range(there), islice(_on_postgresql(stack), there), strict=True):
            compared[seed] = _in(database, Path(folder), seed)
        for seed, database in zip(range(there, worlds), _on_sqlite(Path(folder)), strict=False):
            compared[seed] = _in(database, Path(folder), seed)
    unnamed = {seed: found.unnamed for seed, found in compared.items() if found.unnamed}
    figures = {
        "worlds": len(compared),
        "on_postgresql": there,
        "people": sum(found.happened.total() for found in compared.values()),
        "reasons_met": len({reason for found in compared.values() for reason in found.happened}),
        "stopped_meanwhile": sum(found.stopped for found in compared.values()),
        "unnamed_differences": len(unnamed),
        "seconds": round(time.monotonic() - began, 1),
    }
    notes = [f"world {seed}: {'; '.join(found)}" for seed, found in islice(unnamed.items(), SHOWN_MAX)]
    return Result(figures, TARGETS, claims=not quick, notes=notes)


def _in(database: Database, folder: Path, seed: int) -> Compared:
    inbox = Inbox(Database(f"sqlite:///{folder}/inbox-{seed}.db") if database.is_sqlite else database)
    try:
        return in_a_world(Given(database, inbox), seed)
    finally:
        inbox.database.close()
        database.close()


def _on_sqlite(folder: Path) -> Iterator[Database]:
    template, path = folder / "template.db", folder / "izin.db"
    first = Database(f"sqlite:///{template}")
    upgrade(first)
    with first.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    first.close()
    while True:
        for file in folder.glob("izin.db*"):
            file.unlink()
        shutil.copy(template, path)
        yield Database(f"sqlite:///{path}")


def _on_postgresql(stack: ExitStack) -> Iterator[Database]:
    while True:
        database = Database(stack.enter_context(postgres_database()))
        upgrade(database)
        yield database
