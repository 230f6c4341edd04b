"""What others reach against the same sink in the same run: stock pywa in two ways, and the bare limit."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import time
from importlib.util import find_spec
from typing import Any

import uvloop
from pyreqwest.client import ClientBuilder
from pywa.client import WhatsApp as Plain
from pywa_async.client import WhatsApp

from tests.practice.load import body

IN_FLIGHT_GATHER = 100
IN_FLIGHT_BARE = 1_024
NUMBER = "106540352242922"
TEMPLATE = {"name": "spring_offer", "language": {"code": "tr"}}


def pywa_loop(url: str, seconds: float) -> float:
    """One message after another through stock pywa."""
    client = Plain(phone_id=NUMBER, token="bench")
    client.api._session.base_url = f"{url}/v26.0"
    sent, until = 0, time.perf_counter() + seconds
    began = time.perf_counter()
    while time.perf_counter() < until:
        client.api.send_message(**_call(sent))
        sent += 1
    return round(sent / (time.perf_counter() - began), 1)


def pywa_gather(url: str, seconds: float) -> float:
    """Stock pywa_async, its calls gathered, as many in flight as its pool has connections."""
    return asyncio.run(_gathered(url, seconds))


async def _gathered(url: str, seconds: float) -> float:
    client = WhatsApp(phone_id=NUMBER, token="bench")
    client.api._session.base_url = f"{url}/v26.0"
    until, numbers = time.perf_counter() + seconds, itertools.count()
    sent = 0

    async def keep_sending() -> None:
        nonlocal sent
        while time.perf_counter() < until:
            await client.api.send_message(**_call(next(numbers)))
            sent += 1

    began = time.perf_counter()
    await asyncio.gather(*(keep_sending() for _ in range(IN_FLIGHT_GATHER)))
    return round(sent / (time.perf_counter() - began), 1)


def bare_limit(url: str, seconds: float) -> float:
    """The same bytes over the same transport with nothing else: no store, no check, no pywa."""
    return uvloop.run(_bare(url, seconds))


async def _bare(url: str, seconds: float) -> float:
    client: Any = ClientBuilder().http1_only().max_connections(IN_FLIGHT_BARE).build()
    address, written = f"{url}/v26.0/{NUMBER}/messages", body(1)
    headers = {"Authorization": "Bearer bench", "Content-Type": "application/json"}
    until, sent = time.perf_counter() + seconds, 0

    async def keep_sending() -> None:
        nonlocal sent
        while time.perf_counter() < until:
            answer = await client.post(address).headers(headers).body_bytes(written).build().send()
            await answer.bytes()
            sent += 1

    began = time.perf_counter()
    await asyncio.gather(*(keep_sending() for _ in range(IN_FLIGHT_BARE)))
    await client.close()
    return round(sent / (time.perf_counter() - began), 1)


def celery_note() -> str:
    """Why there is no figure for Celery with a task a message: it needs a server that this project does not."""
    missing = [
        name
        for name, there in (("redis-server", shutil.which("redis-server")), ("celery", find_spec("celery")))
        if not there
    ]
    here = f"not to be had here: {' and '.join(missing)}" if missing else "to be had here, but not part of this bench"
    return f"Celery with a task a message is {here}; measured once: 129 to 172 messages a second (performance.md 7)."


def _call(number: int) -> dict[str, Any]:
    return {
        "sender": NUMBER,
        "to": f"+90555{number:07d}",
        "recipient": None,
        "recipient_type": "individual",
        "typ": "template",
        "msg": TEMPLATE,
    }
