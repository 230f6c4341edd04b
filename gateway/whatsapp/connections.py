"""Kept HTTP/1.1 connections to one place, for requests that are written in one piece.

A client of its own because a general one costs several times the rest of a message: no request objects, no streams,
no second thread that hands answers over. One answer at a time on a connection; nothing is ever written twice.

An error tells whether anything was written. `NotSent`: nothing left, trying again cannot write twice.
`OutcomeUnknown`: Meta may have it, and the Cloud API has no idempotency key.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import deque
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, cast

import httpx

from gateway.whatsapp.answers import Answered, NotHttp, read_answer


class NotSent(httpx.RequestError):
    """The connection could not be made, verified or had from the pool in time; no byte of the request left."""


class OutcomeUnknown(httpx.RequestError):
    """The request was at least begun and its answer did not arrive whole."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where requests go. `trusted` verifies the server's certificate; None for plain HTTP."""

    host: str
    port: int
    trusted: ssl.SSLContext | None


@dataclass(frozen=True, slots=True)
class Limits:
    """`connect_seconds` bounds the wait for a connection, `answer_seconds` all of a request."""

    connections_max: int
    connect_seconds: float
    answer_seconds: float
    idle_seconds: float


class Line(asyncio.Protocol):
    """One connection. It carries one request at a time, and is not used again after anything unexpected."""

    __slots__ = ("_answer", "_held", "_lines", "_transport", "deadline", "free_since")

    def __init__(self, lines: Connections) -> None:
        self._lines = lines
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Answered] | None = None
        self._held = b""
        self.free_since = 0.0
        self.deadline = 0.0

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    @property
    def is_busy(self) -> bool:
        return self._answer is not None

    def ask(self, request: bytes, answer: asyncio.Future[Answered], deadline: float) -> None:
        assert self._transport is not None
        self._answer, self.deadline = answer, deadline
        self._transport.write(request)

    def drop(self, why: str) -> None:
        self._fail(why)
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._answer is None:
            self.drop("")  # nobody asked: a server that gives the connection up says so like this
            return
        self._held = self._held + data if self._held else data
        self._read(ended=False)

    def eof_received(self) -> None:
        if self._answer is not None:
            self._read(ended=True)

    def connection_lost(self, error: Exception | None) -> None:
        self._lines.forget(self)
        self._fail(f"the connection was lost ({type(error).__name__})" if error else "the connection was closed")

    def _read(self, *, ended: bool) -> None:
        try:
            answered = read_answer(self._held, ended=ended)
        except NotHttp as problem:
            self.drop(str(problem))
            return
        if answered is None:
            return
        answer, self._answer, self._held = self._answer, None, b""
        if answered.keeps:
            self._lines.give_back(self)
        else:
            self.drop("")
        if answer is not None and not answer.done():  # done: whoever asked was cancelled
            answer.set_result(answered)

    def _fail(self, why: str) -> None:
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_exception(OutcomeUnknown(why))


