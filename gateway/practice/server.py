"""The practice Cloud API as one process: asyncio on one core, state in memory, this machine only."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from random import Random
from typing import Any

import uvloop

from gateway.clock import Clock, SystemClock
from gateway.practice.control import Control
from gateway.practice.diary import Diary
from gateway.practice.fate import Fate
from gateway.practice.graph import Graph
from gateway.practice.management import Management
from gateway.practice.media import Media
from gateway.practice.people import People
from gateway.practice.postman import Postman
from gateway.practice.record import Record
from gateway.practice.sending import Sending
from gateway.practice.settings import PracticeSettings, changed
from gateway.practice.templates import TemplateBook, initial_templates
from gateway.practice.wire import Connection
from gateway.practice.world import World

HOST = "127.0.0.1"
CONNECTIONS_WAITING_MAX = 4096
GC_THRESHOLDS = (1_000, 4, 50_000)
"""A growing log of a million tuples must not be searched for cycles all the time, and no search may take long: one of
50,000 objects held everybody for 35 ms, in which requests crowded that had come one after the other."""


@dataclass(frozen=True, slots=True)
class Practice:
    """A whole practice world, wired up: `answer` takes a request, `postman` must be closed in the end."""

    answer: Graph
    postman: Postman


def assembled(
    settings: PracticeSettings, clock: Clock, loop: asyncio.AbstractEventLoop, now: Callable[[], float]
) -> Practice:
    """`now` gives seconds that only run forward, exactly: the loop's own time stands still while it works."""
    world, rng, diary = World(settings, clock), Random(settings.seed), Diary(loop)
    people = People(settings.seed, settings.on_confirmation_shares, settings.on_marketing_shares)
    templates, media, record = TemplateBook(initial_templates()), Media(), Record()
    postman = Postman(world, diary, rng)
    fate = Fate(world, people, record, diary, postman, rng)
    sending = Sending(world, people, templates, media, record, fate, rng)
    management = Management(world, templates, diary, postman, rng)
    control = Control(world, people, templates, record, fate, sending, management, diary, postman)
    graph = Graph(world, sending, management, media, templates, control, rng.uniform, now)
    return Practice(graph, postman)


async def run(settings: PracticeSettings, clock: Clock, ready: Callable[[int], None], stop: asyncio.Event) -> None:
    """Serve until `stop` is set; `ready` is told the port. Raises OSError when the port is taken."""
    loop = asyncio.get_running_loop()
    practice = assembled(settings, clock, loop, time.monotonic)
    with socket.create_server((HOST, settings.port), backlog=CONNECTIONS_WAITING_MAX) as door:
        door.setblocking(False)
        loop.add_reader(door, _let_in, door, lambda: Connection(practice.answer, loop), loop, set())
        ready(door.getsockname()[1])
        try:
            await stop.wait()
        finally:
            loop.remove_reader(door)
            await practice.postman.close()


def _let_in(
    door: socket.socket, made: Callable[[], Connection], loop: asyncio.AbstractEventLoop, coming: set[asyncio.Task[Any]]
) -> None:
    """Everybody who waits at the door. uvloop's own server lets one in a turn: of 300 who come together, those who
    have a request in their hand waited for as many turns."""
    with contextlib.suppress(OSError):  # nobody waits any more, or one has left again
        while True:
            line, _ = door.accept()
            task = loop.create_task(loop.connect_accepted_socket(made, line))
            coming.add(task)  # the loop alone would not keep it
            task.add_done_callback(coming.discard)


async def _run_until_told(settings: PracticeSettings, clock: Clock, ready: Callable[[int], None]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    await run(settings, clock, ready, stop)


def serve(
    settings: PracticeSettings,
    *,
    clock: Clock | None = None,
    ready: Callable[[int], None] = lambda port: None,
) -> None:
    """Run a practice world in this process until SIGTERM or SIGINT.

    `ready` is called with the port once it listens. Raises OSError when the port is taken, PracticeProblem in words
    when the settings cannot be used.
    """
    settings = changed(settings, asdict(settings))
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(_run_until_told(settings, clock or SystemClock(), ready))
