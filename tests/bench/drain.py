"""How many statuses a second the drain applies, with millions of messages present, on SQLite and PostgreSQL.

Every message gets `sent` and `delivered` out of order; then `read`, twice, when all identifiers are known already.
"""

from __future__ import annotations

import random
import time
from typing import Any

from sqlalchemy import text
from sqlalchemy.schema import CreateIndex, DropIndex

from consent.tables import table_of
from gateway.actions.drain_inbox import drain_inbox
from gateway.storage.tables import MessageRow
from tests.bench.house import SERVER, BenchHouse, add_people, bench_house, large_postgres, loading
from tests.bench.measuring import Result, Target
from tests.bench.webhook_load import body_of, status_item

ROWS = 10_000_000
PEOPLE_MAX = 1_000_000
STATUSES = 60_000
BATCH = 100
TARGETS = {f"{engine}_items_per_s": Target(10_000) for engine in ("sqlite", "postgresql")}


def run(quick: bool) -> Result:
    rows, statuses = (20_000, 4_000) if quick else (ROWS, STATUSES)
    figures: dict[str, Any] = {"rows": rows}
    with bench_house() as house:
        figures |= _measure(house, "sqlite", rows, statuses)
    with large_postgres() as url, bench_house(url) as house:
        figures |= _measure(house, "postgresql", rows, statuses)
    return Result(figures, TARGETS, notes=["PostgreSQL with " + ", ".join(f"{k} {v}" for k, v in SERVER.items())])


def _measure(house: BenchHouse, engine: str, rows: int, statuses: int) -> dict[str, Any]:
    people = min(rows, PEOPLE_MAX)
    add_people(house.database, people, house.now())
    _fill(house, rows, people)
    dice = random.Random(1)
    chosen = dice.sample(range(1, people + 1), statuses // 2)
    first = [status_item(row, word) for row in chosen for word in ("sent", "delivered")]
    dice.shuffle(first)
    strangers = _drained(house, first)
    known = _drained(house, [status_item(row, "read") for row in chosen] * 2)
    with house.database.read() as connection:
        read = connection.scalar(text("SELECT count(*) FROM message WHERE state = 'read'"))
    if read != len(chosen):
        raise RuntimeError(f"{read} of {len(chosen)} messages were read")
    return {
        f"{engine}_items_per_s": round(known[0]),
        f"{engine}_cpu_us_per_item": round(known[1], 1),
        f"{engine}_items_per_s_new_identifiers": round(strangers[0]),
    }


def _fill(house: BenchHouse, rows: int, people: int) -> None:
    """Messages that Meta has accepted, so many to each person, each in a campaign of its own.

    The indexes are built when the rows are there, as for any large load, and the disk is not waited for.
    """
    ids = []
    for n in range(rows // people):
        house.given.clock.moment = house.now()
        ids.append(house.given.plan(f"Bench {n}").id)
    dialect, indexes = house.database.engine.dialect, table_of(MessageRow).indexes
    with loading(house.database) as execute:
        for index in indexes:
            execute(str(DropIndex(index).compile(dialect=dialect)))
        for n, id_ in enumerate(ids):
            execute(_MESSAGES.format(id=id_, after=n * people))
        for index in indexes:
            execute(str(CreateIndex(index).compile(dialect=dialect)))
        execute("ANALYZE")
        execute("PRAGMA wal_checkpoint(TRUNCATE)" if house.database.is_sqlite else "CHECKPOINT")


# Ids as wide as real ones.
_MESSAGES = (
    "INSERT INTO message (campaign_id, subject_id, purpose, number_id, priority, state, due_at, expires_at,"
    " content, attempts, clicks, queued_at, claimed_at, accepted_at, wamid)"
    " SELECT c.id, p.subject_id, 'marketing', 'n', 0,"
    " 'accepted', c.start_at, c.expires_at, '{{}}', 1, 0, c.planned_at, c.start_at, c.start_at,"
    " 'wamid.' || (p.subject_id + {after}) FROM person p, campaign c WHERE c.id = {id} ORDER BY p.subject_id"
)


def _drained(house: BenchHouse, items: list[dict[str, Any]]) -> tuple[float, float]:
    """Items a second, and CPU microseconds of ours for each."""
    bodies = [body_of(items[at : at + BATCH]) for at in range(0, len(items), BATCH)]
    house.given.inbox.store(bodies, house.now())
    began, cpu, done = time.perf_counter(), time.process_time(), 0
    while (drained := drain_inbox(house.database, house.given.inbox, house.given.settings, house.now())).bodies:
        done += drained.items
    return done / (time.perf_counter() - began), (time.process_time() - cpu) / done * 1e6
