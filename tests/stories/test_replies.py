"""What follows when a person says something: on every way in, on both databases."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from consent.events import EventType
from consent.standing import State
from gateway.actions.decide_pause import NotPaused, decide_pause, doubtful_replies
from gateway.actions.load_own_words import own_words
from gateway.core.message import State as Sent
from gateway.storage.database import Database
from gateway.storage.inbox import Inbox
from tests.given import Given, Person

HOUR = timedelta(hours=1)
ORDER: dict[str, Any] = {
    "template": "order_ready",
    "purpose": "utility",
    "link": None,
    "parameters": {1: "Ayşe", 2: "1042", 3: "3 Mart"},
}
DOUBTFUL = "bu spam, şikayet ederim"


def types(gateway: Given, person: Person) -> list[EventType]:
    return [event.type for event in gateway.events(person)][1:]


def test_stop_everything_ends_utility_too(gateway: Given) -> None:
    ayse = gateway.person()
    gateway.says(ayse, "STOP ALL")
    order = gateway.campaign(
        "Sipariş", template="order_ready", purpose="utility", link=None, parameters={1: "a", 2: "b", 3: "c"}
    )
    gateway.work()
    assert gateway.message(ayse, order).reason == "suppressed"
    assert set(types(gateway, ayse)) == {EventType.REVOKED, EventType.SUPPRESSED}


def test_an_ordinary_stop_leaves_utility_alone(gateway: Given) -> None:
    ayse = gateway.person()
    gateway.says(ayse, "dur")
    order = gateway.campaign(
        "Sipariş", template="order_ready", purpose="utility", link=None, parameters={1: "a", 2: "b", 3: "c"}
    )
    gateway.work()
    assert gateway.message(ayse, order).state is Sent.ACCEPTED


def test_a_doubtful_reply_pauses_at_once_and_is_a_stop_after_a_day(gateway: Given) -> None:
    ayse = gateway.person()
    spring = gateway.campaign()
    gateway.launch()
    gateway.says(ayse, DOUBTFUL)
    assert gateway.standing(ayse).state is State.PAUSED
    gateway.work()
    assert gateway.message(ayse, spring).state is Sent.REFUSED
    gateway.clock.advance(25 * HOUR)
    assert gateway.standing(ayse).state is State.REVOKED


def test_an_operator_may_read_a_doubtful_reply_and_decide(gateway: Given) -> None:
    ayse, mehmet = gateway.person(), gateway.person()
    for person in (ayse, mehmet):
        gateway.says(person, DOUBTFUL)
    with gateway.database.read() as connection:
        waiting = doubtful_replies(connection, gateway.now)
    assert [d.text for d in waiting] == [DOUBTFUL, DOUBTFUL]
    gateway.clock.advance(HOUR)
    for person, stop in ((ayse, False), (mehmet, True)):
        gateway.database.run(
            lambda c, p=person, s=stop: decide_pause(  # type: ignore[misc]
                c, p.subject, stop=s, operator="deniz", reason="a joke", now=gateway.now
            )
        )
    assert gateway.standing(ayse).state is State.GRANTED
    assert gateway.standing(mehmet).state is State.REVOKED
    with pytest.raises(NotPaused), gateway.database.write() as connection:
        decide_pause(connection, ayse.subject, stop=False, operator="deniz", reason="again", now=gateway.now)


def test_a_second_stop_within_a_day_is_not_acknowledged_and_a_later_one_is(gateway: Given) -> None:
    ayse = gateway.person()
    gateway.says(ayse, "dur")
    gateway.work()
    gateway.clock.advance(2 * HOUR)
    gateway.says(ayse, "dur dedim")
    gateway.work()
    assert len(gateway.told(ayse)) == 1
    gateway.clock.advance(25 * HOUR)
    gateway.says(ayse, "dur")
    gateway.work()
    assert len(gateway.told(ayse)) == 2


def test_an_acknowledgement_leaves_at_any_hour(gateway: Given) -> None:
    ayse = gateway.person(zone="Europe/Istanbul")
    gateway.clock.moment = gateway.now.replace(hour=23)
    gateway.says(ayse, "dur")
    gateway.work()
    assert len(gateway.told(ayse)) == 1


@pytest.mark.parametrize(
    ("title", "payload"),
    [
        ("Mesajları durdur", ""),
        ("Pazarlama mesajlarını durdur", "whatever"),
        ("Stop promotions", ""),
        ("Parar promoções", ""),
        ("Anything", "OPTOUT"),
    ],
)
def test_a_stop_button_is_heard_by_payload_or_title(gateway: Given, title: str, payload: str) -> None:
    ayse = gateway.person()
    gateway.presses(ayse, title, payload)
    assert gateway.standing(ayse).state is State.REVOKED


def test_a_stop_while_another_app_holds_the_conversation_binds(gateway: Given) -> None:
    ayse = gateway.person()
    message = _text(ayse, "dur", "wamid.standby", gateway)
    gateway.post(gateway.value("standby", contacts=[{"wa_id": ayse.wa_id}], messages=[message]))
    assert gateway.standing(ayse).state is State.REVOKED


def test_what_the_business_itself_wrote_is_nobodys_stop(gateway: Given) -> None:
    ayse = gateway.person()
    echo = {"from": "12025550143", "to": ayse.wa_id, "id": "wamid.echo", "timestamp": "1795000000", "type": "text"}
    body = gateway.value("smb_message_echoes", message_echoes=[{**echo, "text": {"body": "stop"}}])
    assert gateway.post(body) == "200 OK"
    gateway.drain()
    assert gateway.standing(ayse).state is State.GRANTED


def _text(person: Person, text: str, message_id: str, gateway: Given) -> dict[str, Any]:
    at = str(int(gateway.now.timestamp()))
    return {"from": person.wa_id, "id": message_id, "timestamp": at, "type": "text", "text": {"body": text}}


def test_a_stop_by_somebody_without_a_phone_binds_when_the_phone_becomes_known(gateway: Given) -> None:
    bsuid = "TR.13491208655302741918"
    at = str(int(gateway.now.timestamp()))
    stop = {"from_user_id": bsuid, "id": "wamid.bsuid", "timestamp": at, "type": "text", "text": {"body": "dur"}}
    assert gateway.post(gateway.value("messages", contacts=[{"user_id": bsuid}], messages=[stop])) == "200 OK"
    gateway.clock.advance(HOUR)
    ayse = gateway.person(since=gateway.now)
    assert gateway.standing(ayse).state is State.GRANTED
    both = [{"wa_id": ayse.wa_id, "user_id": bsuid, "profile": {"name": "A"}}]
    hello = {**_text(ayse, "merhaba", "wamid.hello", gateway), "from_user_id": bsuid}
    gateway.post(gateway.value("messages", contacts=both, messages=[hello]))
    spring = gateway.campaign()
    gateway.work()
    assert [told for told in gateway.told(ayse) if told == "spring_offer"] == []
    assert spring is not None


def test_a_stop_from_a_stranger_is_kept_and_binds(gateway: Given, tmp_path: Path) -> None:
    from gateway.actions.import_optins import OptInImport

    stranger = Person("+905550009999", gateway.person(None).subject)
    gateway.says(stranger, "beni listenizden çıkarın")
    file = tmp_path / "later.csv"
    file.write_text(
        f"telefon;onay tarihi;kaynak;izin metni;sürüm\n{stranger.phone};2026-11-01 10:00;web;marketing;1\n", "utf-8"
    )
    report = OptInImport(gateway.database, gateway.settings, gateway.now, attested_by="Deniz").run(file)
    assert report.counts == {"rejected": 1}


def test_metas_switch_gives_back_only_what_it_took(gateway: Given) -> None:
    ayse, mehmet = gateway.person(), gateway.person()
    gateway.prefers(ayse, "stop")
    gateway.says(mehmet, "dur")
    gateway.clock.advance(HOUR)
    for person in (ayse, mehmet):
        gateway.prefers(person, "resume")
    assert gateway.standing(ayse).state is State.GRANTED
    assert gateway.standing(mehmet).state is State.REVOKED


def test_the_business_may_add_words_of_its_own(database: Database, inbox: Inbox, tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("stop | kahvesiz | ours\n", encoding="utf-8")
    gateway = Given(database, inbox, own_words=words)
    assert own_words(gateway.settings).entries
    ayse = gateway.person()
    gateway.says(ayse, "kahvesiz")
    assert gateway.standing(ayse).state is State.REVOKED


def test_ten_stops_in_one_body_all_bind(gateway: Given) -> None:
    people = [gateway.person() for _ in range(10)]
    messages = [_text(p, "dur", f"wamid.many.{n}", gateway) for n, p in enumerate(people)]
    body = gateway.value("messages", contacts=[{"wa_id": p.wa_id} for p in people], messages=messages)
    assert gateway.post(json.dumps(body).encode()) == "200 OK"
    assert {gateway.standing(p).state for p in people} == {State.REVOKED}
