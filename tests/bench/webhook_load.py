"""Signed webhooks for benches, and two ways to post them: as fast as the server answers, or by the clock.

`wrk` drives where it is installed (Debian package `wrk`); else a loop of ours, which costs more of the machine.
"""

from __future__ import annotations

import gc
import json
import re
import select
import shutil
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from gateway.whatsapp.signature import sign
from tests.bench.measuring import quantile
from tests.given import NUMBER_ID

SECRET = "bench-secret"
DIFFERENT_BODIES = 500
TICK_S = 0.001
PATIENCE_S = 20.0
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


class _Posting:
    """Connections with one request under way each. A bare epoll loop: asyncio's costs three times as much, and the
    driver shares its cores with what it measures."""

    def __init__(self, port: int, requests: Sequence[bytes], connections: int) -> None:
        self.requests = requests
        self.lines = {line.fileno(): line for line in (_connected(port) for _ in range(connections))}
        self.idle = list(self.lines)
        self.due: dict[int, float] = {}
        self.waiting: deque[float] = deque()
        self.latencies: list[float] = []
        self.refused = self.number = 0
        self.poller = select.epoll()
        for number in self.lines:
            self.poller.register(number, select.EPOLLIN)

    def run(self, seconds: float, rate: float) -> float:
        """Returns how many seconds it took; after the end there is some time left for the last answers."""
        began = time.perf_counter()
        until, fallen_due = began + seconds, 0
        while (now := time.perf_counter()) < until or ((self.due or self.waiting) and now < until + PATIENCE_S):
            while rate and began + fallen_due / rate <= min(now, until):
                self.waiting.append(began + fallen_due / rate)
                fallen_due += 1
            if not rate and now < until:
                self.waiting.extend([now] * len(self.idle))
            while self.idle and self.waiting:
                self._send(self.idle.pop(), self.waiting.popleft())
            for number, _ in self.poller.poll(TICK_S):
                self._hear(number)
        return now - began if self.due or self.waiting else seconds

    def _send(self, number: int, due: float) -> None:
        self.due[number] = due
        self.number += 1
        self.lines[number].sendall(self.requests[self.number % len(self.requests)])

    def _hear(self, number: int) -> None:
        answer = self.lines[number].recv(65_536)
        if not answer:
            self.poller.unregister(number)  # the server hung up: the request stays unanswered
        elif answer.startswith(b"HTTP/1.1 200"):
            self.latencies.append((time.perf_counter() - self.due.pop(number)) * 1000)
            self.idle.append(number)
        else:
            self.refused += 1
            del self.due[number]
            self.idle.append(number)


def _connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)


def _post(port: int, requests: Sequence[bytes], seconds: float, rate: float, connections: int) -> Posted:
    posting = _Posting(port, requests, connections)
    took = posting.run(seconds, rate)
    unanswered = len(posting.due) + len(posting.waiting)
    return Posted(
        "a loop of ours", len(posting.latencies), took, posting.refused + unanswered, latencies_ms=posting.latencies
    )


def main(port: str, path: str, seconds: str, rate: str, connections: str, told: str) -> None:
    """In a process of its own: what was seen goes to a file."""
    gc.disable()
    posted = _post(int(port), _unpacked(Path(path)), float(seconds), float(rate), int(connections))
    Path(told).write_text(json.dumps({name: getattr(posted, name) for name in posted.__dataclass_fields__}))


if __name__ == "__main__":
    main(*sys.argv[1:])
