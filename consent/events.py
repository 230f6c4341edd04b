"""The ledger's events: what may be recorded about a person's will, and the exact bytes that are hashed.

A `Draft` is what an action wants to record; the ledger gives it a place in the chain and it becomes an `Event`.
Neither holds personal data: the person is a random reference, evidence is a salted commitment.
Schema after reference/consent.md section 3.1; the written format is docs/formats/ledger.md.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

HAS_ORJSON = find_spec("orjson") is not None
"""consent.proof runs where nothing but the standard library and cryptography is installed."""

if HAS_ORJSON:
    import orjson

SCHEMA = "consent-event/1"
HASH_PREFIX = b"consent-ledger/1\n"
GENESIS_HASH = "0" * 64

EVERY_PURPOSE = "*"
"""The purpose of an event that speaks of the person as a whole: suppressed, held, number_reassigned, erased."""


class Purpose(StrEnum):
    """What a message is for. Besides these, `custom:<slug>` is allowed, so purposes travel as plain strings."""

    MARKETING = "marketing"
    UTILITY = "utility"
    AUTHENTICATION = "authentication"
    SERVICE = "service"


class EventType(StrEnum):
    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    REQUEST_EXPIRED = "request_expired"
    GRANTED = "granted"
    GRANTED_BY_IMPORT = "granted_by_import"
    RENEWED = "renewed"
    PAUSED = "paused"
    RESUMED = "resumed"
    REVOKED = "revoked"
    REVOKED_BY_REGISTRY = "revoked_by_registry"
    SUPPRESSED = "suppressed"
    SUPPRESSION_LIFTED = "suppression_lifted"
    EXPIRED = "expired"
    NUMBER_REASSIGNED = "number_reassigned"
    CORRECTED = "corrected"
    EXPORTED = "exported"
    HELD = "held"
    ERASED = "erased"


class ActorKind(StrEnum):
    SUBJECT = "subject"
    OPERATOR = "operator"
    IMPORT = "import"
    PROVIDER = "provider"
    REGISTRY = "registry"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acted. `ref` names the operator, file digest or provider; never a phone number."""

    kind: ActorKind
    ref: str = ""


SUBJECT = Actor(ActorKind.SUBJECT)
SYSTEM = Actor(ActorKind.SYSTEM)
PROVIDER = Actor(ActorKind.PROVIDER, "meta")


