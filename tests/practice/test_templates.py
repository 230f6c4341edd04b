from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.practice.templates import filled, plan_of, variables


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("Merhaba", ()),
        ("Merhaba {{1}}", ("1",)),
        ("{{2}} ve {{1}} ve {{2}}", ("1", "2")),
        ("{{10}} {{9}}", ("9", "10")),
        ("{{first_name}} {{ store }} {{first_name}}", ("first_name", "store")),
        ("{1} {{}} {{a b}}", ()),
    ],
)
def test_variables_are_found_once_each_and_in_order(words: str, names: tuple[str, ...]) -> None:
    assert variables(words) == names


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), st.text("abcş ğ", max_size=9), min_size=1))
def test_filling_leaves_no_variable_that_has_a_value(values: dict[str, str]) -> None:
    words = " ve ".join(f"{{{{{name}}}}}" for name in values)
    assert filled(words, values) == " ve ".join(values.values())


def test_a_variable_without_a_value_stays() -> None:
    assert filled("{{1}} ve {{2}}", {"1": "a"}) == "a ve {{2}}"


def test_a_value_is_never_read_as_a_variable() -> None:
    assert filled("{{1}} {{2}}", {"1": "{{2}}", "2": "x"}) == "{{2}} x"


def components(**changes: Any) -> list[dict[str, Any]]:
    parts: dict[str, Any] = {
        "header": {"type": "header", "format": "text", "text": "{{season}}"},
        "body": {"type": "BODY", "text": "{{name}} {{store}}"},
        "buttons": {
            "type": "BUTTONS",
            "buttons": [
                {"type": "URL", "text": "Gör", "url": "https://shop.example/r/{{1}}"},
                {"type": "url", "text": "Site", "url": "https://shop.example"},
                {"type": "quick_reply", "text": "Dur"},
                {"type": "QUICK_REPLY", "text": "Hayır"},
            ],
        },
    }
    return [part for part in (parts | changes).values() if part]


def test_a_plan_says_what_must_be_filled() -> None:
    plan = plan_of(components(), named=True)
    assert (plan.header, plan.header_names, plan.body_names) == ("TEXT", ("season",), ("name", "store"))
    assert [each.kind for each in plan.buttons] == ["URL", "URL", "QUICK_REPLY", "QUICK_REPLY"]
    assert [each.variable for each in plan.buttons] == [True, False, False, False]
    assert plan.quick_replies == [2, 3]
    assert not plan.limited_time
    assert plan.cards == ()


def test_a_bare_template_asks_for_nothing() -> None:
    plan = plan_of([{"type": "BODY", "text": "Merhaba"}], named=False)
    assert (plan.header, plan.header_names, plan.body_names, plan.buttons, plan.quick_replies) == ("", (), (), (), [])


def test_an_authentication_template_asks_for_its_code_twice() -> None:
    parts: list[dict[str, Any]] = [
        {"type": "BODY"},
        {"type": "BUTTONS", "buttons": [{"type": "OTP", "text": "Kopyala"}]},
    ]
    plan = plan_of(parts, named=False, category="AUTHENTICATION")
    assert plan.body_names == ("1",)
    assert [(each.kind, each.variable) for each in plan.buttons] == [("URL", True)]


def test_cards_have_plans_of_their_own() -> None:
    card = {"components": components(header={"type": "HEADER", "format": "VIDEO"})}
    parts: list[dict[str, Any]] = [{"type": "BODY", "text": "x"}, {"type": "CAROUSEL", "cards": [card, card]}]
    plan = plan_of(parts, named=True)
    assert [each.header for each in plan.cards] == ["VIDEO", "VIDEO"]
    assert plan.cards[0].body_names == ("name", "store")
