"""Meta's error objects, synchronous or in a `failed` status, into failures of ours.

Errors in the wild lack fields and carry codes as strings (reference 3.3); nothing here raises over that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson

from gateway.core.failure import OUTCOME_UNKNOWN, Failure, meaning
from gateway.whatsapp.messenger import Failed, Unsure
from gateway.whatsapp.payload.reading import number

CODE_MISSING = -3
"""An error without a readable code; unlisted, so the message ends and consent stays."""

DETAILS_MAX = 400
REGAIN_MAX = timedelta(hours=24)
"""Nothing of Meta's that counts calls looks further back."""
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


def regain_in(usage: bytes) -> timedelta | None:
    """How long access is lost, as the header X-Business-Use-Case-Usage says; None where it says nothing of the kind.

    What Meta writes of sending ("whatsapp") counts; what of other calls, only where it writes nothing of sending.
    """
    try:
        said = orjson.loads(usage)
    except ValueError:
        return None
    every = said.values() if isinstance(said, Mapping) else ()
    uses = [use for one in every if isinstance(one, list) for use in one if isinstance(use, Mapping)]
    sending = [use for use in uses if use.get("type") == "whatsapp"]
    minutes = max((number(use.get("estimated_time_to_regain_access")) or 0 for use in sending or uses), default=0)
    return min(timedelta(minutes=minutes), REGAIN_MAX) if 0 < minutes < 10**6 else None


def failure_of(outcome: Failed | Unsure, *, marketing_endpoint: bool = False) -> Failure:
    """The failure behind a POST's outcome."""
    if isinstance(outcome, Unsure):
        return OUTCOME_UNKNOWN
    return meaning(outcome.code, subcode=outcome.subcode, marketing_endpoint=marketing_endpoint)


def blotted(text: str) -> str:
    """Text of Meta's that may be stored and shown: anything that could be a phone number is gone."""
    return _LONG_DIGITS.sub("…", text)[:DETAILS_MAX]
