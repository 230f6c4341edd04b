"""Ask people whether we may write to them: once, without a word of promotion.

Trigger: `izin optins confirm`.
Reads:   people who are known without consent, the confirmation template, who was asked before.
Writes:  for each, `requested` in the ledger, the request with the digest of its code, and one utility message.
Repeat:  harmless: who has been asked is not asked again within 30 days, and never after a refusal.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from consent import ledger, optin, requests, vault
from consent.events import Actor, ActorKind, Draft, Event, EventType, Purpose, TextRef
from consent.optin import MayAsk, MayNotAsk, Mode, NoRequest, Request
from consent.suppression import SuppressionKeys
from consent.texts import ConsentText
from consent.vault import Subject
from gateway.core.message import confirmation_key
from gateway.core.template import Filled, HoleKind, Template, Value, fill, from_meta, placeholders
from gateway.settings import Settings
from gateway.storage import contacts, outbox, templates
from gateway.storage.contacts import PersonState
from gateway.storage.outbox import NewMessage

MARKETING = Purpose.MARKETING.value
BATCH = 500


class CannotAsk(Exception):
    """Nobody can be asked as things are; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How many people were asked, and how many were not, by the reason's name."""

    asked: int
    not_asked: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Question:
    """What is put to people in one language."""

    template: Template
    text: TextRef


def request_optins(
    connection: Connection, subject_ids: Sequence[int], settings: Settings, now: datetime, operator: str
) -> Asked:
    """Raises CannotAsk when the template, the consent text or a sending number is missing, and vault.KeyMissing."""
    now = now.replace(microsecond=0)  # Meta tells answers in whole seconds: none may seem older than its question
    questions, number_id = _questions(connection, settings), _number(connection)
    subjects = vault.subjects_by_id(connection, list(subject_ids))
    people = contacts.states(connection, list(subject_ids))
    standings = ledger.standings_of(connection, list(subject_ids))
    before = requests.asked_before(connection, list(subject_ids), MARKETING)
    erased_before = _silenced(connection, subject_ids, settings)
    not_asked: dict[str, int] = {}
    batch: list[tuple[Subject, Draft, Request, str, _Question, PersonState]] = []
    for subject_id in subject_ids:
        person = people[subject_id]
        may = optin.may_request(standings[subject_id], MARKETING, now, sent_before=before.get(subject_id, ()))
        if subject_id in erased_before:
            may = MayNotAsk(NoRequest.SILENCED)
        if not isinstance(may, MayAsk):
            not_asked[may.reason.value] = not_asked.get(may.reason.value, 0) + 1
            continue
        question = _in_language(questions, person.language, settings)
        subject = subjects[subject_id]
        request, code = _request(subject, question, settings, now, person.source or "import")
        batch.append((subject, _draft(subject, request, operator), request, code, question, person))
    events = ledger.append(connection, [(subject, draft) for subject, draft, *_ in batch], now)
    _queue(connection, batch, events, settings, number_id, now)
    return Asked(len(batch), not_asked)


def _silenced(connection: Connection, subject_ids: Sequence[int], settings: Settings) -> set[int]:
    """People whose number was erased under another reference: they come back by themselves or not at all."""
    identifiers = vault.identifiers_of(connection, list(subject_ids))
    addresses = [i.value for theirs in identifiers.values() for i in theirs]
    silent = vault.silenced(connection, SuppressionKeys.read(settings.suppression_key), addresses)
    return {one for one, theirs in identifiers.items() if any(i.value in silent for i in theirs)}


def _queue(
    connection: Connection,
    batch: Sequence[Any],
    events: Sequence[Event],
    settings: Settings,
    number_id: str,
    now: datetime,
) -> None:
    messages = []
    for (subject, _, request, code, question, person), event in zip(batch, events, strict=True):
        requests.keep(connection, subject, MARKETING, request, event.event_id)
        messages.append(
            NewMessage(
                key=confirmation_key(event.event_id),
                subject_id=subject.id,
                purpose=Purpose.UTILITY.value,
                number_id=number_id,
                due_at=now,
                expires_at=request.expires_at,
                content=_content(question.template, code, person, settings),
            )
        )
    outbox.enqueue(connection, messages, now)


