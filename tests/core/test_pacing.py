"""The pace, on a simulated clock: never above the limit in any second, hardly below it either."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.pacing import (
    AIM,
    CATCH_UP_SECONDS,
    CROWD,
    LEAVING_SECONDS,
    PAIR_BURST,
    PAIR_INTERVAL_SECONDS,
    PAIRS_REMEMBERED_MAX,
    Budget,
    Lane,
    Pacer,
    PairPacer,
    Turns,
    Waiting,
    messages_per_second,
    people_per_day,
)

LIMITS = [20, 80, 1_000]


def most_in_any_second(moments: list[float]) -> int:
    """Over every window [t, t + 1) that begins with a message, which are the fullest ones."""
    return max((bisect_left(moments, t + 1.0) - i for i, t in enumerate(moments)), default=0)


def asked(pacer: Pacer, now: float, lane: Lane = Lane.CAMPAIGN) -> float:
    """0.0 when a message may go now, which books its slot; otherwise the seconds to wait."""
    if not pacer.take(now, lane):
        return pacer.wait(now, lane)
    pacer.written(now)
    return 0.0


def saturated(
    pacer: Pacer, seconds: float, lateness: random.Random | None = None, begins: float = 1_000.0
) -> list[float]:
    """A campaign that always has a message waiting, on a clock that wakes up late by up to 5 ms."""
    now, sent = begins, []
    end = now + seconds
    while now < end:
        wait = asked(pacer, now)
        if wait == 0:
            sent.append(now)
        else:
            now += wait + (lateness.uniform(0, 0.005) if lateness else 0)
    return sent


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("late", [False, True])
def test_never_above_the_limit_and_hardly_below_it(limit: int, late: bool) -> None:
    sent = saturated(Pacer(limit), 10, random.Random(7) if late else None)
    assert most_in_any_second(sent) <= limit
    assert len(sent) / 10 >= 0.97 * limit


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([1, 2, 5, *LIMITS, 250]),
    st.lists(st.tuples(st.floats(0, 0.4), st.integers(1, 300)), min_size=5, max_size=60),
)
def test_no_second_is_above_the_limit_however_the_caller_stutters(limit: int, rounds: list[tuple[float, int]]) -> None:
    pacer, now, sent = Pacer(limit), 0.0, []
    for pause, wanted in rounds:
        now += pause
        for _ in range(wanted):
            wait = asked(pacer, now)
            if wait == 0:
                sent.append(now)
            elif wait < 0.02:
                now += wait
    assert most_in_any_second(sent) <= limit


@pytest.mark.parametrize("limit", LIMITS)
def test_a_loop_that_is_late_some_times_a_second_loses_nothing(limit: int) -> None:
    """A twentieth of a second late every tenth of one, and all that is open taken then, two ticks in between."""
    pacer, sent = Pacer(limit), list[float]()
    for tick in range(1_000):
        for pause in (0.0, 0.02, 0.068):
            now = tick / 10 + pause
            sent += [now] * pacer.take(now, most=300)
            pacer.written(now)
    assert most_in_any_second(sent) <= limit
    assert len(sent) / 100 >= 0.97 * limit


@pytest.mark.parametrize("limit", LIMITS)
def test_the_receiver_may_find_messages_fourteen_milliseconds_closer(limit: int) -> None:
    """After each pause a burst: what one second holds by our clock leaves room for the way to Meta."""
    pacer, sent = Pacer(limit), list[float]()
    now = 0.0
    while now < 20.0:
        now += 0.25 if int(now * 1_000) % 700 < 3 else 0.003
        sent += [now] * pacer.take(now, most=300)
        pacer.written(now)
    assert most_in_any_second(sent) <= limit * 0.985 + 1


@pytest.mark.parametrize("limit", LIMITS)
def test_who_is_held_up_before_writing_counts_from_when_it_was_written(limit: int) -> None:
    """Every third tick a jam of 60 ms between asking and writing; then on the spot."""
    pacer, written = Pacer(limit), list[float]()
    now = 0.0
    for tick in range(3_000):
        now += 0.005
        taken = pacer.take(now, most=32)
        now += 0.0 if tick % 3 else 0.06
        written += [now] * taken
        pacer.written(now)
    assert most_in_any_second(written) <= limit * CROWD + 1


def test_what_waits_for_a_connection_leaves_no_room_until_it_is_written() -> None:
    pacer, now = Pacer(20), 0.0
    for _ in range(20):
        assert pacer.take(now)
        pacer.written(now, still_leaving=20)  # nobody gets through
        now += 0.06
    assert not pacer.take(now + 60.0), "a minute later they are as many as a second may hold"
    assert pacer.wait(now + 60.0) == LEAVING_SECONDS
    pacer.written(now + 60.0)
    assert not pacer.take(now + 60.9)
    assert pacer.take(now + 61.0)


@given(st.sampled_from(LIMITS), st.lists(st.tuples(st.floats(0, 0.3), st.integers(1, 64)), max_size=30))
def test_slots_taken_together_are_those_taken_one_by_one(limit: int, rounds: list[tuple[float, int]]) -> None:
    together, single, now = Pacer(limit), Pacer(limit), 0.0
    for pause, wanted in rounds:
        now += pause
        taken = sum(single.take(now) for _ in range(wanted))
        assert abs(together.take(now, most=wanted) - taken) <= 1  # of rounding


def test_who_is_late_catches_up_a_twentieth_of_a_second_and_no_more() -> None:
    pacer = Pacer(1_000)
    asked(pacer, 0)
    assert pacer.take(0.9, most=1_000) == int(1_000 * AIM * CATCH_UP_SECONDS) + 1


def test_after_a_rest_nothing_is_caught_up() -> None:
    pacer = Pacer(1_000)
    assert pacer.take(5.0, most=1_000) == 1
    assert pacer.take(60.0, most=1_000) == 1


def test_waiting_as_long_as_told_opens_the_slot() -> None:
    pacer = Pacer(80)
    assert pacer.take(5.0, most=9) == 1
    told = asked(pacer, 5.0)
    assert told > 0
    assert asked(pacer, 5.0 + told + 1e-9) == 0


def test_asking_how_long_to_wait_books_nothing() -> None:
    pacer = Pacer(80)
    assert pacer.wait(0.0) <= 0
    assert pacer.take(0.0, most=9) > 0
    assert pacer.wait(0.0) == pacer.wait(0.0) > 0


def with_replies(pacer: Pacer, replies_per_second: int) -> tuple[list[float], Counter[Lane], float]:
    """A saturated campaign with replies that arrive evenly for ten seconds; the longest wait of a reply."""
    now, sent, lanes, longest = 0.0, [], Counter[Lane](), 0.0
    due = [i / replies_per_second for i in range(10 * replies_per_second)]
    while now < 10:
        replying = bool(due) and due[0] <= now
        lane = Lane.REPLY if replying else Lane.CAMPAIGN
        wait = asked(pacer, now, lane)
        if wait > 0:
            now += min(wait, max(due[0] - now, 1e-6) if due and not replying else wait)
            continue
        sent.append(now)
        lanes[lane] += 1
        if replying:
            longest = max(longest, now - due.pop(0))
    return sent, lanes, longest


@pytest.mark.parametrize("limit", [80, 1_000])
def test_replies_go_at_once_while_a_campaign_runs(limit: int) -> None:
    sent, lanes, longest_wait = with_replies(Pacer(limit), replies_per_second=limit // 20)
    assert lanes[Lane.REPLY] == 10 * (limit // 20)
    assert longest_wait <= 2 / limit
    assert most_in_any_second(sent) <= limit
    assert lanes[Lane.CAMPAIGN] >= 0.85 * limit * 10


def test_a_flood_of_replies_leaves_the_campaign_something_and_keeps_the_limit() -> None:
    sent, lanes, _ = with_replies(Pacer(80), replies_per_second=60)
    assert lanes[Lane.REPLY] >= 550
    assert lanes[Lane.CAMPAIGN] >= 100
    assert most_in_any_second(sent) <= 80


def test_the_share_for_replies_returns_to_campaigns_when_nobody_writes() -> None:
    pacer = Pacer(1_000)
    asked(pacer, 999.0, Lane.REPLY)
    sent = saturated(pacer, 10)
    assert len(sent) >= 9_700


def test_too_fast_slows_down_and_time_recovers() -> None:
    pacer = Pacer(1_000)
    full = pacer.rate(0.0)
    pacer.slow(0.0)
    for i in range(20):
        pacer.slow(i * 0.001)
    assert 0.88 * full < pacer.rate(0.02) < 0.92 * full
    assert 0.95 * full < pacer.rate(4.0) < full
    assert pacer.rate(60.0) == full


@pytest.mark.parametrize("limit", [20, 80, 1_000])
def test_one_refusal_costs_less_than_a_burst(limit: int) -> None:
    one, many = Pacer(limit), Pacer(limit)
    assert one.slow(0.0)
    assert [many.slow(i * 0.001) for i in range(500)] == [True] + [False] * 499
    assert one.share(0.5) > many.share(0.5) > 0.7
    assert one.share(0.0) * limit == pytest.approx(limit - 5)


def test_refusals_that_go_on_slow_further_but_never_to_a_halt() -> None:
    pacer = Pacer(1_000)
    for i in range(3_000):
        pacer.slow(i * 0.002)
    assert 0.1 <= pacer.share(6.0) < 0.2
    assert pacer.rate(6.0) > 1


def test_a_number_whose_real_limit_is_lower_settles_near_it() -> None:
    """Meta refuses above 50/s although we were told 80: the saw-tooth stays close below."""
    pacer, now, window = Pacer(80), 0.0, list[float]()
    taken = refused = 0
    while now < 120:
        wait = asked(pacer, now)
        now += wait
        if wait:
            continue
        window = [t for t in window if t > now - 1] + [now]
        if len(window) > 50:
            window.pop()
            refused += 1
            pacer.slow(now)
        else:
            taken += 1
    assert taken / 120 > 0.75 * 50
    assert refused / taken < 0.05


def test_a_raised_limit_holds_from_the_next_slot_on() -> None:
    pacer = Pacer(80)
    saturated(pacer, 1)
    pacer.change_limit(1_000)
    assert len(saturated(pacer, 2, begins=1_001.0)) > 1_900


@pytest.mark.parametrize("limit", [0, -80, float("nan")])
def test_a_limit_that_is_none_is_named(limit: float) -> None:
    with pytest.raises(ValueError, match="more than 0"):
        Pacer(limit)
    with pytest.raises(ValueError, match="more than 0"):
        Pacer(80).change_limit(limit)


def test_a_share_that_leaves_nothing_is_named() -> None:
    with pytest.raises(ValueError, match="from 0 up to 1"):
        Pacer(80, reply_share=1.0)


def test_a_pair_may_burst_a_little_and_then_one_every_six_seconds() -> None:
    pairs = PairPacer()
    at_once = 0
    while (wait := pairs.wait("n:p", 100.0)) == 0:
        at_once += 1
    assert at_once == PAIR_BURST
    assert wait == PAIR_INTERVAL_SECONDS
    assert pairs.wait("n:p", 100.0 + wait) == 0
    assert pairs.wait("n:someone-else", 100.0) == 0


@given(st.lists(st.floats(0, 30), max_size=80))
def test_a_pair_never_exceeds_metas_hour(pauses: list[float]) -> None:
    pairs, now, sent = PairPacer(), 0.0, []
    for pause in pauses:
        now += pause
        if pairs.wait("n:p", now) == 0:
            sent.append(now)
    in_six_seconds = max((sum(t <= u < t + 6 for u in sent) for t in sent), default=0)
    assert in_six_seconds <= 45
    assert len(sent) <= PAIR_BURST + now / PAIR_INTERVAL_SECONDS + 1


def test_a_refused_pair_rests_as_long_as_told() -> None:
    pairs = PairPacer()
    pairs.wait("n:p", 0.0)
    pairs.refused("n:p", 0.0, 16)
    assert pairs.wait("n:p", 0.0) == pytest.approx(16)
    assert pairs.wait("n:p", 15.9) > 0
    assert pairs.wait("n:p", 16.0) == 0


def test_pairs_that_have_rested_are_forgotten() -> None:
    pairs = PairPacer()
    for person in range(PAIRS_REMEMBERED_MAX):
        pairs.wait(f"n:{person}", 0.0)
    pairs.wait("n:late", 1_000.0)
    assert len(pairs._free_at) == 1


def test_turns_follow_the_weights_over_time() -> None:
    turns, total = Turns(), Counter[int]()
    for _ in range(100):
        total.update(turns.divide(3, {1: Waiting(1_000, 3), 2: Waiting(1_000, 2), 3: Waiting(1_000, 1)}))
    assert total == {1: 150, 2: 100, 3: 50}


@given(
    st.integers(0, 200),
    st.dictionaries(st.integers(1, 9), st.builds(Waiting, st.integers(0, 60), st.floats(0.1, 10)), max_size=6),
)
def test_no_slot_is_wasted_and_none_invented(slots: int, waiting: dict[int, Waiting]) -> None:
    given_out = Turns().divide(slots, waiting)
    assert sum(given_out.values()) == min(slots, sum(claim.queued for claim in waiting.values()))
    assert all(given_out[campaign] <= waiting[campaign].queued for campaign in given_out)


def test_a_light_campaign_is_not_starved_by_single_slots() -> None:
    turns, total = Turns(), Counter[int]()
    for _ in range(220):
        total.update(turns.divide(1, {1: Waiting(10_000, 10), 2: Waiting(10_000, 1)}))
    assert total[2] == 20


def test_the_budget_keeps_a_reserve_from_campaigns() -> None:
    budget = Budget(limit=2_000, reached=1_900, reserve_share=0.05)
    assert budget.left() == 0
    assert budget.left(reserved=True) == 100


def test_an_unlimited_budget_allows_everybody() -> None:
    assert Budget(limit=None, reached=9_000_000).left() is None


def test_a_budget_already_overdrawn_is_zero_not_negative() -> None:
    assert Budget(limit=250, reached=400).left(reserved=True) == 0


@pytest.mark.parametrize(
    ("tier", "people"),
    [
        ("TIER_250", 250),
        ("TIER_2K", 2_000),
        ("TIER_10K", 10_000),
        ("TIER_100K", 100_000),
        ("TIER_UNLIMITED", None),
        ("TIER_NOT_SET", 250),
        ("TIER_OF_TOMORROW", 250),
        (100_000, 100_000),
        ("2000", 2_000),
        (-1, None),
    ],
)
def test_metas_tiers_come_as_names_and_numbers(tier: str | int, people: int | None) -> None:
    assert people_per_day(tier) == people


@pytest.mark.parametrize(("level", "rate"), [("STANDARD", 80), ("HIGH", 1_000), ("NOT_APPLICABLE", 80)])
def test_metas_throughput_levels(level: str, rate: int) -> None:
    assert messages_per_second(level) == rate


def test_a_number_shared_with_the_app_is_slower() -> None:
    assert messages_per_second("STANDARD", shared_with_app=True) == 20
