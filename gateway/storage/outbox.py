"""The outbox: messages and their states. Every move is made where the row is still in a state that allows it.

Locks are always taken in the order messages, standings, people, so that a release and a STOP never wait for each other
in a circle (docs/decisions/004-lock-order.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, func, insert, or_, select, update
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


@dataclass(frozen=True, slots=True)
class Known:
    """A message as a receipt or an answer meets it."""

    id: int
    subject_id: int
    purpose: str
    campaign_id: int | None
    number_id: str
    state: State
    attempts: int
    wamid: str | None
    accepted_at: datetime | None
    claimed_at: datetime | None
    expires_at: datetime
    template: str | None


_KNOWN = select(
    message.c.id,
    message.c.subject_id,
    message.c.purpose,
    message.c.campaign_id,
    message.c.number_id,
    message.c.state,
    message.c.attempts,
    message.c.wamid,
    message.c.accepted_at,
    message.c.claimed_at,
    message.c.expires_at,
    message.c.content["template"].as_string().label("template"),
)


def by_ids(connection: Connection, ids: Sequence[int]) -> dict[int, Known]:
    rows = connection.execute(_KNOWN.where(message.c.id.in_(ids)).order_by(message.c.id).with_for_update())
    return {row.id: _known(row) for row in rows}


def by_wamids(connection: Connection, wamids: Sequence[str]) -> dict[str, Known]:
    rows = connection.execute(_KNOWN.where(message.c.wamid.in_(wamids)).order_by(message.c.id).with_for_update())
    return {row.wamid: _known(row) for row in rows}


def in_flight_since(connection: Connection, before: datetime, state: State, limit: int) -> list[Known]:
    """Messages that have been `sending` or `unsure` since before a moment: what a crash leaves behind."""
    rows = connection.execute(
        _KNOWN.where(message.c.state == state.value, message.c.claimed_at < before)
        .order_by(message.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_known(row) for row in rows]


def _known(row: Any) -> Known:
    return Known(**{**row._mapping, "state": State(row.state)})


_STAMPS = {
    State.ACCEPTED: "accepted_at",
    State.HELD: "accepted_at",
    State.SENT: "sent_at",
    State.DELIVERED: "delivered_at",
    State.READ: "read_at",
    State.FAILED: "ended_at",
}


def move(
    connection: Connection,
    known: Known,
    then: State,
    at: datetime,
    *,
    reason: str | None = None,
    wamid: str | None = None,
    code: int | None = None,
) -> bool:
    """Move one message on, if it is still where we saw it. Returns whether it moved."""
    values: dict[str, Any] = {"state": then.value, "reason": reason, "code": code}
    if stamp := _STAMPS.get(then):
        values[stamp] = at
    if wamid is not None:
        values["wamid"] = wamid
    moved = connection.execute(
        update(message).where(message.c.id == known.id, message.c.state == known.state.value).values(values)
    )
    return moved.rowcount == 1


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


def keep_receipt(connection: Connection, wamid: str, status: str, body: Mapping[str, Any], now: datetime) -> None:
    """A status for a message that we do not know yet."""
    row = {"wamid": wamid, "status": status, "body": dict(body), "received_at": now}
    connection.execute(insert(_receipt), [row])


def take_receipts(connection: Connection, wamids: Sequence[str]) -> list[tuple[str, Mapping[str, Any]]]:
    """The kept statuses of messages that are known now; they are removed."""
    if not wamids:
        return []
    rows = connection.execute(
        select(_receipt.c.id, _receipt.c.wamid, _receipt.c.body)
        .where(_receipt.c.wamid.in_(wamids))
        .order_by(_receipt.c.id)
    ).all()
    if rows:
        connection.execute(_receipt.delete().where(_receipt.c.id.in_([row.id for row in rows])))
    return [(row.wamid, row.body) for row in rows]


def next_due(connection: Connection) -> datetime | None:
    """When the next waiting message may be looked at again."""
    moment: datetime | None = connection.scalar(select(func.min(message.c.due_at)).where(message.c.state == "queued"))
    return moment


def counts(connection: Connection, campaign_id: int) -> dict[tuple[State, str | None], int]:
    """How many messages of a campaign stand in each state, by reason."""
    rows = connection.execute(
        select(message.c.state, message.c.reason, func.count())
        .where(message.c.campaign_id == campaign_id)
        .group_by(message.c.state, message.c.reason)
    )
    return {(State(state), reason): count for state, reason, count in rows}


def unfinished(connection: Connection, campaign_id: int) -> int:
    """Messages of a campaign that our side still has something to do for."""
    open_states = case((message.c.state.in_(["queued", "sending"]), 1))
    return connection.scalar(select(func.count(open_states)).where(message.c.campaign_id == campaign_id)) or 0


def subject_of(connection: Connection, message_id: int) -> int:
    """Whom a message is for. Raises NoResultFound when there is no such message."""
    subject_id: int = connection.execute(select(message.c.subject_id).where(message.c.id == message_id)).scalar_one()
    return subject_id


def said_since(connection: Connection, subject_id: int, answer: str, since: datetime) -> bool:
    """Whether this answer has been given to this person since a moment."""
    found = connection.scalar(
        select(message.c.id)
        .where(
            message.c.subject_id == subject_id,
            message.c.queued_at > since,
            message.c.content["answer"].as_string() == answer,
            message.c.state.not_in([State.FAILED.value, State.REFUSED.value, State.EXPIRED.value]),
        )
        .limit(1)
    )
    return found is not None


def clicked(connection: Connection, token: str, at: datetime) -> int | None:
    """Count a click on a message's link. Returns the campaign, or None for a token that nobody has (any more)."""
    row = connection.execute(
        update(message)
        .where(message.c.token == token)
        .values(clicks=message.c.clicks + 1, clicked_at=func.coalesce(message.c.clicked_at, at))
        .returning(message.c.campaign_id)
    ).one_or_none()
    return None if row is None else row.campaign_id


