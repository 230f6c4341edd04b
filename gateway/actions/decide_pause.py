"""Decide what a person meant who may have said stop: an operator reads it, gives a reason, and it is recorded.

Trigger: `izin replies decide PERSON stop|keep --reason ...`.
Reads:   people whose consent is paused, and what they wrote.
Writes:  `revoked` or `resumed` in the ledger, with the reason as evidence; a stop ends what waits for the person.
Repeat:  a pause is decided once; undecided, it turns into a withdrawal by itself after 24 hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Connection

from consent import ledger, vault
from consent.events import Actor, ActorKind, Draft, EventType, Purpose
from consent.standing import State
from consent.vault import Subject
from consent.verdicts import Reject, verdict
from gateway.storage import outbox

MARKETING = Purpose.MARKETING.value


class NotPaused(Exception):
    """There is nothing to decide: the person's consent is not on hold."""


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A pause that waits for somebody to read it. `text` is what the person wrote; `ends_at` when it becomes a stop."""

    subject: Subject
    text: str
    since: datetime
    ends_at: datetime | None
    rule: str


def doubtful_replies(connection: Connection, now: datetime, limit: int = 200) -> list[Doubtful]:
    """Undecided pauses, the most urgent first."""
    found = []
    for subject_id in ledger.subjects_in_state(connection, MARKETING, State.PAUSED, limit):
        standing = ledger.standings_of(connection, [subject_id])[subject_id].of(MARKETING).at(now)
        if standing.state is not State.PAUSED or standing.event_seq is None or standing.since is None:
            continue
        event = ledger.event_at(connection, standing.event_seq)
        subject = vault.subjects_by_id(connection, [subject_id])[subject_id]
        text = _text_of(connection, subject, event.evidence.sha256 if event and event.evidence else "")
        found.append(Doubtful(subject, text, standing.since, standing.deadline, event.method if event else ""))
    return sorted(found, key=lambda one: one.ends_at or one.since)


def _text_of(connection: Connection, subject: Subject, commitment: str) -> str:
    opened = next((e for e in vault.evidence_of(connection, subject) if e.commitment == commitment), None)
    return "" if opened is None else str(orjson.loads(opened.body).get("text") or "")


def decide_pause(
    connection: Connection, subject: Subject, *, stop: bool, operator: str, reason: str, now: datetime
) -> EventType:
    """Returns the event type recorded. Raises NotPaused."""
    standings = ledger.standings_of(connection, [subject.id])[subject.id]
    standing = standings.of(MARKETING).at(now)
    if standing.state is not State.PAUSED or standing.event_id is None:
        raise NotPaused(standing.state.value)
    (commitment,) = vault.keep_evidence(connection, [(subject, {"reason": reason, "operator": operator})], now)
    draft = Draft(
        subject=subject.ref,
        purpose=MARKETING,
        type=EventType.REVOKED if stop else EventType.RESUMED,
        occurred_at=now,
        actor=Actor(ActorKind.OPERATOR, operator),
        source="admin",
        method="read_by_operator",
        idem=f"decide:{standing.event_id}",
        causes=(standing.event_id,),
        evidence=commitment,
    )
    ruled = verdict(standings, draft, now)
    if isinstance(ruled, Reject):
        raise NotPaused(ruled.why.value)
    ledger.append(connection, [(subject, draft)], now)
    if stop:
        outbox.cancel_open(connection, [subject.id], [MARKETING], "consent_revoked", now)
    return draft.type
