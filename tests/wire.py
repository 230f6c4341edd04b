"""Every message that a test sends is held against Meta's OpenAPI, whatever the test is about.

The schema is the one that ships with the practice world: Meta's file with its patch (gateway/practice/schema).
"""

from __future__ import annotations

from functools import cache
from typing import Any

import orjson

from gateway.core.message import Outgoing
from gateway.practice.validation import RequestSchema
from gateway.whatsapp.cloud import Cloud
from gateway.whatsapp.messenger import unfit


@cache
def _schema() -> RequestSchema:
    return RequestSchema()


@cache
def _cloud() -> Cloud:
    return Cloud(token="none")


def hold_against_meta(path: str, body: Any) -> None:
    """Raises AssertionError when Meta's schema refuses the body of this POST."""
    raw = orjson.dumps(body)
    problem = _schema().problem_of(raw, orjson.loads(raw), marketing=path.endswith("/marketing_messages"))
    assert problem is None, f"Meta would not read this: {problem.details}"


async def hold_message_against_meta(message: Outgoing) -> None:
    """As `hold_against_meta`, for the request that would carry this message, if it may go on the wire at all."""
    if unfit(message) is None:
        path, body = _cloud().request_of(message)
        hold_against_meta(path, orjson.loads(body))
