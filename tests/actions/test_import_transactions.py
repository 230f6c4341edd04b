"""An import's transactions: how many batches they hold, and no dead end after a kill or a race."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from consent.tables import EventRow, IdentifierRow, table_of
from gateway.actions import import_optins, read_optins
from gateway.actions.import_optins import OptInImport
from gateway.storage.database import Database
from gateway.storage.inbox import Inbox
from tests.given import TUESDAY, Given


@pytest.fixture
def gateway(database: Database, inbox: Inbox) -> Given:
    return Given(database, inbox)


def written(path: Path, count: int) -> Path:
    """A file of so many people who agreed, and one whose number is too short."""
    rows = [f"0555000{n:04};2026-05-01 10:00;Web formu;marketing;1" for n in range(1, count + 1)]
    lines = ["telefon;onay tarihi;kaynak;izin metni;sürüm", *rows, "0555 12;;;;"]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def imported(gateway: Given, file: Path) -> dict[str, int]:
    run = OptInImport(gateway.database, gateway.settings, gateway.now, "Deniz", skip_problems=True)
    return run.run(file).counts


def events(gateway: Given) -> int:
    with gateway.database.read() as connection:
        return connection.scalar(select(func.count()).select_from(table_of(EventRow))) or 0


KILLED = """
import sys
from pathlib import Path
from datetime import datetime, UTC
from gateway.actions import import_optins, read_optins
from gateway.actions.import_optins import OptInImport
from gateway.settings import Settings
from gateway.storage.database import Database

read_optins.BATCH_ROWS, import_optins.TOGETHER_MAX = 50, 2
run = OptInImport(Database(sys.argv[1]), Settings(), datetime.fromisoformat(sys.argv[3]), "Deniz")
run.on_progress = lambda rows: print(rows, flush=True)
run.skip_problems = True
run.run(Path(sys.argv[2]))
"""


def test_a_killed_import_goes_on_where_it_stopped(gateway: Given, tmp_path: Path) -> None:
    file = written(tmp_path / "a.csv", 2_000)
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, gateway.database.url, str(file), TUESDAY.isoformat()],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    with process:
        assert process.stdout is not None
        for _ in range(3):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    before = events(gateway)
    assert 150 <= before < 2_000
    assert imported(gateway, file) == {"added": 2_000, "rejected": 1}
    assert events(gateway) == 2_000


def committed(gateway: Given, file: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many events there are after each transaction of an import in batches of seven rows."""
    monkeypatch.setattr(read_optins, "BATCH_ROWS", 7)
    found: list[int] = []
    run = OptInImport(gateway.database, gateway.settings, gateway.now, "Deniz", skip_problems=True)
    run.on_progress = lambda _: found.append(events(gateway))
    counts = run.run(file).counts
    assert counts == {"added": 40, "rejected": 1}
    return sorted(set(found))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_batches_share_a_transaction_until_somebody_waits(
    gateway: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([False, False, False, False, True, False, True])
    monkeypatch.setattr(import_optins, "is_awaited", lambda _: next(answers, False))
    file = written(tmp_path / "a.csv", 40)
    assert committed(gateway, file, monkeypatch) == [21, 28, 40]


def test_a_transaction_holds_so_many_batches_at_most(
    gateway: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_optins, "TOGETHER_MAX", 2)
    file = written(tmp_path / "a.csv", 40)
    together = [14, 28, 40] if gateway.database.is_sqlite else [7, 14, 21, 28, 35, 40]
    assert committed(gateway, file, monkeypatch) == together


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_strangers_who_become_known_meanwhile_are_not_lost(
    gateway: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between looking and writing, a webhook has made one of them known: the batch is judged anew. SQLite has one
    writer at a time, who looks and writes in one transaction."""
    from gateway.actions import write_optins

    file = written(tmp_path / "a.csv", 2)
    gateway.person(None, phone="+905550000001")
    find, calls = write_optins.Writer._find, []

    def blind_at_first(self: write_optins.Writer, *args: object) -> dict[str, object]:
        calls.append(time.monotonic())
        return {} if len(calls) == 1 else find(self, *args)  # type: ignore[arg-type, return-value]

    monkeypatch.setattr(write_optins.Writer, "_find", blind_at_first)
    assert imported(gateway, file) == {"added": 2, "rejected": 1}
    with gateway.database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(table_of(IdentifierRow))) == 2
