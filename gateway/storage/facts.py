"""What decisions look at, for a million people at once: people who are alike in all of it are counted as one group.

Everything that `decide` reads of a person is one column of the key: place, standing, flags, when the caps open. Moments
are cut into quarters of an hour, or not at all (`exact`); the decision is asked at both ends of a quarter, and where
they disagree the people in it are looked at exactly. Nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
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
    tuple_,
    type_coerce,
)

from consent.events import EVERY_PURPOSE
from consent.limits.frequency import Cap
from consent.standing import State
from consent.tables import IdentifierRow, StandingRow, table_of
from consent.vault import LOOKUP_MAX, IdentifierKind
from gateway.storage.coded_counts import FIRST, LAST, Rows, counted_by_code, sampled
from gateway.storage.cut_moments import HORIZON, OPEN, Clock, TagCaps, quarters
from gateway.storage.sql_values import place_of
from gateway.storage.tables import MessageRow, PersonRow

_person, _message = table_of(PersonRow), table_of(MessageRow)
_identifier = table_of(IdentifierRow)
_own, _every = table_of(StandingRow).alias("own"), table_of(StandingRow).alias("every")

WHILE_COUNTING = ("jit = off", "enable_sort = off", "work_mem = '64MB'")
"""PostgreSQL expects as many groups as people and would sort them all; there are a few hundred, so it shall hash. Kept
until the end of the reading transaction."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """People who are alike. The number fields are cut moments or flags, as the functions below write them."""

    zones: str
    region: str
    language: str
    state: str
    blocked: str
    iys: str
    halted: int
    proven: int
    ended: int
    beneath: int
    consent_ends: int
    reachable: int
    in_flight: int
    opens: int
    cools: int
    spoke: int
    free_entry: int
    has: int
    odd: int
    count: int
    samples: tuple[int, ...]


KEY = tuple(name for name in Alike.__dataclass_fields__ if name not in ("count", "samples"))


def alike(connection: Connection, question: Question) -> list[Alike]:
    """Everybody in the question, in groups. Moments are cut into quarters."""
    if connection.dialect.name != "sqlite":
        for setting in WHILE_COUNTING:
            connection.exec_driver_sql(f"SET LOCAL {setting}")
    clock = Clock(connection, question.at, question.ends)
    personal = _of_person(connection, question, clock)
    columns = personal | _of_standing(question, clock, _either)
    everybody = Rows(columns, _source(question), _person.c.subject_id, _usual(personal), question.within)
    ways = _by_standing(personal, question, clock) if connection.dialect.name == "sqlite" else [everybody]
    texts = sampled(connection, {name: personal[name] for name in TEXTS}, _person.c.subject_id)
    coded = counted_by_code(connection, columns, ways, {**_listed(texts), **_ranges(question)}, USUAL)
    if coded is None:
        return _grouped(connection, columns, question, None)
    known, uncoded = coded
    rest = [] if uncoded is None else _grouped(connection, columns, question, uncoded)
    return [_group(*one) for one in known] + rest


def _group(key: Mapping[str, Any], count: int, samples: tuple[int, ...]) -> Alike:
    return Alike(**key, count=count, samples=samples)


def _grouped(
    connection: Connection,
    columns: Mapping[str, ColumnElement[Any]],
    question: Question,
    only: ColumnElement[bool] | None,
) -> list[Alike]:
    inner = _selected(columns, question, only).subquery()
    keys = [inner.c[name] for name in KEY]
    ends = (func.count().label("count"), func.min(inner.c.id).label("low"), func.max(inner.c.id).label("high"))
    rows = connection.execute(select(*keys, *ends).group_by(*keys))
    return [
        _group({name: getattr(row, name) for name in KEY}, row._mapping["count"], _two(row.low, row.high))
        for row in rows
    ]


def _two(low: int, high: int) -> tuple[int, ...]:
    return (low,) if low == high else (low, high)


def _selected(
    columns: Mapping[str, ColumnElement[Any]], question: Question, only: ColumnElement[bool] | None
) -> Select[Any]:
    chosen = select(_person.c.subject_id.label("id"), *(columns[name].label(name) for name in KEY))
    chosen = chosen.select_from(_source(question))
    conditions = [one for one in (question.within, only) if one is not None]
    return chosen.where(and_(*conditions)) if conditions else chosen


def people_in(
    connection: Connection, question: Question, moments: Collection[tuple[int, int, int, int]]
) -> Iterator[tuple[Alike, int]]:
    """Whoever has one of these cut moments (opens, cools, consent ends, spoke), by group, with their numbers."""
    columns = _columns(connection, question)
    cut = tuple_(*(columns[name] for name in ("opens", "cools", "consent_ends", "spoke")))
    rows = connection.execute(_selected(columns, question, cut.in_(sorted(moments))))
    for row in rows:
        yield _group({name: getattr(row, name) for name in KEY}, 1, (row.id,)), row.id


def odd_people(connection: Connection, question: Question) -> list[int]:
    """The numbers of those whose own fields might not fit into the template."""
    columns = _columns(connection, question)
    chosen = select(_person.c.subject_id).select_from(_source(question)).where(columns["odd"] == 1)
    return list(connection.scalars(chosen if question.within is None else chosen.where(question.within)))


def _source(question: Question) -> Any:
    mine = and_(_own.c.subject_id == _person.c.subject_id, _own.c.purpose == question.purpose)
    # The row of every purpose stands in where there is none of this one; a NULL key is never looked up.
    missing = case((_own.c.subject_id.is_(None), _person.c.subject_id))
    others = and_(_every.c.subject_id == missing, _every.c.purpose == EVERY_PURPOSE)
    return _person.outerjoin(_own, mine).outerjoin(_every, others)


Standing = Callable[[str], ColumnElement[Any]]
"""The column of a person's standing, by its name."""


