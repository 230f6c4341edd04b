"""A bare sink in a process of its own: takes every POST, answers as Meta would after a fixed latency, and counts.

It checks nothing, so what it takes a second is the ceiling of any sender on this machine. Everything that is not a
POST is answered 503: a worker then keeps the pace that its database says.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import uvloop

TICK_SECONDS = 0.002
_ROOT = Path(__file__).parents[2]
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_BODY = (
    b'{"messaging_product":"whatsapp","contacts":[{"input":"1","wa_id":"1"}],'
    b'"messages":[{"id":"wamid.sink%012d","message_status":"accepted"}]}'
)
_ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(_BODY % 0), _BODY)
"""Written once but for the number of the message: what the sink spends, the sender beside it on two cores has not."""


class Sink:
    """What came, and when the first and the last of it did since somebody asked (seconds since 1970)."""

    def __init__(self, latency_seconds: float) -> None:
        self.latency = latency_seconds
        self.taken = 0
        self.first = self.last = 0.0
        self._due: deque[tuple[float, Any, bytes]] = deque()

    def take(self, transport: Any) -> None:
        self.taken += 1
        self.last = now = time.time()
        self.first = self.first or now
        self._due.append((now + self.latency, transport, _ANSWER % self.taken))

    def tell(self) -> bytes:
        told = json.dumps({"taken": self.taken, "first": self.first, "last": self.last}).encode()
        self.first = 0.0
        return told

    async def answer_all(self) -> None:
        due = self._due
        while True:
            now = time.time()
            while due and due[0][0] <= now:
                _, transport, answer = due.popleft()
                if not transport.is_closing():
                    transport.write(answer)
            await asyncio.sleep(TICK_SECONDS)


class Connection(asyncio.Protocol):
    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        held = self._held + data if self._held else data
        while (end := held.find(b"\r\n\r\n")) >= 0:
            found = _LENGTH.search(held, 0, end)
            whole = end + 4 + (int(found[1]) if found else 0)
            if len(held) < whole:
                break
            if held.startswith(b"POST"):
                self._sink.take(self._transport)
            else:
                self._transport.write(self._told(held[:end]))
            held = held[whole:]
        self._held = held

    def _told(self, head: bytes) -> bytes:
        told = self._sink.tell() if b"/taken" in head else b""
        status = b"200 OK" if told else b"503 Service Unavailable"
        return b"HTTP/1.1 %b\r\ncontent-length: %d\r\n\r\n%b" % (status, len(told), told)


@dataclass(frozen=True, slots=True)
class Taken:
    """How many messages the sink has taken in all, and when the first and the last since it was last asked."""

    count: int
    first: float
    last: float


@dataclass(frozen=True, slots=True)
class RunningSink:
    url: str
    pid: int

    def taken(self) -> Taken:
        with urlopen(f"{self.url}/taken") as answer:
            told = json.load(answer)
        return Taken(told["taken"], told["first"], told["last"])


@contextmanager
def running_sink(latency_ms: int = 100) -> Iterator[RunningSink]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.sink", str(latency_ms)], stdout=subprocess.PIPE, cwd=_ROOT
    )
    assert process.stdout is not None
    try:
        yield RunningSink(f"http://127.0.0.1:{int(process.stdout.readline())}", process.pid)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


async def serve(latency_ms: int) -> None:
    sink = Sink(latency_ms / 1000)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(sink), "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await sink.answer_all()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
