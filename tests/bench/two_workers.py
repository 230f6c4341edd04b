"""Two numbers, two worker processes, one PostgreSQL: twice what one number sends, at a pace that is a number's own."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack

from sqlalchemy import text

from gateway.actions.launch_campaigns import launch_campaigns
from gateway.storage import senders, templates
from gateway.storage.templates import SendingNumber
from tests.bench.house import BenchHouse, add_people, bench_house, stop
from tests.bench.launch import postgres
from tests.bench.measuring import Result, Target
from tests.bench.sink import RunningSink, running_sink
from tests.given import NUMBER_ID

PACE = 500
"""Messages a second of each number: two workers, PostgreSQL and the sink share two cores."""
SECONDS = 20
WITHIN_S = 180
NUMBERS = (NUMBER_ID, "106540352242923")
REPORTED_WITHIN_S = 8.0
TARGETS = {"times_one_number": Target(1.7), "workers_that_sent": Target(2)}


def run(quick: bool) -> Result:
    seconds = 3 if quick else SECONDS
    with running_sink() as sink:
        one, _ = _measure(sink, NUMBERS[:1], seconds)
        two, owners = _measure(sink, NUMBERS, seconds)
    figures = {
        "one_number_msg_per_s": round(one),
        "two_numbers_msg_per_s": round(two),
        "times_one_number": round(two / one, 2),
        "workers_that_sent": owners,
    }
    return Result(figures, TARGETS)


def _measure(sink: RunningSink, numbers: Sequence[str], seconds: int) -> tuple[float, int]:
    """Messages accepted a second by all numbers together, and how many of the workers owned one."""
    with postgres() as url, bench_house(url) as house, ExitStack() as running:
        with house.database.write() as connection:
            known = [SendingNumber(number, None, "GREEN", PACE) for number in numbers]
            templates.add_numbers(connection, known, house.now())
            connection.execute(text("UPDATE sending_number SET throughput = :pace"), {"pace": PACE})
        for n, number in enumerate(numbers):
            _fill(house, number, PACE * seconds, 1 + n * PACE * seconds)
        for _ in numbers:
            running.callback(stop, house.start("work", sink.url))
        _wait_until_sent(house)
        owners = _owners(house) if len(numbers) > 1 else 1
        return _rate(house), owners


def _fill(house: BenchHouse, number: str, people: int, first: int) -> None:
    source = f"of-{number}"
    add_people(house.database, people, house.now(), first, source)
    house.given.clock.moment = house.now()
    house.given.campaign(source, segment=f'source = "{source}"', number=number)
    while launch_campaigns(house.database, house.now()):
        pass


def _wait_until_sent(house: BenchHouse) -> None:
    waiting = text("SELECT 1 FROM message WHERE state IN ('queued', 'sending') LIMIT 1")
    until = time.monotonic() + WITHIN_S
    while time.monotonic() < until:
        with house.database.read() as connection:
            if not connection.scalar(waiting):
                return
        time.sleep(0.5)
    raise TimeoutError(f"not everything was sent within {WITHIN_S} s; see {house.folder}")


def _rate(house: BenchHouse) -> float:
    asked = text("SELECT count(*), min(claimed_at), max(accepted_at) FROM message WHERE state = 'accepted'")
    with house.database.read() as connection:
        count, first, last = connection.execute(asked).one()
    return float(count / (last - first).total_seconds())


def _owners(house: BenchHouse) -> int:
    """How many worker processes own a number, as they report every few seconds."""
    until, found = time.monotonic() + REPORTED_WITHIN_S, 0
    while time.monotonic() < until and found < len(NUMBERS):
        with house.database.read() as connection:
            owners = {one.owner for one in senders.everything(connection).values()}
        found = len(owners - {senders.NOBODY})
        time.sleep(0.5)
    return found
