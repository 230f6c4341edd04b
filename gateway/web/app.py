"""The web process: `/webhook` in front, everything else is Flask.

`serve(settings)` is what `izin web` does: the front on an event loop. Any WSGI server may run `application` instead,
which answers the same with a thread for each request:

    granian --interface wsgi --workers 1 --blocking-threads 64 gateway.web.app:application
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Iterable
from functools import partial
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask, Response, render_template
from flask.typing import ResponseReturnValue
from granian import Granian
from granian.constants import Interfaces, Loops
from granian.log import LogLevels
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from gateway import log as log_events
from gateway.actions.load_own_words import own_words
from gateway.actions.receive_webhook import Receiver
from gateway.actions.rehearse_stop import rehearse_stop
from gateway.assembly import House, build
from gateway.settings import Settings, read_settings
from gateway.web import visit, webhook
from gateway.web.events import events
from gateway.web.front import PAGE_BYTES_MAX, Front
from gateway.web.health import Look, health
from gateway.web.links import links
from gateway.web.metrics import Shown, metrics
from gateway.web.optin_page import optin_page
from gateway.web.overview import overview
from gateway.web.sign_in import guard
from gateway.web.webhook import Webhook
from gateway.web.wording import PAGE

STOP_WITHIN_SECONDS = 30
PARENT_LOOK_SECONDS = 1.0

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

log = logging.getLogger(__name__)


class Application:
    """A WSGI application."""

    def __init__(self, webhook: Webhook, receiver: Receiver, pages: Flask) -> None:
        self.webhook = webhook
        self.pages = pages
        self._receiver = receiver

    def front(self) -> Front:
        """The same for an event loop."""
        return Front(self.webhook, self._receiver.received, self.pages)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == webhook.PATH:
            return self.webhook(environ, start_response)
        return self.pages(environ, start_response)


def wsgi(settings: Settings | None = None) -> Application:
    """A working application. Raises SettingsProblem, DatabaseBehind, and EntryProblem for the business's own words."""
    settings = settings or read_settings()
    own_words(settings)
    house = build(settings)
    rehearse_stop(house.database, settings, house.clock.now())
    return assembled(house)


def assembled(house: House) -> Application:
    settings = house.settings
    receiver = Receiver(house.database, house.inbox, settings, house.clock)
    hooks = Webhook(settings.app_secrets, settings.verify_token, receiver.receive)
    return Application(hooks, receiver, pages(house))


def pages(house: House) -> Flask:
    """Everything but the webhook."""
    app = Flask(__name__)
    app.extensions[visit.HOUSE] = house
    app.extensions["izin_look"] = Look()
    app.extensions["izin_metrics"] = Shown()
    app.config["MAX_CONTENT_LENGTH"] = PAGE_BYTES_MAX
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    guard(app, house.settings)
    for blueprint in (events, health, links, metrics, optin_page, overview):
        app.register_blueprint(blueprint)
    app.context_processor(lambda: {"words": _words(), "language": visit.language(), "brand": house.settings.brand})
    app.after_request(_with_headers)
    app.register_error_handler(Exception, _told)
    return app


def _words() -> dict[str, str]:
    return {name: wording.say(visit.language()) for name, wording in PAGE.items()}


def _with_headers(answer: Response) -> Response:
    answer.headers.extend({k: v for k, v in _HEADERS.items() if k not in answer.headers})
    answer.headers.setdefault("Cache-Control", "no-store")
    return answer


def _told(problem: Exception) -> ResponseReturnValue:
    """A small page for every mishap. The log gets the kind of problem only: its text may hold what people wrote."""
    if isinstance(problem, HTTPException):
        if problem.response is not None or (problem.code or 500) < 400:
            return problem.get_response()
        code, name = problem.code or 500, "not_found" if problem.code == 404 else "not_understood"
    elif isinstance(problem, DBAPIError):
        code, name = 503, "database_away"
    else:
        code, name = 500, "went_wrong"
    if code >= 500:
        log.error("a page could not be shown: %s", type(problem).__name__)
    return render_template("message.html", sentence=PAGE[name].say(visit.language())), code


_lock = threading.Lock()
_built: Application | None = None


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """For any WSGI server: built from the environment's settings on the first request."""
    global _built
    if _built is None:
        with _lock:
            _built = _built or wsgi()
    return _built(environ, start_response)


def serve(settings: Settings, host: str | None = None, port: int | None = None) -> None:
    """Run until SIGTERM or SIGINT; requests under way are answered first.

    One process serves, because the inbox has one writer.
    Raises OSError when the port is taken, and SystemExit when the process that serves cannot start.
    """
    host, port = host or settings.web_host, port or settings.web_port
    _try(host, port)
    server = Granian(
        "gateway.web.app:application",  # a name for the server's words: what it runs is what `_loaded` gives
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        workers=1,
        loop=Loops.auto,
        websockets=False,
        workers_kill_timeout=STOP_WITHIN_SECONDS,
        log_level=LogLevels.error,
        log_access=False,
    )
    loader: Any = partial(_loaded, settings, os.getpid())
    server.serve(target_loader=loader, wrap_loader=False)


def _try(host: str, port: int) -> None:
    """Raises OSError when it cannot be had: what the server raises then is a RuntimeError like any other."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    socket.create_server((host, port), family=family).close()


def _loaded(settings: Settings, parent: int) -> Front:
    """In the process that serves."""
    log_events.set_up("web", settings.log_format, settings.log_level)  # the server may have started us afresh
    threading.Thread(target=_leave_with, args=(parent,), name="parent", daemon=True).start()
    built = wsgi(settings).front()
    gc.collect()
    gc.freeze()  # a collection that walks all of Flask and SQLAlchemy would hold every request for tens of ms
    return built


def _leave_with(parent: int) -> None:
    """A killed parent cannot take its child along, and an orphan would keep the port."""
    while os.getppid() == parent:
        time.sleep(PARENT_LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
