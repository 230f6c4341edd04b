"""When a campaign's messages leave: what falls due hour by hour, slowed by pace and by the people it may reach."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from consent.limits.quiet_hours import Openings, Place, place_known

HOUR = timedelta(hours=1)
PACE_SHARE = 0.98
"""Senders aim a little below the number's limit."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """`per_second` is the number's limit; `per_day` the people it may reach in any 24 hours, None without a limit."""

    per_second: int
    per_day: int | None = None


@dataclass(frozen=True, slots=True)
class Hour:
    """`due` may leave from this hour on as far as the people are concerned, `leaving` do leave in it."""

    begins: datetime
    due: int
    leaving: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """`left_over` messages would still wait for pace or budget when the campaign ends."""

    hours: tuple[Hour, ...]
    left_over: int


def hour_of(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def forecast(
    due: Mapping[datetime, Counter[Place]], ends: datetime, allowance: Allowance, openings: Openings | None = None
) -> Forecast:
    """Hour by hour from the first that has messages to the end.

    `due` counts messages by the hour and place in which they may first leave. What does not fit waits for the next hour
    in which its place is not quiet (without `openings`: any hour).
    """
    hours: list[Hour] = []
    waiting: Counter[Place] = Counter()
    remaining = sum(sum(places.values()) for places in due.values())
    at = min(due, default=ends)
    while remaining and at < ends:
        waiting.update(due.get(at, {}))
        left = _take(waiting, _room(hours, allowance, at), at, openings)
        remaining -= left
        hours.append(Hour(at, sum(due.get(at, Counter()).values()), left))
        at += HOUR
    return Forecast(tuple(hours), remaining)


def _room(hours: list[Hour], allowance: Allowance, at: datetime) -> int:
    pace = int(allowance.per_second * 3600 * PACE_SHARE)
    if allowance.per_day is None:
        return pace
    lately = sum(hour.leaving for hour in hours if hour.begins > at - timedelta(days=1))
    return max(0, min(pace, allowance.per_day - lately))


def _take(waiting: Counter[Place], room: int, at: datetime, openings: Openings | None) -> int:
    """Let as many as there is room for leave, from places that are not quiet for the whole hour."""
    left = 0
    for place in list(waiting):
        if left < room and _open(place, at, openings):
            taken = min(waiting[place], room - left)
            waiting[place] -= taken
            left += taken
            if not waiting[place]:
                del waiting[place]
    return left


def _open(place: Place, at: datetime, openings: Openings | None) -> bool:
    if openings is None or not place_known(*place):
        return True
    opens = openings.next_open(at, *place)
    return opens is not None and opens < at + HOUR
