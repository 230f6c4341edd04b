"""The bars, on the labelled reference rows that live beside the project and are never copied into it.

The rows were known while the rules were written, so these figures are a floor and no forecast; what the rules do with
messages nobody had seen is measured by writing new ones and counting before any rule is touched. The two halves, told
apart by the hash of the folded text, show that no bar is held up by one part of the rows.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from consent.replies import Kind, read
from consent.replies.evaluate import evaluate
from consent.replies.normalise import fold_entry

ROWS_FILE = Path(__file__).parents[4] / "shared" / "reference" / "stop_intent_dev.jsonl"

pytestmark = pytest.mark.skipif(
    not ROWS_FILE.exists(),
    reason="the labelled rows (shared/reference/stop_intent_dev.jsonl) are not beside the repository",
)


def rows() -> list[dict[str, Any]]:
    return [json.loads(line) for line in ROWS_FILE.read_text("utf-8").splitlines() if line.strip()]


def half(number: int) -> list[dict[str, Any]]:
    return [row for row in rows() if hashlib.sha256(fold_entry(row["text"]).encode()).digest()[0] % 2 == number]


@pytest.mark.parametrize("number", [0, 1])
def test_the_bars_hold_on_either_half(number: int) -> None:
    found = evaluate(half(number))
    overall, turkish = found.overall, found.by_language["tr"]
    assert overall.stops > 80
    assert (overall.recall or 0) >= 0.97, found.missed
    assert (turkish.recall or 0) >= 0.98, found.missed
    assert (overall.false_revocations or 0) <= 0.01, found.wrong
    assert (overall.false_pauses or 0) <= 0.03, found.wrong


def test_every_keyword_row_is_heard() -> None:
    keywords = [
        row for row in rows() if row["label"] == "stop" and ("keywords" in row["source"] or "docs:" in row["source"])
    ]
    assert len(keywords) > 50
    assert [row["text"] for row in keywords if read(row["text"]).kind is not Kind.STOP] == []


def test_starts_and_calls_for_help_are_mostly_heard_and_never_revoke() -> None:
    asked = [row for row in rows() if row["label"] in ("start", "help")]
    readings = [(row["label"], read(row["text"])) for row in asked]
    assert sum(label == reading.kind for label, reading in readings) >= 0.9 * len(asked)
    assert not [reading for _, reading in readings if reading.kind is Kind.STOP]
