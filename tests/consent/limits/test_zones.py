from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.limits.windows import Windows, parse_windows
from consent.limits.zones import local_spans, reaches, zone_named, zones_known

CHANGING = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/St_Johns", "Africa/Casablanca")
STEADY = ("Europe/Istanbul", "Asia/Kathmandu", "Pacific/Kiritimati", "UTC")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def always(windows: str) -> Windows:
    return parse_windows(windows)


@pytest.mark.parametrize("name", ["Etc/Unknown", "", "Europe/Nowhere", "Europe", "../etc/passwd", "Factory", "\0"])
def test_a_zone_that_is_none_is_unknown(name: str) -> None:
    assert zone_named(name) is None
    assert not zones_known(frozenset({"Europe/Istanbul", name}))
    with pytest.raises(ValueError, match="not a time zone that we know"):
        local_spans(name, at("2026-01-01"), lambda day: always("09:00-20:00"))


def test_no_candidate_is_no_knowledge() -> None:
    assert not zones_known(frozenset())
    assert zones_known(frozenset({"Europe/Istanbul"}))


@pytest.mark.parametrize(
    ("zone", "day", "hours", "expected"),
    [
        ("Europe/Istanbul", "2026-06-01", "09:00-20:00", [("06:00", "17:00")]),
        # Berlin springs forward: 02:30-03:30 on the wall lasts half an hour, from the jump on.
        ("Europe/Berlin", "2027-03-28", "02:30-03:30", [("01:00", "01:30")]),
        ("Europe/Berlin", "2027-03-28", "02:00-03:00", []),
        ("Europe/Berlin", "2027-03-28", "09:00-20:00", [("07:00", "18:00")]),
        # Berlin falls back: the wall shows 02:00-03:00 twice.
        ("Europe/Berlin", "2026-10-25", "02:15-02:45", [("00:15", "00:45"), ("01:15", "01:45")]),
        ("Europe/Berlin", "2026-10-25", "09:00-20:00", [("08:00", "19:00")]),
        ("America/New_York", "2026-03-08", "02:30-04:00", [("07:00", "08:00")]),
        ("America/New_York", "2026-11-01", "01:30-02:00", [("05:30", "06:00"), ("06:30", "07:00")]),
        # Lord Howe moves by half an hour only, at 02:00 (UTC+10:30 to +11 and back).
        ("Australia/Lord_Howe", "2026-10-03", "02:00-02:45", [("15:30", "15:45")]),
        ("Australia/Lord_Howe", "2026-04-04", "01:30-02:00", [("14:30", "15:30")]),
    ],
)
def test_local_hours_on_the_shared_clock(zone: str, day: str, hours: str, expected: list[tuple[str, str]]) -> None:
    spans = local_spans(zone, at(day), lambda _: always(hours))
    assert [(f"{start:%H:%M}", f"{end:%H:%M}") for start, end in joined(spans)] == expected


def joined(spans: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Spans that touch are one: a change of the clock cuts them without closing anything."""
    whole: list[tuple[datetime, datetime]] = []
    for start, end in spans:
        if whole and whole[-1][1] == start:
            whole[-1] = (whole[-1][0], end)
        else:
            whole.append((start, end))
    return whole


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(CHANGING + STEADY),
    st.dates(date(2026, 1, 1), date(2028, 12, 31)),
    st.sampled_from(["09:00-20:00", "00:00-24:00", "02:15-02:45", "01:00-04:00,22:00-24:00", "closed"]),
)
def test_a_moment_is_open_exactly_when_the_wall_clock_says_so(zone: str, day: date, hours: str) -> None:
    start = datetime.combine(day, datetime.min.time(), UTC)
    spans = local_spans(zone, start, lambda _: always(hours))
    for quarter in range(24 * 4):
        moment = start + timedelta(minutes=15 * quarter)
        wall = moment.astimezone(ZoneInfo(zone))
        shown = wall.hour * 60 + wall.minute
        expected = any(a <= shown < b for a, b in always(hours))
        assert any(a <= moment < b for a, b in spans) == expected


@pytest.mark.parametrize(
    ("zone", "wall", "moment"),
    [
        ("Europe/Istanbul", "2026-12-01 10:00", "2026-12-01 07:00"),
        ("Europe/Berlin", "2027-03-28 02:30", "2027-03-28 01:00"),
        ("Europe/Berlin", "2026-10-25 02:30", "2026-10-25 00:30"),
        ("America/New_York", "2026-03-08 02:00", "2026-03-08 07:00"),
        ("America/New_York", "2026-11-01 01:59", "2026-11-01 05:59"),
        ("Australia/Lord_Howe", "2026-10-04 02:10", "2026-10-03 15:30"),
    ],
)
def test_a_wall_clock_time_is_reached_at_its_first_chance(zone: str, wall: str, moment: str) -> None:
    assert reaches(datetime.fromisoformat(wall), zone) == at(moment)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(CHANGING), st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)))
def test_a_minute_before_it_is_reached_the_wall_clock_shows_less(zone: str, wall: datetime) -> None:
    moment = reaches(wall, zone)
    local = ZoneInfo(zone)
    assert moment.astimezone(local).replace(tzinfo=None) >= wall
    assert (moment - timedelta(minutes=1)).astimezone(local).replace(tzinfo=None) < wall
