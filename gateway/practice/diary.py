"""What is to happen later: statuses, replies, reviews. One heap and one timer, however many things wait."""

from __future__ import annotations

import asyncio
import heapq
import math
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
        self._wakes_at = math.inf

    def __len__(self) -> int:
        return len(self._entries)

    def after(self, delay_s: float, act: Callable[[Any], None], what: Any) -> None:
        due = self._loop.time() + delay_s
        heapq.heappush(self._entries, (due, next(self._order), act, what))
        if due < self._wakes_at:
            self._wake_at(due)

    def _wake_at(self, due: float) -> None:
        """Set the timer, at least a tick ahead: what falls due within one tick is done together."""
        if self._timer is not None:
            self._timer.cancel()
        wait_s = max(due - self._loop.time(), TICK_S)
        self._wakes_at = self._loop.time() + wait_s
        self._timer = self._loop.call_later(wait_s, self._tick)

    def _tick(self) -> None:
        now = self._loop.time()
        entries = self._entries
        self._wakes_at = 0.0  # what is entered meanwhile needs no timer of its own: one is set below
        while entries and entries[0][0] <= now:
            _, _, act, what = heapq.heappop(entries)
            act(what)
        self._timer, self._wakes_at = None, math.inf
        if entries:
            self._wake_at(entries[0][0])
