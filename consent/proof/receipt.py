"""Consent receipts: what a person may keep to show what they agreed to, made from the event and the text on demand.

Two shapes of the same facts: the record structure of ISO/IEC TS 27560:2023 (field names as in W3C's DPV guide to it)
and Kantara's Consent Receipt 1.1. Neither is stored; the ledger is the record. Their JSON schemas are beside
docs/formats/ledger.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from consent.events import Event, EventType, moment_text
from consent.texts import ConsentText

RECEIPT_SCHEMA = "iso-27560:2023/izin-1"
KANTARA_VERSION = "KI-CR-v1.1.0"

STATES: Mapping[EventType, str] = {
    EventType.REQUESTED: "consent requested",
    EventType.CONFIRMED: "consent given",
    EventType.GRANTED: "consent given",
    EventType.GRANTED_BY_IMPORT: "consent given",
    EventType.RENEWED: "consent reaffirmed",
    EventType.RESUMED: "consent given",
    EventType.DECLINED: "consent refused",
    EventType.REVOKED: "consent withdrawn",
    EventType.REVOKED_BY_REGISTRY: "consent withdrawn",
    EventType.NUMBER_REASSIGNED: "consent invalidated",
    EventType.SUPPRESSED: "consent withdrawn",
    EventType.PAUSED: "consent status unknown",
    EventType.EXPIRED: "consent expired",
    EventType.REQUEST_EXPIRED: "consent unknown",
}
"""DPV's consent statuses, for the events of which a receipt can be given."""

_DATA = ("phone number or WhatsApp user id", "consent history", "replies to messages")


@dataclass(frozen=True, slots=True)
class NoReceipt(ValueError):
    """There is nothing to give a receipt for; the text says why."""

    sentence: str

    def __str__(self) -> str:
        return self.sentence


def receipt_id(event: Event) -> str:
    """The same event always has the same receipt: a UUIDv5 over its hash."""
    return str(uuid5(NAMESPACE_URL, f"urn:consent-event:{event.hash}"))


def receipt(event: Event, text: ConsentText) -> dict[str, Any]:
    """The record of ISO/IEC TS 27560 for one event. Raises NoReceipt when the event does not rest on this text."""
    _fits(event, text)
    return {
        "header": {
            "schema_version": RECEIPT_SCHEMA,
            "record_id": event.event_id,
            "receipt_id": receipt_id(event),
            "pii_principal_id": event.subject,
            "ledger_seq": event.seq,
            "ledger_hash": event.hash,
        },
        "processing": {
            "privacy_notice": text.policy_url or _notice(text),
            "notice_sha256": text.digest,
            "language": text.locale,
            "purposes": [_purpose(event, text)],
        },
        "party_identification": [{"party_id": "controller", "party_name": text.controller, "party_role": "controller"}],
        "events": [_event(event)],
    }


def _fits(event: Event, text: ConsentText) -> None:
    if event.type not in STATES:
        raise NoReceipt(f"an event of type {event.type} is about no consent, so there is no receipt for it")
    if event.text is None:
        raise NoReceipt(f"event {event.seq} names no consent text, so there are no words to give a receipt for")
    if event.text != text.ref:
        raise NoReceipt(f"event {event.seq} rests on text {event.text.id} {event.text.version}, which this is not")


def _notice(text: ConsentText) -> str:
    return f"urn:consent-text:{text.id}:{text.version}:{text.locale}"


def _purpose(event: Event, text: ConsentText) -> dict[str, Any]:
    return {
        "purpose": event.purpose,
        "purpose_description": text.body,
        "lawful_basis": event.basis,
        "jurisdiction": event.jurisdiction,
        "pii_information": [{"pii_type": one} for one in _DATA],
        "pii_controllers": ["controller"],
        "recipients": ["Meta Platforms (WhatsApp), for delivery"],
        "collection_method": f"{event.source}/{event.method}",
        "withdrawal_method": text.withdrawal,
        "channel": event.channel,
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "event_time": moment_text(event.occurred_at),
        "recorded_time": moment_text(event.recorded_at),
        "validity_until": None if event.expires_at is None else moment_text(event.expires_at),
        "entity_id": event.actor.kind.value,
        "event_type": event.type.value,
        "event_state": STATES[event.type],
    }


def kantara(event: Event, text: ConsentText) -> dict[str, Any]:
    """Kantara's Consent Receipt 1.1 for one event. Raises NoReceipt as `receipt` does."""
    _fits(event, text)
    return {
        "version": KANTARA_VERSION,
        "jurisdiction": event.jurisdiction or "",
        "consentTimestamp": int(event.occurred_at.timestamp()),
        "collectionMethod": f"{event.source}/{event.method}",
        "consentReceiptID": receipt_id(event),
        "language": text.locale,
        "piiPrincipalId": event.subject,
        "piiControllers": [{"piiController": text.controller, "contact": text.controller}],
        "policyUrl": text.policy_url or _notice(text),
        "services": [{"service": "WhatsApp messages", "purposes": [_kantara_purpose(event, text)]}],
        "sensitive": False,
        "spiCat": [],
    }


def _kantara_purpose(event: Event, text: ConsentText) -> dict[str, Any]:
    return {
        "purpose": text.body,
        "purposeCategory": [event.purpose],
        "consentType": "EXPLICIT",
        "piiCategory": list(_DATA),
        "primaryPurpose": True,
        "termination": text.withdrawal,
        "thirdPartyDisclosure": True,
        "thirdPartyName": "Meta Platforms (WhatsApp)",
    }
