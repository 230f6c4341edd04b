"""Recurring campaigns: what a cron line means on the clock of its zone, against a walk from minute to minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.campaign.repeats import Repeats, read_repeats
from gateway.core.wording import Wording

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)  # a Sunday
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def repeats(text: str) -> Repeats:
    found = read_repeats(text)
    assert isinstance(found, Repeats), found
    return found


def shown(text: str, moment: datetime, times: int = 3) -> list[str]:
    """The next occurrences on the clock of the line's zone."""
    found, here = repeats(text), []
    for _ in range(times):
        following = found.after(moment)
        assert following is not None
        moment = following
        here.append(f"{moment.astimezone(ZoneInfo(found.zone)):%Y-%m-%d %H:%M}")
    return here


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("0 10 * * mon Europe/Istanbul", ["2026-11-23 10:00", "2026-11-30 10:00", "2026-12-07 10:00"]),
        ("30 9 1 * * Europe/Istanbul", ["2026-12-01 09:30", "2027-01-01 09:30", "2027-02-01 09:30"]),
        ("0 9,18 * * 1-5 Europe/Istanbul", ["2026-11-23 09:00", "2026-11-23 18:00", "2026-11-24 09:00"]),
        ("*/30 12 * * * UTC", ["2026-11-22 12:00", "2026-11-22 12:30", "2026-11-23 12:00"]),
        ("0 0 31 * * UTC", ["2026-12-31 00:00", "2027-01-31 00:00", "2027-03-31 00:00"]),
        ("0 8 29 feb * UTC", ["2028-02-29 08:00", "2032-02-29 08:00", "2036-02-29 08:00"]),
        ("0 8 13 * fri UTC", ["2026-11-27 08:00", "2026-12-04 08:00", "2026-12-11 08:00"]),
        ("0 8 * * 7 Asia/Tokyo", ["2026-11-29 08:00", "2026-12-06 08:00", "2026-12-13 08:00"]),
        ("0 8 1 jan-mar/2 * UTC", ["2027-01-01 08:00", "2027-03-01 08:00", "2028-01-01 08:00"]),
    ],
)
def test_a_line_names_its_occurrences(line: str, first: list[str]) -> None:
    assert shown(line, NOW) == first


def test_a_time_that_the_clock_jumps_over_comes_when_it_has_jumped() -> None:
    spring = datetime(2027, 3, 27, 12, tzinfo=UTC)
    assert shown("30 2 * * * Europe/Berlin", spring, 2) == ["2027-03-28 03:00", "2027-03-29 02:30"]


def test_a_time_that_the_clock_shows_twice_comes_once() -> None:
    autumn = datetime(2026, 10, 24, 12, tzinfo=UTC)
    found = repeats("30 2 * * * Europe/Berlin")
    first = found.after(autumn)
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert found.after(first) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_of_those_that_were_missed_the_latest_counts() -> None:
    daily = repeats("0 10 * * * Europe/Istanbul")
    first = datetime(2026, 11, 20, 7, tzinfo=UTC)
    assert daily.latest(first, NOW) == datetime(2026, 11, 22, 7, tzinfo=UTC)
    assert daily.latest(first, first + MINUTE) == first


def test_one_that_falls_on_the_start_is_the_first() -> None:
    daily = repeats("0 10 * * * Europe/Istanbul")
    at = datetime(2026, 11, 22, 7, tzinfo=UTC)
    assert daily.from_(at) == at
    assert daily.after(at) == at + DAY


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("0 10 * * mon", "Write “minute hour day month weekday zone”"),
        ("0 10 * * mon Mars/Olympus", "no zone “Mars/Olympus”"),
        ("60 10 * * mon UTC", "“60” is no minute"),
        ("0 24 * * * UTC", "“24” is no hour"),
        ("0 10 * * monday UTC", "“monday” is no weekday"),
        ("0 10 5-2 * * UTC", "“5-2” is no day"),
        ("0 10 */0 * * UTC", "“*/0” is no day"),
        ("0 10 ٣ * * UTC", "is no day"),
        ("0 10 31 feb * UTC", "no such day in the calendar"),
        ("0 10 * * mon ../../etc/passwd", "There is no zone"),
    ],
)
def test_a_line_that_means_nothing_says_why(line: str, says: str) -> None:
    found = read_repeats(line)
    assert isinstance(found, Wording)
    assert says in found.en
    assert found.tr != found.en


LINES = [
    *["0 10 * * mon Europe/Istanbul", "30 2 * * * Europe/Berlin", "15 */6 1,15 * * America/New_York"],
    *["45 1 * * sun Australia/Lord_Howe", "0 0 * * 1-5 Asia/Kathmandu", "5 23 31 * fri Africa/Casablanca"],
]


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(LINES), st.integers(0, 400), st.integers(0, 1439))
def test_no_occurrence_is_skipped_and_none_is_made_up(line: str, days: int, minutes: int) -> None:
    found = repeats(line)
    moment = datetime(2026, 1, 1, tzinfo=UTC) + days * DAY + minutes * MINUTE
    following = found.after(moment)
    assert following is not None
    walked = moment + MINUTE
    while walked < following and walked < moment + 2 * DAY:
        wall = walked.astimezone(ZoneInfo(found.zone))
        if wall.fold == 0:  # the second showing of an hour is none of its occurrences
            assert not matches(found, wall), f"{wall} was skipped"
        walked += MINUTE
    wall = following.astimezone(ZoneInfo(found.zone))
    before = (following - MINUTE).astimezone(wall.tzinfo)
    assert matches(found, wall) or before.utcoffset() != wall.utcoffset(), "neither due nor a jump of the clock"


def matches(found: Repeats, wall: datetime) -> bool:
    by_date, by_weekday = wall.day in found.days, (wall.weekday() + 1) % 7 in found.weekdays
    day = by_date or by_weekday if found.either_day else by_date and by_weekday
    return wall.minute in found.minutes and wall.hour in found.hours and wall.month in found.months and day