def _questions(connection: Connection, settings: Settings) -> dict[str, _Question]:
    """The confirmation template in each language for which there is a consent text."""
    texts: dict[str, ConsentText] = {t.locale: t for t in ledger.texts(connection) if t.id == settings.consent_text}
    found = {}
    for language, stored in templates.languages_of(connection, settings.confirm_template).items():
        template = from_meta({**stored.definition, "category": stored.category})
        text = texts.get(language) or texts.get(language.partition("_")[0])
        if isinstance(template, Template) and text is not None and stored.status == "APPROVED":
            found[language] = _Question(template, text.ref)
    if not found:
        raise CannotAsk(
            f"There is no approved template “{settings.confirm_template}” in a language for which the consent text "
            f"“{settings.consent_text}” exists. Add the text with `izin texts add`, fetch templates with "
            "`izin templates sync`, or set IZIN_CONFIRM_TEMPLATE."
        )
    if any(question.template.category.value.upper() == "MARKETING" for question in found.values()):
        raise CannotAsk("A request for consent must not be promotional; the confirmation template is MARKETING.")
    return found


def _number(connection: Connection) -> str:
    numbers = templates.numbers(connection)
    if not numbers:
        raise CannotAsk("No sending number is known; set IZIN_PHONE_NUMBER_IDS and run `izin templates sync`.")
    return numbers[0].id


def _in_language(questions: dict[str, _Question], language: str | None, settings: Settings) -> _Question:
    for wanted in (language, settings.language, "en"):
        if wanted and (found := questions.get(wanted) or questions.get(wanted.partition("_")[0])):
            return found
    return next(iter(questions.values()))


def _request(
    subject: Subject, question: _Question, settings: Settings, now: datetime, source: str
) -> tuple[Request, str]:
    return optin.ask(
        token=secrets.token_bytes(optin.TOKEN_BYTES),
        subject=subject.ref,
        purpose=MARKETING,
        text=question.text,
        mode=Mode.OUTBOUND_TEMPLATE,
        source=source,
        now=now,
        lifetime=settings.confirm_within,
    )


def _draft(subject: Subject, request: Request, operator: str) -> Draft:
    return Draft(
        subject=subject.ref,
        purpose=MARKETING,
        type=EventType.REQUESTED,
        occurred_at=request.asked_at,
        actor=Actor(ActorKind.OPERATOR, operator),
        source="wa_template",
        method=request.mode.value,
        idem=f"request:{request.digest[:32]}",
        text=request.text,
        expires_at=request.expires_at,
    )


def _content(template: Template, code: str, person: PersonState, settings: Settings) -> dict[str, Any]:
    values = _values(template, code, person, settings)
    filled = fill(template, values)
    if not isinstance(filled, Filled):
        raise CannotAsk(f"The confirmation template cannot be filled: {filled[0].sentence(settings.language)}")
    return {
        "kind": "template",
        "template": template.name,
        "language": template.language,
        "components": [dict(component) for component in filled.components],
    }


_NOBODY_NAMED = {"tr": "değerli müşterimiz", "en": "dear customer"}


def _values(template: Template, code: str, person: PersonState, settings: Settings) -> dict[str, Value]:
    """Name and code fill the text, in this order or by name; the two buttons carry the code as yes and no."""
    name = (person.name or "").split()[:1] or [_NOBODY_NAMED.get(template.language[:2], _NOBODY_NAMED["en"])]
    known: dict[str, Value] = {"1": name[0], "2": code, "first_name": name[0], "name": name[0], "code": code}
    known["brand"] = settings.brand
    replies = [hole.key for hole in placeholders(template) if hole.kind is HoleKind.PAYLOAD]
    return known | dict(zip(replies, (optin.yes_payload(code), optin.no_payload(code)), strict=False))
