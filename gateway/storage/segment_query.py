"""Segments as conditions of a query, for what can be said in SQL exactly as core.segment.matches says it.

None stands for "not in SQL": whoever asks then looks at people one by one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import singledispatch

from sqlalchemy import ColumnElement, and_, exists, func, literal, not_, or_, select, true

from consent.tables import StandingRow, table_of
from gateway.core.segment import And, Compare, Condition, ConsentIs, Everyone, Field, HasTag, Not, Op, Or, Segment
from gateway.core.segment.conditions import Known, OneOf
from gateway.storage.tables import PersonRow, TagRow

_person, _tag, _standing = table_of(PersonRow), table_of(TagRow), table_of(StandingRow)

Compiled = ColumnElement[bool] | None

COLUMNS = {"language": "language", "source": "source", "country": "region"}


def compiled(segment: Segment, at: datetime) -> Compiled:
    """The condition on a row of `person`, or None when the segment says something that only Python can judge."""
    return _compiled(segment.where, at)


@singledispatch
def _compiled(condition: Condition, at: datetime) -> Compiled:
    return None


@_compiled.register
def _(condition: Everyone, at: datetime) -> Compiled:
    return true()


@_compiled.register
def _(condition: HasTag, at: datetime) -> Compiled:
    mine = (_tag.c.subject_id == _person.c.subject_id, _tag.c.tag == condition.tag)
    return exists(select(literal(1)).where(*mine).correlate(_person))


@_compiled.register
def _(condition: ConsentIs, at: datetime) -> Compiled:
    """States that time itself leads to are left to the fold, which knows how they end."""
    mine = and_(_standing.c.subject_id == _person.c.subject_id, _standing.c.purpose == condition.purpose)
    if condition.state == "none":
        return not_(exists(select(literal(1)).where(mine, _standing.c.state != "none").correlate(_person)))
    if condition.state not in ("granted", "pending"):
        return None
    runs = or_(_standing.c.deadline.is_(None), _standing.c.deadline > at)
    return exists(select(literal(1)).where(mine, _standing.c.state == condition.state, runs).correlate(_person))


@_compiled.register
def _(condition: Compare, at: datetime) -> Compiled:
    if not isinstance(condition.value, str) or condition.op not in (Op.EQ, Op.NE):
        return None
    value = _value(condition.field)
    if value is None:
        return None
    same = and_(value != "", value == condition.value)
    return same if condition.op is Op.EQ else not_(same)


@_compiled.register
def _(condition: OneOf, at: datetime) -> Compiled:
    value = _value(condition.field)
    texts = [one for one in condition.values if isinstance(one, str)]
    if value is None or len(texts) < len(condition.values):
        return None
    return and_(value != "", value.in_(texts))


@_compiled.register
def _(condition: Known, at: datetime) -> Compiled:
    value = _value(condition.field)
    return None if value is None else value != ""


@_compiled.register
def _(condition: Not, at: datetime) -> Compiled:
    part = _compiled(condition.part, at)
    return None if part is None else not_(part)


@_compiled.register
def _(condition: And, at: datetime) -> Compiled:
    return _joined(condition.parts, at, and_)


@_compiled.register
def _(condition: Or, at: datetime) -> Compiled:
    return _joined(condition.parts, at, or_)


def _joined(parts: tuple[Condition, ...], at: datetime, join: Callable[..., ColumnElement[bool]]) -> Compiled:
    found = [_compiled(part, at) for part in parts]
    known = [part for part in found if part is not None]
    return join(*known) if len(known) == len(found) else None


def _value(field: Field) -> ColumnElement[str] | None:
    """The field as text, empty where it is missing; None for fields that are put together from several columns."""
    if field.attribute:
        return func.coalesce(_person.c.attributes[field.name].as_string(), "")
    column = COLUMNS.get(field.name)
    return None if column is None else func.coalesce(_person.c[column], "")
