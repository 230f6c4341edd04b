"""People as JSON lines, as many tools export them: the names of the first objects are the columns."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

import orjson

from gateway.core.cells import CellCode, Unread

HEADER_OBJECTS = 200
"""Names that no object among the first has are no columns: a header must stand before the rows."""


EXPONENT = re.compile(r"[0-9][eE][+-]?[0-9]")


REMARK = "//"
"""Begins a line that is passed over: a rejects file says there why the next line cannot be read."""


def rows_of(lines: Iterable[str]) -> Iterator[tuple[int, list[str] | Unread]]:
    """A header under the number 0, then every line's cells with its number, from 1; NOT_JSON where there are none."""
    numbered = ((line, _object(text)) for line, text in enumerate(lines, 1) if _says_something(text))
    ahead = list(islice(numbered, HEADER_OBJECTS))
    names = list(dict.fromkeys(name for _, found in ahead if isinstance(found, dict) for name in found))
    yield 0, names or ["phone" for _ in ahead[:1]]  # so that lines of which none can be read are named one by one
    for line, found in chain(ahead, numbered):
        yield line, [found.get(name, "") for name in names] if isinstance(found, dict) else found


def _says_something(text: str) -> bool:
    written = text.lstrip("\ufeff \t\r\n")
    return bool(written) and not written.startswith(REMARK)


def _object(text: str) -> dict[str, str] | Unread:
    text = text.lstrip("\ufeff")
    try:
        found = orjson.loads(text)
        if EXPONENT.search(text):  # 9.0555e11 may have lost digits: it must be read as it was written
            found = json.loads(text, parse_float=str)
    except (ValueError, RecursionError):
        return _unread(text)
    return dict(_cells(found)) if isinstance(found, dict) else _unread(text)


def _unread(text: str) -> Unread:
    return Unread(CellCode.NOT_JSON, text.rstrip("\r\n"))


def _cells(found: dict[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in found.items():
        if isinstance(value, dict) and not before:
            yield from _cells(value, f"{name} ")
        else:
            yield f"{before}{name}", _text(value)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(filter(None, map(_text, value)))
    if value is None or isinstance(value, dict):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
