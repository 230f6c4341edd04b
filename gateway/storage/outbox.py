"""The outbox: messages and their states. Every move is made where the row is still in a state that allows it.

Locks are always taken in the order messages, standings, people, so that a release and a STOP never wait for each other
in a circle (docs/decisions/004-lock-order.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from consent.tables import table_of
from consent.vault import LOOKUP_MAX
from gateway.core.message import State, may_come_from
from gateway.storage.tables import MessageRow, ReceiptRow

message = table_of(MessageRow)
_receipt = table_of(ReceiptRow)

PRIORITIES = range(10)
"""0 leaves first. Answers to people go with 0, campaigns with 5 unless they say otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """A message to put into the outbox. `key` makes a repeat harmless; `content` is what Outgoing needs."""

    key: str
    subject_id: int
    purpose: str
    number_id: str
    due_at: datetime
    expires_at: datetime
    content: Mapping[str, Any]
    campaign_id: int | None = None
    priority: int = 5
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A queued message that this transaction holds."""

    id: int
    key: str
    subject_id: int
    purpose: str
    campaign_id: int | None
    number_id: str
    due_at: datetime
    expires_at: datetime
    content: Mapping[str, Any]
    attempts: int


def enqueue(connection: Connection, messages: Sequence[NewMessage], now: datetime) -> int:
    """Add messages; those whose key is there already are left alone. Returns how many are new."""
    if not messages:
        return 0
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    before = _size(connection, [m.key for m in messages])
    connection.execute(make(message).on_conflict_do_nothing(), [_row(m, now) for m in messages])
    return len({m.key for m in messages}) - before


def _size(connection: Connection, keys: Sequence[str]) -> int:
    found = 0
    for start in range(0, len(keys), LOOKUP_MAX):
        chunk = keys[start : start + LOOKUP_MAX]
        found += connection.scalar(select(func.count()).where(message.c.key.in_(chunk))) or 0
    return found


def _row(m: NewMessage, now: datetime) -> dict[str, Any]:
    return {
        "key": m.key,
        "subject_id": m.subject_id,
        "purpose": m.purpose,
        "number_id": m.number_id,
        "due_at": m.due_at,
        "expires_at": m.expires_at,
        "content": m.content,
        "campaign_id": m.campaign_id,
        "priority": m.priority,
        "state": State.QUEUED.value,
        "token": m.token,
        "clicks": 0,
        "attempts": 0,
        "queued_at": now,
    }


def claim(connection: Connection, number_id: str, now: datetime, limit: int) -> list[Claimed]:
    """The next messages due on this number, most urgent first, locked until the transaction ends."""
    claimed: list[Claimed] = []
    for priority in PRIORITIES:
        if len(claimed) < limit:
            claimed += _claim_at(connection, number_id, priority, now, limit - len(claimed))
    return claimed


def _claim_at(connection: Connection, number_id: str, priority: int, now: datetime, limit: int) -> list[Claimed]:
    c = message.c
    due = (
        select(
            c.id,
            c.key,
            c.subject_id,
            c.purpose,
            c.campaign_id,
            c.number_id,
            c.due_at,
            c.expires_at,
            c.content,
            c.attempts,
        )
        .where(c.state == "queued", c.number_id == number_id, c.priority == priority, c.due_at <= now)
        .order_by(c.due_at, c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [Claimed(**row._mapping) for row in connection.execute(due)]


_RELEASE = (
    update(message)
    .where(message.c.id == bindparam("row"))
    .values(
        state=State.SENDING.value,
        reason=None,
        because=None,
        claimed_at=bindparam("now"),
        event_seq=bindparam("seq"),
        event_hash=bindparam("hash"),
        attempts=message.c.attempts + 1,
    )
)
_WAIT = (
    update(message).where(message.c.id == bindparam("row")).values(due_at=bindparam("until"), reason=bindparam("why"))
)
_END = (
    update(message)
    .where(message.c.id == bindparam("row"), message.c.state.in_(bindparam("from", expanding=True)))
    .values(
        state=bindparam("to"),
        reason=bindparam("why"),
        because=bindparam("cause"),
        code=bindparam("error"),
        ended_at=bindparam("now"),
    )
)


def release(connection: Connection, rows: Sequence[tuple[int, int | None, str | None]], now: datetime) -> None:
    """Write `sending` with the authorising event (message id, ledger sequence, ledger hash)."""
    if rows:
        connection.execute(_RELEASE, [{"row": r, "seq": seq, "hash": h, "now": now} for r, seq, h in rows])


def postpone(connection: Connection, rows: Sequence[tuple[int, datetime, str]]) -> None:
    """Let messages wait until a moment, for a reason."""
    if rows:
        connection.execute(_WAIT, [{"row": r, "until": until, "why": why} for r, until, why in rows])


@dataclass(frozen=True, slots=True)
class Ending:
    """A message's last state with its reason; `because` names the rule behind an expiry, `code` Meta's error."""

    id: int
    state: State
    reason: str
    because: str | None = None
    code: int | None = None


def end(connection: Connection, endings: Sequence[Ending], now: datetime) -> None:
    for ending in endings:
        connection.execute(
            _END,
            {
                "row": ending.id,
                "from": [state.value for state in may_come_from(ending.state)],
                "to": ending.state.value,
                "why": ending.reason,
                "cause": ending.because,
                "error": ending.code,
                "now": now,
            },
        )


def cancel_open(
    connection: Connection, subject_ids: Sequence[int], purposes: Sequence[str], reason: str, now: datetime
) -> int:
    """End what still waits for these people. Rows that a release holds now are left to it: it will see the stop."""
    if not subject_ids:
        return 0
    waiting = (
        select(message.c.id)
        .where(message.c.subject_id.in_(subject_ids), message.c.purpose.in_(purposes), message.c.state == "queued")
        .with_for_update(skip_locked=True)
    )
    ids = list(connection.scalars(waiting))
    if ids:
        values = {"state": State.REFUSED.value, "reason": reason, "ended_at": now}
        connection.execute(update(message).where(message.c.id.in_(ids)).values(values))
    return len(ids)


def note_acceptance(connection: Connection, rows: Iterable[tuple[int, str]], at: datetime) -> None:
    """Keep Meta's id and the moment of acceptance, whatever a receipt has made of the row meanwhile."""
    statement = (
        update(message)
        .where(message.c.id == bindparam("row"))
        .values(
            wamid=bindparam("meta_id"),
            accepted_at=func.coalesce(message.c.accepted_at, bindparam("at", type_=message.c.accepted_at.type)),
        )
    )
    if parameters := [{"row": row, "meta_id": wamid, "at": at} for row, wamid in rows]:
        connection.execute(statement, parameters)


