"""What fills the holes of a campaign's template: constants, people's own data, and what they last did."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.core.campaign import (
    events_in,
    parameter_values,
    person_fields,
)
from gateway.core.template import Location, Media, Product
from tests.core.campaigns_given import LEAST, SPRING_FIELDS, fits, plan, plan_of, wrong


def test_a_parameter_is_constant_personal_or_has_a_fallback() -> None:
    made = plan(
        parameters={
            "store": "Kadıköy",
            "greeting": "Sayın {person.first_name|müşterimiz}",
            "points": {"value": "{person.Puan} puan", "fallback": "puanlarınız"},
            "hobby": "{person.hobby}",
        }
    )

    known = parameter_values(made.parameters, {"first_name": "Ayşe", "puan": "12", "hobby": "Satranç"}, "tr")
    assert known == {"store": "Kadıköy", "greeting": "Sayın Ayşe", "points": "12 puan", "hobby": "Satranç"}
    unknown = parameter_values(made.parameters, {"first_name": " ", "hobby": ""}, "tr")
    assert unknown == {"store": "Kadıköy", "greeting": "Sayın müşterimiz", "points": "puanlarınız"}


def test_messy_fields_are_tidied_so_that_meta_takes_them() -> None:
    made = plan(parameters={"name": "{person.name}"})

    assert parameter_values(made.parameters, {"name": " Ayşe\n\tÖrnek     Can "}, "tr") == {"name": "Ayşe Örnek Can"}


def test_a_parameter_may_be_translated() -> None:
    made = plan(parameters={"season": {"tr": "Bahar", "en": {"value": "{person.x}", "fallback": "spring"}}})

    assert parameter_values(made.parameters, {}, "tr") == {"season": "Bahar"}
    assert parameter_values(made.parameters, {}, "en_US") == {"season": "spring"}
    assert parameter_values(made.parameters, {}, "de") == {}


def test_the_campaign_itself_can_be_named() -> None:
    made = plan(parameters={"about": "{campaign.name}"})

    assert parameter_values(made.parameters, {}, "tr", {"name": made.name}) == {"about": "Spring"}


CART = {"cart left": {"about": "kahve", "size.eu": "38", "price": " "}}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{event.cart left.about}", "kahve"),
        ("{event.cart left.size.eu} beden {person.nickname|dostum}", "38 beden dostum"),
        ("{event.cart left.colour|renk}", "renk"),
        ("{event.cart left.price|ucuz}", "ucuz"),
        ("{event.Order Completed.about|sipariş}", "sipariş"),
        ("{event.Order Completed.about}", None),
        ({"value": "{event.Order Completed.about}", "fallback": "ürününüz"}, "ürününüz"),
    ],
)
def test_what_a_person_last_did_fills_a_parameter(text: Any, value: str | None) -> None:
    made = plan(parameters={"first_name": text})
    assert parameter_values(made.parameters, {}, "tr", None, CART).get("first_name") == value


def test_events_that_parameters_name_are_known_and_which_of_them_are_needed() -> None:
    either = {"tr": "{event.bought.about|kahve}", "en": "{event.cart left.about}"}
    made = plan(parameters={"a": either, "b": {"value": "{event.seen.about} {event.bought.x}", "fallback": "x"}})
    assert events_in(made.parameters) == ("bought", "cart left", "seen")
    assert events_in(made.parameters, needed=True) == ("cart left",)


def test_an_event_counts_as_a_persons_own_data() -> None:
    made = plan(parameters={**SPRING_FIELDS, "button.0": "{event.bought.about}"})
    assert fits(made) == ["parameters.button.0: Nobody's data goes into a link or a button's payload."]


@pytest.mark.parametrize("text", ["{event.bought}", "{event..about}", "{order.bought.about}", "{event.bought.about"])
def test_a_bracket_that_names_no_property_is_refused(text: str) -> None:
    assert "{event.NAME.PROPERTY}" in wrong(parameters={"first_name": text})


@pytest.mark.parametrize(
    ("written_", "value"),
    [
        ({"image": "https://cdn.example/a.jpg"}, Media(link="https://cdn.example/a.jpg")),
        ({"document": "123", "filename": "a.pdf"}, Media(id="123", filename="a.pdf")),
        ({"catalog": "9", "product": "sku"}, Product("9", "sku")),
        (
            {"latitude": "40.9", "longitude": "29", "name": "a", "address": "b"},
            Location(40.9, 29.0, "a", "b"),
        ),
    ],
)
def test_media_places_and_products_are_the_same_for_everybody(written_: dict[str, str], value: Any) -> None:
    assert parameter_values(plan(parameters={"header": written_}).parameters, {}, "tr") == {"header": value}


def test_dotted_keys_of_toml_are_keys_of_holes() -> None:
    least = "".join(f'{key} = "{value}"\n' for key, value in LEAST.items())
    text = least + "[parameters]\noffer.expires = 2027-01-01T10:00:00Z\n"

    assert dict(plan_of(text, "toml").parameters).keys() == {"offer.expires"}


def test_a_person_offers_name_first_name_and_attributes() -> None:
    fields = person_fields("Ayşe  Nur Örnek", {"store": "Moda", "name": "x"}, language="tr", zone=None)

    assert fields == {"name": "Ayşe  Nur Örnek", "first_name": "Ayşe", "store": "Moda", "language": "tr"}
    assert person_fields("Ayşe Örnek", {"first_name": "Ayşenur"})["first_name"] == "Ayşenur"
    assert person_fields(None, None) == {}
