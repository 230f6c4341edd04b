"""Reading single JSON values that may be of any type: the wanted thing, or None. Nothing here raises."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

Json = dict[str, Any]

EMPTY: Final[Json] = {}
LATEST_SECONDS = 253_402_300_799  # 9999-12-31T23:59:59Z, the last moment that Python can name
NUMBER_MAX = 2**63 - 1  # what a database column holds
NUMBER_CHARS_MAX = 20  # int() is slow, and beyond 4,300 digits raises, on what is no number of Meta's anyway


def text(value: object) -> str | None:
    """A string, or None when it is empty or not text. Whole numbers count as text."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= NUMBER_MAX:
        return str(value)
    return None


def number(value: object) -> int | None:
    """A whole number of 64 bits, also out of "131050" or 1.7e9. True and False are not numbers."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        value = _number_in(value)
    elif isinstance(value, float):
        value = int(value) if value.is_integer() else None
    return value if isinstance(value, int) and abs(value) <= NUMBER_MAX else None


def _number_in(written: str) -> int | None:
    if len(written) > NUMBER_CHARS_MAX:
        return None
    try:
        return int(written)
    except ValueError:
        return None


def moment(value: object) -> datetime | None:
    """Unix seconds, as number or text, to an aware UTC moment. Milliseconds are recognised by their size."""
    seconds = number(value)
    return None if seconds is None else _moment_at(seconds)


@lru_cache(maxsize=4_096)  # the statuses of a batch share few seconds
def _moment_at(seconds: int) -> datetime | None:
    if seconds > LATEST_SECONDS // 2:
        seconds //= 1000
    return datetime.fromtimestamp(seconds, UTC) if 0 <= seconds <= LATEST_SECONDS else None


def flag(value: object) -> bool | None:
    """True or False, also written out."""
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower())
    return value if isinstance(value, bool) else None


def mapping(value: object) -> Json:
    """The object, or an empty one."""
    return value if isinstance(value, dict) else EMPTY


def mappings(value: object) -> list[Json]:
    """The objects of a list, leaving out whatever else stands in it. One object counts as a list of one."""
    if isinstance(value, list):
        return [each for each in value if isinstance(each, dict)]
    return [value] if isinstance(value, dict) else []


def language(value: object) -> str | None:
    """A template's language as the API spells it: en_US. Meta's own webhook samples write en-US."""
    written = text(value)
    if written is None:
        return None
    head, *rest = written.replace("-", "_").split("_")
    return "_".join([head.lower(), *(part.upper() if len(part) == 2 else part for part in rest)])
