"""What decisions look at, for a million people at once: people who are alike in all of it are counted as one group.

Everything that `decide` reads of a person is one column of the key: place, standing, flags, when the caps open. Moments
are cut into quarters of an hour, or not at all (`exact`); the decision is asked at both ends of a quarter, and where
they disagree the people in it are looked at exactly. Nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
    type_coerce,
)

from consent.events import EVERY_PURPOSE
from consent.limits.frequency import TICK, Cap
from consent.limits.window import SERVICE_WINDOW
from consent.tables import EPOCH, IdentifierRow, StandingRow, table_of
from consent.vault import LOOKUP_MAX, IdentifierKind
from gateway.storage.coded_counts import Usual, counted_by_code
from gateway.storage.tables import MessageRow, PersonRow
from gateway.storage.tag_sends import nth_send

_person, _message = table_of(PersonRow), table_of(MessageRow)
_identifier = table_of(IdentifierRow)
_own, _every = table_of(StandingRow).alias("own"), table_of(StandingRow).alias("every")

QUARTER = timedelta(minutes=15)
HORIZON = timedelta(days=100)
"""A consent that ends later than this is as good as endless for a campaign: no wait lasts longer."""

OPEN = 0
"""A cut moment that has come. Else it is the number of its quarter from 1, the last one being "after the end"."""

WHILE_COUNTING = ("jit = off", "enable_sort = off", "work_mem = '64MB'")
"""PostgreSQL expects as many groups as people and would sort them all; there are a few hundred, so it shall hash. Kept
until the end of the reading transaction."""

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
    tag_caps: Sequence[tuple[Cap, Collection[int]]] = ()
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
    columns = _columns(connection, question)
    if connection.dialect.name == "sqlite":
        coded = counted_by_code(
            connection,
            columns,
            _source(question),
            _ranges(question),
            _person.c.subject_id,
            _usual(connection),
            question.within,
        )
        if coded is not None:
            known, uncoded = coded
            rest = [] if uncoded is None else _grouped(connection, columns, question, uncoded)
            return [_group(*one) for one in known] + rest
    else:
        for setting in WHILE_COUNTING:
            connection.exec_driver_sql(f"SET LOCAL {setting}")
    return _grouped(connection, columns, question, None)


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


def _standing(name: str) -> ColumnElement[Any]:
    return func.coalesce(_own.c[name], _every.c[name])


def _columns(connection: Connection, question: Question) -> dict[str, ColumnElement[Any]]:
    p, clock = _person.c, _Clock(connection, question)
    at = question.at
    has, odd = _fields(connection, question)
    flying = _flying(connection)
    return {
        "zones": case((p.zone > "", p.zone), else_=p.zones),
        "region": func.coalesce(p.region, ""),
        "language": func.coalesce(p.language, ""),
        "state": func.coalesce(_own.c.state, _every.c.state, "none"),
        "blocked": func.coalesce(p.blocked, ""),
        "halted": _flag(or_(_standing("suppressed"), _standing("held"))),
        "proven": _flag(and_(_standing("event_seq").is_not(None), _standing("event_hash").is_not(None))),
        "ended": _flag(_standing("deadline") <= at),
        "beneath": case(
            (_standing("consent_ends").is_(None), 0),
            (_standing("consent_ends") > at, 0),
            (_standing("deadline") < _standing("consent_ends"), 2),
            else_=1,
        ),
        "consent_ends": clock.day(_standing("deadline"), _standing("state") == "granted"),
        "reachable": _flag(_has_address()),
        "in_flight": _flag(p.subject_id.in_(flying)),
        "opens": clock.opening(),
        "cools": clock.cut(p.cool_until),
        "spoke": clock.spoke(),
        "free_entry": _flag(p.free_entry_until > at),
        "has": has,
        "odd": odd,
    }


def _usual(connection: Connection) -> Usual:
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
    settled = {
        "state": "granted", "blocked": "", "halted": 0, "proven": 1, "ended": 0, "beneath": 0, "consent_ends": 0,
        "reachable": 1, "in_flight": 0, "cools": OPEN, "free_entry": 0,
    }  # fmt: skip
    under_way = _flying(connection)
    flying = () if isinstance(under_way, list) and not under_way else (p.subject_id.not_in(under_way),)
    here = (
        p.blocked.is_(None),
        p.cool_until.is_(None),
        p.free_entry_until.is_(None),
        _has_address(),
        *flying,
    )
    return Usual(and_(*own, *here), settled)


def _flag(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _has_address() -> ColumnElement[bool]:
    mine = _identifier.c.subject_id == _person.c.subject_id
    return or_(*(exists(select(literal(1)).where(mine, _identifier.c.kind == kind)) for kind in WRITABLE))


def _flying(connection: Connection) -> list[int] | Select[Any]:
    """People to whom a marketing message is under way: few, and mostly none, so they are looked up beforehand."""
    under_way = select(_message.c.subject_id).where(_message.c.state == "sending", _message.c.purpose == "marketing")
    found = list(connection.scalars(under_way.limit(LOOKUP_MAX + 1)))
    return found if len(found) <= LOOKUP_MAX else under_way


class _Clock:
    """Moments as whole numbers, the same on both databases: microseconds, and the quarters they lie in."""

    def __init__(self, connection: Connection, question: Question) -> None:
        self._sqlite = connection.dialect.name == "sqlite"
        self._question = question
        self._at, self._ends = micros(question.at), micros(question.ends)
        self._quarters = quarters_of(question)

    def micros(self, moment: ColumnElement[Any]) -> ColumnElement[int]:
        if self._sqlite:
            return type_coerce(moment, BigInteger)
        return func.cast(func.extract("epoch", moment) * 1_000_000, BigInteger)

    def cut(self, moment: ColumnElement[Any]) -> ColumnElement[int]:
        return case((moment > self._question.at, self._quarter([self.micros(moment)])), else_=OPEN)

    def _quarter(self, moments: Sequence[ColumnElement[int]]) -> ColumnElement[int]:
        """The quarter of the latest of these, counted back from the end, so that the end itself never cuts one."""
        latest, least = (func.max, func.min) if self._sqlite else (func.greatest, func.least)
        last = moments[0] if len(moments) == 1 else latest(*moments)
        bounded = least(last, literal(self._ends, BigInteger))
        return (bounded - literal(self._ends - self._quarters * micros_in(QUARTER), BigInteger)).op("/", precedence=8)(
            micros_in(QUARTER)
        ) + 1

    def opening(self) -> ColumnElement[int]:
        """When every cap has room again, cut. A cap is shut while its n-th last send is younger than its period."""
        caps, at = binding(self._question.caps), self._question.at
        shut = [_person.c[f"s{cap.count}"] >= at - cap.period for cap in caps]
        opens = [self.micros(_person.c[f"s{cap.count}"]) + micros_in(cap.period + TICK) for cap in caps]
        tagged = [(nth_send(cap, campaigns), cap) for cap, campaigns in self._question.tag_caps]
        shut += [sent >= at - cap.period for sent, cap in tagged]
        opens += [self.micros(sent) + micros_in(cap.period + TICK) for sent, cap in tagged]
        if not shut:
            return literal(OPEN)
        return case((or_(*shut), self._quarter([func.coalesce(one, 0) for one in opens])), else_=OPEN)

    def day(self, moment: ColumnElement[Any], counts: ColumnElement[bool]) -> ColumnElement[int]:
        """A consent's own end, cut into days; 0 when it has none, or none that matters."""
        at = self._question.at
        days = (self.micros(moment) - self._at).op("/", precedence=8)(micros_in(timedelta(days=1))) + 1
        return case((and_(counts, moment > at, moment < at + HORIZON), days), else_=0)

    def spoke(self) -> ColumnElement[int]:
        """How many hours ago the person wrote, from 1, while that keeps the service window open."""
        if not self._question.window_matters:
            return literal(0)
        last = _person.c.last_inbound_at
        hours = (literal(self._at, BigInteger) - self.micros(last)).op("/", precedence=8)(
            micros_in(timedelta(hours=1))
        ) + 1
        return case((last >= self._question.at, 1), (last > self._question.at - SERVICE_WINDOW, hours), else_=0)


