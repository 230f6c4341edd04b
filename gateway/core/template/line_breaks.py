"""Text with marks broken into lines, as a phone would by width."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from gateway.core.template.marks import Marks, Span

Measure = Callable[[str, Marks], float]
"""How wide a letter is with these marks, in pixels."""
_WORD = re.compile(r"\S+\s*|\s+")

Letters = Sequence[tuple[str, Marks]]


def broken(spans: Sequence[Span], measure: Measure, room: float) -> list[list[Span]]:
    """The lines of one paragraph, each at most `room` pixels wide unless a single letter is wider than that.

    Breaks stand between words, and inside a word only where it alone is too long. White space at a break is dropped.
    """
    letters = [(letter, span.marks) for span in spans for letter in span.text]
    return [_spans(line) for line in _lines(letters, measure, room)] or [[]]


def _lines(letters: Letters, measure: Measure, room: float) -> Iterator[Letters]:
    text = "".join(letter for letter, _ in letters)
    start = end = 0
    for word in _WORD.finditer(text):
        if end > start and _width(letters, start, start + len(text[start : word.end()].rstrip()), measure) > room:
            yield letters[start : start + len(text[start:end].rstrip())]
            start = end
        end = word.end()
        while (cut := _too_far(letters, start, start + len(text[start:end].rstrip()), measure, room)) is not None:
            yield letters[start:cut]
            start = cut
    if start < len(text):
        yield letters[start : start + len(text[start:].rstrip())]


def _width(letters: Letters, start: int, end: int, measure: Measure) -> float:
    return sum(measure(letter, marks) for letter, marks in letters[start:end])


def _too_far(letters: Letters, start: int, end: int, measure: Measure, room: float) -> int | None:
    """Where a stretch must be cut because it does not fit, never between a letter and the marks on it."""
    wide = 0.0
    for place in range(start, end):
        step = measure(*letters[place])
        wide += step
        if wide > room and step > 0 and place > start:
            return place
    return None


def _spans(letters: Letters) -> list[Span]:
    return [
        Span("".join(letter for letter, _ in run), marks) for marks, run in groupby(letters, key=lambda one: one[1])
    ]


def width(line: Sequence[Span], measure: Measure) -> float:
    """Of a whole line, in pixels."""
    return sum(measure(letter, span.marks) for span in line for letter in span.text)
