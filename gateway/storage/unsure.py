"""Messages of unknown outcome: listed, counted, and settled by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, func, literal_column, select, update

from gateway.core.message import State
from gateway.storage.messages import OPEN, message


@dataclass(frozen=True, slots=True)
class UnsureCount:
    """Messages of unknown outcome on one number. `ended` ones count as finished; a receipt would still be heard."""

    number_id: str
    ended: bool
    count: int


def counts(connection: Connection) -> list[UnsureCount]:
    c = message.c
    ended = case((c.ended_at.is_(None), 0), else_=1).label("ended")
    counted = select(c.number_id, ended, func.count()).where(OPEN, c.state == "unsure")
    rows = connection.execute(counted.group_by(c.number_id, literal_column("ended")).order_by(c.number_id))
    return [UnsureCount(row[0], bool(row[1]), row[2]) for row in rows]


@dataclass(frozen=True, slots=True)
class UnsureMessage:
    """A message of which nobody knows whether Meta has it. `claimed_at` is when it was released."""

    id: int
    campaign_id: int | None
    number_id: str
    subject_id: int
    purpose: str
    reason: str | None
    attempts: int
    claimed_at: datetime
    expires_at: datetime
    ended_at: datetime | None


def everything(connection: Connection, limit: int, *, with_ended: bool) -> list[UnsureMessage]:
    """The oldest first."""
    columns = [message.c[name] for name in UnsureMessage.__dataclass_fields__]
    chosen = select(*columns).where(OPEN, message.c.state == "unsure")
    if not with_ended:
        chosen = chosen.where(message.c.ended_at.is_(None))
    rows = connection.execute(chosen.order_by(message.c.claimed_at, message.c.id).limit(limit))
    return [UnsureMessage(*row) for row in rows]


def by_id(connection: Connection, message_id: int) -> UnsureMessage | None:
    """Locked until the transaction ends, so that a receipt does not settle it at the same time."""
    columns = [message.c[name] for name in UnsureMessage.__dataclass_fields__]
    chosen = select(*columns).where(message.c.id == message_id, message.c.state == "unsure")
    row = connection.execute(chosen.with_for_update()).one_or_none()
    return None if row is None else UnsureMessage(*row)


def settle_as_sent(connection: Connection, found: UnsureMessage, reason: str, now: datetime) -> None:
    """Meta has had it since it was released, as far as anybody knows; its time to live there counts from then."""
    values = {"state": State.SENT.value, "reason": reason, "sent_at": now, "ended_at": None}
    accepted = {"accepted_at": func.coalesce(message.c.accepted_at, message.c.claimed_at)}
    here = (message.c.id == found.id, message.c.state == State.UNSURE.value)
    connection.execute(update(message).where(*here).values(values | accepted))


def queue_again(connection: Connection, found: UnsureMessage, reason: str, now: datetime) -> None:
    """As if it had never been released: the next release decides anew."""
    values = {"state": State.QUEUED.value, "reason": reason, "due_at": now, "claimed_at": None, "ended_at": None}
    here = (message.c.id == found.id, message.c.state == State.UNSURE.value)
    connection.execute(update(message).where(*here).values(values))
