"""How fast one worker process sends: `izin work` over SQLite, every check on, a bare sink in another process.

Beside it, in the same run and against the same sink: a plain pywa loop, pywa_async with gather, the sink's limit.

`msg_per_s` counts from the first release to the last answer stored, with the 100 ms that an answer takes and all that
goes before and after it. What a pace is, is told by the sink: from the first message that came to the last.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import psutil
from sqlalchemy import text

from gateway.actions.launch_campaigns import launch_campaigns
from gateway.storage import templates
from gateway.storage.templates import SendingNumber
from tests.bench.house import BenchHouse, add_people, bench_house, stop
from tests.bench.measuring import MEBIBYTE, Result, Target, quantile, usage
from tests.bench.rivals import bare_limit, celery_note, pywa_gather, pywa_loop
from tests.bench.sink import RunningSink, running_sink
from tests.given import NUMBER_ID

PEOPLE = 60_000
ENOUGH = 50_000
READY_SECONDS = 10
"""A worker that starts beside others needs some: what it costs to start is not a message's cost."""
WITHIN_S = 240
TARGETS = {
    "msg_per_s": Target(5_000),
    "cpu_us_per_msg": Target(200, at_most=True),
    "rss_mb": Target(250, at_most=True),
    "times_pywa_gather": Target(20),
    "cores_at_1000_per_s": Target(0.4, at_most=True),
    "cpu_growth_large_to_10k": Target(1.25, at_most=True),
}


def run(quick: bool) -> Result:
    people = 4_000 if quick else PEOPLE
    with running_sink() as sink:
        fast = _measure(sink, people, 100_000)
        paced = _measure(sink, 1_500 if quick else 15_000, 1_000)
        small = _measure(sink, 2_000 if quick else 10_000, 100_000)
        large = _measure(sink, 2_000 if quick else 10_000, 100_000, waiting=20_000 if quick else 1_000_000)
        rivals: dict[str, Any] = {
            "pywa_loop_msg_per_s": pywa_loop(sink.url, 2.0 if quick else 5.0),
            "pywa_gather_msg_per_s": pywa_gather(sink.url, 3.0 if quick else 10.0),
            "bare_sink_msg_per_s": bare_limit(sink.url, 3.0 if quick else 8.0),
        }
    figures = fast | {
        "cores_at_1000_per_s": round(paced["cpu_us_per_msg"] * 1_000 / 1e6, 3),
        "msg_per_s_when_limited_to_1000": paced["arrived_per_s"],
        "cpu_us_per_msg_outbox_10k": small["cpu_us_per_msg"],
        "cpu_us_per_msg_outbox_large": large["cpu_us_per_msg"],
        "outbox_large_rows": large["rows"],
        "cpu_growth_large_to_10k": round(large["cpu_us_per_msg"] / small["cpu_us_per_msg"], 2),
        "times_pywa_gather": round(fast["msg_per_s"] / rivals["pywa_gather_msg_per_s"], 1),
    }
    return Result(figures | rivals, TARGETS, claims=people >= ENOUGH, notes=[celery_note()])


def _measure(sink: RunningSink, people: int, throughput: int, waiting: int = 0) -> dict[str, Any]:
    with bench_house() as house:
        _fill(house, people, throughput, waiting)
        begins = house.now() + timedelta(seconds=READY_SECONDS)
        house.given.clock.moment = begins
        _plan(house, "Bench", begins)
        begins_at = begins.timestamp() - house.shift.total_seconds()
        return _watch(house, sink, people, begins_at) | {"rows": people + waiting}


def _fill(house: BenchHouse, people: int, throughput: int, waiting: int) -> None:
    with house.database.write() as connection:
        number = SendingNumber(NUMBER_ID, None, "GREEN", throughput)
        templates.add_numbers(connection, [number], house.now())
    add_people(house.database, people, house.now())
    if waiting:
        _plan_waiting(house, people + 1, waiting)


def _plan_waiting(house: BenchHouse, first: int, count: int) -> None:
    """A second campaign whose messages are all due later: the outbox is large, and none of it may leave."""
    add_people(house.database, count, house.now(), first, "later")
    house.given.clock.moment = house.now()
    later = house.given.plan("Later", starts_in=(house.now() + timedelta(days=1)).isoformat())
    with house.database.write() as connection:
        connection.execute(
            text(
                "INSERT INTO message (campaign_id, subject_id, purpose, number_id, priority, state, due_at,"
                " expires_at, content, attempts, clicks, queued_at) SELECT c.id,"
                " p.subject_id, 'marketing', c.number_id, c.priority, 'queued', c.start_at, c.expires_at, '{}',"
                " 0, 0, c.planned_at FROM person p, campaign c WHERE c.id = :id AND p.subject_id >= :first"
            ),
            {"id": later.id, "first": first},
        )
        connection.execute(text("UPDATE campaign SET state = 'running' WHERE id = :id"), {"id": later.id})


def _plan(house: BenchHouse, name: str, begins: Any) -> None:
    house.given.campaign(name, segment="source = bench")
    while launch_campaigns(house.database, begins):
        pass


def _watch(house: BenchHouse, sink: RunningSink, people: int, begins_at: float) -> dict[str, Any]:
    earlier = sink.taken().count
    worker = house.start("work", sink.url)
    try:
        watched = psutil.Process(worker.pid)
        time.sleep(max(0.0, begins_at - time.time() - 0.1))
        before, rss = usage(watched), 0
        until = time.monotonic() + WITHIN_S
        while _open(house) and time.monotonic() < until:
            rss = max(rss, usage(watched).rss)
            time.sleep(0.5)
        after = usage(watched)
    finally:
        stop(worker)
    taken = sink.taken()
    if taken.count - earlier != people:
        raise RuntimeError(f"the sink took {taken.count - earlier} of {people} messages; see {house.folder}")
    arrived = {"arrived_per_s": round((people - 1) / (taken.last - taken.first))}
    return _figures(house, people, after.cpu_s - before.cpu_s, max(rss, after.rss)) | arrived


def _open(house: BenchHouse) -> int:
    with house.database.read() as connection:
        waiting = text("SELECT 1 FROM message WHERE state IN ('queued', 'sending') AND campaign_id = :id LIMIT 1")
        return connection.scalar(waiting, {"id": _last_campaign(connection)}) or 0


def _last_campaign(connection: Any) -> int:
    found: int = connection.scalar(text("SELECT max(id) FROM campaign"))
    return found


def _figures(house: BenchHouse, people: int, cpu_s: float, rss: int) -> dict[str, Any]:
    with house.database.read() as connection:
        rows = connection.execute(
            text("SELECT claimed_at, accepted_at FROM message WHERE campaign_id = :id AND state = 'accepted'"),
            {"id": _last_campaign(connection)},
        ).all()
    if len(rows) != people:
        raise RuntimeError(f"{len(rows)} of {people} messages were accepted; see {house.folder}")
    seconds = (max(a for _, a in rows) - min(c for c, _ in rows)) / 1e6
    took = sorted((a - c) / 1e3 for c, a in rows)
    return {
        "messages": len(rows),
        "seconds": round(seconds, 2),
        "msg_per_s": round(len(rows) / seconds),
        "cpu_us_per_msg": round(cpu_s / len(rows) * 1e6),
        "rss_mb": round(rss / MEBIBYTE),
        "release_to_accepted_p50_ms": round(quantile(took, 0.5), 1),
        "release_to_accepted_p99_ms": round(quantile(took, 0.99), 1),
    }
