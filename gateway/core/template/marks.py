"""WhatsApp's own marks in a text: *bold*, _italic_, ~struck~ and ```mono```.

A mark counts only around words, on one line; inside mono nothing else counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    MONO = "mono"
    BOLD = "bold"
    ITALIC = "italic"
    STRUCK = "struck"


Marks = frozenset[Mark]
PLAIN: Marks = frozenset()

_SIGNS = {
    Mark.MONO: re.compile(r"```(.+?)```", re.DOTALL),
    Mark.BOLD: re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])"),
    Mark.ITALIC: re.compile(r"(?<![\w_])_(?=\S)([^_\n]+?)(?<=\S)_(?![\w_])"),
    Mark.STRUCK: re.compile(r"(?<![\w~])~(?=\S)([^~\n]+?)(?<=\S)~(?![\w~])"),
}


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text that looks the same throughout; its signs are gone."""

    text: str
    marks: Marks = PLAIN


def spans(text: str) -> list[Span]:
    """The text in order, with the marks that a phone draws; marks may stand within one another."""
    return list(_spans(text, PLAIN))


def _spans(text: str, marks: Marks) -> Iterator[Span]:
    found = [(one.start(), mark, one) for mark, sign in _SIGNS.items() if mark not in marks
             if (one := sign.search(text))]  # fmt: skip
    if not found or Mark.MONO in marks:
        if text:
            yield Span(text, marks)
        return
    _, mark, first = min(found, key=lambda one: one[0])
    if first.start():
        yield Span(text[: first.start()], marks)
    yield from _spans(first[1], marks | {mark})
    yield from _spans(text[first.end() :], marks)
