"""Signed webhooks for benches, and two ways to post them: as fast as the server answers, or by the clock.

`wrk` drives where it is installed (Debian package `wrk`); else a loop of ours, which costs more of the machine.
"""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import uvloop

from gateway.whatsapp.signature import sign
from tests.bench.measuring import quantile
from tests.given import NUMBER_ID

SECRET = "bench-secret"
DIFFERENT_BODIES = 500
_ROOT = Path(__file__).parents[2]


def status_item(row: int, status: str = "delivered", at: int = 1_795_518_000) -> dict[str, Any]:
    """One status as Meta sends it for a template, some 700 bytes with its envelope."""
    return {
        "id": f"wamid.{row}",
        "status": status,
        "timestamp": str(at),
        "recipient_id": f"90555{row:07}",
        "recipient_user_id": f"TR.{row:015}",
        "biz_opaque_callback_data": str(row),
        "pricing": {"billable": True, "pricing_model": "PMP", "category": "marketing", "type": "regular"},
    }


def body_of(items: Sequence[dict[str, Any]]) -> bytes:
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "12025550143", "phone_number_id": NUMBER_ID},
        "contacts": [{"profile": {"name": "Ayşe"}, "wa_id": items[0]["recipient_id"]}],
        "statuses": list(items),
    }
    entry = {"id": "102290129340398", "changes": [{"value": value, "field": "messages"}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}, separators=(",", ":")).encode()


def request_of(body: bytes) -> bytes:
    """The whole request, as it goes over the wire."""
    head = (
        "POST /webhook HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"X-Hub-Signature-256: {sign(body, SECRET)}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def requests_of(statuses_each: int, different: int = DIFFERENT_BODIES) -> list[bytes]:
    """Requests that differ, each with this many statuses."""
    rows = (range(n * statuses_each + 1, (n + 1) * statuses_each + 1) for n in range(different))
    return [request_of(body_of([status_item(row) for row in each])) for each in rows]


@dataclass
class Posted:
    """What a driver saw. Latencies are in milliseconds, counted from the moment a request was due."""

    driver: str
    answered: int
    seconds: float
    refused: int = 0
    latencies_ms: list[float] = field(default_factory=list, repr=False)
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    longest_ms: float = 0.0

    @property
    def per_second(self) -> float:
        return round(self.answered / self.seconds, 1) if self.seconds else 0.0

    def measured(self) -> Posted:
        ordered = sorted(self.latencies_ms)
        if ordered:
            self.p50_ms, self.p99_ms = round(quantile(ordered, 0.5), 2), round(quantile(ordered, 0.99), 2)
            self.longest_ms = round(ordered[-1], 1)
        return self


def fast(port: int, requests: Sequence[bytes], seconds: float, folder: Path, connections: int = 64) -> Posted:
    """As many as the server answers, over this many connections, from the machine's last core."""
    if shutil.which("wrk"):
        return _by_wrk(port, requests, seconds, folder, connections)
    return by_clock(port, requests, seconds, folder, rate=0, connections=connections)


_LUA = """
local requests = {}
local file = assert(io.open(%s, "rb"))
while true do
  local length = file:read(8)
  if not length then break end
  requests[#requests + 1] = file:read(tonumber(length))
end
local n = 0
request = function()
  n = n %% #requests + 1
  return requests[n]
end
"""


def _packed(requests: Sequence[bytes], path: Path) -> Path:
    path.write_bytes(b"".join(b"%08d" % len(request) + request for request in requests))
    return path


def _unpacked(path: Path) -> list[bytes]:
    held, found = path.read_bytes(), []
    at = 0
    while at < len(held):
        length = int(held[at : at + 8])
        found.append(held[at + 8 : at + 8 + length])
        at += 8 + length
    return found


def _by_wrk(port: int, requests: Sequence[bytes], seconds: float, folder: Path, connections: int) -> Posted:
    script = folder / "requests.lua"
    script.write_text(_LUA % json.dumps(str(_packed(requests, folder / "requests.bin"))))
    asked = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "--timeout", "30s", "--latency", "-s", str(script)]
    process = subprocess.Popen([*asked, f"http://127.0.0.1:{port}/webhook"], stdout=subprocess.PIPE, text=True)
    on_last_core(process.pid)
    told, _ = process.communicate(timeout=seconds + 60)
    count, took = re.search(r"(\d+) requests in ([\d.]+)(m?s)", told), _latency(told, "50%")
    if count is None:
        raise RuntimeError(f"wrk said nothing that can be read:\n{told}")
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
    failed = re.search(r"Socket errors: (.*)", told)
    if failed:
        raise RuntimeError(f"wrk met errors: {failed[1]}")
    return Posted(
        "wrk",
        int(count[1]) - (int(refused[1]) if refused else 0),
        float(count[2]) / (1000 if count[3] == "ms" else 1),
        int(refused[1]) if refused else 0,
        p50_ms=took,
        p99_ms=_latency(told, "99%"),
    )


