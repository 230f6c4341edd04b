"""Ramadan, for those who want to keep it: nothing before late morning, nothing around sunset.

A custom, not a law (reference/consent.md section 5), so it only counts where a policy asks for it. Countries and
minutes are data in countries.toml. The month is taken as the 30 days before its feast: in a year with a month of 29
days that is one day too many, which disturbs nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from math import acos, cos, degrees, pi, radians, sin, tan

from consent.limits.rest_days import first_day_of
from consent.limits.windows import ALL_DAY, DAY_MINUTES, Windows, without

LONGEST_MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Fast:
    """How one country keeps the month. Minutes are of its own clock; degrees are north and east."""

    region: str
    feast: str
    utc_offset_minutes: int
    latitudes: tuple[float, float]
    longitudes: tuple[float, float]
    not_before: int
    minutes_before_sunset: int
    minutes_after_sunset: int


@lru_cache(maxsize=4096)
def windows_in(fast: Fast, day: date) -> Windows:
    """The hours that the custom leaves open on that day; the whole day outside the month."""
    if not is_in_month(fast, day):
        return ALL_DAY
    first, last = sunset_minutes(fast, day)
    quiet_from = max(0, first - fast.minutes_before_sunset)
    quiet_until = min(DAY_MINUTES, last + fast.minutes_after_sunset)
    return without(without(ALL_DAY, 0, fast.not_before), quiet_from, quiet_until)


def is_in_month(fast: Fast, day: date) -> bool:
    feasts = (*first_day_of(fast.feast, fast.region, day.year), *first_day_of(fast.feast, fast.region, day.year + 1))
    return any(feast - LONGEST_MONTH <= day < feast for feast in feasts)


def sunset_minutes(fast: Fast, day: date) -> tuple[int, int]:
    """When the sun sets first and last in the country, in minutes of its own day."""
    corners = [
        _sunset(day, latitude, longitude) + fast.utc_offset_minutes
        for latitude in fast.latitudes
        for longitude in fast.longitudes
    ]
    return round(min(corners)), round(max(corners))


def _sunset(day: date, latitude: float, longitude: float) -> float:
    """Minutes from midnight UTC, good to about three minutes (the general solar position equations of NOAA)."""
    year_angle = 2 * pi / 365 * (day.timetuple().tm_yday - 1 + 0.75)
    tilt = _declination(year_angle)
    horizon = radians(90.833)  # the sun's upper edge with refraction
    hour_angle = acos(cos(horizon) / (cos(radians(latitude)) * cos(tilt)) - tan(radians(latitude)) * tan(tilt))
    return 720 - 4 * (longitude - degrees(hour_angle)) - _equation_of_time(year_angle)


def _declination(angle: float) -> float:
    return (
        0.006918
        - 0.399912 * cos(angle)
        + 0.070257 * sin(angle)
        - 0.006758 * cos(2 * angle)
        + 0.000907 * sin(2 * angle)
        - 0.002697 * cos(3 * angle)
        + 0.00148 * sin(3 * angle)
    )


def _equation_of_time(angle: float) -> float:
    wobble = 0.001868 * cos(angle) - 0.032077 * sin(angle) - 0.014615 * cos(2 * angle) - 0.040849 * sin(2 * angle)
    return 229.18 * (0.000075 + wobble)
