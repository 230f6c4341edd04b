"""Where lines break, and what a font says of its letters."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.actions.draw_message import faces
from gateway.core.template.line_breaks import broken, width
from gateway.core.template.marks import PLAIN, Mark, Marks, Span
from gateway.core.template.typeface import EMOJI_EMS, read_typeface

BOLD: Marks = frozenset({Mark.BOLD})


def one_each(letter: str, marks: Marks) -> float:
    return 0 if letter == "\u0301" else 2 if Mark.BOLD in marks else 1


def lines(text: str, room: float) -> list[str]:
    return ["".join(span.text for span in line) for line in broken([Span(text)], one_each, room)]


@pytest.mark.parametrize(
    ("text", "room", "read"),
    [
        ("", 5, [""]),
        ("bir iki", 7, ["bir iki"]),
        ("bir iki üç", 7, ["bir iki", "üç"]),
        ("bir   iki", 4, ["bir", "iki"]),
        ("abcdefgh ij", 3, ["abc", "def", "gh", "ij"]),
        ("ab abcdef", 4, ["ab", "abcd", "ef"]),
        ("e\u0301e\u0301e\u0301", 2, ["e\u0301e\u0301", "e\u0301"]),
        ("a", 0.5, ["a"]),
    ],
)
def test_lines_break_between_words_and_inside_long_ones(text: str, room: float, read: list[str]) -> None:
    assert lines(text, room) == read


def test_marks_stay_with_their_letters() -> None:
    assert broken([Span("ab "), Span("cd ef", BOLD)], one_each, 7) == [
        [Span("ab "), Span("cd", BOLD)],
        [Span("ef", BOLD)],
    ]


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.text("abc \u0301", min_size=1, max_size=12), st.sampled_from([PLAIN, BOLD])), max_size=5),
    st.integers(2, 9),
)
def test_nothing_is_lost_and_no_line_is_too_wide(parts: list[tuple[str, Marks]], room: int) -> None:
    spans = [Span(text, marks) for text, marks in parts]
    made = broken(spans, one_each, room)
    assert all(width(line, one_each) <= room for line in made)
    whole = "".join(span.text for span in spans)
    drawn = "".join(span.text for line in made for span in line)
    assert "".join(drawn.split()) == "".join(whole.split())


def test_the_fonts_cover_the_scripts_that_we_write_in() -> None:
    for text in ("Şıkır ığüöç İZİN", "Привет", "مرحبا سارة", "שלום", "äßéñõ", "“…” — 20% ₺€"):
        assert faces().lacks(text) == [], text
    assert faces().lacks("Bahar 🎉 geldi 🎉 日") == ["🎉", "日"]


def test_widths_are_the_fonts_own() -> None:
    text, mono = faces().text[0][1], faces().mono
    assert text.em("i") < text.em("a") < text.em("W")
    assert mono.em("i") == mono.em("W")
    assert text.em("\u0301") == text.em("\u200f") == 0
    assert text.em("🎉") == EMOJI_EMS


@settings(max_examples=40)
@given(st.binary(max_size=80))
def test_what_is_no_font_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(ValueError, match="font"):
        read_typeface(content)