def _latency(told: str, share: str) -> float:
    found = re.search(rf"{share}\s+([\d.]+)(us|ms|s|m)\b", told)
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}[found[2]] if found else 0.0


def on_last_core(pid: int) -> None:
    """Where there are several cores, the driver has one to itself."""
    cores = psutil.Process().cpu_affinity() or [0]
    psutil.Process(pid).cpu_affinity(cores[-1:])


def by_clock(
    port: int, requests: Sequence[bytes], seconds: float, folder: Path, rate: float, connections: int = 64
) -> Posted:
    """So many a second, each counted from the moment it was due; as fast as answered when `rate` is 0."""
    path, told = _packed(requests, folder / "requests.bin"), folder / "posted.json"
    command = [sys.executable, "-m", "tests.bench.webhook_load", str(port), str(path), str(seconds), str(rate)]
    subprocess.run([*command, str(connections), str(told)], cwd=_ROOT, check=True, timeout=seconds + 120)
    return Posted(**json.loads(told.read_text())).measured()


class _Line(asyncio.Protocol):
    """One connection: one request under way at a time."""

    def __init__(self, post: _Posting) -> None:
        self.post = post
        self.due = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        self.post.idle.append(self)

    def data_received(self, data: bytes) -> None:
        self.post.answered(self, data.startswith(b"HTTP/1.1 200"))

    def connection_lost(self, problem: Exception | None) -> None:
        self.post.lost += 1


class _Posting:
    def __init__(self, requests: Sequence[bytes], rate: float, until: float) -> None:
        self.requests, self.rate, self.until = requests, rate, until
        self.idle: list[_Line] = []
        self.waiting: list[float] = []
        self.latencies: list[float] = []
        self.refused = self.lost = self.number = 0

    def send(self, line: _Line, due: float) -> None:
        line.due = due
        self.number += 1
        line.transport.write(self.requests[self.number % len(self.requests)])

    def answered(self, line: _Line, well: bool) -> None:
        now = time.perf_counter()
        if well:
            self.latencies.append((now - line.due) * 1000)
        else:
            self.refused += 1
        if not self.rate and now < self.until:
            self.send(line, now)
        elif self.waiting:
            self.send(line, self.waiting.pop(0))
        else:
            self.idle.append(line)

    async def pace(self) -> None:
        began, due_next = time.perf_counter(), 0
        while (now := time.perf_counter()) < self.until:
            while began + due_next / self.rate <= now:
                self._fall_due(began + due_next / self.rate)
                due_next += 1
            await asyncio.sleep(0.0005)

    def _fall_due(self, due: float) -> None:
        if self.idle:
            self.send(self.idle.pop(), due)
        else:
            self.waiting.append(due)

    async def flood(self) -> None:
        for line in self.idle[:]:
            self.idle.remove(line)
            self.send(line, time.perf_counter())
        await asyncio.sleep(max(0.0, self.until - time.perf_counter()))


async def _post(port: int, requests: Sequence[bytes], seconds: float, rate: float, connections: int) -> Posted:
    posting, loop = _Posting(requests, rate, float("inf")), asyncio.get_running_loop()
    for _ in range(connections):
        await loop.create_connection(lambda: _Line(posting), "127.0.0.1", port)
    began = time.perf_counter()
    posting.until = began + seconds
    await (posting.pace() if rate else posting.flood())
    ended = time.perf_counter()
    while len(posting.idle) < connections and time.perf_counter() < ended + 20 and not posting.lost:
        await asyncio.sleep(0.01)
    unanswered = connections - len(posting.idle) + len(posting.waiting)
    took = time.perf_counter() - began if unanswered else ended - began
    return Posted(
        "a loop of ours", len(posting.latencies), took, posting.refused + unanswered, latencies_ms=posting.latencies
    )


def main(port: str, path: str, seconds: str, rate: str, connections: str, told: str) -> None:
    """In a process of its own: what was seen goes to a file."""
    posted = uvloop.run(_post(int(port), _unpacked(Path(path)), float(seconds), float(rate), int(connections)))
    Path(told).write_text(json.dumps({name: getattr(posted, name) for name in posted.__dataclass_fields__}))


if __name__ == "__main__":
    main(*sys.argv[1:])
