"""Record what a person decided somewhere else than in WhatsApp: on paper, in a call, or towards the privacy officer.

Trigger: `izin person note-consent`, `note-refusal`, `hold` and `reassigned`.
Reads:   where the person stands, the consent text, the refusals of erased people.
Writes:  one event with its evidence; what waits for a person who refuses, or is held, ends.
Repeat:  harmless: the same evidence for the same moment is the same event.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from consent import ledger, vault
from consent.address import Address, region_of, zones_of
from consent.events import EVERY_PURPOSE, PROVEN_BY_HAND, Actor, ActorKind, Commitment, Draft, Event, EventType
from consent.suppression import SuppressionKeys
from consent.texts import ConsentText
from consent.vault import Subject, identifier_of
from consent.verdicts import Reject, verdict
from gateway.settings import Settings
from gateway.storage import contacts, outbox
from gateway.storage.contacts import NewPerson

EVIDENCE_BYTES_MAX = 5 * 1024 * 1024
"""A scanned page or a short recording; more belongs into an archive of its own, with its digest in a note."""

SIGNATURE, VOICE = "signature", "voice"
METHODS = {"paper": SIGNATURE, "call": VOICE}
PURPOSES = ("marketing", "utility", "authentication")


class NotRecorded(Exception):
    """The person's decision cannot be recorded as it was given; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What proves a decision: a file (a scan, a recording), or who heard it and how."""

    note: str
    file_name: str | None = None
    content: bytes | None = None

    def evidence(self, operator: str) -> Mapping[str, object]:
        kept: dict[str, object] = {"note": self.note, "recorded_by": operator}
        if self.content is None:
            return kept
        if len(self.content) > EVIDENCE_BYTES_MAX:
            raise NotRecorded(
                f"{self.file_name} has more than {EVIDENCE_BYTES_MAX // 1024 // 1024} MB; give a smaller scan."
            )
        body = base64.b64encode(self.content).decode()
        return kept | {"file": self.file_name, "file_sha256": self.digest, "content": body}

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content if self.content is not None else self.note.encode()).hexdigest()


def note_consent(
    connection: Connection,
    address: Address,
    text: ConsentText,
    source: str,
    said_at: datetime,
    proof: Proof,
    settings: Settings,
    now: datetime,
    operator: str,
    purpose: str = "marketing",
) -> Event:
    """A consent given on paper or in a call. Raises NotRecorded, and vault.KeyMissing."""
    if source not in PROVEN_BY_HAND:
        raise NotRecorded(f"{source!r} is not proved by hand; use {' or '.join(sorted(PROVEN_BY_HAND))}.")
    if not text.covers(purpose):
        raise NotRecorded(f"The text {text.id} {text.version} is not for {purpose}.")
    identifier = identifier_of(address)
    keys = SuppressionKeys.read(settings.suppression_key)
    silent = vault.silenced_since(connection, keys, [identifier.value]).get(identifier.value)
    if silent is not None and said_at <= silent:
        raise NotRecorded("This person's data was erased after that consent was given; only a newer one counts.")
    subject = vault.meet(connection, [identifier], now)[identifier]
    draft = _draft(subject, EventType.GRANTED, said_at, operator, source, METHODS[source], proof)
    draft = replace(draft, purpose=purpose, text=text.ref, jurisdiction=region_of(address) or None)
    standings = ledger.standings_of(connection, [subject.id])[subject.id]
    ruled = verdict(standings, replace(draft, evidence=Commitment(1, "")), now)
    if isinstance(ruled, Reject):
        raise NotRecorded(ruled.sentence(settings.language))
    person = NewPerson(subject_id=subject.id, zones=zones_of(address), region=region_of(address), source=source)
    contacts.ensure(connection, [person], now)
    event = _record(connection, subject, replace(draft, type=ruled.record_as), proof, operator, now)
    if silent is not None:
        vault.lift_suppression(connection, keys, [identifier.value])
    return event


def note_refusal(
    connection: Connection, subject: Subject, said_at: datetime, proof: Proof, now: datetime, operator: str
) -> Event:
    """A refusal that reached us by another way: in the shop, by post, on the telephone. It needs no form at all."""
    draft = _draft(subject, EventType.REVOKED, said_at, operator, "admin", "told", proof)
    event = _record(connection, subject, replace(draft, purpose=EVERY_PURPOSE), proof, operator, now)
    _end_waiting(connection, subject, "consent_revoked", now)
    return event


def hold(connection: Connection, subject: Subject, proof: Proof, now: datetime, operator: str) -> Event:
    """Restrict a person's data: no use at all, kept only to prove what was. At the end of the term it is erased."""
    draft = _draft(subject, EventType.HELD, now, operator, "admin", "request", proof)
    event = _record(connection, subject, replace(draft, purpose=EVERY_PURPOSE), proof, operator, now)
    _end_waiting(connection, subject, "consent_revoked", now)
    return event


def lift_hold(connection: Connection, subject: Subject, proof: Proof, now: datetime, operator: str) -> Event:
    """End a restriction that was a mistake, or that the person no longer wants. What it revoked stays revoked.

    Raises NotRecorded when the person is not held.
    """
    standings = ledger.standings_of(connection, [subject.id])[subject.id]
    if standings.held is None or standings.erased is not None:
        raise NotRecorded("This person is not held." if standings.erased is None else "This person was erased.")
    draft = _draft(subject, EventType.CORRECTED, now, operator, "admin", "request", proof)
    lifted = replace(draft, purpose=EVERY_PURPOSE, causes=(standings.held.event_id,))
    return _record(connection, subject, lifted, proof, operator, now)


def _draft(
    subject: Subject, type_: EventType, at: datetime, operator: str, source: str, method: str, proof: Proof
) -> Draft:
    return Draft(
        subject=subject.ref,
        purpose="marketing",
        type=type_,
        occurred_at=at,
        actor=Actor(ActorKind.OPERATOR, operator),
        source=source,
        method=method,
        idem=f"{source}:{type_.value}:{subject.ref}:{int(at.timestamp())}:{proof.digest[:32]}",
    )


def _record(
    connection: Connection, subject: Subject, draft: Draft, proof: Proof, operator: str, now: datetime
) -> Event:
    if draft.idem in ledger.known_keys(connection, [draft.idem]):
        return next(e for e in ledger.events_of(connection, [subject.id])[subject.id] if e.idem == draft.idem)
    (commitment,) = vault.keep_evidence(connection, [(subject, proof.evidence(operator))], now)
    return ledger.append(connection, [(subject, replace(draft, evidence=commitment))], now)[0]


def _end_waiting(connection: Connection, subject: Subject, reason: str, now: datetime) -> None:
    standings = ledger.standings_of(connection, [subject.id])[subject.id]
    outbox.cancel_open(connection, [subject.id], sorted({*PURPOSES, *standings.purposes}), reason, now)