_ACCEPT = (
    update(message)
    .where(message.c.id == bindparam("row"), or_(message.c.state == "sending", message.c.state == "unsure"))
    .values(state=bindparam("to"), reason=None)
)


def accept(connection: Connection, rows: Sequence[tuple[int, str, State]], at: datetime) -> None:
    """Settle answers of Meta that took the message: (message id, wamid, accepted or held)."""
    note_acceptance(connection, [(row, wamid) for row, wamid, _ in rows], at)
    if rows:
        connection.execute(_ACCEPT, [{"row": row, "to": state.value} for row, _, state in rows])


def requeue(connection: Connection, message_id: int, due_at: datetime, reason: str, code: int | None = None) -> None:
    """Back to the queue: nothing reached the person, and later may go better."""
    connection.execute(
        update(message)
        .where(message.c.id == message_id, message.c.state.in_([s.value for s in may_come_from(State.QUEUED)]))
        .values(state=State.QUEUED.value, due_at=due_at, reason=reason, code=code, claimed_at=None)
    )


def cancel_campaign(connection: Connection, campaign_id: int, now: datetime) -> int:
    """End everything of a campaign that has not left. Returns how many messages ended."""
    values = {"state": State.CANCELLED.value, "reason": "campaign_cancelled", "ended_at": now}
    mine = (message.c.campaign_id == campaign_id, message.c.state == State.QUEUED.value)
    return connection.execute(update(message).where(*mine).values(values)).rowcount


def wake(connection: Connection, campaign_id: int, now: datetime) -> None:
    """Look at a campaign's waiting messages again at once: what they waited for may be over."""
    mine = (message.c.campaign_id == campaign_id, message.c.state == State.QUEUED.value)
    connection.execute(update(message).where(*mine).values(due_at=now))
