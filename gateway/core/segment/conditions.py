"""What a segment is made of: one frozen class per kind of condition, and the facts that they are asked of.

Every condition is either true or false of a person, never unknown: a fact that is missing makes a condition false,
and `not` turns exactly that round. Compilers to SQL must keep to this (use `coalesce(..., false)`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

CONSENT_STATES = ("none", "pending", "granted", "declined", "lapsed", "paused", "revoked", "expired")
"""Standings as in reference/consent.md 3.2; the erased are nobody's segment."""

PERSON_FIELDS = ("name", "source", "language", "zone", "country")
"""Fields that every person has a place for; anything else is an attribute."""

NUMBER_PATTERN = r"-?[0-9]{1,9}(\.[0-9]{1,6})?"
"""What counts as a number, in the segment's text and in stored values: 15 digits, so that a double holds it exactly."""

Literal = str | Decimal

RESERVED = frozenset(
    {"and", "or", "not", "within", "in", "is", "contains", "everyone", "tag", "consent", "bucket", "added", "event"}
    | {"sent", "delivered", "read", "opened", "clicked", "replied"}
)
"""Words with a meaning of their own; an attribute of such a name is written `person.read`."""


class Op(StrEnum):
    EQ = "="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="


class Engagement(StrEnum):
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    CLICKED = "clicked"
    REPLIED = "replied"


@dataclass(frozen=True, slots=True)
class Field:
    """A person's field (`language`), or with `attribute` their own attribute, named as imports name columns."""

    name: str
    attribute: bool = True


@dataclass(frozen=True, slots=True)
class Times:
    """How often something happened: `>= 1` when nothing is said."""

    op: Op = Op.GE
    count: int = 1


@dataclass(frozen=True, slots=True)
class Everyone:
    """True of everybody."""


@dataclass(frozen=True, slots=True)
class HasTag:
    """`tag` is folded as imports fold tags: lower case, without accents."""

    tag: str


@dataclass(frozen=True, slots=True)
class Compare:
    """Text against text by code point, numbers against what looks like one (NUMBER_PATTERN), else false.

    `!=` is exactly `not =`, so it is true where the field is missing.
    """

    field: Field
    op: Op
    value: Literal


@dataclass(frozen=True, slots=True)
class OneOf:
    field: Field
    values: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Contains:
    """The text occurs in the field, letter for letter (case counts)."""

    field: Field
    text: str


@dataclass(frozen=True, slots=True)
class Known:
    """The field is there and not empty."""

    field: Field


@dataclass(frozen=True, slots=True)
class ConsentIs:
    purpose: str
    state: str


@dataclass(frozen=True, slots=True)
class Engaged:
    """How often our messages reached a person in that way, of one campaign or of all, ever or within a span."""

    kind: Engagement
    campaign: str | None = None
    times: Times = Times()
    within: timedelta | None = None


@dataclass(frozen=True, slots=True)
class PropertyIs:
    """A condition on an event's property; compared as a `Compare` is."""

    name: str
    op: Op
    value: Literal


@dataclass(frozen=True, slots=True)
class Did:
    """How often an event of that name happened, about one thing or any, with properties, ever or within a span."""

    event: str
    about: str | None = None
    where: tuple[PropertyIs, ...] = ()
    times: Times = Times()
    within: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """The person was added within the span."""

    within: timedelta


@dataclass(frozen=True, slots=True)
class Bucket:
    """The person's random bucket out of `of`, from 0; `draw` names an independent draw."""

    of: int
    op: Op
    value: int
    draw: str = ""


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Condition, ...]


Atom = Everyone | HasTag | Compare | OneOf | Contains | Known | ConsentIs | Engaged | Did | Added | Bucket
Condition = Atom | Not | And | Or


@dataclass(frozen=True, slots=True)
class Segment:
    """A parsed segment: the text as written, and what it means."""

    text: str
    where: Condition


class EngagementFact(NamedTuple):
    kind: Engagement
    campaign: str
    at: datetime


@dataclass(frozen=True, slots=True)
class EventFact:
    """Something that happened to a person elsewhere (a purchase, a cart): `about` is the thing, as text."""

    name: str
    at: datetime
    about: str = ""
    properties: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFacts:
    """All that a segment may look at. `number` is the subject's own row number; moments are aware, UTC.

    `consent` maps purpose to the state as of the moment of asking; a missing purpose counts as `none`.
    `fields` holds PERSON_FIELDS, `attributes` the person's own; both as text, missing or empty when unknown.
    """

    number: int
    added_at: datetime
    tags: frozenset[str] = frozenset()
    fields: Mapping[str, str] = field(default_factory=dict, hash=False)
    attributes: Mapping[str, str] = field(default_factory=dict, hash=False)
    consent: Mapping[str, str] = field(default_factory=dict, hash=False)
    engagement: tuple[EngagementFact, ...] = ()
    events: tuple[EventFact, ...] = ()


DRAW_PRIME = 2**31 - 1


def draw_factors(draw: str) -> tuple[int, int]:
    """The two factors of a named draw, each below DRAW_PRIME.

    A person's bucket is `((number % DRAW_PRIME + 1) * factor + shift) % DRAW_PRIME % of`: whole numbers below 2**63
    throughout, so that both databases work it out without help, and the same for ever.
    """
    digest = hashlib.sha256(b"izin-draw\n" + draw.encode()).digest()
    factor = int.from_bytes(digest[:8], "big") % (DRAW_PRIME - 1) + 1
    shift = int.from_bytes(digest[8:16], "big") % DRAW_PRIME
    return factor, shift


def bucket_of(number: int, of: int, draw: str = "") -> int:
    """The bucket, from 0 to `of` - 1, of the person with that number in that draw."""
    factor, shift = draw_factors(draw)
    return ((number % DRAW_PRIME + 1) * factor + shift) % DRAW_PRIME % of
