"""Carries webhooks to the gateway as Meta does: signed, in batches, out of order, some twice, some late, some never."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import NamedTuple

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import PyreqwestError

from gateway.practice.diary import Diary
from gateway.practice.settings import PracticeSettings
from gateway.practice.webhook_items import Item, bodies, signature
from gateway.practice.world import World

POST_TIMEOUT = timedelta(seconds=20)


@dataclass(slots=True)
class Carried:
    """What the postman did so far. `items` counts every item that entered a body, duplicates too.

    `without_address` counts items, and bodies on their way again, for which no webhook address was set.
    """

    items: int = 0
    posts: int = 0
    answered_200: int = 0
    not_200: int = 0
    unreachable: int = 0
    lost: int = 0
    duplicated: int = 0
    without_address: int = 0


class Letter(NamedTuple):
    url: str
    body: bytes
    signature: str
    attempt: int = 0


class Postman:
    def __init__(self, world: World, diary: Diary, rng: Random) -> None:
        self._world = world
        self._diary = diary
        self._rng = rng
        self._waiting: list[Item] = []
        self._letters: asyncio.Queue[Letter] = asyncio.Queue()
        self._cutting = False
        self._retrying = 0
        self._flying = 0
        self._carriers: set[asyncio.Task[None]] = set()
        self._visits: set[asyncio.Task[None]] = set()
        self._client: Client = ClientBuilder().http1_only().timeout(POST_TIMEOUT).no_proxy().build()
        self.carried = Carried()

    @property
    def backlog(self) -> int:
        """Items and bodies that are not delivered yet."""
        return len(self._waiting) + self._letters.qsize() + self._retrying + self._flying

    def put(self, item: Item) -> None:
        """Tell the gateway, some time soon."""
        settings, draw = self._world.settings, self._rng.random
        if item.kind == "statuses" and settings.loss_share and draw() < settings.loss_share:
            self.carried.lost += (
                1  # only statuses get lost: losing what a person said would be Meta's breach, not a test
            )
            return
        if settings.duplicate_share and draw() < settings.duplicate_share:
            self.carried.duplicated += 1
            self._diary.after(self._pause(settings.reorder_ms), self._join, item)
        if settings.reorder_share and draw() < settings.reorder_share:
            self._diary.after(self._pause(settings.reorder_ms), self._join, item)
        else:
            self._join(item)

    def _pause(self, span_ms: tuple[int, int]) -> float:
        return self._rng.uniform(*span_ms) / 1000

    def _join(self, item: Item) -> None:
        self._waiting.append(item)
        settings = self._world.settings
        if len(self._waiting) >= settings.batch_items:
            self._cut()
        elif not self._cutting:
            self._cutting = True
            self._diary.after(settings.batch_every_ms / 1000, self._cut_on_time, None)

    def _cut_on_time(self, _: None) -> None:
        self._cutting = False
        self._cut()

    def _cut(self) -> None:
        settings = self._world.settings
        items, self._waiting = self._waiting, []
        if not items:
            return
        if not settings.webhook_urls:
            self.carried.without_address += len(items)
            return
        self._rng.shuffle(items)
        self.carried.items += len(items)
        body = bodies(items, settings.waba_id, self._rng, int(self._world.now_s()))
        self._send(body, settings)

    def _send(self, body: bytes, settings: PracticeSettings) -> None:
        signed = signature(body, settings.app_secret)
        for url in settings.webhook_urls:
            self._letters.put_nowait(Letter(url, body, signed))
        self._start_carriers(settings)

    async def _carry(self) -> None:
        while not self._letters.empty():
            letter = self._letters.get_nowait()
            self._flying += 1
            try:
                delivered = await self._post(letter)
            finally:
                self._flying -= 1
            if not delivered:
                self._again(letter)

    async def _post(self, letter: Letter) -> bool:
        self.carried.posts += 1
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": letter.signature}
        try:
            answer = await self._client.post(letter.url).headers(headers).body_bytes(letter.body).build().send()
        except PyreqwestError:
            self.carried.unreachable += 1
            return False
        if answer.status == 200:
            self.carried.answered_200 += 1
            return True
        self.carried.not_200 += 1
        return False

    def _again(self, letter: Letter) -> None:
        """Meta tries again with decreasing frequency for days; here the pauses double up to a settable length."""
        settings = self._world.settings
        pause_ms = min(settings.retry_first_ms * 2**letter.attempt, settings.retry_most_ms)
        self._retrying += 1
        self._diary.after(pause_ms / 1000, self._retry, letter._replace(attempt=min(letter.attempt + 1, 30)))

    def _retry(self, letter: Letter) -> None:
        self._retrying -= 1
        settings = self._world.settings
        if letter.url not in settings.webhook_urls:  # the address was changed: what waits goes to the new one
            if not settings.webhook_urls:
                self.carried.without_address += 1
                return
            letter = letter._replace(url=settings.webhook_urls[0])
        self._letters.put_nowait(letter)
        self._start_carriers(settings)

    def _start_carriers(self, settings: PracticeSettings) -> None:
        while len(self._carriers) < min(settings.posts_in_flight, self._letters.qsize()):
            carrier = asyncio.ensure_future(self._carry())
            self._carriers.add(carrier)
            carrier.add_done_callback(self._carriers.discard)

    def visit(self, url: str, headers: dict[str, str]) -> None:
        """A person's telephone opens a link; what the page answers is of no interest."""
        visit = asyncio.ensure_future(self._visit(url, headers))
        self._visits.add(visit)
        visit.add_done_callback(self._visits.discard)

    async def _visit(self, url: str, headers: dict[str, str]) -> None:
        try:
            await self._client.get(url).headers(headers).build().send()
        except PyreqwestError:
            self.carried.unreachable += 1

    async def close(self) -> None:
        under_way = [*self._carriers, *self._visits]
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        await self._client.close()
