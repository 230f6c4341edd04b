"""WhatsApp's own marks, read once for every preview."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.template.marks import Mark, Span, spans

B, I, S, M = (frozenset({mark}) for mark in (Mark.BOLD, Mark.ITALIC, Mark.STRUCK, Mark.MONO))  # noqa: E741


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", []),
        ("plain", [Span("plain")]),
        ("*bold*", [Span("bold", B)]),
        ("_slanted_, ~gone~", [Span("slanted", I), Span(", "), Span("gone", S)]),
        ("a ```x *y*``` b", [Span("a "), Span("x *y*", M), Span(" b")]),
        ("*a _b_ c*", [Span("a ", B), Span("b", B | I), Span(" c", B)]),
        ("2*3*4 and snake_case_name", [Span("2*3*4 and snake_case_name")]),
        ("* not bold *", [Span("* not bold *")]),
        ("*over\na line*", [Span("*over\na line*")]),
        ("```over\na line```", [Span("over\na line", M)]),
        ("*unfinished", [Span("*unfinished")]),
        ("*bir* ve *iki*", [Span("bir", B), Span(" ve "), Span("iki", B)]),
    ],
)
def test_marks_are_read_as_a_phone_draws_them(text: str, read: list[Span]) -> None:
    assert spans(text) == read


@settings(max_examples=60)
@given(st.text("ab *_~`\n", max_size=30))
def test_only_signs_are_ever_lost(text: str) -> None:
    said = "".join(span.text for span in spans(text))
    for sign in "*_~`":
        text, said = text.replace(sign, ""), said.replace(sign, "")
    assert said == text


@settings(max_examples=60)
@given(st.text(max_size=30).filter(lambda text: not set(text) & set("*_~`")))
def test_a_text_without_signs_stays_as_it_is(text: str) -> None:
    assert spans(text) == ([Span(text)] if text else [])
