"""What holds for every history, whatever it is."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.events import EVERY_PURPOSE, PROVIDER, SUBJECT, SYSTEM, ActorKind, Event, EventType
from consent.standing import NOBODY, Standings, State, advance, fold
from tests.consent.events_given import EVIDENCE, FILE, OPERATOR, REGISTRY, TEXT, at, event

HOURS = st.integers(0, 200) | st.sampled_from([0, 1, 24, 48, 24 * 30, 24 * 31])
ACTORS = st.sampled_from([SUBJECT, SUBJECT, SYSTEM, OPERATOR, FILE, PROVIDER, REGISTRY])
SOURCES = st.sampled_from(["wa_inbound", "wa_pref", "provider_error", "web_form", "paper", "import", "admin"])
PURPOSES = st.sampled_from(["marketing", "marketing", "utility", EVERY_PURPOSE])


@st.composite
def histories(draw: st.DrawFn, most: int = 8) -> list[Event]:
    count = draw(st.integers(0, most))
    return [draw(events(seq)) for seq in range(1, count + 1)]


@st.composite
def events(draw: st.DrawFn, seq: int) -> Event:
    hours = draw(HOURS)
    fields: dict[str, Any] = {
        "actor": draw(ACTORS),
        "source": draw(SOURCES),
        "purpose": draw(PURPOSES),
        "channel": draw(st.sampled_from(["whatsapp", "whatsapp", "whatsapp", "sms", "voice"])),
        "text": draw(st.sampled_from([None, TEXT])),
        "evidence": draw(st.sampled_from([None, EVIDENCE])),
        "expires_at": draw(st.none() | st.integers(1, 300).map(lambda more: at(hours + more))),
        "causes": draw(st.sampled_from([(), ("id-0001",), ("id-0002",)])),
    }
    return event(seq, draw(st.sampled_from(list(EventType))), hours, **fields)


@given(histories(), st.randoms(use_true_random=False))
def test_any_order_of_arrival_gives_the_same_standing(history: list[Event], dice: Any) -> None:
    shuffled = list(history)
    dice.shuffle(shuffled)
    assert fold(shuffled) == fold(history)


def test_every_order_of_a_short_life_gives_the_same_standing() -> None:
    life = [
        event(1, EventType.REQUESTED, 0, actor=SYSTEM),
        event(2, EventType.CONFIRMED, 1),
        event(3, EventType.REVOKED, 2, source="wa_pref"),
        event(4, EventType.RESUMED, 2, source="wa_pref"),
        event(5, EventType.PAUSED, 3, actor=SYSTEM),
        event(6, EventType.SUPPRESSED, 3, purpose=EVERY_PURPOSE),
    ]
    assert len({repr(fold(order)) for order in permutations(life)}) == 1


@given(histories())
def test_advancing_one_by_one_equals_folding_at_once(history: list[Event]) -> None:
    standings = NOBODY
    folded: list[Event] = []
    for one in sorted(history, key=lambda e: e.occurred_at):
        folded.append(one)
        standings = advance(standings, one) if standings.may_advance(one) else fold(folded)
    assert standings == fold(history)


@given(histories(), st.integers(0, 400), st.integers(0, 400))
def test_asking_twice_is_asking_once_later(history: list[Event], first: int, more: int) -> None:
    now = fold(history)
    assert now.at(at(first)).at(at(first + more)) == now.at(at(first + more))


@given(histories(), st.integers(0, 500))
def test_after_a_later_withdrawal_nothing_is_granted(history: list[Event], hours: int) -> None:
    last = max((e.occurred_at for e in history), default=at(0))
    stop = event(99, EventType.REVOKED, (last - at(0)) / timedelta(hours=1) + 1)
    assert not fold([*history, stop]).at(at(hours + 2000)).of("marketing").granted


@given(histories(), histories(6))
def test_only_the_person_leaves_a_refusal(history: list[Event], later: list[Event]) -> None:
    stop = event(99, EventType.REVOKED, 1000)
    others = [
        event(100 + e.seq, e.type, 1001 + e.seq, actor=e.actor, source="admin", purpose=e.purpose, text=e.text)
        for e in later
        if e.actor.kind is not ActorKind.SUBJECT
    ]
    after = fold([*history, stop, *others]).at(at(9000)).of("marketing")
    assert after.state in (State.REVOKED, State.ERASED)


@given(histories())
def test_a_consent_in_force_names_its_event_and_hides_no_refusal(history: list[Event]) -> None:
    by_id = {e.event_id: e for e in history}
    for standing in fold(history).purposes.values():
        if standing.granted:
            assert not standing.refused
            assert standing.event_id is not None
            assert by_id[standing.event_id].seq == standing.event_seq


@pytest.mark.parametrize("purpose", ["marketing", "utility"])
def test_nobody_stands_nowhere(purpose: str) -> None:
    assert fold([]) == Standings()
    assert fold([]).of(purpose).state is State.NONE
