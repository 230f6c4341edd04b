"""Quiet hours: when marketing may reach a person, whose zone may be known only as a set of candidates.

It may iff the local clock is inside the hours in every candidate zone, and the day-based rules hold on the local day of
every one (reference/consent.md section 5). The question is always asked of a moment: a wall-clock hour that daylight
saving skips never opens anything, one that it repeats counts twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from consent.limits.countries import (
    DayHours,
    RegionRule,
    binding_rules,
    country_rules,
    fasts,
    regions_known,
    starts_at,
)
from consent.limits.ramadan import windows_in
from consent.limits.rest_days import RestDay, rest_day
from consent.limits.windows import ALL_DAY, Windows, changing_at, intersection
from consent.limits.zones import local_spans, zones_known

HORIZON_DAYS = 35  # every pattern of weekdays and holidays repeats within it; what has not opened by then never will
LAST_DAY = date.max.toordinal() - 2  # past it a moment has no local time in every zone
MEMO_DAYS_MAX = 50_000  # some 60 bytes a span; cleared when full

Span = tuple[datetime, datetime]
Place = tuple[frozenset[str], frozenset[str]]
"""Candidate zones and candidate regions of a person."""


@dataclass(frozen=True, slots=True)
class QuietHours:
    """What a business and a campaign set. `narrowing` is only ever intersected, so it can never widen anything."""

    rules: tuple[RegionRule, ...] = field(default_factory=country_rules)
    narrowing: tuple[DayHours, ...] = ()
    keep_ramadan: bool = False


def windows_on(hours: QuietHours, region: str, day: date) -> Windows:
    """The hours of one local day in one region, on the wall clock."""
    open_hours = ALL_DAY
    for rule in binding_rules(hours.rules, region):
        open_hours = intersection(open_hours, _under(rule, day))
    for narrow in hours.narrowing:
        open_hours = intersection(open_hours, _narrowed(narrow, region, hours.rules, day))
    return _fasting(region, day, open_hours) if hours.keep_ramadan else open_hours


def _under(rule: RegionRule, day: date) -> Windows:
    usual, resting = rule.hours.on(day), rule.hours.holidays
    holiday = None if resting is None else rest_day(rule.region, day)
    return _with_holiday(usual, resting, holiday, rule)


def _narrowed(narrow: DayHours, region: str, rules: tuple[RegionRule, ...], day: date) -> Windows:
    holiday = None if narrow.holidays is None else rest_day(region, day)
    return _with_holiday(narrow.on(day), narrow.holidays, holiday, binding_rules(rules, region)[0])


def _with_holiday(usual: Windows, resting: Windows | None, holiday: RestDay | None, rule: RegionRule) -> Windows:
    if holiday is None or resting is None:
        return usual
    return changing_at(usual, resting, starts_at(rule, holiday.half))


def _fasting(region: str, day: date, open_hours: Windows) -> Windows:
    for fast in fasts():
        if fast.region == region:
            open_hours = intersection(open_hours, windows_in(fast, day))
    return open_hours


def place_known(zones: frozenset[str], regions: frozenset[str]) -> bool:
    """Whether quiet hours can be judged at all: some zone, some region, and none of them unknown."""
    return zones_known(zones) and regions_known(regions)


class Openings:
    """Answers for one `QuietHours`, remembered per place and day: a million people have a few hundred places."""

    def __init__(self, hours: QuietHours) -> None:
        self.hours = hours
        self._spans: dict[tuple[int, frozenset[str], frozenset[str]], tuple[Span, ...]] = {}
        self._windows: dict[tuple[frozenset[str], date], Windows] = {}

    def next_open(self, moment: datetime, zones: frozenset[str], regions: frozenset[str]) -> datetime | None:
        """The first moment from `moment` (aware) on at which all candidates agree; None if they never do.

        Raises ValueError for an unknown place: who asks has to refuse it first.
        """
        moment = moment.astimezone(UTC)
        today = moment.toordinal()
        for ordinal in range(today, min(today + HORIZON_DAYS, LAST_DAY)):
            for start, end in self._on(ordinal, zones, regions):
                if moment < end:
                    return max(start, moment)
        return None

    def is_open(self, moment: datetime, zones: frozenset[str], regions: frozenset[str]) -> bool:
        return self.next_open(moment, zones, regions) == moment

    def closed(self, moment: datetime, places: Iterable[Place]) -> dict[Place, datetime | None]:
        """Of these places those that are quiet at `moment`, each with when it opens (None: never)."""
        opens = {place: self.next_open(moment, *place) for place in places}
        return {place: until for place, until in opens.items() if until != moment}

    def _on(self, ordinal: int, zones: frozenset[str], regions: frozenset[str]) -> tuple[Span, ...]:
        key = (ordinal, zones, regions)
        spans = self._spans.get(key)
        if spans is None:
            if len(self._spans) >= MEMO_DAYS_MAX:
                self._spans.clear()
            spans = self._spans[key] = self._agreed(ordinal, zones, regions)
        return spans

    def _agreed(self, ordinal: int, zones: frozenset[str], regions: frozenset[str]) -> tuple[Span, ...]:
        """The open spans of one UTC day in which every zone agrees."""
        if not place_known(zones, regions):
            raise ValueError(f"no quiet hours for unknown zones {sorted(zones)} or regions {sorted(regions)}")
        start = datetime.combine(date.fromordinal(ordinal), datetime.min.time(), UTC)
        agreed = [(start, start + timedelta(days=1))]
        for zone in sorted(zones):
            agreed = _shared(agreed, local_spans(zone, start, lambda day: self._windows_on(regions, day)))
        return tuple(agreed)

    def _windows_on(self, regions: frozenset[str], day: date) -> Windows:
        key = (regions, day)
        if key not in self._windows:
            if len(self._windows) >= MEMO_DAYS_MAX:
                self._windows.clear()
            self._windows[key] = self._strictest(regions, day)
        return self._windows[key]

    def _strictest(self, regions: frozenset[str], day: date) -> Windows:
        windows = ALL_DAY
        for region in regions:
            windows = intersection(windows, windows_on(self.hours, region, day))
        return windows


def _shared(left: list[Span], right: list[Span]) -> list[Span]:
    both = ((max(a, c), min(b, d)) for a, b in left for c, d in right)
    return sorted((start, end) for start, end in both if start < end)


@lru_cache(maxsize=64)
def openings(hours: QuietHours) -> Openings:
    """The shared memo for these hours."""
    return Openings(hours)


def next_open(
    now: datetime, zones: frozenset[str], regions: frozenset[str], hours: QuietHours | None = None
) -> datetime | None:
    """The first moment from `now` (aware) on that is not quiet for this person; None if there is none.

    Raises ValueError for an unknown place.
    """
    return openings(hours or QuietHours()).next_open(now, zones, regions)