@dataclass(frozen=True, slots=True)
class TextRef:
    """The exact consent text that was shown: `sha256` is the hex digest of its canonical bytes."""

    id: str
    version: str
    locale: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Commitment:
    """What binds an event to its evidence in the vault: sha256(salt || canonical evidence), as hex."""

    count: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An event before it has a place in the chain.

    `occurred_at` is when the person acted (aware, UTC); `idem` is the unique key under which a repeat is recognised.
    `expires_at` is the deadline that binds even when no timer fires: of a request, a pause or a grant.
    """

    subject: str
    purpose: str
    type: EventType
    occurred_at: datetime
    actor: Actor
    source: str
    method: str
    idem: str
    channel: str = "whatsapp"
    text: TextRef | None = None
    basis: str = "consent"
    jurisdiction: str | None = None
    expires_at: datetime | None = None
    causes: tuple[str, ...] = ()
    evidence: Commitment | None = None

    @property
    def by_the_person(self) -> bool:
        """The person's own act, or one that an operator proves on paper or from a call (reference/consent.md 3.2).

        A file is never the person, whatever its source column says; nor is paper without evidence in the vault.
        """
        if self.actor.kind is ActorKind.SUBJECT:
            return True
        by_hand = self.actor.kind is ActorKind.OPERATOR and self.source in PROVEN_BY_HAND
        return by_hand and self.evidence is not None


PROVEN_BY_HAND = frozenset({"paper", "call"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Draft):
    """An event in the chain. `seq` starts at 1 and has no gaps; `hash` covers everything else here."""

    seq: int
    event_id: str
    recorded_at: datetime
    prev_hash: str
    hash: str = field(default="")


def moment_text(moment: datetime) -> str:
    """UTC with microseconds and a Z, the one spelling of a moment in the ledger. Raises ValueError when naive."""
    if moment.tzinfo is None:
        raise ValueError("a ledger moment needs a time zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment_from(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _nfc(value: str) -> str:
    return value if value.isascii() else unicodedata.normalize("NFC", value)


def canonical(event: Event) -> bytes:
    """The bytes that are hashed: RFC 8785 over strings, integers and nulls (no floats), without `hash`.

    orjson with sorted keys writes exactly these bytes as long as keys are ASCII; tests compare with rfc8785.
    """
    if not HAS_ORJSON:
        return canonical_json(as_mapping(event))
    return orjson.dumps(as_mapping(event), option=orjson.OPT_SORT_KEYS)


def canonical_json(body: Mapping[str, Any]) -> bytes:
    """The same bytes from the standard library, seven times slower. Raises ValueError on a broken surrogate."""
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def as_mapping(event: Event) -> dict[str, Any]:
    text, evidence = event.text, event.evidence
    return {
        "actor": {"kind": event.actor.kind.value, "ref": _nfc(event.actor.ref)},
        "basis": event.basis,
        "causes": list(event.causes),
        "channel": event.channel,
        "event_id": event.event_id,
        "evidence": None if evidence is None else {"commitment": evidence.sha256, "count": evidence.count},
        "expires_at": None if event.expires_at is None else moment_text(event.expires_at),
        "idem": _nfc(event.idem),
        "jurisdiction": event.jurisdiction,
        "method": _nfc(event.method),
        "occurred_at": moment_text(event.occurred_at),
        "prev_hash": event.prev_hash,
        "purpose": event.purpose,
        "recorded_at": moment_text(event.recorded_at),
        "schema": SCHEMA,
        "seq": event.seq,
        "source": event.source,
        "subject": event.subject,
        "text": None
        if text is None
        else {"id": text.id, "locale": text.locale, "sha256": text.sha256, "version": text.version},
        "type": event.type.value,
    }


def from_mapping(body: Mapping[str, Any], hash_: str) -> Event:
    """The event that `canonical` wrote. Raises KeyError or ValueError on anything that it cannot have written."""
    if body["schema"] != SCHEMA:
        raise ValueError(f"unknown event schema {body['schema']!r}")
    text, evidence = body["text"], body["evidence"]
    return Event(
        seq=body["seq"],
        event_id=body["event_id"],
        recorded_at=moment_from(body["recorded_at"]),
        prev_hash=body["prev_hash"],
        hash=hash_,
        subject=body["subject"],
        purpose=body["purpose"],
        type=_TYPES[body["type"]],
        occurred_at=moment_from(body["occurred_at"]),
        actor=_actor(body["actor"]["kind"], body["actor"]["ref"]),
        source=body["source"],
        method=body["method"],
        idem=body["idem"],
        channel=body["channel"],
        text=None if text is None else _text_ref(text["id"], text["version"], text["locale"], text["sha256"]),
        basis=body["basis"],
        jurisdiction=body["jurisdiction"],
        expires_at=None if body["expires_at"] is None else moment_from(body["expires_at"]),
        causes=tuple(body["causes"]),
        evidence=None if evidence is None else Commitment(evidence["count"], evidence["commitment"]),
    )


_TYPES = {one.value: one for one in EventType}
_text_ref = lru_cache(maxsize=1_000)(TextRef)


@lru_cache(maxsize=1_000)
def _actor(kind: str, ref: str) -> Actor:
    """Events by the million have the same few actors and texts."""
    return Actor(ActorKind(kind), ref)


def hash_of(canonical_bytes: bytes) -> str:
    """sha256("consent-ledger/1\\n" || canonical bytes), hex. `prev_hash` is inside the bytes, so this is a chain."""
    return hashlib.sha256(HASH_PREFIX + canonical_bytes).hexdigest()
