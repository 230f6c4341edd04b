"""Who is in a segment, a bounded step at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from consent.tables import table_of
from gateway.core.segment import Segment
from gateway.storage import contacts, segments
from gateway.storage.contacts import PersonState
from gateway.storage.tables import PersonRow

_person = table_of(PersonRow)


@dataclass(frozen=True, slots=True)
class Step:
    """People of the segment among the next ones looked at; `last` is where the next step begins, None at the end."""

    people: Sequence[PersonState]
    last: int | None


def step(connection: Connection, segment: Segment, after: int, limit: int, now: datetime) -> Step:
    """Look at the next `limit` people after a subject number and keep those in the segment."""
    who = _person.c.subject_id
    ahead = select(who).where(who > after).order_by(who).limit(limit).subquery()
    last = connection.scalar(select(func.max(ahead.c.subject_id)))
    if last is None:
        return Step((), None)
    asked = select(who).where(who > after, who <= last, segments.compiled(segment, now)).order_by(who)
    found = contacts.states(connection, list(connection.scalars(asked)))
    return Step(list(found.values()), last)


def those(connection: Connection, condition: ColumnElement[bool]) -> list[int]:
    """The subject numbers of people for whom a condition on `person` holds."""
    who = _person.c.subject_id
    return list(connection.scalars(select(who).where(condition).order_by(who)))


SPAN = 100_000
"""People of one span: lists of so many fit the processor's own memory."""


def count(connection: Connection, segment: Segment, now: datetime) -> int:
    """How many people are in the segment. To be asked of a reading transaction.

    Every other span of people is counted in a second thread, whose connection sees the same moment or a later one. On
    PostgreSQL too: its own processes would each make every list for themselves.
    """
    low, high = (connection.scalar(select(end(_person.c.subject_id))) or 0 for end in (func.min, func.max))
    spans = [{"after": after, "upto": min(after + SPAN, high)} for after in range(low - 1, high, SPAN)]
    asked = segments.count(segment, now)
    if len(spans) < 2:
        return _sum(connection, asked, spans)
    with connection.engine.connect() as other, other.begin(), ThreadPoolExecutor(1) as thread:
        rest = thread.submit(_sum, other, asked, spans[1::2])
        return _sum(connection, asked, spans[::2]) + rest.result()


def _sum(connection: Connection, asked: Select[Any], spans: Sequence[Mapping[str, int]]) -> int:
    segments.prepare_counting(connection, alone=True)
    return sum(connection.scalar(asked, span) or 0 for span in spans)


def among(connection: Connection, segment: Segment, span: tuple[int, int], now: datetime) -> list[int]:
    """Those of a segment whose numbers lie after the first and up to the second."""
    who, (after, upto) = _person.c.subject_id, span
    asked = select(who).where(who > after, who <= upto, segments.compiled(segment, now)).order_by(who)
    return list(connection.scalars(asked))


def sample(connection: Connection, segment: Segment, now: datetime, limit: int) -> list[int]:
    """Some of the people in the segment, by number: those who were met first."""
    who = _person.c.subject_id
    return list(connection.scalars(select(who).where(segments.compiled(segment, now)).order_by(who).limit(limit)))
