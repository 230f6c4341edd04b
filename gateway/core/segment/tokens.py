"""A segment's text cut into tokens, each with its position."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from gateway.core.segment.problems import Stumble
from gateway.core.segment.slips import foreign


class TokenKind(StrEnum):
    WORD = "word"
    NUMBER = "number"
    STRING = "string"
    SIGN = "sign"
    END = "end"


class Token(NamedTuple):
    """`value` is a word as written, a string without its quotes, a number's digits, or the sign."""

    kind: TokenKind
    value: str
    position: int


_TOKEN = re.compile(
    r"""
    (?P<space> \s+ )
  | (?P<string> ["“”] (?P<inner> (?: [^"“”\\] | \\["“”\\] )* ) ["“”] )
  | (?P<number> -?[0-9]+ (?:\.[0-9]+)? )
  | (?P<word> [^\W\d]\w* (?: [./-]\w+ )* )
  | (?P<sign> != | <= | >= | [=<>():,] )
    """,
    re.VERBOSE,
)
_ESCAPED = re.compile(r'\\(["“”\\])')


def tokens(text: str) -> Iterator[Token]:
    """All tokens, ending with END. Raises Stumble at the first character that begins none."""
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise _stumble(text, position)
        if found.lastgroup != "space":
            yield _token(found)
        position = found.end()
    yield Token(TokenKind.END, "", len(text))


def _token(found: re.Match[str]) -> Token:
    if found["string"] is not None:
        return Token(TokenKind.STRING, _ESCAPED.sub(r"\1", found["inner"]), found.start())
    assert found.lastgroup is not None
    return Token(TokenKind(found.lastgroup), found[0], found.start())


def _stumble(text: str, position: int) -> Stumble:
    if text[position] in '"“”':
        return Stumble(position, "Bu tırnak kapanmıyor.", "This quotation mark is never closed.")
    wrong = text[position]
    meant = foreign(wrong)
    return Stumble(position, f"Burada “{wrong}” beklenmiyor.{meant.tr}", f"“{wrong}” has no meaning here.{meant.en}")
