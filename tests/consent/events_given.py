"""Ledger events in the domain's words, for the tests of consent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from consent.events import (
    GENESIS_HASH,
    SUBJECT,
    Actor,
    ActorKind,
    Commitment,
    Draft,
    Event,
    EventType,
    TextRef,
    canonical,
    hash_of,
)

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
OPERATOR = Actor(ActorKind.OPERATOR, "op-1")
FILE = Actor(ActorKind.IMPORT, "file-sha256")
REGISTRY = Actor(ActorKind.REGISTRY, "iys")
TEXT = TextRef("newsletter", "3", "tr", "ab" * 32)
EVIDENCE = Commitment(1, "cd" * 32)


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def draft(kind: EventType, hours: float = 0, **fields: Any) -> Draft:
    """What the person of this test did, `hours` after the start."""
    given: dict[str, Any] = {
        "subject": "5f0c2a9e",
        "purpose": "marketing",
        "type": kind,
        "occurred_at": at(hours),
        "actor": SUBJECT,
        "source": "wa_inbound",
        "method": "keyword",
        "idem": f"{kind}:{hours}",
    }
    return Draft(**(given | fields))


def event(seq: int, kind: EventType, hours: float = 0, **fields: Any) -> Event:
    """An event out of any chain: good for folding, not for verifying."""
    one = draft(kind, hours, **({"idem": f"idem-{seq}"} | fields))
    return _placed(one, seq, f"id-{seq:04}", GENESIS_HASH, f"{seq:064x}")


def row(seq: int, hours: float = 0, **fields: Any) -> Event:
    """A complete import row."""
    given: dict[str, Any] = {"actor": FILE, "source": "import", "method": "list", "text": TEXT, "evidence": EVIDENCE}
    return event(seq, EventType.GRANTED_BY_IMPORT, hours, **(given | fields))


def chained(*drafts: Draft) -> list[Event]:
    """The drafts as a true chain, in this order."""
    events: list[Event] = []
    before = GENESIS_HASH
    for seq, one in enumerate(drafts, start=1):
        open_ = _placed(one, seq, f"019b0000-0000-7000-8000-{seq:012x}", before, "")
        before = hash_of(canonical(open_))
        events.append(_placed(one, seq, open_.event_id, open_.prev_hash, before))
    return events


def _placed(one: Draft, seq: int, event_id: str, prev_hash: str, hash_: str) -> Event:
    fields = {name: getattr(one, name) for name in Draft.__dataclass_fields__}
    return Event(
        **fields, seq=seq, event_id=event_id, recorded_at=START + timedelta(days=90), prev_hash=prev_hash, hash=hash_
    )
