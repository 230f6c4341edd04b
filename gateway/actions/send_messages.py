"""Send what was released, outside any transaction, at the number's pace, and settle the answers in batches.

Trigger: the worker; one sender a number.
Reads:   the person's standing once more, right before each POST.
Writes:  through release_messages and settle_answers only.
Repeat:  never blindly: what was released and not settled is `rescue_stuck`'s, and ends as unsure.

Three loops: one keeps a fifth of a second's messages released ahead, one sends them at the pace, one settles.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from consent.rules import EXEMPT_PURPOSES
from gateway.actions.keep_budget import DailyLimit
from gateway.actions.policies import Policies
from gateway.actions.release_messages import Released, release_messages
from gateway.actions.settle_answers import NotYet, Settled, Stopped, settle
from gateway.clock import Clock
from gateway.core.failure import Reaction, meaning
from gateway.core.message import Outgoing
from gateway.core.pacing import RESTED_SECONDS, Lane, Pacer, PairPacer, Turns
from gateway.core.retry import pair_delay
from gateway.storage.database import Database
from gateway.storage.last_look import CannotLook, LastLook
from gateway.storage.unsent import Unsent
from gateway.whatsapp.messenger import Accepted, Failed, Messenger, Outcome

BATCH_MAX = 100
"""Messages claimed at once: small, so that a stop waits for few (reference/performance.md 1.5)."""
AHEAD_SECONDS = 0.2
AHEAD_MAX = 300
IN_FLIGHT_MAX = 1024
LOOK_MAX = 32
"""POSTs begun after one last look, which is taken right before the first of them."""
IDLE_SECONDS = 0.2
SETTLE_SECONDS = 0.05
AWAY_SECONDS = 1.0
TICK_SECONDS = 0.002
LATE_SECONDS = 0.02
"""So late at most is seen that half of what was released ahead has gone, when the pace catches something up."""
READY_SECONDS = 0.25
"""For so much of the pace there are connections before the first message leaves: about what an answer takes."""
TOGETHER_SECONDS = 0.005
"""Slots that open within this time are used together, in one look: a tenth of what the pace lets anybody catch up."""

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass
class Sender:
    """Sends for one number. `run` returns when told to stop, when every POST in flight has been answered and settled
    and what was released and not sent is back in the queue. `accepted` counts what Meta has taken."""

    number_id: str
    database: Database
    messenger: Messenger
    policies: Policies
    clock: Clock
    pacer: Pacer
    daily_limit: DailyLimit | None = None
    unsent: Unsent = field(default_factory=Unsent)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    pairs: PairPacer = field(default_factory=PairPacer)
    turns: Turns = field(default_factory=Turns)
    accepted: int = 0
    _left_at: float = float("-inf")
    _ready: deque[Outgoing] = field(default_factory=deque)
    _urgent: deque[Outgoing] = field(default_factory=deque)
    _answers: list[Settled] = field(default_factory=list)
    _flights: set[asyncio.Future[Outcome]] = field(default_factory=set)
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _landed: asyncio.Event = field(default_factory=asyncio.Event)
    _look: LastLook = field(init=False)
    _writer: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "outbox"))

    def __post_init__(self) -> None:
        self._look = LastLook(self.database)

    def change_daily_limit(self, people: int | None) -> None:
        """Meta's limit on unique people for the whole portfolio; None is unlimited."""
        if people is None:
            self.daily_limit = None
        elif self.daily_limit is None:
            self.daily_limit = DailyLimit(people)
        else:
            self.daily_limit.people = people

    @property
    def flying(self) -> int:
        """POSTs without an answer yet."""
        return len(self._flights)

    async def run(self) -> None:
        settling = asyncio.create_task(self._keep_settling())
        try:
            await asyncio.gather(self._keep_releasing(), self._keep_sending())
        finally:
            self.stopping.set()
            self._arrived.set()
            while self._flights:
                await asyncio.wait(self._flights)
            self._landed.set()  # not cancelled: answers on their way to the writer would be lost
            await settling
            self._put_back()
            await self.settle()
            self._look.close()
            self._writer.shutdown()

    # Release

    async def _keep_releasing(self) -> None:
        while not self.stopping.is_set():
            wanted, wait = self._wanted()
            if wanted <= 0:
                await asyncio.sleep(wait)
                continue
            try:
                released = await self._in_writer(lambda wanted=wanted: self._release(wanted))  # type: ignore[misc]
            except DBAPIError as problem:
                log.error("nothing can be released: the database does not answer (%s)", type(problem.orig).__name__)
                await self._rest(AWAY_SECONDS)
                continue
            self._take(released)
            if not released.looked_at:
                await self._rest(IDLE_SECONDS)
        self._arrived.set()

    def _wanted(self) -> tuple[int, float]:
        """How many to release now, a fifth of a second's messages ahead; none while more than half of them are left.

        And how many seconds to wait before asking again: a look costs the loop about as much as a message.
        """
        rate = self.pacer.rate(self._now())
        ahead = min(AHEAD_MAX, max(1, int(rate * AHEAD_SECONDS)))
        waiting = len(self._ready) + len(self._urgent)
        if waiting > ahead // 2:
            return 0, min(LATE_SECONDS, max(TICK_SECONDS, (waiting - ahead // 2) / rate))
        return min(BATCH_MAX, ahead - waiting, IN_FLIGHT_MAX - len(self._flights) - waiting), TICK_SECONDS

    def _release(self, limit: int) -> Released:
        def release(connection: Connection) -> Released:
            now, turns, daily = self.clock.now(), self.turns, self.daily_limit
            released = release_messages(connection, self.number_id, self.policies, now, limit, turns, daily)
            self.unsent.enter((outgoing.message_id for outgoing in released.outgoing), now)
            return released

        return self.database.run(release)

    def _take(self, released: Released) -> None:
        for outgoing in released.outgoing:
            (self._urgent if lane_of(outgoing) is Lane.REPLY else self._ready).append(outgoing)
        if released.outgoing:
            self._arrived.set()

    # Send

    async def _keep_sending(self) -> None:
        while not self.stopping.is_set():
            if not (self._ready or self._urgent):
                self._arrived.clear()
                await self._arrived.wait()
                continue
            if len(self._flights) >= IN_FLIGHT_MAX:
                await asyncio.sleep(TICK_SECONDS)
                continue
            await self._make_ready()
            going, wait = self._paced()
            if going:
                await self._start(going)
                asyncio.get_running_loop().call_soon(self._note_written)
            await asyncio.sleep(max(wait, TOGETHER_SECONDS) if wait > 0 else 0)

    def _note_written(self) -> None:
        """In the turn after: the loop writes at the end of each."""
        self.pacer.written(self._now(), self.messenger.waiting)

    async def _make_ready(self) -> None:
        """After a rest: messages that each wait for a connection leave closer together than they were paced."""
        now = self._now()
        if now - self._left_at > RESTED_SECONDS:
            await self.messenger.make_ready(min(AHEAD_MAX, int(self.pacer.rate(now) * READY_SECONDS) + 1))

    def _paced(self) -> tuple[list[Outgoing], float]:
        """The messages that may leave now, and how many seconds to wait before asking again."""
        now, going = self._now(), list[Outgoing]()
        room = min(LOOK_MAX, IN_FLIGHT_MAX - len(self._flights))
        while len(going) < room and (queue := self._urgent or self._ready):
            lane = lane_of(queue[0])
            taken = self.pacer.take(now, lane, min(room - len(going), len(queue)))
            if not taken:
                return going, self.pacer.wait(now, lane)
            going += filter(partial(self._fits_pair, now), [queue.popleft() for _ in range(taken)])
        return going, 0.0

    def _fits_pair(self, now: float, outgoing: Outgoing) -> bool:
        seconds = self.pairs.wait(outgoing.to or outgoing.recipient or "", now)
        if seconds > 0:
            self._answers.append((outgoing, NotYet(self.clock.now() + timedelta(seconds=seconds), "pair_rate")))
        return seconds <= 0

    async def _start(self, going: Sequence[Outgoing]) -> None:
        self._left_at = self._now()
        wanted = [(o.subject_id, o.purpose) for o in going if o.purpose not in EXEMPT_PURPOSES]
        try:
            granted = self._look.granted(wanted, self.clock.now()) if wanted else set()
        except CannotLook as problem:
            log.error("nothing may leave: the standings cannot be read (%s)", problem)
            self._answers += [(o, NotYet(self.clock.now())) for o in going]
            await self._rest(AWAY_SECONDS)
            return
        for outgoing in going:
            if outgoing.purpose in EXEMPT_PURPOSES or (outgoing.subject_id, outgoing.purpose) in granted:
                self._send(outgoing)
            else:
                self._answers.append((outgoing, Stopped()))

    def _send(self, outgoing: Outgoing) -> None:
        self.unsent.tear(outgoing.message_id)
        flight = asyncio.ensure_future(self.messenger.send(outgoing))
        self._flights.add(flight)
        flight.add_done_callback(partial(self._land, outgoing))

    def _land(self, outgoing: Outgoing, flight: asyncio.Future[Outcome]) -> None:
        self._flights.discard(flight)
        outcome = flight.result()
        if isinstance(outcome, Accepted):
            self.accepted += 1
        elif isinstance(outcome, Failed):
            self._slow_down(outgoing, outcome)
        self._answers.append((outgoing, outcome))

    def _slow_down(self, outgoing: Outgoing, failed: Failed) -> None:
        failure = meaning(failed.code)
        if failure.slows and self.pacer.slow(self._now()):
            told = {"number_id": self.number_id, "code": failed.code, "rate": round(self.pacer.rate(self._now()), 1)}
            log.warning("Meta finds this number too fast; it goes slower", extra=told)
        if failure.reaction is Reaction.PAIR:
            pair = outgoing.to or outgoing.recipient or ""
            self.pairs.refused(pair, self._now(), pair_delay(outgoing.attempt).total_seconds())

    def _put_back(self) -> None:
        """What was released and not sent has not left: it goes back as if it had never been released."""
        now = self.clock.now()
        self._answers += [(outgoing, NotYet(now)) for outgoing in (*self._urgent, *self._ready)]
        self._urgent.clear()
        self._ready.clear()

    # Settle

    async def _keep_settling(self) -> None:
        while not self._landed.is_set():
            await asyncio.sleep(SETTLE_SECONDS)
            await self.settle()

    async def settle(self) -> None:
        batch, self._answers = self._answers, []
        if not batch:
            return
        try:
            await self._in_writer(lambda: self._write(batch))
        except DBAPIError:
            self._answers = batch + self._answers  # the answers are known only here: keep them until the store is back

    def _write(self, batch: Sequence[Settled]) -> None:
        self.database.run(lambda connection: settle(connection, batch, self.clock.now()))

    async def _in_writer(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._writer, work)

    def _now(self) -> float:
        return time.monotonic()  # the loop's own time stands still while it works

    async def _rest(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.stopping.wait(), seconds)
        except TimeoutError:
            return


def lane_of(outgoing: Outgoing) -> Lane:
    return Lane.REPLY if outgoing.campaign_id is None else Lane.CAMPAIGN
