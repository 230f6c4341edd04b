"""A door for customer-data tools: `POST /v1/identify`, `/v1/track` and `/v1/batch`, in the JSON they already send.

Whoever knocks shows an API key (`izin events key NAME`): as the user name of Basic authentication, which is how those
tools send their write key, or as a Bearer token.
"""

from __future__ import annotations

import zlib
from typing import Any

import orjson
from flask import Blueprint, abort, jsonify, request
from flask.typing import ResponseReturnValue

from gateway.actions.record_events import ITEMS_MAX, Recorded, record_events
from gateway.core.reported import SENTENCES
from gateway.core.wording import Wording
from gateway.storage import api_keys
from gateway.web.visit import house, say

BODY_BYTES_MAX = 1 << 20

NO_KEY = Wording(
    "API anahtarı eksik ya da geçersiz; `izin events key AD` ile bir tane alın.",
    "The API key is missing or not valid; get one with `izin events key NAME`.",
)
TOO_LONG = Wording(
    f"Gövde {BODY_BYTES_MAX:,} bayttan uzun; daha küçük parçalar gönderin.",
    f"The body is longer than {BODY_BYTES_MAX:,} bytes; send smaller batches.",
)
NOT_JSON = Wording("Gövde geçerli bir JSON nesnesi değil.", "The body is not a JSON object.")
NO_BATCH = Wording(
    f"“batch” en çok {ITEMS_MAX} öğelik bir liste olmalı.", f"“batch” must be a list of at most {ITEMS_MAX} items."
)

events = Blueprint("events", __name__, url_prefix="/v1")


@events.before_request
def ask_for_a_key() -> ResponseReturnValue | None:
    request.max_content_length = BODY_BYTES_MAX
    with house().database.read() as connection:
        known = api_keys.name_of(connection, _shown())
    if known is None:
        return jsonify(problem=say(NO_KEY)), 401
    return None


def _shown() -> str:
    given = request.authorization
    if given is None:
        return ""
    return (given.token if given.type == "bearer" else given.username) or ""


@events.post("/identify")
def identify() -> ResponseReturnValue:
    return _one("identify")


@events.post("/track")
def track() -> ResponseReturnValue:
    return _one("track")


@events.post("/page", defaults={"kind": "page"})
@events.post("/screen", defaults={"kind": "screen"})
@events.post("/alias", defaults={"kind": "alias"})
@events.post("/group", defaults={"kind": "group"})
def passed_over(kind: str) -> ResponseReturnValue:
    """What these tools send besides is taken, and nothing of it is kept: a refusal would be an error in their logs."""
    return _one(kind)


@events.errorhandler(413)
def too_long(_: Exception) -> ResponseReturnValue:
    return jsonify(problem=say(TOO_LONG)), 413


@events.post("/batch")
@events.post("/import")
def batch() -> ResponseReturnValue:
    """200 also where single items have problems: those are named by their place, the others are recorded."""
    body = _body()
    if body is None:
        return jsonify(problem=say(NOT_JSON)), 400
    items = body.get("batch")
    if not isinstance(items, list) or len(items) > ITEMS_MAX:
        return jsonify(problem=say(NO_BATCH)), 400
    return jsonify(_answer(_record(items, "")))


def _one(kind: str) -> ResponseReturnValue:
    body = _body()
    if body is None:
        return jsonify(problem=say(NOT_JSON)), 400
    recorded = _record([body], kind)
    return jsonify(_answer(recorded)), 400 if recorded.problems else 200


def _body() -> dict[str, Any] | None:
    try:
        body = orjson.loads(_unpacked(request.get_data()))
    except (orjson.JSONDecodeError, zlib.error):
        return None
    return body if isinstance(body, dict) else None


def _unpacked(body: bytes) -> bytes:
    """What was sent, of which most of these tools' libraries make a gzip; never more than may come unpacked."""
    if request.headers.get("Content-Encoding", "").lower() != "gzip":
        return body
    unpacked = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(body, BODY_BYTES_MAX + 1)
    if len(unpacked) > BODY_BYTES_MAX:
        abort(413)
    return unpacked


def _record(items: list[Any], kind: str) -> Recorded:
    place = house()
    return place.database.run(lambda c: record_events(c, items, place.settings, place.clock.now(), kind))


def _answer(recorded: Recorded) -> dict[str, Any]:
    problems = [
        {"item": place, "code": code.value, "problem": say(SENTENCES[code])}
        for place, code in sorted(recorded.problems.items())
    ]
    return {
        "success": not problems,
        "people": recorded.people,
        "events": recorded.events,
        "repeated": recorded.repeated,
        "passed_over": recorded.passed_over,
        "problems": problems,
    }
