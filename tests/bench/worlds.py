"""A thousand random worlds: in each the run equals the dry run, or the difference has a name.

Most on SQLite, some on PostgreSQL; `in_a_world` makes them from their numbers, so a failing one can be looked at alone.
A process for each core has a database that is emptied between worlds, so that what one has compiled serves the next;
none is durable, since nobody pulls the plug here.
"""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, closing
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import make_url

from gateway.storage.database import Database
from gateway.storage.inbox import Inbox
from gateway.storage.migrations import upgrade
from tests.bench.measuring import Result, Target
from tests.given import Given
from tests.postgres import postgres_server, run_sql
from tests.random_worlds import Compared, in_a_world
from tests.recycled import Recycled

WORLDS, ON_POSTGRESQL = 1_000, 40
WORLDS_A_JOB = 60
SHOWN_MAX = 20
TARGETS = {
    "worlds": Target(WORLDS),
    "unnamed_differences": Target(0, at_most=True),
    "stopped_meanwhile": Target(1),
}


def run(quick: bool) -> Result:
    worlds, there = (20, 2) if quick else (WORLDS, ON_POSTGRESQL)
    began = time.monotonic()
    jobs = [(range(there), True), *((chunk, False) for chunk in _chunks(range(there, worlds)))]
    compared: dict[int, Compared] = {}
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as processes:
        for found in processes.map(_compared, *zip(*jobs, strict=True)):
            compared |= found
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


def _chunks(seeds: range) -> Iterator[range]:
    yield from (seeds[start : start + WORLDS_A_JOB] for start in range(0, len(seeds), WORLDS_A_JOB))


def _compared(seeds: Sequence[int], on_postgresql: bool) -> dict[int, Compared]:
    """These worlds, one after the other, in a process that may have others beside it."""
    with TemporaryDirectory(prefix="izin-worlds-") as folder, ExitStack() as stack:
        each = stack.enter_context(closing(_on_postgresql() if on_postgresql else _on_sqlite(Path(folder))))
        return {seed: in_a_world(given, seed) for seed, given in zip(seeds, each, strict=False)}


def _on_sqlite(folder: Path) -> Generator[Given, None, None]:
    template = folder / "template.db"
    _migrated(f"sqlite:///{template}")
    database, inbox = Database(f"sqlite:///{folder}/izin.db"), Database(f"sqlite:///{folder}/inbox.db")
    for one in (database, inbox):
        event.listen(one.engine, "connect", _not_durable)
    while True:
        for file in (*folder.glob("izin.db*"), *folder.glob("inbox.db*")):
            file.unlink()
        shutil.copy(template, folder / "izin.db")
        yield Given(database, Inbox(inbox))
        database.close()
        inbox.close()


def _migrated(url: str) -> None:
    database = Database(url)
    upgrade(database)
    if database.is_sqlite:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def _not_durable(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def _on_postgresql() -> Generator[Given, None, None]:
    known: dict[str, Database] = {}
    with postgres_server(durable=False) as server:
        name = f"izin_template_{uuid.uuid4().hex[:8]}"
        run_sql(server, f"CREATE DATABASE {name}")
        _migrated(make_url(server).set(database=name).render_as_string(hide_password=False))
        with closing(Recycled(server, name)) as recycled:
            while True:
                with recycled.database() as address:
                    database = known.setdefault(address, Database(address))
                    try:
                        yield Given(database, Inbox(database))
                    finally:
                        database.close()
