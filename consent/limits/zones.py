"""Wall clocks: what a day of local hours is on the one clock that everybody shares, daylight saving included."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from consent.limits.windows import Windows

PROBE = timedelta(hours=6)  # no zone changes its clock twice within it
SECOND = timedelta(seconds=1)
UNKNOWN_ZONES = frozenset({"Etc/Unknown", "Factory", ""})

Span = tuple[datetime, datetime]


@lru_cache(maxsize=1024)
def zone_named(name: str) -> ZoneInfo | None:
    """The IANA zone of that name, None if it means "unknown" or does not exist."""
    try:
        return None if name in UNKNOWN_ZONES else ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # a missing zone, a malformed name, the name of a folder
        return None


@lru_cache(maxsize=4096)
def zones_known(zones: frozenset[str]) -> bool:
    """Whether there is at least one candidate and every one is a real zone."""
    return bool(zones) and all(zone_named(zone) is not None for zone in zones)


def _zone(name: str) -> ZoneInfo:
    zone = zone_named(name)
    if zone is None:
        raise ValueError(f"{name!r} is not a time zone that we know; write it like Europe/Istanbul")
    return zone


def local_spans(name: str, start: datetime, windows_on: Callable[[date], Windows]) -> list[Span]:
    """The open spans within the 24 hours from `start` (UTC), for hours given per local day. Raises ValueError."""
    stretches = _stretches(_zone(name), start, start + timedelta(days=1))
    return [span for begin, end, offset in stretches for span in _open_in(begin, end, offset, windows_on)]


def _open_in(
    begin: datetime, end: datetime, offset: timedelta, windows_on: Callable[[date], Windows]
) -> Iterator[Span]:
    """Within a stretch of constant offset the wall clock is plain arithmetic."""
    day = (begin + offset).date()
    while (midnight := datetime.combine(day, datetime.min.time(), UTC) - offset) < end:
        for first, last in windows_on(day):
            opens = max(begin, midnight + timedelta(minutes=first))
            shuts = min(end, midnight + timedelta(minutes=last))
            if opens < shuts:
                yield opens, shuts
        day += timedelta(days=1)


def _stretches(zone: ZoneInfo, start: datetime, end: datetime) -> list[tuple[datetime, datetime, timedelta]]:
    """The time from `start` to `end` cut wherever the zone's clock changes."""
    cuts = [start]
    probe = start
    while probe < end:
        following = min(probe + PROBE, end)
        if _offset(zone, probe) != _offset(zone, following):
            cuts.append(_change(zone, probe, following))
        probe = following
    return [(a, b, _offset(zone, a)) for a, b in zip(cuts, [*cuts[1:], end], strict=True) if a < b]


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first second at which the offset is no longer that of `before`."""
    old = _offset(zone, before)
    while after - before > SECOND:
        middle = before + timedelta(seconds=(after - before) // SECOND // 2)
        before, after = (middle, after) if _offset(zone, middle) == old else (before, middle)
    return after


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None
    return offset


def reaches(wall: datetime, name: str) -> datetime:
    """The first moment (UTC) at which that zone's clock shows `wall` (naive) or later.

    An hour that is skipped is reached when the clock jumps over it; one that is repeated, the first time.
    Raises ValueError for an unknown zone.
    """
    zone = _zone(name)
    early, late = sorted(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    skipped = late.astimezone(zone).replace(tzinfo=None) != wall and early != late
    return _change(zone, early, late) if skipped else early
