"""Everything that is known of the sending numbers: pace, quality, owner, holds, daily limit, last error.

Trigger: `izin numbers`, the overview and the metrics.
Reads:   numbers, what their senders reported, holds, failures by code, people reached in the last 24 hours.
Writes:  nothing.
Repeat:  harmless.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from gateway.actions.keep_budget import DAY
from gateway.core.failure import Scope
from gateway.core.pacing import AIM, Budget
from gateway.storage import contacts, failure_counts, senders, templates
from gateway.storage.claims import STOPS_A_NUMBER
from gateway.storage.failure_counts import FailureCount
from gateway.storage.senders import Sending
from gateway.storage.templates import Hold, SendingNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberState:
    """One number. `reached` counts the people whom the whole portfolio reached in the last 24 hours.

    `sending` is the last report of a worker, however old; `failures` are the newest first.
    """

    number: SendingNumber
    sending: Sending | None
    is_owned: bool
    holds: tuple[Hold, ...]
    reached: int
    failures: tuple[FailureCount, ...]

    @property
    def aim(self) -> float:
        """Messages a second aimed at while nothing slows the number: the ceiling, less with red quality."""
        return self.number.pace * AIM

    @property
    def rate(self) -> float | None:
        """Messages a second that its worker aims at now; None while nobody sends for it."""
        return self.sending.rate if self.sending is not None and self.is_owned else None

    @property
    def people_left(self) -> int | None:
        """New people whom campaigns may still reach; None is unlimited."""
        return Budget(self.number.people_per_day, self.reached).left()

    @property
    def people_left_in_reserve(self) -> int | None:
        """New people whom confirmations may still reach; None is unlimited."""
        return Budget(self.number.people_per_day, self.reached).left(reserved=True)


def look_at_numbers(connection: Connection, now: datetime) -> list[NumberState]:
    numbers = templates.numbers(connection)
    holds = templates.holds(connection, now)
    reports = senders.everything(connection)
    failures = failure_counts.everything(connection)
    limited = any(number.people_per_day is not None for number in numbers)
    reached = contacts.reached_since(connection, now - DAY) if limited else 0
    return [
        NumberState(
            number=number,
            sending=(sending := reports.get(number.id)),
            is_owned=sending is not None and sending.is_alive(now),
            holds=tuple(hold for hold in holds if _stops(hold, number.id)),
            reached=reached,
            failures=tuple(failure for failure in failures if failure.number_id == number.id),
        )
        for number in numbers
    ]


def _stops(hold: Hold, number_id: str) -> bool:
    return hold.scope in STOPS_A_NUMBER or (hold.scope is Scope.NUMBER and hold.target == number_id)
