"""Take a person's yes or no from the page behind a link of ours.

Trigger: GET and POST of /optin/<code>.
Reads:   the request behind the code, and its text.
Writes:  on POST only: `confirmed` or `declined` with the visit as evidence; what waits for a person who says no ends.
Repeat:  harmless: a yes counts once; a no counts whenever it comes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from consent import ledger, optin, requests, vault
from consent.events import SUBJECT, Draft, EventType
from consent.optin import AlreadyUsed, Confirmed, Declined, Late, Mode, Said
from consent.requests import Kept
from consent.texts import ConsentText
from consent.vault import Subject
from gateway.actions.record_consent import Heard, write_down
from gateway.settings import Settings

AGENT_CHARS_MAX = 300


class LinkAnswer(StrEnum):
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    ALREADY = "already"
    TOO_LATE = "too_late"


@dataclass(frozen=True, slots=True)
class Visit:
    """What is kept of the visit in which somebody pressed a button: it proves the answer (reference/consent.md 3.1)."""

    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class Question:
    """What the page shows. `open` is False once the time is over or the yes was given."""

    text: ConsentText
    open: bool
    late: bool


def question(connection: Connection, code: str, now: datetime) -> Question | None:
    """The question behind a code; None when nobody was ever asked by this link."""
    kept = _kept(connection, code)
    if kept is None:
        return None
    text = next((t for t in ledger.texts(connection) if t.ref == kept.request.text), None)
    request = kept.request
    return None if text is None else Question(text, request.open_at(now), now >= request.expires_at)


def _kept(connection: Connection, code: str) -> Kept | None:
    letters = optin.plain_code(code)
    kept = requests.by_digest(connection, optin.digest_of(letters)) if letters else None
    return kept if kept is not None and kept.request.mode is Mode.WEB_LINK and kept.request.subject else None


def answer_link(
    connection: Connection, code: str, yes: bool, visit: Visit, settings: Settings, now: datetime
) -> LinkAnswer | None:
    """What the answer amounts to; None when nobody was asked by this link."""
    kept = _kept(connection, code)
    subject = vault.subject_by_ref(connection, kept.request.subject) if kept and kept.request.subject else None
    if kept is None or subject is None:
        return None
    result = optin.answer(kept.request, Said(yes, code), subject.ref, now)
    match result:
        case Confirmed(request) | Declined(request):
            requests.settle(connection, kept, request, subject)
            _record(connection, kept, subject, yes, visit, settings, now)
            return LinkAnswer.CONFIRMED if yes else LinkAnswer.DECLINED
        case AlreadyUsed():
            return LinkAnswer.ALREADY
        case Late():
            return LinkAnswer.TOO_LATE
    return None


def _record(
    connection: Connection, kept: Kept, subject: Subject, yes: bool, visit: Visit, settings: Settings, now: datetime
) -> None:
    request = kept.request
    draft = Draft(
        subject=subject.ref,
        purpose=request.purpose,
        type=EventType.CONFIRMED if yes else EventType.DECLINED,
        occurred_at=now,
        actor=SUBJECT,
        source=request.source,
        method=request.mode.value,
        idem=f"link:{request.digest[:32]}:{'yes' if yes else 'no'}",
        text=request.text,
        causes=(kept.event_id,) if kept.event_id else (),
    )
    evidence = {
        "page": f"{settings.public_url}/optin/",
        "address": visit.address,
        "agent": visit.agent[:AGENT_CHARS_MAX],
        "pressed": "yes" if yes else "no",
        "at": now.isoformat(),
    }
    if draft.idem not in ledger.known_keys(connection, [draft.idem]):
        write_down(connection, Heard(subject, (draft,), evidence), settings, now)
