"""Give proof of one message: what allowed it, the words that were shown, and that both stand in the signed ledger.

Trigger: `izin ledger proof --message ID`.
Reads:   the message, every event of its person up to the checkpoint, the texts, the Merkle tree.
Writes:  nothing (a checkpoint, where the newest does not cover the authorising event).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from consent import ledger, vault
from consent.checkpoints import Signed
from consent.events import Event, canonical
from consent.proof.bundle import SentMessage, proof_of
from consent.subtrees import StoredTree
from consent.texts import ConsentText
from gateway.storage import message_reports
from gateway.storage.message_reports import Left


class NoProof(Exception):
    """There is nothing that could be proved; the sentence says why."""


def sent_message(left: Left, subject_ref: str, campaign: str | None = None) -> SentMessage:
    """A released message as the proof's formats have it: without anything about its recipient."""
    return SentMessage(
        id=str(left.id),
        subject=subject_ref,
        purpose=left.purpose,
        released_at=left.claimed_at,
        state=left.state,
        event_seq=left.event_seq,
        event_hash=left.event_hash,
        campaign=campaign,
        template=left.template,
    )


def needs_until(connection: Connection, message_id: int) -> tuple[Left, int]:
    """The message, and the size that a checkpoint must have to prove it. Raises NoProof when it never left."""
    left = message_reports.left(connection, message_id)
    if left is None:
        raise NoProof(f"Message {message_id} is not known here, or it has never been released.")
    return left, left.event_seq or 0


def prove_message(connection: Connection, message_id: int, checkpoint: Signed) -> bytes:
    """One JSON object (izin-proof/1) that `python -m consent.proof` accepts. Raises NoProof."""
    left, until = needs_until(connection, message_id)
    if until > checkpoint.size:
        raise NoProof(f"The newest checkpoint covers {checkpoint.size} events; this message rests on event {until}.")
    subject = vault.subjects_by_id(connection, [left.subject_id])[left.subject_id]
    events = [e for e in ledger.events_of(connection, [subject.id]).get(subject.id, []) if e.seq <= checkpoint.size]
    if not events:
        raise NoProof(f"Message {message_id} ({left.purpose}) needed no consent, and its person has no events.")
    return prove(connection, events, checkpoint, sent_message(left, subject.ref))


def prove(connection: Connection, events: list[Event], checkpoint: Signed, message: SentMessage | None = None) -> bytes:
    """The proof of these events, and of a message that one of them allowed."""
    return proof_of(
        tree=StoredTree(connection, checkpoint.size),
        checkpoint=checkpoint.note,
        size=checkpoint.size,
        events=[(e.seq, canonical(replace(e, hash="")), e.hash) for e in events],
        texts=texts_of(connection, events),
        message=message,
    )


def texts_of(connection: Connection, events: list[Event]) -> list[ConsentText]:
    """The words that these events name, each once."""
    named = {e.text for e in events if e.text is not None}
    return [text for text in ledger.texts(connection) if text.ref in named]


def receipt_events(events: list[Event], now: datetime, *, all_of_them: bool = False) -> list[Event]:
    """The events that a receipt can be given for: the newest for each purpose, or all."""
    given = [e for e in events if e.text is not None and e.occurred_at <= now]
    return given if all_of_them else list({e.purpose: e for e in given}.values())
