"""Keep to the portfolio's limit on unique people in any 24 hours, for which Meta documents no error.

Trigger: every release of a number whose portfolio has a limit.
Reads:   how many people were written to outside a service window in the last 24 hours.
Writes:  the moment at which a person was, in the transaction that lets the message leave.
Repeat:  harmless: a person already counted costs nothing more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from consent.policy import Allow, Decision
from gateway.core.message import Kind
from gateway.core.pacing import Budget
from gateway.storage import contacts
from gateway.storage.claims import Claimed, PeopleLeft
from gateway.storage.recipients import Recipient

DAY = timedelta(hours=24)
LOOK_EVERY = timedelta(seconds=5)
NEAR = 20_000
"""With fewer people left than this the count is taken anew at every release: other workers spend from it too."""
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class DailyLimit:
    """What one sender knows of the limit. `people` is Meta's figure for all numbers of the portfolio together."""

    people: int
    _reached: int = 0
    _counted_at: datetime = _LONG_AGO

    def left(self, connection: Connection, now: datetime) -> PeopleLeft:
        """Campaigns leave a reserve to confirmations. Near the limit one release at a time counts and spends."""
        near = self._left().by_campaigns < NEAR
        if near:
            contacts.spend_alone(connection)
        if near or now - self._counted_at > LOOK_EVERY:
            self._reached = contacts.reached_since(connection, now - DAY)
            self._counted_at = now
        return self._left()

    def _left(self) -> PeopleLeft:
        budget = Budget(self.people, self._reached)
        return PeopleLeft(budget.left() or 0, budget.left(reserved=True) or 0)

    def count(
        self,
        connection: Connection,
        pairs: Sequence[tuple[Claimed, Decision]],
        people: Mapping[int, Recipient],
        now: datetime,
    ) -> None:
        """Count those who are about to be reached and were not in the last 24 hours."""
        reached = {m.subject_id for m, d in pairs if isinstance(d, Allow) and _counts(m, d)}
        new = [s for s in reached if not _is_counted(people.get(s), now)]
        contacts.reached(connection, new, now)
        self._reached += len(new)


def _counts(m: Claimed, decision: Allow) -> bool:
    return m.content.get("kind") != Kind.TEXT and not decision.in_window


def _is_counted(person: Recipient | None, now: datetime) -> bool:
    return person is not None and person.reached_at is not None and person.reached_at > now - DAY
