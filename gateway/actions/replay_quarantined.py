"""Try a webhook item again that could not be applied, once its cause is gone.

Trigger: `izin inbox replay`.
Reads:   the raw body that it stood in, as it was signed.
Writes:  what the drain would have written; the item leaves the quarantine, or stays with its newest problem.
Repeat:  harmless: every item is applied once, however often it is tried.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy.exc import DBAPIError

from gateway.actions.drain_inbox import apply_items, problem_of
from gateway.settings import Settings
from gateway.storage import quarantine
from gateway.storage.database import Database, is_away
from gateway.storage.inbox import Inbox
from gateway.storage.quarantine import Quarantined
from gateway.whatsapp.payload import Item, items


class Replayed(StrEnum):
    APPLIED = "applied"
    STILL_BROKEN = "still_broken"
    BODY_GONE = "body_gone"


def item_at(inbox: Inbox, one: Quarantined) -> Item | None:
    """The item itself; None when its body has been discarded."""
    body = inbox.body(one.body_id)
    found = [] if body is None else items(body.body)
    return found[one.position] if one.position < len(found) else None


def replay(database: Database, inbox: Inbox, one: Quarantined, settings: Settings, now: datetime) -> Replayed:
    """Raises DBAPIError while a database is away; the item then stays as it is."""
    item = item_at(inbox, one)
    if item is None:
        return Replayed.BODY_GONE
    try:
        apply_items(database, [item], settings, now)
    except Exception as problem:
        if isinstance(problem, DBAPIError) and is_away(problem):
            raise
        told = problem_of(problem, item)
        database.run(lambda connection: quarantine.retell(connection, one.id, told, now))
        return Replayed.STILL_BROKEN
    database.run(lambda connection: quarantine.remove(connection, one.id))
    return Replayed.APPLIED
