"""Segments as conditions of a query: what core.segment.matches says of one person, said of all of them at once.

There are two ways to ask. Whoever counts wants every sub-question answered once for everybody (`whole`); whoever goes
through people step by step wants it asked of the few at hand. Both give the same people.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import singledispatchmethod
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    FromClause,
    Select,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import custom_op

from consent.events import EVERY_PURPOSE
from consent.tables import StandingRow, table_of
from gateway.core.segment import (
    DRAW_PRIME,
    Added,
    And,
    Bucket,
    Compare,
    Condition,
    ConsentIs,
    Contains,
    Did,
    Engaged,
    Engagement,
    Everyone,
    Field,
    HasTag,
    Known,
    Literal,
    Not,
    OneOf,
    Op,
    Or,
    Segment,
    Times,
    draw_factors,
)
from gateway.storage.effective_states import is_in_state
from gateway.storage.spans import within_span
from gateway.storage.sql_values import by_code_point, place_of, where_number
from gateway.storage.tables import CampaignRow, EventKindRow, MessageRow, PersonEventRow, PersonRow, TagRow

_person, _tag, _standing = table_of(PersonRow), table_of(TagRow), table_of(StandingRow)
_message, _campaign = table_of(MessageRow), table_of(CampaignRow)
_event, _kind = table_of(PersonEventRow), table_of(EventKindRow)


def _not_looked_up(number: ColumnElement[int]) -> ColumnElement[int]:
    """The number with a plus before it, which neither database looks up in an index."""
    return UnaryExpression(number, operator=custom_op("+"))


_NO_BEGINNING = _not_looked_up(_person.c.subject_id)

Truth = ColumnElement[bool]

OPS: Mapping[Op, Callable[[Any, Any], Any]] = {
    Op.EQ: operator.eq,
    Op.NE: operator.ne,
    Op.LT: operator.lt,
    Op.LE: operator.le,
    Op.GT: operator.gt,
    Op.GE: operator.ge,
}

MOMENTS: Mapping[Engagement, ColumnElement[datetime]] = {
    Engagement.SENT: _message.c.accepted_at,
    Engagement.DELIVERED: func.coalesce(_message.c.delivered_at, _message.c.read_at),
    Engagement.READ: _message.c.read_at,
    Engagement.CLICKED: _message.c.clicked_at,
}
"""When one of our messages got that far; whoever has read a message has got it."""

EVER = frozenset({(Op.GE, 1), (Op.GT, 0), (Op.NE, 0), (Op.EQ, 0), (Op.LT, 1), (Op.LE, 0)})
"""What asks only whether something ever happened, or never did: nothing need be counted for it."""


def compiled(segment: Segment, at: datetime, *, whole: bool = False) -> Truth:
    """The condition on a row of `person`: true or false, never unknown. `at` is aware."""
    return _Compiler(at, whole).truth(segment.where)


def count(segment: Segment, at: datetime, *also: Truth) -> Select[Any]:
    """How many people of a span are in the segment (storage.spans), and meet other conditions on `person`.

    Where everybody must have agreed, the standings are gone through and not the people: on SQLite a list of a million
    numbers costs three times what it takes to meet each of them once.
    """
    ask, where = _Compiler(at, whole=True, of_span=True), segment.where
    parts = where.parts if isinstance(where, And) else (where,)
    agreed = next((part for part in parts if isinstance(part, ConsentIs) and part.state != "none"), None)
    if agreed is None:
        everybody = select(func.count()).select_from(_person)
        return everybody.where(*ask.spanned(_person.c.subject_id), ask.truth(where), *also)
    rest = And(tuple(part for part in parts if part is not agreed))
    own, other = [
        select(func.count())
        .select_from(rows.join(_person, _person.c.subject_id == rows.c.subject_id))
        .where(*ask.spanned(_person.c.subject_id), *conditions, how.truth(rest), *also)
        .scalar_subquery()
        for how, (rows, conditions) in zip((ask, ask.one_by_one), ask.in_state(agreed), strict=True)
    ]
    return select(own + other)


@dataclass(frozen=True)
class _Compiler:
    """`leads` is whether the database may begin with a list of people, or only look each person up in it.

    With `of_span`, lists hold the people of a span alone: every table of them lies in the order of their numbers.
    """

    at: datetime
    whole: bool
    leads: bool = True
    of_span: bool = False

    @property
    def one_by_one(self) -> _Compiler:
        """For parts of an OR, where SQLite would begin with each list and so make all of them twice."""
        return replace(self, leads=False)

    @property
    def who(self) -> ColumnElement[int]:
        return _person.c.subject_id if self.leads else _NO_BEGINNING

    def spanned(self, who: ColumnElement[int]) -> tuple[Truth, ...]:
        return (within_span(who),) if self.of_span else ()

    @singledispatchmethod
    def truth(self, condition: Condition) -> Truth:
        raise TypeError(f"{type(condition).__name__} has no query")

    @truth.register
    def _(self, condition: Everyone) -> Truth:
        return true()

    @truth.register
    def _(self, condition: HasTag) -> Truth:
        return self._among(_tag.c.subject_id, _tag.c.tag == condition.tag)

    @truth.register
    def _(self, condition: Compare) -> Truth:
        return _stands(condition.field, condition.op, condition.value)

    @truth.register
    def _(self, condition: OneOf) -> Truth:
        return or_(false(), *[_stands(condition.field, Op.EQ, wanted) for wanted in condition.values])

    @truth.register
    def _(self, condition: Contains) -> Truth:
        return place_of(value_of(condition.field), literal(condition.text)) > 0

    @truth.register
    def _(self, condition: Known) -> Truth:
        return value_of(condition.field) != ""

    @truth.register
    def _(self, condition: ConsentIs) -> Truth:
        """The row of every other purpose stands in for one that was never spoken of (consent.ledger.stored_for)."""
        own, any_other = _standing.c.purpose == condition.purpose, _standing.c.purpose == EVERY_PURPOSE
        who, in_state = _standing.c.subject_id, is_in_state(_standing, condition.state, self.at)
        if self.whole:
            return self._whole_in_state(condition)
        spoken_of = self._among(who, own)
        found = or_(self._among(who, own, in_state), and_(not_(spoken_of), self._among(who, any_other, in_state)))
        if condition.state == "none":
            return or_(found, and_(not_(spoken_of), not_(self._among(who, any_other))))
        return found

    def _whole_in_state(self, condition: ConsentIs) -> Truth:
        """One list of people: an OR of two would be looked through twice, and everybody's own row a third time."""
        lists = [select(rows.c.subject_id).where(*conditions) for rows, conditions in self.in_state(condition)]
        those = self.who.in_(union_all(*lists))
        return not_(those) if condition.state == "none" else those

    def in_state(self, condition: ConsentIs) -> Iterator[tuple[FromClause, tuple[Truth, ...]]]:
        """Where the people in a state stand, each once: in rows of the purpose, and in those of every other.

        In `none` are also those who have no row at all, so for it these are the people in any other state.
        """
        own, other = _standing.c.purpose == condition.purpose, _standing.alias("other")
        same = (*self.spanned(_standing.c.subject_id), _standing.c.subject_id == other.c.subject_id)
        spoken_of = exists().where(*same, own).correlate(other)
        any_other = other.c.purpose == EVERY_PURPOSE
        for rows, of_purpose in ((_standing, (own,)), (other, (any_other, not_(spoken_of)))):
            is_in = is_in_state(rows, condition.state, self.at)
            mine = (*self.spanned(rows.c.subject_id), *of_purpose)
            yield rows, (*mine, not_(is_in) if condition.state == "none" else is_in)

    @truth.register
    def _(self, condition: Engaged) -> Truth:
        if condition.kind is Engagement.REPLIED:
            return self._replied(condition)
        moment = MOMENTS[condition.kind]
        asked = [self._is_past(moment, condition.within)]
        if condition.kind is not Engagement.CLICKED:
            asked.append(_message.c.accepted_at.is_not(None))  # the words of ix_message_accepted
        if condition.campaign is not None:
            named = select(_campaign.c.id).where(_campaign.c.name == condition.campaign)
            asked.append(_message.c.campaign_id.in_(named) if condition.campaign else _message.c.campaign_id.is_(None))
        who: ColumnElement[int] = _message.c.subject_id
        if self.whole and condition.kind is Engagement.CLICKED:
            who = _not_looked_up(who)  # ix_message_clicked holds those who did, who are few
        return self._often(who, asked, condition.times)

    def _replied(self, condition: Engaged) -> Truth:
        """The last reply is all that is kept of them."""
        last = _person.c.last_inbound_at
        named = false() if condition.campaign else true()  # an answer belongs to no campaign
        happened = and_(last.is_not(None), self._is_past(last, condition.within), named)
        return _counted(case((happened, 1), else_=0), condition.times)

    @truth.register
    def _(self, condition: Did) -> Truth:
        kind = select(_kind.c.id).where(_kind.c.name == condition.event).scalar_subquery()
        asked = [_event.c.kind == kind, self._is_past(_event.c.at, condition.within)]
        if condition.about is not None:
            about = _event.c.about if condition.about else func.coalesce(_event.c.about, "")
            asked.append(about == condition.about)
        for one in condition.where:
            value = func.coalesce(_event.c.properties[one.name].as_string(), "")
            asked.append(compared(value, one.op, one.value))
        return self._often(_event.c.subject_id, asked, condition.times)

    @truth.register
    def _(self, condition: Added) -> Truth:
        return self._is_past(_person.c.created_at, condition.within)

    @truth.register
    def _(self, condition: Bucket) -> Truth:
        factor, shift = draw_factors(condition.draw)
        drawn = ((_person.c.subject_id % _whole(DRAW_PRIME) + _whole(1)) * _whole(factor) + _whole(shift)) % _whole(
            DRAW_PRIME
        )
        return _counted(drawn % _whole(condition.of), Times(condition.op, condition.value))

    @truth.register
    def _(self, condition: Not) -> Truth:
        return not_(self.truth(condition.part))

    @truth.register
    def _(self, condition: And) -> Truth:
        return and_(true(), *[self.truth(part) for part in condition.parts])

    @truth.register
    def _(self, condition: Or) -> Truth:
        return or_(false(), *[self.one_by_one.truth(part) for part in condition.parts])

    def _is_past(self, moment: ColumnElement[datetime], within: timedelta | None) -> Truth:
        past = moment <= self.at
        return past if within is None else and_(past, moment > self.at - within)

    def _among(self, who: ColumnElement[int], *asked: Truth) -> Truth:
        """Whether the person is among those for whom a row of another table says so."""
        if self.whole:
            return self.who.in_(select(who).where(*asked, *self.spanned(who)))
        return exists(select(literal(1)).where(who == _person.c.subject_id, *asked).correlate(_person))

    def _often(self, who: ColumnElement[int], asked: list[Truth], times: Times) -> Truth:
        """Whether the person has as many such rows as asked. Where none is as many, those with too few or many go."""
        if not self.whole:
            mine = select(func.count()).where(who == _person.c.subject_id, *asked).correlate(_person)
            return _counted(mine.scalar_subquery(), times)
        never = OPS[times.op](0, times.count)
        people = select(who).where(*asked, *self.spanned(who))
        if (times.op, times.count) not in EVER:
            enough = _counted(func.count(), times)
            people = people.group_by(who).having(not_(enough) if never else enough)
        return self.who.not_in(people) if never else self.who.in_(people)


