"""Events that are alike: what the pattern has proved of one is compared with the next, byte for byte.

The pattern costs five microseconds an event. But the events of an import, or the stops of a day, differ only in a few
values that stand in the same places. Put between the bytes that the pattern has accepted, such values make an event in
its one spelling as soon as each is of the form that its place wants; and that is asked of thousands of them at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from consent.events import HASH_PREFIX
from consent.proof.event_lines import BODY, EVENT_LINE_START
from consent.proof.spelling import spelt

SHAPES_MAX = 1_024
_TYPE = slice(BODY.stop - 20, BODY.stop)

Shape = tuple[tuple[slice, ...], tuple[bytes, ...]]
"""Where `CUT` stand in a line, and the bytes before, between and after all of `VARY`; the first of them begin
with what is hashed before an event."""

NO_SHAPE: Shape = ((), ())

CUT = ("cause", "event_id", "commitment", "expires_at", "idem", "occurred_at", "recorded_at", "subject")
VARY = (*CUT[:6], "prev_hash", "recorded_at", "seq", "subject")
"""In the order of their places. `prev_hash` and `seq` are not cut out: the event before says what they must be."""

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
        found = spelt(line[BODY])
        if found is None:
            return None
        if len(self._known) >= SHAPES_MAX:
            self._known.clear()
        shape = self._known[_sort(line)] = _shape(found)
        self.texts.add(found["text"])
        return shape


def _sort(line: bytes) -> tuple[int, bytes]:
    return len(line), line[_TYPE]


def _shape(found: re.Match[bytes]) -> Shape:
    body, at = found.string, 0
    places: dict[str, slice] = {}
    between = []
    for name in VARY:
        start, end = found.span(name)
        if start < 0:
            start = end = at
        between.append(body[at:start])
        places[name] = slice(start + len(EVENT_LINE_START), end + len(EVENT_LINE_START))
        at = end
    return tuple(places[name] for name in CUT), (HASH_PREFIX + between[0], *between[1:], body[at:])
