"""Official holidays, whole and half, and which of them are only computed ahead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import holidays

NAMES_IN = "en_US"  # without it the package would read the names' language from the environment
ESTIMATED = "(estimated)"


@dataclass(frozen=True, slots=True)
class RestDay:
    """A holiday. `half` means that it starts at some hour; `estimated` that a religious feast may still move a day."""

    day: date
    name: str
    half: bool
    estimated: bool


def rest_day(region: str, day: date) -> RestDay | None:
    """The official holiday of that region (country, or state of a country) on that day of its calendar.

    A region without a known calendar has none. A day that is both whole and half holiday is a whole one.
    """
    return _year(region, day.year).get(day)


@lru_cache(maxsize=512)
def _year(region: str, year: int) -> dict[date, RestDay]:
    halves = _days(region, year, "half_day") if _has_half_days(region) else {}
    return {**halves, **_days(region, year, "public")}


def _days(region: str, year: int, category: str) -> dict[date, RestDay]:
    calendar = _calendar(region, year, category)
    return {day: _as_rest_day(day, name, category) for day, name in calendar.items()}


def _as_rest_day(day: date, name: str, category: str) -> RestDay:
    return RestDay(day, name, half=category == "half_day", estimated=ESTIMATED in name)


def _calendar(region: str, year: int, category: str) -> dict[date, str]:
    country, _, state = region.partition("-")
    if country not in _supported():
        return {}
    known_state = state if state in _supported()[country] else None
    days = holidays.country_holidays(country, subdiv=known_state, years=year, categories=category, language=NAMES_IN)
    return dict(days.items())


@lru_cache(maxsize=1)
def _supported() -> dict[str, list[str]]:
    return holidays.list_supported_countries(include_aliases=False)


@lru_cache(maxsize=512)
def _has_half_days(region: str) -> bool:
    country = region.partition("-")[0]
    return country in _supported() and "half_day" in holidays.country_holidays(country).supported_categories


@lru_cache(maxsize=64)
def first_day_of(feast: str, region: str, year: int) -> tuple[date, ...]:
    """The first whole day of that feast, as often as it comes in that year: a lunar one comes twice, or not at all."""
    days = sorted(day.day for day in _year(region, year).values() if feast in day.name and not day.half)
    return tuple(day for index, day in enumerate(days) if index == 0 or (day - days[index - 1]).days > 1)
