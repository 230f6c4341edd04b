"""The bubble as a drawing."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.actions.draw_message import faces
from gateway.core.template import Media, Value, placeholders, preview_svg, stand_ins
from tests.core.templates import SPRING, SPRING_VALUES, filled, sample_templates, template

SVG = "{http://www.w3.org/2000/svg}"


def drawing(item: dict[str, Any], values: dict[str, Value], time: str = "14:05") -> ElementTree.Element:
    made = template(item)
    return ElementTree.fromstring(preview_svg(made, filled(made, values), faces(), time=time))


def said(page: ElementTree.Element) -> list[str]:
    return ["".join(line.itertext()).strip("\u202b\u202c") for line in page.iter(f"{SVG}text")]


def body(text: str, language: str = "en", *more: dict[str, Any]) -> dict[str, Any]:
    components = [{"type": "BODY", "text": text}, *more]
    return {"name": "note", "language": language, "category": "UTILITY", "components": components}


def test_the_spring_offer_line_by_line() -> None:
    assert said(drawing(SPRING, SPRING_VALUES)) == [
        "Bahar indirimi başladı",
        "Merhaba Ayşe, Kadıköy mağazasında bu",
        "hafta sonuna kadar yüzde yirmi indirim",
        "var.",
        "Mesaj almak istemiyorsanız DUR yazın.",
        "14:05",
        "Fırsatları gör",
        "Mesajları durdur",
    ]


def test_marks_become_styles_and_their_signs_go() -> None:
    page = drawing(body("*bold* _slanted_ ~gone~ ```code``` and 2*3*4"), {})
    styles = [(one.text, {k: v for k, v in one.attrib.items() if k != "fill"}) for one in page.iter(f"{SVG}tspan")]
    assert styles == [
        ("bold", {"font-weight": "700"}),
        ("slanted", {"font-style": "italic"}),
        ("gone", {"text-decoration": "line-through"}),
        ("code", {"font-family": "Roboto Mono"}),
    ]
    assert "*bold*" not in "".join(said(page))


def test_arabic_ends_at_the_right_edge_and_english_begins_at_the_left() -> None:
    page = drawing(body("مرحبا {{1}}، لدينا عرض\nHello there", "ar"), {"1": "Ayşe"})
    arabic, english, _ = page.iter(f"{SVG}text")
    assert (arabic.get("text-anchor"), english.get("text-anchor")) == ("end", "start")
    assert (float(arabic.get("x", "0")), float(english.get("x", "0"))) == (302, 22)
    inside = "".join(arabic.itertext())
    assert inside.startswith("\u202b")
    assert inside.endswith("\u202c")


def test_a_drawing_is_in_the_family_that_has_its_letters() -> None:
    families = [drawing(body(text), {}).get("font-family") for text in ("Bahar ₺", "مرحبا", "שלום", "Bahar 🎉")]
    assert families == ["Roboto", "Rubik", "Rubik", "Roboto"]


def test_empty_lines_take_their_place() -> None:
    close, apart = (drawing(body(text), {}) for text in ("one\ntwo", "one\n\ntwo"))
    assert float(apart.get("height", "0")) - float(close.get("height", "0")) == 20


def test_the_time_stands_beside_a_short_last_line_and_below_a_long_one() -> None:
    short, long = (drawing(body(text), {}) for text in ("Hi.", "Your order is ready to be collected now"))
    heights = [float(page.get("height", "0")) for page in (short, long)]
    assert heights[1] - heights[0] == 14


def test_more_than_three_buttons_fold() -> None:
    buttons = [{"type": "QUICK_REPLY", "text": f"Choice {number}"} for number in range(5)]
    page = drawing(body("Choose one of these.", "en", {"type": "BUTTONS", "buttons": buttons}), {})
    assert said(page)[-3:] == ["Choice 0", "Choice 1", "See all options"]


def test_cards_stand_side_by_side_and_are_equally_deep() -> None:
    def card(text: str) -> dict[str, Any]:
        header = {"type": "HEADER", "format": "IMAGE"}
        return {"components": [header, {"type": "BODY", "text": text}]}

    cards = [card("Short."), card("A much longer text that takes several lines on its card."), card("Short.")]
    values: dict[str, Value] = {f"card.{index}.header": Media(id="1") for index in range(3)}
    page = drawing(body("Look at these.", "en", {"type": "CAROUSEL", "cards": cards}), values)
    papers = [one for one in page.iter(f"{SVG}rect") if one.get("fill") == "#ffffff"]
    assert [one.get("x") for one in papers] == ["12", "12", "258", "504"]
    assert len({one.get("height") for one in papers[1:]}) == 1
    assert page.get("width") == "756"


def test_every_sample_template_can_be_drawn_without_asking_anybody() -> None:
    for item in sample_templates():
        made = template(item)
        values = {hole.key: "value" for hole in placeholders(made)} | stand_ins(made)
        drawn = preview_svg(made, filled(made, values), faces(), time="14:05")
        page = ElementTree.fromstring(drawn)
        assert said(page), made.name
        assert not re.search("(?i)href|<image|<style|url\\(", drawn), made.name


@settings(max_examples=50)
@given(st.text("<>&\"'/ab*_~` \u0001\u202b", min_size=1, max_size=40).filter(lambda text: bool(text.strip())))
def test_a_persons_name_never_becomes_markup(name: str) -> None:
    plain = {one.tag for one in drawing(body("Hello {{1}}, all is well."), {"1": "x"}).iter()}
    name = re.sub(" {4,}", " ", name)
    shown = drawing(body("Hello {{1}}, all is well."), {"1": name})
    assert {one.tag for one in shown.iter()} <= plain | {f"{SVG}tspan"}


@pytest.mark.parametrize("time", ["14:05", "<b>"])
def test_the_time_is_text(time: str) -> None:
    assert time in said(drawing(body("Hi."), {}, time))
