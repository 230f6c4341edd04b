"""What decisions look at, for a million people at once: people who are alike in all of it are counted as one group.

Everything that `decide` reads of a person is one column of the key: place, standing, flags, when the caps open. Moments
are cut into quarters of an hour, or not at all (`exact`); the decision is asked at both ends of a quarter, and where
they disagree the people in it are looked at exactly. Nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Subquery,
    True_,
    and_,
    case,
    func,
    select,
    true,
    tuple_,
)

from consent.events import EVERY_PURPOSE
from consent.tables import StandingRow, table_of
from gateway.storage.coded_counts import Code, Codes, Rows, fenced, grouped, grouped_by_spans, read_out, sampled
from gateway.storage.cut_moments import Clock
from gateway.storage.person_columns import (
    NOTHING_SAID,
    TEXTS,
    Question,
    of_person,
    of_standing,
    ranges,
    usual_person,
    usual_standing,
)
from gateway.storage.spans import all_ids, is_shared, within_span
from gateway.storage.tables import PersonRow

_person = table_of(PersonRow)
_own, _every = table_of(StandingRow).alias("own"), table_of(StandingRow).alias("every")

WHILE_COUNTING = ("jit = off", "enable_sort = off", "work_mem = '256MB'")
"""PostgreSQL expects as many groups as people and would sort them all; there are a few hundred, so it shall hash, and
so it shall the lists of a segment (segments.WHILE_COUNTING). Kept until the end of the reading transaction."""


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
    sqlite = connection.dialect.name == "sqlite"
    for setting in () if sqlite else WHILE_COUNTING:
        connection.exec_driver_sql(f"SET LOCAL {setting}")
    clock = Clock(connection, question.at, question.ends)
    personal = of_person(connection, question, clock)
    columns = personal | of_standing(question, clock, _either)
    ids = all_ids(connection, _person.c.subject_id)
    texts = sampled(connection, ids, {name: personal[name] for name in TEXTS}, _person.c.subject_id)
    code = Code(ranges(question, texts))
    if not code.fits:
        return _grouped(connection, columns, question, None)
    coded = _Coded(question, clock, code, personal)
    counts = read_out(connection, ids, coded.by_standing()) if sqlite else coded.grouped(connection, ids)
    known, others = code.read(counts)
    rest = _grouped(connection, columns, question, code.strange(columns)) if others else []
    return [_group(*one) for one in known] + rest


@dataclass(frozen=True, slots=True)
class _Coded:
    """The ways to a number for everybody: what their own row says, and what their standing does."""

    question: Question
    clock: Clock
    code: Code
    personal: Mapping[str, ColumnElement[Any]]

    @property
    def within(self) -> ColumnElement[bool]:
        return true() if self.question.within is None else self.question.within

    def of_person(self) -> ColumnElement[int]:
        return self.code.of(self.personal, usual_person(self.personal))

    def of_standing(self, rows: FromClause) -> ColumnElement[int]:
        def standing(name: str) -> ColumnElement[Any]:
            return rows.c[name]

        return self.code.of(of_standing(self.question, self.clock, standing), usual_standing(standing))

    def looked_up(self) -> ColumnElement[int]:
        either = of_standing(self.question, self.clock, _either)
        return self.of_person() + self.code.of(either, usual_standing(lambda name: _own.c[name]))

    def by_standing(self) -> list[Rows]:
        """Those who have a standing of this purpose, and the others.

        SQLite goes through standings as they lie in half the time that it takes to look up each person's; but a
        segment's lists, made anew for each part of the people, would be made twice.
        """
        if not isinstance(self.within, True_):
            return [Rows(_source(self.question), _person.c.subject_id, self.looked_up(), self.within)]
        mine = _own.c.purpose == self.question.purpose
        known = _own.join(_person, _person.c.subject_id == _own.c.subject_id)
        people = select(_person.c.subject_id).where(within_span(_person.c.subject_id))
        spoken_of = select(_own.c.subject_id).where(mine, within_span(_own.c.subject_id))
        unknown = _person.c.subject_id.in_(people.except_(spoken_of).order_by("subject_id"))
        any_other = and_(_every.c.subject_id == _person.c.subject_id, _every.c.purpose == EVERY_PURPOSE)
        others = _person.outerjoin(_every, any_other)
        person = self.of_person()
        own, every = (person + self.of_standing(rows) for rows in (_own, _every))
        return [
            Rows(known, _own.c.subject_id, own, mine),
            Rows(others, _person.c.subject_id, every, unknown),
        ]

    def grouped(self, connection: Connection, ids: range) -> Codes:
        if not isinstance(self.within, True_) or not is_shared(ids):
            return grouped(connection, self.added())
        return grouped_by_spans(connection, ids, self.in_span())

    def in_span(self) -> Select[Any]:
        """Along both tables in the order of numbers: half of what PostgreSQL would spend on hashing everybody."""
        who = _person.c.subject_id
        known, any_other = (
            and_(rows.c.subject_id == who, within_span(rows.c.subject_id), rows.c.purpose == purpose)
            for rows, purpose in ((_own, self.question.purpose), (_every, EVERY_PURPOSE))
        )
        standing = case(
            (_own.c.subject_id.is_not(None), self.of_standing(_own)),
            (_every.c.subject_id.is_not(None), self.of_standing(_every)),
            else_=self.code.number(NOTHING_SAID),
        )
        found = _person.outerjoin(_own, known).outerjoin(_every, any_other)
        return (
            select(who.label("id"), (self.of_person() + standing).label("code"))
            .select_from(found)
            .where(within_span(who))
        )

    def added(self) -> Select[Any]:
        """Numbers alone go through the joins: PostgreSQL would carry the rows from which they are made."""
        person = fenced(select(_person.c.subject_id.label("id"), self.of_person().label("code")).where(self.within))
        own, every = self._standings(_own, self.question.purpose), self._standings(_every, EVERY_PURPOSE)
        found = person.outerjoin(own, own.c.id == person.c.id)
        # The row of every purpose stands in where there is none of this one; a NULL is never looked up.
        found = found.outerjoin(every, every.c.id == case((own.c.id.is_(None), person.c.id)))
        standing = func.coalesce(own.c.code, every.c.code, self.code.number(NOTHING_SAID))
        return select(person.c.id, (person.c.code + standing).label("code")).select_from(found)

    def _standings(self, rows: FromClause, purpose: str) -> Subquery:
        chosen = select(rows.c.subject_id.label("id"), self.of_standing(rows).label("code"))
        return fenced(chosen.where(rows.c.purpose == purpose))


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


def _either(name: str) -> ColumnElement[Any]:
    return func.coalesce(_own.c[name], _every.c[name])


def _columns(connection: Connection, question: Question) -> dict[str, ColumnElement[Any]]:
    clock = Clock(connection, question.at, question.ends)
    return of_person(connection, question, clock) | of_standing(question, clock, _either)
