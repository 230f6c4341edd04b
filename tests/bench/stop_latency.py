"""From a STOP's arrival to its 200, when it binds, beside a worker that sends 1,000 messages a second; and the race.

The race: 10,000 stops against a release loop on both databases, held together all the way. None may be released
after its answer.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from gateway.actions.launch_campaigns import launch_campaigns
from gateway.cli.demo.world import free_port
from gateway.storage import templates
from gateway.storage.templates import SendingNumber
from gateway.whatsapp.signature import sign
from tests.bench.house import BenchHouse, add_people, bench_house, stop
from tests.bench.measuring import Result, Target, quantile
from tests.bench.sink import running_sink
from tests.faults.racing import race
from tests.given import NUMBER_ID
from tests.postgres import postgres_database

SENDING_PER_S = 1_000
STOPS_PER_S = 20
SECONDS = 30
RACE_STOPS = 10_000
TARGETS = {
    "p99_ms": Target(50, at_most=True),
    "released_after_stop_sqlite": Target(0, at_most=True),
    "released_after_stop_postgresql": Target(0, at_most=True),
}


def run(quick: bool) -> Result:
    seconds, stops = (4, 200) if quick else (SECONDS, RACE_STOPS)
    figures = _latency(seconds)
    with bench_house() as house:
        figures |= _race(house, stops, "sqlite")
    with postgres_database() as url, bench_house(url) as house:
        figures |= _race(house, stops, "postgresql")
    return Result(figures, TARGETS, claims=not quick)


def _latency(seconds: int) -> dict[str, Any]:
    people = (seconds + 12) * SENDING_PER_S
    with running_sink() as sink, bench_house() as house:
        with house.database.write() as connection:
            number = SendingNumber(NUMBER_ID, None, "GREEN", SENDING_PER_S)
            templates.add_numbers(connection, [number], house.now())
        add_people(house.database, people, house.now())
        house.given.clock.moment = house.now() + timedelta(seconds=5)
        plan_and_launch(house, "Bench", house.given.clock.moment)
        port = free_port()
        worker = house.start("work", sink.url)
        web = house.start("web", sink.url, WEB_PORT=str(port))
        try:
            _wait_for(port)
            time.sleep(6)
            taken = _say_stop(house, port, people, seconds)
            sent = _accepted(house)
        finally:
            stop(worker)
            stop(web)
    ordered = sorted(taken)
    return {
        "stops": len(ordered),
        "p50_ms": round(quantile(ordered, 0.5) * 1e3, 2),
        "p99_ms": round(quantile(ordered, 0.99) * 1e3, 2),
        "max_ms": round(ordered[-1] * 1e3, 2),
        "messages_accepted_meanwhile": sent,
    }


def plan_and_launch(house: BenchHouse, name: str, begins: datetime) -> None:
    house.given.campaign(name, segment="source = bench")
    while launch_campaigns(house.database, begins):
        pass


def _accepted(house: BenchHouse) -> int:
    with house.database.read() as connection:
        return connection.scalar(text("SELECT count(*) FROM message WHERE accepted_at IS NOT NULL")) or 0


def _wait_for(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the web process did not start")


def _say_stop(house: BenchHouse, port: int, people: int, seconds: int) -> list[float]:
    """People from the end of the queue say stop, evenly spaced; seconds from the scheduled moment to the 200."""
    taken: list[float] = []
    count = seconds * STOPS_PER_S
    began = time.perf_counter() + 0.2
    local = threading.local()

    def one(place: int) -> None:
        due = began + place / STOPS_PER_S
        time.sleep(max(0.0, due - time.perf_counter()))
        if not hasattr(local, "connection"):
            local.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        body = _body(house, people - place, place)
        headers = {"X-Hub-Signature-256": sign(body, "bench-secret"), "Content-Type": "application/json"}
        local.connection.request("POST", "/webhook", body, headers)
        answer = local.connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"a stop was answered {answer.status}")
        taken.append(time.perf_counter() - due)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(count)))
    return taken


def _body(house: BenchHouse, number: int, place: int) -> bytes:
    wa_id = f"90555{number:07}"
    message = {
        "from": wa_id,
        "id": f"wamid.bench.{place}",
        "timestamp": str(int(house.now().timestamp())),
        "type": "text",
        "text": {"body": "Artık mesaj almak istemiyorum"},
    }
    return json.dumps(house.given.value("messages", contacts=[{"wa_id": wa_id}], messages=[message])).encode()


def _race(house: BenchHouse, stops: int, engine: str) -> dict[str, Any]:
    people = 2 * stops
    add_people(house.database, people, house.given.now)
    plan_and_launch(house, "Race", house.given.now)
    found = race(house.given, people, threads=16)
    return {
        f"race_stops_{engine}": found.released + found.spared,
        f"released_before_stop_{engine}": found.released - len(found.broken),
        f"never_released_{engine}": found.spared,
        f"released_after_stop_{engine}": len(found.broken),
    }
