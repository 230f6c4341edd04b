"""In which language, and with which words, each person is written to."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.storage import templates
from tests.given import Given, Person

CHAIN = {"name": "spring_offer", "languages": ["person", "tr"]}


def said(gateway: Given, person: Person) -> tuple[str, list[str]]:
    """The language, and the texts of the body's parameters, of the last message to this person."""
    sent = [one for one in gateway.meta.sent if one.to == person.phone][-1]
    body = next(one for one in json.loads(sent.components) if one["type"] == "body")
    return sent.language, [parameter["text"] for parameter in body["parameters"]]


def set_status(gateway: Given, language: str, status: str) -> None:
    with gateway.database.write() as connection:
        templates.set_template(connection, "spring_offer", language, gateway.now, status=status)


@pytest.mark.parametrize(
    ("own", "expected"), [("tr", "tr"), ("en", "en"), ("en_GB", "en"), ("en-US", "en"), ("de", "tr")]
)
def test_each_person_gets_their_language_or_the_next_of_the_chain(gateway: Given, own: str, expected: str) -> None:
    person = gateway.person(language=own)
    gateway.campaign(template=CHAIN)
    gateway.work()
    assert said(gateway, person)[0] == expected


@pytest.mark.parametrize("status", ["REJECTED", "PENDING", "DISABLED", "ARCHIVED", "DELETED"])
def test_a_language_that_has_ended_gives_way_to_the_next(gateway: Given, status: str) -> None:
    person = gateway.person(language="en")
    gateway.campaign(template=CHAIN)
    set_status(gateway, "en", status)
    gateway.work()
    assert said(gateway, person)[0] == "tr"


def test_a_paused_language_is_waited_for(gateway: Given) -> None:
    person = gateway.person(language="en")
    gateway.campaign(template=CHAIN)
    set_status(gateway, "en", "PAUSED")
    gateway.work()
    assert said(gateway, person)[0] == "en", "its hold, which nobody set here, would make it wait"


def test_without_any_language_left_the_person_is_refused_with_the_reason(gateway: Given) -> None:
    person = gateway.person(language="de")
    campaign = gateway.campaign(template={"name": "spring_offer", "languages": ["person"]})
    gateway.work()
    assert gateway.told(person) == []
    assert gateway.counts(campaign) == {"refused:template_language_missing": 1}


PARAMETERS: dict[str, Any] = {"season": "Bahar", "store": "Moda"}


@pytest.mark.parametrize(
    ("first_name", "attributes", "expected"),
    [
        ("{person.first_name|dostum}", {}, "Ayşe"),
        ("{person.nickname|dostum}", {}, "dostum"),
        ("{person.nickname|dostum}", {"nickname": "Ay"}, "Ay"),
        ("{person.nickname|dostum}", {"nickname": "   "}, "dostum"),
        ({"value": "{person.nickname}", "fallback": "sayın müşterimiz"}, {}, "sayın müşterimiz"),
        ({"value": "{person.nickname}", "fallback": "sayın müşterimiz"}, {"nickname": "Ay"}, "Ay"),
        ("{person.title|Sayın} {person.nickname|müşterimiz}", {"title": "Dr."}, "Dr. müşterimiz"),
        ("{campaign.name}", {}, "Bahar"),
        ("iki\n satır", {}, "iki satır"),
    ],
)
def test_every_parameter_has_its_own_fallback(
    gateway: Given, first_name: Any, attributes: dict[str, str], expected: str
) -> None:
    person = gateway.person(name="Ayşe", **attributes)  # type: ignore[arg-type]  # attributes are texts
    gateway.campaign(parameters={**PARAMETERS, "first_name": first_name})
    gateway.work()
    assert said(gateway, person) == ("tr", [expected, "Moda"])


@pytest.mark.parametrize(
    ("nickname", "reason"),
    [
        ({}, "parameter_missing"),
        ({"nickname": "x" * 1025}, "parameter_too_long"),
        ({"nickname": "{{1}}"}, "parameter_invalid"),
    ],
)
def test_a_person_whose_words_do_not_fit_is_refused_and_nobody_else(
    gateway: Given, nickname: dict[str, str], reason: str
) -> None:
    ayse = gateway.person(**nickname)  # type: ignore[arg-type]  # attributes are texts
    fits = gateway.person(nickname="Ay")
    campaign = gateway.campaign(parameters={**PARAMETERS, "first_name": "{person.nickname}"})
    gateway.work()
    assert (gateway.told(ayse), gateway.told(fits)) == ([], ["spring_offer"])
    assert gateway.counts(campaign)[f"refused:{reason}"] == 1


def test_a_header_that_the_name_makes_too_long_is_refused_before_it_leaves(gateway: Given) -> None:
    person = gateway.person(season="x" * 50)
    campaign = gateway.campaign(parameters={**PARAMETERS, "first_name": "x", "season": "{person.season}"})
    gateway.work()
    assert gateway.told(person) == []
    assert gateway.counts(campaign) == {"refused:parameter_too_long": 1}
