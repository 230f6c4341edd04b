"""Invitations: a code in a shop, on a form, for one person. The person's own message is the confirmation."""

from __future__ import annotations

from datetime import timedelta

import pytest

from consent.address.values import Phone
from consent.events import EventType
from consent.standing import State
from gateway.actions.invite_optins import CannotInvite, Invitation, Wanted, invite, our_number, text_in_force
from gateway.actions.note_lapses import note_lapses
from tests.given import Given, consent_text

DAY = timedelta(days=1)


def invited(gateway: Given, **wanted: object) -> Invitation:
    asked = Wanted(**{"source": "shop-kadikoy", **wanted})  # type: ignore[arg-type]
    with gateway.database.write() as connection:
        return invite(connection, asked, consent_text("tr"), our_number(connection), gateway.now, "deniz")


def test_one_poster_brings_many_people_and_its_source_is_on_every_event(gateway: Given) -> None:
    poster = invited(gateway)
    people = [gateway.person(None) for _ in range(3)]
    for person in people:
        gateway.clock.advance(DAY)
        assert gateway.says(person, poster.words) == "200 OK"
    for person in people:
        events = gateway.events(person)
        assert [e.type for e in events] == [EventType.REQUESTED, EventType.CONFIRMED]
        assert {e.source for e in events} == {"shop-kadikoy"}
        assert events[1].text == consent_text("tr").ref
        assert events[1].evidence is not None
        assert gateway.standing(person).state is State.GRANTED


def test_a_confirmation_is_acknowledged_the_same_day_with_a_way_out(gateway: Given) -> None:
    ayse = gateway.person(None)
    gateway.says(ayse, invited(gateway).words)
    gateway.work()
    (told,) = gateway.told(ayse)
    assert "kaydettik" in told
    assert "DUR" in told


def test_a_stranger_who_takes_it_up_may_be_written_to(gateway: Given) -> None:
    from tests.given import Person

    poster, stranger = invited(gateway), Person("+905550009999", gateway.person(None).subject)
    gateway.says(stranger, f"merhaba, {poster.words.lower()}")
    gateway.campaign()
    gateway.work()
    assert gateway.told(stranger)[-1] == "spring_offer"


def test_after_its_end_a_poster_brings_nobody(gateway: Given) -> None:
    poster, ayse = invited(gateway, lifetime=90 * DAY), gateway.person(None)
    gateway.clock.advance(91 * DAY)
    gateway.says(ayse, poster.words)
    gateway.work()
    assert gateway.events(ayse) == []
    assert "süresi dolmuş" in gateway.told(ayse)[0]


def test_whoever_withdrew_comes_back_by_their_own_message(gateway: Given) -> None:
    poster, ayse = invited(gateway), gateway.person()
    gateway.says(ayse, "dur")
    assert gateway.standing(ayse).state is State.REVOKED
    gateway.clock.advance(DAY)
    gateway.says(ayse, poster.words)
    assert gateway.standing(ayse).state is State.GRANTED


def test_whoever_has_consented_already_renews(gateway: Given) -> None:
    poster, ayse = invited(gateway), gateway.person()
    gateway.says(ayse, poster.words)
    assert gateway.events(ayse)[-1].type is EventType.RENEWED
    assert gateway.events(ayse)[-1].source == "shop-kadikoy"


def test_a_single_use_code_serves_one(gateway: Given) -> None:
    form = invited(gateway, reusable=False, lifetime=2 * DAY, source="web-form")
    first, second = gateway.person(None), gateway.person(None)
    gateway.says(first, form.words)
    gateway.says(second, form.words)
    assert gateway.standing(first).state is State.GRANTED
    assert gateway.standing(second).state is State.NONE


def test_a_code_for_one_person_is_nobody_elses(gateway: Given) -> None:
    ayse, mehmet = gateway.person(None), gateway.person(None)
    mine = invited(gateway, person=Phone(ayse.phone), lifetime=2 * DAY)
    assert gateway.standing(ayse).state is State.PENDING
    gateway.says(mehmet, mine.words)
    assert gateway.standing(mehmet).state is State.NONE
    gateway.says(ayse, mine.words)
    assert gateway.standing(ayse).state is State.GRANTED


def test_a_code_for_one_person_lapses_without_an_answer(gateway: Given) -> None:
    ayse = gateway.person(None)
    mine = invited(gateway, person=Phone(ayse.phone), lifetime=2 * DAY)
    gateway.clock.advance(3 * DAY)
    assert gateway.standing(ayse).state is State.LAPSED, "before any timer"
    assert gateway.database.run(lambda c: note_lapses(c, gateway.now)) == 1
    gateway.says(ayse, mine.words)
    assert gateway.standing(ayse).state is State.LAPSED


def test_who_refused_is_invited_only_when_they_asked(gateway: Given) -> None:
    ayse = gateway.person()
    gateway.says(ayse, "dur")
    gateway.clock.advance(DAY)
    with pytest.raises(CannotInvite, match="refused"):
        invited(gateway, person=Phone(ayse.phone), lifetime=2 * DAY)


@pytest.mark.parametrize("source", ["paper", "wa_pref", "import", "Shop", "a b", ""])
def test_a_source_cannot_claim_another_kind_of_proof(gateway: Given, source: str) -> None:
    with pytest.raises(CannotInvite):
        invited(gateway, source=source)


def test_the_newest_text_in_force_is_shown(gateway: Given) -> None:
    from dataclasses import replace

    old = consent_text("tr")
    tomorrow = replace(old, version="2", valid_from=(gateway.now + DAY).date())
    assert text_in_force([old, tomorrow], "marketing", "tr", gateway.now) == old
    assert text_in_force([old, tomorrow], "marketing", "tr", gateway.now + DAY) == tomorrow
    with pytest.raises(CannotInvite, match="izin texts add"):
        text_in_force([old], "marketing", "de", gateway.now)
