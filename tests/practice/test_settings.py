from __future__ import annotations

from dataclasses import fields
from typing import Any

import orjson
import pytest

from gateway.practice.settings import Number, PracticeProblem, PracticeSettings, changed, written

USUAL = PracticeSettings()


def test_settings_written_are_settings_read() -> None:
    settings = PracticeSettings(
        numbers=(Number("1", "12025550143", 20), Number("2", "12025550144", 1000)),
        webhook_urls=("http://127.0.0.1:8080/webhook",),
        latency_ms=(80, 150),
        refusal_shares={131016: 0.1},
        told_by={131047: "both"},
        clock_offset_s=-7200.0,
    )
    assert changed(USUAL, orjson.loads(written(settings))) == settings


def test_the_usual_settings_are_readable_too() -> None:
    assert changed(USUAL, orjson.loads(written(USUAL))) == USUAL


def test_a_change_leaves_the_rest_alone() -> None:
    after = changed(USUAL, {"loss_share": 0.25})
    assert after.loss_share == 0.25
    assert all(getattr(after, f.name) == getattr(USUAL, f.name) for f in fields(USUAL) if f.name != "loss_share")


WRONG: list[tuple[str, Any]] = [
    ("port", 70000),
    ("port", True),
    ("numbers", []),
    ("numbers", [{"id": "a", "phone": "12025550143"}]),
    ("numbers", [{"id": "1", "phone": "12025550143", "throughput": 0}]),
    ("numbers", [{"colour": "red"}]),
    ("waba_id", ""),
    ("token", 7),
    ("webhook_urls", "http://127.0.0.1/"),
    ("webhook_urls", ["https://graph.facebook.com/x"]),
    ("webhook_urls", ["http://10.0.0.1/x"]),
    ("links_url", "http://shop.example"),
    ("latency_ms", [150, 80]),
    ("latency_ms", [-1, 80]),
    ("latency_ms", 80),
    ("batch_items", 0),
    ("batch_items", 1001),
    ("posts_in_flight", 0),
    ("duplicate_share", -0.1),
    ("duplicate_share", 1.1),
    ("duplicate_share", "half"),
    ("pair_limit", "no"),
    ("review", "maybe"),
    ("refusal_shares", [131016]),
    ("refusal_shares", {"often": 0.5}),
    ("told_by", {"131047": "pigeon"}),
    ("clock_offset_s", "1h"),
    ("on_marketing_shares", {"read": 0.5}),
    ("on_marketing_shares", {"sing": 1.0}),
    ("on_confirmation_shares", {}),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_value_that_cannot_be_used_is_named_with_what_to_write(name: str, value: Any) -> None:
    with pytest.raises(PracticeProblem) as wrong:
        changed(USUAL, {name: value})
    [problem] = wrong.value.problems
    assert problem.startswith(f"{name}: {value!r} cannot be used; ")


def test_all_mistakes_are_reported_together() -> None:
    with pytest.raises(PracticeProblem) as wrong:
        changed(USUAL, {"loss_share": 7, "colour": 1, "port": -1})
    assert len(wrong.value.problems) == 3
    assert "colour is not a setting" in str(wrong.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_every_name_of_this_machine_is_taken(host: str) -> None:
    assert changed(USUAL, {"webhook_urls": [f"http://{host}:8080/webhook"]}).webhook_urls


def test_a_number_is_found_by_its_id() -> None:
    assert USUAL.number(Number().id) == Number()
    assert USUAL.number("0") is None
