from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.practice import limits
from gateway.practice.limits import PAIR_BURST, PAIR_EVERY_S, PAIRS_SWEPT_AT, Crowd, PairLimit, Throughput

GAPS = st.lists(st.floats(0, 0.4, allow_nan=False), min_size=1, max_size=200)


def admitted(window: Throughput, gaps: list[float]) -> list[float]:
    now, times = 100.0, []
    for gap in gaps:
        now += gap
        if window.has_room(now):
            window.take(now)
            times.append(now)
    return times


@given(GAPS, st.integers(1, 20))
def test_no_window_of_one_second_ever_holds_more_than_the_limit(gaps: list[float], limit: int) -> None:
    times = admitted(Throughput(limit), gaps)
    for start in times:
        assert sum(start <= each < start + 1.0 for each in times) <= limit


@given(GAPS, st.integers(1, 20))
def test_a_refusal_means_that_the_window_was_full(gaps: list[float], limit: int) -> None:
    window, now, times = Throughput(limit), 100.0, []
    for gap in gaps:
        now += gap
        if window.has_room(now):
            window.take(now)
            times.append(now)
        else:
            assert sum(now - 1.0 < each <= now for each in times) == limit


def test_the_peaks_say_what_was_asked_and_what_went() -> None:
    window = Throughput(10)
    times = admitted(window, [0.01] * 50)
    assert len(times) == 10
    assert (window.accepted, window.refused, window.accepted_peak, window.attempted_peak) == (10, 40, 10, 50)
    assert window.last_at - window.first_at < 1


def test_the_peak_counts_one_second_and_not_the_whole_time() -> None:
    window = Throughput(1000)
    admitted(window, [0.125] * 80)
    assert (window.accepted, window.accepted_peak) == (80, 8)


@given(st.lists(st.floats(0, 3, allow_nan=False), min_size=1, max_size=60))
def test_a_crowd_is_counted_by_when_it_came_and_not_by_when_it_was_read(moments: list[float]) -> None:
    crowd = Crowd()
    for moment in moments:
        crowd.add(moment)
    assert crowd.peak == max(sum(end - 1.0 < each <= end for each in moments) for end in moments)
    assert crowd.within(2.0) == sum(1.0 < each <= 2.0 for each in moments)


def test_who_was_read_late_is_judged_by_the_second_in_which_he_came() -> None:
    window = Throughput(3)
    for arrived in (100.0, 100.9, 101.1, 101.95):
        assert window.has_room(arrived)
        window.take(arrived)
    assert window.has_room(100.5), "only two had come by then"
    assert not Throughput(1, _accepted=window._accepted).has_room(100.5)


def test_old_moments_are_forgotten_and_the_peak_is_not() -> None:
    crowd = Crowd()
    for place in range(4 * limits.FORGOTTEN_EVERY):
        crowd.add(place / 128)
    assert crowd.peak == 128
    assert len(crowd._moments) <= limits.FORGOTTEN_EVERY


@given(st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=120))
def test_a_pair_gets_its_burst_and_then_one_every_six_seconds(gaps: list[float]) -> None:
    pairs, now, times = PairLimit(), 0.0, []
    for gap in gaps:
        now += gap
        if pairs.admit("1", "905550000001", now):
            times.append(now)
    for place, start in enumerate(times):
        for count, end in enumerate(times[place:], start=1):
            assert count <= PAIR_BURST + (end - start) / PAIR_EVERY_S + 1e-6


def test_pairs_do_not_disturb_each_other() -> None:
    pairs = PairLimit()
    assert all(pairs.admit("1", "a", 0.0) for _ in range(PAIR_BURST))
    assert not pairs.admit("1", "a", 0.0)
    assert pairs.admit("2", "a", 0.0)
    assert pairs.admit("1", "b", 0.0)


def test_people_whose_quota_is_whole_again_are_forgotten() -> None:
    pairs = PairLimit()
    for place in range(PAIRS_SWEPT_AT):
        pairs.admit("1", str(place), 0.0)
    assert pairs.admit("1", "one more", 1000.0)
    assert len(pairs._whole_at) == 1
    assert limits.WINDOW_S == 1.0
