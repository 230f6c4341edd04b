"""The verifier as an auditor meets it: files, a key, and words."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from consent.events import Event, EventType, canonical
from consent.proof.__main__ import main
from consent.proof.bundle import proof_of
from consent.proof.checkpoint import Checkpoint, rotate, sign
from consent.proof.findings import Doubt, Findings
from consent.proof.verify import verify
from tests.consent.events_given import at, draft
from tests.consent.proof.ledgers_given import (
    AYSE,
    KEY,
    NEWSLETTER,
    ORIGIN,
    OTHER_KEY,
    PROOF_OF_AYSE,
    Export,
    a_life,
    add,
    message,
    note_of,
    recorded,
    tree_of,
)

REPOSITORY = Path(__file__).parents[3]
EVENTS = recorded(a_life())
OF_AYSE = [one for one in EVENTS if one.subject == AYSE]


def written(folder: Path, lines: list[bytes]) -> Path:
    path = folder / "ledger.jsonl"
    path.write_bytes(b"".join(lines))
    return path


def proof(**change: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "tree": tree_of(EVENTS),
        "checkpoint": note_of(EVENTS),
        "size": len(EVENTS),
        "events": [(one.seq, canonical(one), one.hash) for one in OF_AYSE],
        "texts": [NEWSLETTER],
        "message": message(1, AYSE, 2, EVENTS[1]),
        "evidence": [PROOF_OF_AYSE],
    }
    made: dict[str, Any] = json.loads(proof_of(**(given | change)))
    return made


def check(folder: Path, made: object, *outside: str) -> Findings:
    path = folder / "proof.json"
    path.write_text(made if isinstance(made, str) else json.dumps(made), encoding="utf-8")
    kept = [folder / f"kept-{number}.txt" for number in range(len(outside))]
    for one, note in zip(kept, outside, strict=True):
        one.write_text(note, encoding="utf-8")
    return verify([path, *kept], [KEY.verifier])


def test_a_true_ledger_holds_and_says_what_was_checked(tmp_path: Path) -> None:
    findings = Export().check(tmp_path, note_of(EVENTS, size=5))
    assert findings.holds
    assert findings.not_shown == []
    report = "\n".join(findings.checked)
    for words in ("7 events", "3 of 3 checkpoints", "1 of 1 consent texts", "2 messages", "1 pieces of evidence"):
        assert words in report


def test_without_a_checkpoint_from_elsewhere_it_says_what_is_not_shown(tmp_path: Path) -> None:
    findings = Export().check(tmp_path)
    assert findings.holds
    assert "kept outside the operator's hands" in findings.not_shown[0]


def test_without_a_key_nothing_holds(tmp_path: Path) -> None:
    findings = verify([written(tmp_path, Export().lines())], [])
    assert {Doubt.NO_KEY, Doubt.UNTRUSTED_CHECKPOINT} <= findings.kinds()


@pytest.mark.parametrize("notes", [[], [note_of(EVENTS, size=3)], [note_of(EVENTS, OTHER_KEY)], ["no note"]])
def test_events_after_the_last_good_checkpoint_are_a_doubt(notes: list[str], tmp_path: Path) -> None:
    assert Doubt.UNCOVERED in Export(notes=notes).check(tmp_path).kinds()


def test_a_ledger_is_followed_across_a_change_of_keys(tmp_path: Path) -> None:
    point = Checkpoint(ORIGIN, 3, tree_of(EVENTS).root(3))
    after = note_of(EVENTS, OTHER_KEY)
    assert Export(notes=[rotate(point, KEY, OTHER_KEY), after]).check(tmp_path).holds
    assert Export(notes=[after]).check(tmp_path).kinds() == {Doubt.UNTRUSTED_CHECKPOINT, Doubt.UNCOVERED}


def test_a_checkpoint_of_another_ledger_is_a_doubt(tmp_path: Path) -> None:
    other = sign(Checkpoint("other.example/ledger", 7, tree_of(EVENTS).root()), [KEY])
    assert Export().check(tmp_path, other).kinds() == {Doubt.BAD_CHECKPOINT}


def test_an_empty_ledger_is_proved_only_by_a_checkpoint(tmp_path: Path) -> None:
    empty: dict[str, Any] = {"messages": [], "evidence": [], "events": []}
    assert Export(**empty, notes=[note_of([])]).check(tmp_path).holds
    assert not Export(**empty, notes=[]).check(tmp_path).holds


def test_evidence_and_messages_may_stay_at_home(tmp_path: Path) -> None:
    assert Export(messages=[], evidence=[]).check(tmp_path).holds


def test_one_message_is_proved_without_showing_anybody_else(tmp_path: Path) -> None:
    made = proof()
    assert {one["event"]["subject"] for one in made["events"]} == {AYSE}
    findings = check(tmp_path, made)
    assert findings.holds
    assert "no other events; only the whole ledger shows that" in findings.not_shown[0]


def test_events_are_proved_without_a_message(tmp_path: Path) -> None:
    assert check(tmp_path, proof(message=None)).holds


def test_a_message_needs_the_history_that_made_the_consent(tmp_path: Path) -> None:
    confirmed = EVENTS[1]
    alone = proof(events=[(confirmed.seq, canonical(confirmed), confirmed.hash)])
    assert check(tmp_path, alone).kinds() == {Doubt.NOT_CONSENTED}


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    made = proof()
    change(made)
    return made


@pytest.mark.parametrize(
    ("change", "doubt"),
    [
        (lambda made: made["events"][0]["event"].update(purpose="utility"), Doubt.WRONG_HASH),
        (lambda made: made["events"][0]["event"].update(purpose="utility"), Doubt.NOT_INCLUDED),
        (lambda made: made["events"][0]["event"].update(extra=1), Doubt.NOT_CANONICAL),
        (lambda made: made["events"][0]["inclusion"].pop(), Doubt.NOT_INCLUDED),
        (lambda made: made["events"][0]["inclusion"].reverse(), Doubt.NOT_INCLUDED),
        (lambda made: made["events"][0].update(hash="00" * 32), Doubt.WRONG_HASH),
        (lambda made: made["events"].clear(), Doubt.INCOMPLETE),
        (lambda made: made["texts"].clear(), Doubt.MISSING_TEXT),
        (lambda made: made["texts"][0]["text"].update(body="x"), Doubt.WRONG_TEXT),
        (lambda made: made["evidence"][0].update(salt="00"), Doubt.WRONG_EVIDENCE),
        (lambda made: made["message"].update(subject="x", event_seq=3), Doubt.UNKNOWN_EVENT),
        (lambda made: made["message"].update(event_hash="00" * 32), Doubt.WRONG_EVENT),
        (lambda made: made.update(checkpoint=note_of(EVENTS, OTHER_KEY)), Doubt.UNTRUSTED_CHECKPOINT),
        (lambda made: made.update(checkpoint=note_of(EVENTS, size=1)), Doubt.NOT_INCLUDED),
        (lambda made: made.update(checkpoint="no note"), Doubt.UNREADABLE),
        (lambda made: made.update(format="izin-proof/9"), Doubt.UNREADABLE),
        (lambda made: made.pop("texts"), Doubt.UNREADABLE),
        (lambda made: made.update(events=None), Doubt.UNREADABLE),
        (lambda made: made.update(message={"id": 1}), Doubt.UNREADABLE),
        (lambda made: made["events"][0].update(inclusion=["!"]), Doubt.UNREADABLE),
    ],
)
def test_a_proof_with_anything_changed_does_not_hold(
    change: Callable[[dict[str, Any]], object], doubt: Doubt, tmp_path: Path
) -> None:
    assert doubt in check(tmp_path, changed(change)).kinds()


@pytest.mark.parametrize("text", ["{", "{}", '{"format":', "{" + "[" * 9999])
def test_a_broken_proof_is_a_doubt(text: str, tmp_path: Path) -> None:
    assert check(tmp_path, text).kinds() == {Doubt.UNREADABLE}


def test_a_proof_from_a_second_history_is_found_by_a_checkpoint_kept_elsewhere(tmp_path: Path) -> None:
    other = recorded([*a_life()[:6], draft(EventType.CONFIRMED, 7, idem="x")])
    assert Doubt.FORK in check(tmp_path, proof(), note_of(other)).kinds()


def test_checkpoints_alone_prove_nothing(tmp_path: Path) -> None:
    path = tmp_path / "kept.txt"
    path.write_text(note_of(EVENTS), encoding="utf-8")
    assert verify([path], [KEY.verifier]).kinds() == {Doubt.INCOMPLETE}


def test_a_file_that_is_not_there_is_a_doubt(tmp_path: Path) -> None:
    assert Doubt.UNREADABLE in verify([tmp_path / "none.jsonl"], [KEY.verifier]).kinds()
    assert Doubt.UNREADABLE in verify([tmp_path], [KEY.verifier]).kinds()


def test_the_command_says_ok_only_when_all_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, Export().lines())
    assert main([str(path), "--key", str(KEY.verifier)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "OK  all that was given holds"
    assert main([str(path)]) == 1
    printed = capsys.readouterr().out
    assert "NOT PROVED" in printed.splitlines()[-1]
    assert not any(line.startswith("OK") for line in printed.splitlines())


def test_the_command_takes_the_key_from_a_file_and_answers_in_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = tmp_path / "key.txt"
    key.write_text(f"{KEY.verifier}\n", encoding="utf-8")
    assert main([str(written(tmp_path, Export().lines())), "--key", str(key), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["holds"] is True


@pytest.mark.parametrize("key", ["nowhere.txt", "a+b+c"])
def test_a_key_that_is_none_is_told(key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(written(tmp_path, Export().lines())), "--key", key]) == 2
    assert "--key" in capsys.readouterr().err


@pytest.mark.parametrize("change", [b"", b"keyword"])
def test_it_says_the_same_where_nothing_of_ours_is_installed(change: bytes, tmp_path: Path) -> None:
    """Only the standard library and cryptography: everything else that we use is made unimportable."""
    blocked = [
        "orjson",
        "sqlalchemy",
        "sqlmodel",
        "pywa",
        "flask",
        "click",
        "rfc8785",
        "phonenumbers",
        "yaml",
        "pydantic",
        "rfc3161_client",
        "_sha256",
    ]
    script = (
        "import sys, runpy, importlib.util as u\n"
        f"blocked = {blocked!r}\n"
        "class Wall:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in blocked: raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Wall())\n"
        "real = u.find_spec\n"
        "u.find_spec = lambda name, package=None: None if name in blocked else real(name, package)\n"
        "runpy.run_module('consent.proof', run_name='__main__')\n"
    )
    lines = [line.replace(change, b"other", 1) if change else line for line in Export().lines()]
    path = written(tmp_path, lines)
    done = subprocess.run(
        [sys.executable, "-c", script, str(path), "--key", str(KEY.verifier)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    here = verify([path], [KEY.verifier])
    assert here.holds is (change == b"")
    assert done.returncode == (0 if here.holds else 1), done.stderr
    assert done.stdout.splitlines()[:-1] == here.lines()
    assert done.stdout.splitlines()[-1].startswith("OK" if here.holds else "NOT PROVED")


def test_a_late_refusal_in_the_history_is_seen_in_a_proof(tmp_path: Path) -> None:
    events: list[Event] = recorded(a_life())
    left = add(events, draft(EventType.REVOKED, 8, subject=AYSE, idem="later"), at(8))
    history = [one for one in events if one.subject == AYSE]
    assert left in history
    given = {
        "tree": tree_of(events),
        "checkpoint": note_of(events),
        "size": len(events),
        "events": [(one.seq, canonical(one), one.hash) for one in history],
    }
    assert check(tmp_path, proof(**given)).holds
    late = replace(message(1, AYSE, 9, EVENTS[1]))
    assert check(tmp_path, proof(**given, message=late)).kinds() == {Doubt.NOT_CONSENTED}
