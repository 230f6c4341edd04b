"""Time-stamps over checkpoints: of these bytes, by that authority, and never before the checkpoint was signed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from consent.proof import timestamp
from consent.proof.__main__ import main
from consent.proof.checkpoint import Checkpoint, read_note, sign
from consent.proof.findings import Doubt, Findings
from consent.proof.timestamp import StampProblem, check_stamp, check_stamps, read_certificates, read_stamp, request_for
from tests.consent.events_given import at
from tests.consent.proof.authority import Authority
from tests.consent.proof.ledgers_given import KEY, ORIGIN, Export, note_of

SIGNED = sign(Checkpoint(ORIGIN, 7, bytes(32)), [KEY], at(10)).encode()


def stamped(authority: Authority, note: bytes = SIGNED) -> bytes:
    return authority.answer(request_for(note)[0])


def found(answer: bytes, *authority: Authority, note: bytes = SIGNED) -> Findings:
    findings = Findings()
    certificates = [one.certificate for one in authority]
    check_stamps([("kept.tsr", answer)], [read_note(note.decode())], certificates, findings)
    return findings


def test_a_time_stamp_says_when_the_authority_saw_the_checkpoint() -> None:
    authority = Authority(at(11))
    request, nonce = request_for(SIGNED)
    stamp = read_stamp(authority.answer(request))
    assert stamp.at == at(11)
    assert stamp.is_of(SIGNED)
    check_stamp(stamp, SIGNED, [authority.certificate], nonce)
    findings = found(stamped(authority), authority)
    assert findings.holds
    assert "1 of 1 time-stamps, by the authority's certificate; the first says 2026" in findings.checked[0]


def test_a_time_stamp_of_other_bytes_is_a_doubt() -> None:
    authority = Authority(at(11))
    other = SIGNED.replace(b"\n7\n", b"\n8\n")
    assert found(stamped(authority, other), authority).kinds() == {Doubt.BAD_TIMESTAMP}
    with pytest.raises(StampProblem, match="other bytes"):
        check_stamp(read_stamp(stamped(authority, other)), SIGNED, [authority.certificate])


def test_somebody_else_who_calls_himself_the_authority_is_a_doubt() -> None:
    assert found(stamped(Authority(at(11))), Authority(at(11))).kinds() == {Doubt.BAD_TIMESTAMP}


def test_an_answer_to_another_question_is_refused() -> None:
    authority = Authority(at(11))
    stamp = read_stamp(stamped(authority))
    with pytest.raises(StampProblem, match="Nonce"):
        check_stamp(stamp, SIGNED, [authority.certificate], nonce=request_for(SIGNED)[1])


def test_a_time_stamp_with_any_byte_of_its_moment_changed_is_a_doubt() -> None:
    authority = Authority(at(11))
    answer = stamped(authority)
    place = answer.index(f"{at(11):%Y%m%d%H%M%SZ}".encode())
    forged = answer[:place] + b"2025" + answer[place + 4 :]
    assert found(forged, authority).kinds() == {Doubt.BAD_TIMESTAMP}


@pytest.mark.parametrize(("minutes", "holds"), [(-60, False), (-6, False), (-4, True), (0, True), (600, True)])
def test_nobody_saw_a_checkpoint_before_it_was_signed(minutes: int, holds: bool) -> None:
    authority = Authority(at(10) + timedelta(minutes=minutes))
    assert found(stamped(authority), authority).holds is holds


def test_without_the_authoritys_certificate_who_stamped_is_a_gap_that_is_named() -> None:
    findings = found(stamped(Authority(at(11))))
    assert findings.holds
    assert findings.not_shown == ["who made the 1 time-stamps: no authority's certificate was given"]


def test_without_the_library_the_time_stamps_are_a_gap_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = stamped(Authority(at(11)))
    monkeypatch.setattr(timestamp, "find_spec", lambda name: None)
    findings = found(answer)
    assert findings.holds
    assert "rfc3161-client is not installed" in findings.not_shown[0]


def test_a_refusal_is_no_time_stamp() -> None:
    with pytest.raises(StampProblem, match="refused: closed today"):
        read_stamp(stamped(Authority(at(11), status=2)))


@pytest.mark.parametrize("answer", [b"", b"no", b"\x30\x82", bytes.fromhex("30053003020100"), b"<html>" * 40])
def test_what_is_no_answer_at_all_is_said_in_words(answer: bytes) -> None:
    assert found(answer).kinds() == {Doubt.BAD_TIMESTAMP}


def test_certificates_are_read_from_a_file_that_holds_some() -> None:
    assert read_certificates(Authority(at(1)).pem() + Authority(at(2)).pem())[1].serial_number == 7
    with pytest.raises(ValueError, match=r"."):
        read_certificates(b"nothing of the kind")


def test_the_verifier_takes_time_stamps_of_notes_in_a_ledger_and_of_notes_beside_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    authority = Authority(at(200))
    ledger, note, certificate = tmp_path / "ledger.jsonl", tmp_path / "kept.txt", tmp_path / "tsa.pem"
    export = Export()
    ledger.write_bytes(b"".join(export.lines()))
    inside = note_of(export.events).encode()
    note.write_text(note_of(export.events, size=5), encoding="utf-8")
    certificate.write_bytes(authority.pem())
    stamps = [tmp_path / "inside.tsr", tmp_path / "beside.tsr"]
    for path, of in zip(stamps, (inside, note.read_bytes()), strict=True):
        path.write_bytes(stamped(authority, of))
    command = [str(ledger), str(note), *map(str, stamps), "--key", str(KEY.verifier), "--authority", str(certificate)]
    assert main(command) == 0
    assert "2 of 2 time-stamps" in capsys.readouterr().out
    stamps[0].write_bytes(stamped(authority, b"something else"))
    assert main(command) == 1
    assert "inside.tsr: it stamps none of the checkpoints" in capsys.readouterr().out


def test_a_wrong_certificate_file_is_a_wrong_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for content in (None, b"not a certificate"):
        path = tmp_path / "tsa.pem"
        if content is not None:
            path.write_bytes(content)
        assert main([str(path), "--authority", str(path)]) == 2
        assert capsys.readouterr().err.startswith("--authority: ")