def binding(caps: Sequence[Cap]) -> list[Cap]:
    """Those that no other cap makes superfluous by allowing fewer messages in a longer time."""
    kept: list[Cap] = []
    for cap in sorted(caps, key=lambda cap: (cap.count, -cap.period)):
        if all(cap.period > other.period for other in kept):
            kept.append(cap)
    return kept


def quarters_of(question: Question) -> int:
    """How many quarters there are from the moment of asking to the end."""
    return max(0, -((question.at - question.ends) // QUARTER))


def micros(moment: datetime) -> int:
    return micros_in(moment - EPOCH)


def micros_in(span: timedelta) -> int:
    return span // TICK


def _fields(connection: Connection, question: Question) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """Which required fields are there, as bits, and whether any field could overflow its place."""
    has: ColumnElement[int] = literal(0)
    for position, name in enumerate(question.fields):
        there = func.trim(func.coalesce(_field(connection, name), ""), SPACES) != ""
        has = has + case((there, 2**position), else_=0)
    unsafe = [
        or_(func.length(value) > question.safe_chars, value.like("%{{%"))
        for value in (_field(connection, name) for name in question.fields_used)
    ]
    return has, case((or_(*unsafe), 1), else_=0) if unsafe else literal(0)


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
    """How many values each number column can take; the others are text."""
    quarters = quarters_of(question) + 2
    days = HORIZON // timedelta(days=1) + 2
    flags = dict.fromkeys(("halted", "proven", "ended", "reachable", "in_flight", "free_entry", "odd"), 2)
    return flags | {
        "beneath": 3,
        "consent_ends": days,
        "opens": quarters,
        "cools": quarters,
        "spoke": 26,
        "has": 2 ** len(question.fields),
    }
