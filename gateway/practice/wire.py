"""HTTP/1.1 as little as the practice world needs, without a framework: it must carry thousands of requests a second on
one core, and it must be able to do what no framework allows: accept and then hang up, or never answer.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from collections.abc import Callable
from enum import StrEnum
from functools import cache
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote

HEAD_BYTES_MAX = 32 * 1024
BODY_BYTES_MAX = 32 * 1024 * 1024
REASONS = {status.value: status.phrase for status in HTTPStatus}


class Ending(StrEnum):
    """How a request ends for its sender: an answer, a closed connection without one, or nothing at all."""

    REPLY = "reply"
    DROP = "drop"
    SILENCE = "silence"


class Request(NamedTuple):  # a NamedTuple, not a dataclass: one is made for every request, and it costs a third
    method: str
    path: str
    query: str
    head: bytes
    body: bytes
    late_s: float = 0.0  # since it arrived on this machine

    def header(self, name: bytes) -> bytes:
        """A header's value, or nothing. `name` in lower case."""
        found = _header(name).search(self.head)
        return found.group(1).rstrip() if found else b""

    def parameters(self) -> dict[str, str]:
        return dict(parse_qsl(self.query, keep_blank_values=True))


@cache
def _header(name: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"\r\n" + re.escape(name) + rb":[ \t]*([^\r]*)", re.IGNORECASE)


class Answer(NamedTuple):
    status: int
    body: bytes
    ending: Ending = Ending.REPLY
    after_s: float = 0.0
    head: bytes = b""  # further lines, each ended


class BadRequest(Exception):
    """What arrived is not HTTP that can be read."""


_SINCE_LAST_DATA = 52  # where tcpi_last_data_recv lies in Linux's struct tcp_info, in milliseconds
_INFO_BYTES = _SINCE_LAST_DATA + 4


TELLS_FROM_MS = 8
"""Two of the kernel's usual ticks: it counts in those, so that one may be none."""


def waited_s(line: socket.socket | None) -> float:
    """Seconds since the last bytes on this line arrived, as far as the kernel's ticks tell; 0 where it does not say.

    A process that shares two cores gets to read late, at times by tens of milliseconds.
    """
    if line is None or not hasattr(socket, "TCP_INFO"):
        return 0.0
    info = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO_BYTES)
    waited_ms: int = struct.unpack_from("I", info, _SINCE_LAST_DATA)[0] if len(info) == _INFO_BYTES else 0
    return waited_ms / 1000 if waited_ms >= TELLS_FROM_MS else 0.0


class Connection(asyncio.Protocol):
    """One client. Requests on it are answered one after the other, in order."""

    __slots__ = ("_answering", "_buffer", "_closing", "_handle", "_late_s", "_loop", "_transport")

    def __init__(self, handle: Callable[[Request], Answer], loop: asyncio.AbstractEventLoop) -> None:
        self._handle = handle
        self._loop = loop
        self._buffer = bytearray()
        self._answering = False
        self._closing = False
        self._late_s = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a TCP server only makes asyncio.Transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._transport is not None:
            self._late_s = waited_s(self._transport.get_extra_info("socket"))
        if not self._answering:
            self._next()

    def _next(self) -> None:
        while not self._answering and self._transport is not None:
            try:
                taken = take_request(self._buffer)
            except BadRequest as problem:
                self._closing = True
                self._write(400, str(problem).encode())
                self._transport = None  # what follows on this line cannot be trusted either
                return
            if taken is None:
                self._continue()
                return
            self._answer(taken)

    def _continue(self) -> None:
        if b"100-continue" in self._buffer[:HEAD_BYTES_MAX] and self._buffer.endswith(b"\r\n\r\n"):
            assert self._transport is not None
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _answer(self, request: Request) -> None:
        self._closing = request.header(b"connection").lower() == b"close"
        answer = self._handle(request._replace(late_s=self._late_s) if self._late_s else request)
        if answer.after_s > 0 or answer.ending is Ending.SILENCE:
            self._answering = True
            if answer.ending is not Ending.SILENCE:
                self._loop.call_later(answer.after_s, self._end_later, answer)
        else:
            self._end(answer)

    def _end_later(self, answer: Answer) -> None:
        self._answering = False
        self._end(answer)
        self._next()

    def _end(self, answer: Answer) -> None:
        if answer.ending is Ending.REPLY:
            self._write(answer.status, answer.body, answer.head)
        elif self._transport is not None:
            self._transport.abort()
            self._transport = None

    def _write(self, status: int, body: bytes, head: bytes = b"") -> None:
        if self._transport is None:
            return
        self._transport.write(
            b"HTTP/1.1 %d %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n%s\r\n%s"
            % (status, REASONS.get(status, "").encode(), len(body), head, body)
        )
        if self._closing:
            self._transport.close()


def take_request(buffer: bytearray) -> Request | None:
    """Take one whole request off the front of the buffer, or return None until more has come.

    Raises BadRequest in words when it never can be read.
    """
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        if len(buffer) > HEAD_BYTES_MAX:
            raise BadRequest("the request's head is too long")
        return None
    head = bytes(buffer[: end + 2])
    taken = _body(buffer, head, end + 4)
    if taken is None:
        return None
    body, used = taken
    del buffer[:used]
    return _request(head, body)


def _request(head: bytes, body: bytes) -> Request:
    try:
        method, target, _version = head[: head.index(b"\r\n")].decode("ascii").split(" ")
    except ValueError:
        raise BadRequest("the request's first line is not HTTP") from None
    path, _, query = target.partition("?")
    return Request(method, unquote(path) if "%" in path else path, query, head, body)


_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[ \t]*chunked[ \t]*\r\n", re.IGNORECASE)


def _body(buffer: bytearray, head: bytes, start: int) -> tuple[bytes, int] | None:
    if found := _LENGTH.search(head):
        end = start + int(found.group(1))
        if end - start > BODY_BYTES_MAX:
            raise BadRequest("the request's body is too long")
        return (bytes(buffer[start:end]), end) if len(buffer) >= end else None
    if _CHUNKED.search(head):
        return _chunks(buffer, start)
    return b"", start


def _chunks(buffer: bytearray, at: int) -> tuple[bytes, int] | None:
    parts: list[bytes] = []
    while (line := buffer.find(b"\r\n", at)) >= 0:
        try:
            size = int(bytes(buffer[at:line]).split(b";")[0], 16)
        except ValueError:
            raise BadRequest("a chunk's size is not a number") from None
        at = line + 2 + size + 2
        if len(buffer) < at:
            return None
        if size == 0:
            return b"".join(parts), at
        parts.append(bytes(buffer[line + 2 : line + 2 + size]))
        if sum(map(len, parts)) > BODY_BYTES_MAX:
            raise BadRequest("the request's body is too long")
    return None
