"""Why a template is not filled: every reason, at once and in words."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.core.template import (
    Filled,
    FillReason,
    Location,
    Media,
    Section,
    Sections,
    Template,
    Value,
    fill,
)
from tests.core.filling_given import problems, reasons, with_buttons, with_header
from tests.core.templates import SPRING, SPRING_VALUES, filled, template, text_template


@pytest.mark.parametrize("value", [None, "", "  ", "\n"])
def test_an_empty_hole_never_leaves(value: str | None) -> None:
    values = dict(SPRING_VALUES)
    values.pop("store")
    if value is not None:
        values["store"] = value

    assert reasons(template(SPRING), values) == [("store", FillReason.MISSING)]


@pytest.mark.parametrize("value", ["a\nb", "a\tb", "a\rb", "a    b", "a\u2028b"])
def test_spacing_that_meta_refuses_is_refused_here(value: str) -> None:
    assert reasons(template(SPRING), {**SPRING_VALUES, "store": value}) == [("store", FillReason.BAD_SPACING)]


def test_three_spaces_and_outer_blanks_are_harmless() -> None:
    done = filled(template(SPRING), {**SPRING_VALUES, "store": "  Kadıköy   Moda "})

    assert "Kadıköy   Moda mağazasında" in done.body


@pytest.mark.parametrize("value", ["{{first_name}}", "Dear {{ name }}!"])
def test_a_merge_field_that_somebody_forgot_is_caught(value: str) -> None:
    assert reasons(template(SPRING), {**SPRING_VALUES, "first_name": value}) == [("first_name", FillReason.UNFILLED)]


@pytest.mark.parametrize(
    "value", ["ayse@example.com", "ayse%40example.com", "r?p=+905550001122", "p=%2B905550001122", "a b", "ğ", "a\nb"]
)
def test_no_persons_data_ends_a_link(value: str) -> None:
    assert reasons(template(SPRING), {**SPRING_VALUES, "button.0": value}) == [("button.0", FillReason.NOT_FOR_A_URL)]


@pytest.mark.parametrize(
    ("made", "value"),
    [
        (with_header(format="IMAGE"), "http://cdn.example/a.jpg"),
        (with_header(format="IMAGE"), "picture.jpg"),
        (with_header(format="IMAGE"), 17),
        (with_header(format="LOCATION"), "Kadıköy"),
        (with_header(format="LOCATION"), Location(91, 0, "a", "b")),
        (with_header(format="LOCATION"), Location(1, 1, "", "b")),
        (with_header(format="PRODUCT"), "sku"),
    ],
)
def test_a_header_takes_only_its_own_kind(made: Template, value: Value) -> None:
    assert reasons(made, {"header": value}) == [("header", FillReason.WRONG_KIND)]


@pytest.mark.parametrize(
    ("button", "value", "reason"),
    [
        ({"type": "COPY_CODE", "example": "A"}, "TWENTYFIVEOFF!", FillReason.WRONG_KIND),
        ({"type": "COPY_CODE", "example": "A"}, "A" * 16, FillReason.TOO_LONG),
        ({"type": "QUICK_REPLY", "text": "Yes"}, "p" * 257, FillReason.TOO_LONG),
        ({"type": "QUICK_REPLY", "text": "Yes"}, Media(id="1"), FillReason.WRONG_KIND),
        ({"type": "MPM", "text": "View"}, Sections("t", ()), FillReason.WRONG_KIND),
        (
            {"type": "MPM", "text": "View"},
            Sections("t", (Section("x" * 25, ("a",)),)),
            FillReason.WRONG_KIND,
        ),
        (
            {"type": "MPM", "text": "View"},
            Sections("t", (Section("x", tuple("abcdefghijklmnopqrstuvwxyz12345")),)),
            FillReason.WRONG_KIND,
        ),
        ({"type": "FLOW", "text": "Book", "flow_id": "1"}, Media(id="1"), FillReason.WRONG_KIND),
    ],
)
def test_a_button_takes_only_its_own_kind(button: dict[str, Any], value: Value, reason: FillReason) -> None:
    assert reasons(with_buttons(button), {"button.0": value}) == [("button.0", reason)]


@pytest.mark.parametrize(("most", "offer"), [(1024, False), (600, True)])
def test_the_body_is_measured_after_filling(most: int, offer: bool) -> None:
    strip = {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Ends", "has_expiration": False}}
    made = text_template("Ab {{1}} cd", components=[strip] if offer else [])
    fits = "x" * (most - 6)

    assert len(filled(made, {"1": fits}).body) == most
    [problem] = problems(made, {"1": fits + "y"})
    assert (problem.reason, problem.length, problem.most) == (FillReason.TOO_LONG, most + 1, most)


def test_header_and_link_are_measured_after_filling_too() -> None:
    values: dict[str, Value] = {**SPRING_VALUES, "season": "x" * 60, "button.0": "y" * 2000}

    assert reasons(template(SPRING), values) == [("header", FillReason.TOO_LONG), ("button.0", FillReason.TOO_LONG)]


def test_emoji_count_as_two_so_that_meta_never_counts_more_than_we_do() -> None:
    made = text_template("Ab {{1}} cd")

    assert reasons(made, {"1": "🎉" * 510}) == [("body", FillReason.TOO_LONG)]
    assert isinstance(fill(made, {"1": "🎉" * 509}), Filled)


def test_every_problem_comes_at_once_and_in_words() -> None:
    found = problems(template(SPRING), {"season": "a\tb", "button.0": "a b"})

    assert [problem.key for problem in found] == ["season", "first_name", "store", "button.0"]
    assert found[1].sentence("en") == "Body: “first_name” has no value; give it one, or a fallback."
    assert found[1].sentence("tr") == "Gövde: “first_name” değeri yok; bir değer ya da yedek (fallback) verin."
    assert "Button 1" in found[3].sentence()


def test_a_template_with_an_unknown_part_is_never_filled() -> None:
    made = text_template("Hello there.", components=[{"type": "HOLOGRAM"}])

    assert reasons(made, {}) == [("HOLOGRAM", FillReason.UNSUPPORTED)]
