"""When messages leave: nothing is lost, nothing is faster than the number may be."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from consent.limits.quiet_hours import Place, QuietHours, openings
from gateway.core.forecast import Allowance, forecast, hour_of

NOON = datetime(2026, 11, 24, 9, tzinfo=UTC)  # in Istanbul
HOUR = timedelta(hours=1)
ISTANBUL: Place = (frozenset({"Europe/Istanbul"}), frozenset({"TR"}))
BERLIN: Place = (frozenset({"Europe/Berlin"}), frozenset({"DE"}))
NOWHERE: Place = (frozenset(), frozenset())


def test_what_fits_leaves_in_its_hour() -> None:
    seen = forecast({NOON: Counter({ISTANBUL: 500})}, NOON + 3 * HOUR, Allowance(80))
    assert [(hour.due, hour.leaving) for hour in seen.hours] == [(500, 500)]
    assert seen.left_over == 0


def test_pace_moves_the_rest_to_the_next_hour() -> None:
    seen = forecast({NOON: Counter({ISTANBUL: 5_000})}, NOON + 5 * HOUR, Allowance(1))
    assert [hour.leaving for hour in seen.hours] == [3_528, 1_472]


def test_the_daily_limit_moves_the_rest_to_the_next_day() -> None:
    seen = forecast({NOON: Counter({ISTANBUL: 150})}, NOON + 72 * HOUR, Allowance(80, per_day=100))
    leaving = {hour.begins - NOON: hour.leaving for hour in seen.hours if hour.leaving}
    assert leaving == {timedelta(0): 100, timedelta(days=1): 50}


def test_what_is_left_at_the_end_is_named() -> None:
    seen = forecast({NOON: Counter({ISTANBUL: 10_000})}, NOON + 2 * HOUR, Allowance(1))
    assert seen.left_over == 10_000 - 2 * 3_528


def test_a_backlog_does_not_leave_in_quiet_hours() -> None:
    late = NOON + 7 * HOUR  # 19:00 in Istanbul, an hour before it is quiet
    seen = forecast({late: Counter({ISTANBUL: 4_000})}, late + 24 * HOUR, Allowance(1), openings(QuietHours()))
    leaving = [hour.begins for hour in seen.hours if hour.leaving]
    assert leaving == [late, late + 14 * HOUR]


def test_an_unknown_place_is_never_held_by_its_hours() -> None:
    seen = forecast({NOON: Counter({NOWHERE: 1})}, NOON + HOUR, Allowance(1), openings(QuietHours()))
    assert seen.left_over == 0


@given(
    due=st.dictionaries(
        st.integers(0, 30).map(lambda n: NOON + n * HOUR),
        st.dictionaries(st.sampled_from([ISTANBUL, BERLIN]), st.integers(1, 9_000), max_size=2).map(Counter),
        max_size=6,
    ),
    per_second=st.integers(1, 3),
    per_day=st.none() | st.integers(0, 10_000),
)
def test_nothing_is_lost_and_no_limit_is_passed(
    due: dict[datetime, Counter[Place]], per_second: int, per_day: int | None
) -> None:
    seen = forecast(due, NOON + 48 * HOUR, Allowance(per_second, per_day), openings(QuietHours()))
    planned = sum(sum(places.values()) for places in due.values())
    assert sum(hour.leaving for hour in seen.hours) + seen.left_over == planned
    assert all(hour.leaving <= per_second * 3_600 for hour in seen.hours)
    for hour in seen.hours:
        day = [one.leaving for one in seen.hours if hour.begins - 24 * HOUR < one.begins <= hour.begins]
        assert per_day is None or sum(day) <= per_day


def test_the_hour_of_a_moment_begins_it() -> None:
    assert hour_of(NOON + timedelta(minutes=59, microseconds=1)) == NOON
