"""Check the whole ledger where it lives: chain, texts, standings, and that every message's permission was good.

Trigger: `izin ledger verify`.
Reads:   everything, as a stream.
Writes:  nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.x509 import Certificate
from sqlalchemy import Connection

from consent import checkpoints, ledger, refolding, subtrees, vault
from consent.proof.chain import Chain
from consent.proof.checkpoint import Note, NoteProblem, VerifierKey
from consent.proof.findings import Doubt, Findings
from consent.proof.sendings import check_message
from consent.proof.timestamp import check_stamps
from consent.proof.verify import check_checkpoints
from gateway.actions.prove_message import sent_message
from gateway.storage import message_reports

BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Verified:
    """What was checked, and every doubt. It holds only when there is none."""

    findings: Findings
    events: int
    head: str
    messages: int


def verify_ledger(
    connection: Connection,
    keys: Sequence[VerifierKey] = (),
    folder: Path | None = None,
    authority: Sequence[Certificate] = (),
    kept: Sequence[Note] = (),
) -> Verified:
    """`keys` are trusted for checkpoints, `folder` holds those that were written outside the database and their
    time-stamps, `authority` is trusted for these; `kept` are checkpoints that somebody else has brought."""
    findings = Findings()
    chain = Chain(findings)
    chain.follow((body, hash_.encode()) for _, body, hash_ in ledger.walk(connection))
    size, head = ledger.head(connection)
    if (chain.size, chain.head) != (size, head):
        findings.doubt(Doubt.TRUNCATED, "the head", f"the chain ends at event {chain.size}, the head says {size}")
    findings.checked.append(f"{chain.size} events: bytes, hashes, links, sequence, clock")
    _check_subtrees(connection, chain, findings)
    _check_checkpoints(connection, chain, keys, folder, kept, findings)
    if folder:
        notes = [note for _, note in checkpoints.published(folder) if isinstance(note, Note)]
        check_stamps(checkpoints.stamps(folder), notes, authority, findings)
    _check_texts(connection, findings)
    stale = refolding.stale(connection)
    for subject_id in stale:
        findings.doubt(Doubt.INCOMPLETE, f"standing {subject_id}", "it is not what the person's events say; rebuild it")
    findings.checked.append("standings: equal to what the events say")
    messages = _check_messages(connection, findings)
    findings.checked.append(f"{messages} released messages: each cites the event that allowed it")
    return Verified(findings, size, head, messages)


def _check_subtrees(connection: Connection, chain: Chain, findings: Findings) -> None:
    kept = subtrees.kept(connection)
    for block, root in enumerate(kept):
        complete = (block + 1) * subtrees.BLOCK <= chain.size
        if not complete or chain.tree.subtree(subtrees.LEVEL, block) != root:
            where = f"events {block * subtrees.BLOCK + 1} to {(block + 1) * subtrees.BLOCK}"
            findings.doubt(Doubt.WRONG_ROOT, where, "they are not those that were hashed for the checkpoints")
    findings.checked.append(f"{len(kept)} stored subtrees of the Merkle tree")


def _check_checkpoints(
    connection: Connection,
    chain: Chain,
    keys: Sequence[VerifierKey],
    folder: Path | None,
    kept: Sequence[Note],
    findings: Findings,
) -> None:
    notes = list(kept)
    for signed in checkpoints.everything(connection):
        _read_into(notes, f"checkpoint of size {signed.size}", signed.read, findings)
    inside = {note.body for note in notes}
    for path, note in checkpoints.published(folder) if folder else ():
        if isinstance(note, NoteProblem):
            findings.doubt(Doubt.BAD_CHECKPOINT, path.name, str(note))
        elif note.body not in inside:
            notes.append(note)
    if not notes:
        findings.not_shown.append("that nobody rewrote the whole ledger: it has never been signed")
        return
    if not keys:
        findings.not_shown.append(f"who signed the {len(notes)} checkpoints: no signing key is set here")
        _check_roots(chain, notes, findings)
        return
    origin = keys[0].name
    check_checkpoints(origin, chain.tree, notes, keys, findings, may_lag=True)


def _read_into(notes: list[Note], where: str, read: Callable[[], Note], findings: Findings) -> None:
    try:
        notes.append(read())
    except NoteProblem as problem:
        findings.doubt(Doubt.BAD_CHECKPOINT, where, str(problem))


def _check_roots(chain: Chain, notes: Sequence[Note], findings: Findings) -> None:
    for point in (note.checkpoint for note in notes):
        where = f"checkpoint of size {point.size}"
        if point.size > chain.size:
            findings.doubt(Doubt.TRUNCATED, where, f"the ledger has only {chain.size} events")
        elif chain.tree.root(point.size) != point.root:
            findings.doubt(Doubt.WRONG_ROOT, where, "the events up to here are not those that were signed")


def _check_texts(connection: Connection, findings: Findings) -> None:
    texts = ledger.texts(connection)
    stored = ledger.text_digests(connection)
    for text in texts:
        if stored[text.id, text.version, text.locale] != text.digest:
            findings.doubt(Doubt.WRONG_TEXT, f"text {text.id} {text.version} {text.locale}", "its words were changed")
    findings.checked.append(f"{len(texts)} consent texts: digests")


def _check_messages(connection: Connection, findings: Findings) -> int:
    checked = 0
    for batch in _batches(connection):
        subjects = vault.subjects_by_id(connection, sorted({m.subject_id for m in batch}))
        events = ledger.events_of(connection, sorted(subjects))
        for m in batch:
            sent = sent_message(m, subjects[m.subject_id].ref)
            check_message(sent.mapping(), events.get(m.subject_id, []), findings)
        checked += len(batch)
    return checked


def _batches(connection: Connection) -> Iterator[Sequence[message_reports.Left]]:
    after = 0
    while batch := message_reports.left_after(connection, after, BATCH):
        yield batch
        after = batch[-1].id
