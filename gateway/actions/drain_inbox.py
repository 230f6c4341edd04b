"""Apply what waits in the inbox: every item of every body, in batches, in any order.

Trigger: every fraction of a second, while there is a backlog.
Reads:   raw bodies not yet drained; first those that waited in the spool while the inbox was away.
Writes:  statuses, template and account news, links between identifiers; consent again, harmlessly; counts of the rest.
Repeat:  harmless: a crash in between only means that the same bodies are drained again.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from gateway.actions.apply_news import apply_news
from gateway.actions.apply_statuses import apply_statuses, receipt_of
from gateway.actions.learn_links import learn_links, news_in
from gateway.actions.record_consent import record_consent
from gateway.settings import Settings
from gateway.storage import quarantine
from gateway.storage.database import Database, is_away
from gateway.storage.inbox import Body, Inbox
from gateway.storage.spool import take_spool
from gateway.whatsapp.payload import Identifiers, Item, StatusUpdate, bears_consent, items, label, links

BODIES_MAX = 500
BYTES_MAX = 400_000
"""Some 600 statuses: on SQLite a release waits for a batch's transaction, and after a tenth of a second loses pace."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Drained:
    bodies: int
    items: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class _Placed:
    """An item and where it came from: the body and its position in it."""

    body_id: int
    position: int
    item: Item


def drain_inbox(
    database: Database, inbox: Inbox, settings: Settings, now: datetime, limit: int = BODIES_MAX
) -> Drained:
    """Drain up to `limit` bodies. Raises DBAPIError only when a database is away; then nothing was marked drained."""
    take_spool(inbox, settings.data_dir)
    bodies = inbox.waiting(limit, BYTES_MAX)
    if not bodies:
        return Drained(0, 0, 0)
    placed = _read(bodies)
    bad = _apply_all(database, placed, settings, now)
    inbox.drained([body.id for body in bodies], now)
    return Drained(len(bodies), len(placed), bad)


def _read(bodies: Sequence[Body]) -> list[_Placed]:
    return [_Placed(body.id, n, item) for body in bodies for n, item in enumerate(items(body.body))]


def _apply_all(database: Database, placed: Sequence[_Placed], settings: Settings, now: datetime) -> int:
    """One transaction for all; where an item breaks it, one for each, so that its neighbours are not lost."""
    if not placed:
        return 0
    try:
        apply_items(database, [p.item for p in placed], settings, now)
    except Exception as problem:
        if isinstance(problem, DBAPIError) and is_away(problem):
            raise
        return sum(_apply_one(database, one, settings, now) for one in placed)
    return 0


def _apply_one(database: Database, one: _Placed, settings: Settings, now: datetime) -> int:
    try:
        apply_items(database, [one.item], settings, now)
    except Exception as problem:
        if isinstance(problem, DBAPIError) and is_away(problem):
            raise
        log.error(
            "webhook item %s of body %s could not be applied: %s", one.position, one.body_id, type(problem).__name__
        )
        with database.write() as connection:
            quarantine.add(connection, one.body_id, one.position, problem_of(problem, one.item), now)
        return 1
    return 0


def problem_of(problem: Exception, item: Item) -> str:
    """What is kept and shown of a problem: its own words may hold what people wrote."""
    return f"{type(problem).__name__}: {label(item)}"


def apply_items(database: Database, found: Sequence[Item], settings: Settings, now: datetime) -> None:
    """Everything that these items change: two transactions, because statuses lock messages before people and consent
    locks people without messages; each is harmless to repeat."""
    urgent = [item for item in found if bears_consent(item)]
    people = _people_with_news(database, links(found))
    if urgent or people:
        database.run(lambda connection: _apply_people(connection, urgent, people, settings, now))
    database.run(lambda connection: _apply_rest(connection, found, now))


def _people_with_news(database: Database, people: Sequence[Identifiers]) -> list[Identifiers]:
    """Mostly everybody is known by all their names: then nothing is written, and nobody is kept waiting for it."""
    if not people:
        return []
    with database.read() as connection:
        return [one.person for one in news_in(connection, people)]


def _apply_people(
    connection: Connection, urgent: Sequence[Item], people: Sequence[Identifiers], settings: Settings, now: datetime
) -> None:
    record_consent(connection, urgent, settings, now)
    learn_links(connection, people, now)


def _apply_rest(connection: Connection, found: Sequence[Item], now: datetime) -> None:
    statuses = [item for item in found if isinstance(item, StatusUpdate)]
    apply_statuses(connection, [r for item in statuses if (r := receipt_of(item, now))], now)
    if len(statuses) < len(found):
        for item in found:
            apply_news(connection, item, now)
    quarantine.tally(connection, Counter(label(item) for item in found), now)