@dataclass(frozen=True, slots=True)
class Told:
    """What a report says of one message."""

    id: int
    state: State
    reason: str | None
    because: str | None
    code: int | None
    due_at: datetime
    event_seq: int | None
    event_hash: str | None
    wamid: str | None
    accepted_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    ended_at: datetime | None


def told(connection: Connection, key: str) -> Told | None:
    columns = [message.c[name] for name in Told.__dataclass_fields__]
    row = connection.execute(select(*columns).where(message.c.key == key)).one_or_none()
    return None if row is None else Told(**{**row._mapping, "state": State(row.state)})


@dataclass(frozen=True, slots=True)
class Left:
    """A message that was released, with its permission."""

    id: int
    subject_id: int
    purpose: str
    state: str
    claimed_at: datetime
    event_seq: int | None
    event_hash: str | None
    template: str | None


def left_after(connection: Connection, after: int, limit: int) -> list[Left]:
    """The next messages that were released at least once, by row number."""
    c = message.c
    columns = [c[name] for name in Left.__dataclass_fields__ if name != "template"]
    rows = connection.execute(
        select(*columns, c.content["template"].as_string().label("template"))
        .where(c.id > after, c.claimed_at.is_not(None))
        .order_by(c.id)
        .limit(limit)
    )
    return [Left(**row._mapping) for row in rows]


def cancel_campaign(connection: Connection, campaign_id: int, now: datetime) -> int:
    """End everything of a campaign that has not left. Returns how many messages ended."""
    values = {"state": State.CANCELLED.value, "reason": "campaign_cancelled", "ended_at": now}
    mine = (message.c.campaign_id == campaign_id, message.c.state == State.QUEUED.value)
    return connection.execute(update(message).where(*mine).values(values)).rowcount


def wake(connection: Connection, campaign_id: int, now: datetime) -> None:
    """Look at a campaign's waiting messages again at once: what they waited for may be over."""
    mine = (message.c.campaign_id == campaign_id, message.c.state == State.QUEUED.value)
    connection.execute(update(message).where(*mine).values(due_at=now))


def clicks_of(connection: Connection, campaign_id: int) -> int:
    """How many people followed a campaign's link."""
    mine = (message.c.campaign_id == campaign_id, message.c.clicks > 0)
    return connection.scalar(select(func.count()).where(*mine)) or 0
