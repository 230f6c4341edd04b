"""How many sends a second one practice world takes on one core.

    python -m tests.practice.load [--sends 30000] [--in-flight 64] [--cores 0,1]

The world runs on the first core, this client on the second; statuses go to a sink in this client's process.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import time
from typing import Any

import uvloop
from pyreqwest.client import Client, ClientBuilder

from gateway.practice import Number, PracticeSettings, RunningPractice, running

NUMBER = Number(throughput=1_000_000)
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


def body(sequence: int) -> bytes:
    return json.dumps(
        {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": f"90555{sequence:07d}",
            "type": "template",
            "biz_opaque_callback_data": str(sequence),
            "template": {
                "name": "spring_offer",
                "language": {"code": "tr"},
                "components": [
                    {"type": "HEADER", "parameters": [_named("season", "Bahar")]},
                    {"type": "BODY", "parameters": [_named("first_name", "Ada"), _named("store", "Moda")]},
                    {"type": "button", "sub_type": "URL", "index": 0, "parameters": [_text(f"t{sequence}")]},
                ],
            },
        }
    ).encode()


def _text(said: str) -> dict[str, str]:
    return {"type": "text", "text": said}


def _named(name: str, said: str) -> dict[str, str]:
    return _text(said) | {"parameter_name": name}


class Sink(asyncio.Protocol):
    """Takes webhooks and answers 200 to each; counts bytes only."""

    def __init__(self) -> None:
        self._wanted = 0
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self._held += data
        while (end := self._held.find(b"\r\n\r\n")) >= 0:
            length = int(self._held[:end].lower().split(b"content-length:")[1].split(b"\r\n")[0])
            if len(self._held) < end + 4 + length:
                return
            self._held = self._held[end + 4 + length :]
            self._transport.write(OK)


async def send_all(client: Client, world: RunningPractice, sends: int, in_flight: int) -> float:
    """Seconds that all sends took."""
    url = f"{world.base_url}/v26.0/{NUMBER.id}/messages"
    headers = {"Authorization": f"Bearer {world.settings.token}", "Content-Type": "application/json"}
    sequences = iter(range(sends))
    bodies = [body(sequence) for sequence in range(sends)]

    async def sender() -> None:
        for sequence in sequences:
            answer = await client.post(url).headers(headers).body_bytes(bodies[sequence]).build().send()
            if answer.status != 200:
                raise RuntimeError(await answer.text())

    began = time.perf_counter()
    await asyncio.gather(*(sender() for _ in range(in_flight)))
    return time.perf_counter() - began


def cpu_seconds(pid: int) -> float:
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measure(asked: argparse.Namespace) -> dict[str, Any]:
    cores = [int(core) for core in asked.cores.split(",")]
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    sink = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/webhook"
    urls = (sink,) if asked.webhooks else ()
    settings = PracticeSettings(numbers=(NUMBER,), webhook_urls=urls, pair_limit=False)
    with running(settings) as world:
        os.sched_setaffinity(world.process.pid, {cores[0]})
        os.sched_setaffinity(0, {cores[-1]})
        client = ClientBuilder().http1_only().build()
        before = cpu_seconds(world.process.pid)
        seconds = await send_all(client, world, asked.sends, asked.in_flight)
        cpu = cpu_seconds(world.process.pid) - before
        totals = await asyncio.to_thread(world.get, "received")
        await asyncio.to_thread(world.wait_until_quiet, 60)
        cpu_to_the_end = cpu_seconds(world.process.pid) - before
        carried = await asyncio.to_thread(world.get, "received")
        await client.close()
    server.close()
    return {
        "sends": totals["accepted"],
        "sends_per_second": round(asked.sends / seconds),
        "sends_per_cpu_second": round(asked.sends / cpu),
        "seconds": round(seconds, 2),
        "cpu_us_per_send_with_its_webhooks": round(cpu_to_the_end / asked.sends * 1e6),
        "cpu_share_while_sending": round(cpu / seconds, 2),
        "webhook_items": carried["webhooks"]["items"],
        "webhook_posts": carried["webhooks"]["posts"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Sends a second of one practice world on one core.")
    parser.add_argument("--sends", type=int, default=30_000)
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--cores", default="0,1")
    parser.add_argument("--no-webhooks", dest="webhooks", action="store_false")
    print(json.dumps(uvloop.run(measure(parser.parse_args()))))


if __name__ == "__main__":
    main()
