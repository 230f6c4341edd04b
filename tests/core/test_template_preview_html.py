"""The bubble as a page."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.template import Value, placeholders, preview_html
from tests.core.templates import SPRING, SPRING_VALUES, VALUES_BY_KIND, filled, sample_templates, template

CARRIES_NOTHING = {"product", "sections", "thumbnail"}


class Page(HTMLParser):
    """The tags, and the text outside the style sheet."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.said: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1] != "style":
            self.said.append(data)

    @property
    def text(self) -> str:
        return "".join(self.said)


def page(item: dict[str, Any], values: dict[str, Value]) -> Page:
    made = template(item)
    return Page(preview_html(made, filled(made, values)))


def body(text: str, language: str = "en") -> dict[str, Any]:
    components = [{"type": "BODY", "text": text}]
    return {"name": "note", "language": language, "category": "UTILITY", "components": components}


def test_the_spring_offer_says_what_the_phone_shows() -> None:
    shown = page(SPRING, SPRING_VALUES)
    for text in ("Bahar indirimi başladı", "Merhaba Ayşe, Kadıköy", "DUR yazın.", "↗ Fırsatları gör", "durdur"):
        assert text in shown.text
    assert ("title", "https://shop.example/r/k3JdQ9") in shown.attributes


def test_arabic_stands_at_the_right_and_turkish_at_the_left() -> None:
    assert ("dir", "rtl") in page(body("مرحبا {{1}}، لدينا عرض", "ar"), {"1": "Ayşe"}).attributes
    assert ("dir", "ltr") in page(body("Merhaba {{1}}, teklif var", "tr"), {"1": "Ayşe"}).attributes


def test_whatsapps_marks_are_drawn() -> None:
    shown = page(body("*bold* _slanted_ ~gone~ ```code``` but 2*3*4 and snake_case_name stay"), {})
    assert [tag for tag in shown.tags if tag in ("b", "i", "s", "code")] == ["b", "i", "s", "code"]
    assert "2*3*4 and snake_case_name stay" in shown.text


@given(st.text("<>&\"'/ab*_~` ", min_size=1, max_size=40).filter(lambda text: bool(text.strip())))
def test_a_persons_name_never_becomes_markup(name: str) -> None:
    plain = page(body("Hello {{1}}, all is well."), {"1": "x"}).tags
    if "    " in name:
        name = name.replace("    ", " ")
    shown = page(body("Hello {{1}}, all is well."), {"1": name})
    assert [tag for tag in shown.tags if tag not in ("b", "i", "s", "code")] == plain


def test_nothing_is_fetched_from_elsewhere() -> None:
    for item in sample_templates():
        made = template(item)
        holes = [hole for hole in placeholders(made) if hole.required]
        if CARRIES_NOTHING & {hole.kind.value for hole in holes}:
            continue
        shown = page(item, {hole.key: VALUES_BY_KIND[hole.kind.value] for hole in holes})
        assert not {"script", "img", "link", "iframe", "video"} & set(shown.tags)
        assert not {"src", "href", "onclick"} & {name for name, _ in shown.attributes}


def test_a_carousel_shows_every_card() -> None:
    carousels = [item for item in sample_templates() if any(c["type"] == "CAROUSEL" for c in item["components"])]
    assert carousels
    for item in carousels:
        made = template(item)
        holes = [hole for hole in placeholders(made) if hole.required]
        if CARRIES_NOTHING & {hole.kind.value for hole in holes}:
            continue
        shown = page(item, {hole.key: VALUES_BY_KIND[hole.kind.value] for hole in holes})
        assert shown.attributes.count(("class", "bubble")) == 1 + len(made.cards)


@pytest.mark.parametrize(("count", "rows"), [(3, 3), (4, 3)])
def test_more_than_three_buttons_fold(count: int, rows: int) -> None:
    buttons = [{"type": "QUICK_REPLY", "text": f"Choice {n}"} for n in range(count)]
    item = body("Which?")
    item["components"].append({"type": "BUTTONS", "buttons": buttons})
    shown = page(item, {})
    assert shown.attributes.count(("class", "button")) == rows
    assert ("See all options" in shown.text) == (count > 3)
