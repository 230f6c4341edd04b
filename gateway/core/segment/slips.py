"""What people write in a segment who know another language for the same, and what to write instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gateway.core.segment.conditions import RESERVED
from gateway.core.wording import Wording

if TYPE_CHECKING:
    from gateway.core.segment.tokens import Token

WORDS: Mapping[str, str] = {
    "ve": "and", "veya": "or", "ya": "or", "değil": "not", "degil": "not", "and": "and", "or": "or", "not": "not",
    "etiket": "tag:vip", "tags": "tag:vip", "like": "contains", "içerir": "contains", "arasında": "in",
    "herkes": "everyone", "all": "everyone", "within": "within 30d", "months": "30d", "month": "30d", "ay": "30d",
    "year": "365d", "years": "365d", "yıl": "365d",
}  # fmt: skip
SIGNS: Mapping[str, str] = {"&": "and", "|": "or", "!": "not", "'": '"…"', "‘": '"…"', "’": '"…"', "«": '"…"'}
OPERATORS: Mapping[str, str] = {"==": "=", "=>": ">=", "=<": "<=", "<>": "!="}
NOTHING = Wording("", "")


def foreign(sign: str) -> Wording:
    """For a character that has no meaning."""
    return _write(SIGNS[sign]) if sign in SIGNS else NOTHING


def slip(before: Sequence[Token], here: Token) -> Wording:
    """For a token that cannot stand here, after the one before it if there is any."""
    written = "".join(token.value for token in before) + here.value
    if written in OPERATORS:
        return _write(OPERATORS[written])
    if (word := here.value.casefold()) in WORDS and WORDS[word] != here.value:
        return _write(WORDS[word])
    kinds = [token.kind.value for token in (*before, here)]
    if kinds == ["number", "sign"] and here.value == ",":
        return Wording(" Ondalığı noktayla yazın: 12.5.", " Write decimals with a point: 12.5.")
    if kinds == ["word", "word"] and not {before[0].value, here.value} & RESERVED:
        both = f'"{before[0].value} {here.value}"'
        return Wording(f" Birden çok sözcüğü tırnağa alın: {both}.", f" Put several words in quotes: {both}.")
    return NOTHING


def _write(meant: str) -> Wording:
    return Wording(f" Yerine {meant} yazın.", f" Write {meant} instead.")
