"""Questions about messages that reports, proofs and limits ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, func, select

from consent.tables import table_of
from gateway.core.message import State
from gateway.storage.tables import MessageRow

message = table_of(MessageRow)


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


def clicks_of(connection: Connection, campaign_id: int) -> int:
    """How many people followed a campaign's link."""
    mine = (message.c.campaign_id == campaign_id, message.c.clicks > 0)
    return connection.scalar(select(func.count()).where(*mine)) or 0


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


def next_due(connection: Connection) -> datetime | None:
    """When the next waiting message may be looked at again."""
    moment: datetime | None = connection.scalar(select(func.min(message.c.due_at)).where(message.c.state == "queued"))
    return moment
