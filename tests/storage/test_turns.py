"""On SQLite, who waits to write is not overtaken by who has just written and asks again."""

from __future__ import annotations

import fcntl
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from gateway.storage import database as databases
from gateway.storage.database import Database, is_awaited


def written_by(database: Database, who: str) -> None:
    with database.write() as connection:
        connection.execute(text("INSERT INTO visit (who) VALUES (:who)"), {"who": who})


def opened(folder: Path) -> Database:
    database = Database(f"sqlite:///{folder / 'house.db'}")
    with database.write() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS visit (at INTEGER PRIMARY KEY, who TEXT)"))
    return database


def has_its_turn(folder: Path) -> bool:
    with (folder / "house.db-turn").open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_who_waits_is_next(tmp_path: Path) -> None:
    sender, web = opened(tmp_path), opened(tmp_path)
    for _ in range(20):
        with ThreadPoolExecutor(1) as threads:
            with sender.write() as connection:
                connection.execute(text("INSERT INTO visit (who) VALUES ('sender')"))
                stop = threads.submit(written_by, web, "stop")
                until = time.monotonic() + 20
                while not has_its_turn(tmp_path):
                    assert time.monotonic() < until
            written_by(sender, "sender")
            stop.result(20)
    with web.read() as connection:
        visits = connection.scalars(text("SELECT who FROM visit ORDER BY at")).all()
    assert visits == ["sender", "stop", "sender"] * 20
    sender.close()
    web.close()


def test_one_who_waits_in_vain_leaves_the_turn_to_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sender, web = opened(tmp_path), opened(tmp_path)
    monkeypatch.setattr(databases, "BUSY_TIMEOUT_MS", 20)
    with sender.write(), pytest.raises(OperationalError, match="locked"):
        written_by(web, "stop")
    assert not has_its_turn(tmp_path)
    written_by(web, "stop")
    sender.close()
    web.close()


def test_who_writes_can_tell_that_somebody_waits(tmp_path: Path) -> None:
    sender, web = opened(tmp_path), opened(tmp_path)
    with ThreadPoolExecutor(1) as threads:
        with sender.write() as connection:
            assert not is_awaited(connection)
            assert not is_awaited(connection), "to look takes nobody's turn"
            stop = threads.submit(written_by, web, "stop")
            until = time.monotonic() + 20
            while not is_awaited(connection):
                assert time.monotonic() < until
        stop.result(20)
    with sender.write() as connection:
        assert not is_awaited(connection)
    sender.close()
    web.close()


def test_what_does_not_keep_others_waiting_ends_soon_all_the_same(database: Database) -> None:
    with database.write() as connection:
        assert is_awaited(connection) is not database.is_sqlite
