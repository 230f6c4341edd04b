"""Apply what waits in the inbox: every item of every body, in batches, in any order.

Trigger: every fraction of a second, while there is a backlog.
Reads:   raw bodies not yet drained; first those that waited in the spool while the inbox was away.
Writes:  statuses, template and account news, links between identifiers; consent again, harmlessly; counts of the rest.
Repeat:  harmless: a crash in between only means that the same bodies are drained again.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
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
from gateway.storage.identities import Names, not_yet_whole
from gateway.storage.inbox import Body, Inbox
from gateway.storage.spool import take_spool
from gateway.whatsapp.payload import (
    Identifiers,
    Item,
    PlainStatuses,
    Receipt,
    StatusUpdate,
    bears_consent,
    items,
    label,
    links,
    read,
    status_label,
)

BODIES_MAX = 500
BYTES_MAX = 400_000
"""Some 600 statuses: on SQLite a release waits for a batch's transaction, and after a tenth of a second loses pace."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Drained:
    bodies: int
    items: int
    quarantined: int


@dataclass(slots=True)
class _News:
    """What some bodies tell, sorted by what is to be done with it; in each list the order of arrival."""

    receipts: list[Receipt] = field(default_factory=list)
    people: dict[Names, None] = field(default_factory=dict)
    urgent: list[Item] = field(default_factory=list)
    others: list[Item] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, told: Iterable[PlainStatuses | Sequence[Item]]) -> _News:
        news = cls()
        for each in told:
            news._add_statuses(each) if isinstance(each, PlainStatuses) else news._add_items(each)
        return news

    def _add_statuses(self, told: PlainStatuses) -> None:
        self.receipts += told.receipts
        self.people.update(told.people)
        for receipt in told.receipts:
            self.kinds[status_label(receipt.status)] += 1

    def _add_items(self, told: Sequence[Item]) -> None:
        for item in told:
            if not isinstance(item, StatusUpdate):
                self.others.append(item)
            elif (receipt := receipt_of(item)) is not None:
                self.receipts.append(receipt)
        self.urgent += [item for item in told if bears_consent(item)]
        self.people |= {(one.wa_id, one.user_id, one.parent_user_id): None for one in links(told)}
        self.kinds.update([label(item) for item in told])


@dataclass(frozen=True, slots=True)
class _Placed:
    """An item and where it came from: the body and its position in it."""

    body_id: int
    position: int
    item: Item


Also = Callable[[Connection], None]
"""What is written in the same transaction, last."""


def drain_inbox(
    database: Database, inbox: Inbox, settings: Settings, now: datetime, limit: int = BODIES_MAX
) -> Drained:
    """Drain up to `limit` bodies. Raises DBAPIError only when a database is away; then nothing was marked drained."""
    take_spool(inbox, settings.data_dir)
    bodies = inbox.waiting(limit, BYTES_MAX)
    if not bodies:
        return Drained(0, 0, 0)
    ids, bad = [body.id for body in bodies], 0
    news = _News.of(read(body.body) for body in bodies)
    as_one = inbox.database is database
    try:
        _apply(database, news, settings, now, lambda c: inbox.mark_drained(c, ids, now) if as_one else None)
    except Exception as problem:
        _unless_away(problem)
        bad = _apply_by_halves(database, _placed(bodies), settings, now)
        as_one = False
    if not as_one:
        inbox.drained(ids, now)
    return Drained(len(bodies), news.kinds.total(), bad)


def _unless_away(problem: Exception) -> None:
    if isinstance(problem, DBAPIError) and is_away(problem):
        raise problem


def _placed(bodies: Sequence[Body]) -> list[_Placed]:
    return [_Placed(body.id, n, item) for body in bodies for n, item in enumerate(items(body.body))]


def _apply_by_halves(database: Database, placed: Sequence[_Placed], settings: Settings, now: datetime) -> int:
    """What breaks a batch is closed in on, so that its neighbours are not lost, nor applied one by one."""
    middle = len(placed) // 2
    halves = (placed[:middle], placed[middle:]) if middle else (placed,)
    return sum(_apply_half(database, half, settings, now) for half in halves if half)


def _apply_half(database: Database, placed: Sequence[_Placed], settings: Settings, now: datetime) -> int:
    """Returns how many were set aside."""
    try:
        apply_items(database, [p.item for p in placed], settings, now)
    except Exception as problem:
        _unless_away(problem)
        if len(placed) > 1:
            return _apply_by_halves(database, placed, settings, now)
        return _set_aside(database, placed[0], problem, now)
    return 0


def _set_aside(database: Database, one: _Placed, problem: Exception, now: datetime) -> int:
    log.error("webhook item %s of body %s could not be applied: %s", one.position, one.body_id, type(problem).__name__)
    with database.write() as connection:
        quarantine.add(connection, one.body_id, one.position, problem_of(problem, one.item), now)
    return 1


def problem_of(problem: Exception, item: Item) -> str:
    """What is kept and shown of a problem: its own words may hold what people wrote."""
    return f"{type(problem).__name__}: {label(item)}"


def apply_items(database: Database, found: Sequence[Item], settings: Settings, now: datetime) -> None:
    """Everything that these items change."""
    _apply(database, _News.of([found]), settings, now)


def _apply(database: Database, news: _News, settings: Settings, now: datetime, also: Also | None = None) -> None:
    """Two transactions, because statuses lock messages before people and consent locks people without messages; each
    is harmless to repeat."""
    people = _people_with_news(database, list(news.people))
    if news.urgent or people:
        database.run(lambda connection: _apply_people(connection, news.urgent, people, settings, now))
    database.run(lambda connection: _apply_rest(connection, news, now, also))


def _people_with_news(database: Database, people: Sequence[Names]) -> list[Identifiers]:
    """Mostly everybody is known by all their names: then nothing is written, and nobody is kept waiting for it."""
    if not people:
        return []
    with database.read() as connection:
        some = not_yet_whole(connection, people)
        return [one.person for one in news_in(connection, [Identifiers(*names) for names in some])] if some else []


def _apply_people(
    connection: Connection, urgent: Sequence[Item], people: Sequence[Identifiers], settings: Settings, now: datetime
) -> None:
    record_consent(connection, urgent, settings, now)
    learn_links(connection, people, now)


def _apply_rest(connection: Connection, news: _News, now: datetime, also: Also | None) -> None:
    apply_statuses(connection, news.receipts, now)
    for item in news.others:
        apply_news(connection, item, now)
    quarantine.tally(connection, news.kinds, now)
    if also is not None:
        also(connection)
