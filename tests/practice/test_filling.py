"""What Meta says when parameters and template do not fit. Every row changes one thing of a correct send."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.practice.filling import Parts, mismatch, parts_of, rendered_body
from gateway.practice.refusals import Refusal
from gateway.practice.templates import Template, TemplateBook, initial_templates
from tests.practice.conftest import body, button, header, text

BOOK = TemplateBook(initial_templates())
PAYLOAD = {"type": "payload", "payload": "stop:7"}
DAY = {"type": "date_time", "date_time": {"fallback_value": "3 Mart"}}
IMAGE = {"type": "image", "image": {"link": "https://shop.example/a.png"}}


def named(season: str = "Bahar", name: str = "Ayşe", store: str = "Moda") -> list[Any]:
    return [
        header(text(season, "season")),
        body(text(name, "first_name"), text(store, "store")),
        button("url", 0, text("a1")),
    ]


def checked(template: Template, components: Any) -> Refusal | None:
    parts = parts_of(components)
    return parts if isinstance(parts, Refusal) else mismatch(template, parts, lambda media_id: media_id == "985")


def found(name: str) -> Template:
    template = BOOK.find(name, "tr")
    assert template is not None
    return template


def custom(components: list[Any], **changes: Any) -> Template:
    raw = {"name": "custom", "language": "tr", "category": "MARKETING", "components": components} | changes
    return TemplateBook([raw]).by_id("1600000000000001") or pytest.fail("the book lost its template")


GOOD: list[tuple[str, list[Any]]] = [
    ("spring_offer", named()),
    ("spring_offer", [*named(), button("quick_reply", 1, PAYLOAD)]),
    ("spring_offer", [*named()[:2], button("URL", "0", text("a1"))]),
    ("spring_offer", [named()[0], body(text("Moda", "store"), text("Ayşe", "first_name")), named()[2]]),
    ("order_ready", [body(text("Ayşe"), text("1042"), text("3 Mart"))]),
    (
        "order_ready",
        [body(text("Ayşe"), text("1042"), DAY)],
    ),
    ("new_season", [header(IMAGE), body(text("Ayşe"))]),
    ("new_season", [header({"type": "image", "image": {"id": "985"}}), body(text("Ayşe"))]),
    ("confirm_optin", [body(text("Ayşe"), text("K7Q2M9XT4B"))]),
]


@pytest.mark.parametrize(("name", "components"), GOOD)
def test_a_well_filled_template_is_taken(name: str, components: list[Any]) -> None:
    assert checked(found(name), components) is None


BAD: list[tuple[int, str, list[Any], str]] = [
    (132000, "spring_offer", named()[1:], "header: number of localizable_params (0)"),
    (132000, "spring_offer", [named()[0], named()[2]], "body: number of localizable_params (0)"),
    (132000, "order_ready", [body(text("Ayşe"))], "body: number of localizable_params (1)"),
    (132000, "order_ready", [], "expected number of params (3)"),
    (132000, "order_ready", [header(text("x")), body(text("a"), text("b"), text("c"))], "header: number"),
    (132012, "spring_offer", [header(text("Bahar")), *named()[1:]], "Parameter name is missing"),
    (132012, "spring_offer", [header(text("Bahar", "saison")), *named()[1:]], "no parameter of this name"),
    (132012, "spring_offer", [named()[0], body(text("a", "store"), text("b", "store")), named()[2]], "used twice"),
    (132012, "order_ready", [body(text("a", "x"), text("b", "y"), text("c", "z"))], "positional"),
    (132012, "spring_offer", [header(IMAGE), *named()[1:]], "expected TEXT, received IMAGE"),
    (132012, "new_season", [body(text("Ayşe"))], "expected IMAGE, received UNKNOWN"),
    (132012, "new_season", [header(text("x")), body(text("Ayşe"))], "expected IMAGE, received TEXT"),
    (132012, "new_season", [header({"type": "video", "video": {"id": "985"}}), body(text("a"))], "received VIDEO"),
    (131008, "new_season", [header({"type": "image", "image": {}}), body(text("a"))], "an id or a link"),
    (131009, "new_season", [header({"type": "image", "image": {"id": "1"}}), body(text("a"))], "uploads"),
    (131008, "spring_offer", named(name=""), "missing text value"),
    (131008, "spring_offer", named()[:2], "Button at index 0 of type Url requires a parameter"),
    (131008, "spring_offer", [*named()[:2], button("url", 0, text(""))], "requires a text parameter"),
    (132000, "spring_offer", [*named()[:2], button("url", 0, text("a"), text("b"))], "button at index 0"),
    (
        132000,
        "new_season",
        [header(IMAGE), body(text("a")), button("url", 0, text("b"))],
        "expected number of params (0)",
    ),
    (132018, "spring_offer", [*named(), button("quick_reply", 2, PAYLOAD)], "no QUICK_REPLY button at index 2"),
    (132018, "spring_offer", [*named()[:2], button("quick_reply", 0, PAYLOAD)], "no QUICK_REPLY button at index 0"),
    (132018, "spring_offer", named(name="Ayşe\nKaya"), "new-line/tab"),
    (132018, "spring_offer", named(name="Ayşe\tKaya"), "new-line/tab"),
    (132018, "spring_offer", named(name="Ayşe     Kaya"), "4 consecutive spaces"),
    (132005, "spring_offer", named(season="B" * 45), "header: 62 characters"),
    (132005, "spring_offer", named(name="A" * 1000), "body:"),
    (132005, "spring_offer", [*named()[:2], button("url", 0, text("a" * 2000))], "the address is longer"),
    (131009, "spring_offer", [*named(), button("quick_reply", 1, PAYLOAD | {"payload": "p" * 257})], "256 characters"),
    (132012, "order_ready", [body(text("a"), text("b"), text("c")), {"type": "carousel", "cards": [{}]}], "carousel"),
    (131008, "spring_offer", [*named(), {"type": "button", "sub_type": "url", "index": "x"}], "index is required"),
    (131009, "spring_offer", [*named(), {"type": "body", "parameters": ["a"]}], "list of objects"),
    (131009, "spring_offer", ["header"], "list of objects"),
]


@pytest.mark.parametrize(("code", "name", "components", "words"), BAD, ids=[f"{row[0]}-{row[3][:30]}" for row in BAD])
def test_what_does_not_fit_gets_its_code_and_words(code: int, name: str, components: list[Any], words: str) -> None:
    refusal = checked(found(name), components)
    assert refusal is not None
    assert refusal.code == code
    assert words in refusal.details


@pytest.mark.parametrize(("season", "fits"), [("B" * 43, True), ("B" * 44, False)])
def test_the_limit_counts_the_filled_text_to_the_character(season: str, fits: bool) -> None:
    whole = f"{season} indirimi başladı"
    assert (len(whole) <= 60) == fits
    assert (checked(found("spring_offer"), named(season=season)) is None) == fits


def test_four_spaces_are_still_allowed() -> None:
    assert checked(found("spring_offer"), named(name="Ayşe    Kaya")) is None


def test_a_body_is_rendered_as_its_reader_sees_it() -> None:
    parts = parts_of(named())
    assert isinstance(parts, Parts)
    assert rendered_body(found("spring_offer").plan, parts).startswith("Merhaba Ayşe, Moda mağazasında")
    positional = parts_of([body(text("Ayşe"), text("1042"), text("3 Mart"))])
    assert isinstance(positional, Parts)
    assert "1042 numaralı siparişiniz" in rendered_body(found("order_ready").plan, positional)


# -- rarer components

COUPON = custom(
    [
        {"type": "BODY", "text": "Kuponunuz hazır."},
        {"type": "BUTTONS", "buttons": [{"type": "COPY_CODE", "text": "Copy"}]},
    ]
)


@pytest.mark.parametrize(("code", "refusal"), [("BAHAR20", None), ("", 131008), ("x" * 16, 131009)])
def test_a_coupon_code_is_required_and_short(code: str, refusal: int | None) -> None:
    result = checked(COUPON, [button("copy_code", 0, {"type": "coupon_code", "coupon_code": code})])
    assert (result.code if result else None) == refusal


def test_a_coupon_button_must_be_filled() -> None:
    result = checked(COUPON, [])
    assert result is not None
    assert result.code == 131008


OFFER = custom(
    [
        {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Son gün", "has_expiration": True}},
        {"type": "BODY", "text": "{{1}} için son gün bugün."},
    ]
)


@pytest.mark.parametrize(
    ("expires", "refusal"),
    [({"expiration_time_ms": 1772000000000}, None), ({}, 131008), (None, 131008)],
)
def test_a_limited_time_offer_needs_its_end(expires: dict[str, int] | None, refusal: int | None) -> None:
    components: list[Any] = [body(text("Ayşe"))]
    if expires is not None:
        given = {"type": "limited_time_offer", "limited_time_offer": expires}
        components.append({"type": "limited_time_offer", "parameters": [given]})
    result = checked(OFFER, components)
    assert (result.code if result else None) == refusal


def test_an_offers_body_is_shorter_than_others() -> None:
    end = {"type": "limited_time_offer", "limited_time_offer": {"expiration_time_ms": 1}}
    components = [body(text("A" * 600)), {"type": "limited_time_offer", "parameters": [end]}]
    result = checked(OFFER, components)
    assert result is not None
    assert result.code == 132005


CARD = {
    "components": [
        {"type": "HEADER", "format": "IMAGE"},
        {"type": "BODY", "text": "Ürün {{1}} burada."},
        {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Gör", "url": "https://shop.example/{{1}}"}]},
    ]
}
CAROUSEL = custom([{"type": "BODY", "text": "Yeni ürünler"}, {"type": "CAROUSEL", "cards": [CARD, CARD]}])


def card(index: int, *components: Any) -> dict[str, Any]:
    return {"card_index": index, "components": list(components)}


def filled_card(index: int) -> dict[str, Any]:
    return card(index, header(IMAGE), body(text("7")), button("url", 0, text("p7")))


def test_a_carousel_needs_every_card_filled() -> None:
    assert checked(CAROUSEL, [{"type": "carousel", "cards": [filled_card(0), filled_card(1)]}]) is None
    one = checked(CAROUSEL, [{"type": "carousel", "cards": [filled_card(0)]}])
    assert one is not None
    assert (one.code, "1 cards were sent" in one.details) == (132012, True)


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (card(1, body(text("7")), button("url", 0, text("p7"))), 132012),
        (card(1, header(IMAGE), button("url", 0, text("p7"))), 132000),
        (card(1, header(IMAGE), body(text("7"))), 131008),
        (card(1, header(IMAGE), body(text("x" * 200)), button("url", 0, text("p7"))), 132005),
        ({"card_index": 1, "components": ["oops"]}, 131009),
    ],
)
def test_a_broken_card_is_named(broken: dict[str, Any], code: int) -> None:
    result = checked(CAROUSEL, [{"type": "carousel", "cards": [filled_card(0), broken]}])
    assert result is not None
    assert result.code == code


@pytest.mark.parametrize("indexes", [(0, 0), (1, 2), (0, "1")])
def test_every_card_has_its_own_index(indexes: tuple[Any, Any]) -> None:
    cards = [{**filled_card(0), "card_index": index} for index in indexes]
    result = checked(CAROUSEL, [{"type": "carousel", "cards": cards}])
    assert result is not None
    assert (result.code, "card_index" in result.details) == (132012, True)


def test_cards_may_come_in_any_order() -> None:
    assert checked(CAROUSEL, [{"type": "carousel", "cards": [filled_card(1), filled_card(0)]}]) is None


def test_an_offer_without_an_end_takes_none() -> None:
    endless = custom([{"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Yeni", "has_expiration": False}},
                      {"type": "BODY", "text": "Yeni ürünler geldi."}])  # fmt: skip
    end = {"type": "limited_time_offer", "limited_time_offer": {"expiration_time_ms": 1}}
    assert checked(endless, []) is None
    result = checked(endless, [{"type": "limited_time_offer", "parameters": [end]}])
    assert result is not None
    assert result.code == 132018


def shelf(sections: int, products: int) -> dict[str, Any]:
    items = [{"product_retailer_id": str(number)} for number in range(products)]
    shelves = [{"title": str(number), "product_items": items} for number in range(sections)]
    return {"type": "action", "action": {"thumbnail_product_retailer_id": "7", "sections": shelves}}


@pytest.mark.parametrize(
    ("kind", "parameter", "refusal"),
    [
        ("MPM", shelf(10, 3), None),
        ("MPM", shelf(11, 1), 131009),
        ("MPM", shelf(2, 16), 131009),
        ("MPM", shelf(1, 0), 131009),
        ("MPM", shelf(0, 0), 131008),
        ("MPM", {"type": "text", "text": "x"}, 132012),
        ("CATALOG", {"type": "text", "text": "x"}, 132012),
        ("FLOW", {"type": "payload", "payload": "x"}, 132012),
        ("QUICK_REPLY", {"type": "text", "text": "x"}, 132012),
        ("QUICK_REPLY", {"type": "payload", "payload": "x"}, None),
    ],
)
def test_a_button_takes_a_parameter_of_its_own_kind(kind: str, parameter: dict[str, Any], refusal: int | None) -> None:
    shop = custom([{"type": "BODY", "text": "Yeni ürünler"}, {"type": "BUTTONS", "buttons": [{"type": kind}]}])
    result = checked(shop, [button(kind.lower(), 0, parameter)])
    assert (result.code if result else None) == refusal


@pytest.mark.parametrize(
    ("product", "refusal"),
    [({"catalog_id": "9", "product_retailer_id": "7"}, None), ({"catalog_id": "9"}, 131008), (None, 132012)],
)
def test_a_product_header_names_its_product(product: dict[str, str] | None, refusal: int | None) -> None:
    shop = custom([{"type": "HEADER", "format": "PRODUCT"}, {"type": "BODY", "text": "Yeni ürün"}])
    result = checked(shop, [header({"type": "product", "product": product})] if product else [])
    assert (result.code if result else None) == refusal


@pytest.mark.parametrize(
    ("place", "refusal"),
    [
        ({"latitude": "41.0", "longitude": "29.0", "name": "Moda", "address": "Kadıköy"}, None),
        ({"latitude": 1}, 131008),
    ],
)
def test_a_location_header_needs_its_coordinates(place: dict[str, Any], refusal: int | None) -> None:
    located = custom([{"type": "HEADER", "format": "LOCATION"}, {"type": "BODY", "text": "Mağazamız burada."}])
    result = checked(located, [header({"type": "location", "location": place})])
    assert (result.code if result else None) == refusal


def test_every_shipped_template_has_both_languages_and_samples() -> None:
    by_name: dict[str, set[str]] = {}
    for shipped in BOOK:
        by_name.setdefault(shipped.name, set()).add(shipped.language)
    assert set(by_name) == {"confirm_optin", "spring_offer", "order_ready", "new_season", "weekend_coupon"}
    assert set(map(frozenset, by_name.values())) == {frozenset({"tr", "en"})}