def _either(name: str) -> ColumnElement[Any]:
    return func.coalesce(_own.c[name], _every.c[name])


def _by_standing(personal: dict[str, ColumnElement[Any]], question: Question, clock: Clock) -> list[Rows]:
    """Those who have a standing of this purpose, and the others.

    SQLite goes through standings as they lie in half the time that it takes to look up each person's.
    """
    mine, within = _own.c.purpose == question.purpose, true() if question.within is None else question.within
    known = _own.join(_person, _person.c.subject_id == _own.c.subject_id)
    people = select(_person.c.subject_id).where(_person.c.subject_id.between(FIRST, LAST))
    spoken_of = select(_own.c.subject_id).where(mine, _own.c.subject_id.between(FIRST, LAST))
    unknown = people.except_(spoken_of).order_by("subject_id")
    any_other = and_(_every.c.subject_id == _person.c.subject_id, _every.c.purpose == EVERY_PURPOSE)
    return [
        Rows(
            personal | _of_standing(question, clock, lambda name: _own.c[name]),
            known,
            _own.c.subject_id,
            _usual(personal),
            and_(mine, within),
        ),
        Rows(
            personal | _of_standing(question, clock, lambda name: _every.c[name]),
            _person.outerjoin(_every, any_other),
            _person.c.subject_id,
            within=and_(_person.c.subject_id.in_(unknown), within),
        ),
    ]


def _columns(connection: Connection, question: Question) -> dict[str, ColumnElement[Any]]:
    clock = Clock(connection, question.at, question.ends)
    return _of_person(connection, question, clock) | _of_standing(question, clock, _either)


def _of_person(connection: Connection, question: Question, clock: Clock) -> dict[str, ColumnElement[Any]]:
    p, flying = _person.c, _flying(connection)
    has, odd = _fields(connection, question)
    return {
        "zones": case((p.zone != "", p.zone), else_=p.zones),
        "region": func.coalesce(p.region, ""),
        "language": func.coalesce(p.language, ""),
        "blocked": func.coalesce(p.blocked, ""),
        "iys": func.coalesce(p.iys, ""),
        "reachable": _flag(_reachable(connection)),
        "in_flight": _flag(p.subject_id.in_(flying)) if flying != [] else literal(0),
        "opens": clock.opening(question.caps, question.tag_caps),
        "cools": clock.cut(p.cool_until),
        "spoke": clock.spoke() if question.window_matters else literal(0),
        "free_entry": _flag(p.free_entry_until > question.at),
        "has": has,
        "odd": odd,
    }


