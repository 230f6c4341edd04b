"""One commit for everybody who waits for one: on threads, or on an event loop.

A commit costs the same for one body as for a hundred, so under load the disk is asked once for all of them.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")
Told = Callable[[BaseException | None], object]
"""Hears what came of it: None, or what the commit raised for this one."""


class GroupCommit(Generic[T]):
    """One thread that commits what is waiting in one transaction, and tells each who waits.

    Where a commit of several fails, each is committed alone, unless `hopeless` says of the problem that this is vain.
    """

    def __init__(
        self, commit: Callable[[Sequence[T]], None], name: str, hopeless: Callable[[BaseException], bool]
    ) -> None:
        self._commit_all, self._hopeless = commit, hopeless
        self._waiting: SimpleQueue[tuple[T, Told]] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._starting = threading.Lock()

    def submit(self, one: T, told: Told) -> None:
        """Returns at once; `told` is called in the committing thread."""
        if self._thread.ident is None:
            self._start()
        self._waiting.put((one, told))

    def keep(self, one: T) -> None:
        """Committed when it returns. Raises what the commit raised for this one."""
        settled: SimpleQueue[BaseException | None] = SimpleQueue()
        self.submit(one, settled.put)
        if (problem := settled.get()) is not None:
            raise problem

    def _start(self) -> None:
        with self._starting:
            if self._thread.ident is None:
                self._thread.start()

    def _run(self) -> None:
        while True:
            batch = [self._waiting.get()]
            with suppress(Empty):
                while True:
                    batch.append(self._waiting.get_nowait())
            self._commit(batch)

    def _commit(self, batch: Sequence[tuple[T, Told]]) -> None:
        problem: BaseException | None = None
        try:
            self._commit_all([one for one, _ in batch])
        except BaseException as met:  # each waiting request must hear of it
            if len(batch) > 1 and not self._hopeless(met):
                for alone in batch:  # one of them broke it: the others must not share its fate
                    self._commit([alone])
                return
            problem = met
        for _, told in batch:
            told(problem)


class Hearing:
    """Brings to an event loop what committing threads tell: a whole group wakes the loop once.

    A thread for each waiting request would take the interpreter from the others twice for each of them.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._told: deque[tuple[asyncio.Future[None], BaseException | None]] = deque()
        self._woken = False

    async def kept(self, group: GroupCommit[T], one: T) -> None:
        """As `group.keep(one)`, for a coroutine of this loop."""
        settled: asyncio.Future[None] = self._loop.create_future()
        group.submit(one, lambda problem: self._tell(settled, problem))
        await settled

    def _tell(self, settled: asyncio.Future[None], problem: BaseException | None) -> None:
        self._told.append((settled, problem))
        if not self._woken:
            self._woken = True
            with suppress(RuntimeError):  # the loop was closed meanwhile: nobody waits any more
                self._loop.call_soon_threadsafe(self._settle)

    def _settle(self) -> None:
        self._woken = False  # first: what is told from here on wakes the loop anew
        while self._told:
            settled, problem = self._told.popleft()
            if settled.done():
                continue  # its request was given up
            if problem is None:
                settled.set_result(None)
            else:
                settled.set_exception(problem)
