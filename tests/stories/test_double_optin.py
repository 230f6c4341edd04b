"""Double opt-in: people without proof are asked once, and only their own act counts."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from consent import optin
from consent.events import EventType
from consent.standing import State
from gateway.actions.note_lapses import note_lapses
from gateway.actions.request_optin import Asked, CannotAsk, request_optins
from gateway.core.message import Outgoing
from gateway.storage import templates
from tests.given import Given, Person

HOUR = timedelta(hours=1)


def ask(gateway: Given, *people: Person) -> Asked:
    ids = [person.subject.id for person in people]
    return gateway.database.run(lambda c: request_optins(c, ids, gateway.settings, gateway.now, "deniz"))


def question_to(gateway: Given, person: Person) -> Outgoing:
    gateway.work()
    return next(o for o in gateway.meta.sent if o.to == person.phone and o.template == "confirm_optin")


def payloads(question: Outgoing) -> tuple[str, str]:
    """What the two buttons send back: yes and no."""
    pressed = [
        component["parameters"][0]["payload"]
        for component in json.loads(question.components)
        if component["type"].lower() == "button"
    ]
    return pressed[0], pressed[1]


def code_in(question: Outgoing) -> str:
    yes, _ = payloads(question)
    said = optin.read_payload(yes)
    assert said is not None
    assert said.code is not None
    return said.code


def test_a_pressed_button_confirms_and_is_acknowledged(gateway: Given) -> None:
    ayse = gateway.person(None)
    ask(gateway, ayse)
    yes, _ = payloads(question_to(gateway, ayse))
    assert gateway.standing(ayse).state is State.PENDING
    assert gateway.presses(ayse, "Onaylıyorum", yes) == "200 OK"
    gateway.work()
    assert gateway.standing(ayse).state is State.GRANTED
    assert "Onayınızı kaydettik" in gateway.told(ayse)[-1]


def test_the_code_written_by_hand_confirms(gateway: Given) -> None:
    ayse = gateway.person(None)
    ask(gateway, ayse)
    gateway.says(ayse, f"onay {code_in(question_to(gateway, ayse)).lower()}")
    confirmed = gateway.events(ayse)[-1]
    assert confirmed.type is EventType.CONFIRMED
    assert confirmed.text is not None
    assert confirmed.text.id == "marketing"
    assert confirmed.causes == (gateway.events(ayse)[0].event_id,)


def test_a_no_is_kept_and_nobody_asks_again(gateway: Given) -> None:
    ayse = gateway.person(None)
    ask(gateway, ayse)
    _, no = payloads(question_to(gateway, ayse))
    gateway.presses(ayse, "Hayır", no)
    gateway.clock.advance(timedelta(days=60))
    assert gateway.standing(ayse).state is State.DECLINED
    assert ask(gateway, ayse) == Asked(0, {"refused": 1})


def test_an_unanswered_question_lapses_by_itself_and_a_late_yes_does_not_count(gateway: Given) -> None:
    ayse = gateway.person(None)
    ask(gateway, ayse)
    yes, _ = payloads(question_to(gateway, ayse))
    gateway.clock.advance(49 * HOUR)
    assert gateway.standing(ayse).state is State.LAPSED
    gateway.presses(ayse, "Onaylıyorum", yes)
    assert gateway.standing(ayse).state is State.LAPSED
    gateway.work()
    assert "süresi dolmuş" in gateway.told(ayse)[-1]


def test_a_lapse_is_noted_once(gateway: Given) -> None:
    ayse = gateway.person(None)
    ask(gateway, ayse)
    gateway.clock.advance(49 * HOUR)
    for _ in range(2):
        gateway.database.run(lambda c: note_lapses(c, gateway.now))
    assert [e.type for e in gateway.events(ayse)] == [EventType.REQUESTED, EventType.REQUEST_EXPIRED]


def test_nobody_is_asked_twice_and_nobody_who_stopped(gateway: Given) -> None:
    asked, stopped, known = gateway.person(None), gateway.person(), gateway.person()
    ask(gateway, asked)
    gateway.says(stopped, "dur")
    again = ask(gateway, asked, stopped, known)
    assert again.asked == 0
    assert sum(again.not_asked.values()) == 3
    gateway.work()
    assert gateway.told(asked).count("confirm_optin") == 1


def test_the_code_of_one_person_confirms_nobody_else(gateway: Given) -> None:
    ayse, mehmet = gateway.person(None), gateway.person(None)
    ask(gateway, ayse, mehmet)
    gateway.says(mehmet, f"ONAY {code_in(question_to(gateway, ayse))}")
    assert gateway.standing(ayse).state is State.PENDING
    assert gateway.standing(mehmet).state is State.PENDING


def test_a_second_yes_changes_nothing(gateway: Given) -> None:
    ayse = gateway.person(None)
    ask(gateway, ayse)
    yes, _ = payloads(question_to(gateway, ayse))
    for _ in range(2):
        gateway.presses(ayse, "Onaylıyorum", yes)
    assert [e.type for e in gateway.events(ayse)] == [EventType.REQUESTED, EventType.CONFIRMED]


def test_a_stop_instead_of_an_answer_binds(gateway: Given) -> None:
    ayse = gateway.person(None)
    ask(gateway, ayse)
    question_to(gateway, ayse)
    gateway.says(ayse, "bana mesaj atmayın")
    assert gateway.standing(ayse).state is State.REVOKED


def test_a_promotional_question_is_refused_before_anybody_gets_it(gateway: Given) -> None:
    ayse = gateway.person(None)
    with gateway.database.write() as connection:
        templates.set_template(connection, "confirm_optin", None, gateway.now, category="MARKETING")
    with pytest.raises(CannotAsk, match="promotional"):
        ask(gateway, ayse)
    assert gateway.events(ayse) == []


def test_start_resumes_what_a_stop_ended(gateway: Given) -> None:
    ayse = gateway.person()
    gateway.says(ayse, "dur")
    gateway.clock.advance(HOUR)
    gateway.says(ayse, "başla")
    gateway.work()
    assert gateway.standing(ayse).state is State.GRANTED
    assert "yeniden alacaksınız" in gateway.told(ayse)[-1]


def test_a_stranger_who_says_start_is_told_how_to_join(gateway: Given) -> None:
    stranger = gateway.person(None)
    gateway.says(stranger, "başla")
    gateway.work()
    assert gateway.standing(stranger).state is State.NONE
    assert len(gateway.told(stranger)) == 1


def test_help_is_answered_with_who_we_are(gateway: Given) -> None:
    ayse = gateway.person()
    gateway.says(ayse, "yardım")
    gateway.work()
    assert gateway.told(ayse)[-1].startswith("Kahve Evi:")
    assert gateway.standing(ayse).state is State.GRANTED
