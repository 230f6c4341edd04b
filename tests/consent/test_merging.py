"""Two subjects who turn out to be one person."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given

from consent.events import EVERY_PURPOSE, SYSTEM, Event, EventType
from consent.merging import Carried, merge, refusals_to_carry
from consent.standing import NOBODY, Standings, State, advance, fold
from tests.consent.events_given import at, event
from tests.consent.test_standing_properties import histories

NOW = at(3000)

CONSENTED = [event(1, EventType.GRANTED, 5)]
WITHDRAWN = [event(2, EventType.GRANTED, 0), event(3, EventType.REVOKED, 1)]
ASKED = [event(4, EventType.REQUESTED, 2990, actor=SYSTEM)]
DECLINED = [*ASKED, event(5, EventType.DECLINED, 2995)]
PAUSED = [event(6, EventType.GRANTED, 0), event(7, EventType.PAUSED, 2999, actor=SYSTEM)]
SILENT = [event(8, EventType.SUPPRESSED, 0, purpose=EVERY_PURPOSE)]
HELD = [event(9, EventType.HELD, 0, purpose=EVERY_PURPOSE)]
ERASED = [event(10, EventType.ERASED, 0, purpose=EVERY_PURPOSE)]


@pytest.mark.parametrize(
    ("other", "state"),
    [
        ([], State.GRANTED),
        (ASKED, State.PENDING),
        (PAUSED, State.PAUSED),
        (DECLINED, State.DECLINED),
        (WITHDRAWN, State.REVOKED),
        (SILENT, State.REVOKED),
        (ERASED, State.ERASED),
    ],
)
def test_the_stricter_standing_wins(other: Sequence[Event], state: State) -> None:
    one, two = fold(CONSENTED), fold(other)
    assert merge(one, two, NOW).of("marketing").state is state
    assert merge(two, one, NOW).of("marketing").state is state


def test_of_two_consents_the_one_that_ends_first_counts() -> None:
    short = fold([event(3, EventType.GRANTED, 0, expires_at=at(4000))])
    assert merge(short, fold([event(1, EventType.GRANTED, 5)]), NOW).of("marketing").deadline == at(4000)


@given(histories(), histories())
def test_it_does_not_matter_who_is_merged_into_whom(one: list[Event], two: list[Event]) -> None:
    ours, theirs = fold(one), fold(two)
    assert merge(ours, theirs, NOW) == merge(theirs, ours, NOW)
    assert merge(ours, ours, NOW).of("marketing") == ours.at(NOW).of("marketing")


def carried_into(kept: Standings, carried: list[Carried]) -> Standings:
    for number, one in enumerate(carried):
        written = event(500 + number, one.type, 3000 + number, purpose=one.purpose, causes=(one.causes,), actor=SYSTEM)
        kept = advance(kept, written)
    return kept


@pytest.mark.parametrize("other", [WITHDRAWN, DECLINED, SILENT, HELD, ERASED], ids=str)
def test_a_refusal_carried_over_binds_the_one_who_stays(other: list[Event]) -> None:
    after = carried_into(fold(CONSENTED), refusals_to_carry(fold(CONSENTED), fold(other), NOW))
    assert after.of("marketing").state is State.REVOKED


def test_a_pause_is_carried_as_a_pause() -> None:
    assert refusals_to_carry(fold(CONSENTED), fold(PAUSED), NOW) == [
        Carried("marketing", EventType.PAUSED, "id-0007"),
    ]


def test_nothing_is_carried_from_somebody_who_refused_nothing() -> None:
    assert refusals_to_carry(fold(WITHDRAWN), fold(CONSENTED), NOW) == []
    assert refusals_to_carry(NOBODY, NOBODY, NOW) == []


def test_a_hold_and_a_silence_travel_with_the_person() -> None:
    carried = refusals_to_carry(NOBODY, fold([*SILENT, *HELD]), NOW)
    assert [one.type for one in carried] == [EventType.SUPPRESSED, EventType.HELD]
    after = carried_into(NOBODY, carried)
    assert after.suppressed is not None
    assert after.held is not None


@given(histories(), histories())
def test_after_carrying_no_refusal_of_the_other_is_lost(one: list[Event], two: list[Event]) -> None:
    kept, other = fold(one), fold(two)
    kept_now = Standings(kept.purposes, kept.every, kept.suppressed, kept.held, kept.erased, at(2900))
    after = carried_into(kept_now, refusals_to_carry(kept, other, NOW)).at(NOW)
    for purpose in {*kept.purposes, *other.purposes, "custom:new"}:
        if other.at(NOW).of(purpose).refused:
            assert not after.of(purpose).granted
            assert after.of(purpose).refused or after.of(purpose).state is State.ERASED
