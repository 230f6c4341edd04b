"""The demo's world: a fresh folder, three real processes, and an hour of the day at which Istanbul is awake.

Nothing in the sending path knows of it: the processes are the ones that `izin up` starts, and only the address of the
Cloud API, the credentials and the clock's shift differ.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from consent.limits.quiet_hours import Openings, QuietHours
from consent.proof.checkpoint import new_signing_key, read_signing_key
from gateway.assembly import House, build
from gateway.cli.demo import terminal
from gateway.cli.run import practice_environment, start, stop_all
from gateway.practice.settings import PracticeSettings
from gateway.practice.starting import RunningPractice, running
from gateway.settings import Settings, read_settings

EXAMPLES = Path(__file__).parents[3] / "examples"
LUNCH = timedelta(hours=11)
"""14:00 in Istanbul, in UTC."""
CONFIRM_WITHIN_S = 18
ASK_EVERY_S = 0.1

PRACTICE = PracticeSettings(
    latency_ms=(20, 60),
    duplicate_share=0.1,
    reorder_share=0.1,
    reorder_ms=(50, 400),
    batch_items=50,
    server_error_share=0.004,
)


class DemoFailed(Exception):
    """Something in the demo did not come about; the sentence says what."""


def shift_to_an_open_hour(now: datetime) -> timedelta:
    """How far to move the clock so that it is 14:00 in Istanbul on the next day on which marketing may be sent."""
    openings, turkey = Openings(QuietHours()), frozenset({"Europe/Istanbul"})
    day = datetime(now.year, now.month, now.day, tzinfo=UTC)
    for ahead in range(1, 15):
        moment = day + timedelta(days=ahead) + LUNCH
        if moment.weekday() < 4 and openings.is_open(moment, turkey, frozenset({"TR"})):
            return moment - now
    raise DemoFailed("no open day was found in the next fortnight")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


@dataclass
class World:
    """The running demo. `izin` runs the command as a person would; `house` looks at the same database from here."""

    folder: Path
    environment: dict[str, str]
    settings: Settings
    practice: RunningPractice
    house: House
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def izin(self, *arguments: str) -> str:
        """Run `izin ARGUMENTS` as a process of its own. Raises DemoFailed with its own words when it fails."""
        ended = terminal.run(arguments, self.environment)
        if ended.code != 0:
            raise DemoFailed(f"izin {' '.join(arguments)} ended with {ended.code}: {ended.err.strip()}")
        return ended.out

    def ask(self, *arguments: str) -> Any:
        """The same with --json, read."""
        return json.loads(self.izin(*arguments, "--json"))

    def wait_for(self, what: str, come: Callable[[], bool], within_s: float) -> None:
        until = time.monotonic() + within_s
        while not come():
            if (ended := self.ended()) is not None:
                raise DemoFailed(f"the {ended} process ended by itself; see {self.folder / (ended + '.log')}")
            if time.monotonic() > until:
                raise DemoFailed(f"{what} did not come about within {within_s:.0f} s")
            time.sleep(ASK_EVERY_S)

    def ended(self) -> str | None:
        return next((name for name, process in self.processes.items() if process.poll() is not None), None)

    def audit(self, file: Path) -> subprocess.CompletedProcess[str]:
        """What an auditor does: check a file offline, with nothing but the verifier key."""
        key = str(read_signing_key(self.settings.signing_key).verifier)
        command = [sys.executable, "-m", "consent.proof", str(file), "--key", key]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)

    @property
    def overview(self) -> str:
        return f"http://127.0.0.1:{self.settings.web_port}/"


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """Start everything over a fresh database in `folder`, and stop it in the end."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    terminal.warm_up()
    shift, port = shift_to_an_open_hour(datetime.now(UTC)), free_port()
    practice_settings = _practice(shift, port)
    with ExitStack() as stack:
        practice = stack.enter_context(running(practice_settings))
        environment = _environment(folder, practice.base_url, shift, port)
        settings = read_settings(environment, Path(os.devnull))
        house = build(settings)
        stack.callback(house.close)
        made = World(folder, environment, settings, practice, house)
        stack.callback(stop_all, made.processes)
        for name, command in (("web", "web"), ("worker", "work")):
            made.processes[name] = start([command], environment, folder / f"{name}.log")
        yield made


def _practice(shift: timedelta, port: int) -> PracticeSettings:
    return replace(
        PRACTICE,
        clock_offset_s=shift.total_seconds(),
        webhook_urls=(f"http://127.0.0.1:{port}/webhook",),
        links_url=f"http://127.0.0.1:{port}",
    )


def _new_key(folder: Path) -> Path:
    """A key that signs this world's ledger; a real one is kept outside the database (`izin ledger key new`)."""
    file = folder / "signing.key"
    file.write_text(new_signing_key("demo.izin.example/ledger", secrets.token_bytes(32)).secret_text(), "utf-8")
    return file


def _environment(folder: Path, practice_url: str, shift: timedelta, port: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("IZIN_")}
    house = {
        "IZIN_ENV_FILE": os.devnull,
        "IZIN_DATA_DIR": str(folder),
        "IZIN_DATABASE_URL": f"sqlite:///{folder / 'izin.db'}",
        "IZIN_CLOCK_SHIFT": f"{shift.total_seconds():.0f}s",
        "IZIN_CONFIRM_WITHIN": f"{CONFIRM_WITHIN_S}s",
        "IZIN_WEB_PORT": str(port),
        "IZIN_BRAND": "Kahve Evi",
        "IZIN_TRADE_NAME": "Kahve Evi Gıda A.Ş.",
        "IZIN_MERSIS": "0000000000000000",
        "IZIN_LANGUAGE": "en",
        "IZIN_SIGNING_KEY_FILE": str(_new_key(folder)),
    }
    return kept | practice_environment(Settings(), practice_url) | house
