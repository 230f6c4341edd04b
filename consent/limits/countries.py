"""The hours of each region as data with source and date (countries.toml), and how a business changes them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

from consent.limits.ramadan import Fast
from consent.limits.windows import DAY_MINUTES, Windows, parse_clock, parse_windows

ELSEWHERE = "*"
LAW = "law"

_REGION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_NOWHERE = frozenset({"ZZ", "XX"})  # what number plans and locale data say for "not known"


@dataclass(frozen=True, slots=True)
class DayHours:
    """Open hours by kind of day. `holidays` None means that a holiday is like any other day."""

    weekdays: Windows
    saturday: Windows
    sunday: Windows
    holidays: Windows | None = None

    def on(self, day: date) -> Windows:
        """The hours of that weekday, holidays not considered."""
        return (self.weekdays, self.weekdays, self.weekdays, self.weekdays, self.weekdays, self.saturday, self.sunday)[
            day.weekday()
        ]


@dataclass(frozen=True, slots=True)
class RegionRule:
    """One row of countries.toml. `basis` law binds: it can be narrowed but not replaced."""

    region: str
    hours: DayHours
    basis: str
    mark: str
    source: str
    read_on: date
    half_days_from: int = 0


def day_hours(
    weekdays: str, saturday: str | None = None, sunday: str | None = None, holidays: str = "same"
) -> DayHours:
    """Hours as people write them: "09:00-20:00" or "closed"; weekend days default to weekdays'. Raises ValueError."""
    return DayHours(
        parse_windows(weekdays),
        parse_windows(weekdays if saturday is None else saturday),
        parse_windows(weekdays if sunday is None else sunday),
        None if holidays.strip().lower() == "same" else parse_windows(holidays),
    )


@lru_cache(maxsize=1)
def country_rules() -> tuple[RegionRule, ...]:
    """Every row of countries.toml."""
    return tuple(_as_rule(row) for row in _data()["rule"])


@lru_cache(maxsize=1)
def fasts() -> tuple[Fast, ...]:
    """The countries whose Ramadan we can keep."""
    month = _data()["ramadan"]
    return tuple(_as_fast(month, country) for country in month["country"])


def _data() -> Mapping[str, Any]:
    return tomllib.loads(files("consent.limits").joinpath("countries.toml").read_text(encoding="utf-8"))


def _as_rule(row: Mapping[str, Any]) -> RegionRule:
    return RegionRule(
        row["region"],
        day_hours(row["weekdays"], row["saturday"], row["sunday"], row["holidays"]),
        basis=row["basis"],
        mark=row["mark"],
        source=row["source"],
        read_on=row["read_on"],
        half_days_from=parse_clock(row.get("half_days_from", "00:00")),
    )


def _as_fast(month: Mapping[str, Any], country: Mapping[str, Any]) -> Fast:
    return Fast(
        country["region"],
        country["feast"],
        country["utc_offset_minutes"],
        latitudes=(country["latitudes"][0], country["latitudes"][1]),
        longitudes=(country["longitudes"][0], country["longitudes"][1]),
        not_before=parse_clock(month["not_before"]),
        minutes_before_sunset=month["minutes_before_sunset"],
        minutes_after_sunset=month["minutes_after_sunset"],
    )


def binding_rules(rules: tuple[RegionRule, ...], region: str) -> tuple[RegionRule, ...]:
    """Every rule that holds in that region; all must agree.

    A state stands under its country's rule too. A country of which only the country is known stands under the rules of
    all its states: the strictest counts. A region without a row follows the rule for everywhere else.
    """
    country = region.partition("-")[0]
    own = tuple(rule for rule in rules if rule.region in {region, country})
    states = tuple(rule for rule in rules if region == country and rule.region.startswith(f"{country}-"))
    return (own + states) or tuple(rule for rule in rules if rule.region == ELSEWHERE)


def with_rest_days(rules: tuple[RegionRule, ...], region: str, windows: str) -> tuple[RegionRule, ...]:
    """The rules with other hours for that region's Sundays and holidays, such as "11:00-18:00" or "closed".

    Raises ValueError where the region has no row, or where its row is law.
    """
    if all(rule.region != region for rule in rules):
        raise ValueError(f"there are no hours for region {region!r} to change; add a row for it first")
    return tuple(_resting(rule, windows) if rule.region == region else rule for rule in rules)


def _resting(rule: RegionRule, windows: str) -> RegionRule:
    if rule.basis == LAW:
        raise ValueError(f"the hours of {rule.region} are law ({rule.source}); a campaign can only narrow them")
    rest = parse_windows(windows)
    return replace(rule, hours=replace(rule.hours, sunday=rest, holidays=rest))


@lru_cache(maxsize=4096)
def regions_known(regions: frozenset[str]) -> bool:
    """Whether there is at least one region and every one is a country or a state."""
    return bool(regions) and all(_REGION.fullmatch(region) and region not in _NOWHERE for region in regions)


def starts_at(rule: RegionRule, half: bool) -> int:
    """The minute at which a holiday begins under that rule. A half day of unknown beginning counts as a whole one."""
    return min(rule.half_days_from, DAY_MINUTES) if half else 0
