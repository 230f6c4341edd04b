from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.limits.windows import (
    ALL_DAY,
    CLOSED,
    DAY_MINUTES,
    Windows,
    changing_at,
    in_words,
    intersection,
    parse_clock,
    parse_windows,
    without,
)

minutes = st.integers(0, DAY_MINUTES)


@st.composite
def windows(draw: st.DrawFn) -> Windows:
    edges = sorted(draw(st.sets(minutes, max_size=8)))
    return tuple((edges[i], edges[i + 1]) for i in range(0, len(edges) - 1, 2))


def holds(spans: Windows, minute: int) -> bool:
    return any(start <= minute < end for start, end in spans)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("09:00-20:00", ((540, 1200),)),
        (" 9:00-20:00 ", ((540, 1200),)),
        ("closed", CLOSED),
        ("Closed", CLOSED),
        ("00:00-24:00", ALL_DAY),
        ("14:00-18:00, 09:00-12:00", ((540, 720), (840, 1080))),
        ("09:00-12:00,11:00-18:00", ((540, 1080),)),
        ("09:00-12:00,12:00-13:00", ((540, 780),)),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, expected: Windows) -> None:
    assert parse_windows(text) == expected


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "not a window of hours"),
        ("9", "not a window of hours"),
        ("09:00-12:00-14:00", "not a window of hours"),
        ("9-20", "not a time of day"),
        ("09:00-24:30", "not a time of day"),
        ("09:60-20:00", "not a time of day"),
        ("22:00-02:00", "must end after it starts"),
        ("09:00-09:00", "must end after it starts"),
    ],
)
def test_hours_that_cannot_be_meant_are_told_in_words(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_windows(text)


def test_midnight_may_be_the_end_of_a_day() -> None:
    assert (parse_clock("00:00"), parse_clock("24:00")) == (0, DAY_MINUTES)


@given(windows())
def test_hours_survive_being_written_and_read(spans: Windows) -> None:
    joined = parse_windows(in_words(spans))
    assert all(holds(joined, minute) == holds(spans, minute) for minute in range(0, DAY_MINUTES, 7))


@given(windows(), windows(), minutes)
def test_an_intersection_holds_what_both_hold(left: Windows, right: Windows, minute: int) -> None:
    assert holds(intersection(left, right), minute) == (holds(left, minute) and holds(right, minute))


@given(windows(), minutes, minutes, minutes)
def test_taking_minutes_out_leaves_the_others(spans: Windows, one: int, other: int, minute: int) -> None:
    start, end = sorted((one, other))
    assert holds(without(spans, start, end), minute) == (holds(spans, minute) and not start <= minute < end)


@given(windows(), windows(), minutes, minutes)
def test_a_day_can_change_its_hours_at_one_minute(before: Windows, after: Windows, change: int, minute: int) -> None:
    both = changing_at(before, after, change)
    assert holds(both, minute) == holds(before if minute < change else after, minute)
