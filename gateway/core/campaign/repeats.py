"""When a recurring campaign comes round: a cron line on the clock of one zone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from consent.limits.zones import reaches
from gateway.core.wording import Wording

DAYS_AHEAD_MAX = 366 * 8 + 2
"""29 February may stay away for eight years; what has not come round by then never does."""

MONTHS = dict(
    zip(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], range(1, 13), strict=True)
)
WEEKDAYS = dict(zip(["sun", "mon", "tue", "wed", "thu", "fri", "sat"], range(7), strict=True))


@dataclass(frozen=True, slots=True)
class Repeats:
    """A cron line's five sets, and the zone whose clock shows them. `weekdays` count from Sunday, 0.

    Where both days and weekdays are restricted, either is enough, as cron has it: `any_day` says that it is not so.
    A time that the clock jumps over comes when it has jumped; one that it shows twice comes the first time.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool
    zone: str

    def after(self, moment: datetime) -> datetime | None:
        """The first occurrence (UTC) later than this aware moment, or None when there will be none."""
        first = moment.astimezone(ZoneInfo(self.zone)).date() - timedelta(days=1)
        for day in (first + timedelta(days=ahead) for ahead in range(DAYS_AHEAD_MAX)):
            for at in self._on(day):
                if at > moment:
                    return at
        return None

    def from_(self, moment: datetime) -> datetime | None:
        """The first occurrence at this moment or later."""
        return self.after(moment - timedelta(microseconds=1))

    def latest(self, first: datetime, now: datetime) -> datetime:
        """The last occurrence up to `now`, given that `first` is one: several that were missed are one."""
        day = now.astimezone(ZoneInfo(self.zone)).date() + timedelta(days=1)
        while day >= first.astimezone(ZoneInfo(self.zone)).date():
            if come := [at for at in self._on(day) if at <= now]:
                return max(first, *come)
            day -= timedelta(days=1)
        return first

    def date_of(self, occurrence: datetime) -> date:
        return occurrence.astimezone(ZoneInfo(self.zone)).date()

    def _on(self, day: date) -> Iterator[datetime]:
        if not self._is_due(day):
            return
        for hour in sorted(self.hours):
            for minute in sorted(self.minutes):
                yield reaches(datetime.combine(day, time(hour, minute)), self.zone).astimezone(UTC)

    def _is_due(self, day: date) -> bool:
        by_date, by_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return day.month in self.months and (by_date or by_weekday if self.either_day else by_date and by_weekday)


_FIELDS: tuple[tuple[str, int, int, Mapping[str, int]], ...] = (
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day", 1, 31, {}),
    ("month", 1, 12, MONTHS),
    ("weekday", 0, 7, WEEKDAYS),
)
_PART = re.compile(r"(\*|\w+(?:-\w+)?)(?:/(\d{1,2}))?", re.ASCII)

NO_LINE = Wording(
    "“dakika saat gün ay haftagünü dilim” yazın; her pazartesi 10:00 için “0 10 * * mon Europe/Istanbul”.",
    "Write “minute hour day month weekday zone”, such as “0 10 * * mon Europe/Istanbul” for Mondays at 10:00.",
)


def read_repeats(text: str) -> Repeats | Wording:
    """`0 10 * * mon Europe/Istanbul`: five cron fields with `*`, lists, ranges, steps and English names, and a zone."""
    parts = text.split()
    if len(parts) != 6:
        return NO_LINE
    try:
        ZoneInfo(parts[5])
    except (KeyError, ValueError, OSError):
        return Wording(f"“{parts[5]}” diye bir saat dilimi yok; Europe/Istanbul gibi yazın.",
                       f"There is no zone “{parts[5]}”; write one such as Europe/Istanbul.")  # fmt: skip
    sets = [_set(part.casefold(), *field) for part, field in zip(parts, _FIELDS, strict=False)]
    for part, (name, low, high, _), found in zip(parts, _FIELDS, sets, strict=False):
        if not found:
            return Wording(
                f"“{part}” ({name}) anlaşılmadı: {low}-{high} arası, liste, aralık ya da */2 gibi yazın.",
                f"“{part}” is no {name}: write {low}-{high}, a list, a range or a step such as */2.",
            )
    minutes, hours, days, months, weekdays = sets
    either = parts[2] != "*" and parts[4] != "*"
    made = Repeats(minutes, hours, days, months, frozenset(day % 7 for day in weekdays), either, parts[5])
    if made.after(datetime(2024, 1, 1, tzinfo=UTC)) is None:
        return Wording("Böyle bir gün takvimde yok.", "There is no such day in the calendar.")
    return made


def _set(text: str, _name: str, low: int, high: int, names: Mapping[str, int]) -> frozenset[int]:
    """The numbers that this field names; empty when it is wrong."""
    found: set[int] = set()
    for part in text.split(","):
        numbers = _range(part, low, high, names)
        if not numbers:
            return frozenset()
        found.update(numbers)
    return frozenset(found)


def _range(part: str, low: int, high: int, names: Mapping[str, int]) -> range:
    nothing = range(0)
    match = _PART.fullmatch(part)
    if match is None:
        return nothing
    start, _, end = match[1].partition("-")
    step = int(match[2] or 1)
    first = low if start == "*" else _number(start, names)
    last = high if start == "*" or (match[2] and not end) else _number(end or start, names)
    if first is None or last is None or not (low <= first <= last <= high) or step < 1:
        return nothing
    return range(first, last + 1, step)


def _number(text: str, names: Mapping[str, int]) -> int | None:
    return names.get(text, int(text) if text.isdecimal() and len(text) < 3 else None)
