"""Let what people say bind: words, buttons, Meta's own switch, and error 131050.

Trigger: the webhook, before its 200; the drain again later.
Reads:   where the person stands, and the request that may be open to them.
Writes:  ledger events with their evidence; open messages of a person who stopped are ended; one acknowledgement.
Repeat:  harmless: every event is keyed by what it answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from consent import ledger, optin, replies, requests, vault
from consent.events import EVERY_PURPOSE, PROVIDER, SUBJECT, Actor, Draft, Event, EventType, Purpose
from consent.optin import AlreadyUsed, Confirmed, Declined, Late, Mode, Said, Void, Wrong
from consent.replies import Certainty, Kind, Reading
from consent.replies import Scope as StopScope
from consent.requests import Kept
from consent.standing import PAUSE_MAX, REQUEST_LIFETIME, State
from consent.suppression import SuppressionKeys
from consent.vault import Subject
from consent.verdicts import Accept, verdict
from gateway.actions.answer_people import answer_person, digest_of
from gateway.actions.know_people import change_identity, know
from gateway.actions.load_own_words import own_words
from gateway.core.answers import Answer
from gateway.settings import Settings
from gateway.storage import contacts, messages, outbox
from gateway.storage.messages import Known
from gateway.whatsapp.payload import (
    OPT_OUT_CODES,
    IdentityUpdate,
    InboundMessage,
    Item,
    Preference,
    PreferenceChange,
    StatusUpdate,
)

MARKETING = Purpose.MARKETING.value
STOPPING = frozenset({EventType.REVOKED, EventType.SUPPRESSED, EventType.DECLINED, EventType.PAUSED})
CONSENTING = frozenset({EventType.CONFIRMED, EventType.GRANTED, EventType.RENEWED, EventType.RESUMED})
FREE_ENTRY = timedelta(hours=72)
"""Meta's free entry point window after an advertisement (whatsapp-cloud-api.md 4.2)."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing that a person did: what the ledger should record, what proves it, and what to say back."""

    subject: Subject
    drafts: tuple[Draft, ...]
    evidence: Mapping[str, object]
    answer: Answer | None = None


def record_consent(connection: Connection, items: Sequence[Item], settings: Settings, now: datetime) -> list[Event]:
    """Apply each item, in order. Returns the events that are in the ledger because of them."""
    recorded: list[Event] = []
    for item in items:
        match item:
            case InboundMessage():
                recorded += _message(connection, item, settings, now)
            case PreferenceChange():
                recorded += _preference(connection, item, settings, now)
            case StatusUpdate():
                recorded += _refusal_by_error(connection, item, settings, now)
            case IdentityUpdate():
                change_identity(connection, item.old, item.new, now)
    return recorded


def _said_at(at: datetime | None, now: datetime) -> datetime:
    """When the person acted: Meta's whole seconds, but never later than now."""
    return min(at or now, now)


def _message(connection: Connection, item: InboundMessage, settings: Settings, now: datetime) -> list[Event]:
    subject = None if item.by_business else know(connection, item.sender, now)
    if subject is None or item.message_id is None:
        return []
    at = _said_at(item.at, now)
    contacts.spoke(connection, {subject.id: at})
    if item.referral is not None:
        contacts.came_by_advertisement(connection, subject.id, at + FREE_ENTRY)
    if item.words is None:
        return []
    heard = _Listener(connection, settings, subject, item, at, now).listen()
    events = write_down(connection, heard, settings, now)
    if heard.answer is not None and item.number_id:
        answer_person(
            connection,
            subject,
            heard.answer,
            settings,
            to_message=item.message_id,
            said_at=at,
            number_id=item.number_id,
            now=now,
        )
    return events


