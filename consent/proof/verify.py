"""The offline verifier: ledgers, proofs and checkpoints from files, against keys that the auditor trusts.

It never says that something holds when a part of it is missing, unreadable, unsigned or not understood.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cryptography.x509 import Certificate

from consent.events import canonical_json, hash_of
from consent.proof.bundle import PROOF_FORMAT
from consent.proof.checkpoint import Note, NoteProblem, VerifierKey, follow, read_note
from consent.proof.evidence import opened_commitment
from consent.proof.findings import Doubt, Findings
from consent.proof.growth import GROWTH_FORMAT, check_growth, name_unmet
from consent.proof.ledger_file import LedgerFile
from consent.proof.merkle import Tree, includes, leaf_hash
from consent.proof.sendings import check_message, event_from
from consent.proof.spelling import is_canonical
from consent.proof.timestamp import check_stamps
from consent.texts import text_from

PROOF_BYTES_MAX = 64_000_000


def verify(paths: Iterable[Path], trusted: Sequence[VerifierKey], authority: Sequence[Certificate] = ()) -> Findings:
    """Check these files together: ledgers, single proofs, checkpoints that were kept elsewhere, and time-stamps.

    `authority` is the certificate of the time-stamping authority, with any between it and the one that stamps.
    """
    findings = Findings()
    outside: list[Note] = []
    whole: list[Path] = []
    single: list[Path] = []
    stamps: list[tuple[str, bytes]] = []
    seen: list[Note] = []
    for path in paths:
        try:
            kind = _kind_of(path)
        except OSError as problem:
            findings.doubt(Doubt.UNREADABLE, str(path), problem.strerror or "the file cannot be read")
            continue
        if kind == "checkpoint":
            _keep_note(path, outside, findings)
        elif kind == "time-stamp":
            stamps.append((str(path), path.read_bytes()))
        else:
            (whole if kind == "ledger" else single).append(path)
    if not trusted:
        findings.doubt(Doubt.NO_KEY, "the key", "no key to trust was given, so no signature could be checked")
    for path in whole:
        seen += verify_ledger(path, trusted, outside, findings)
    for path in single:
        seen += verify_proof(path, trusted, outside, findings)
    check_stamps(stamps, [*outside, *seen], authority, findings)
    if not whole and not single:
        findings.doubt(Doubt.INCOMPLETE, "the files", "there is neither a ledger nor a proof among them")
    return findings


def _kind_of(path: Path) -> str:
    """A ledger is lines that each say their kind, a proof is one object that does not, a time-stamp is DER."""
    with path.open("rb") as file:
        line = file.readline(PROOF_BYTES_MAX).strip()
    if line[:2] in (b"\x30\x81", b"\x30\x82", b"\x30\x83"):  # a sequence of more than 127 bytes
        return "time-stamp"
    try:
        first = json.loads(line)
    except (ValueError, RecursionError):
        first = None
    if isinstance(first, dict) and "kind" in first:
        return "ledger"
    return "proof" if line.startswith(b"{") else "checkpoint"


def _keep_note(path: Path, outside: list[Note], findings: Findings) -> None:
    try:
        outside.append(read_note(path.read_bytes().decode()))
    except (NoteProblem, UnicodeDecodeError) as problem:
        findings.doubt(Doubt.BAD_CHECKPOINT, str(path), str(problem))


def verify_ledger(
    path: Path, trusted: Sequence[VerifierKey], outside: Sequence[Note], findings: Findings
) -> list[Note]:
    """Check one exported ledger from its first line to its last, and every checkpoint against it. Returns its own."""
    ledger = LedgerFile(path, findings)
    ledger.read()
    ledger.check_whole()
    ledger.check_texts()
    check_checkpoints(ledger.origin, ledger.chain.tree, [*ledger.notes, *outside], trusted, findings)
    if not outside:
        findings.not_shown.append(
            "that this is the ledger others saw: no checkpoint kept outside the operator's hands was given"
        )
    ledger.check_people()
    return ledger.notes


def check_checkpoints(
    origin: str,
    tree: Tree,
    notes: Sequence[Note],
    trusted: Sequence[VerifierKey],
    findings: Findings,
    *,
    may_lag: bool = False,
) -> None:
    """Doubt every checkpoint that is unsigned, false, or not about this tree; and a tree that none of them covers.

    `may_lag`: the tree is a living ledger, whose newest events need not be signed yet.
    """
    covered, good = 0, 0
    keys = _followed(trusted, notes, findings)
    for note in notes:
        where = f"checkpoint of size {note.checkpoint.size}"
        if not _is_signed(note, keys, where, findings):
            continue
        if note.checkpoint.origin != origin:
            sentence = f"it is about {note.checkpoint.origin!r}, not about {origin!r}"
            findings.doubt(Doubt.BAD_CHECKPOINT, where, sentence)
        elif note.checkpoint.size > tree.size:
            sentence = f"the ledger has only {tree.size} events: its end was cut off, or an old backup was restored"
            findings.doubt(Doubt.TRUNCATED, where, sentence)
        elif note.checkpoint.root != tree.root(note.checkpoint.size):
            findings.doubt(Doubt.WRONG_ROOT, where, "the events up to here are not those that were signed")
        else:
            covered, good = max(covered, note.checkpoint.size), good + 1
    _check_forks(notes, findings)
    if not good or (covered < tree.size and not may_lag):
        sentence = f"of {tree.size} events, those after {covered} are covered by no good checkpoint"
        findings.doubt(Doubt.UNCOVERED, "the ledger", sentence)
    findings.checked.append(f"{good} of {len(notes)} checkpoints, signature and root; they cover {covered} events")


def _followed(trusted: Sequence[VerifierKey], notes: Sequence[Note], findings: Findings) -> Sequence[VerifierKey]:
    try:
        return follow(trusted, notes)
    except NoteProblem as problem:
        findings.doubt(Doubt.BAD_CHECKPOINT, "the keys", str(problem))
        return trusted


def _is_signed(note: Note, keys: Sequence[VerifierKey], where: str, findings: Findings) -> bool:
    try:
        signers = note.signers(keys)
    except NoteProblem as problem:
        findings.doubt(Doubt.BAD_CHECKPOINT, where, str(problem))
        return False
    if not signers:
        findings.doubt(Doubt.UNTRUSTED_CHECKPOINT, where, "no trusted key signed it")
    return bool(signers)


def _check_forks(notes: Sequence[Note], findings: Findings) -> None:
    roots: dict[tuple[str, int], bytes] = {}
    for note in notes:
        point = note.checkpoint
        if roots.setdefault((point.origin, point.size), point.root) != point.root:
            where = f"checkpoints of size {point.size}"
            findings.doubt(Doubt.FORK, where, "two different roots were signed: there are two histories")


def verify_proof(path: Path, trusted: Sequence[VerifierKey], outside: Sequence[Note], findings: Findings) -> list[Note]:
    """Check one proof file: of events against their checkpoint, or of one checkpoint's growth out of another.

    Returns its checkpoints.
    """
    where = str(path)
    try:
        proof = _read_proof(path)
        if proof["format"] == GROWTH_FORMAT:
            notes = check_growth(where, proof, findings)
            name_unmet(where, notes, outside, findings)
        else:
            notes = [read_note(proof["checkpoint"])]
            check_proof(where, proof, notes[0], findings)
    except (OSError, KeyError, TypeError, ValueError, AttributeError, RecursionError) as problem:
        detail = f"{type(problem).__name__}: {problem}"[:200]
        findings.doubt(Doubt.UNREADABLE, where, f"this is not a proof in the format {PROOF_FORMAT} ({detail})")
        return []
    known = [*notes, *outside]
    keys = _followed(trusted, known, findings)
    for note in notes:
        _is_signed(note, keys, where, findings)
    _check_forks(known, findings)
    return notes


def _read_proof(path: Path) -> dict[str, Any]:
    if path.stat().st_size > PROOF_BYTES_MAX:
        raise ValueError("the file is too large to be a proof")
    proof: dict[str, Any] = json.loads(path.read_bytes())
    if proof["format"] not in (PROOF_FORMAT, GROWTH_FORMAT):
        raise ValueError(f"unknown format {proof['format']!r}")
    return proof


def check_proof(where: str, proof: Mapping[str, Any], note: Note, findings: Findings) -> None:
    """The claims of one proof against its checkpoint. Raises KeyError, TypeError or ValueError on a broken file."""
    texts = [_text_ref(where, one, findings) for one in proof["texts"]]
    events = []
    for one in proof["events"]:
        body = _included(where, one, note, findings)
        if body is not None:
            events.append(event_from(body, one["hash"]))
            if one["event"]["text"] is not None and one["event"]["text"] not in texts:
                findings.doubt(Doubt.MISSING_TEXT, where, f"the text of event {one['event']['seq']} is not in the file")
    if not proof["events"]:
        findings.doubt(Doubt.INCOMPLETE, where, "it proves no event")
    opened = [_opened(where, one, findings) for one in proof["evidence"]]
    held = {one["event"]["evidence"]["commitment"] for one in proof["events"] if one["event"]["evidence"]}
    for commitment in opened:
        if commitment not in held:
            findings.doubt(Doubt.WRONG_EVIDENCE, where, "it opens evidence that none of its events commits to")
    findings.checked.append(
        f"{where}: {len(events)} of {len(proof['events'])} events in the checkpoint of size {note.checkpoint.size}, "
        f"{len(texts)} texts, {len(opened)} pieces of evidence"
    )
    message = proof["message"]
    if message is not None:
        check_message(message, events, findings)
        findings.checked.append(f"{where}: message {message['id']} against the {len(events)} events given")
    findings.not_shown.append(f"{where}: that the person has no other events; only the whole ledger shows that")


def _included(where: str, one: Mapping[str, Any], note: Note, findings: Findings) -> bytes | None:
    body = canonical_json(one["event"])
    if not is_canonical(body):
        findings.doubt(Doubt.NOT_CANONICAL, where, "an event in it has not the form of an event")
        return None
    seq, hash_ = one["event"]["seq"], hash_of(body)
    if hash_ != one["hash"]:
        findings.doubt(Doubt.WRONG_HASH, where, f"event {seq} hashes to {hash_[:16]}, not to what it claims")
    path = [base64.b64decode(step, validate=True) for step in one["inclusion"]]
    point = note.checkpoint
    if not includes(point.root, leaf_hash(bytes.fromhex(hash_)), seq - 1, point.size, path):
        findings.doubt(Doubt.NOT_INCLUDED, where, f"event {seq} is not in the ledger that was signed")
        return None
    return body


def _text_ref(where: str, line: Mapping[str, Any], findings: Findings) -> dict[str, str]:
    ref = text_from(line["text"]).ref
    if ref.sha256 != line["sha256"]:
        findings.doubt(Doubt.WRONG_TEXT, where, f"the words of text {ref.id} {ref.version} are not those of its digest")
    return {"id": ref.id, "locale": ref.locale, "sha256": ref.sha256, "version": ref.version}


def _opened(where: str, one: Mapping[str, Any], findings: Findings) -> str:
    commitment = opened_commitment(one)
    if commitment != one["commitment"]:
        findings.doubt(Doubt.WRONG_EVIDENCE, where, f"evidence does not open the commitment {one['commitment'][:16]}")
    return commitment
