"""What a look over a template finds: one small flaw at a time in a template without any."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.core.template import Finding, LintSettings, Severity, is_stop_label, lint, shows_a_way_to_stop, twins
from tests.core.templates import SPRING, sample_templates, template, text_template

HOUSE = LintSettings("Örnek Mağazacılık A.Ş.", "0123456789012345", ("Örnek",))
NAMED = [{**part, "text": "Örnek, MERSİS 0123456789012345. DUR yazın."} if part["type"] == "FOOTER" else part
         for part in SPRING["components"]]  # fmt: skip
CLEAN = {**SPRING, "components": NAMED}

Change = Callable[[dict[str, Any]], object]


def rules(item: dict[str, Any], settings: LintSettings = HOUSE) -> dict[str, Severity]:
    return {finding.rule: finding.severity for finding in lint(template(item), settings)}


def part(item: dict[str, Any], kind: str) -> dict[str, Any]:
    return next(one for one in item["components"] if one["type"] == kind)


def changed(change: Change) -> dict[str, Any]:
    item: dict[str, Any] = json.loads(json.dumps(CLEAN))
    change(item)
    return item


def with_body(text: str, **samples: str) -> Change:
    named = [{"param_name": key, "example": value} for key, value in samples.items()]

    def change(item: dict[str, Any]) -> None:
        part(item, "BODY").update(text=text, example={"body_text_named_params": named})

    return change


def with_buttons(*buttons: dict[str, Any]) -> Change:
    return lambda item: part(item, "BUTTONS").update(buttons=list(buttons))


def url(url: str = "https://shop.example/all", text: str = "See", **more: Any) -> dict[str, Any]:
    return {"type": "URL", "text": text, "url": url, **more}


def reply(text: str) -> dict[str, Any]:
    return {"type": "QUICK_REPLY", "text": text}


def with_header(**header: Any) -> Change:
    def change(item: dict[str, Any]) -> None:
        item["components"][0] = {"type": "HEADER", **header}

    return change


def without(kind: str) -> Change:
    def change(item: dict[str, Any]) -> None:
        item["components"] = [one for one in item["components"] if one["type"] != kind]

    return change


STOP = reply("Mesajları durdur")


def test_a_careful_template_has_nothing_to_mend() -> None:
    assert rules(CLEAN) == {}


REFUSED: list[tuple[str, Change]] = [
    ("name", lambda item: item.update(name="Spring-Offer")),
    ("language", lambda item: item.update(language="turkish")),
    ("ttl", lambda item: item.update(message_send_ttl_seconds=60)),
    ("ttl", lambda item: item.update(message_send_ttl_seconds=-1)),
    ("unknown", lambda item: item["components"].append({"type": "HOLOGRAM"})),
    ("too_long", with_header(format="TEXT", text="x" * 61)),
    ("too_long", with_body("x" * 1025)),
    ("too_long", lambda item: part(item, "FOOTER").update(text="DUR yazın, Örnek. " * 4)),
    ("header_holes", with_header(format="TEXT", text="{{a}} ve {{b}}")),
    ("header_plain", with_header(format="TEXT", text="*Bahar*")),
    ("header_plain", with_header(format="TEXT", text="Bahar 🌷")),
    ("sample", with_header(format="IMAGE")),
    ("sample", with_body("Merhaba {{first_name}}, kahve hazır.")),
    ("sample", with_buttons(url("https://shop.example/r/{{1}}"), STOP)),
    ("sample", with_buttons({"type": "COPY_CODE"}, STOP)),
    ("braces", with_body("Merhaba {first_name}, kahve hazır.")),
    ("braces", with_body("Merhaba {{ first_name }}, kahve hazır.")),
    ("hole_name", with_body("Merhaba {{FirstName}}, kahve hazır.", FirstName="A")),
    ("adjacent", with_body("Merhaba {{a}} {{b}}, kahve hazır.", a="1", b="2")),
    ("edge", with_body("{{a}} hanım, kahve mağazada hazır.", a="1")),
    ("edge", with_body("Kahve mağazada hazır, değerli {{a}}", a="1")),
    ("footer_static", lambda item: part(item, "FOOTER").update(text="{{a}} DUR yazın")),
    ("button_count", with_buttons(url(text="a"), url(text="b"), url(text="c"), STOP)),
    ("button_twice", with_buttons(reply("Evet"), reply("Evet"), STOP)),
    ("button_order", with_buttons(STOP, url(), reply("Evet"))),
    ("label", with_buttons(reply(" "), STOP)),
    ("label", with_buttons(reply("*Evet*"), STOP)),
    ("too_long", with_buttons(reply("x" * 26), STOP)),
    ("too_long", with_buttons(url("https://shop.example/" + "x" * 2000), STOP)),
    ("url", with_buttons(url("http://shop.example"), STOP)),
    ("url", with_buttons(url("shop.example"), STOP)),
    ("url_short", with_buttons(url("https://bit.ly/x"), STOP)),
    ("url_short", with_buttons(url("https://wa.me/905550001122"), STOP)),
    ("url_hole", with_buttons(url("https://shop.example/{{1}}/x", example=["a"]), STOP)),
    ("url_hole", with_buttons(url("https://shop.example/{{1}}{{2}}", example=["a"]), STOP)),
    ("url_personal", with_buttons(url("https://shop.example/?email={{1}}", example=["a"]), STOP)),
    ("phone", with_buttons({"type": "PHONE_NUMBER", "text": "Ara", "phone_number": "0850 CALL"}, STOP)),
    ("code_category", with_buttons({"type": "OTP", "otp_type": "COPY_CODE", "text": "Kopyala"})),
    ("marketing_api", with_header(format="GIF", example={"header_handle": ["4::a"]})),
    ("header_kind", lambda item: (with_header(format="LOCATION")(item), item.update(category="AUTHENTICATION"))),
]


@pytest.mark.parametrize(("rule", "change"), REFUSED)
def test_what_meta_refuses_is_an_error(rule: str, change: Change) -> None:
    assert rules(changed(change)).get(rule) is Severity.ERROR


COSTLY: list[tuple[str, Severity, Change]] = [
    ("crowded", Severity.WARNING, with_body("Al {{a}} ile {{b}} ve {{c}} hemen", a="1", b="2", c="3")),
    ("edge", Severity.WARNING, with_body("Kahve mağazada hazır, değerli {{a}}!", a="1")),
    ("spacing", Severity.WARNING, with_body("Kahve hazır.\n\n\nGelin.")),
    ("emoji", Severity.WARNING, with_body("Kahve hazır. " + "🌷" * 11)),
    ("button_desktop", Severity.WARNING, with_buttons(reply("a"), reply("b"), reply("c"), STOP)),
    ("one_action", Severity.WARNING, with_buttons(url(text="a"), url(text="b"), STOP)),
    ("one_action", Severity.WARNING, with_buttons(url(), reply("Evet"), reply("Hayır"))),
    ("no_action", Severity.NOTE, with_buttons(STOP)),
    ("too_long_filled", Severity.WARNING, with_body("x" * 1000 + " {{a}} kahve.", a="y" * 20)),
    ("marketing_api", Severity.WARNING, lambda item: item.update(message_send_ttl_seconds=43_200)),
    ("link_base", Severity.WARNING, with_buttons(url("https://other.example/{{1}}", example=["a"]), STOP)),
    ("sender", Severity.WARNING, lambda item: part(item, "FOOTER").update(text="DUR yazın.")),
    ("first_line", Severity.NOTE, lambda item: (without("HEADER")(item), with_body("uzun " * 20)(item))),
]


@pytest.mark.parametrize(("rule", "severity", "change"), COSTLY)
def test_what_costs_something_is_a_warning(rule: str, severity: Severity, change: Change) -> None:
    assert rules(changed(change), replace(HOUSE, public_url="https://shop.example")).get(rule) is severity


def numbered(text: str, samples: list[str]) -> dict[str, Any]:
    body = {"type": "BODY", "text": text, "example": {"body_text": [samples]}}
    return {"name": "order", "language": "en", "category": "UTILITY", "components": [body]}


def test_numbers_run_from_one_without_a_gap() -> None:
    assert rules(numbered("Your order {{1}} comes on {{2}} at noon.", ["a", "b"])) == {}
    assert "numbering" in rules(numbered("Your order {{2}} comes on {{3}} at noon.", ["a", "b", "c"]))
    assert "numbering" in rules({**numbered("Your {{1}} is {{name}} indeed.", ["a"]), "parameter_format": "POSITIONAL"})


# the law and the people


def test_marketing_must_show_how_to_stop() -> None:
    no_way = changed(lambda item: (with_buttons(url())(item), without("FOOTER")(item)))

    assert rules(no_way)["stop"] is Severity.ERROR
    assert "stop" not in rules(changed(without("FOOTER")))
    assert "stop" not in rules(changed(with_buttons(url())))
    assert "stop" not in rules({**no_way, "category": "UTILITY"})


@pytest.mark.parametrize(
    "label",
    ["Mesajları durdur", "MESAJLARI DURDUR", "Listeden çık", "LİSTEDEN ÇIK", "Ret", "İptal", "Stop promotions", "STOP",
     "Unsubscribe from All", "Opt out", "Parar promoções", "Abmelden", "Se désinscrire", "Отписаться", "إيقاف"],
)  # fmt: skip
def test_opt_out_buttons_are_known_by_their_labels(label: str) -> None:
    assert is_stop_label(label)


@pytest.mark.parametrize(
    "label", ["Fırsatları gör", "Durak bul", "Kırmızı", "Shop now", "Evet", "Nonstop çay", "Retro", "Ready"]
)
def test_other_buttons_are_not(label: str) -> None:
    assert not is_stop_label(label)


@pytest.mark.parametrize(
    ("body", "shows"),
    [
        ("Kahve hazır.\nMesaj almamak için RET yazın.", True),
        ("Coffee is ready. Reply STOP to stop.", True),
        ("Siparişiniz iptal edildi.", False),
        ("Bize yazın.\nİptal yok.", False),
    ],
)
def test_a_body_shows_a_way_only_when_it_says_what_to_do(body: str, shows: bool) -> None:
    assert shows_a_way_to_stop(text_template(body)) is shows


def test_turkish_marketing_needs_a_sender_in_law() -> None:
    nameless = changed(lambda item: part(item, "FOOTER").update(text="Mesaj almak istemiyorsanız DUR yazın."))

    assert rules(CLEAN, LintSettings())["sender"] is Severity.ERROR
    assert rules(CLEAN, LintSettings("Örnek Mağazacılık A.Ş."))["sender"] is Severity.ERROR
    assert rules(nameless)["sender"] is Severity.WARNING
    assert "sender" not in rules(nameless, LintSettings(turkish_law=False))
    assert "sender" not in rules({**nameless, "language": "de"})
    assert "sender" not in rules({**nameless, "category": "UTILITY"}, LintSettings())


@pytest.mark.parametrize(
    ("text", "promotes"),
    [
        ("Siparişiniz hazır, ayrıca YÜZDE YİRMİ İNDİRİM var.", True),
        ("Siparişiniz yolda. Kuponunuz da hazır.", True),
        ("Your order is ready, and there is a sale on.", True),
        ("Your order is 20% off its way.", True),
        ("Siparişiniz hazır, mağazamızdan alabilirsiniz.", False),
        ("Your order is ready for sailing.", False),
    ],
)
def test_promotion_in_a_utility_template_is_told(text: str, promotes: bool) -> None:
    assert ("promotional" in rules(numbered(text, []))) is promotes


def test_the_first_line_should_carry_the_benefit() -> None:
    def first_line(text: str) -> dict[str, Any]:
        item = changed(without("HEADER"))
        with_body(text, first_name="A")(item)
        return item

    greeting = "Merhaba {{first_name}},\nTüm ürünlerde yüzde yirmi indirim başladı."
    assert rules(first_line(greeting))["first_line"] is Severity.WARNING
    assert "first_line" not in rules(first_line("Yüzde yirmi indirim başladı, {{first_name}}!\nSizi bekleriz."))
    assert rules(first_line("uzun " * 20))["first_line"] is Severity.NOTE
    assert "first_line" not in rules(changed(with_body(greeting, first_name="A")))


def test_authentication_needs_its_button() -> None:
    assert rules({**numbered("Your code is {{1}} for today.", ["1"]), "category": "AUTHENTICATION"}) == {
        "code_button": Severity.ERROR
    }


# cards and offers


def carousel(*cards: list[dict[str, Any]]) -> dict[str, Any]:
    body = {"type": "BODY", "text": "Rare plants for sale this week!"}
    footer = {"type": "FOOTER", "text": "Reply STOP to opt out."}
    shown = {"type": "CAROUSEL", "cards": [{"components": card} for card in cards]}
    return {"name": "plants", "language": "en", "category": "MARKETING", "components": [body, shown, footer]}


IMAGE: dict[str, Any] = {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::an"]}}
SHOP: dict[str, Any] = {"type": "BUTTONS", "buttons": [url()]}


def test_cards_are_alike_and_two_to_ten() -> None:
    card = [IMAGE, {"type": "BODY", "text": "Aloe"}, SHOP]

    assert rules(carousel(card, card)) == {}
    assert "card_count" in rules(carousel(card))
    assert "card_count" in rules(carousel(*[card] * 11))
    assert "card_layout" in rules(carousel(card, [IMAGE, SHOP]))
    assert "card_header" in rules(carousel([SHOP], [SHOP]))
    assert "card_buttons" in rules(carousel([IMAGE], [IMAGE]))
    three = [IMAGE, {"type": "BUTTONS", "buttons": [url(text=text) for text in "abc"]}]
    assert "card_buttons" in rules(carousel(three, three))
    long = [IMAGE, {"type": "BODY", "text": "x" * 161}, SHOP]
    assert "too_long" in rules(carousel(long, long))


def test_an_offer_is_short_marketing_without_a_footer() -> None:
    def offer(text: str, category: str = "MARKETING", footer: str = "") -> dict[str, Severity]:
        strip = {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": text, "has_expiration": True}}
        components = [strip, {"type": "BODY", "text": "Trips are cheaper.\nReply STOP to opt out."}]
        components += [{"type": "FOOTER", "text": footer}] if footer else []
        return rules({"name": "trips", "language": "en", "category": category, "components": components})

    assert offer("Ends soon") == {"no_action": Severity.NOTE}
    assert "too_long" in offer("x" * 17)
    assert "too_long" in offer("")
    assert "offer_category" in offer("Ends soon", "UTILITY")
    assert "offer_footer" in offer("Ends soon", footer="By us")


# how it is said


ELSEWHERE = {"stop", "numbering", "promotional", "code_button", "offer_category", "offer_footer", "card_count",
             "card_layout", "card_header", "card_buttons", "twin"}  # fmt: skip
"""Rules whose flaw is no change of the one template; each has a test of its own above or below."""


def test_every_rule_has_a_case_and_every_finding_a_place_a_sentence_and_a_cure_in_both_languages() -> None:
    folder = Path(__file__).parents[2] / "gateway" / "core" / "template"
    source = "".join(file.read_text(encoding="utf-8") for file in folder.glob("lint*.py"))
    written = set(re.findall(r'\b(?:error|warning|note)\(\s*"(\w+)"', source)) | {"too_long"}
    assert {rule for rule, *_ in (*REFUSED, *COSTLY)} | ELSEWHERE == written
    for rule, *_, change in (*REFUSED, *COSTLY):
        item = changed(change)  # type: ignore[arg-type]  # the last of each case is its change
        for finding in lint(template(item), replace(HOUSE, public_url="https://shop.example")):
            for wording in (finding.sentence, finding.fix):
                assert len(wording.tr) > 5, rule
                assert len(wording.en) > 5, rule
                assert wording.tr != wording.en, rule
            assert finding.place.tr, rule
            assert finding.place.en, rule


def test_what_only_the_marketing_api_heeds_is_fine_where_it_is_used() -> None:
    lasting = changed(lambda item: item.update(message_send_ttl_seconds=43_200))
    assert rules(lasting, replace(HOUSE, marketing_api=True)) == {}
    assert "marketing_api" not in rules({**lasting, "category": "UTILITY"})


def test_twins_are_refused_beside_one_another() -> None:
    mine, renamed = template(CLEAN), template({**CLEAN, "name": "other_offer"})
    reworded = changed(with_body("Merhaba {{first_name}}, kahve hazır.", first_name="A"))
    other = template(reworded)
    assert twins([mine, template({**reworded, "language": "en"})]) == {}
    [(place, same)] = twins([mine, renamed]).items()
    assert (place, same.rule, same.sentence.en) == (
        1,
        "twin",
        "Body and footer are those of “spring_offer”; Meta refuses this.",
    )
    [(place, again)] = twins([mine, other]).items()
    assert (place, again.sentence.en) == (1, "Another file has the same name and language.")


def test_errors_come_first_and_each_finding_says_place_fault_and_cure() -> None:
    found = lint(template(changed(with_body("Al {a} {{b}} {{c}}"))), LintSettings())

    order = list(Severity)
    assert [order.index(one.severity) for one in found] == sorted(order.index(one.severity) for one in found)
    for finding in found:
        for wording in (finding.place, finding.sentence, finding.fix):
            assert wording.tr
            assert wording.en
            assert wording.tr != wording.en or wording is finding.place
    assert found[0].say("tr").startswith("hata, ")


def test_the_practice_templates_could_go_live() -> None:
    path = Path(__file__).parents[2] / "gateway" / "practice" / "templates.json"
    errors: list[Finding] = []
    for item in json.loads(path.read_text(encoding="utf-8")):
        errors += [one for one in lint(template(item), HOUSE) if one.severity is Severity.ERROR]

    assert [one.say() for one in errors] == []


def test_metas_own_examples_break_only_rules_that_they_predate() -> None:
    found = {finding.rule for item in sample_templates() for finding in lint(template(item), HOUSE)}

    assert found <= {"stop", "sample", "crowded", "url_hole", "one_action", "first_line", "button_desktop", "no_action"}