class _Listener:
    """Reads one inbound message of one person."""

    def __init__(
        self,
        connection: Connection,
        settings: Settings,
        subject: Subject,
        item: InboundMessage,
        at: datetime,
        now: datetime,
    ) -> None:
        self.connection, self.settings, self.subject, self.item = connection, settings, subject, item
        self.at, self.now = at, now
        self.standings = ledger.standings_of(connection, [subject.id])[subject.id]
        self.key = f"reply:{digest_of(item.message_id or '')}"

    def listen(self) -> Heard:
        said = optin.read_payload(self.item.button_payload or "")
        if said is not None:
            return self._answered(said, "optin.button/1", "wa_button")
        reading, source = self._reading()
        match reading.kind:
            case Kind.STOP:
                return self._stop(reading, source)
            case Kind.START:
                return self._start(reading, source)
            case Kind.CONFIRM:
                return self._answered(Said(True, reading.code), reading.rule, source)
            case Kind.DECLINE:
                return self._answered(Said(False), reading.rule, source)
            case Kind.HELP:
                return self._heard((), Answer.HELP)
            case _:
                return self._heard((), None)

    def _reading(self) -> tuple[Reading, str]:
        item, aliases = self.item, (*self.settings.brand_aliases, self.settings.brand)
        if item.button_payload or item.button_title:
            payload, title = item.button_payload or "", item.button_title or ""
            return replies.read_button(payload, title, aliases=aliases, extra=own_words(self.settings)), "wa_button"
        text = item.text or ""
        pending = self.standings.of(MARKETING).at(self.at).state is State.PENDING
        reading = replies.read(text, aliases=aliases, pending=pending, extra=own_words(self.settings))
        if reading.kind is Kind.OTHER and (code := optin.find_code(text)):
            return Reading(Kind.CONFIRM, Certainty.CERTAIN, "optin.code/1", code=code), "wa_inbound"
        return reading, "wa_inbound"

    def _heard(self, drafts: tuple[Draft, ...], answer: Answer | None, **evidence: object) -> Heard:
        item = self.item
        proof = {
            "wamid": item.message_id,
            "text": item.text,
            "button": item.button_title,
            "at": item.raw.get("timestamp"),
        }
        return Heard(self.subject, drafts, {**proof, "payload": item.button_payload, **evidence}, answer)

    def _draft(self, type_: EventType, rule: str, source: str, **fields: object) -> Draft:
        draft = Draft(
            subject=self.subject.ref,
            purpose=MARKETING,
            type=type_,
            occurred_at=self.at,
            actor=SUBJECT,
            source=source,
            method=rule,
            idem=self.key,
        )
        return replace(draft, **fields)  # type: ignore[arg-type]

    def _stop(self, reading: Reading, source: str) -> Heard:
        if reading.certainty is Certainty.LIKELY:
            draft = self._draft(EventType.PAUSED, reading.rule, source, expires_at=self.at + PAUSE_MAX)
            return self._heard((draft,), Answer.PAUSED)
        drafts = [self._draft(EventType.REVOKED, reading.rule, source)]
        everything = reading.scope is StopScope.EVERYTHING
        if everything:
            whole = {"purpose": EVERY_PURPOSE, "idem": f"{self.key}:all"}
            drafts.append(self._draft(EventType.SUPPRESSED, reading.rule, source, **whole))
        return self._heard(tuple(drafts), Answer.STOPPED_EVERYTHING if everything else Answer.STOPPED)

    def _start(self, reading: Reading, source: str) -> Heard:
        draft = self._draft(EventType.RESUMED, reading.rule, source)
        ruled = verdict(self.standings, draft, self.now)
        if not isinstance(ruled, Accept):
            nothing_lost = self.standings.of(MARKETING).at(self.at).state is State.GRANTED
            return self._heard((), None if nothing_lost else Answer.HOW_TO_JOIN)
        moved = replace(draft, type=ruled.record_as)
        return self._heard((moved,), Answer.RESUMED if ruled.state is State.GRANTED else None)

    def _answered(self, said: Said, rule: str, source: str) -> Heard:
        kept = self._request_for(said)
        if kept is None:
            return self._heard((), Answer.WRONG_CODE if said.code else None)
        result = optin.answer(kept.request, said, self.subject.ref, self.at)
        match result:
            case Confirmed(request) | Declined(request):
                requests.settle(self.connection, kept, request, self.subject)
                return self._decided(isinstance(result, Confirmed), kept, rule, source)
            case Wrong(request, _) | Void(request):
                requests.settle(self.connection, kept, request, None)
                return self._heard((), Answer.WRONG_CODE)
            case Late():
                return self._heard((), Answer.TOO_LATE)
            case AlreadyUsed():
                return self._heard((), None)

    def _request_for(self, said: Said) -> Kept | None:
        if said.code is not None:
            found = requests.by_digest(self.connection, optin.digest_of(said.code))
            if found is not None:
                return found
        return requests.latest_for(self.connection, self.subject)

    def _decided(self, yes: bool, kept: Kept, rule: str, source: str) -> Heard:
        request = kept.request
        if request.mode is Mode.INBOUND_CODE:
            source = request.source  # the shop, form or partner whose code the person sent
        draft = self._draft(
            EventType.CONFIRMED if yes else EventType.DECLINED,
            rule,
            source,
            purpose=request.purpose,
            text=request.text,
            causes=(kept.event_id,) if kept.event_id else (),
        )
        drafts = self._asked_and_answered(draft, kept) if yes else (draft,)
        return self._heard(drafts, Answer.CONFIRMED if yes else Answer.DECLINED, asked_by=request.source)

    def _asked_and_answered(self, confirmed: Draft, kept: Kept) -> tuple[Draft, ...]:
        """What a yes is recorded as. An invitation becomes a request only when a person takes it up."""
        standing = self.standings.of(confirmed.purpose).at(self.at)
        if standing.granted:
            return (replace(confirmed, type=EventType.RENEWED),)
        if isinstance(ruled := verdict(self.standings, confirmed, self.now), Accept) and ruled.changes:
            return (confirmed,)
        asked = replace(
            confirmed,
            type=EventType.REQUESTED,
            method=kept.request.mode.value,
            idem=f"{self.key}:asked",
            causes=(),
            expires_at=self.at + REQUEST_LIFETIME,
        )
        return asked, confirmed


