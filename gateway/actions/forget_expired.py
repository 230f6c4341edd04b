"""Let go of what has served its time: proof after its term, raw webhook bodies, leftovers of erased people.

Trigger: once a day.
Reads:   standings that ended long ago, the countries and last messages of those people.
Writes:  erases them as `erase_person` does; deletes applied webhook bodies and receipts that nobody claimed.
Repeat:  harmless.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from consent import ledger, vault
from consent.retention import Retention, may_be_forgotten
from consent.standing import Standings
from consent.vault import Subject
from gateway.actions.erase_person import BY_RETENTION, CannotErase, erase_person
from gateway.settings import Settings
from gateway.storage import contacts, traces
from gateway.storage.database import Database
from gateway.storage.inbox import Inbox

BATCH = 500
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Forgotten:
    people: int
    bodies: int
    receipts: int


@dataclass(frozen=True, slots=True)
class _Due:
    subject: Subject
    refused: bool


def forget_expired(database: Database, inbox: Inbox, settings: Settings, now: datetime) -> Forgotten:
    """Raises OSError when the erasure journal cannot be written."""
    people = _forget_people(database, inbox, settings, now)
    before = now - settings.keep_webhooks
    database.run(traces.strip_erased)
    receipts = database.run(lambda c: traces.discard_old_receipts(c, before))
    return Forgotten(people, inbox.discard_drained(before), receipts)


def _forget_people(database: Database, inbox: Inbox, settings: Settings, now: datetime) -> int:
    retention = Retention.read(settings.retention)
    longest_ago = now - retention.shortest
    after, done = 0, 0
    while True:
        with database.read() as connection:
            ids = ledger.ended_before(connection, longest_ago, after, BATCH)
            due = _due(connection, ids, retention, now)
        for one in due:
            try:
                erase_person(database, inbox, one.subject, settings, now, method=BY_RETENTION, keep_refusal=one.refused)
            except CannotErase as problem:
                log.error("%s people should be forgotten, and are not: %s", len(due), problem)
                return done
            done += 1
        if len(ids) < BATCH:
            return done
        after = ids[-1]


def _due(connection: Connection, ids: list[int], retention: Retention, now: datetime) -> list[_Due]:
    subjects = vault.subjects_by_id(connection, ids)
    standings = ledger.standings_of(connection, ids)
    people = contacts.states(connection, ids)
    used = traces.last_used(connection, ids)
    return [
        _Due(subjects[one], _refuses(standings[one]))
        for one in ids
        if may_be_forgotten(
            standings[one], [people[one].region if one in people else None], used.get(one), retention, now
        )
    ]


def _refuses(standings: Standings) -> bool:
    """A refusal outlives the proof of it; a consent that merely ended does not forbid a new one."""
    spoken = [*standings.purposes.values(), standings.every]
    return standings.suppressed is not None or any(one.refused for one in spoken)
