"""People who are set aside: numbers that WhatsApp does not know, and those whom a cleaning rule has parked.

Nobody's consent changes: a parked person is not written to, and can be let back. Whoever writes to us is back at once.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select, update

from consent.tables import table_of
from gateway.core.segment import Segment
from gateway.storage import audience, segments
from gateway.storage.contacts import NOT_ON_WHATSAPP, PARKED
from gateway.storage.tables import PersonRow

_person = table_of(PersonRow)
_who = _person.c.subject_id

LIFTABLE = (NOT_ON_WHATSAPP, PARKED)
STEP_PEOPLE = 10_000
"""People looked at in one transaction."""


def next_step(connection: Connection, after: int) -> int | None:
    """Where the next step through everybody ends; None when there is nobody left."""
    ahead = select(_who).where(_who > after).order_by(_who).limit(STEP_PEOPLE).subquery()
    last: int | None = connection.scalar(select(func.max(ahead.c.subject_id)))
    return last


def park(connection: Connection, segment: Segment, span: tuple[int, int], now: datetime) -> int:
    """Set aside those of a segment, within a span of numbers, who are not set aside or blocked. Returns how many."""
    mine = (*_within(span), segments.compiled(segment, now), _person.c.blocked.is_(None))
    return connection.execute(update(_person).where(*mine).values(blocked=PARKED)).rowcount


def let_back(connection: Connection, segment: Segment, span: tuple[int, int], now: datetime) -> int:
    """Undo `park`, and give dead numbers another chance. A block that Meta told us of stays."""
    mine = (*_within(span), segments.compiled(segment, now), _person.c.blocked.in_(LIFTABLE))
    return connection.execute(update(_person).where(*mine).values(blocked=None, undelivered=0)).rowcount


def _within(span: tuple[int, int]) -> tuple[ColumnElement[bool], ...]:
    after, upto = span
    return _who > after, _who <= upto


def set_aside(connection: Connection) -> dict[str, int]:
    """How many people are set aside, by reason."""
    counted = select(_person.c.blocked, func.count()).where(_person.c.blocked.is_not(None)).group_by(_person.c.blocked)
    return {row[0]: row[1] for row in connection.execute(counted)}


def would_park(connection: Connection, segment: Segment, now: datetime) -> int:
    """How many people `park` would set aside, of everybody."""
    return audience.count(connection, segment, now, _person.c.blocked.is_(None))
