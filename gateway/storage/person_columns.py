"""The columns of a question about people: all that a decision reads of a person, as whole numbers and short texts.

Nothing here decides anything: the columns only say alike of people who are alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    Text,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    type_coerce,
)

from consent.limits.frequency import Cap
from consent.standing import State
from consent.tables import IdentifierRow, table_of
from consent.vault import LOOKUP_MAX, IdentifierKind
from gateway.storage.coded_counts import Usual
from gateway.storage.cut_moments import HORIZON, OPEN, Clock, TagCaps, quarters
from gateway.storage.spans import Spans, all_ids, share_out, within_span
from gateway.storage.sql_values import place_of
from gateway.storage.tables import MessageRow, PersonRow

_person, _message, _identifier = table_of(PersonRow), table_of(MessageRow), table_of(IdentifierRow)

FEW = 1_000
WRITABLE = (IdentifierKind.PHONE.value, IdentifierKind.BSUID.value)
SPACES = "".join(c for c in map(chr, range(0x3001)) if c.isspace())
"""What Python strips at both ends of a text."""

DERIVED = ("language", "country", "source")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is the same for everybody. `caps` are those that bind the purpose; `tag_caps` go by campaigns of one tag.

    `fields` are those of a person's fields without which the template cannot be filled, `fields_used` all that can get
    into it; a value longer than `safe_chars` sets `odd`. `within` narrows to a segment.
    """

    purpose: str
    at: datetime
    ends: datetime
    caps: Sequence[Cap] = ()
    tag_caps: TagCaps = ()
    window_matters: bool = False
    fields: tuple[str, ...] = ()
    fields_used: tuple[str, ...] = ()
    safe_chars: int = 0
    within: ColumnElement[bool] | None = None


Standing = Callable[[str], ColumnElement[Any]]
"""The column of a person's standing, by its name."""


def of_person(connection: Connection, question: Question, clock: Clock) -> dict[str, ColumnElement[Any]]:
    p, flying = _person.c, _flying(connection)
    has, odd = _fields(connection, question)
    return {
        "zones": case((p.zone != "", p.zone), else_=p.zones),
        "region": func.coalesce(p.region, ""),
        "language": func.coalesce(p.language, ""),
        "blocked": func.coalesce(p.blocked, ""),
        "iys": func.coalesce(p.iys, ""),
        "reachable": _reachable(connection),
        "in_flight": _flag(p.subject_id.in_(flying)) if flying != [] else literal(0),
        "opens": clock.opening(question.caps, question.tag_caps),
        "cools": clock.cut(p.cool_until),
        "spoke": clock.spoke() if question.window_matters else literal(0),
        "free_entry": _flag(p.free_entry_until > question.at),
        "has": has,
        "odd": odd,
    }


def of_standing(question: Question, clock: Clock, standing: Standing) -> dict[str, ColumnElement[Any]]:
    at = question.at
    return {
        "state": func.coalesce(standing("state"), "none"),
        "halted": _flag(or_(standing("suppressed"), standing("held"))),
        "proven": _flag(and_(standing("event_seq").is_not(None), standing("event_hash").is_not(None))),
        "ended": _flag(standing("deadline") <= at),
        "beneath": case(
            (standing("consent_ends").is_(None), 0),
            (standing("consent_ends") > at, 0),
            (standing("deadline") < standing("consent_ends"), 2),
            else_=1,
        ),
        "consent_ends": clock.day(standing("deadline"), standing("state") == "granted"),
    }


def usual_person(columns: Mapping[str, ColumnElement[Any]]) -> Usual:
    """Somebody of whom there is nothing else to say: most people are."""
    p = _person.c
    nothing = (
        p.blocked.is_(None),
        p.iys.is_(None),
        p.cool_until.is_(None),
        p.free_entry_until.is_(None),
        columns["reachable"] == 1,
        columns["in_flight"] == 0,
    )
    settled = {"blocked": "", "iys": "", "reachable": 1, "in_flight": 0, "cools": OPEN, "free_entry": 0}
    return Usual(and_(*nothing), settled)


def usual_standing(standing: Standing) -> Usual:
    """The standing of somebody who agreed, and for good."""
    agreed = (
        standing("state") == "granted",
        standing("deadline").is_(None),
        standing("consent_ends").is_(None),
        standing("suppressed").is_(False),
        standing("held").is_(False),
        standing("event_seq").is_not(None),
        standing("event_hash").is_not(None),
    )
    return Usual(and_(*agreed), NOTHING_SAID | {"state": "granted", "proven": 1})


NOTHING_SAID = {"state": "none", "halted": 0, "proven": 0, "ended": 0, "beneath": 0, "consent_ends": 0}
"""The columns of somebody who has no standing at all."""

TEXTS = ("zones", "region", "language", "blocked", "iys")


