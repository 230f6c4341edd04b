"""Moments cut into quarters of an hour inside SQL, so that people whose limits open at about the same time are alike.

A cut moment is a whole number: OPEN when it has come, else the number of its quarter from 1, the last one being
"after the end". Nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    DateTime,
    Double,
    Interval,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    type_coerce,
)

from consent.limits.frequency import TICK, Cap
from consent.limits.window import SERVICE_WINDOW
from consent.tables import EPOCH, table_of
from gateway.storage.tables import PersonRow
from gateway.storage.tag_sends import nth_send

_person = table_of(PersonRow)

TagCaps = Sequence[tuple[Cap, Collection[int]]]
"""Caps that go by the campaigns of one tag."""

QUARTER = timedelta(minutes=15)
HORIZON = timedelta(days=100)
"""A consent that ends later than this is as good as endless for a campaign: no wait lasts longer."""

OPEN = 0
"""A cut moment that has come. Else it is the number of its quarter from 1, the last one being "after the end"."""


class Clock:
    """Columns of moments as whole numbers, the same on both databases: microseconds, and the quarters they lie in."""

    def __init__(self, connection: Connection, at: datetime, ends: datetime) -> None:
        self._sqlite = connection.dialect.name == "sqlite"
        self._now, self._at, self._ends = at, micros(at), micros(ends)
        self._quarters = quarters(at, ends)

    def micros(self, moment: ColumnElement[Any]) -> ColumnElement[int]:
        if self._sqlite:
            return type_coerce(moment, BigInteger)
        # Exact to the microsecond for centuries, and cheaper than PostgreSQL's EXTRACT, which reckons in numerics.
        return cast(func.date_part("epoch", moment) * literal(1e6, Double), BigInteger)

    def cut(self, moment: ColumnElement[Any]) -> ColumnElement[int]:
        return case((moment > self._now, self._quarter(self.micros(moment))), else_=OPEN)

    def _quarter(self, moment: ColumnElement[int]) -> ColumnElement[int]:
        """The quarter of a moment, counted back from the end, so that the end itself never cuts one."""
        bounded = (func.min if self._sqlite else func.least)(moment, literal(self._ends, BigInteger))
        begins = literal(self._ends - self._quarters * micros_in(QUARTER), BigInteger)
        return (bounded - begins).op("/", precedence=8)(micros_in(QUARTER)) + 1

    def _latest(self, sends: Sequence[tuple[ColumnElement[Any], Cap]]) -> ColumnElement[int]:
        """When the last of these caps opens, each by its own send; a send that never was does not count."""
        if not self._sqlite:
            opens = [type_coerce(sent, DateTime) + _interval(cap.period + TICK) for sent, cap in sends]
            return self.micros(opens[0] if len(opens) == 1 else func.greatest(*opens))
        known = [func.coalesce(self.micros(sent) + micros_in(cap.period + TICK), 0) for sent, cap in sends]
        return known[0] if len(known) == 1 else func.max(*known)

    def opening(self, caps: Sequence[Cap], tag_caps: TagCaps) -> ColumnElement[int]:
        """When every cap has room again, cut. A cap is shut while its n-th last send is younger than its period."""
        sends: list[tuple[ColumnElement[Any], Cap]]
        sends = [(_person.c[f"s{cap.count}"], cap) for cap in binding(caps)]
        sends += [(nth_send(cap, campaigns), cap) for cap, campaigns in tag_caps]
        if not sends:
            return literal(OPEN)
        shut = or_(*(sent >= self._now - cap.period for sent, cap in sends))
        return case((shut, self._quarter(self._latest(sends))), else_=OPEN)

    def day(self, moment: ColumnElement[Any], counts: ColumnElement[bool]) -> ColumnElement[int]:
        """A consent's own end, cut into days; 0 when it has none, or none that matters."""
        at = self._now
        days = (self.micros(moment) - self._at).op("/", precedence=8)(micros_in(timedelta(days=1))) + 1
        return case((and_(counts, moment > at, moment < at + HORIZON), days), else_=0)

    def spoke(self) -> ColumnElement[int]:
        """How many hours ago the person wrote, from 1, while that keeps the service window open."""
        last = _person.c.last_inbound_at
        hours = (literal(self._at, BigInteger) - self.micros(last)).op("/", precedence=8)(
            micros_in(timedelta(hours=1))
        ) + 1
        return case((last >= self._now, 1), (last > self._now - SERVICE_WINDOW, hours), else_=0)


def _interval(span: timedelta) -> ColumnElement[timedelta]:
    """A length of PostgreSQL's without days, which it would add on the calendar of the session's zone."""
    return literal_column(f"INTERVAL '{span // TICK} microseconds'", Interval)


def binding(caps: Sequence[Cap]) -> list[Cap]:
    """Those that no other cap makes superfluous by allowing fewer messages in a longer time."""
    kept: list[Cap] = []
    for cap in sorted(caps, key=lambda cap: (cap.count, -cap.period)):
        if all(cap.period > other.period for other in kept):
            kept.append(cap)
    return kept


def quarters(at: datetime, ends: datetime) -> int:
    """How many quarters there are from the moment of asking to the end."""
    return max(0, -((at - ends) // QUARTER))


def micros(moment: datetime) -> int:
    return micros_in(moment - EPOCH)


def micros_in(span: timedelta) -> int:
    return span // TICK
