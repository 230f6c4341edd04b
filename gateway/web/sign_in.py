"""One password for the pages. Every page asks for it except the few in OPEN."""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import Blueprint, Flask, Response, current_app, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from gateway.settings import Settings
from gateway.web.visit import house, language
from gateway.web.wording import PAGE

OPEN = frozenset(
    {
        "static",
        "health.alive",
        "health.ready",
        "links.follow",
        "optin_page.ask",
        "optin_page.answer",
        "sign_in.show",
        "sign_in.enter",
    }
)
"""Endpoints that ask nobody who they are; the webhook stands before all of them, with its own proof."""

BY_KEY = frozenset({"events.identify", "events.track", "events.batch", "events.passed_over"})
"""Endpoints for programs, which show an API key instead (web/events.py)."""

METRICS = "metrics.show"
"""An endpoint that IZIN_METRICS_TOKEN opens as well as the password does, for a program that keeps no cookies."""

SESSION_LIFETIME = timedelta(hours=12)
TRIES_MAX = 5
TRIES_WITHIN = timedelta(minutes=1)
ADDRESSES_MAX = 1_000
_SIGNED_IN = "signed_in"

sign_in = Blueprint("sign_in", __name__)


def guard(app: Flask, settings: Settings) -> None:
    """Close every page of this app, those that are added later too."""
    app.secret_key = session_key(settings)
    app.config.update(
        SESSION_COOKIE_NAME="izin",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https://"),
        PERMANENT_SESSION_LIFETIME=SESSION_LIFETIME,
    )
    app.extensions["izin_tries"] = Tries()
    app.before_request(_ask)
    app.register_blueprint(sign_in)


def session_key(settings: Settings) -> bytes:
    """Signs the cookies: the same in every process of this installation, and another one after each new password.

    The other secrets are its salt, so that a cookie does not let anybody guess a weak password at leisure.
    """
    others = "\0".join([*settings.app_secrets, settings.token, settings.suppression_key, settings.signing_key])
    salt = hashlib.sha256(b"izin session\0" + others.encode()).digest()
    return hashlib.scrypt(settings.page_password.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)


@dataclass
class Tries:
    """Wrong passwords by the address that sent them. Only the last minute and the last thousand addresses are kept."""

    _wrong: OrderedDict[str, list[datetime]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def allow(self, address: str, now: datetime) -> bool:
        """Whether this address may try; the try counts as wrong until `forgive` is called."""
        with self._lock:
            recent = [at for at in self._wrong.pop(address, ()) if now - at < TRIES_WITHIN]
            allowed = len(recent) < TRIES_MAX
            self._wrong[address] = [*recent, now] if allowed else recent
            while len(self._wrong) > ADDRESSES_MAX:
                self._wrong.popitem(last=False)
            return allowed

    def forgive(self, address: str) -> None:
        with self._lock:
            self._wrong.pop(address, None)


def _ask() -> ResponseReturnValue | None:
    """Before every request. A path that leads nowhere is left to its 404."""
    if request.endpoint in BY_KEY:
        return None
    if request.endpoint == METRICS and shows_token():
        return None
    if request.endpoint is None or (request.endpoint in OPEN and not request.endpoint.startswith("sign_in.")):
        return None
    if not house().settings.page_password and not _asks_for_token():
        return _closed()
    if request.endpoint in OPEN or session.get(_SIGNED_IN):
        return None
    if request.endpoint == METRICS:  # a program follows no redirection to a form
        return Response(
            PAGE["sign_in_first"].say(language()), 401, {"WWW-Authenticate": "Bearer"}, mimetype="text/plain"
        )
    if request.path.endswith(".json"):
        return jsonify(problem=PAGE["sign_in_first"].say(language())), 401
    return redirect(_address("sign_in.show"))


def _asks_for_token() -> bool:
    return request.endpoint == METRICS and bool(house().settings.metrics_token)


def shows_token() -> bool:
    """Whether the request carries IZIN_METRICS_TOKEN, if one is set."""
    wanted = house().settings.metrics_token
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    return bool(wanted) and kind.lower() == "bearer" and _same(given.strip(), wanted)


def _closed() -> ResponseReturnValue:
    sentence = PAGE["no_password_set"].say(language())
    if request.path.endswith(".json"):
        return jsonify(problem=sentence), 403
    return render_template("message.html", sentence=sentence), 403


def _address(endpoint: str) -> str:
    """A language that was asked for stays asked for."""
    return url_for(endpoint, lang=request.args.get("lang"))


@sign_in.get("/sign-in")
def show() -> ResponseReturnValue:
    return render_template("sign_in.html", problem=None)


@sign_in.post("/sign-in")
def enter() -> ResponseReturnValue:
    tries, address = current_app.extensions["izin_tries"], request.remote_addr or ""
    if not tries.allow(address, house().clock.now()):
        return render_template("sign_in.html", problem=PAGE["too_many_tries"].say(language())), 429
    if not _is_right(request.form.get("password", "")):
        return render_template("sign_in.html", problem=PAGE["wrong_password"].say(language())), 401
    tries.forgive(address)
    session.clear()
    session.permanent = True
    session[_SIGNED_IN] = True
    return redirect(_address("overview.page"))


def _is_right(password: str) -> bool:
    return _same(password, _password())


def _same(given: str, wanted: str) -> bool:
    digests = (hashlib.sha256(text.encode("utf-8", "replace")).digest() for text in (given, wanted))
    return hmac.compare_digest(*digests)


def _password() -> str:
    return house().settings.page_password


@sign_in.post("/sign-out")
def leave() -> ResponseReturnValue:
    session.clear()
    return redirect(_address("sign_in.show"))
