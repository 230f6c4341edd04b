"""From bytes to JSON values that any database can hold.

orjson is quick and strict. What it refuses (half a surrogate pair, cut UTF-8, control characters) the slow way reads:
a broken name, a number without end or an abyss of brackets must not hide the STOP beside it.
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

DEPTH_MAX = 100
"""What lies deeper is nothing of Meta's, and neither parser follows it to its end."""
_SIGN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_WHOLE_CHARS_MAX = 20  # orjson's own end: longer ones are read as floating numbers


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
        value = body if isinstance(body, dict) else _loaded(_as_text(body))
        # written out, every unstorable character stands bare or as a NUL escape, and one substitution finds all
        bare = _UNSTORABLE.sub(REPLACEMENT, json.dumps(value, ensure_ascii=False, default=str))
        return json.loads(_without_nul(bare))
    except (ValueError, TypeError, RecursionError):
        return NOT_JSON


def _loaded(written: str) -> Any:
    try:
        return json.loads(written, strict=False, parse_int=_whole)
    except RecursionError:
        return json.loads(_shallow(written), strict=False, parse_int=_whole)


def _whole(written: str) -> int | float:
    """A whole number, or as near as a float comes to it: int() is slow on long ones and refuses 4,300 digits."""
    return int(written) if len(written) <= _WHOLE_CHARS_MAX else float(written)


def _shallow(written: str) -> str:
    """The same JSON with null for whatever lies too deep."""
    kept, depth, after = [], 0, 0
    for found in _SIGN.finditer(written):
        if found[0] in "[{":
            if depth == DEPTH_MAX:
                kept.append(written[after : found.start()] + "null")
            depth += 1
        elif found[0] in "]}":
            depth -= 1
            if depth == DEPTH_MAX:
                after = found.end()
    return "".join(kept) + written[after:]


def _as_text(body: bytes | str) -> str:
    return body if isinstance(body, str) else body.decode("utf-8-sig", "replace")


def _without_nul(written: str) -> str:
    """NUL escapes replaced; a backslash that is itself escaped does not begin one."""
    return re.sub(r"(\\\\)|\\u0000", lambda found: found[1] or REPLACEMENT, written)
