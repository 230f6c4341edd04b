# ruff: noqa: N999  a bench has the name by which it is asked for
"""A million opt-ins from a messy file into the ledger, beside the bare writing of the same rows.

The import is the command itself, in processes of its own, every cell checked and every event chained. The limit is what
the driver needs for the very rows that the import left: `executemany` on SQLite, COPY on PostgreSQL, in transactions of
the same size that wait for the disk where the import's do.
"""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from consent import ledger
from gateway.actions.import_optins import TOGETHER_MAX
from gateway.actions.read_optins import BATCH_ROWS
from gateway.storage import wal
from gateway.storage.database import Database
from gateway.storage.migrations import upgrade
from tests.bench.house import ROOT, BenchHouse, bench_house
from tests.bench.measuring import MEBIBYTE, Result, Target
from tests.postgres import postgres_database

ROWS = 1_000_000
LOOK_EVERY_S = 0.2
TARGETS = {
    "sqlite_s": Target(45, at_most=True),
    "sqlite_peak_mib": Target(250, at_most=True),
    "postgresql_s": Target(45, at_most=True),
    "postgresql_peak_mib": Target(250, at_most=True),
}
TABLES = ("subject", "identifier", "person", "person_tag", "evidence", "ledger_event", "standing")

HEADER = (
    "Müşteri No", "Ad Soyad", "Cep Telefonu", "Dil", "Saat Dilimi", "Şehir", "Mağaza", "Etiketler", "Onay Tarihi",
    "Onay Kaynağı", "İzin Metni", "Metin Sürümü", "Kanıt No", "Son Ürün",
)  # fmt: skip
SPELLINGS = ("0{0}{1}{2}{3}", "{0}{1}{2}{3}", "+90{0}{1}{2}{3}", "0{0} {1} {2} {3}", "0 ({0}) {1} {2} {3}")
BAD = ("9.05551E+11", "0555 000 12", "yok", "")


def run(quick: bool) -> Result:
    rows = 20_000 if quick else ROWS
    figures: dict[str, Any] = {"rows": rows}
    with bench_house() as house:
        figures |= _measured("sqlite", house, rows)
    with postgres_database() as url, bench_house(url) as house:
        figures |= _measured("postgresql", house, rows)
    return Result(figures, TARGETS, claims=not quick)


def _measured(name: str, house: BenchHouse, rows: int) -> dict[str, Any]:
    file = house.folder / "people.csv"
    write_people(file, rows)
    before = psutil.cpu_times()
    began = time.monotonic()
    said, peak = _import(house, file)
    seconds = time.monotonic() - began
    assert sum(said[name] for name in ("added", "already_known", "needs_confirmation", "rejected")) == rows, said
    with house.database.read() as connection:
        assert ledger.head(connection)[0] == said["added"]
    limit = _bare(house)
    return {
        f"{name}_s": round(seconds, 1),
        f"{name}_rows_per_s": round(rows / seconds),
        f"{name}_peak_mib": round(peak / MEBIBYTE),
        f"{name}_bare_s": round(limit, 1),
        f"{name}_times_bare": round(seconds / limit, 2),
        f"{name}_machine_busy": round(_busy(before, psutil.cpu_times()), 2),
        f"{name}_granted": said["added"],
    }


def write_people(file: Path, rows: int) -> None:
    """Invented people; numbers of one prefix, in an order by chance, a few of them wrong."""
    chance = random.Random(6563)
    numbers = list(range(rows))
    chance.shuffle(numbers)
    with file.open("w", encoding="utf-8", newline="") as text:
        table = csv.writer(text, delimiter=";")
        table.writerow(HEADER)
        for place, number in enumerate(numbers):
            table.writerow(_row(place, f"5550{number:06}", chance))


