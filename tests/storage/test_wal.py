"""A long writing leaves SQLite's log to a thread, and the log is in the database when it ends."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.storage import wal
from gateway.storage.database import Database

PAGES_WRITTEN = 3 * wal.PAGES_BY_DEFAULT


def written(path: Path, folder: Path) -> int:
    """How much of the table the database's own file holds, without its log."""
    alone = shutil.copy(path, folder / "alone.db")
    with closing(sqlite3.connect(alone)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM filled").fetchone()
    return int(count)


def fill(database: Database, pages: int = PAGES_WRITTEN) -> None:
    with database.write() as connection:
        for _ in range(pages):
            connection.exec_driver_sql("INSERT INTO filled VALUES (zeroblob(4000))")


@pytest.fixture
def plain(tmp_path: Path) -> Database:
    database = Database(f"sqlite:///{tmp_path}/izin.db")
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE filled (page BLOB)")
    return database


def test_what_commits_leave_in_the_log_is_carried_by_the_thread(plain: Database, tmp_path: Path) -> None:
    with wal.carried_beside(plain) as carry:
        fill(plain)
        fill(plain)
        carry()
    assert written(tmp_path / "izin.db", tmp_path) == 2 * PAGES_WRITTEN
    plain.close()


def test_a_long_log_is_begun_anew(plain: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without waiting now and then a log never would: while a commit is carried over, the next one is written."""
    monkeypatch.setattr(wal, "LOG_PAGES_MAX", 100)
    with wal.carried_beside(plain) as carry:
        for _ in range(12):
            fill(plain, 50)
            carry()
    assert (tmp_path / "izin.db-wal").stat().st_size < 300 * 4096
    assert written(tmp_path / "izin.db", tmp_path) == 12 * 50
    plain.close()


def test_no_commit_carries_the_log_itself_meanwhile(plain: Database, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "izin.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with wal.carried_beside(plain):
        fill(plain)
        assert written(tmp_path / "izin.db", tmp_path) == 0
    fill(plain)
    assert written(tmp_path / "izin.db", tmp_path) == 2 * PAGES_WRITTEN, "afterwards they do again"
    plain.close()


def test_a_writing_that_fails_ends_the_thread_too(plain: Database) -> None:
    with pytest.raises(KeyError), wal.carried_beside(plain):
        raise KeyError
    plain.close()


def test_commits_wait_for_the_disk_again_after_it(plain: Database) -> None:
    def synchronous() -> int:
        with plain.read() as connection:
            return int(connection.exec_driver_sql("PRAGMA synchronous").scalar_one())

    with wal.carried_beside(plain):
        assert synchronous() == 1, "NORMAL: the log is brought to the disk before it is carried over"
    assert synchronous() == 2, "FULL"
    plain.close()
