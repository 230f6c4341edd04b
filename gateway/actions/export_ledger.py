"""Hand the whole ledger to somebody who trusts neither us nor our database.

Trigger: `izin ledger export`.
Reads:   texts, events, checkpoints and released messages up to the newest checkpoint, streamed at one moment.
Writes:  nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from consent import checkpoints, ledger, vault
from consent.checkpoints import Signed
from consent.proof.bundle import SentMessage, ledger_lines
from gateway.actions.prove_message import sent_message
from gateway.storage import message_reports

BATCH = 2_000


def export_ledger(connection: Connection, checkpoint: Signed) -> Iterator[bytes]:
    """The lines of `izin-ledger/1`: everything that the checkpoint covers, and nothing that names a person."""
    last = ledger.event_at(connection, checkpoint.size)
    head = last.hash if last else ""
    notes = [signed.note for signed in checkpoints.everything(connection) if signed.size <= checkpoint.size]
    return ledger_lines(
        origin=checkpoint.read().checkpoint.origin,
        exported_at=checkpoint.signed_at,
        size=checkpoint.size,
        head=head,
        texts=ledger.texts(connection),
        events=((body, hash_) for _, body, hash_ in ledger.walk(connection, limit=checkpoint.size)),
        checkpoints=notes,
        messages=_messages(connection, checkpoint),
    )


def _messages(connection: Connection, checkpoint: Signed) -> Iterator[SentMessage]:
    """Messages that left before the signature: of later ones the checkpoint cannot know every event."""
    after = 0
    while batch := message_reports.left_after(connection, after, BATCH):
        after = batch[-1].id
        subjects = vault.subjects_by_id(connection, sorted({left.subject_id for left in batch}))
        for left in batch:
            if left.claimed_at <= checkpoint.signed_at and (left.event_seq or 0) <= checkpoint.size:
                yield sent_message(left, subjects[left.subject_id].ref)
