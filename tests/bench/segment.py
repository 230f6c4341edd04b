"""How long it takes to count who is in a segment, among a million people who did ten million things.

Beside it: what storing such an event costs, in bytes and in time, as the door for customer-data tools stores it. On
PostgreSQL the events lie in the order of their key, as after CLUSTER.
"""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import orjson
from sqlalchemy import Connection, text
from sqlalchemy.schema import CreateIndex, DropIndex

from consent.tables import table_of
from gateway.actions.record_events import ITEMS_MAX, record_events
from gateway.core.segment import Segment, parse
from gateway.core.segment.ready_made import READY_MADE
from gateway.storage import audience
from gateway.storage.database import Database
from gateway.storage.tables import MessageRow, PersonEventRow
from tests.bench.house import SERVER, BenchHouse, add_people, bench_house, large_postgres, loading
from tests.bench.measuring import Result, Target, quantile
from tests.given import NUMBER_ID, TUESDAY

PEOPLE, EVENTS_EACH = 1_000_000, 10
NAMES = (*(f"e{kind}" for kind in range(1, 18)), "Order Completed", "Product Added", "Product Viewed")
MESSAGES_EACH = 2
STORED = 20_000
RUNS = 7
TARGETS = {"sqlite_p95_s": Target(1, at_most=True), "postgresql_p95_s": Target(1, at_most=True)}

SEGMENTS = (
    "everyone",
    "tag:vip",
    "consent(marketing) is granted and language = tr",
    "not consent(marketing) is granted",
    "points >= 900",
    'tag:vip and e1("coffee") >= 3 within 30d and not opened within 14d',
    "e2() >= 2 within 90d",
    "e3(price > 40) within 30d and e4() = 0 within 30d",
    "e5() or tag:vip or clicked within 30d",
    "consent(marketing) is granted and (e6() within 30d or read within 30d)",
    "e7() >= 2 and e7() = 0 within 90d",
    "added within 60d and bucket(10) < 3",
    "sent",
    "delivered >= 2",
    "not read within 90d",
    *(one.text for one in READY_MADE.values()),
)

CONTENT = (
    '{"kind":"template","template":"spring_coffee","language":"tr","components":[{"type":"body","parameters":'
    '[{"type":"text","parameter_name":"name","text":"Ada"},{"type":"text","parameter_name":"code","text":"BAHAR20"}]}]}'
)

_RUN = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {people})"
_SERIES = "WITH n(i) AS (SELECT generate_series(1::bigint, {people}::bigint))"
_LINE = "((i * 2654435761 + r * 1597334677 + {salt} * 40503) % 4294967296)"
_HASH = f"(({_LINE} * ({_LINE} % 32749 + r + 1)) % 4294967291)"
"""Whole numbers below 2**63 throughout that look like chance, and the same on both databases."""


def run(quick: bool) -> Result:
    people = 20_000 if quick else PEOPLE
    figures: dict[str, Any] = {"people": people, "events": people * EVENTS_EACH, "messages": people * MESSAGES_EACH}
    with bench_house() as house:
        figures |= _measured("sqlite", house, people)
    with large_postgres() as url, bench_house(url) as house:
        figures |= _measured("postgresql", house, people)
    if figures["sqlite_counts"] != figures["postgresql_counts"]:
        raise RuntimeError("the databases do not agree on who is in the segments")
    return Result(
        figures,
        TARGETS,
        claims=not quick,
        notes=["PostgreSQL with " + ", ".join(f"{k} {v}" for k, v in SERVER.items())],
    )


