"""Every way of tampering with a ledger, and what finds it: the chain itself, or a checkpoint kept elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from consent.events import Event, EventType, canonical, hash_of
from consent.proof.event_lines import event_line
from consent.proof.findings import Doubt
from tests.consent.events_given import at, draft
from tests.consent.proof.ledgers_given import (
    AYSE,
    BURAK,
    OTHER_KEY,
    Export,
    a_life,
    add,
    check_lines,
    message,
    note_of,
    recorded,
)

BURAK_LEFT = 5


def event_lines(lines: list[bytes]) -> list[int]:
    return [at_ for at_, line in enumerate(lines) if line.startswith(b'{"event":')]


def edit(lines: list[bytes]) -> list[bytes]:
    return [line.replace(b'"type":"revoked"', b'"type":"granted"') for line in lines]


def delete(lines: list[bytes]) -> list[bytes]:
    gone = event_lines(lines)[BURAK_LEFT - 1]
    return lines[:gone] + lines[gone + 1 :]


def insert(lines: list[bytes]) -> list[bytes]:
    extra = replace(recorded(a_life())[1], idem="made-up", event_id="019b0000-0000-7000-8000-0000000000ff")
    place = event_lines(lines)[4]
    return [*lines[:place], event_line(canonical(extra), hash_of(canonical(extra))), *lines[place:]]


def reorder(lines: list[bytes]) -> list[bytes]:
    first, second = event_lines(lines)[3:5]
    lines[first], lines[second] = lines[second], lines[first]
    return lines


def respell(lines: list[bytes]) -> list[bytes]:
    return [line.replace(b'"basis":"consent"', b'"basis": "consent"', 1) for line in lines]


@pytest.mark.parametrize(
    ("change", "doubt"),
    [
        (edit, Doubt.WRONG_HASH),
        (delete, Doubt.SEQUENCE),
        (delete, Doubt.BROKEN_LINK),
        (insert, Doubt.SEQUENCE),
        (insert, Doubt.BROKEN_LINK),
        (reorder, Doubt.SEQUENCE),
        (reorder, Doubt.BROKEN_LINK),
        (respell, Doubt.NOT_CANONICAL),
    ],
)
def test_the_chain_itself_finds(change: Callable[[list[bytes]], list[bytes]], doubt: Doubt, tmp_path: Path) -> None:
    findings = Export().check(tmp_path, change=change)
    assert doubt in findings.kinds()
    assert findings.kinds() & {Doubt.WRONG_ROOT, Doubt.TRUNCATED}


def test_an_edit_with_its_own_hash_mended_breaks_the_next_link(tmp_path: Path) -> None:
    events = recorded(a_life())
    changed = replace(events[4], type=EventType.EXPORTED)
    events[4] = replace(changed, hash=hash_of(canonical(changed)))
    assert Doubt.BROKEN_LINK in Export(events).check(tmp_path).kinds()


def rewritten() -> list[Event]:
    """The whole chain computed anew by somebody who owns the database: Burak never left."""
    return recorded([one for one in a_life() if one.idem != "reply:burak:dur"])


def test_a_chain_computed_anew_is_perfect_in_itself(tmp_path: Path) -> None:
    assert Export(rewritten()).check(tmp_path).holds


def test_a_chain_computed_anew_is_found_by_a_checkpoint_kept_elsewhere(tmp_path: Path) -> None:
    kept = note_of(recorded(a_life()), size=6)
    assert Export(rewritten()).check(tmp_path, kept).kinds() == {Doubt.WRONG_ROOT, Doubt.FORK}


def test_a_chain_computed_anew_without_the_signing_key_is_found_by_its_own_checkpoints(tmp_path: Path) -> None:
    events = rewritten()
    forged = Export(events, notes=[note_of(events, OTHER_KEY)]).check(tmp_path)
    assert forged.kinds() == {Doubt.UNTRUSTED_CHECKPOINT, Doubt.UNCOVERED}
    old = Export(events, notes=[note_of(recorded(a_life()), size=5)]).check(tmp_path)
    assert Doubt.WRONG_ROOT in old.kinds()


def test_a_tail_cut_off_is_perfect_in_itself_and_found_by_a_checkpoint_kept_elsewhere(tmp_path: Path) -> None:
    cut = recorded(a_life()[:4])
    assert Export(cut).check(tmp_path).holds
    assert Export(cut).check(tmp_path, note_of(recorded(a_life()))).kinds() == {Doubt.TRUNCATED}


def test_a_tail_cut_off_the_file_alone_is_found_by_its_own_end(tmp_path: Path) -> None:
    assert Doubt.INCOMPLETE in Export().check(tmp_path, change=lambda lines: lines[:-1]).kinds()
    assert Doubt.INCOMPLETE in Export().check(tmp_path, change=lambda lines: lines[:6]).kinds()


def test_a_restored_backup_that_went_on_is_found_by_a_checkpoint_kept_elsewhere(tmp_path: Path) -> None:
    before = recorded(a_life())
    restored = recorded(a_life()[:4])
    add(restored, draft(EventType.GRANTED, 9, subject="dd" * 16, idem="new:1"), at(9))
    for number in range(3):
        add(restored, draft(EventType.REVOKED, 10, subject=f"{number:032x}", idem=f"new:{number}:x"), at(10))
    assert Export(restored).check(tmp_path).holds
    assert Doubt.WRONG_ROOT in Export(restored).check(tmp_path, note_of(before)).kinds()


def test_two_histories_for_two_readers_are_found_when_their_checkpoints_meet(tmp_path: Path) -> None:
    one, two = recorded(a_life()), recorded([*a_life()[:6], draft(EventType.CONFIRMED, 7, subject=AYSE, idem="x")])
    findings = Export(one).check(tmp_path, note_of(two))
    assert Doubt.FORK in findings.kinds()
    assert Doubt.WRONG_ROOT in findings.kinds()


def test_a_clock_set_back_is_found_by_the_chain(tmp_path: Path) -> None:
    events = recorded(a_life())
    add(events, draft(EventType.GRANTED, 8, subject="dd" * 16, idem="backdated"), at(2))
    assert Export(events).check(tmp_path).kinds() == {Doubt.CLOCK_RAN_BACKWARDS}


def test_a_webhook_applied_twice_is_found_by_its_key(tmp_path: Path) -> None:
    events = recorded(a_life())
    add(events, replace(a_life()[4], occurred_at=at(8)), at(8))
    findings = Export(events).check(tmp_path)
    assert findings.kinds() == {Doubt.REPEATED_KEY}
    assert "used by event 5" in str(findings.doubts[0])


def test_an_event_id_used_twice_is_found(tmp_path: Path) -> None:
    events = recorded(a_life())
    again = replace(add(events, draft(EventType.GRANTED, 8, idem="new"), at(8)), event_id=events[-2].event_id)
    events[-1] = replace(again, hash=hash_of(canonical(again)))
    assert Export(events).check(tmp_path).kinds() == {Doubt.REPEATED_EVENT_ID}


def test_a_text_with_other_words_is_found_by_its_digest(tmp_path: Path) -> None:
    def reworded(lines: list[bytes]) -> list[bytes]:
        return [line.replace(b"iletilmesini", "satılmasını".encode()) for line in lines]

    assert Doubt.WRONG_TEXT in Export().check(tmp_path, change=reworded).kinds()


def test_a_text_kept_back_is_missed(tmp_path: Path) -> None:
    assert Export(texts=[]).check(tmp_path).kinds() == {Doubt.MISSING_TEXT}


def test_evidence_made_up_later_opens_nothing(tmp_path: Path) -> None:
    from consent.proof.bundle import OpenedEvidence

    made_up = OpenedEvidence(b"another-salt-000", b'{"wamid":"wamid.FORGED"}')
    assert Export(evidence=[made_up]).check(tmp_path).kinds() == {Doubt.WRONG_EVIDENCE}

    def swapped(lines: list[bytes]) -> list[bytes]:
        return [line.replace(b'"salt":"73', b'"salt":"74') for line in lines]

    assert Doubt.WRONG_EVIDENCE in Export().check(tmp_path, change=swapped).kinds()


def test_evidence_of_somebody_erased_is_found(tmp_path: Path) -> None:
    events = recorded(a_life())
    add(events, draft(EventType.ERASED, 8, subject=AYSE, purpose="*", idem="erase:ayse"), at(8))
    assert Export(events).check(tmp_path).kinds() == {Doubt.NOT_ERASED}
    assert Export(events, evidence=[]).check(tmp_path).holds


def test_a_message_after_a_stop_is_found(tmp_path: Path) -> None:
    events = recorded(a_life())
    findings = Export(events, messages=[message(1, BURAK, 6, events[3])]).check(tmp_path)
    assert findings.kinds() == {Doubt.NOT_CONSENTED}
    assert "revoked" in str(findings.doubts[0])


@pytest.mark.parametrize(("seconds", "holds"), [(-60, True), (-5, True), (0, True), (5, True), (6, False), (60, False)])
def test_clocks_tell_a_stop_from_a_release_only_to_within_seconds(seconds: int, holds: bool, tmp_path: Path) -> None:
    events = recorded(a_life())
    sent = message(1, BURAK, 5 + seconds / 3600, events[3])
    assert Export(events, messages=[sent]).check(tmp_path).holds is holds


def test_a_stop_that_arrived_later_does_not_condemn_an_earlier_message(tmp_path: Path) -> None:
    events = recorded(a_life()[:4])
    add(events, draft(EventType.REVOKED, 3.5, subject=BURAK, idem="late"), at(9))
    assert Export(events, messages=[message(1, BURAK, 4, events[3])]).check(tmp_path).holds


@pytest.mark.parametrize(
    ("fields", "doubt"),
    [
        ({"event_seq": 99}, Doubt.UNKNOWN_EVENT),
        ({"event_seq": 4}, Doubt.UNKNOWN_EVENT),
        ({"event_seq": None, "event_hash": None}, Doubt.UNKNOWN_EVENT),
        ({"event_hash": "00" * 32}, Doubt.WRONG_EVENT),
        ({"event_seq": 1, "event_hash": recorded(a_life())[0].hash}, Doubt.WRONG_EVENT),
        ({"purpose": "custom:events"}, Doubt.NOT_CONSENTED),
        ({"released_at": at(0.5)}, Doubt.NOT_CONSENTED),
    ],
)
def test_a_message_that_cites_the_wrong_permission_is_found(
    fields: dict[str, object], doubt: Doubt, tmp_path: Path
) -> None:
    events = recorded(a_life())
    findings = Export(events, messages=[message(1, AYSE, 2, events[1], **fields)]).check(tmp_path)
    assert findings.counts[doubt] == 1


def test_a_message_that_needs_no_consent_needs_none_unless_the_person_wants_silence(tmp_path: Path) -> None:
    events = recorded(a_life())
    parcel = message(1, "ee" * 16, 8, None, purpose="utility", template="parcel")
    assert Export(events, messages=[parcel]).check(tmp_path).holds
    add(events, draft(EventType.SUPPRESSED, 7.5, subject="ee" * 16, purpose="*", idem="stop-all"), at(7.5))
    assert Export(events, messages=[parcel]).check(tmp_path).kinds() == {Doubt.NOT_CONSENTED}
    answer = message(1, "ee" * 16, 8, None, purpose="service", template=None)
    assert Export(events, messages=[answer]).check(tmp_path).holds


def test_a_message_left_out_is_found_by_the_end_line(tmp_path: Path) -> None:
    def without(lines: list[bytes]) -> list[bytes]:
        return [line for line in lines if b'"id":"m1"' not in line]

    assert Export().check(tmp_path, change=without).kinds() == {Doubt.INCOMPLETE}


def test_a_message_changed_is_found_by_the_end_line(tmp_path: Path) -> None:
    def moved(lines: list[bytes]) -> list[bytes]:
        return [line.replace(b'"state":"delivered"', b'"state":"refused"', 1) for line in lines]

    assert Export().check(tmp_path, change=moved).kinds() == {Doubt.INCOMPLETE}


@pytest.mark.parametrize("subject", [b'"\\ud800"', b"5", b'""', b'"nobody"'])
def test_a_message_to_a_stranger_of_any_spelling_is_found(subject: bytes, tmp_path: Path) -> None:
    def addressed(lines: list[bytes]) -> list[bytes]:
        of_burak = b'"subject":"' + BURAK.encode() + b'"'
        return [line.replace(of_burak, b'"subject":' + subject) if b'"id":"m2"' in line else line for line in lines]

    findings = Export(evidence=[]).check(tmp_path, change=addressed)
    assert findings.kinds() == {Doubt.UNKNOWN_EVENT, Doubt.INCOMPLETE}


def test_a_message_listed_twice_is_found(tmp_path: Path) -> None:
    events = recorded(a_life())
    twice = [message(1, AYSE, 2, events[1]), message(1, AYSE, 2, events[1])]
    assert Export(events, messages=twice).check(tmp_path).kinds() == {Doubt.REPEATED_MESSAGE}


@pytest.mark.parametrize(
    "line",
    [b"\n", b"{}\n", b"[]\n", b"null\n", b'{"kind":"other"}\n', b"\xff\n", b'{"event":{}}\n', b"[" * 5000 + b"\n"],
)
def test_a_line_that_is_not_understood_is_a_doubt(line: bytes, tmp_path: Path) -> None:
    def strange(lines: list[bytes]) -> list[bytes]:
        return [*lines[:-1], line, lines[-1]]

    assert Doubt.UNREADABLE in Export().check(tmp_path, change=strange).kinds()


def test_a_line_after_the_end_is_a_doubt(tmp_path: Path) -> None:
    lines = Export().lines()
    assert Doubt.INCOMPLETE in check_lines(tmp_path, [*lines, lines[-2]]).kinds()


def test_an_empty_file_is_a_doubt(tmp_path: Path) -> None:
    assert not check_lines(tmp_path, []).holds
