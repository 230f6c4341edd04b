"""The bubble in the terminal."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.core.template import Value, preview_text
from gateway.core.template.preview import is_right_to_left, width
from tests.core.templates import SPRING, SPRING_VALUES, filled, template, text_template


def lines(item: dict[str, Any], values: dict[str, Value], columns: int = 36) -> list[str]:
    made = template(item)
    return preview_text(made, filled(made, values), columns=columns).splitlines()


def test_the_spring_offer_on_a_phone() -> None:
    assert lines(SPRING, SPRING_VALUES) == [
        "╭──────────────────────────────────────╮",
        "│ *Bahar indirimi başladı*             │",
        "│ Merhaba Ayşe, Kadıköy mağazasında bu │",
        "│ hafta sonuna kadar yüzde yirmi       │",
        "│ indirim var.                         │",
        "│                                      │",
        "│ Mesaj almak istemiyorsanız DUR       │",
        "│ yazın.                               │",
        "├──────────────────────────────────────┤",
        "│ ↗ Fırsatları gör                     │",
        "├──────────────────────────────────────┤",
        "│ ↩ Mesajları durdur                   │",
        "╰──────────────────────────────────────╯",
    ]


def body(text: str, **more: Any) -> dict[str, Any]:
    components = [{"type": "BODY", "text": text}, *more.pop("components", ())]
    return {"name": "note", "language": "en", "category": "UTILITY", "components": components, **more}


@pytest.mark.parametrize(
    "text", ["日本語のとても長い文章です。", "🎉🎉🎉🎉🎉🎉🎉🎉 party", "a" * 50, "e\u0301" * 30, "مرحبا بكم في متجرنا"]
)
def test_every_line_is_as_wide_as_the_bubble(text: str) -> None:
    drawn = lines(body(text), {}, columns=12)

    assert {width(line) for line in drawn} == {16}


def test_right_to_left_stands_on_the_right() -> None:
    [_, arabic, english, _] = lines(body("مرحبا\nHello"), {}, columns=10)

    assert arabic == "│      مرحبا │"
    assert english == "│ Hello      │"
    assert is_right_to_left("123 שלום")
    assert not is_right_to_left("123")


def test_more_than_three_buttons_fold() -> None:
    replies = [{"type": "QUICK_REPLY", "text": text} for text in "abcd"]
    drawn = lines(body("Choose.", components=[{"type": "BUTTONS", "buttons": replies}]), {}, columns=20)

    assert [line.strip("│ ") for line in drawn if "↩" in line or "☰" in line] == ["↩ a", "↩ b", "☰ See all options"]


def test_media_offers_and_cards_are_shown() -> None:
    card = {
        "components": [
            {"type": "HEADER", "format": "IMAGE"},
            {"type": "BODY", "text": "Aloe"},
            {"type": "BUTTONS", "buttons": [{"type": "COPY_CODE", "example": "A"}]},
        ]
    }
    components = [
        {"type": "HEADER", "format": "DOCUMENT"},
        {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Ends soon", "has_expiration": False}},
        {"type": "CAROUSEL", "cards": [card, card]},
    ]
    values: dict[str, Value] = {"header": "1"}
    for index in (0, 1):
        values |= {f"card.{index}.header": "2", f"card.{index}.button.0": "CODE"}
    drawn = [line.strip("│ ") for line in lines(body("Plants!", components=components), values)]

    assert [line for line in drawn if line[0] not in "╭╰├"] == [
        "▤ document", "◷ Ends soon", "Plants!",
        "▣ image", "Aloe", "⧉ Copy offer code", "▣ image", "Aloe", "⧉ Copy offer code",
    ]  # fmt: skip


def test_empty_lines_stay() -> None:
    assert [line.strip("│ ") for line in lines(body("One\n\nTwo"), {})[1:-1]] == ["One", "", "Two"]


def test_a_code_is_shown_where_meta_puts_it() -> None:
    made = text_template(
        "*{{1}}* is your code.",
        category="AUTHENTICATION",
        components=[{"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE", "text": "Copy code"}]}],
    )

    assert "*K7Q2* is your code." in preview_text(made, filled(made, {"code": "K7Q2"}))
