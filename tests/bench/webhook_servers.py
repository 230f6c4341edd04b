"""The servers that the webhook bench compares, each in a process of its own: ours, ours on a slow disk, and two others.

All three are served by the same server with the same number of threads; what differs is what stands behind it.
"""

from __future__ import annotations

import hmac
import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import psutil
from flask import Flask, request
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from gateway.settings import read_settings
from gateway.storage.inbox import Inbox
from gateway.web.app import serve
from gateway.whatsapp.signature import sign
from tests.bench.webhook_load import SECRET

_ROOT = Path(__file__).parents[2]
WITHIN_S = 40.0
THREADS = 64


def pywas_own(_folder: Path) -> Flask:
    """pywa's Flask handler as its documentation sets it up, with one handler that does nothing. It keeps nothing."""
    from pywa.client import WhatsApp
    from pywa.handlers import MessageStatusHandler

    app = Flask(__name__)
    client = WhatsApp(
        phone_id="1", token="t", server=app, webhook_endpoint="/webhook", verify_token="v", app_secret=SECRET
    )
    client.add_handlers(MessageStatusHandler(lambda _client, _status: None))
    return app


def commit_per_row(folder: Path) -> Flask:
    """A plain Flask view: check the signature, insert the body, commit durably, answer."""
    app, own = Flask(__name__), threading.local()

    @app.post("/webhook")
    def webhook() -> tuple[str, int]:
        body = request.get_data()
        if not hmac.compare_digest(sign(body, SECRET), request.headers.get("X-Hub-Signature-256", "")):
            return "", 401
        if not hasattr(own, "connection"):
            own.connection = sqlite3.connect(folder / "rows.db", timeout=30)
            own.connection.executescript(
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                "CREATE TABLE IF NOT EXISTS inbox (id INTEGER PRIMARY KEY, body BLOB)"
            )
        with own.connection:
            own.connection.execute("INSERT INTO inbox (body) VALUES (?)", (body,))
        return "ok", 200

    return app


OTHERS: Mapping[str, Callable[[Path], Flask]] = {"pywa": pywas_own, "rows": commit_per_row}


def _serve_other(name: str, port: int, folder: Path) -> None:
    server = Granian(
        "other",
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        log_level=LogLevels.error,
        log_access=False,
    )
    server.serve(target_loader=partial(_other, name, folder), wrap_loader=False)


def _other(name: str, folder: Path, *_: object) -> Any:
    return OTHERS[name](folder)


def _serve_ours_slowly(slower_s: float) -> None:
    """Our own server, each of whose commits takes so much longer, as on a disk with a slow fsync."""
    store = Inbox.store

    def slow(self: Inbox, bodies: Sequence[bytes], received_at: datetime) -> None:
        store(self, bodies, received_at)
        time.sleep(slower_s)

    Inbox.store = slow  # type: ignore[method-assign]
    serve(read_settings())


@contextmanager
def running(
    command: Sequence[str], port: int, environment: Mapping[str, str], log: Path, *, cores: Sequence[int] = ()
) -> Iterator[psutil.Process]:
    """Start it, on these cores alone if any are named, and wait until it listens; gives the process started."""
    with log.open("ab") as words:
        started = subprocess.Popen(
            [sys.executable, *command],
            cwd=_ROOT,
            env=dict(environment),
            stdout=words,
            stderr=words,
            # before its first thread: whoever is there already would stay on every core
            preexec_fn=(lambda: os.sched_setaffinity(0, cores)) if cores else None,
        )
    try:
        _await_port(port, started, log)
        yield psutil.Process(started.pid)
    finally:
        started.terminate()
        started.wait(WITHIN_S)


def first_core() -> list[int]:
    return (psutil.Process().cpu_affinity() or [0])[:1]


def cpu_seconds(started: psutil.Process) -> float:
    """Used so far by a server and the processes it started."""
    times = [one.cpu_times() for one in (started, *started.children(recursive=True))]
    return sum(time_.user + time_.system for time_ in times)


def _await_port(port: int, started: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + WITHIN_S
    while time.monotonic() < until and started.poll() is None:
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"the server did not start:\n{log.read_text()}")


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


if __name__ == "__main__":
    if sys.argv[1] == "slow":
        _serve_ours_slowly(float(sys.argv[2]))
    else:
        _serve_other(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
