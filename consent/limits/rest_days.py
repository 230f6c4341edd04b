"""Official holidays, whole and half, and which of them are only computed ahead."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import holidays

NAMES_IN = "en_US"  # without it the package would read the names' language from the environment
ESTIMATED = "(estimated)"
HALF, WHOLE = "half_day", "public"  # the package's categories
COUNTRIES = "holidays.countries"


def _import_each_country_alone() -> None:
    """Put the package of countries in place without running it: to ask for one it would import all 250.

    They cost the first question 0.1 s of a core and each process 8 MB.
    """
    spec = importlib.util.find_spec(COUNTRIES)
    if spec is not None and COUNTRIES not in sys.modules:
        sys.modules[COUNTRIES] = importlib.util.module_from_spec(spec)


_import_each_country_alone()


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
    return {**_days(region, year, HALF), **_days(region, year, WHOLE)}


def _days(region: str, year: int, category: str) -> dict[date, RestDay]:
    return {
        day: RestDay(day, name, half=category == HALF, estimated=ESTIMATED in name)
        for day, name in _calendar(region, year, category).items()
    }


def _calendar(region: str, year: int, category: str) -> dict[date, str]:
    """That category of the region's holidays; of its country's where the package does not tell states apart."""
    country, _, state = region.partition("-")
    for subdivision in (state or None, None):
        try:
            return _packaged(country, subdivision, year, category)
        except NotImplementedError:  # the package's word for a country or state that it does not know
            continue
    return {}


def _packaged(country: str, state: str | None, year: int, category: str) -> dict[date, str]:
    calendar = holidays.country_holidays(country, subdiv=state, language=NAMES_IN)
    if category not in calendar.supported_categories:
        return {}
    days = holidays.country_holidays(country, subdiv=state, years=year, categories=category, language=NAMES_IN)
    return dict(days.items())


@lru_cache(maxsize=64)
def first_day_of(feast: str, region: str, year: int) -> tuple[date, ...]:
    """The first whole day of that feast, as often as it comes in that year: a lunar one comes twice, or not at all."""
    days = sorted(day.day for day in _year(region, year).values() if feast in day.name and not day.half)
    return tuple(day for index, day in enumerate(days) if index == 0 or (day - days[index - 1]).days > 1)
