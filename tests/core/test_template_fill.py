"""Filling a template: Meta's exact shape, or every reason why not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.template import (
    STOP_PAYLOAD,
    FillReason,
    FlowStart,
    Location,
    Media,
    Money,
    Product,
    Section,
    Sections,
    Template,
    Value,
    fill,
    placeholders,
)
from tests.core.filling_given import reasons, with_buttons, with_header
from tests.core.templates import SPRING, SPRING_VALUES, filled, template, template_object, text_template


def test_named_parameters_an_opaque_link_and_our_own_stop_payload() -> None:
    done = filled(template(SPRING), SPRING_VALUES)

    assert template_object(done) == {
        "name": "spring_offer",
        "language": {"code": "tr"},
        "components": [
            {"type": "header", "parameters": [{"type": "text", "text": "Bahar", "parameter_name": "season"}]},
            {
                "type": "body",
                "parameters": [
                    {"type": "text", "text": "Ayşe", "parameter_name": "first_name"},
                    {"type": "text", "text": "Kadıköy", "parameter_name": "store"},
                ],
            },
            {"type": "button", "sub_type": "url", "index": 0, "parameters": [{"type": "text", "text": "k3JdQ9"}]},
            {
                "type": "button",
                "sub_type": "quick_reply",
                "index": 1,
                "parameters": [{"type": "payload", "payload": STOP_PAYLOAD}],
            },
        ],
    }
    assert done.body.startswith("Merhaba Ayşe, Kadıköy mağazasında")
    assert done.header == "Bahar indirimi başladı"
    assert done.urls == ("https://shop.example/r/k3JdQ9", "")


def test_positional_parameters_go_in_the_order_of_their_numbers() -> None:
    made = text_template("The {{2}} of {{1}} is here, {{2}} indeed.")

    assert filled(made, {"1": "May", "2": "offer"}).components == [
        {"type": "body", "parameters": [{"type": "text", "text": "May"}, {"type": "text", "text": "offer"}]}
    ]
    assert filled(made, {"1": "May", "2": "offer"}).body == "The offer of May is here, offer indeed."


def test_a_numbered_header_counts_for_itself() -> None:
    made = text_template(
        "Use code {{1}} today.", components=[{"type": "HEADER", "format": "TEXT", "text": "Our {{1}} is on!"}]
    )

    assert [hole.key for hole in placeholders(made)] == ["header.1", "1"]
    done = filled(made, {"header.1": "sale", "1": "25OFF"})
    assert (done.header, done.body) == ("Our sale is on!", "Use code 25OFF today.")


def test_a_template_without_holes_sends_no_components() -> None:
    made = text_template("Welcome to our store.")

    assert template_object(filled(made, {})) == {"name": "note", "language": {"code": "en"}}


@pytest.mark.parametrize(
    ("format_", "value", "parameter"),
    [
        ("IMAGE", "3196424913981611", {"type": "image", "image": {"id": "3196424913981611"}}),
        ("IMAGE", "https://cdn.example/a.jpg", {"type": "image", "image": {"link": "https://cdn.example/a.jpg"}}),
        ("VIDEO", Media(id="17"), {"type": "video", "video": {"id": "17"}}),
        ("GIF", Media(id="17"), {"type": "gif", "gif": {"id": "17"}}),
        (
            "DOCUMENT",
            Media(id="17", filename="Class.pdf"),
            {"type": "document", "document": {"id": "17", "filename": "Class.pdf"}},
        ),
        (
            "LOCATION",
            Location(40.99, 29.03, "Kadıköy", "Moda Cd. 1"),
            {
                "type": "location",
                "location": {"latitude": 40.99, "longitude": 29.03, "name": "Kadıköy", "address": "Moda Cd. 1"},
            },
        ),
        (
            "PRODUCT",
            Product("99", "nqryix03ez"),
            {"type": "product", "product": {"catalog_id": "99", "product_retailer_id": "nqryix03ez"}},
        ),
    ],
)
def test_each_kind_of_header_has_its_own_parameter(format_: str, value: Value, parameter: dict[str, Any]) -> None:
    done = filled(with_header(format=format_), {"header": value})

    assert done.components == [{"type": "header", "parameters": [parameter]}]


@pytest.mark.parametrize(
    ("button", "value", "sub_type", "parameter"),
    [
        (
            {"type": "URL", "text": "See", "url": "https://e.example/{{1}}"},
            "career/?trk=nav",
            "url",
            {"type": "text", "text": "career/?trk=nav"},
        ),
        ({"type": "QUICK_REPLY", "text": "Yes"}, "OP_YES", "quick_reply", {"type": "payload", "payload": "OP_YES"}),
        (
            {"type": "COPY_CODE", "example": "250FF"},
            "25OFF",
            "copy_code",
            {"type": "coupon_code", "coupon_code": "25OFF"},
        ),
        (
            {"type": "CATALOG", "text": "View catalog"},
            "2lc20305pt",
            "catalog",
            {"type": "action", "action": {"thumbnail_product_retailer_id": "2lc20305pt"}},
        ),
        (
            {"type": "FLOW", "text": "Book", "flow_id": "1"},
            FlowStart("tok", {"step": "2"}),
            "flow",
            {"type": "action", "action": {"flow_token": "tok", "flow_action_data": {"step": "2"}}},
        ),
        (
            {"type": "MPM", "text": "View items"},
            Sections("thumb", (Section("Popular", ("a", "b")),)),
            "mpm",
            {
                "type": "action",
                "action": {
                    "thumbnail_product_retailer_id": "thumb",
                    "sections": [
                        {"title": "Popular", "product_items": [{"product_retailer_id": one} for one in ("a", "b")]}
                    ],
                },
            },
        ),
    ],
)
def test_each_kind_of_button_has_its_own_parameter(
    button: dict[str, Any], value: Value, sub_type: str, parameter: dict[str, Any]
) -> None:
    done = filled(with_buttons(button), {"button.0": value})

    assert done.components == [{"type": "button", "sub_type": sub_type, "index": 0, "parameters": [parameter]}]


@pytest.mark.parametrize(
    "button",
    [
        {"type": "URL", "text": "See", "url": "https://e.example/all"},
        {"type": "PHONE_NUMBER", "text": "Call", "phone_number": "+442079460000"},
        {"type": "QUICK_REPLY", "text": "Yes"},
        {"type": "CATALOG", "text": "View catalog"},
        {"type": "VOICE_CALL", "text": "Call"},
        {"type": "REQUEST_CONTACT_INFO"},
        {"type": "SPM", "text": "View"},
    ],
)
def test_what_needs_nothing_sends_nothing(button: dict[str, Any]) -> None:
    assert filled(with_buttons(button), {}).components == []


def test_a_flow_without_a_token_uses_metas_default() -> None:
    [component] = filled(with_buttons({"type": "FLOW", "text": "Book", "flow_id": "1"}), {}).components

    assert component["parameters"] == [{"type": "action", "action": {"flow_token": "unused"}}]


def test_no_campaign_can_turn_a_stop_button_into_something_else() -> None:
    made = with_buttons({"type": "QUICK_REPLY", "text": "Unsubscribe"})

    assert placeholders(made) == ()
    [component] = filled(made, {"button.0": "SHOP_MORE"}).components
    assert component["parameters"] == [{"type": "payload", "payload": "OPTOUT"}]


@pytest.mark.parametrize("kind", ["COPY_CODE", "ONE_TAP", "ZERO_TAP"])
def test_a_one_time_password_goes_into_body_and_button(kind: str) -> None:
    item = {
        "name": "login",
        "language": "en",
        "category": "AUTHENTICATION",
        "components": [
            {"type": "BODY", "text": "*{{1}}* is your verification code.", "add_security_recommendation": True},
            {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": kind, "text": "Copy"}]},
        ],
    }
    code = {"type": "text", "text": "K7Q2M9"}

    done = filled(template(item), {"code": "K7Q2M9"})

    assert done.components == [
        {"type": "body", "parameters": [code]},
        {"type": "button", "sub_type": "url", "index": 0, "parameters": [code]},
    ]
    assert done.body == "*K7Q2M9* is your verification code."
    assert reasons(template(item), {"code": "K7Q2M9" * 3}) == [("code", FillReason.TOO_LONG)]


def test_an_offer_carries_its_end_in_milliseconds() -> None:
    made = text_template(
        "Good news, {{1}}! All trips are cheaper.",
        components=[
            {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Ends soon", "has_expiration": True}}
        ],
    )
    ends = datetime(2027, 3, 1, 18, tzinfo=UTC)
    offer = {"type": "limited_time_offer", "limited_time_offer": {"expiration_time_ms": 1803924000000}}

    for value in (ends, "2027-03-01T21:00:00+03:00"):
        done = filled(made, {"1": "Mary", "offer.expires": value})
        assert done.components[1] == {"type": "limited_time_offer", "parameters": [offer]}
    assert reasons(made, {"1": "Mary", "offer.expires": "tomorrow"}) == [("offer.expires", FillReason.WRONG_KIND)]
    assert reasons(made, {"1": "Mary", "offer.expires": "2027-03-01T21:00:00"}) == [
        ("offer.expires", FillReason.WRONG_KIND)
    ]


def carousel() -> Template:
    def card(text: str) -> dict[str, Any]:
        return {
            "components": [
                {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::an"]}},
                {"type": "BODY", "text": text},
                {
                    "type": "BUTTONS",
                    "buttons": [
                        {"type": "QUICK_REPLY", "text": "More like this"},
                        {"type": "URL", "text": "Shop", "url": "https://e.example/p/{{1}}", "example": ["x"]},
                    ],
                },
            ]
        }

    cards = [card("Aloe for {{1}} and no more."), card("A temple.")]
    return text_template("Rare plants!", category="MARKETING", components=[{"type": "CAROUSEL", "cards": cards}])


def test_every_card_of_a_carousel_is_filled_in_its_place() -> None:
    values: dict[str, Value] = {
        "card.0.header": "11",
        "card.0.1": "30 TL",
        "card.0.button.0": "more-aloe",
        "card.0.button.1": "aloe",
        "card.1.header": Media(id="12"),
        "card.1.button.1": "temple",
    }
    done = filled(carousel(), values)

    [component] = done.components
    assert component["type"] == "carousel"
    assert [card["card_index"] for card in component["cards"]] == [0, 1]
    first, second = (card["components"] for card in component["cards"])
    assert [(one["type"], one.get("sub_type"), one.get("index")) for one in first] == [
        ("header", None, None),
        ("body", None, None),
        ("button", "quick_reply", 0),
        ("button", "url", 1),
    ]
    assert [one["type"] for one in second] == ["header", "button"]
    assert done.cards[0].body == "Aloe for 30 TL and no more."
    assert done.cards[1].urls == ("", "https://e.example/p/temple")


def test_a_card_that_grows_too_long_is_refused() -> None:
    values: dict[str, Value] = {"card.0.header": "11", "card.1.header": "12", "card.0.1": "x" * 160}
    values |= {"card.0.button.1": "a", "card.1.button.1": "b"}

    assert reasons(carousel(), values) == [("card.0.body", FillReason.TOO_LONG)]


def test_money_travels_as_a_currency_and_shows_its_text() -> None:
    done = filled(text_template("Your total is {{1}} this month."), {"1": Money("₺35,00", "TRY", 35000)})

    [body] = done.components
    assert body["parameters"] == [
        {"type": "currency", "currency": {"fallback_value": "₺35,00", "code": "TRY", "amount_1000": 35000}}
    ]
    assert done.body == "Your total is ₺35,00 this month."


@given(st.dictionaries(st.sampled_from([*SPRING_VALUES, "other"]), st.text(max_size=80)))
def test_either_everything_is_filled_or_nothing_is_sent(values: dict[str, str]) -> None:
    made = template(SPRING)
    done = fill(made, dict(values))

    if isinstance(done, list):
        assert all(problem.sentence("tr") and problem.sentence("en") for problem in done)
        return
    assert "{{" not in done.header + done.body + "".join(done.urls)
    assert len(done.header) <= 60
    sent = [one for component in done.components for one in component["parameters"]]
    assert len(sent) == 5
    assert all(one.get("text", "x").strip() for one in sent)
