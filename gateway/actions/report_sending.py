"""Tell the other processes who sends for a number, how fast, and how much Meta took.

Trigger: the worker, for each number that it owns; every few seconds, and when it lets go.
Reads:   the sender's own memory.
Writes:  the number's row among the senders.
Repeat:  harmless: what was told once is not counted again.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gateway.storage import senders
from gateway.storage.database import Database
from gateway.storage.senders import Sending

REPORT_EVERY = timedelta(seconds=5)


def process_name() -> str:
    """This process, as operators find it: machine and process id."""
    return f"{socket.gethostname()}:{os.getpid()}"


@dataclass(slots=True)
class SendingReport:
    """One owner's reports for one number. `accepted` is the sender's own count, which only grows."""

    number_id: str
    since: datetime
    owner: str = field(default_factory=process_name)
    _told_at: datetime | None = None
    _told: int = 0

    def is_due(self, now: datetime) -> bool:
        return self._told_at is None or now - self._told_at >= REPORT_EVERY

    def tell(
        self, database: Database, rate: float, flying: int, accepted: int, now: datetime, *, leaving: bool = False
    ) -> None:
        """Raises DBAPIError; then the next report tells all of it."""
        sending = Sending(
            number_id=self.number_id,
            owner=senders.NOBODY if leaving else self.owner,
            since=self.since,
            seen_at=now,
            rate=rate,
            flying=flying,
            accepted=accepted - self._told,
        )
        database.run(lambda connection: senders.report(connection, sending))
        self._told, self._told_at = accepted, now
