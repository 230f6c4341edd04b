"""Send what was released, outside any transaction, and settle the answers in batches.

Trigger: the worker; one sender a number.
Reads:   the person's standing once more, right before each POST.
Writes:  accepted, failed, unsure or refused, a batch at a time; receipts that came first are applied then.
Repeat:  never blindly: what was released and not settled is `rescue_stuck`'s, and ends as unsure.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from consent import ledger
from consent.standing import State as ConsentState
from gateway.actions.apply_statuses import catch_up
from gateway.actions.policies import Policies
from gateway.actions.release_messages import Released, release_messages
from gateway.actions.settle_failure import settle_failure
from gateway.clock import Clock
from gateway.core.failure import meaning
from gateway.core.message import Outgoing, State
from gateway.core.pacing import Lane, Pacer
from gateway.storage import contacts, messages, outbox
from gateway.storage.database import Database
from gateway.storage.outbox import Ending
from gateway.whatsapp.messenger import Accepted, Failed, Messenger, Outcome, Unsure

BATCH_MAX = 100
"""Messages claimed at once: small, so that a stop waits for few (reference/performance.md 1.5)."""
IN_FLIGHT_MAX = 512
IDLE_SECONDS = 0.2
SETTLE_SECONDS = 0.05
AHEAD_SECONDS = 0.1
AWAY_SECONDS = 1.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stopped:
    """The person's standing changed after the release: the message did not leave."""


T = TypeVar("T")
Settled = tuple[Outgoing, Outcome | Stopped]


@dataclass
class Sender:
    """Sends for one number. `run` returns when told to stop and every POST in flight has been answered and settled."""

    number_id: str
    database: Database
    messenger: Messenger
    policies: Policies
    clock: Clock
    pacer: Pacer
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _answers: list[Settled] = field(default_factory=list)
    _flights: set[asyncio.Task[None]] = field(default_factory=set)
    _writer: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "outbox"))

    async def run(self) -> None:
        settling = asyncio.create_task(self._keep_settling())
        try:
            while not self.stopping.is_set():
                if not await self.step():
                    await self._rest(IDLE_SECONDS)
        finally:
            while self._flights:
                await asyncio.wait(self._flights)
            settling.cancel()
            await self.settle()
            self._writer.shutdown()

    async def step(self) -> int:
        """Release one micro-batch and send it. Returns how many messages were looked at."""
        room = min(BATCH_MAX, IN_FLIGHT_MAX - len(self._flights), self._room())
        if room <= 0:
            await asyncio.sleep(0.002)
            return 1
        try:
            released = await self._in_writer(lambda: self._release(room))
        except DBAPIError as problem:
            log.error("nothing can be released: the database does not answer (%s)", type(problem.orig).__name__)
            await self._rest(AWAY_SECONDS)
            return 0
        for outgoing in released.outgoing:
            await self._wait_for_pace(outgoing)
            flight = asyncio.create_task(self._send(outgoing))
            self._flights.add(flight)
            flight.add_done_callback(self._flights.discard)
        return released.looked_at

    def _room(self) -> int:
        return self.pacer.room(asyncio.get_running_loop().time(), AHEAD_SECONDS, Lane.REPLY)

    def _release(self, limit: int) -> Released:
        return self.database.run(
            lambda connection: release_messages(connection, self.number_id, self.policies, self.clock.now(), limit)
        )

    async def _wait_for_pace(self, outgoing: Outgoing) -> None:
        lane = Lane.CAMPAIGN if outgoing.purpose == "marketing" else Lane.REPLY
        while (seconds := self.pacer.wait(asyncio.get_running_loop().time(), lane)) > 0:
            await asyncio.sleep(seconds)

    async def _send(self, outgoing: Outgoing) -> None:
        if outgoing.purpose == "marketing" and not self._still_granted(outgoing):
            self._answers.append((outgoing, Stopped()))
            return
        outcome = await self.messenger.send(outgoing)
        if isinstance(outcome, Failed) and meaning(outcome.code).slows:
            self.pacer.slow(asyncio.get_running_loop().time())
        self._answers.append((outgoing, outcome))

    def _still_granted(self, outgoing: Outgoing) -> bool:
        with self.database.read() as connection:
            return still_granted(connection, outgoing.message_id, outgoing.purpose, self.clock.now())

    async def _keep_settling(self) -> None:
        while True:
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

    async def _rest(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.stopping.wait(), seconds)
        except TimeoutError:
            return


def still_granted(connection: Connection, message_id: int, purpose: str, now: datetime) -> bool:
    """The last look before a marketing message leaves."""
    subject_id = messages.subject_of(connection, message_id)
    stored = ledger.stored_for(ledger.stored_standings(connection, [subject_id]), subject_id, purpose)
    return stored.standing.at(now).state is ConsentState.GRANTED and not stored.suppressed


def settle(connection: Connection, batch: Sequence[Settled], now: datetime) -> None:
    """Write what came of these POSTs."""
    accepted = [(o.message_id, a.whatsapp_id, a.state) for o, a in batch if isinstance(a, Accepted)]
    others = {o.message_id: a for o, a in batch if not isinstance(a, Accepted)}
    met = messages.by_ids(connection, sorted(others))
    outbox.accept(connection, accepted, now)
    catch_up(connection, [wamid for _, wamid, _ in accepted], now)
    for known in met.values():
        if known.state is not State.SENDING:
            continue  # a receipt has told more than our answer does
        match others[known.id]:
            case Failed(code=code):
                settle_failure(connection, known, meaning(code), code, now, random.random())
            case Unsure(why=why):
                messages.move(connection, known, State.UNSURE, now, reason=why)
            case Stopped():
                outbox.end(connection, [Ending(known.id, State.REFUSED, "stopped_meanwhile")], now)
                contacts.recount(connection, [known.subject_id])