def _flag(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _has_address() -> ColumnElement[bool]:
    return or_(*(exists(select(literal(1)).where(_mine(), _identifier.c.kind == kind)) for kind in WRITABLE))


def _mine() -> ColumnElement[bool]:
    return _identifier.c.subject_id == _person.c.subject_id


def _reachable(connection: Connection) -> ColumnElement[int]:
    """Whether there is an address. The few people without one are looked up beforehand."""
    without = _without_address(connection)
    if not without:
        return literal(1)
    return _flag(_has_address() if len(without) > FEW else _person.c.subject_id.not_in(without))


def _without_address(connection: Connection) -> list[int]:
    """Those people, or enough of them. Both databases go along two tables in the order of people."""
    who = _person.c.subject_id
    within_limit = _without_address_in_span(connection.dialect.name == "sqlite").limit(FEW + 1)

    def look(connection: Connection, spans: Spans) -> list[int]:
        return [found for span in spans for found in connection.scalars(within_limit, span)]

    return list(chain.from_iterable(share_out(connection, all_ids(connection, who), look)))


def _without_address_in_span(sqlite: bool) -> Select[Any] | CompoundSelect[Any]:
    who, whose, written_to = _person.c.subject_id, _identifier.c.subject_id, _identifier.c.kind.in_(WRITABLE)
    people = select(who).where(within_span(who))
    if not sqlite:
        return people.where(~exists(select(literal(1)).where(_mine(), within_span(whose), written_to)))
    # A CASE keeps SQLite from the index by kind, from which it would have to sort.
    return people.except_(select(whose).where(within_span(whose), _flag(written_to) == 1)).order_by("subject_id")


def _flying(connection: Connection) -> list[int] | Select[Any]:
    """People to whom a marketing message is under way: few, and mostly none, so they are looked up beforehand."""
    under_way = select(_message.c.subject_id).where(_message.c.state == "sending", _message.c.purpose == "marketing")
    found = list(connection.scalars(under_way.limit(LOOKUP_MAX + 1)))
    return found if len(found) <= LOOKUP_MAX else under_way


def _fields(connection: Connection, question: Question) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """Which required fields are there, as bits, and whether any field could overflow its place."""
    has: ColumnElement[int] = literal(0)
    for position, name in enumerate(question.fields):
        there = func.trim(func.coalesce(_field(connection, name), ""), SPACES) != ""
        has = has + case((there, 2**position), else_=0)
    unsafe = [_unsafe(_field(connection, name), question) for name in question.fields_used]
    if not unsafe:
        return has, literal(0)
    return has, case((and_(_perhaps_unsafe(connection, question), or_(*unsafe)), 1), else_=0)


def _unsafe(value: ColumnElement[str], question: Question) -> ColumnElement[bool]:
    return or_(func.length(value) > question.safe_chars, place_of(value, literal("{{")) > 0)


def _perhaps_unsafe(connection: Connection, question: Question) -> ColumnElement[bool]:
    """What no unsafe value can do without, asked of whole columns: on SQLite that saves opening everybody's JSON."""
    if connection.dialect.name != "sqlite":
        return true()
    columns = {"first_name": "name", "name": "name", "country": "region", "language": "language", "source": "source"}
    used = {columns[name] for name in question.fields_used if name in columns}
    attributes = type_coerce(_person.c.attributes, Text)
    own = and_(attributes.is_not(None), _unsafe(attributes, question))
    return or_(own, *(_unsafe(_person.c[name], question) for name in sorted(used)))


def _field(connection: Connection, name: str) -> ColumnElement[str]:
    """A field as core.campaign.person_fields gives it."""
    own: ColumnElement[str] = _person.c.attributes[name].as_string()
    if name == "first_name":
        return func.coalesce(own, _person.c.name)
    if name == "name":
        return func.coalesce(func.nullif(_person.c.name, ""), own)
    if name in DERIVED:
        column = _person.c["region" if name == "country" else name]
        return func.coalesce(func.nullif(column, ""), own)
    return own


def ranges(question: Question, texts: Mapping[str, Sequence[str]]) -> dict[str, int | Sequence[str]]:
    """How many values each column of numbers can take, and the texts to expect in the others."""
    cuts = quarters(question.at, question.ends) + 2
    days = HORIZON // timedelta(days=1) + 2
    flags = dict.fromkeys(("halted", "proven", "ended", "reachable", "in_flight", "free_entry", "odd"), 2)
    usual = {"blocked": [""], "iys": [""]}
    listed = {name: list(dict.fromkeys([*texts[name], *usual.get(name, ())])) for name in TEXTS}
    return {
        **flags,
        **listed,
        "state": [state.value for state in State],
        "beneath": 3,
        "consent_ends": days,
        "opens": cuts,
        "cools": cuts,
        "spoke": 26 if question.window_matters else 1,
        "has": 2 ** len(question.fields),
    }
