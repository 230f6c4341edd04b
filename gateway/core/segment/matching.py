"""Whether a person is in a segment: the pure evaluator that every compiled query must agree with."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import singledispatch
from typing import Any

from gateway.core.segment.conditions import (
    NUMBER_PATTERN,
    Added,
    And,
    Bucket,
    Compare,
    Condition,
    ConsentIs,
    Contains,
    Did,
    Engaged,
    EventFact,
    Everyone,
    Field,
    HasTag,
    Known,
    Literal,
    Not,
    OneOf,
    Op,
    Or,
    PersonFacts,
    Segment,
    Times,
    bucket_of,
)

_NUMBER = re.compile(NUMBER_PATTERN)
_OPS: Mapping[Op, Callable[[Any, Any], bool]] = {
    Op.EQ: operator.eq,
    Op.NE: operator.ne,
    Op.LT: operator.lt,
    Op.LE: operator.le,
    Op.GT: operator.gt,
    Op.GE: operator.ge,
}


def matches(segment: Segment, person: PersonFacts, now: datetime) -> bool:
    """Whether the segment holds of the person at `now` (aware). "within 30d" is after now - 30d, up to now."""
    return _holds(segment.where, person, now)


@singledispatch
def _holds(condition: Condition, person: PersonFacts, now: datetime) -> bool:
    raise TypeError(f"{type(condition).__name__} has no rule")


@_holds.register
def _(condition: Everyone, person: PersonFacts, now: datetime) -> bool:
    return True


@_holds.register
def _(condition: HasTag, person: PersonFacts, now: datetime) -> bool:
    return condition.tag in person.tags


@_holds.register
def _(condition: Compare, person: PersonFacts, now: datetime) -> bool:
    return _compare(_value(condition.field, person), condition.op, condition.value)


@_holds.register
def _(condition: OneOf, person: PersonFacts, now: datetime) -> bool:
    value = _value(condition.field, person)
    return any(_compare(value, Op.EQ, wanted) for wanted in condition.values)


@_holds.register
def _(condition: Contains, person: PersonFacts, now: datetime) -> bool:
    return condition.text in _value(condition.field, person)


@_holds.register
def _(condition: Known, person: PersonFacts, now: datetime) -> bool:
    return bool(_value(condition.field, person))


@_holds.register
def _(condition: ConsentIs, person: PersonFacts, now: datetime) -> bool:
    return person.consent.get(condition.purpose, "none") == condition.state


@_holds.register
def _(condition: Engaged, person: PersonFacts, now: datetime) -> bool:
    moments = (
        fact.at
        for fact in person.engagement
        if fact.kind is condition.kind and condition.campaign in (None, fact.campaign)
    )
    return _often_enough(moments, condition.times, condition.within, now)


@_holds.register
def _(condition: Did, person: PersonFacts, now: datetime) -> bool:
    moments = (fact.at for fact in person.events if _is_meant(fact, condition))
    return _often_enough(moments, condition.times, condition.within, now)


@_holds.register
def _(condition: Added, person: PersonFacts, now: datetime) -> bool:
    return now - condition.within < person.added_at <= now


@_holds.register
def _(condition: Bucket, person: PersonFacts, now: datetime) -> bool:
    return _OPS[condition.op](bucket_of(person.number, condition.of, condition.draw), condition.value)


@_holds.register
def _(condition: Not, person: PersonFacts, now: datetime) -> bool:
    return not _holds(condition.part, person, now)


@_holds.register
def _(condition: And, person: PersonFacts, now: datetime) -> bool:
    return all(_holds(part, person, now) for part in condition.parts)


@_holds.register
def _(condition: Or, person: PersonFacts, now: datetime) -> bool:
    return any(_holds(part, person, now) for part in condition.parts)


def _value(field: Field, person: PersonFacts) -> str:
    return (person.attributes if field.attribute else person.fields).get(field.name, "")


def _compare(value: str, op: Op, wanted: Literal) -> bool:
    if op is Op.NE:
        return not _compare(value, Op.EQ, wanted)
    if isinstance(wanted, Decimal):
        return bool(_NUMBER.fullmatch(value)) and _OPS[op](Decimal(value), wanted)
    return value != "" and _OPS[op](value, wanted)


def _is_meant(fact: EventFact, condition: Did) -> bool:
    return (
        fact.name == condition.event
        and condition.about in (None, fact.about)
        and all(_compare(fact.properties.get(one.name, ""), one.op, one.value) for one in condition.where)
    )


def _often_enough(moments: Iterable[datetime], times: Times, within: timedelta | None, now: datetime) -> bool:
    count = sum(1 for at in moments if at <= now and (within is None or at > now - within))
    return _OPS[times.op](count, times.count)
