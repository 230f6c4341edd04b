"""Whoever keeps an old checkpoint sees that today's ledger still begins with it, from a few hashes alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from consent.events import Event
from consent.proof.checkpoint import Checkpoint, Note, read_note, rotate, sign
from consent.proof.findings import Doubt, Findings
from consent.proof.growth import growth_of
from consent.proof.verify import verify
from tests.consent.proof.ledgers_given import KEY, ORIGIN, OTHER_KEY, a_life, note_of, recorded, tree_of

EVENTS = recorded(a_life())
REWRITTEN = recorded([one for one in a_life() if one.idem != "reply:burak:dur"])


def noted(size: int, events: list[Event] | None = None) -> Note:
    return read_note(note_of(EVENTS if events is None else events, size=size))


def checked(folder: Path, written: bytes, *kept: Note) -> Findings:
    paths = [folder / "growth.json", *(folder / f"kept-{n}.txt" for n in range(len(kept)))]
    paths[0].write_bytes(written)
    for path, note in zip(paths[1:], kept, strict=True):
        path.write_bytes(note.text)
    return verify(paths, [KEY.verifier])


@pytest.mark.parametrize("first", range(1, len(EVENTS) + 1))
def test_every_older_checkpoint_is_shown_to_be_the_beginning(first: int, tmp_path: Path) -> None:
    older, newer = noted(first), noted(len(EVENTS))
    findings = checked(tmp_path, growth_of(tree_of(EVENTS), older, newer), older)
    assert findings.holds
    assert f"{len(EVENTS)} events begins with the {first} signed before" in findings.checked[0]
    assert "only the whole ledger shows" in findings.not_shown[0]


def test_no_proof_can_be_made_once_the_past_was_rewritten() -> None:
    with pytest.raises(ValueError, match="not those that were signed"):
        growth_of(tree_of(REWRITTEN), noted(6), noted(6, REWRITTEN))
    with pytest.raises(ValueError, match="no prefix of 7"):
        growth_of(tree_of(REWRITTEN), noted(7), noted(6, REWRITTEN))


def other_proof(written: dict[str, Any]) -> None:
    written["proof"][0] = written["proof"][-1][::-1].replace("=", "A")[:43] + "="


def shorter_proof(written: dict[str, Any]) -> None:
    written["proof"].pop()


def older_forged(written: dict[str, Any]) -> None:
    written["older"] = note_of(REWRITTEN, size=5)


def newer_forged(written: dict[str, Any]) -> None:
    written["newer"] = note_of(REWRITTEN, size=6)


def not_ours(written: dict[str, Any]) -> None:
    written["newer"] = sign(Checkpoint("another.example/ledger", 7, tree_of(EVENTS).root()), [KEY])


def unsigned(written: dict[str, Any]) -> None:
    written["newer"] = note_of(EVENTS, OTHER_KEY)


@pytest.mark.parametrize(
    ("change", "doubt"),
    [
        (other_proof, Doubt.WRONG_ROOT),
        (shorter_proof, Doubt.WRONG_ROOT),
        (older_forged, Doubt.WRONG_ROOT),
        (newer_forged, Doubt.WRONG_ROOT),
        (not_ours, Doubt.BAD_CHECKPOINT),
        (unsigned, Doubt.UNTRUSTED_CHECKPOINT),
        (lambda written: written.pop("older"), Doubt.UNREADABLE),
        (lambda written: written.update(proof=["?"]), Doubt.UNREADABLE),
        (lambda written: written.update(older="no note"), Doubt.UNREADABLE),
    ],
)
def test_what_was_changed_in_it_is_found(
    change: Callable[[dict[str, Any]], object], doubt: Doubt, tmp_path: Path
) -> None:
    written = json.loads(growth_of(tree_of(EVENTS), noted(5), noted(7)))
    change(written)
    assert doubt in checked(tmp_path, json.dumps(written).encode()).kinds()


def test_two_histories_of_one_size_are_found(tmp_path: Path) -> None:
    written = growth_of(tree_of(REWRITTEN), noted(5, REWRITTEN), noted(6, REWRITTEN))
    assert checked(tmp_path, written, noted(5)).kinds() == {Doubt.FORK}


def test_a_kept_checkpoint_of_another_size_is_a_gap_that_is_named(tmp_path: Path) -> None:
    findings = checked(tmp_path, growth_of(tree_of(EVENTS), noted(5), noted(7)), noted(3))
    assert findings.holds
    assert any("kept checkpoint of size 3" in gap for gap in findings.not_shown)


def test_growth_goes_on_over_a_change_of_keys(tmp_path: Path) -> None:
    handover = read_note(rotate(Checkpoint(ORIGIN, 5, tree_of(EVENTS).root(5)), KEY, OTHER_KEY))
    newer = read_note(note_of(EVENTS, OTHER_KEY))
    assert checked(tmp_path, growth_of(tree_of(EVENTS), handover, newer)).holds
