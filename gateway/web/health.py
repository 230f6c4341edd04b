"""For whoever keeps the processes running: does it live, and may it get work."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from gateway.assembly import House
from gateway.storage import pages
from gateway.storage.database import ping
from gateway.storage.migrations import newest, revision_of
from gateway.web.visit import house, language
from gateway.web.wording import READINESS

LOOK_AGAIN_AFTER = timedelta(seconds=1)
"""Anybody may ask, and a look writes: so there is one look a second, however many ask."""

health = Blueprint("health", __name__)


@health.get("/healthz")
def alive() -> ResponseReturnValue:
    return jsonify(alive=True)


@health.get("/readyz")
def ready() -> ResponseReturnValue:
    """200 when webhooks and pages can be served; 503 with what is wrong, in words."""
    wrong = look_of(current_app.extensions["izin_look"], house())
    told = [{"what": what, "words": READINESS[what].say(language())} for what in wrong]
    return jsonify(ready=not wrong, problems=told), 503 if wrong else 200


@dataclass
class Look:
    """The last look at the databases."""

    at: datetime | None = None
    wrong: tuple[str, ...] = ()
    lock: threading.Lock = field(default_factory=threading.Lock)


def look_of(look: Look, house: House) -> tuple[str, ...]:
    with look.lock:
        now = house.clock.now()
        if look.at is None or now - look.at >= LOOK_AGAIN_AFTER:
            look.wrong = what_is_wrong(house)
            look.at = now
        return look.wrong


def what_is_wrong(house: House) -> tuple[str, ...]:
    """Keys of READINESS, most important first."""
    database = "database" if not _reaches(house) else "migrations" if not _is_migrated(house) else None
    return tuple(what for what in (database, None if _takes_webhooks(house) else "inbox") if what)


def _reaches(house: House) -> bool:
    try:
        return ping(house.database)
    except SQLAlchemyError:
        return False


def _is_migrated(house: House) -> bool:
    return revision_of(house.database) == newest()


def _takes_webhooks(house: House) -> bool:
    try:
        pages.try_writing(house.inbox, house.clock.now())
    except SQLAlchemyError:
        return False
    return True