@dataclass(slots=True)
class Connections:
    """The connections to one place. For use inside one event loop."""

    place: Place
    limits: Limits
    waiting: int = 0
    """Requests of which nothing is written yet, because no connection was free."""
    _free: deque[Line] = field(default_factory=deque)
    _lines: set[Line] = field(default_factory=set)
    _opening: int = 0
    _queue: deque[asyncio.Future[None]] = field(default_factory=deque)
    _sweep: asyncio.TimerHandle | None = None

    def ask(self, request: bytes) -> Awaitable[Answered]:
        """Write one request; its answer is awaited. Raises NotSent or OutcomeUnknown when it is.

        Over a connection that is free it is written at once: a plain future is the cheapest thing to wait for.
        """
        loop = asyncio.get_running_loop()
        line = self._kept(now := loop.time())
        if line is None:
            return self._ask_later(request, now)
        answer: asyncio.Future[Answered] = loop.create_future()
        line.ask(request, answer, now + self.limits.answer_seconds)
        return answer

    async def make_ready(self, connections: int) -> None:
        """Dial until there are so many; what cannot be dialled is for whoever asks to hear of."""
        missing = min(connections, self.limits.connections_max) - len(self._lines) - self._opening
        await asyncio.gather(*(self._add_free() for _ in range(missing)))

    async def _add_free(self) -> None:
        with suppress(NotSent, TimeoutError):
            async with asyncio.timeout(self.limits.connect_seconds):
                self.give_back(await self._opened())

    async def _ask_later(self, request: bytes, began: float) -> Answered:
        self.waiting += 1
        try:
            line = await self._connected()
        finally:
            self.waiting -= 1
        answer: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        line.ask(request, answer, began + self.limits.answer_seconds)
        return await answer

    def close(self) -> None:
        """Requests under way end as unknown: let them end first."""
        if self._sweep is not None:
            self._sweep.cancel()
        for line in list(self._lines):
            line.drop("the connection was closed from here")

    def _kept(self, now: float) -> Line | None:
        """The connection used last: what is idle longest is the likeliest to be closed at the other end."""
        while self._free:
            line = self._free.pop()
            if line.is_open and now - line.free_since < self.limits.idle_seconds:
                return line
            line.drop("")
        return None

    def give_back(self, line: Line) -> None:
        line.free_since = asyncio.get_running_loop().time()
        self._free.append(line)
        if self._queue:
            self._wake_one()

    def forget(self, line: Line) -> None:
        self._lines.discard(line)
        self._wake_one()

    def _look_through(self, loop: asyncio.AbstractEventLoop) -> None:
        """Give up what was not answered in time, and close what has long been idle."""
        now = loop.time()
        for line in list(self._lines):
            if line.is_busy and line.deadline <= now:
                line.drop("no answer within the time allowed")
        while self._free and self._free[0].free_since + self.limits.idle_seconds <= now:
            self._free.popleft().drop("")
        self._sweep = loop.call_later(self._patience(), self._look_through, loop) if self._lines else None

    def _patience(self) -> float:
        """Seconds between two looks: a deadline is kept to within a twentieth."""
        return min(self.limits.answer_seconds, self.limits.idle_seconds) / 20

    def _wake_one(self) -> None:
        while self._queue:
            waiting = self._queue.popleft()
            if not waiting.done():
                waiting.set_result(None)
                return

    async def _connected(self) -> Line:
        try:
            async with asyncio.timeout(self.limits.connect_seconds):
                while (line := self._kept(asyncio.get_running_loop().time())) is None:
                    if len(self._lines) + self._opening < self.limits.connections_max:
                        return await self._opened()
                    self._queue.append(waiting := asyncio.get_running_loop().create_future())
                    await waiting
                return line
        except TimeoutError:
            raise NotSent("no connection within the time to connect") from None

    async def _opened(self) -> Line:
        self._opening += 1
        try:
            line = await self._dialled()
        except (OSError, UnicodeError) as error:  # UnicodeError: a host name that no resolver can be asked for
            raise NotSent(_why(error)) from error
        finally:
            self._opening -= 1
            self._wake_one()
        if not line.is_open:
            raise NotSent("the connection was closed as soon as it was made")
        self._lines.add(line)
        if self._sweep is None:
            loop = asyncio.get_running_loop()
            self._sweep = loop.call_later(self._patience(), self._look_through, loop)
        return line

    async def _dialled(self) -> Line:
        """Each address of the host in its order; one that keeps silent costs its share of the time, not all of it."""
        place, loop = self.place, asyncio.get_running_loop()
        found = await loop.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
        if not found:
            raise OSError("the host has no address")
        problem: OSError = OSError()
        for _, _, _, _, address in found:
            try:
                async with asyncio.timeout(self.limits.connect_seconds / len(found)):
                    return await self._dial(loop, address)
            except OSError as error:  # a time-out is one as well
                problem = error
        raise problem

    async def _dial(self, loop: asyncio.AbstractEventLoop, address: Any) -> Line:
        named = None if self.place.trusted is None else self.place.host
        _, line = await loop.create_connection(
            lambda: Line(self), address[0], address[1], ssl=self.place.trusted, server_hostname=named
        )
        return line


def _why(error: Exception) -> str:
    return str(error.args[-1]) if error.args else type(error).__name__
