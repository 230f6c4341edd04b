"""Who is in a segment, a bounded step at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from consent.tables import table_of
from gateway.core.segment import Segment
from gateway.storage import contacts, segments
from gateway.storage.contacts import PersonState
from gateway.storage.spans import WITH_LISTS, Spans, all_ids, share_out
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


def count(connection: Connection, segment: Segment, now: datetime, *also: ColumnElement[bool]) -> int:
    """How many people are in the segment and meet other conditions on `person`. Ask it of a reading transaction."""
    asked = segments.count(segment, now, *also)

    def summed(connection: Connection, spans: Spans) -> int:
        return sum(connection.scalar(asked, span) or 0 for span in spans)

    return sum(share_out(connection, all_ids(connection, _person.c.subject_id), summed, WITH_LISTS))


def among(connection: Connection, segment: Segment, span: tuple[int, int], now: datetime) -> list[int]:
    """Those of a segment whose numbers lie after the first and up to the second."""
    who, (after, upto) = _person.c.subject_id, span
    asked = select(who).where(who > after, who <= upto, segments.compiled(segment, now)).order_by(who)
    return list(connection.scalars(asked))


def sample(connection: Connection, segment: Segment, now: datetime, limit: int) -> list[int]:
    """Some of the people in the segment, by number: those who were met first."""
    who = _person.c.subject_id
    return list(connection.scalars(select(who).where(segments.compiled(segment, now)).order_by(who).limit(limit)))