def _row(place: int, number: str, chance: random.Random) -> list[str]:
    parts = (number[:3], number[3:6], number[6:8], number[8:])
    phone = chance.choice(BAD) if chance.random() < 0.01 else chance.choice(SPELLINGS).format(*parts)
    day = f"{chance.randrange(1, 29):02}.{chance.randrange(1, 13):02}.2025 {chance.randrange(24):02}:30"
    proof = [day, chance.choice(("Web formu", "Mağaza")), "marketing", "1", f"F-{place}"]
    city, tags = chance.choice(("İstanbul", "Ankara", "İzmir")), chance.choice(("", "vip", "coffee, tea"))
    told = proof if chance.random() < 0.9 else [""] * 5
    return [f"M-{place}", "Ayşe Yılmaz", phone, "tr", "", city, "Kadıköy", tags, *told, "Espresso"]


def _import(house: BenchHouse, file: Path) -> tuple[dict[str, Any], int]:
    """What the command said, and the most that its processes held together."""
    command = ["optins", "import", str(file), "--attested-by", "Bench", "--skip-problems", "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway", *command],
        env=house.environment("http://127.0.0.1:1"),
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    peak = 0
    while process.poll() is None:
        peak = max(peak, _held(psutil.Process(process.pid)))
        time.sleep(LOOK_EVERY_S)
    assert process.stdout is not None
    with process.stdout:
        said: dict[str, Any] = json.loads(process.stdout.read())
    assert process.returncode == 0, said
    return said, peak


def _held(process: psutil.Process) -> int:
    try:
        return sum(one.memory_info().rss for one in [process, *process.children(recursive=True)])
    except psutil.NoSuchProcess:
        return 0


def _busy(before: Any, after: Any) -> float:
    """How much of the machine was in use meanwhile, by whomever."""
    idle, total = after.idle - before.idle, sum(after) - sum(before)
    return 1 - idle / total if total else 0.0


# The same rows, bare


def _bare(house: BenchHouse) -> float:
    """Seconds for the rows of the import, written by the driver alone into empty tables."""
    if house.database.is_sqlite:
        return _bare_sqlite(house)
    with postgres_database() as url:
        return _bare_postgresql(house, url)


def _batches(database: Database) -> Iterator[tuple[int, int]]:
    size = BATCH_ROWS * (TOGETHER_MAX if database.is_sqlite else 1)
    with database.read() as connection:
        last = connection.exec_driver_sql("SELECT max(id) FROM subject").scalar() or 0
    return ((after, after + size) for after in range(0, last, size))


def _key(table: str) -> str:
    return "id" if table == "subject" else "subject_id"


def _bare_sqlite(house: BenchHouse) -> float:
    target = Database(f"sqlite:///{house.folder}/bare.db")
    upgrade(target)
    source: Any = house.database.engine.raw_connection()
    spent = 0.0
    with wal.carried_beside(target) as carry:
        sink: Any = target.engine.raw_connection()
        for after, upto in _batches(house.database):
            rows = {t: source.execute(f"SELECT * FROM {t} WHERE {_key(t)} > {after} AND {_key(t)} <= {upto}").fetchall()
                    for t in TABLES}  # fmt: skip
            began = time.monotonic()
            _insert(sink, rows)
            carry()
            spent += time.monotonic() - began
        sink.close()
    for one in (source, target):
        one.close()
    return spent


def _insert(sink: Any, rows: dict[str, list[Any]]) -> None:
    sink.execute("BEGIN IMMEDIATE")
    for table, many in rows.items():
        if many:
            sink.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(many[0]))})", many)
    sink.execute("COMMIT")


def _bare_postgresql(house: BenchHouse, url: str) -> float:
    target = Database(url)
    upgrade(target)
    source: Any = house.database.engine.raw_connection()
    sink: Any = target.engine.raw_connection()
    spent = 0.0
    for after, upto in _batches(house.database):
        data = {table: _copied_out(source, table, after, upto) for table in TABLES}
        began = time.monotonic()
        for table, block in data.items():
            with sink.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
                copy.write(block)
        sink.commit()
        spent += time.monotonic() - began
    for one in (source, sink, target):
        one.close()
    return spent


def _copied_out(source: Any, table: str, after: int, upto: int) -> bytes:
    asked = f"SELECT * FROM {table} WHERE {_key(table)} > {after} AND {_key(table)} <= {upto}"
    with source.cursor() as cursor, cursor.copy(f"COPY ({asked}) TO STDOUT") as copy:
        return b"".join(copy)
