"""A bare sink in a process of its own: takes every POST, answers as Meta would after a fixed latency, and counts.

It checks nothing, so what it takes a second is the ceiling of any sender on this machine. Everything that is not a
POST is answered 503: a worker then keeps the pace that its database says.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop

TICK_SECONDS = 0.002
_ROOT = Path(__file__).parents[2]


class Sink:
    def __init__(self, latency_seconds: float) -> None:
        self.latency = latency_seconds
        self.taken = 0
        self._due: deque[tuple[float, Any, bytes]] = deque()

    def later(self, transport: Any, answer: bytes) -> None:
        self._due.append((asyncio.get_running_loop().time() + self.latency, transport, answer))

    async def answer_all(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            now = loop.time()
            while self._due and self._due[0][0] <= now:
                _, transport, answer = self._due.popleft()
                transport.write(answer)
            await asyncio.sleep(TICK_SECONDS)


class Connection(asyncio.Protocol):
    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self._held += data
        while (end := self._held.find(b"\r\n\r\n")) >= 0:
            head = self._held[:end].lower()
            _, found, length = head.partition(b"content-length:")
            size = int(length.split(b"\r\n", 1)[0]) if found else 0
            if len(self._held) < end + 4 + size:
                return
            self._held = self._held[end + 4 + size :]
            self._take(head)

    def _take(self, head: bytes) -> None:
        if not head.startswith(b"post"):
            count = str(self._sink.taken).encode()
            status = b"200 OK" if b"/taken" in head else b"503 Service Unavailable"
            self._transport.write(b"HTTP/1.1 %s\r\ncontent-length: %d\r\n\r\n%s" % (status, len(count), count))
            return
        self._sink.taken += 1
        body = (
            b'{"messaging_product":"whatsapp","contacts":[{"input":"1","wa_id":"1"}],'
            b'"messages":[{"id":"wamid.sink%d","message_status":"accepted"}]}' % self._sink.taken
        )
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
        self._sink.later(self._transport, head + body)


@dataclass(frozen=True, slots=True)
class RunningSink:
    url: str
    pid: int


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
