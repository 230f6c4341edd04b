"""Take a webhook in: keep it, let it bind, and only then answer.

Trigger: Meta's POST, once its signature is proven.
Reads:   nothing but the request.
Writes:  the raw body into the inbox, durably (or into the spool while the inbox is away); what can change consent
         into the ledger, before the 200.
Repeat:  harmless: a body may be kept twice, and each of its items is applied once.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from gateway.actions.record_consent import record_consent
from gateway.clock import Clock
from gateway.settings import Settings
from gateway.storage.database import Database, is_away
from gateway.storage.group_commit import GroupCommit, Hearing
from gateway.storage.inbox import Inbox
from gateway.storage.spool import Spool
from gateway.whatsapp.payload import Item, urgent_items

BODY_BYTES_MAX = 3 * 1024 * 1024
"""Meta's own limit (whatsapp-cloud-api.md 3.1)."""

ASK_INBOX_AGAIN_AFTER = timedelta(seconds=2)
"""An inbox that does not answer costs each try its whole time-out; between tries bodies go to the spool at once."""

log = logging.getLogger(__name__)


class Receiver:
    """Receives bodies on threads or on an event loop; two threads of its own do the writing, one for each database."""

    def __init__(self, database: Database, inbox: Inbox, settings: Settings, clock: Clock) -> None:
        self._database, self._inbox, self._settings, self._clock = database, inbox, settings, clock
        self._spool = Spool.under(settings.data_dir)
        self._has_spooled = bool(self._spool.waiting())
        self._ask_inbox_from: datetime | None = None
        self._bodies: GroupCommit[bytes] = GroupCommit(self._keep, "inbox-writer", _is_away)
        self._urgent: GroupCommit[Sequence[Item]] = GroupCommit(self._bind, "consent-writer", _is_away)

    def receive(self, body: bytes) -> None:
        """When it returns, the body is durable and what it says about consent binds.

        Raises DBAPIError while the main database cannot take what must bind, OSError when neither inbox nor spool can
        be written, and whatever an item raises that cannot be applied: none of these may be answered 200
        (docs/decisions/010-answering-a-stop.md).
        """
        self._bodies.keep(body)
        if urgent := urgent_items(body):
            self._urgent.keep(urgent)

    async def received(self, body: bytes, hearing: Hearing) -> None:
        """As `receive`, for a coroutine of the loop that `hearing` belongs to."""
        await hearing.kept(self._bodies, body)
        if urgent := urgent_items(body):
            await hearing.kept(self._urgent, urgent)

    def _keep(self, bodies: Sequence[bytes]) -> None:
        now = self._clock.now()
        if self._ask_inbox_from is None or now >= self._ask_inbox_from:
            try:
                self._store(bodies, now)
            except SQLAlchemyError as problem:
                log.error("the inbox cannot be written, webhooks go to the spool: %s", type(problem).__name__)
                self._ask_inbox_from = now + ASK_INBOX_AGAIN_AFTER
            else:
                self._ask_inbox_from = None
                return
        self._spool.put(bodies, now)
        self._has_spooled = True

    def _store(self, bodies: Sequence[bytes], now: datetime) -> None:
        """Into the inbox; what came while it was away goes first."""
        if self._has_spooled:
            try:
                self._has_spooled = self._spool.take(self._inbox.store) > 0
            except OSError as problem:
                log.error("the spool cannot be read, the drain will try again: %s", type(problem).__name__)
                self._has_spooled = False
        self._inbox.store(bodies, now)

    def _bind(self, batch: Sequence[Sequence[Item]]) -> None:
        """All in one transaction; one body alone, where that fails, item by item, so that a STOP beside it binds."""
        found = [item for each in batch for item in each]
        try:
            self._record(found)
        except Exception as problem:
            if len(batch) > 1 or len(found) == 1 or _is_away(problem):
                raise
            self._bind_singly(found)

    def _bind_singly(self, found: Sequence[Item]) -> None:
        problems: list[Exception] = []
        for item in found:
            try:
                self._record([item])
            except Exception as problem:
                problems.append(problem)
        if problems:
            raise problems[0]

    def _record(self, found: Sequence[Item]) -> None:
        now = self._clock.now()
        self._database.run(lambda connection: record_consent(connection, found, self._settings, now))


def _is_away(problem: BaseException) -> bool:
    return isinstance(problem, OSError) or (isinstance(problem, DBAPIError) and is_away(problem))
