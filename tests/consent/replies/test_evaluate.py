"""Measuring: what counts as heard, as a false revocation, as a false pause."""

from __future__ import annotations

import json

import pytest

from consent.replies import additions
from consent.replies.evaluate import RowProblem, evaluate

ROWS = [
    {"text": "dur", "lang": "tr", "label": "stop", "source": "ignored"},
    {"text": "zxcv qwer", "lang": "tr", "label": "stop"},
    {"text": "this is spam", "lang": "en", "label": "stop"},
    {"text": "stop", "lang": "en", "label": "other"},
    {"text": "wrong number", "lang": "en", "label": "other"},
    {"text": "merhaba", "lang": "tr", "label": "other"},
    {"text": "başla", "lang": "tr", "label": "start"},
    {"text": "stop", "lang": "en", "label": "help"},
]


def test_a_pause_counts_as_heard_and_rates_are_of_their_own_rows() -> None:
    overall = evaluate(ROWS).overall
    assert overall.recall == pytest.approx(2 / 3)
    assert overall.precision == pytest.approx(2 / 5)
    assert overall.false_revocations == pytest.approx(1 / 3)
    assert overall.false_pauses == pytest.approx(1 / 3)
    assert (overall.rows, overall.right) == (8, 4)


def test_missed_stops_and_other_mistakes_are_kept_apart() -> None:
    found = evaluate(ROWS)
    assert [judged.row.text for judged in found.missed] == ["zxcv qwer"]
    assert [judged.row.text for judged in found.wrong] == ["stop", "wrong number", "stop"]


def test_languages_are_scored_each_on_its_own() -> None:
    found = evaluate(ROWS)
    assert list(found.by_language) == ["en", "tr"]
    assert found.by_language["tr"].recall == pytest.approx(1 / 2)
    assert found.by_language["en"].recall == pytest.approx(1.0)


def test_a_rate_over_no_rows_is_none() -> None:
    overall = evaluate([]).overall
    assert (overall.recall, overall.precision, overall.false_revocations, overall.false_pauses) == (
        None,
        None,
        None,
        None,
    )


def test_the_result_is_json() -> None:
    written = json.loads(json.dumps(evaluate(ROWS).as_json(), ensure_ascii=False))
    assert written["overall"]["stops"] == 3
    assert written["missed"] == [
        {"text": "zxcv qwer", "lang": "tr", "label": "stop", "read": "other", "certainty": "certain", "rule": "none/1"}
    ]


def test_aliases_and_additions_are_used() -> None:
    rows = [{"text": "MARKA RET", "lang": "tr", "label": "other"}, {"text": "küstüm", "lang": "tr", "label": "stop"}]
    found = evaluate(rows, aliases=["marka"], extra=additions("stop | küstüm | me")).overall
    assert (found.others_revoked, found.stops_heard) == (1, 1)


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("dur", "a row is an object"), ({"text": "dur", "lang": "tr"}, "'label' is missing"),
        ({"text": 5, "lang": "tr", "label": "stop"}, "'text' is missing or not a text"),
        ({"text": "dur", "lang": "tr", "label": "halt"}, "'halt' is not one of stop, start, help, other"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_used_is_named(row: object, complaint: str) -> None:
    with pytest.raises(RowProblem, match=f"row 2: .*{complaint}"):
        evaluate([ROWS[0], row])
