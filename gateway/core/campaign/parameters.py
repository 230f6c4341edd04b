"""A campaign's parameters: what fills the template's holes, for everybody or from each person's own fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.core.columns import attribute_key
from gateway.core.template import Location, Media, Product, Value

PERSON, CAMPAIGN, EVENT = "person", "campaign", "event"

Happened = Mapping[str, Mapping[str, str]]
"""What a person last did: event name -> the properties of their latest event of that name."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Either plain `text`, or the field `name` of `source` with its own fallback; names as imports name columns.

    From an EVENT, `event` is its name and `name` a property of it, both as they were reported.
    """

    text: str = ""
    source: str = ""
    name: str = ""
    fallback: str | None = None
    event: str = ""


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
        return any(piece.source in (PERSON, EVENT) for piece in self.pieces)

    @property
    def constant(self) -> Value | None:
        """The value when it is the same for everybody, whoever they are."""
        if self.fixed is not None:
            return self.fixed
        if any(piece.source for piece in self.pieces):
            return None
        return " ".join("".join(piece.text for piece in self.pieces).split())


_FIELD = re.compile(
    r"\{(?:event\.(?P<event>[^{}.|]+)\.(?P<property>[^{}|]+)|(?P<source>person|campaign)\.(?P<name>\w+))"
    r"(?:\|(?P<fallback>[^{}]*))?\}"
)


def pieces_of(text: str) -> tuple[Piece, ...] | None:
    """ "Merhaba {person.first_name|dostum}" in pieces; None when a bracket belongs to no field.

    An event's name ends at its first dot: {event.Order Completed.size.eu|size} is the property `size.eu`.
    """
    pieces: list[Piece] = []
    end = 0
    for found in _FIELD.finditer(text):
        pieces += [Piece(text[end : found.start()]), _field(found)]
        end = found.end()
    pieces.append(Piece(text[end:]))
    strange = any("{" in one.text or "}" in one.text for one in pieces)
    return None if strange else tuple(one for one in pieces if one.text or one.source)


def _field(found: re.Match[str]) -> Piece:
    if found["event"]:
        return Piece("", EVENT, found["property"].strip(), found["fallback"], found["event"].strip())
    return Piece("", found["source"], attribute_key(found["name"]), found["fallback"])


def events_in(parameters: tuple[tuple[str, Parameter], ...], *, needed: bool = False) -> tuple[str, ...]:
    """The names of events whose properties fill something; with `needed`, only where no fallback stands in."""
    names = {
        piece.event: None
        for _, written in parameters
        for one in (written, *(translated for _, translated in written.translations))
        for piece in one.pieces
        if piece.event and not (needed and (piece.fallback is not None or one.fallback is not None))
    }
    return tuple(names)


def parameter_values(
    parameters: tuple[tuple[str, Parameter], ...],
    person: Mapping[str, str],
    language: str,
    campaign: Mapping[str, str] | None = None,
    happened: Happened | None = None,
) -> dict[str, Value]:
    """The values for one person and a template of that language; `happened` holds the events of `events_in`.

    A parameter whose field is missing and has no fallback is left out, so that `fill` names it. Runs of white space
    become one space: Meta refuses line breaks and tabs in parameters.
    """
    sources = _Sources({PERSON: person, CAMPAIGN: campaign or {}}, happened or {})
    values: dict[str, Value] = {}
    for key, translated in parameters:
        parameter = translated.in_language(language)
        if parameter is None:
            continue
        value = parameter.fixed or _text(parameter, sources)
        if value is not None:
            values[key] = value
    return values


@dataclass(frozen=True, slots=True)
class _Sources:
    fields: Mapping[str, Mapping[str, str]]
    happened: Happened

    def value(self, piece: Piece) -> str:
        known = self.happened.get(piece.event, {}) if piece.event else self.fields[piece.source]
        return (known.get(piece.name) or "").strip()


def _text(parameter: Parameter, sources: _Sources) -> str | None:
    texts = [_of_piece(piece, sources) for piece in parameter.pieces]
    whole = None if None in texts else " ".join("".join(text or "" for text in texts).split())
    return whole or parameter.fallback or None


def _of_piece(piece: Piece, sources: _Sources) -> str | None:
    return sources.value(piece) or piece.fallback if piece.source else piece.text


def person_fields(name: str | None, attributes: Mapping[str, str] | None, **fields: str | None) -> dict[str, str]:
    """The fields of `{person.…}`: attributes, `name`, its first word as `first_name`, and what else is given.

    An attribute called `first_name` beats the guess from the name.
    """
    known = {key: value for key, value in {"name": name, **fields}.items() if value}
    words = (name or "").split()
    first = {"first_name": words[0]} if words else {}
    return first | dict(attributes or {}) | known
