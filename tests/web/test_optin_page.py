"""The page behind a web link: looking changes nothing, a pressed button does, and a no counts whenever it comes."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from werkzeug.test import Client

from consent import vault
from consent.address.values import Phone
from consent.events import EventType
from consent.optin import Mode
from consent.standing import State
from gateway.actions.invite_optins import CannotInvite, Wanted, invite
from tests.given import Given, Person, consent_text

DAY = timedelta(days=1)


def link_for(given: Given, person: Person) -> str:
    wanted = Wanted("web-form", person=Phone(person.phone), lifetime=2 * DAY, mode=Mode.WEB_LINK)
    with given.database.write() as connection:
        made = invite(connection, wanted, consent_text("tr"), "https://kahve.example", given.now, "deniz")
    assert made.link.startswith("https://kahve.example/optin/")
    return made.link.removeprefix("https://kahve.example")


def press(client: Client, link: str, answer: str) -> str:
    return client.post(link, data={"answer": answer}, headers={"User-Agent": "A browser", "Accept-Language": "en"}).text


def test_the_page_shows_the_words_and_looking_changes_nothing(given: Given, client: Client) -> None:
    ayse = given.person(None)
    link = link_for(given, ayse)
    page = client.get(link, headers={"Accept-Language": "tr"})
    assert page.status_code == 200
    assert "Onaylıyorum" in page.text
    assert "WhatsApp üzerinden almayı kabul ediyorum" in page.text
    assert "DUR" in page.text
    assert given.standing(ayse).state is State.PENDING


def test_a_yes_grants_with_the_visit_as_evidence(given: Given, client: Client) -> None:
    ayse = given.person(None)
    assert "recorded" in press(client, link_for(given, ayse), "yes")
    requested, confirmed = given.events(ayse)
    assert (confirmed.type, confirmed.source, confirmed.method) == (EventType.CONFIRMED, "web-form", "web_link")
    assert confirmed.causes == (requested.event_id,)
    assert given.standing(ayse).state is State.GRANTED
    with given.database.read() as connection:
        (opened,) = vault.evidence_of(connection, ayse.subject)
    assert json.loads(opened.body)["agent"] == "A browser"


def test_a_link_says_yes_once_and_no_at_any_time(given: Given, client: Client) -> None:
    ayse = given.person(None)
    link = link_for(given, ayse)
    press(client, link, "yes")
    assert "already" in press(client, link, "yes")
    given.clock.advance(timedelta(hours=1))
    press(client, link, "no")
    assert given.standing(ayse).state is State.REVOKED


def test_a_no_is_kept(given: Given, client: Client) -> None:
    ayse = given.person(None)
    press(client, link_for(given, ayse), "no")
    assert given.standing(ayse).state is State.DECLINED


def test_after_its_end_a_yes_does_not_count(given: Given, client: Client) -> None:
    ayse = given.person(None)
    link = link_for(given, ayse)
    given.clock.advance(3 * DAY)
    assert "run out" in client.get(link, headers={"Accept-Language": "en"}).text
    assert "run out" in press(client, link, "yes")
    assert given.standing(ayse).state is State.LAPSED


@pytest.mark.parametrize("code", ["7F3K9-QW2M8-XPT", "x", "..", "%00"])
def test_a_link_that_was_never_given_out_is_not_found(client: Client, code: str) -> None:
    assert client.get(f"/optin/{code}").status_code == 404
    assert client.post(f"/optin/{code}", data={"answer": "yes"}).status_code == 404


def test_a_form_that_is_not_ours_is_refused(given: Given, client: Client) -> None:
    assert client.post(link_for(given, given.person(None)), data={"answer": "maybe"}).status_code == 400


def test_a_link_needs_a_person_and_an_address_of_ours(given: Given) -> None:
    with pytest.raises(CannotInvite, match="IZIN_PUBLIC_URL"), given.database.write() as connection:
        invite(connection, Wanted("web-form", mode=Mode.WEB_LINK), consent_text("tr"), "https://x", given.now, "deniz")
