"""The worker process: one sender for each number it owns, and the timetable beside them.

Told to stop (SIGTERM, SIGINT), it releases nothing more, waits for the answers under way, settles them and ends.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import math
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

import uvloop
from sqlalchemy.exc import DBAPIError

from gateway.actions.rehearse_stop import rehearse_stop
from gateway.actions.report_sending import SendingReport
from gateway.actions.rescue_stuck import rescue_number
from gateway.actions.send_messages import Sender
from gateway.actions.sync_templates import sync_templates
from gateway.actions.upload_media import refresh_media
from gateway.assembly import House
from gateway.core.pacing import Pacer
from gateway.storage import templates
from gateway.storage.ownership import Ownership
from gateway.storage.templates import SendingNumber
from gateway.storage.unsent import Unsent, boot_id, open_unsent
from gateway.timetable import timetable
from gateway.whatsapp.cloud import Cloud, CloudProblem

LOOK_SECONDS = 1.0
LOOKS_FOR_ALL = 4
"""Free numbers are taken over this many looks: workers that start together share them, and none waits five seconds."""
SWITCH_SECONDS = 0.001
"""A thread that writes to the database hands over to the loop that keeps the pace this often, at the latest."""
COLLECT_AFTER = 20_000
"""Objects made and not freed before the collector looks through the youngest."""
SYNC_SECONDS = 3600.0
SYNC_AGAIN_SECONDS = 15.0

log = logging.getLogger(__name__)


@dataclass
class Worker:
    house: House
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _senders: dict[str, tuple[Ownership, Sender, asyncio.Task[None]]] = field(default_factory=dict)
    _reports: dict[str, SendingReport] = field(default_factory=dict)

    async def run(self) -> None:
        house = self.house
        scheduler = timetable(house.database, house.inbox, house.settings, house.clock)
        scheduler.start()
        log.info("the worker works")
        try:
            async with house.messenger() as cloud:
                syncing = asyncio.create_task(self._keep_synced(cloud))
                while not self.stopping.is_set():
                    await self._look_after_numbers(cloud)
                    await self._rest(LOOK_SECONDS)
                syncing.cancel()
                await self._stop_senders()
        finally:
            scheduler.shutdown(wait=True)
            log.info("the worker has stopped")

    async def _keep_synced(self, cloud: Cloud) -> None:
        settings, failures = self.house.settings, 0
        while True:
            try:
                now = self.house.clock.now()
                await sync_templates(cloud, self.house.database, settings.waba_id, settings.phone_number_ids, now)
                failures = 0
            except (CloudProblem, DBAPIError) as problem:
                log.warning("templates and numbers could not be fetched: %s", type(problem).__name__)
                # Longer each time: Meta answers 200 management calls an hour to an account without a number.
                await asyncio.sleep(min(SYNC_AGAIN_SECONDS * 2**failures, SYNC_SECONDS))
                failures += 1
                continue
            await self._renew_media(cloud)
            await asyncio.sleep(SYNC_SECONDS)

    async def _renew_media(self, cloud: Cloud) -> None:
        try:
            await refresh_media(cloud, self.house.database, self.house.clock.now())
        except (CloudProblem, DBAPIError) as problem:
            log.warning("campaigns' files could not be uploaded anew: %s", type(problem).__name__)

    async def _look_after_numbers(self, cloud: Cloud) -> None:
        """Send for every number that nobody else sends for; let go of one that is no longer ours."""
        try:
            numbers = await asyncio.to_thread(self._numbers)
        except DBAPIError:
            return
        others = [number for number in numbers if number.id not in self._senders]
        for number in numbers:
            if number.id in self._senders:
                await self._keep_or_drop(number)
        room = math.ceil(len(numbers) / LOOKS_FOR_ALL)
        for number in others:
            if room == 0:
                break
            room -= await self._try_to_own(cloud, number)

    def _numbers(self) -> list[SendingNumber]:
        with self.house.database.read() as connection:
            return templates.numbers(connection)

    async def _keep_or_drop(self, number: SendingNumber) -> None:
        ownership, sender, task = self._senders[number.id]
        sender.pacer.change_limit(number.pace)
        sender.change_daily_limit(number.people_per_day)
        await self._report(sender)
        if task.done() or not await asyncio.to_thread(ownership.still_mine):
            sender.stopping.set()
            ownership.give_up()
            del self._senders[number.id]
            if task.done() and (problem := task.exception()):
                log.error("the sender of a number stopped", exc_info=problem, extra={"number_id": number.id})

    async def _try_to_own(self, cloud: Cloud, number: SendingNumber) -> bool:
        """Whether this worker sends for the number from now on."""
        house = self.house
        ownership = Ownership(house.database, f"number-{number.id}")
        try:
            if not await asyncio.to_thread(ownership.take):
                return False
            unsent = await asyncio.to_thread(self._rescue, number.id)
        except DBAPIError as problem:
            ownership.give_up()
            log.warning("a number cannot be taken: %s", type(problem.orig).__name__, extra={"number_id": number.id})
            return False
        log.info("this worker sends for a number now", extra={"number_id": number.id})
        pacer = Pacer(number.pace, house.settings.reply_share)
        sender = Sender(number.id, house.database, cloud, house.policies, house.clock, pacer, unsent=unsent)
        sender.change_daily_limit(number.people_per_day)
        task = asyncio.create_task(sender.run())
        task.add_done_callback(lambda _: unsent.close())
        self._senders[number.id] = (ownership, sender, task)
        self._reports[number.id] = SendingReport(number.id, house.clock.now())
        return True

    def _rescue(self, number_id: str) -> Unsent:
        """Settle what the number's last owner left, and begin its slips anew. Raises DBAPIError."""
        house = self.house
        unsent = open_unsent(house.settings.data_dir / f"number-{number_id}.unsent", boot_id())
        try:
            left = house.database.run(lambda c: rescue_number(c, number_id, house.clock.now(), unsent.left))
        except DBAPIError:
            unsent.close()
            raise
        unsent.begin()
        if left.back:
            told = {"number_id": number_id, "count": left.back}
            log.info("messages were left that had not begun to leave; they are queued again", extra=told)
        if left.unsure:
            told = {"number_id": number_id, "count": left.unsure}
            log.warning("messages were left without an answer and are unsure", extra=told)
        return unsent

    async def _report(self, sender: Sender, *, leaving: bool = False) -> None:
        """For `izin numbers` and the metrics. Nothing depends on it, so a database that is away may miss it."""
        report, now = self._reports[sender.number_id], self.house.clock.now()
        if leaving or report.is_due(now):
            rate = sender.pacer.rate(asyncio.get_running_loop().time())
            told = partial(report.tell, leaving=leaving)
            with suppress(DBAPIError):
                await asyncio.to_thread(told, self.house.database, rate, sender.flying, sender.accepted, now)

    async def _stop_senders(self) -> None:
        for _, sender, _ in self._senders.values():
            sender.stopping.set()
        await asyncio.gather(*(task for _, _, task in self._senders.values()), return_exceptions=True)
        for ownership, sender, _ in self._senders.values():
            await self._report(sender, leaving=True)
            ownership.give_up()

    async def _rest(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.stopping.wait(), seconds)
        except TimeoutError:
            return


def work(house: House) -> None:
    """Work until told to stop."""
    sys.setswitchinterval(SWITCH_SECONDS)
    rehearse_stop(house.database, house.settings, house.clock.now())
    _collect_seldom()
    uvloop.run(_work(house))


def _collect_seldom() -> None:
    """A thousand sends in flight are young objects: the collector would walk through them again and again."""
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 20)


async def _work(house: House) -> None:
    worker = Worker(house)
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, worker.stopping.set)
    await worker.run()
