"""What a person is given is everything that is kept about them, in words that they can read."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection

from consent.standing import State
from gateway.actions.export_person import export_person
from gateway.core.person_page import DETAILS, PURPOSES, STANDS, person_page
from gateway.core.wording import Wording
from gateway.storage import person_events
from gateway.storage.person_events import NewEvent
from tests.given import Given, Person


@pytest.fixture
def ayse(gateway: Given) -> Person:
    """Somebody who bought coffee and went away, as a shop's software tells it."""
    ayse, ali = gateway.person(name="Ayşe"), gateway.person()

    def tell(connection: Connection) -> None:
        bought = NewEvent(ayse.subject.id, "bought", gateway.now, b"a" * 16, "coffee", '{"size":"large"}')
        left = NewEvent(ayse.subject.id, "cart left", gateway.now, b"b" * 16)
        person_events.add(connection, [bought, left, NewEvent(ali.subject.id, "bought", gateway.now, b"c" * 16)])

    gateway.database.run(tell)
    return ayse


def record(gateway: Given, person: Person) -> dict[str, Any]:
    with gateway.database.read() as connection:
        return export_person(connection, person.subject, None, gateway.now).record


def test_what_somebody_did_elsewhere_is_theirs_to_know(gateway: Given, ayse: Person) -> None:
    found = record(gateway, ayse)["activity"]
    assert [(one["what"], one["about"], one["properties"]) for one in found] == [
        ("bought", "coffee", {"size": "large"}),
        ("cart left", None, {}),
    ]


def test_the_page_says_it_all_in_the_persons_own_language(gateway: Given, ayse: Person) -> None:
    page = person_page(record(gateway, ayse), "Kahve Evi", "tr")
    for word in ("Başka yerde yaptıklarınız", "coffee", "onayınız var", "kampanya ve tanıtım", "kayıtlı olduğunuz an"):
        assert word in page
    assert "<td>granted</td>" not in page
    assert "<td>marketing</td>" not in page


def test_every_standing_and_every_detail_has_words(gateway: Given, ayse: Person) -> None:
    assert {state.value for state in State} <= set(STANDS)
    assert set(record(gateway, ayse)["profile"]) == set(DETAILS)
    assert all(isinstance(word, Wording) and word.tr and word.en for word in (*STANDS.values(), *PURPOSES.values()))
