"""Small true ledgers, exported, for the tests of proof; and the ways in which somebody could tamper with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from consent.events import GENESIS_HASH, SYSTEM, Commitment, Draft, Event, EventType, canonical, hash_of
from consent.proof.bundle import OpenedEvidence, SentMessage, ledger_lines
from consent.proof.checkpoint import Checkpoint, SigningKey, new_signing_key, sign
from consent.proof.findings import Findings
from consent.proof.merkle import Tree
from consent.proof.verify import verify
from consent.texts import ConsentText
from tests.consent.events_given import START, at, draft

ORIGIN = "izin.example/ledger"
KEY = new_signing_key(ORIGIN, bytes(range(32)))
OTHER_KEY = new_signing_key(ORIGIN, bytes(32))

NEWSLETTER = ConsentText(
    id="newsletter",
    version="3",
    locale="tr",
    body="Kampanyaların WhatsApp ile bana iletilmesini onaylıyorum.",
    purposes=("marketing",),
    channels=("whatsapp",),
    controller="Örnek Ticaret A.Ş.",
    withdrawal="DUR yazarak vazgeçebilirsiniz.",
    valid_from=date(2026, 1, 1),
)
PROOF_OF_AYSE = OpenedEvidence(b"salt-of-ayse-001", b'{"wamid":"wamid.TEST1"}')

AYSE, BURAK, CEM = "aa" * 16, "bb" * 16, "cc" * 16


def recorded(drafts: Sequence[Draft], start: datetime = START) -> list[Event]:
    """The drafts as a ledger records them: each an instant after it occurred."""
    events: list[Event] = []
    for one in drafts:
        add(events, one, max(one.occurred_at, start))
    return events


def add(events: list[Event], one: Draft, recorded_at: datetime) -> Event:
    seq = len(events) + 1
    fields = {name: getattr(one, name) for name in Draft.__dataclass_fields__}
    placed = Event(
        **fields,
        seq=seq,
        event_id=f"019b0000-0000-7000-8000-{seq:012x}",
        recorded_at=recorded_at,
        prev_hash=events[-1].hash if events else GENESIS_HASH,
    )
    events.append(replace(placed, hash=hash_of(canonical(placed))))
    return events[-1]


def a_life() -> list[Draft]:
    """Three people over a day: one consents, one consents and leaves, one declines."""
    evidence = Commitment(1, PROOF_OF_AYSE.commitment)
    asked = {"actor": SYSTEM, "source": "web_form", "method": "checkbox", "text": NEWSLETTER.ref}
    return [
        draft(EventType.REQUESTED, 0, subject=AYSE, idem="ask:ayse", **asked),
        draft(EventType.CONFIRMED, 1, subject=AYSE, idem="reply:ayse", text=NEWSLETTER.ref, evidence=evidence),
        draft(EventType.REQUESTED, 2, subject=BURAK, idem="ask:burak", **asked),
        draft(EventType.CONFIRMED, 3, subject=BURAK, idem="reply:burak", text=NEWSLETTER.ref),
        draft(EventType.REVOKED, 5, subject=BURAK, idem="reply:burak:dur", method="keyword: çık"),
        draft(EventType.REQUESTED, 6, subject=CEM, idem="ask:cem", **asked),
        draft(EventType.DECLINED, 7, subject=CEM, idem="reply:cem"),
    ]


def tree_of(events: Sequence[Event]) -> Tree:
    return Tree(bytes.fromhex(one.hash) for one in events)


def note_of(events: Sequence[Event], key: SigningKey = KEY, size: int | None = None) -> str:
    size = len(events) if size is None else size
    return sign(Checkpoint(ORIGIN, size, tree_of(events).root(size)), [key])


def message(number: int, to: str, hours: float, cites: Event | None, **fields: object) -> SentMessage:
    one = SentMessage(
        id=f"m{number}",
        subject=to,
        purpose="marketing",
        released_at=at(hours),
        state="delivered",
        event_seq=None if cites is None else cites.seq,
        event_hash=None if cites is None else cites.hash,
        template="spring",
    )
    return replace(one, **fields)  # type: ignore[arg-type]


def _two_sent(events: Sequence[Event]) -> list[SentMessage]:
    return [message(1, AYSE, 2, events[1]), message(2, BURAK, 4, events[3])]


@dataclass
class Export:
    """What an operator hands over; a test changes one thing in it, writes it down and asks the verifier."""

    events: list[Event] = field(default_factory=lambda: recorded(a_life()))
    texts: list[ConsentText] = field(default_factory=lambda: [NEWSLETTER])
    messages: list[SentMessage] | None = None
    evidence: list[OpenedEvidence] = field(default_factory=lambda: [PROOF_OF_AYSE])
    notes: list[str] | None = None

    def lines(self) -> list[bytes]:
        events = self.events
        return list(
            ledger_lines(
                origin=ORIGIN,
                exported_at=at(100),
                size=len(events),
                head=events[-1].hash if events else GENESIS_HASH,
                texts=self.texts,
                events=[(canonical(one), one.hash) for one in events],
                checkpoints=[note_of(events, size=3), note_of(events)] if self.notes is None else self.notes,
                messages=_two_sent(events) if self.messages is None else self.messages,
                evidence=self.evidence,
            )
        )

    def check(
        self, folder: Path, *outside: str, change: Callable[[list[bytes]], list[bytes]] | None = None
    ) -> Findings:
        lines = self.lines() if change is None else change(self.lines())
        return check_lines(folder, lines, *outside)


def check_lines(folder: Path, lines: Sequence[bytes], *outside: str) -> Findings:
    """Ask the verifier about these lines and about checkpoints that somebody else kept."""
    path = folder / "ledger.jsonl"
    path.write_bytes(b"".join(lines))
    kept = []
    for number, note in enumerate(outside):
        kept.append(folder / f"kept-{number}.txt")
        kept[-1].write_text(note, encoding="utf-8")
    return verify([path, *kept], [KEY.verifier])
