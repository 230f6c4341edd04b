"""SQLite's write-ahead log, brought to the disk beside a long writing instead of within each of its commits.

By default every commit waits for the disk, and one that finds a thousand pages in the log carries them into the
database too, which waits twice more. A file of a million people does all that with every batch, while its next batch
could be prepared.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from typing import Any

from sqlalchemy import event

from gateway.storage.database import BUSY_TIMEOUT_MS, Database

PAGES_BY_DEFAULT = 1_000
"""SQLite's own: how long the log may get before the commit that finds it so carries it over."""


LOG_PAGES_MAX = 100_000
"""Some 400 MB. SQLite begins its log anew when a write finds all of it carried over, which a thread that is always one
commit behind never lets it find."""


@contextmanager
def carried_beside(database: Database) -> Iterator[Callable[[], None]]:
    """What to call after each commit of a long writing, which then leaves the disk to a thread. Nothing on PostgreSQL.

    For work that is noted in its own transactions: when the power fails, the end of it may be lost together with the
    note, and is done again. Any other commit, and the first one after the block, brings all earlier ones to the disk.
    The thread waits for nobody; the writing waits for it when two commits are to be carried, and when the log is long.
    A log that a reader or a full disk holds up grows meanwhile.
    """
    if not database.is_sqlite:
        yield lambda: None
        return
    path = str(database.engine.url.database)
    with ThreadPoolExecutor(1, "izin-wal") as thread:
        carrying = thread.submit(_carry, path)

        def carry() -> None:
            nonlocal carrying
            is_long = carrying.result() > LOG_PAGES_MAX
            carrying = thread.submit(_carry, path)
            if is_long:
                carrying.result()

        try:
            with _without_own(database):
                yield carry
        finally:
            thread.submit(_carry, path)


def _carry(path: str) -> int:
    """Bring the log to the disk and into the database. Returns how many pages it holds."""
    with (
        closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_MS / 1000, isolation_level=None)) as connection,
        suppress(sqlite3.OperationalError),  # of a full disk the next commit tells
    ):
        connection.execute("PRAGMA synchronous=FULL")
        _, pages, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        return int(pages)
    return 0


@contextmanager
def _without_own(database: Database) -> Iterator[None]:
    """Connections that are taken in this block wait for no disk themselves."""

    def takes(connection: Any, *_: object) -> None:
        connection.execute("PRAGMA wal_autocheckpoint=0")
        connection.execute("PRAGMA synchronous=NORMAL")

    def returns(connection: Any, *_: object) -> None:
        if connection is not None:
            connection.execute(f"PRAGMA wal_autocheckpoint={PAGES_BY_DEFAULT}")
            connection.execute("PRAGMA synchronous=FULL")

    event.listen(database.engine, "checkout", takes)
    event.listen(database.engine, "checkin", returns)
    try:
        yield
    finally:
        event.remove(database.engine, "checkout", takes)
        event.remove(database.engine, "checkin", returns)
