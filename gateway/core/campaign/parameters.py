"""A campaign's parameters: what fills the template's holes, for everybody or from each person's own fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.core.columns import attribute_key
from gateway.core.template import Location, Media, Product, Value

PERSON, CAMPAIGN = "person", "campaign"
SOURCES = (PERSON, CAMPAIGN)


@dataclass(frozen=True, slots=True)
class Piece:
    """Either plain `text`, or the field `name` of `source` with its own fallback; names as imports name columns."""

    text: str = ""
    source: str = ""
    name: str = ""
    fallback: str | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """Pieces of text, or one `fixed` value that is the same for everybody (media, a place, a product).

    With `translations` it is none of these itself, but one parameter per language of the template.
    """

    pieces: tuple[Piece, ...] = ()
    fallback: str | None = None
    fixed: Media | Location | Product | None = None
    translations: tuple[tuple[str, Parameter], ...] = ()

    def in_language(self, language: str) -> Parameter | None:
        """What it is in a template of that language (`en` also serves `en_US`); None when nobody translated it."""
        if not self.translations:
            return self
        known = dict(self.translations)
        return known.get(language) or known.get(language.partition("_")[0])

    @property
    def is_personal(self) -> bool:
        """Whether a person's own data can get into it."""
        return any(piece.source == PERSON for piece in self.pieces)

    @property
    def constant(self) -> Value | None:
        """The value when it is the same for everybody, whoever they are."""
        if self.fixed is not None:
            return self.fixed
        if any(piece.source for piece in self.pieces):
            return None
        return " ".join("".join(piece.text for piece in self.pieces).split())


_FIELD = re.compile(r"\{(?P<source>[a-z]+)\.(?P<name>\w+)(?:\|(?P<fallback>[^{}]*))?\}")


def pieces_of(text: str) -> tuple[Piece, ...] | None:
    """ "Merhaba {person.first_name|dostum}" in pieces; None when a bracket belongs to no field of SOURCES."""
    pieces: list[Piece] = []
    end = 0
    for found in _FIELD.finditer(text):
        pieces += [
            Piece(text[end : found.start()]),
            Piece("", found["source"], attribute_key(found["name"]), found["fallback"]),
        ]
        end = found.end()
    pieces.append(Piece(text[end:]))
    strange = any("{" in one.text or "}" in one.text or (one.source and one.source not in SOURCES) for one in pieces)
    return None if strange else tuple(one for one in pieces if one.text or one.source)


def parameter_values(
    parameters: tuple[tuple[str, Parameter], ...],
    person: Mapping[str, str],
    language: str,
    campaign: Mapping[str, str] | None = None,
) -> dict[str, Value]:
    """The values for one person and a template of that language.

    A parameter whose field is missing and has no fallback is left out, so that `fill` names it. Runs of white space
    become one space: Meta refuses line breaks and tabs in parameters.
    """
    sources = {PERSON: person, CAMPAIGN: campaign or {}}
    values: dict[str, Value] = {}
    for key, translated in parameters:
        parameter = translated.in_language(language)
        if parameter is None:
            continue
        value = parameter.fixed or _text(parameter, sources)
        if value is not None:
            values[key] = value
    return values


def _text(parameter: Parameter, sources: Mapping[str, Mapping[str, str]]) -> str | None:
    texts = [_of_piece(piece, sources) for piece in parameter.pieces]
    whole = None if None in texts else " ".join("".join(text or "" for text in texts).split())
    return whole or parameter.fallback or None


def _of_piece(piece: Piece, sources: Mapping[str, Mapping[str, str]]) -> str | None:
    if not piece.source:
        return piece.text
    return (sources[piece.source].get(piece.name) or "").strip() or piece.fallback


def person_fields(name: str | None, attributes: Mapping[str, str] | None, **fields: str | None) -> dict[str, str]:
    """The fields of `{person.…}`: attributes, `name`, its first word as `first_name`, and what else is given.

    An attribute called `first_name` beats the guess from the name.
    """
    known = {key: value for key, value in {"name": name, **fields}.items() if value}
    words = (name or "").split()
    first = {"first_name": words[0]} if words else {}
    return first | dict(attributes or {}) | known