def _preference(connection: Connection, item: PreferenceChange, settings: Settings, now: datetime) -> list[Event]:
    subject = know(connection, item.person, now)
    types = {
        Preference.STOP: EventType.REVOKED,
        Preference.RESUME: EventType.RESUMED,
        Preference.SIGNUP: EventType.GRANTED,
    }
    type_ = types.get(item.preference)
    if subject is None or type_ is None:
        return []
    at = _said_at(item.at, now)
    draft = Draft(
        subject=subject.ref,
        purpose=MARKETING,
        type=type_,
        occurred_at=at,
        actor=SUBJECT,
        source="wa_pref",
        method=f"signup:{item.signup_id}" if item.signup_id else "preference",
        idem=f"pref:{subject.ref}:{int(at.timestamp())}:{item.preference.value}",
    )
    if type_ is not EventType.REVOKED:
        standings = ledger.standings_of(connection, [subject.id])[subject.id]
        if not isinstance(verdict(standings, draft, now), Accept):
            return []
    evidence = {"preference": item.preference.value, "at": at.isoformat()}
    return write_down(connection, Heard(subject, (draft,), evidence), settings, now)


def _refusal_by_error(connection: Connection, item: StatusUpdate, settings: Settings, now: datetime) -> list[Event]:
    codes = [error.code for error in item.errors if error.code in OPT_OUT_CODES]
    subject = _subject_of_status(connection, item, now) if codes and item.wamid else None
    if subject is None or item.wamid is None:
        return []
    draft = _told_by_error(subject, codes[0], f"status:{digest_of(item.wamid)}", _said_at(item.at, now))
    return write_down(connection, Heard(subject, (draft,), {"wamid": item.wamid, "code": codes[0]}), settings, now)


def record_refusal_in_answer(connection: Connection, known: Known, code: int, now: datetime) -> None:
    """Meta's answer to our POST says what a `failed` status mostly says: the person has stopped marketing."""
    subject = vault.subjects_by_id(connection, [known.subject_id]).get(known.subject_id)
    if subject is not None:
        draft = _told_by_error(subject, code, f"answer:{known.id}.{known.attempts}", now)
        _append(connection, Heard(subject, (draft,), {"message": known.id, "code": code}), now)


def _told_by_error(subject: Subject, code: int, told_in: str, at: datetime) -> Draft:
    return Draft(
        subject=subject.ref,
        purpose=MARKETING,
        type=EventType.REVOKED,
        occurred_at=at,
        actor=Actor(PROVIDER.kind, PROVIDER.ref),
        source="provider_error",
        method=str(code),
        idem=f"{told_in}:{code}",
    )


def _subject_of_status(connection: Connection, item: StatusUpdate, now: datetime) -> Subject | None:
    """Whom a status speaks of: by its identifiers, else by the message that it answers."""
    found = know(connection, item.recipient, now)
    if found is not None or item.wamid is None:
        return found
    known = messages.by_wamids(connection, [item.wamid]).get(item.wamid)
    return None if known is None else vault.subjects_by_id(connection, [known.subject_id]).get(known.subject_id)


def write_down(connection: Connection, heard: Heard, settings: Settings, now: datetime) -> list[Event]:
    """Append what is new, and end what waits for a person who stopped."""
    events = _append(connection, heard, now)
    if settings.suppression_key and any(event.type in CONSENTING for event in events):
        _welcome_back(connection, heard.subject, settings)
    return events


def _append(connection: Connection, heard: Heard, now: datetime) -> list[Event]:
    known = ledger.known_keys(connection, [draft.idem for draft in heard.drafts])
    new = [draft for draft in heard.drafts if draft.idem not in known]
    if not new:
        return []
    commitments = vault.keep_evidence(connection, [(heard.subject, heard.evidence)], now)
    events = ledger.append(connection, [(heard.subject, replace(d, evidence=commitments[0])) for d in new], now)
    for event in events:
        if event.type in STOPPING:
            purposes = ["marketing", "utility"] if event.purpose == EVERY_PURPOSE else [event.purpose]
            reason = "consent_declined" if event.type is EventType.DECLINED else "consent_revoked"
            reason = "consent_paused" if event.type is EventType.PAUSED else reason
            outbox.cancel_open(connection, [heard.subject.id], purposes, reason, now)
    return events


def _welcome_back(connection: Connection, subject: Subject, settings: Settings) -> None:
    """Whoever was erased and now consents in person is no longer refused by what was kept of the old number."""
    theirs = vault.identifiers_of(connection, [subject.id])[subject.id]
    vault.lift_suppression(connection, SuppressionKeys.read(settings.suppression_key), [i.value for i in theirs])
