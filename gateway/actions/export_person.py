"""Give a person everything that is kept about them: events, words, evidence, messages, and proof of it.

Trigger: `izin person export`.
Reads:   the vault, the ledger, the person's messages, the newest checkpoint.
Writes:  `exported` in the ledger.
Repeat:  each export is an event of its own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from consent import ledger, requests, vault
from consent.checkpoints import Signed
from consent.events import EVERY_PURPOSE, Actor, ActorKind, Draft, Event, EventType, as_mapping, moment_text
from consent.proof.receipt import STATES, receipt
from consent.texts import text_mapping
from consent.vault import Subject
from gateway.actions.prove_message import prove, texts_of
from gateway.storage import contacts, person_events, traces
from gateway.storage.person_events import Done
from gateway.storage.traces import Sent

EXPORT_FORMAT = "izin-person/1"


@dataclass(frozen=True, slots=True)
class Exported:
    """`record` is JSON; `proof` an izin-proof/1 file for every event in it, None where nothing has been signed."""

    record: dict[str, Any]
    proof: bytes | None


def note_export(connection: Connection, subject: Subject, now: datetime, operator: str) -> None:
    """Write down that the person's data was handed out, before it is."""
    draft = Draft(
        subject=subject.ref,
        purpose=EVERY_PURPOSE,
        type=EventType.EXPORTED,
        occurred_at=now,
        actor=Actor(ActorKind.OPERATOR, operator),
        source="admin",
        method="access",
        idem=f"exported:{subject.ref}:{now.isoformat()}",
    )
    ledger.append(connection, [(subject, draft)], now)


def export_person(connection: Connection, subject: Subject, checkpoint: Signed | None, now: datetime) -> Exported:
    subjects = vault.whole(connection, subject)
    ids = [one.id for one in subjects]
    found = ledger.events_of(connection, ids)
    events = sorted((e for one in ids for e in found.get(one, [])), key=lambda e: e.seq)
    record = {
        "format": EXPORT_FORMAT,
        "exported_at": moment_text(now),
        "subject": subject.ref,
        "also_known_as": [one.ref for one in subjects[1:]],
        "standing": _standing(connection, subject, now),
        "profile": _profile(connection, subject),
        "identifiers": [_identifier(i) for one in ids for i in vault.identifiers_of(connection, [one]).get(one, [])],
        "events": [as_mapping(e) | {"hash": e.hash} for e in events],
        "texts": [text_mapping(text) | {"sha256": text.digest} for text in texts_of(connection, events)],
        "receipts": _receipts(connection, events),
        "evidence": [_opened(one) for s in subjects for one in vault.evidence_of(connection, s)],
        "activity": [_done(one) for one in person_events.done_by(connection, ids)],
        "requests": [_asked(one) for s in subjects for one in requests.put_to(connection, s)],
        "messages": [_message(one) for one in traces.sent_to(connection, ids)],
    }
    covered = [e for e in events if checkpoint is not None and e.seq <= checkpoint.size]
    return Exported(record, prove(connection, covered, checkpoint) if checkpoint and covered else None)


def _standing(connection: Connection, subject: Subject, now: datetime) -> dict[str, Any]:
    standings = ledger.standings_of(connection, [subject.id])[subject.id].at(now)
    flags = {"suppressed": standings.suppressed, "held": standings.held, "erased": standings.erased}
    return {
        "purposes": {
            purpose: {"state": one.state.value, "since": _moment(one.since), "event_seq": one.event_seq}
            for purpose, one in standings.purposes.items()
        },
        **{name: mark is not None for name, mark in flags.items()},
    }


def _profile(connection: Connection, subject: Subject) -> dict[str, Any]:
    person = contacts.states(connection, [subject.id]).get(subject.id)
    if person is None:
        return {}
    tags = contacts.tags_of(connection, [subject.id]).get(subject.id, frozenset())
    return {
        "name": person.name,
        "language": person.language,
        "zone": person.zone,
        "region": person.region,
        "source": person.source,
        "known_since": moment_text(person.created_at),
        "last_wrote_at": _moment(person.last_inbound_at),
        "reached_through_an_advertisement_until": _moment(person.free_entry_until),
        "asked_by_meta_to_wait_until": _moment(person.cool_until),
        "set_aside": person.blocked,
        "attributes": dict(person.attributes),
        "tags": sorted(tags),
    }


def _identifier(identifier: vault.Identifier) -> dict[str, str]:
    return {"kind": identifier.kind.value, "value": identifier.value}


def _receipts(connection: Connection, events: Sequence[Event]) -> list[dict[str, Any]]:
    texts = {text.ref: text for text in texts_of(connection, list(events))}
    given = [e for e in events if e.text is not None and e.type in STATES]
    return [receipt(e, texts[e.text]) for e in given if e.text in texts]


def _opened(one: vault.Opened) -> dict[str, Any]:
    return {"commitment": one.commitment, "salt": one.salt.hex(), "evidence": json.loads(one.body)}


def _done(one: Done) -> dict[str, Any]:
    return {"what": one.name, "at": moment_text(one.at), "about": one.about, "properties": one.properties or {}}


def _asked(one: requests.Put) -> dict[str, Any]:
    return {
        "purpose": one.purpose,
        "text": f"{one.text.id} {one.text.version} {one.text.locale}",
        "mode": one.mode.value,
        "source": one.source,
        "asked_at": moment_text(one.asked_at),
        "expires_at": moment_text(one.expires_at),
        "answered_at": _moment(one.answered_at),
    }


def _message(one: Sent) -> dict[str, Any]:
    return {
        "id": one.id,
        "purpose": one.purpose,
        "campaign": one.campaign,
        "state": one.state,
        "reason": one.reason,
        "content": one.content,
        "released_at": _moment(one.claimed_at),
        "delivered_at": _moment(one.delivered_at),
        "read_at": _moment(one.read_at),
        "clicks": one.clicks,
        "allowed_by": None if one.event_seq is None else {"seq": one.event_seq, "hash": one.event_hash},
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else moment_text(at)
