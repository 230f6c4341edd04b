from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.practice.diary import TICK_S, Diary
from tests.practice.conftest import StillLoop

DELAYS = st.lists(st.integers(0, 5000).map(lambda ms: ms / 1000), min_size=1, max_size=40)


def diary() -> tuple[Diary, StillLoop]:
    loop = StillLoop()
    return Diary(loop), loop  # type: ignore[arg-type]


@given(DELAYS)
def test_everything_happens_once_in_the_order_of_its_moment(delays: list[float]) -> None:
    book, loop = diary()
    done: list[int] = []
    for place, delay in enumerate(delays):
        book.after(delay, done.append, place)
    loop.advance(10)
    assert done == sorted(range(len(delays)), key=lambda place: (delays[place], place))
    assert len(book) == 0


@given(DELAYS)
def test_nothing_happens_early_or_much_later_than_a_tick(delays: list[float]) -> None:
    book, loop = diary()
    late: list[float] = []
    began = loop.now
    for delay in delays:
        book.after(delay, lambda due: late.append(loop.now - due), began + delay)
    loop.advance(10)
    assert all(-1e-9 <= each <= 2 * TICK_S for each in late)


def test_an_earlier_entry_does_not_wait_for_the_one_before() -> None:
    book, loop = diary()
    done: list[str] = []
    book.after(3600, done.append, "late")
    book.after(1, done.append, "soon")
    loop.advance(2)
    assert done == ["soon"]
    loop.advance(3600)
    assert done == ["soon", "late"]


def test_what_happens_may_lead_to_more() -> None:
    book, loop = diary()
    done: list[int] = []

    def again(place: Any) -> None:
        done.append(place)
        if place < 5:
            book.after(0.1, again, place + 1)

    book.after(0, again, 0)
    loop.advance(1)
    assert done == [0, 1, 2, 3, 4, 5]


def test_a_long_wait_costs_no_wake_ups() -> None:
    book, loop = diary()
    book.after(86_400, print, "tomorrow")
    wakes = 0
    call_later = loop.call_later

    def counting(*args: Any) -> Any:
        nonlocal wakes
        wakes += 1
        return call_later(*args)

    loop.call_later = counting  # type: ignore[assignment, method-assign]
    loop.advance(80_000)
    assert wakes == 0
    assert len(book) == 1
