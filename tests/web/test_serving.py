"""The real process: it starts, answers on many threads, stops gently, and never outlives its parent."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.storage.database import Database
from gateway.storage.inbox import Inbox
from gateway.whatsapp.signature import sign

ROOT = Path(__file__).parents[2]
SECRET = "tests-sign-with-this"
WITHIN_SECONDS = 30.0
STARTED = """
from gateway.settings import read_settings
from gateway.web.app import serve
serve(read_settings())
"""


class Web:
    """A web process and the way to it."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.port = _free_port()
        self.environ = {
            "IZIN_DATA_DIR": str(folder),
            "IZIN_DATABASE_URL": database_url,
            "IZIN_APP_SECRETS": SECRET,
            "IZIN_WEB_PORT": str(self.port),
            "IZIN_ENV_FILE": os.devnull,
        }
        self.log = folder / "web.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", STARTED], env=os.environ | self.environ, cwd=ROOT, stdout=log, stderr=log
            )

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WITHIN_SECONDS)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): v for name, v in headers.items()})
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    def post(self, body: bytes) -> int:
        return self.ask("POST", "/webhook", body, X_Hub_Signature_256=sign(body, SECRET))

    def answers(self) -> bool:
        try:
            return self.ask("GET", "/healthz") == 200
        except OSError:
            return False


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def wait(until: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + WITHIN_SECONDS
    while not until():
        assert time.monotonic() < end, what
        time.sleep(0.05)


@contextmanager
def serving(folder: Path, database_url: str) -> Iterator[Web]:
    started = Web(folder, database_url)
    try:
        wait(started.answers, "the web process did not start")
        yield started
    finally:
        started.process.kill()
        started.process.wait()
        wait(lambda: not started.answers(), "the port is still taken")


@pytest.fixture
def web(tmp_path: Path, database_url: str) -> Iterator[Web]:
    """A process of the test's own, on both databases."""
    with serving(tmp_path, database_url) as started:
        yield started


@pytest.fixture(scope="module")
def one_web(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Web]:
    """A process for what lies before any database and leaves no trace in it."""
    folder = tmp_path_factory.mktemp("web")
    shutil.copy(sqlite_template, folder / "izin.db")
    with serving(folder, f"sqlite:///{folder / 'izin.db'}") as started:
        yield started


def test_it_keeps_what_it_answered_200_and_stops_gently(web: Web, tmp_path: Path, database_url: str) -> None:
    bodies = [json.dumps({"entry": [], "n": n}).encode() for n in range(200)]
    with ThreadPoolExecutor(16) as threads:
        assert set(threads.map(web.post, bodies)) == {200}
    assert web.ask("GET", "/readyz") == 200
    assert web.ask("HEAD", "/r/aaaaaaaaaaaa") == 404
    assert web.ask("GET", "/") == 403
    web.process.send_signal(signal.SIGTERM)
    assert web.process.wait(WITHIN_SECONDS) == 0
    assert web.log.read_text() == ""
    assert stored(tmp_path, database_url) == sorted(bodies)


def stored(folder: Path, database_url: str) -> list[bytes]:
    url = database_url if database_url.startswith("postgresql") else f"sqlite:///{folder / 'izin-inbox.db'}"
    database = Database(url)
    found = [body.body for body in Inbox(database).waiting(1_000)]
    database.close()
    return sorted(found)


def test_what_was_answered_200_survives_a_kill_of_every_process(web: Web, tmp_path: Path, database_url: str) -> None:
    kept: list[bytes] = []
    for n in range(50):
        body = json.dumps({"n": n}).encode()
        if web.post(body) == 200:
            kept.append(body)
    web.process.kill()
    web.process.wait()
    wait(lambda: not web.answers(), "the serving process outlived its parent")
    assert len(kept) == 50
    assert stored(tmp_path, database_url) == sorted(kept)


def test_a_body_without_a_length_is_read_in_its_pieces(one_web: Web) -> None:
    body = b'{"entry":[]}'
    with socket.create_connection(("127.0.0.1", one_web.port), timeout=WITHIN_SECONDS) as line:
        head = f"POST /webhook HTTP/1.1\r\nHost: x\r\nX-Hub-Signature-256: {sign(body, SECRET)}\r\n"
        line.sendall(f"{head}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n".encode())
        for piece in (body[:5], body[5:]):
            line.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        line.sendall(b"0\r\n\r\n")
        assert line.recv(1_000).startswith(b"HTTP/1.1 200")


def test_a_client_that_breaks_off_harms_nobody(one_web: Web) -> None:
    for _ in range(40):  # more than there are threads
        with socket.create_connection(("127.0.0.1", one_web.port), timeout=WITHIN_SECONDS) as line:
            head = f"POST /webhook HTTP/1.1\r\nHost: x\r\nX-Hub-Signature-256: {sign(b'x', SECRET)}\r\n"
            line.sendall(f"{head}Content-Length: 1000\r\n\r\nhalf a bo".encode())
    assert one_web.post(b"{}") == 200
