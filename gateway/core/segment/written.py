"""Conditions written back as text: `parse(write(condition))` gives the same condition."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import singledispatch

from gateway.core.segment.conditions import (
    PERSON_FIELDS,
    RESERVED,
    Added,
    And,
    Bucket,
    Compare,
    Condition,
    ConsentIs,
    Contains,
    Did,
    Engaged,
    Everyone,
    Field,
    HasTag,
    Known,
    Literal,
    Not,
    OneOf,
    Or,
    Times,
)
from gateway.core.spans import write_span


@singledispatch
def write(condition: Condition) -> str:
    """The condition in the segment language, with brackets only where they are needed."""
    raise TypeError(f"{type(condition).__name__} has no text")


@write.register
def _(condition: Everyone) -> str:
    return "everyone"


@write.register
def _(condition: HasTag) -> str:
    return f"tag:{quoted(condition.tag)}"


@write.register
def _(condition: Compare) -> str:
    return f"{_name(condition.field)} {condition.op} {_literal(condition.value)}"


@write.register
def _(condition: OneOf) -> str:
    return f"{_name(condition.field)} in ({', '.join(map(_literal, condition.values))})"


@write.register
def _(condition: Contains) -> str:
    return f"{_name(condition.field)} contains {quoted(condition.text)}"


@write.register
def _(condition: Known) -> str:
    return f"{_name(condition.field)} is known"


@write.register
def _(condition: ConsentIs) -> str:
    return f"consent({quoted(condition.purpose)}) is {condition.state}"


@write.register
def _(condition: Engaged) -> str:
    campaign = f"({quoted(condition.campaign)})" if condition.campaign is not None else ""
    return f"{condition.kind}{campaign}{_times(condition.times)}{_within(condition.within)}"


@write.register
def _(condition: Did) -> str:
    about = [quoted(condition.about, empty=True)] if condition.about is not None else []
    where = [f"{one.name} {one.op} {_literal(one.value)}" for one in condition.where]
    inside = ", ".join([quoted(condition.event), *about, *where])
    return f"event({inside}){_times(condition.times)}{_within(condition.within)}"


@write.register
def _(condition: Added) -> str:
    return f"added{_within(condition.within)}"


@write.register
def _(condition: Bucket) -> str:
    draw = f", {quoted(condition.draw)}" if condition.draw else ""
    return f"bucket({condition.of}{draw}) {condition.op} {condition.value}"


@write.register
def _(condition: Not) -> str:
    return f"not {_bracketed(condition.part, And, Or)}"


@write.register
def _(condition: And) -> str:
    return " and ".join(_bracketed(part, And, Or) for part in condition.parts)


@write.register
def _(condition: Or) -> str:
    return " or ".join(_bracketed(part, Or) for part in condition.parts)


def _bracketed(part: Condition, *kinds: type[Condition]) -> str:
    return f"({write(part)})" if isinstance(part, kinds) else write(part)


_BARE = re.compile(r"[^\W\d]\w*")


def quoted(text: str, *, empty: bool = False) -> str:
    """A plain word as it is, everything else in quotes."""
    if _BARE.fullmatch(text) and not empty:
        return text
    return '"' + re.sub(r'(["“”\\])', r"\\\1", text) + '"'


def _name(field: Field) -> str:
    shadowed = field.attribute and (field.name in PERSON_FIELDS or field.name in RESERVED)
    return f"person.{field.name}" if shadowed or field.name.startswith("person.") else field.name


def _literal(value: Literal) -> str:
    return quoted(value) if isinstance(value, str) else format(value, "f")


def _times(times: Times) -> str:
    return "" if times == Times() else f" {times.op} {times.count}"


def _within(span: timedelta | None) -> str:
    return "" if span is None else f" within {write_span(span)}"
