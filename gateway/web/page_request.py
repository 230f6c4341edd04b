"""A request of the event loop's server as WSGI knows it, for Flask: in a thread, whole in and whole out."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

from granian.rsgi import Scope

_BARE = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
"""Headers whose names in WSGI have no HTTP_ before them."""


@dataclass(slots=True)
class Page:
    """What came of a request."""

    status: int = 500
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def start(
        self,
        status: str,
        headers: list[tuple[str, str]],
        _problem: tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None] | None = None,
        /,
    ) -> Any:
        """WSGI's start_response."""
        self.status = int(status.split(" ", 1)[0])
        self.headers = [(name.lower(), value) for name, value in headers]
        return self._write

    def _write(self, piece: bytes) -> None:
        self.body += piece


def answered(pages: WSGIApplication, scope: Scope, body: bytes) -> Page:
    page = Page()
    told = pages(_environment(scope, body), page.start)
    try:
        page.body += b"".join(told)
    finally:
        if close := getattr(told, "close", None):
            close()
    return page


def _environment(scope: Scope, body: bytes) -> WSGIEnvironment:
    server, _, port = scope.server.rpartition(":")
    environment: WSGIEnvironment = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),  # WSGI's strings are bytes in disguise
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": server.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        key = _BARE.get(name) or "HTTP_" + name.upper().replace("-", "_")
        between = "; " if name == "cookie" else ","
        environment[key] = f"{environment[key]}{between}{value}" if key in environment else value
    environment.setdefault("CONTENT_LENGTH", str(len(body)))  # sent in pieces: too many are refused as a length is
    return environment
