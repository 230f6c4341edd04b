"""What is to happen later: statuses, replies, reviews. One heap and one timer, however many things wait."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from itertools import count
from typing import Any

TICK_S = 0.005


class Diary:
    """Calls `act(what)` once its delay in seconds has passed, by moment, then by order of entry."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._entries: list[tuple[float, int, Callable[[Any], None], Any]] = []
        self._order = count()
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._entries)

    def after(self, delay_s: float, act: Callable[[Any], None], what: Any) -> None:
        heapq.heappush(self._entries, (self._loop.time() + delay_s, next(self._order), act, what))
        if self._timer is None:
            self._timer = self._loop.call_later(TICK_S, self._tick)

    def _tick(self) -> None:
        now = self._loop.time()
        entries = self._entries
        while entries and entries[0][0] <= now:
            _, _, act, what = heapq.heappop(entries)
            act(what)
        self._timer = self._loop.call_later(TICK_S, self._tick) if entries else None
