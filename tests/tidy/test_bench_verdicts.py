"""A bench's exit code: what size decides is not claimed by a small run, what size does not decide always counts."""

from __future__ import annotations

import pytest

from tests.bench import __main__ as benches
from tests.bench import kill
from tests.bench.killing import Toll
from tests.bench.measuring import Result, Target

TARGETS = {"lost": Target(0, at_most=True), "speed": Target(100)}


@pytest.mark.parametrize(
    ("lost", "speed", "whole", "quick"),
    [(0, 100, 0, 0), (0, 3, 1, 0), (1, 100, 1, 1), (1, 3, 1, 1)],
)
def test_a_small_run_fails_for_what_was_lost_and_not_for_its_speed(
    lost: int, speed: int, whole: int, quick: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = {"lost": lost, "speed": speed}
    ran = Result(figures, TARGETS, sacred=frozenset({"lost"}))
    monkeypatch.setattr(benches, "bench", lambda name: lambda quick: ran)
    assert benches.main(["kill"]) == whole
    assert benches.main(["kill", "--quick"]) == quick
    assert ("BROKEN: lost" in capsys.readouterr().out) is bool(lost)


@pytest.mark.parametrize("wrong", ["doubled", "lost", "unsure_received", "reached_not_received", "planned"])
def test_killing_a_few_must_lose_and_double_nobody_either(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    toll = Toll(12)
    monkeypatch.setattr(kill, "kill_at_random", lambda *_, **__: toll)
    assert kill.run(quick=True).broken == []
    setattr(toll, wrong, 1)
    assert kill.run(quick=True).broken == [wrong if wrong != "planned" else "sums_equal"]
