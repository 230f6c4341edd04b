"""How exactly a number keeps to its limit: `izin work` against the practice server, which counts for itself.

Never more than the limit in any one-second window, and nearly all of it used, at Meta's two usual ceilings.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from gateway.actions.launch_campaigns import launch_campaigns
from gateway.practice import Number, PracticeSettings, running
from gateway.storage import templates
from gateway.storage.templates import SendingNumber
from tests.bench.house import add_people, bench_house, stop
from tests.bench.measuring import Result, Target
from tests.given import NUMBER_ID

SECONDS = 30
TARGETS = {
    f"{figure}_at_{limit}": target
    for limit in (80, 1_000)
    for figure, target in (
        ("peak_1s", Target(limit, at_most=True)),
        ("used_share", Target(0.97)),
        ("refused_130429", Target(0, at_most=True)),
    )
}


def run(quick: bool) -> Result:
    figures: dict[str, Any] = {}
    for limit in (80, 1_000):
        figures |= {f"{name}_at_{limit}": value for name, value in _measure(limit, 5 if quick else SECONDS).items()}
    return Result(figures, TARGETS)


def _measure(limit: int, seconds: int) -> dict[str, Any]:
    with bench_house() as house:
        people = limit * seconds
        with house.database.write() as connection:
            templates.add_numbers(connection, [SendingNumber(NUMBER_ID, None, "GREEN", limit)], house.now())
        add_people(house.database, people, house.now())
        begins = house.now() + timedelta(seconds=8 + people / 4_000)
        house.given.clock.moment = begins
        house.given.campaign("Pace", segment="source = bench")
        while launch_campaigns(house.database, begins):
            pass
        practice = PracticeSettings(
            numbers=(Number(id=NUMBER_ID, throughput=limit),),
            latency_ms=(20, 80),
            on_marketing_shares={"read": 1.0},
            clock_offset_s=house.shift.total_seconds(),
        )
        with running(practice) as world:
            worker = house.start("work", world.base_url, TOKEN=practice.token)
            try:
                _wait(world, people, begins.timestamp() - house.shift.total_seconds(), seconds)
            finally:
                stop(worker)
            totals = world.get("received")
    pace = totals["pace"][NUMBER_ID]
    return {
        "messages": pace["accepted"],
        "peak_1s": pace["attempted_peak_1s"],
        "used_share": round((pace["accepted"] - 1) / pace["seconds"] / limit, 4),
        "refused_130429": pace["refused"],
    }


def _wait(world: Any, people: int, begins: float, seconds: int) -> None:
    """It is asked only when all should have come: to count what it received holds the practice server for 50 ms."""
    time.sleep(max(0.0, begins + seconds * 1.04 - time.time()))
    while time.time() < begins + seconds * 1.5 + 20:
        received = world.get("received")
        if received["accepted"] >= people:
            return
        time.sleep(2.0)
