"""Kill workers and webs at random moments while campaigns run, then compare what the practice world received with
what the outbox says. Used by the bench `kill` and, in small, by tests/faults."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, text

from consent.tables import UtcDateTime
from gateway.practice import Number, PracticeSettings, RunningPractice, running
from tests.bench.house import BenchHouse, add_people, bench_house
from tests.bench.nursery import Nursery, kill, nursery
from tests.given import NUMBER_ID

ROUND_PEOPLE = 1_500
FEW = 300
BEGIN_WITHIN_S = 5.0
UNSURE_AFTER_S = 20
WEB_EVERY = 6
"""One kill in so many is the web's: it takes a second to start, and a kill before it listens proves little."""
REACHED = ("accepted", "held", "sent", "delivered", "read", "failed")


@dataclass(slots=True)
class Toll:
    """What came of it. `lost`: planned people without exactly one message in an ended state; `unsure_received`:
    messages that are unsure though the practice world has them. Of what workers had released when they were killed,
    `queued_again` were known not to have begun to leave, and `in_doubt` were not."""

    kills: int
    web_kills: int = 0
    planned: int = 0
    received: int = 0
    doubled: int = 0
    lost: int = 0
    unsure: int = 0
    unsure_received: int = 0
    reached_not_received: int = 0
    in_flight_at_kills: int = 0
    queued_again: int = 0
    in_doubt: int = 0
    seconds: float = 0.0
    by_state: dict[str, int] = field(default_factory=dict)

    @property
    def sums_equal(self) -> bool:
        reached = sum(self.by_state.get(state, 0) for state in REACHED)
        return self.planned == sum(self.by_state.values()) and reached == self.received


def kill_at_random(
    kills: int, url: str | None = None, seed: int = 1, alive_s: float = 0.3, within_s: float = float("inf")
) -> Toll:
    """`kills` SIGKILLs in all, or as many as fit into the time. The seed decides the moments, as far as a machine
    keeps them."""
    port = _free_port()
    number = Number(id=NUMBER_ID, throughput=1_000)
    with bench_house(url) as house:
        practice = PracticeSettings(
            numbers=(number,),
            webhook_urls=(f"http://127.0.0.1:{port}/webhook",),
            latency_ms=(5, 60),
            clock_offset_s=house.shift.total_seconds(),
            on_marketing_shares={"read": 1.0},
        )
        with running(practice) as world:
            settings = {
                "APP_SECRETS": practice.app_secret,
                "TOKEN": practice.token,
                "WEB_PORT": str(port),
                "UNSURE_AFTER": f"{UNSURE_AFTER_S}s",
            }
            environment = house.environment(world.base_url, **settings)
            with nursery(environment, house.folder / "work.log") as young:
                return _Killing(house, world, young, settings, random.Random(seed), alive_s).run(kills, within_s)


