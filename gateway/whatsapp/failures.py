"""Meta's error objects, synchronous or in a `failed` status, into failures of ours.

Errors in the wild lack fields and carry codes as strings (reference 3.3); nothing here raises over that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.core.failure import OUTCOME_UNKNOWN, Failure, meaning
from gateway.whatsapp.messenger import Failed, Unsure
from gateway.whatsapp.payload.reading import number

CODE_MISSING = -3
"""An error without a readable code; unlisted, so the message ends and consent stays."""

DETAILS_MAX = 400
_LONG_DIGITS = re.compile(r"\+?\d[\d\s().-]{5,}\d")


@dataclass(frozen=True, slots=True)
class WireError:
    """One error object. `details` has numbers long enough for a phone blotted out."""

    code: int
    details: str = ""
    subcode: int | None = None
    trace_id: str = ""


def read_error(error: Mapping[str, Any]) -> WireError:
    code = number(error.get("code"))
    data = error.get("error_data")
    details = data.get("details") if isinstance(data, Mapping) else data
    return WireError(
        code=CODE_MISSING if code is None else code,
        details=blotted(str(details or error.get("message") or error.get("title") or "")),
        subcode=number(error.get("error_subcode")),
        trace_id=str(error.get("fbtrace_id") or ""),
    )


def failure_of(outcome: Failed | Unsure, *, marketing_endpoint: bool = False) -> Failure:
    """The failure behind a POST's outcome."""
    if isinstance(outcome, Unsure):
        return OUTCOME_UNKNOWN
    return meaning(outcome.code, subcode=outcome.subcode, marketing_endpoint=marketing_endpoint)


def blotted(text: str) -> str:
    """Text of Meta's that may be stored and shown: anything that could be a phone number is gone."""
    return _LONG_DIGITS.sub("…", text)[:DETAILS_MAX]
