"""Names in a segment that mean nobody: mistyped, or of something that has not come yet. Not wrong, but worth a word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

from gateway.core.columns import Field as Column
from gateway.core.columns import field_of
from gateway.core.segment.conditions import (
    PERSON_FIELDS,
    And,
    Compare,
    Condition,
    ConsentIs,
    Contains,
    Did,
    Engaged,
    Field,
    HasTag,
    Known,
    Literal,
    Not,
    OneOf,
    Op,
    Or,
)
from gateway.core.wording import Wording, did_you_mean


class NameKind(StrEnum):
    TAG = "tag"
    EVENT = "event"
    CAMPAIGN = "campaign"
    PURPOSE = "purpose"
    ATTRIBUTE = "attribute"
    SOURCE = "source"
    LANGUAGE = "language"
    ZONE = "zone"
    COUNTRY = "country"


class Name(NamedTuple):
    """What a segment calls by its name; of a field's kind, the value that the field is compared with."""

    kind: NameKind
    name: str


SENTENCES: Mapping[NameKind, Wording] = {
    NameKind.TAG: Wording("“{name}” etiketi kimsede yok.", "Nobody has the tag “{name}”."),
    NameKind.EVENT: Wording("“{name}” olayı kimseden gelmedi.", "Nobody has ever done “{name}”."),
    NameKind.CAMPAIGN: Wording("“{name}” adlı bir kampanya yok.", "There is no campaign called “{name}”."),
    NameKind.PURPOSE: Wording(
        "“{name}” amacı için kimse bir şey söylemedi.", "Nobody has ever said anything about the purpose “{name}”."
    ),
    NameKind.ATTRIBUTE: Wording("“{name}” alanı kimsede dolu değil.", "Nobody has an attribute “{name}”."),
    NameKind.SOURCE: Wording("Kaynağı “{name}” olan kimse yok.", "Nobody has the source “{name}”."),
    NameKind.LANGUAGE: Wording("Dili “{name}” olan kimse yok.", "Nobody has the language “{name}”."),
    NameKind.ZONE: Wording("Saat dilimi “{name}” olan kimse yok.", "Nobody has the zone “{name}”."),
    NameKind.COUNTRY: Wording("Ülkesi “{name}” olan kimse yok.", "Nobody has the country “{name}”."),
}

VALUED = frozenset(PERSON_FIELDS) - {"name"}
"""Fields that take a few values alone."""

COLUMNS: Mapping[Column, str] = {
    Column.NAME: "name",
    Column.LANGUAGE: "language",
    Column.ZONE: "zone",
    Column.CONSENT_SOURCE: "source",
    Column.TAGS: "tag:…",
    Column.CONSENT_AT: "consent(marketing) is granted",
}
"""What columns of a file have become, of which no attribute is left (`dil = tr`)."""


def names_in(condition: Condition) -> tuple[Name, ...]:
    """Each name once, in the order of the text."""
    return tuple(dict.fromkeys(_names(condition)))


def _names(condition: Condition) -> Iterator[Name]:
    match condition:
        case Not(part):
            yield from _names(part)
        case And(parts) | Or(parts):
            for part in parts:
                yield from _names(part)
        case HasTag(tag):
            yield Name(NameKind.TAG, tag)
        case Did(event=event):
            yield Name(NameKind.EVENT, event)
        case Engaged(campaign=str(campaign)) if campaign:
            yield Name(NameKind.CAMPAIGN, campaign)
        case ConsentIs(purpose) if purpose.startswith("custom:"):
            yield Name(NameKind.PURPOSE, purpose)
        case Compare(field, Op.EQ | Op.NE, value):
            yield from _of_field(field, (value,))
        case OneOf(field, values):
            yield from _of_field(field, values)
        case Compare(field) | Contains(field) | Known(field):
            yield from _of_field(field, ())


def _of_field(field: Field, values: Iterable[Literal]) -> Iterator[Name]:
    if field.attribute:
        yield Name(NameKind.ATTRIBUTE, field.name)
    elif field.name in VALUED:
        yield from (Name(NameKind(field.name), str(value)) for value in values)


def hint(name: Name, known: Iterable[str]) -> Wording:
    """That nobody is meant by the name, and which of those that are known may have been."""
    said, near = SENTENCES[name.kind], did_you_mean(name.name, known)
    if name.kind is NameKind.ATTRIBUTE:
        column = field_of(name.name)
        meant = COLUMNS.get(column) if column else None
        near = did_you_mean(meant, [meant]) if meant else did_you_mean(name.name, [*known, *PERSON_FIELDS])
    return Wording(said.tr.format(name=name.name) + near.tr, said.en.format(name=name.name) + near.en)
