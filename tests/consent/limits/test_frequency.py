from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.limits.frequency import (
    DAY,
    DEFAULT_CAPS,
    HARD_CEILING,
    MONTH,
    RING_SLOTS,
    TICK,
    WEEK,
    Cap,
    Threshold,
    next_open,
    ring_opening_at,
    thresholds,
)

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)

rings = st.lists(st.integers(-60 * 24 * 40, 60 * 24), max_size=RING_SLOTS, unique=True).map(
    lambda ages: tuple(NOW + timedelta(minutes=age) for age in ages)
)
caps = st.lists(
    st.builds(Cap, st.integers(1, RING_SLOTS), st.integers(1, 60).map(lambda half: half * timedelta(hours=12))),
    max_size=4,
).map(tuple)


def counted(sends: tuple[datetime, ...], moment: datetime, cap: Cap) -> int:
    """The definition, without cleverness: what lies in the window that ends at this moment, edge included."""
    return sum(send >= moment - cap.period for send in sends)


@pytest.mark.parametrize(
    ("sends", "opens"),
    [
        ((), NOW),
        ((NOW - 25 * HOUR,), NOW),
        ((NOW - 23 * HOUR,), NOW + HOUR + TICK),
        ((NOW - DAY,), NOW + TICK),
        ((NOW - DAY - TICK,), NOW),
        ((NOW - 3 * DAY, NOW - 6 * DAY), NOW + DAY + TICK),
        ((NOW - 2 * HOUR, NOW - 6 * DAY), NOW + DAY + TICK),
        (tuple(NOW - WEEK - day * DAY for day in range(1, 7)), NOW + 30 * DAY - 13 * DAY + TICK),
    ],
)
def test_the_house_caps_open_when_the_oldest_counted_message_leaves_its_window(
    sends: tuple[datetime, ...], opens: datetime
) -> None:
    assert next_open(NOW, sends, DEFAULT_CAPS) == opens


def test_without_caps_nothing_waits() -> None:
    assert next_open(NOW, (NOW, NOW, NOW), ()) == NOW


def test_a_slot_reserved_for_later_counts_already() -> None:
    reserved = NOW + 5 * HOUR
    assert next_open(NOW, (reserved,), (Cap(1, DAY),)) == reserved + DAY + TICK


@pytest.mark.parametrize("count", [0, -1, RING_SLOTS + 1])
def test_a_cap_that_cannot_be_checked_is_told_in_words(count: int) -> None:
    with pytest.raises(ValueError, match="counts 1 to 10 messages"):
        Cap(count, DAY)


def test_a_cap_needs_a_period() -> None:
    with pytest.raises(ValueError, match="longer than nothing"):
        Cap(1, timedelta(0))


def test_the_ceiling_lets_no_campaign_send_a_fourth_message_in_a_day() -> None:
    sends = (NOW - HOUR, NOW - 2 * HOUR, NOW - 3 * HOUR)
    assert next_open(NOW, sends, HARD_CEILING) == NOW - 3 * HOUR + DAY + TICK


@given(rings, caps)
def test_the_moment_keeps_every_cap_and_no_earlier_one_does(sends: tuple[datetime, ...], caps: tuple[Cap, ...]) -> None:
    opens = next_open(NOW, sends, caps)
    assert all(counted(sends, opens, cap) < cap.count for cap in caps)
    if opens > NOW:
        assert any(counted(sends, opens - TICK, cap) >= cap.count for cap in caps)


@given(rings, caps, st.randoms())
def test_neither_the_order_of_sends_nor_of_caps_matters(
    sends: tuple[datetime, ...], caps: tuple[Cap, ...], dice: object
) -> None:
    assert next_open(NOW, tuple(reversed(sends)), tuple(reversed(caps))) == next_open(NOW, sends, caps)


@given(rings, caps, st.integers(0, 40 * 24))
def test_asking_later_never_opens_earlier(sends: tuple[datetime, ...], caps: tuple[Cap, ...], hours: int) -> None:
    assert next_open(NOW + hours * HOUR, sends, caps) >= next_open(NOW, sends, caps)


@given(rings, caps)
def test_storage_reads_the_same_answer_off_the_ring(sends: tuple[datetime, ...], caps: tuple[Cap, ...]) -> None:
    ring = sorted(sends, reverse=True)
    fine = all(len(ring) < t.slot or ring[t.slot - 1] < t.before for t in thresholds(caps, NOW))
    assert fine == (next_open(NOW, sends, caps) == NOW)


@given(caps, st.integers(1, 60 * 24 * 40))
def test_one_ring_can_stand_for_everybody_whose_caps_open_at_that_moment(caps: tuple[Cap, ...], ahead: int) -> None:
    moment = NOW + timedelta(minutes=ahead)
    assert next_open(NOW, ring_opening_at(caps, moment), caps) == (moment if caps else NOW)


def test_of_two_caps_on_one_slot_the_longer_binds() -> None:
    assert thresholds((Cap(2, DAY), Cap(2, WEEK), Cap(1, DAY)), NOW) == (
        Threshold(1, NOW - DAY),
        Threshold(2, NOW - WEEK),
    )


def test_the_house_caps_need_six_slots() -> None:
    assert max(cap.count for cap in DEFAULT_CAPS) == 6
    assert DEFAULT_CAPS[-1].period == MONTH
