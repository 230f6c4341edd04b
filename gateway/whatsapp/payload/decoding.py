"""From bytes to JSON values that any database can hold.

orjson is quick and strict. What it refuses (half a surrogate pair, cut UTF-8, control characters) the slow way reads:
a broken name must not hide the STOP beside it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

import orjson

NOT_JSON: Final = object()

REPLACEMENT = "\ufffd"
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # no NUL in PostgreSQL, no half surrogates in UTF-8
_NUL_ESCAPE = b"\\u0000"


def parse(body: Mapping[str, object] | bytes | str) -> Any:
    """The JSON value, or NOT_JSON. A mapping is parsed anew, so that it is held to the same rules. Never raises."""
    body = dict(body) if isinstance(body, Mapping) else body
    try:
        written = orjson.dumps(body) if isinstance(body, dict) else body
        if not isinstance(written, bytes) or _NUL_ESCAPE not in written:
            return orjson.loads(written)
    except (orjson.JSONDecodeError, TypeError):
        pass
    return _parsed_slowly(body)


def _parsed_slowly(body: dict[str, object] | bytes | str) -> Any:
    try:
        value = body if isinstance(body, dict) else json.loads(_as_text(body), strict=False)
        # written out, every unstorable character stands bare or as a NUL escape, and one substitution finds all
        bare = _UNSTORABLE.sub(REPLACEMENT, json.dumps(value, ensure_ascii=False, default=str))
        return json.loads(_without_nul(bare))
    except (ValueError, TypeError, RecursionError):
        return NOT_JSON


def _as_text(body: bytes | str) -> str:
    return body if isinstance(body, str) else body.decode("utf-8-sig", "replace")


def _without_nul(written: str) -> str:
    """NUL escapes replaced; a backslash that is itself escaped does not begin one."""
    return re.sub(r"(\\\\)|\\u0000", lambda found: found[1] or REPLACEMENT, written)
