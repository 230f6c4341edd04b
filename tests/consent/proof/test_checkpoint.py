"""Signed checkpoints, against the note published with Go's checksum database, and against forgers."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.proof.checkpoint import (
    NEW_KEY,
    SIGNATURES_MAX,
    Checkpoint,
    NoteProblem,
    follow,
    new_signing_key,
    read_note,
    read_signing_key,
    read_verifier_key,
    rotate,
    sign,
)
from tests.consent.events_given import at

ORIGIN = "izin.example/ledger"
OLD, NEW, STRANGER = (new_signing_key(ORIGIN, bytes([n]) * 32) for n in (1, 2, 3))
POINT = Checkpoint(ORIGIN, 7, bytes(range(32)))

# golang.org/x/mod/sumdb/note, the example in its documentation.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_SECRET = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
GO_SIGNATURE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="


def test_the_published_key_signs_the_published_note() -> None:
    key = read_verifier_key(GO_KEY)
    assert str(key) == GO_KEY
    raw = base64.b64decode(GO_SIGNATURE)
    assert raw[:4] == key.id
    assert key.signed(GO_TEXT.encode(), raw[4:])
    assert not key.signed(GO_TEXT.encode() + b"\n", raw[4:])
    secret = read_signing_key(GO_SECRET)
    assert secret.signature_line(GO_TEXT.encode()) == f"\N{EM DASH} PeterNeumann {GO_SIGNATURE}\n"
    assert secret.secret_text() == GO_SECRET


def test_a_checkpoint_reads_as_its_specification_shows() -> None:
    note = sign(POINT, [OLD], at(0))
    lines = note.split("\n")
    root = base64.b64encode(bytes(range(32))).decode()
    assert lines[:4] == [ORIGIN, "7", root, "signed-at 2026-01-05T09:00:00.000000Z"]
    assert lines[4] == ""
    assert lines[5].startswith(f"\N{EM DASH} {ORIGIN} ")
    assert lines[6:] == [""]


@given(st.integers(0, 2**60), st.binary(min_size=32, max_size=32), st.lists(st.text("abc 1+", min_size=1), max_size=3))
def test_a_note_reads_back_as_what_was_signed(size: int, root: bytes, extensions: list[str]) -> None:
    point = Checkpoint(ORIGIN, size, root, tuple(extensions))
    note = read_note(sign(point, [OLD, NEW]))
    assert note.checkpoint == point
    assert note.signers([OLD.verifier, NEW.verifier, STRANGER.verifier]) == [OLD.verifier, NEW.verifier]


def test_a_stranger_signed_nothing() -> None:
    assert read_note(sign(POINT, [OLD])).signers([STRANGER.verifier]) == []


def test_a_false_signature_of_a_known_key_condemns_the_note() -> None:
    forged = sign(POINT, [OLD]).replace("\n7\n", "\n8\n")
    with pytest.raises(NoteProblem, match="checkpoint of size 8 is false"):
        read_note(forged).signers([OLD.verifier])


NOTE = sign(POINT, [OLD])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty line"),
        (NOTE.removesuffix("\n"), "empty line"),
        (NOTE.replace("\n\n", "\n"), "empty line"),
        (NOTE.replace("\N{EM DASH}", "-"), "not a signature line"),
        (NOTE.replace("\n7\n", "\n07\n"), "plain number"),
        (NOTE.replace("\n7\n", "\n-7\n"), "plain number"),
        (NOTE.replace("\n7\n", "\n7\n\n"), "three lines"),
        (NOTE.replace("AAEC", "!!!!"), "not base64"),
        (NOTE.replace("AAEC", "AA=="), "not base64"),
        (f"{ORIGIN}\n7\nAAEC\n\n" + NOTE.split("\n\n")[1], "32 bytes"),
        (f"{ORIGIN}\n7\n\n" + NOTE.split("\n\n")[1], "three lines"),
        (NOTE + NOTE.split("\n\n")[1] * SIGNATURES_MAX, "at most 100"),
        (NOTE.split("\n\n")[0] + f"\n\n\N{EM DASH} {ORIGIN} AAAA\n", "too short"),
        ("x" * 1_000_001, "too long"),
    ],
)
def test_what_is_no_checkpoint_is_told_why(text: str, words: str) -> None:
    with pytest.raises(NoteProblem, match=words):
        read_note(text)


@pytest.mark.parametrize("line", ["", "a\nb", "tab\tbed"])
def test_no_line_can_be_smuggled_into_a_checkpoint(line: str) -> None:
    with pytest.raises(NoteProblem, match="line of a checkpoint"):
        sign(Checkpoint(ORIGIN, 1, bytes(32), (line,)), [OLD])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "name.hash.base64"),
        ("name+hash", "name.hash.base64"),
        ("na me+00000000+AAAA", "name.hash.base64"),
        (GO_KEY.replace("c74f20a3", "c74f20a4"), "own hash"),
        (GO_KEY.replace("ARpc", "Arpc"), "not an Ed25519"),
        (GO_KEY[:-4], "not an Ed25519"),
        (GO_KEY[:-1] + "!", "not base64"),
    ],
)
def test_what_is_no_key_is_told_why(text: str, words: str) -> None:
    with pytest.raises(NoteProblem, match=words):
        read_verifier_key(text)


@pytest.mark.parametrize("text", ["", GO_KEY, GO_SECRET[:-4], GO_SECRET[:-1] + "!", GO_SECRET.replace("c74f", "c740")])
def test_a_broken_key_file_is_told_and_not_shown(text: str) -> None:
    with pytest.raises(NoteProblem) as problem:
        read_signing_key(text)
    assert "AYEKFALV" not in str(problem.value)


def test_a_signing_key_does_not_show_its_secret() -> None:
    assert base64.b64encode(OLD.seed).decode()[:20] not in repr(OLD)
    assert OLD.secret_text() not in repr(OLD)
    assert read_signing_key(OLD.secret_text()) == OLD


@pytest.mark.parametrize(("name", "seed"), [("", bytes(32)), ("a b", bytes(32)), ("a+b", bytes(32)), ("a", bytes(31))])
def test_a_key_needs_a_plain_name_and_enough_randomness(name: str, seed: bytes) -> None:
    with pytest.raises(NoteProblem):
        new_signing_key(name, seed)


def test_a_key_hands_over_to_the_next_when_both_sign() -> None:
    handover = read_note(rotate(POINT, OLD, NEW))
    assert follow([OLD.verifier], [handover]) == (OLD.verifier, NEW.verifier)


def test_a_chain_of_handovers_is_followed_in_order() -> None:
    first, second = rotate(POINT, OLD, NEW), rotate(Checkpoint(ORIGIN, 9, bytes(32)), NEW, STRANGER)
    notes = [read_note(second), read_note(first)]
    assert follow([OLD.verifier], notes) == (OLD.verifier, NEW.verifier, STRANGER.verifier)


def test_nobody_can_appoint_themselves() -> None:
    usurped = Checkpoint(ORIGIN, 9, bytes(32), (NEW_KEY + str(STRANGER.verifier),))
    assert follow([OLD.verifier], [read_note(sign(usurped, [STRANGER]))]) == (OLD.verifier,)
    assert follow([OLD.verifier], [read_note(sign(usurped, [OLD]))]) == (OLD.verifier,)
    assert follow([], [read_note(rotate(POINT, OLD, NEW))]) == ()