def _measured(name: str, house: BenchHouse, people: int) -> dict[str, Any]:
    add_people(house.database, people, TUESDAY)
    began = time.monotonic()
    events, taken = fill(house.database, people)
    built = time.monotonic() - began
    seconds = {one: _times(house.database, one) for one in dict.fromkeys(SEGMENTS)}
    every = sorted(second for runs, _ in seconds.values() for second in runs)
    slowest = max(seconds, key=lambda one: max(seconds[one][0]))
    a_second, cpu = _stored(house, people)
    return {
        f"{name}_p95_s": round(quantile(every, 0.95), 3),
        f"{name}_median_s": round(quantile(every, 0.5), 3),
        f"{name}_slowest": f"{slowest}: at most {max(seconds[slowest][0]):.3f} s",
        f"{name}_medians_ms": {one: round(quantile(sorted(runs), 0.5) * 1e3) for one, (runs, _) in seconds.items()},
        f"{name}_counts": [count for _, count in seconds.values()],
        f"{name}_built_s": round(built, 1),
        f"{name}_bytes_per_event": round(taken / events, 1),
        f"{name}_events_stored_per_s": round(a_second),
        f"{name}_cpu_us_per_event_stored": round(cpu, 1),
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


def _stored(house: BenchHouse, people: int) -> tuple[float, float]:
    """Events stored a second among all those that are there, and CPU microseconds of ours for each."""
    bodies = [
        orjson.dumps([_track(n, people) for n in range(at, at + ITEMS_MAX)]) for at in range(0, STORED, ITEMS_MAX)
    ]
    began, cpu, done = time.perf_counter(), time.process_time(), 0
    for body in bodies:
        done += house.database.run(partial(_record, house, orjson.loads(body)))
    if done != STORED:
        raise RuntimeError(f"{done} of {STORED} events were stored")
    return done / (time.perf_counter() - began), (time.process_time() - cpu) / done * 1e6


def _record(house: BenchHouse, items: list[Any], connection: Connection) -> int:
    return record_events(connection, items, house.given.settings, TUESDAY).events


def _track(n: int, people: int) -> dict[str, Any]:
    return {
        "type": "track",
        "event": NAMES[n % len(NAMES)],
        "messageId": f"bench-{n}",
        "timestamp": f"2026-11-{n % 23 + 1:02}T10:{n % 60:02}:00Z",
        "properties": {"phone": f"+90555{n * 7919 % people + 1:07}", "product": "coffee", "price": n % 100},
    }


def fill(database: Database, people: int) -> tuple[int, int]:
    """Tags, points, messages, and events of several kinds within the last year, written by the database in the order
    of its tables; then their indexes. Returns how many events there are, and the bytes that they take."""
    numbers = (_RUN if database.is_sqlite else _SERIES).format(people=people)
    dialect = database.engine.dialect
    with loading(database) as execute:
        execute(f"INSERT INTO person_tag (tag, subject_id) {numbers} SELECT 'vip', i FROM n WHERE i % 10 = 0")
        points = _json(database, '{"points": "\' || (subject_id % 1000) || \'"}')
        execute(f"UPDATE person SET attributes = {points} WHERE subject_id % 3 = 0")
        execute(
            f"UPDATE person SET last_inbound_at = {_days_ago(database, 'subject_id % 90')} WHERE subject_id % 20 = 3"
        )
        execute("UPDATE standing SET state = 'revoked' WHERE subject_id % 50 = 0")
        indexes = [*table_of(PersonEventRow).indexes, *table_of(MessageRow).indexes]
        for index in indexes:
            execute(str(DropIndex(index).compile(dialect=dialect)))
        for salt in range(MESSAGES_EACH):
            execute(_messages(database, numbers, salt))
        before = _size(database)
        for kind, name in enumerate(NAMES, 1):
            execute(f"INSERT INTO person_event_kind (id, name) VALUES ({kind}, '{name}')")
            execute(_events(database, numbers, kind))
        for index in indexes[: len(table_of(PersonEventRow).indexes)]:
            execute(str(CreateIndex(index).compile(dialect=dialect)))
        taken = _size(database) - before
        for index in indexes[len(table_of(PersonEventRow).indexes) :]:
            execute(str(CreateIndex(index).compile(dialect=dialect)))
        execute("ANALYZE" if database.is_sqlite else "VACUUM ANALYZE")
        execute("PRAGMA wal_checkpoint(TRUNCATE)" if database.is_sqlite else "CHECKPOINT")
    with database.read() as connection:
        return connection.scalar(text("SELECT count(*) FROM person_event")) or 0, taken


def _events(database: Database, numbers: str, kind: int) -> str:
    """Half of the people did each thing, once: half as many events each as there are names; some did it more often."""
    key = "randomblob(16)" if database.is_sqlite else "uuid_send(gen_random_uuid())"
    price = _json(database, '{"price": "\' || (h % 100) || \'"}')
    picked = (
        f"SELECT i, r, {_HASH} AS h FROM n, (SELECT CAST(0 AS bigint) AS r UNION ALL SELECT 1 UNION ALL SELECT 2) t"
    )
    return (
        "INSERT INTO person_event (kind, subject_id, at, key, about, properties)"
        f" {numbers} SELECT {kind}, i, {_days_ago(database, '1 + (h / 7) % 365')}, {key},"
        f" CASE WHEN h % 3 = 0 THEN 'coffee' END, {price}"
        f" FROM ({picked.format(salt=kind)}) p WHERE (h / 11) % 6 = 0"
    )


def _messages(database: Database, numbers: str, salt: int) -> str:
    """One to everybody in the last four months: nine in ten got it, a third read it, one in twenty clicked."""
    sent = _days_ago(database, f"1 + (i * 7 + {salt} * 37) % 120")
    return (
        "INSERT INTO message (key, subject_id, purpose, number_id, priority, state, due_at, expires_at, content,"
        " event_seq, event_hash, attempts, clicks, queued_at, claimed_at, accepted_at, sent_at, delivered_at, read_at,"
        " clicked_at, wamid)"
        f" {numbers} SELECT 'campaign:{salt + 1}:' || i, i, 'marketing', '{NUMBER_ID}', 0, 'delivered', {sent}, {sent},"
        f" '{CONTENT}', i, '{'5f' * 32}', 1, CASE WHEN i % 20 = {salt} THEN 1 ELSE 0 END, {sent}, {sent}, {sent},"
        f" {sent}, CASE WHEN i % 10 <> {salt} THEN {sent} END, CASE WHEN i % 3 = {salt} THEN {sent} END,"
        f" CASE WHEN i % 20 = {salt} THEN {sent} END, 'wamid.{'A' * 44}{salt}' || i FROM n"
    )


def _days_ago(database: Database, days: str) -> str:
    if database.is_sqlite:
        return f"{int(TUESDAY.timestamp()) * 1_000_000} - ({days}) * 86400000000"
    return f"timestamptz '{TUESDAY.isoformat()}' - ({days}) * interval '1 day'"


def _json(database: Database, written: str) -> str:
    return f"'{written}'" if database.is_sqlite else f"('{written}')::jsonb"


def _size(database: Database) -> int:
    """Bytes that the database takes up, as far as it is written."""
    pages = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    with database.read() as connection:
        asked = pages if database.is_sqlite else "SELECT pg_database_size(current_database())"
        return int(connection.scalar(text(asked)) or 0)
