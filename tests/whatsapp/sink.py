"""A local HTTP/1.1 sink on loopback that answers like Meta's message endpoint, or misbehaves as told.

`python -m tests.whatsapp.sink PORT [LATENCY_MS]` runs it alone, for measuring a sender against it.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


@dataclass(frozen=True, slots=True)
class Reply:
    """`cut_short`: announce the whole body, send half, and close."""

    status: int = 200
    body: bytes = b"{}"
    cut_short: bool = False
    after_seconds: float = 0.0
    head: bytes = b""  # further lines, each ended

    def wire(self) -> bytes:
        kept = self.body[: len(self.body) // 2] if self.cut_short else self.body
        return b"HTTP/1.1 %d X\r\n%bContent-Length: %d\r\n\r\n" % (self.status, self.head, len(self.body)) + kept


class Drop:
    """Read the request whole, then reset the connection without a word."""


class Stall:
    """Read the request whole and never answer."""


Script = Callable[[Request], Reply | Drop | Stall]


def accepted(request: Request) -> Reply:
    """What Meta says when it takes a message."""
    body = request.json
    contact = {"input": body.get("to") or body.get("recipient")}
    contact |= {"wa_id": body["to"].lstrip("+")} if "to" in body else {"user_id": body["recipient"]}
    sent = {"id": f"wamid.{body.get('biz_opaque_callback_data', '')}"}
    if body["type"] == "template":
        sent["message_status"] = "accepted"
    answer = {"messaging_product": "whatsapp", "contacts": [contact], "messages": [sent]}
    return Reply(body=orjson.dumps(answer))


def refusal(status: int, code: int, details: str = "", **more: Any) -> Reply:
    error = {"message": f"(#{code}) x", "type": "OAuthException", "code": code, "fbtrace_id": "T1"} | more
    if details:
        error["error_data"] = {"messaging_product": "whatsapp", "details": details}
    return Reply(status, orjson.dumps({"error": error}))


@dataclass
class Sink:
    script: Script
    port: int = 0
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    open: set[asyncio.Transport] = field(default_factory=set)

    def url(self, scheme: str = "http") -> str:
        return f"{scheme}://localhost:{self.port}"


class _Connection(asyncio.Protocol):
    def __init__(self, sink: Sink) -> None:
        self._sink, self._buffer = sink, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._sink.connections += 1
        self._sink.open.add(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._sink.open.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (request := self._next()) is not None:
            self._sink.requests.append(request)
            self._answer(self._sink.script(request))

    def _next(self) -> Request | None:
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return None
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        length = int(headers.get("content-length", "0"))
        if len(rest) < length:
            return None
        self._buffer = rest[length:]
        method, target, _ = first.split(" ")
        return Request(method, target, headers, rest[:length])

    def _answer(self, answer: Reply | Drop | Stall) -> None:
        match answer:
            case Drop():
                self._transport.abort()
            case Reply() if answer.after_seconds:
                asyncio.get_running_loop().call_later(answer.after_seconds, self._write, answer)
            case Reply():
                self._write(answer)

    def _write(self, reply: Reply) -> None:
        self._transport.write(reply.wire())
        if reply.cut_short:
            self._transport.close()


@asynccontextmanager
async def listening(script: Script, *, tls: ssl.SSLContext | None = None, port: int = 0) -> AsyncIterator[Sink]:
    sink = Sink(script)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(sink), "localhost", port, ssl=tls, backlog=2048)
    sink.port = server.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        server.close()
        for transport in list(sink.open):
            transport.abort()
        await server.wait_closed()


def with_sink(script: Script, talk: Callable[[Sink], Awaitable[None]], *, tls: ssl.SSLContext | None = None) -> Sink:
    """Run `talk` against a fresh sink to its end, and give the sink back with all that it received."""

    async def run() -> Sink:
        async with listening(script, tls=tls) as sink:
            await talk(sink)
        return sink

    return asyncio.run(run())


async def _serve(port: int, latency_seconds: float) -> None:
    received = 0

    def answer(request: Request) -> Reply:
        nonlocal received
        received += 1
        return Reply(body=accepted(request).body, after_seconds=latency_seconds)

    async with listening(answer, port=port) as sink:
        while True:
            await asyncio.sleep(1)
            print(f"received {received}, connections {sink.connections}", flush=True)
            sink.requests.clear()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), float((sys.argv[2:] or ["0"])[0]) / 1000))
