"""Events that are alike: what the pattern has proved of one is compared with the next, byte for byte.

The pattern costs five microseconds an event. But the events of an import, or the stops of a day, differ only in a few
values that stand in the same places. Where the bytes between such values are those that the pattern has accepted, an
event is in its one spelling as soon as each value is of the form that its place wants; and that is asked of thousands
of them at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from struct import Struct
from typing import Any

from consent.events import HASH_PREFIX
from consent.proof.event_lines import BODY, CLAIMED, EVENT_LINE_START, is_event_line
from consent.proof.spelling import spelt

SHAPES_MAX = 1_024
_TYPE = slice(BODY.stop - 20, BODY.stop)

VARY = (
    "cause", "event_id", "commitment", "expires_at", "idem",
    "occurred_at", "prev_hash", "recorded_at", "seq", "subject",
)  # fmt: skip
"""The values that a shape leaves open, in the order of their places; the claimed hash follows them."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Lines of one length that are equal except for what stands in the places of the values."""

    between: tuple[Any, ...]
    """The bytes before, between and after the values that are there."""
    widths: tuple[int, ...]
    """How far the line goes on to the next value, and how long that is, in turn."""
    values: Callable[[bytes], tuple[Any, ...]] = field(compare=False)
    """Takes the values out of a line of this length, b"" for one that a shape has not: as `VARY`, then the hash."""
    rest: Callable[[bytes], tuple[Any, ...]] = field(compare=False)
    """Takes out what must be equal to `between`."""
    begun: Any = field(compare=False)
    """The hash of such an event up to its first value; `unhashed` is where the rest of it stands."""
    unhashed: slice


_PLAIN = bytes(letter for letter in range(0x20, 0x7F) if letter not in b'"\\')
_NO_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_MOMENT = b"0000-00-00T00:00:00.000000Z"


def plain(strings: Iterable[bytes]) -> bool:
    """Whether all of them are ASCII in which JSON escapes nothing."""
    return not b"".join(strings).translate(None, _PLAIN)


def hexadecimal(hashes: Iterable[bytes]) -> bool:
    """Whether all of them are of small hexadecimal digits. Their length is held by the shape."""
    return not b"".join(hashes).translate(None, b"0123456789abcdef")


def moments(texts: Iterable[bytes]) -> bool:
    """Whether all of them are moments, or nothing where a shape has none. Their length is held by the shape."""
    written = b"".join(texts).translate(_NO_DIGITS)
    return written == _MOMENT * (len(written) // len(_MOMENT))


class Shapes:
    """The shapes met so far, by the length of a line and the event's type: a guess, which a comparison proves."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, bytes], Shape] = {}
        self.texts: set[bytes] = set()
        """The consent texts that they name, as canonical JSON or null."""

    def __getstate__(self) -> dict[str, Any]:
        """Guesses are not worth carrying to another process."""
        return {"_known": {}, "texts": self.texts}

    def of(self, line: bytes) -> Shape | None:
        """A shape that may be this line's; None when it is not an event in its one spelling."""
        return self._known.get(_sort(line)) or self._learn(line)

    def another(self, line: bytes, tried: Shape) -> Shape | None:
        """A shape that may be this line's, now that one was not; None when its own is none, or has been tried."""
        known = self._known.get(_sort(line))
        if known is not None and known is not tried:
            return known
        learnt = self._learn(line)
        return None if learnt == tried else learnt

    def _learn(self, line: bytes) -> Shape | None:
        found = spelt(line[BODY]) if is_event_line(line) else None
        if found is None:
            return None
        if len(self._known) >= SHAPES_MAX:
            self._known.clear()
        shape = self._known[_sort(line)] = _shape(line, found)
        self.texts.add(found["text"])
        return shape


def _sort(line: bytes) -> tuple[int, bytes]:
    return len(line), line[_TYPE]


def _shape(line: bytes, found: re.Match[bytes]) -> Shape:
    frame, at = len(EVENT_LINE_START), 0
    widths: list[int] = []
    for name in VARY:
        start, end = (place + frame for place in found.span(name))
        if start < frame:  # the group took no part in the match
            start = end = at
        widths += start - at, end - start
        at = end
    start, end, _ = CLAIMED.indices(len(line))
    widths += start - at, end - start, len(line) - end
    rest = Struct("".join(f"{width}{'x' if place % 2 else 's'}" for place, width in enumerate(widths))).unpack
    values = Struct("".join(f"{width}{'s' if place % 2 else 'x'}" for place, width in enumerate(widths))).unpack
    first = frame + min(start for start in map(found.start, VARY) if start >= 0)
    begun = sha256(HASH_PREFIX + line[frame:first])
    return Shape(rest(line), tuple(widths), values, rest, begun, slice(first, BODY.stop))