def _counted(count: ColumnElement[int], times: Times) -> Truth:
    enough: Truth = OPS[times.op](count, _whole(times.count))
    return enough


def _whole(number: int) -> ColumnElement[int]:
    """A number that stands in the statement itself: ours, checked by the grammar, and of the right width everywhere."""
    return literal_column(str(int(number)))


def _stands(field: Field, op: Op, wanted: Literal) -> Truth:
    """As `compared`, for a field. A plain column is compared as it is: of anything else PostgreSQL guesses how many."""
    column = _person.c.get({"country": "region"}.get(field.name, field.name))
    plain = None if field.attribute or field.name == "zone" else column
    if plain is not None and isinstance(wanted, str) and wanted and op in (Op.EQ, Op.NE):
        same = and_(plain.is_not(None), plain == wanted)
        return same if op is Op.EQ else not_(same)
    return compared(value_of(field), op, wanted)


def compared(value: ColumnElement[str], op: Op, wanted: Literal) -> Truth:
    """A text against a text by code point, or against a number where it writes one; else false (`!=` is `not =`)."""
    if op is Op.NE:
        return not_(compared(value, Op.EQ, wanted))
    if not isinstance(wanted, str):
        return where_number(value, OPS[op](cast(value, Float), float(wanted)))
    if op is Op.EQ:
        return and_(value != "", value == wanted)
    return and_(value != "", OPS[op](by_code_point(value), wanted))


def value_of(field: Field) -> ColumnElement[str]:
    """A field of a person as text, empty where it is missing."""
    if field.attribute:
        return func.coalesce(_person.c.attributes[field.name].as_string(), "")
    if field.name == "zone":
        only = case((place_of(_person.c.zones, literal(",")) == 0, _person.c.zones), else_="")
        return case((func.coalesce(_person.c.zone, "") != "", _person.c.zone), else_=only)
    columns = {"country": _person.c.region}
    return func.coalesce(columns.get(field.name, _person.c.get(field.name)), "")
