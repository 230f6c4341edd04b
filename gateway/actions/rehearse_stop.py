"""Go the way of a stop before anybody says one, and undo it.

Trigger: the start of every process that hears people.
Reads:   what a stop reads.
Writes:  nothing that stays.
Repeat:  harmless.

What is loaded and compiled the first time takes up to a second, part of it under the write lock; the first person to
say stop must not wait for that, and neither must those who write beside them.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime
from uuid import uuid4

from sqlalchemy.exc import SQLAlchemyError

from consent.replies import prepare
from gateway.actions.record_consent import record_consent
from gateway.settings import Settings
from gateway.storage.database import Database
from gateway.whatsapp.payload import Item, urgent_items


class _Undone(Exception):
    """The rehearsal is over; nothing of it stays."""


def rehearse_stop(database: Database, settings: Settings, now: datetime) -> None:
    """By a stranger, and by somebody known. A database that is away is left for the first body to find."""
    prepare()
    with suppress(_Undone, SQLAlchemyError), database.write() as connection:
        for _ in range(2):
            record_consent(connection, a_stop(), settings, now)
        raise _Undone


def a_stop() -> list[Item]:
    """A stop in words, from a number that is kept for fiction, under an id that no message has had."""
    message = {"from": "12025550100", "id": f"wamid.{uuid4().hex}", "timestamp": "1", "type": "text"}
    value = {"messaging_product": "whatsapp", "messages": [message | {"text": {"body": "stop"}}]}
    entry = {"id": "0", "changes": [{"field": "messages", "value": value}]}
    return urgent_items(json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode())
