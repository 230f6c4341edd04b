"""Commands by which people decide: what a campaign does next, what a reply meant, a person's hold; and `izin up`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from consent.standing import State as Standing
from gateway.cli import run
from gateway.core.message import State
from gateway.whatsapp.messenger import Failed
from tests.cli.conftest import Izin
from tests.given import Given

DOUBTFUL = "rahatsız oluyorum"


def told(izin: Izin, *command: str) -> dict[str, Any]:
    answer = izin(*command, "--json")
    assert answer.exit_code == 0, answer.output
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def test_a_campaign_is_scheduled_paused_resumed_and_cancelled(izin: Izin, given: Given) -> None:
    ayse = given.person()
    spring = given.plan("Bahar")
    assert told(izin, "campaign", "schedule", "Bahar")["start_at"] == given.now.isoformat()
    given.launch()
    assert told(izin, "campaign", "pause", "Bahar")["state"] == "paused"
    assert given.release() == []
    assert told(izin, "campaign", "resume", "Bahar")["state"] == "running"
    assert told(izin, "campaign", "cancel", "Bahar") == {"name": "Bahar", "state": "cancelled", "ended": 1}
    assert given.message(ayse, spring).state is State.CANCELLED


@pytest.mark.parametrize("verb", ["pause", "resume", "schedule", "cancel"])
def test_a_move_that_is_not_possible_is_refused_in_words(izin: Izin, given: Given, verb: str) -> None:
    given.person()
    given.campaign("Bahar")
    given.work()
    given.work()
    refused = izin("campaign", verb, "Bahar", "--json")
    assert refused.exit_code == 1
    error = json.loads(refused.stderr)["error"]
    assert error["code"] == f"cannot_{verb}"
    assert "is done and cannot become" in error["problems"][0]
    assert "There is no campaign called “Yaz”" in izin("campaign", verb, "Yaz").output


def test_a_text_is_read_without_recording_anything(izin: Izin) -> None:
    read = told(izin, "replies", "test", "artık mesaj atmayın lütfen")
    assert read["kind"] == "stop"
    assert "by rule" in izin("replies", "test", "dur").output


def test_labelled_replies_are_measured(izin: Izin, tmp_path: Path) -> None:
    rows = [("dur", "stop"), ("stop", "stop"), ("teşekkürler", "other")]
    file = tmp_path / "replies.jsonl"
    file.write_text("\n".join(json.dumps({"text": t, "lang": "tr", "label": k}) for t, k in rows), encoding="utf-8")
    assert "recall" in izin("replies", "evaluate", str(file)).output
    file.write_text("{", encoding="utf-8")
    broken = izin("replies", "evaluate", str(file))
    assert broken.exit_code == 1
    assert "row 1 is not JSON" in broken.output


def test_a_doubtful_reply_waits_until_somebody_decides(izin: Izin, given: Given) -> None:
    assert "Nothing waits" in izin("replies", "waiting").output
    ayse = given.person()
    assert told(izin, "replies", "test", DOUBTFUL)["certainty"] == "likely"
    given.says(ayse, DOUBTFUL)
    (one,) = told(izin, "replies", "waiting")["waiting"]
    assert (one["subject"], one["text"]) == (ayse.subject.ref, DOUBTFUL)
    given.clock.moment += timedelta(minutes=5)
    told(izin, "replies", "decide", ayse.phone, "keep", "--reason", "asked about an order")
    assert told(izin, "replies", "waiting") == {"waiting": []}
    again = izin("replies", "decide", ayse.phone, "stop", "--reason", "once more")
    assert (again.exit_code, "nothing to decide" in again.output) == (1, True)


def test_a_persons_hold_ends_and_their_consent_stays_revoked(izin: Izin, given: Given) -> None:
    ayse = given.person()
    not_held = izin("person", "lift-hold", ayse.phone, "--note", "by mistake")
    assert not_held.exit_code == 1
    told(izin, "person", "hold", ayse.phone, "--note", "erasure asked for")
    told(izin, "person", "lift-hold", ayse.phone, "--note", "withdrawn, letter of 9 May")
    assert given.standing(ayse).state is Standing.REVOKED


def test_who_was_blocked_by_the_business_is_written_to_again_once_somebody_says_so(izin: Izin, given: Given) -> None:
    ayse = given.person()
    given.campaign("Bahar")
    given.meta.answer = lambda message: Failed(130403)
    given.work()
    assert "block list (130403)" in izin("people", "list").output
    given.meta.answer = None
    summer = given.campaign("Yaz")
    given.work()
    assert given.counts(summer) == {"refused:blocked_by_us": 1}
    assert told(izin, "person", "let-back", ayse.phone, "--reason", "unblocked on 9 May")["was"] == "blocked_by_us"
    again = izin("person", "let-back", ayse.phone, "--reason", "once more")
    assert (again.exit_code, "not set aside" in again.output) == (1, True)
    assert "unblocked on 9 May" in izin("inbox").output
    autumn = given.campaign("Güz")
    given.work()
    assert given.counts(autumn) == {"accepted": 1}


def test_up_starts_a_practice_world_where_there_are_no_credentials(izin: Izin, monkeypatch: pytest.MonkeyPatch) -> None:
    started: dict[str, dict[str, str]] = {}

    def ends_at_once(command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
        started[command[0]] = environment
        process = subprocess.Popen([sys.executable, "-c", ""])
        process.wait()
        return process

    monkeypatch.setattr(run, "start", ends_at_once)
    ended = izin("up")
    assert list(started) == ["practice", "web", "work"]
    assert started["work"]["IZIN_GRAPH_URL"] == f"http://127.0.0.1:{run.PRACTICE_PORT}"
    assert started["web"]["IZIN_PAGE_PASSWORD"] in ended.output
    assert (ended.exit_code, "ended by itself" in ended.output) == (4, True)


@pytest.fixture
def signs() -> Iterator[None]:
    """What this process does when it is told to end is put back after `izin up` has had its way."""
    before = {sign: signal.getsignal(sign) for sign in (signal.SIGTERM, signal.SIGINT)}
    yield
    for sign, handler in before.items():
        signal.signal(sign, handler)


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("started", [1, 3])
@pytest.mark.usefixtures("signs")
def test_up_that_is_told_to_end_ends_the_others_gently(
    izin: Izin, monkeypatch: pytest.MonkeyPatch, sign: signal.Signals, started: int
) -> None:
    sleepers: list[subprocess.Popen[bytes]] = []

    def sleeps(command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
        sleepers.append(subprocess.Popen(["sleep", "60"]))
        if len(sleepers) == started:  # the last one before it has been noted
            os.kill(os.getpid(), sign)
        return sleepers[-1]

    monkeypatch.setattr(run, "start", sleeps)
    monkeypatch.setattr(run, "time", SimpleNamespace(sleep=lambda _: None))
    ended = izin("up")
    assert (ended.exit_code, "Stopping" in ended.output) == (0, True)
    assert [process.returncode for process in sleepers] == [-signal.SIGTERM] * started


def test_up_uses_meta_where_there_are_credentials(izin: Izin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IZIN_TOKEN", "a-token")
    started: list[str] = []

    def starts_nothing(command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
        started.append(command[0])
        assert "IZIN_GRAPH_URL" not in environment
        process = subprocess.Popen([sys.executable, "-c", ""])
        process.wait()
        return process

    monkeypatch.setattr(run, "start", starts_nothing)
    assert "practice" not in izin("up").output
    assert started == ["web", "work"]
