from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from consent.limits.window import closes_at, free_entry_until, is_open, next_open

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("last_inbound_at", "open_now"),
    [
        (None, False),
        (NOW, True),
        (NOW - HOUR, True),
        (NOW - 24 * HOUR + SECOND, True),
        (NOW - 24 * HOUR, False),
        (NOW - 30 * HOUR, False),
        (NOW + 2 * SECOND, True),
    ],
)
def test_the_window_lasts_24_hours_from_the_persons_last_message(
    last_inbound_at: datetime | None, open_now: bool
) -> None:
    assert is_open(NOW, last_inbound_at) is open_now
    assert next_open(NOW, last_inbound_at) == (NOW if open_now else None)


def test_the_window_closes_a_day_after_the_message() -> None:
    assert closes_at(NOW) == NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("answered_after", "ends_after"),
    [(HOUR, 73 * HOUR), (24 * HOUR, 96 * HOUR), (24 * HOUR + SECOND, None), (-HOUR, None)],
)
def test_a_free_entry_lasts_72_hours_if_answered_within_a_day(
    answered_after: timedelta, ends_after: timedelta | None
) -> None:
    ends = free_entry_until(referred_at=NOW, answered_at=NOW + answered_after)
    assert ends == (None if ends_after is None else NOW + ends_after)
