"""How long it takes to count who is in a segment, among a million people who did ten million things."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import text

from gateway.core.segment import Segment, parse
from gateway.storage import audience
from gateway.storage.database import Database
from tests.bench.house import add_people, bench_house
from tests.bench.measuring import Result, Target, quantile
from tests.given import TUESDAY
from tests.postgres import postgres_database

PEOPLE, EVENTS_EACH, KINDS = 1_000_000, 10, 20
RUNS = 7
TARGETS = {"sqlite_p95_s": Target(1, at_most=True), "postgresql_p95_s": Target(1, at_most=True)}

SEGMENTS = (
    "everyone",
    "tag:vip",
    "consent(marketing) is granted and language = tr",
    'tag:vip and e1("coffee") >= 3 within 30d and not opened within 14d',
    "e2() >= 2 within 90d",
    "e3(price > 40) within 30d and e4() = 0 within 30d",
    "added within 60d and bucket(10) < 3",
)

_RUN = "WITH RECURSIVE n(i) AS (SELECT CAST(:first AS bigint) UNION ALL SELECT i + 1 FROM n WHERE i < :last)"
_SERIES = "WITH n(i) AS (SELECT generate_series(CAST(:first AS bigint), CAST(:last AS bigint)))"
_LINE = "((i * 2654435761 + r * 1597334677 + :salt * 40503) % 4294967296)"
_HASH = f"(({_LINE} * ({_LINE} % 32749 + r + 1)) % 4294967291)"
"""Whole numbers below 2**63 throughout that look like chance, and the same on both databases."""


def run(quick: bool) -> Result:
    people = 20_000 if quick else PEOPLE
    figures: dict[str, Any] = {"people": people, "events": people * EVENTS_EACH}
    figures |= _measured("sqlite", None, people)
    with postgres_database() as url:
        figures |= _measured("postgresql", url, people)
    return Result(figures, TARGETS, claims=not quick)


def _measured(name: str, url: str | None, people: int) -> dict[str, Any]:
    with bench_house(url) as house:
        add_people(house.database, people, TUESDAY)
        began = time.monotonic()
        fill(house.database, people)
        built = time.monotonic() - began
        seconds = {one: _times(house.database, one) for one in SEGMENTS}
    every = sorted(second for runs, _ in seconds.values() for second in runs)
    slowest = max(SEGMENTS, key=lambda one: min(seconds[one][0]))
    return {
        f"{name}_p95_s": round(quantile(every, 0.95), 3),
        f"{name}_median_s": round(quantile(every, 0.5), 3),
        f"{name}_slowest": f"{slowest}: {min(seconds[slowest][0]):.3f} s",
        f"{name}_counts": [count for _, count in seconds.values()],
        f"{name}_built_s": round(built, 1),
    }


def _times(database: Database, written: str) -> tuple[list[float], int]:
    """Seconds of each run after a first one that warms up, and how many people were found."""
    segment = parse(written)
    assert isinstance(segment, Segment), written
    spent = []
    with database.read() as connection:
        found = audience.count(connection, segment, TUESDAY)
        for _ in range(RUNS):
            began = time.monotonic()
            assert audience.count(connection, segment, TUESDAY) == found
            spent.append(time.monotonic() - began)
    return spent, found


def fill(database: Database, people: int) -> None:
    """Tags, and events of several kinds within the last year, written by the database in the order of its table."""
    day = "86400000000" if database.is_sqlite else "interval '1 day'"
    now = str(int(TUESDAY.timestamp()) * 1_000_000) if database.is_sqlite else f"timestamptz '{TUESDAY.isoformat()}'"
    blob = "CAST(printf('%020d', :kind * 100000000 + i * 4 + r) AS BLOB)"
    key = blob if database.is_sqlite else "decode(lpad((:kind * 100000000 + i * 4 + r)::text, 20, '0'), 'escape')"
    numbers = _RUN if database.is_sqlite else _SERIES
    with database.write() as connection:
        for number in range(1, KINDS + 1):
            connection.execute(
                text("INSERT INTO person_event_kind (id, name) VALUES (:n, :name)"), {"n": number, "name": f"e{number}"}
            )
        span = {"first": 1, "last": people}
        connection.execute(
            text(f"INSERT INTO person_tag (tag, subject_id) {numbers} SELECT 'vip', i FROM n WHERE i % 10 = 0"), span
        )
    for kind in range(1, KINDS + 1):
        # Half of the people did each thing, once: KINDS / 2 events for each of them; some did it more often.
        picked = (
            f"SELECT i, r, {_HASH} AS h FROM n, (SELECT CAST(0 AS bigint) AS r UNION ALL SELECT 1 UNION ALL SELECT 2) t"
        )
        statement = (
            f"INSERT INTO person_event (kind, subject_id, at, key, about, properties) {numbers} "
            f"SELECT :kind, i, {now} - (1 + (h / 7) % 365) * {day}, {key}, "
            "CASE WHEN h % 3 = 0 THEN 'coffee' END, "
            f"{_properties(database)} FROM ({picked}) p WHERE (h / 11) % 6 = 0"
        )
        with database.write() as connection:
            connection.execute(text(statement), span | {"kind": kind, "salt": kind})
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _properties(database: Database) -> str:
    price = "'{\"price\": \"' || (h % 100) || '\"}'"
    return price if database.is_sqlite else f"({price})::jsonb"
