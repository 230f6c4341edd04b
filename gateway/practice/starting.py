"""Start a practice world in a process of its own and talk to its doors: for tests, the demo and benches."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.practice.settings import PracticeProblem, PracticeSettings, written

STOP_WITHIN_S = 5
ASK_EVERY_S = 0.02
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class RunningPractice:
    """A practice world that is up. `base_url` is what stands for https://graph.facebook.com."""

    base_url: str
    settings: PracticeSettings
    process: subprocess.Popen[bytes]

    def get(self, door: str) -> Any:
        """Ask a door such as `received` or `told?phone=%2B90...`. Raises PracticeProblem in the world's words."""
        return self._ask("GET", door, None)

    def post(self, door: str, body: Any) -> Any:
        return self._ask("POST", door, json.dumps(body).encode())

    def wait_until_quiet(self, within_s: float = 20.0) -> None:
        """Wait until nothing is under way any more: no status, no reply, no webhook. Raises TimeoutError."""
        until = time.monotonic() + within_s
        while self.get("health")["waiting"]:
            if time.monotonic() > until:
                raise TimeoutError("The practice world still has something under way.")
            time.sleep(ASK_EVERY_S)

    def _ask(self, method: str, door: str, body: bytes | None) -> Any:
        address = f"{self.base_url}/practice/{door}"
        request = urllib.request.Request(address, body, method=method)  # noqa: S310  our own loopback address
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            with refusal:
                raise PracticeProblem(json.load(refusal)["problems"]) from None


@contextmanager
def running(settings: PracticeSettings | None = None) -> Iterator[RunningPractice]:
    """Start a practice world and stop it at the end. Raises RuntimeError with its last words if it does not start."""
    settings = settings or PracticeSettings()
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway.practice"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=_ROOT,
    )
    try:
        yield RunningPractice(f"http://127.0.0.1:{_port(process, settings)}", settings, process)
    finally:
        _stop(process)


def _port(process: subprocess.Popen[bytes], settings: PracticeSettings) -> int:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(written(settings))
    process.stdin.close()
    said = process.stdout.readline()
    if not said.strip().isdigit():
        raise RuntimeError("The practice world did not start; its error is above.")
    return int(said)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