@dataclass(slots=True)
class _Killing:
    house: BenchHouse
    world: RunningPractice
    young: Nursery
    settings: dict[str, str]
    dice: random.Random
    alive_s: float
    rounds: int = 0
    web: subprocess.Popen[bytes] | None = None

    def run(self, kills: int, within_s: float) -> Toll:
        toll, began = Toll(0), time.monotonic()
        self._start_web()
        try:
            for n in range(kills):
                if time.monotonic() - began > within_s:
                    break
                if self._queued() < FEW:
                    self._start_round()
                if n % WEB_EVERY == WEB_EVERY - 1:
                    self._kill_web()
                    toll.web_kills += 1
                worker = self.young.worker()
                if n % 3:
                    self._wait_for_sending()
                time.sleep(self.dice.random() * self.alive_s)
                kill(worker)
                toll.kills += 1
                toll.in_flight_at_kills += self._count_of("state = 'sending'")
            self._finish()
        finally:
            self._stop_web()
        self._count(toll)
        toll.seconds = round(time.monotonic() - began, 1)
        return toll

    def _wait_for_sending(self) -> None:
        """Two kills of three come while messages leave; the third may come while the worker starts."""
        begun = text("SELECT 1 FROM message WHERE state = 'sending' AND claimed_at >= :since LIMIT 1")
        begun = begun.bindparams(bindparam("since", self.house.now(), type_=UtcDateTime()))
        until = time.monotonic() + BEGIN_WITHIN_S
        while time.monotonic() < until:
            with self.house.database.read() as connection:
                if connection.scalar(begun):
                    return
            time.sleep(0.01)

    def _start_round(self) -> None:
        house, source = self.house, f"round-{self.rounds}"
        add_people(house.database, ROUND_PEOPLE, house.now(), 1 + self.rounds * ROUND_PEOPLE, source)
        house.given.clock.moment = house.now()
        house.given.campaign(source, segment=f'source = "{source}"')
        self.rounds += 1

    def _finish(self) -> None:
        """Let one last worker do what is left, and wait until nothing is under way or unsure without an end."""
        worker = self.young.worker()
        try:
            self._wait("the campaigns", lambda: not self._queued() and not self._count_of("state = 'sending'"))
            self.world.wait_until_quiet(60)
            self._wait("what is unsure", lambda: not self._count_of("state = 'unsure' AND ended_at IS NULL"))
            self._wait("the inbox", self._drained)
        finally:
            os.kill(worker, signal.SIGTERM)

    def _wait(self, what: str, done: Any, within_s: float = 150.0) -> None:
        until = time.monotonic() + within_s
        while not done():
            if time.monotonic() > until:
                words = (self.house.folder / "work.log").read_text(errors="replace")[-2_000:]
                raise TimeoutError(f"{what} did not come to an end; the worker's last words:\n{words}")
            time.sleep(0.2)

    def _count_of(self, condition: str) -> int:
        with self.house.database.read() as connection:
            return connection.scalar(text(f"SELECT count(*) FROM message WHERE {condition}")) or 0

    def _queued(self) -> int:
        with self.house.database.read() as connection:
            early = connection.scalar(text("SELECT count(*) FROM campaign WHERE state IN ('scheduled', 'launching')"))
        return self._count_of("state = 'queued'") + (early or 0) * FEW

    def _drained(self) -> bool:
        return not self.house.given.inbox.waiting(1)

    def _start_web(self) -> None:
        self.web = self.house.start("web", self.world.base_url, **self.settings)

    def _kill_web(self) -> None:
        self._stop_web()
        self._start_web()

    def _stop_web(self) -> None:
        if self.web is not None:
            self.web.kill()
            self.web.wait()

    def _count(self, toll: Toll) -> None:
        with self.house.database.read() as connection:
            states = connection.execute(text("SELECT state, count(*) FROM message GROUP BY state")).all()
            toll.by_state = {row[0]: row[1] for row in states}
            once = text("SELECT count(DISTINCT subject_id) FROM message WHERE campaign_id IS NOT NULL")
            people = connection.scalar(once) or 0
            unsure = set(connection.scalars(text("SELECT id FROM message WHERE state = 'unsure'")))
            placeholders = ", ".join(f"'{state}'" for state in REACHED)
            reached = set(connection.scalars(text(f"SELECT id FROM message WHERE state IN ({placeholders})")))
        received = self._received()
        totals = self.world.get("received")
        toll.planned = self.rounds * ROUND_PEOPLE
        toll.received = totals["accepted"]
        toll.doubled = len(totals["trackers_doubled"]) + len(totals["marketing_doubled"])
        toll.lost = toll.planned - people + self._count_of("state IN ('queued', 'sending')")
        toll.unsure = len(unsure)
        toll.unsure_received = len(unsure & received)
        toll.reached_not_received = len(reached - received)
        toll.queued_again = self._told("messages were left that had not begun to leave; they are queued again")
        toll.in_doubt = self._told("messages were left without an answer and are unsure")

    def _told(self, event: str) -> int:
        """How many messages the workers' log names with an event."""
        lines = (self.house.folder / "work.log").read_text(errors="replace").splitlines()
        events = (json.loads(line) for line in lines if line.startswith("{") and line.endswith("}"))
        return sum(told.get("count", 0) for told in events if told["event"] == event)

    def _received(self) -> set[int]:
        """The outbox rows whose message the practice world has."""
        found: set[int] = set()
        after: int | None = 0
        while after is not None:
            page = self.world.get(f"received/log?after={after}")
            found |= {int(row["tracker"].partition(".")[0]) for row in page["messages"]}
            after = page["next_after"]
        return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
