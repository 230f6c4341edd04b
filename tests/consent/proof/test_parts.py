"""A ledger read by several processes gives the same answer as one read from its beginning."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from consent.events import Event, EventType, canonical, hash_of
from consent.proof import parts
from consent.proof.chain import Chain
from consent.proof.findings import Doubt, Findings
from consent.proof.parts import follow_in_parts, follow_part
from consent.proof.verify import verify
from tests.consent.events_given import at, draft
from tests.consent.proof.ledgers_given import AYSE, KEY, Export, a_life, add, recorded, tree_of

Change = Callable[[list[bytes]], list[bytes]]


def many() -> list[Event]:
    events = recorded(a_life())
    for number in range(60):
        add(events, draft(EventType.GRANTED, 8, subject=f"{number:032x}", idem=f"row:{number}"), at(8))
    return events


EVENTS = many()


@pytest.fixture(autouse=True)
def _short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART_BYTES_MIN", 2_000)
    monkeypatch.setattr(parts, "ALIGNED_TO", 8)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)


def written(folder: Path, change: Change | None = None, events: list[Event] | None = None) -> Path:
    lines = Export(EVENTS if events is None else events).lines()
    path = folder / "ledger.jsonl"
    path.write_bytes(b"".join(lines if change is None else change(lines)))
    return path


def test_the_parts_meet_in_the_same_chain(tmp_path: Path) -> None:
    path = written(tmp_path)
    found = follow_in_parts(path, Findings())
    assert found is not None
    chain, begin, end = found
    assert (chain.size, chain.head) == (len(EVENTS), EVENTS[-1].hash)
    assert chain.tree.root() == tree_of(EVENTS).root()
    stretch = path.read_bytes()[begin:end]
    assert stretch.startswith(b'{"event":')
    assert stretch.count(b"\n") == len(EVENTS)


def test_a_true_ledger_holds_in_parts(tmp_path: Path) -> None:
    findings = verify([written(tmp_path)], [KEY.verifier])
    assert findings.holds
    assert "67 events" in findings.checked[0]


def edit(lines: list[bytes]) -> list[bytes]:
    return [line.replace(b'"idem":"row:40"', b'"idem":"row:4O"') for line in lines]


def delete(lines: list[bytes]) -> list[bytes]:
    return [line for line in lines if b'"idem":"row:33"' not in line]


def event_after_the_checkpoints(lines: list[bytes]) -> list[bytes]:
    last = max(at_ for at_, line in enumerate(lines) if line.startswith(b'{"event":'))
    return [*lines[:last], *lines[last + 1 : -1], lines[last], lines[-1]]


def text_among_events(lines: list[bytes]) -> list[bytes]:
    return [*lines[:1], *lines[2:40], lines[1], *lines[40:]]


def headless(lines: list[bytes]) -> list[bytes]:
    return lines[2:]


@pytest.mark.parametrize("change", [edit, delete, event_after_the_checkpoints, text_among_events, headless])
def test_what_is_wrong_is_told_as_if_read_from_the_beginning(
    change: Change, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, change)
    in_parts = verify([path], [KEY.verifier])
    monkeypatch.setattr(parts, "PART_BYTES_MIN", 1_000_000_000)
    assert sorted(map(str, in_parts.doubts)) == sorted(map(str, verify([path], [KEY.verifier]).doubts))
    assert in_parts.holds is (change in (event_after_the_checkpoints, text_among_events))


def test_a_key_used_in_two_parts_is_found(tmp_path: Path) -> None:
    events = many()
    add(events, replace(draft(EventType.REVOKED, 9, subject=AYSE), idem="reply:ayse"), at(9))
    assert follow_in_parts(written(tmp_path, events=events), Findings()) is not None
    assert verify([written(tmp_path, events=events)], [KEY.verifier]).kinds() == {Doubt.REPEATED_KEY}


def test_an_id_used_again_much_later_is_found(tmp_path: Path) -> None:
    events = many()
    again = replace(add(events, draft(EventType.GRANTED, 9, idem="new"), at(9)), event_id=events[0].event_id, hash="")
    events[-1] = replace(again, hash=hash_of(canonical(again)))
    findings = verify([written(tmp_path, events=events)], [KEY.verifier])
    assert findings.kinds() == {Doubt.REPEATED_EVENT_ID}
    assert "used by event 1 before" in str(findings.doubts[0])


def test_two_parts_that_do_not_meet_are_not_joined(tmp_path: Path) -> None:
    """Cut exactly where one process stops and the next begins: each half holds in itself."""
    other = recorded([*a_life()[:6], draft(EventType.CONFIRMED, 7, subject=AYSE, idem="x")])
    spliced = [*other, *EVENTS[len(other) :]]
    path = written(tmp_path, events=spliced)
    assert follow_in_parts(path, Findings()) is None
    assert Doubt.BROKEN_LINK in verify([path], [KEY.verifier]).kinds()


def test_a_clock_that_runs_back_between_two_parts_is_not_joined(tmp_path: Path) -> None:
    path = written(tmp_path)
    raw = path.read_bytes()
    first = raw.index(b'{"event":')
    part = follow_part(path, first, raw.index(b"\n", first) + 1)
    assert part is not None
    late = Chain(after=(0, "0" * 64))
    late.clock = b"2999-01-01T00:00:00.000000Z"
    assert not parts._meets(late, part)


def test_a_short_file_is_not_worth_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART_BYTES_MIN", 1_000_000)
    assert follow_in_parts(written(tmp_path), Findings()) is None


@pytest.mark.parametrize("content", [b"", b"\n", b"x", b"{}\n", b'{"event":{}}\n' * 3])
def test_a_file_without_sound_events_is_left_to_the_slow_reader(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(content * 4_000)
    assert follow_in_parts(path, Findings()) is None
