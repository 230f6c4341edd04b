"""Waiting before another try: bounded, growing, and never in step."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.retry import DELAY_MAX, PAIR_DELAY_MAX, at_least, backoff, pair_delay

DICE = st.floats(0, 1, exclude_max=True)
ATTEMPTS = st.integers(1, 10_000)


@pytest.mark.parametrize(
    ("attempt", "shortest", "longest"), [(1, 0.5, 1), (2, 1, 2), (5, 8, 16), (10, 256, 512), (11, 450, 900)]
)
def test_the_wait_doubles(attempt: int, shortest: float, longest: float) -> None:
    assert backoff(attempt, 0).total_seconds() == shortest
    assert backoff(attempt, 0.999999).total_seconds() == pytest.approx(longest, rel=1e-5)


@given(ATTEMPTS, DICE)
def test_the_wait_is_bounded(attempt: int, dice: float) -> None:
    assert timedelta(0) < backoff(attempt, dice) <= DELAY_MAX


@given(ATTEMPTS, DICE)
def test_a_later_attempt_never_waits_less(attempt: int, dice: float) -> None:
    assert backoff(attempt + 1, dice) >= backoff(attempt, dice)


@given(DICE, DICE)
def test_chance_spreads_over_the_upper_half(one: float, other: float) -> None:
    difference = abs(backoff(4, one) - backoff(4, other))
    assert difference <= timedelta(seconds=4)


@given(DICE)
def test_chance_only_lengthens_a_wait_that_somebody_named(dice: float) -> None:
    day = timedelta(hours=24)
    assert day <= at_least(day, dice, spread=timedelta(hours=1)) <= day + timedelta(hours=1)


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 1), (2, 4), (3, 16), (4, 64), (5, 256), (6, 1024)])
def test_a_pair_waits_four_to_the_n_seconds(attempt: int, seconds: int) -> None:
    assert pair_delay(attempt) == timedelta(seconds=seconds)


@given(ATTEMPTS)
def test_a_pair_never_waits_more_than_an_hour(attempt: int) -> None:
    assert pair_delay(attempt) <= PAIR_DELAY_MAX


@pytest.mark.parametrize(("attempt", "dice"), [(0, 0.5), (-1, 0.5), (1, 1.0), (1, -0.1)])
def test_a_wrong_argument_is_named(attempt: int, dice: float) -> None:
    with pytest.raises(ValueError, match=r"count from 1|from 0 up to 1"):
        backoff(attempt, dice)


def test_a_pair_counts_attempts_from_one_too() -> None:
    with pytest.raises(ValueError, match="count from 1"):
        pair_delay(0)
