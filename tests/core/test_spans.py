"""Lengths of time, read and written."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.spans import parse_span, say_span, write_span


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("5 s", timedelta(seconds=5)),
        ("30d", timedelta(days=30)),
        ("2 Hours", timedelta(hours=2)),
        ("1 h 30 min", timedelta(minutes=90)),
        ("1h30m", timedelta(minutes=90)),
        ("2 hafta", timedelta(days=14)),
        ("3 gün", timedelta(days=3)),
        ("0d", timedelta(0)),
    ],
)
def test_people_write_spans_like_this(text: str, span: timedelta) -> None:
    assert parse_span(text) == span


@pytest.mark.parametrize("text", ["", "5", "d", "5 moons", "-5 d", "1.5 h", "5 d and more", "1 month", "99999 w"])
def test_anything_else_is_no_span(text: str) -> None:
    assert parse_span(text) is None


@given(st.integers(0, 3660 * 86_400))
def test_what_is_written_is_read_back(seconds: int) -> None:
    assert parse_span(write_span(timedelta(seconds=seconds))) == timedelta(seconds=seconds)


def test_spans_are_said_in_both_languages() -> None:
    said = say_span(timedelta(days=1, hours=2))

    assert (said.tr, said.en) == ("1 gün 2 saat", "1 day 2 hours")
    assert say_span(timedelta(days=14)).en == "14 days"
    assert say_span(timedelta(0)).tr == "0 saniye"
