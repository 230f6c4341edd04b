from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from consent.limits.countries import fasts
from consent.limits.ramadan import is_in_month, sunset_minutes, windows_in
from consent.limits.windows import ALL_DAY, parse_clock

TURKEY = next(fast for fast in fasts() if fast.region == "TR")


@pytest.mark.parametrize(
    ("day", "in_month"),
    [
        ("2026-02-17", False),
        ("2026-02-18", True),  # the eve of a month of 29 days, taken in
        ("2026-02-19", True),
        ("2026-03-19", True),
        ("2026-03-20", False),
        ("2027-02-07", True),
        ("2027-03-09", False),
        ("2032-12-31", True),  # the feast is in the next year
    ],
)
def test_the_month_is_the_thirty_days_before_the_feast(day: str, in_month: bool) -> None:
    assert is_in_month(TURKEY, date.fromisoformat(day)) is in_month


ISTANBUL = (41.0, 29.0, 180)
GREENWICH = (51.5, 0.0, 0)
EQUATOR = (0.0, 0.0, 0)


@pytest.mark.parametrize(
    ("place", "day", "sunset"),
    [
        (ISTANBUL, "2026-06-21", "20:39"),
        (ISTANBUL, "2026-12-21", "17:38"),
        (GREENWICH, "2026-06-21", "20:21"),
        (GREENWICH, "2026-12-21", "15:53"),
        (EQUATOR, "2026-03-20", "18:11"),
    ],
)
def test_the_sun_sets_when_almanacs_say(place: tuple[float, float, int], day: str, sunset: str) -> None:
    north, east, offset = place
    there = replace(TURKEY, latitudes=(north, north), longitudes=(east, east), utc_offset_minutes=offset)
    first, last = sunset_minutes(there, date.fromisoformat(day))
    assert first == last
    assert abs(first - parse_clock(sunset)) <= 3


@pytest.mark.parametrize("day", ["2026-02-20", "2026-03-19", "2026-06-21", "2026-12-21"])
def test_the_whole_country_is_spared_from_its_first_sunset_to_its_last(day: str) -> None:
    there = replace(TURKEY, latitudes=(41.0, 41.0), longitudes=(29.0, 29.0))
    istanbul, _ = sunset_minutes(there, date.fromisoformat(day))
    first, last = sunset_minutes(TURKEY, date.fromisoformat(day))
    assert first < istanbul < last
    assert 70 <= last - first <= 150


def test_inside_the_month_mornings_and_sunset_are_left_alone() -> None:
    day = date(2026, 3, 1)
    first, last = sunset_minutes(TURKEY, day)
    assert windows_in(TURKEY, day) == ((660, first - 30), (last + 60, 1440))


def test_outside_the_month_nothing_changes() -> None:
    assert windows_in(TURKEY, date(2026, 6, 1)) == ALL_DAY
