"""Put an answer to a person into the outbox: acknowledgements, help, and how to join.

Trigger: something a person said.
Reads:   the person's language, and whether they had the same answer within a day.
Writes:  at most one message, keyed by the message that it answers.
Repeat:  harmless, by that key.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import Connection

from consent.vault import Subject
from gateway.core.answers import Answer, House, words
from gateway.core.message import acknowledgement_key
from gateway.settings import Settings
from gateway.storage import contacts, message_reports, outbox
from gateway.storage.outbox import NewMessage

WINDOW = timedelta(hours=24)
"""Meta's customer service window: free-form text is allowed for 24 h after the person's last message."""

AGAIN_AFTER = timedelta(hours=24)
"""A second stop within a day gets no second acknowledgement (reference/consent.md section 4)."""


def digest_of(whatsapp_id: str) -> str:
    """A key made of Meta's message id, which itself holds the phone number in base64."""
    return hashlib.sha256(whatsapp_id.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def answer_person(
    connection: Connection,
    subject: Subject,
    answer: Answer,
    settings: Settings,
    *,
    to_message: str,
    said_at: datetime,
    number_id: str,
    now: datetime,
) -> bool:
    """Queue one answer. False when none is due: the window has closed, or the same was said within a day."""
    if said_at + WINDOW <= now or message_reports.said_since(connection, subject.id, answer.value, now - AGAIN_AFTER):
        return False
    person = contacts.states(connection, [subject.id]).get(subject.id)
    language = (person.language if person else None) or settings.language
    text = words(answer, language, House(settings.brand, settings.contact))
    message = NewMessage(
        key=acknowledgement_key(digest_of(to_message)),
        subject_id=subject.id,
        purpose="service",
        number_id=number_id,
        due_at=now,
        expires_at=said_at + WINDOW,
        content={"kind": "text", "text": text, "answer": answer.value},
        priority=0,
    )
    return outbox.enqueue(connection, [message], now) == 1