def _of_standing(question: Question, clock: Clock, standing: Standing) -> dict[str, ColumnElement[Any]]:
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


def _usual(columns: Mapping[str, ColumnElement[Any]]) -> ColumnElement[bool]:
    """Somebody who agreed, and of whom there is nothing else to say: most people are."""
    p = _person.c
    own = (
        _own.c.state == "granted",
        _own.c.deadline.is_(None),
        _own.c.consent_ends.is_(None),
        _own.c.suppressed.is_(False),
        _own.c.held.is_(False),
        _own.c.event_seq.is_not(None),
        _own.c.event_hash.is_not(None),
    )
    here = (
        p.blocked.is_(None),
        p.iys.is_(None),
        p.cool_until.is_(None),
        p.free_entry_until.is_(None),
        columns["reachable"] == 1,
        columns["in_flight"] == 0,
    )
    return and_(*own, *here)


USUAL = {
    "state": "granted", "blocked": "", "iys": "", "halted": 0, "proven": 1, "ended": 0, "beneath": 0,
    "consent_ends": 0, "reachable": 1, "in_flight": 0, "cools": OPEN, "free_entry": 0,
}  # fmt: skip
"""What `_usual` settles."""

TEXTS = ("zones", "region", "language", "blocked", "iys")


def _listed(texts: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The texts to expect in each column: those of the usual person as well, and every state that there is."""
    usual = {name: [str(USUAL[name])] for name in texts if name in USUAL}
    listed = {name: list(dict.fromkeys([*found, *usual.get(name, ())])) for name, found in texts.items()}
    return listed | {"state": [state.value for state in State]}


def _flag(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _has_address() -> ColumnElement[bool]:
    return or_(*(exists(select(literal(1)).where(_mine(), _identifier.c.kind == kind)) for kind in WRITABLE))


def _mine() -> ColumnElement[bool]:
    return _identifier.c.subject_id == _person.c.subject_id


def _reachable(connection: Connection) -> ColumnElement[bool]:
    """Whether there is an address. The few people without one are looked up beforehand."""
    without = list(connection.scalars(_without_address(connection).limit(FEW + 1)))
    return _has_address() if len(without) > FEW else _person.c.subject_id.not_in(without)


def _without_address(connection: Connection) -> Select[Any] | CompoundSelect[Any]:
    """PostgreSQL compares the tables in several processes; SQLite goes along both in the order of people."""
    people, written_to = select(_person.c.subject_id), _identifier.c.kind.in_(WRITABLE)
    if connection.dialect.name != "sqlite":
        return people.where(~exists(select(literal(1)).where(_mine(), written_to)))
    # A CASE keeps SQLite from the index by kind, from which it would have to sort.
    return people.except_(select(_identifier.c.subject_id).where(_flag(written_to) == 1)).order_by("subject_id")


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
    whole = [type_coerce(_person.c.attributes, Text), *(_person.c[name] for name in sorted(used))]
    return or_(*(_unsafe(column, question) for column in whole))


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


def _ranges(question: Question) -> dict[str, int]:
    """How many values each number column can take."""
    cuts = quarters(question.at, question.ends) + 2
    days = HORIZON // timedelta(days=1) + 2
    flags = dict.fromkeys(("halted", "proven", "ended", "reachable", "in_flight", "free_entry", "odd"), 2)
    return flags | {
        "beneath": 3,
        "consent_ends": days,
        "opens": cuts,
        "cools": cuts,
        "spoke": 26 if question.window_matters else 1,
        "has": 2 ** len(question.fields),
    }
