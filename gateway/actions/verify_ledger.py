"""Check the whole ledger where it lives: chain, texts, standings, and that every message's permission was good.

Trigger: `izin ledger verify`.
Reads:   everything, as a stream.
Writes:  nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from consent import ledger, vault
from consent.proof.bundle import SentMessage
from consent.proof.chain import Chain
from consent.proof.findings import Doubt, Findings
from consent.proof.sendings import check_message
from gateway.storage import message_reports

BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Verified:
    """What was checked, and every doubt. It holds only when there is none."""

    findings: Findings
    events: int
    head: str
    messages: int


def verify_ledger(connection: Connection) -> Verified:
    findings = Findings()
    chain = Chain(findings)
    chain.follow((body, hash_.encode()) for _, body, hash_ in ledger.walk(connection))
    size, head = ledger.head(connection)
    if (chain.size, chain.head) != (size, head):
        findings.doubt(Doubt.TRUNCATED, "the head", f"the chain ends at event {chain.size}, the head says {size}")
    findings.checked.append(f"{chain.size} events: bytes, hashes, links, sequence, clock")
    _check_texts(connection, findings)
    stale = ledger.stale_standings(connection)
    for subject_id in stale:
        findings.doubt(Doubt.INCOMPLETE, f"standing {subject_id}", "it is not what the person's events say; rebuild it")
    findings.checked.append("standings: equal to what the events say")
    messages = _check_messages(connection, findings)
    findings.checked.append(f"{messages} released messages: each cites the event that allowed it")
    return Verified(findings, size, head, messages)


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
            sent = SentMessage(
                id=str(m.id),
                subject=subjects[m.subject_id].ref,
                purpose=m.purpose,
                released_at=m.claimed_at,
                state=m.state,
                event_seq=m.event_seq,
                event_hash=m.event_hash,
                template=m.template,
            )
            check_message(sent.mapping(), events.get(m.subject_id, []), findings)
        checked += len(batch)
    return checked


def _batches(connection: Connection) -> Iterator[Sequence[message_reports.Left]]:
    after = 0
    while batch := message_reports.left_after(connection, after, BATCH):
        yield batch
        after = batch[-1].id
