"""How many signed webhooks a second one core takes durably, beside pywa's Flask handler and a commit for each row.

Then by the clock at three times the sending ceiling, beside a worker that sends 1,000 a second on the same cores.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from gateway.storage import templates
from gateway.storage.database import Database
from gateway.storage.inbox import Inbox
from gateway.storage.templates import SendingNumber
from tests.bench.house import BenchHouse, add_people, bench_house, stop
from tests.bench.measuring import Result, Target
from tests.bench.send import _plan
from tests.bench.sink import running_sink
from tests.bench.webhook_load import SECRET, Posted, by_clock, fast, requests_of
from tests.bench.webhook_servers import cpu_seconds, first_core, free_port, running
from tests.given import NUMBER_ID

OFFERED = 3_300
BATCH = 100
TARGETS = {
    "post_per_s": Target(10_000),
    "items_per_s_batches_of_100": Target(100_000),
    "slow_disk_2ms_post_per_s": Target(3_300),
    "slow_disk_10ms_post_per_s": Target(3_300),
    "beside_sender_p50_ms": Target(5, at_most=True),
    "beside_sender_p99_ms": Target(100, at_most=True),
    "beside_sender_longest_ms": Target(1_000, at_most=True),
}


def run(quick: bool) -> Result:
    seconds = 2.0 if quick else 8.0
    figures: dict[str, Any] = {}
    with bench_house() as house:
        ours = _ours(house, seconds)
        figures |= ours[0]
        for name in ("rows", "pywa"):
            posted = _other(house, name, seconds)
            figures |= {f"{name}_post_per_s": posted.per_second, f"{name}_p50_ms": posted.p50_ms}
            figures[f"times_{name}"] = round(ours[0]["post_per_s"] / max(posted.per_second, 1), 1)
        for slower in (2, 10):
            figures[f"slow_disk_{slower}ms_post_per_s"] = _slow(house, seconds, slower).per_second
    figures |= _beside_a_sender(seconds)
    return Result(figures, TARGETS, notes=[f"driven by {ours[1]}", f"load before: {os.getloadavg()[0]:.1f}"])


def _environment(house: BenchHouse, port: int) -> dict[str, str]:
    return house.environment("http://127.0.0.1:1", WEB_PORT=str(port), APP_SECRETS=SECRET)


def _ours(house: BenchHouse, seconds: float) -> tuple[dict[str, Any], str]:
    port = free_port()
    command, environment = ["-m", "gateway", "web"], _environment(house, port)
    with running(command, port, environment, house.folder / "web.log", cores=first_core()) as server:
        fast(port, requests_of(1), 1.0, house.folder)  # what is loaded and made ready by the first requests
        before = cpu_seconds(server)
        single = fast(port, requests_of(1), seconds, house.folder)
        cpu = cpu_seconds(server) - before
        batches = fast(port, requests_of(BATCH, 50), seconds, house.folder)
    _all_kept(house, single.answered + batches.answered)
    return {
        "post_per_s": single.per_second,
        "p50_ms": single.p50_ms,
        "p99_ms": single.p99_ms,
        "cpu_us_per_post": round(cpu / single.answered * 1e6, 1),
        "items_per_s_batches_of_100": round(batches.per_second * BATCH),
    }, single.driver


def _other(house: BenchHouse, name: str, seconds: float) -> Posted:
    port = free_port()
    command = ["-m", "tests.bench.webhook_servers", name, str(port), str(house.folder)]
    with running(command, port, os.environ, house.folder / f"{name}.log", cores=first_core()):
        return fast(port, requests_of(1), seconds, house.folder)


def _all_kept(house: BenchHouse, answered: int) -> None:
    database = Database(f"sqlite:///{house.folder / 'izin-inbox.db'}")
    kept = Inbox(database).backlog()
    database.close()
    if kept < answered:
        raise RuntimeError(f"{answered} were answered 200, and only {kept} are in the inbox")


def _slow(house: BenchHouse, seconds: float, slower_ms: int) -> Posted:
    port = free_port()
    command = ["-m", "tests.bench.webhook_servers", "slow", str(slower_ms / 1000)]
    with running(command, port, _environment(house, port), house.folder / "slow.log", cores=first_core()):
        return fast(port, requests_of(1), seconds, house.folder, connections=128)


def _beside_a_sender(seconds: float) -> dict[str, Any]:
    with running_sink() as sink, bench_house() as house:
        people = int(1_000 * (seconds + 12))
        with house.database.write() as connection:
            templates.add_numbers(connection, [SendingNumber(NUMBER_ID, None, "GREEN", 1_000)], house.now())
        add_people(house.database, people, house.now())
        house.given.clock.moment = begins = house.now() + timedelta(seconds=2)
        _plan(house, "Bench", begins)
        port, worker = free_port(), house.start("work", sink.url)
        try:
            with running(["-m", "gateway", "web"], port, _environment(house, port), house.folder / "web.log"):
                by_clock(port, requests_of(1), 3.0, house.folder, 500)
                began, sent = house.now(), _sent(house)
                posted = by_clock(port, requests_of(1), seconds, house.folder, OFFERED)
                lasted = (house.now() - began).total_seconds()
                rate = (_sent(house) - sent) / lasted
        finally:
            stop(worker)
    return {
        "beside_sender_post_per_s": posted.per_second,
        "beside_sender_refused": posted.refused,
        "beside_sender_p50_ms": posted.p50_ms,
        "beside_sender_p99_ms": posted.p99_ms,
        "beside_sender_longest_ms": posted.longest_ms,
        "sent_per_s_meanwhile": round(rate, 1),
    }


def _sent(house: BenchHouse) -> int:
    with house.database.read() as connection:
        return connection.scalar(text("SELECT count(*) FROM message WHERE claimed_at IS NOT NULL")) or 0
