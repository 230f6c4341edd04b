"""Questions about messages that reports, proofs and limits ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, or_, select

from consent.tables import table_of
from consent.vault import LOOKUP_MAX
from gateway.core.message import State
from gateway.storage.tables import MessageRow
from gateway.storage.written_json import field_of

message = table_of(MessageRow)


def counts(connection: Connection, campaign_id: int) -> dict[tuple[State, str | None], int]:
    """How many messages of a campaign stand in each state, by reason."""
    rows = connection.execute(
        select(message.c.state, message.c.reason, func.count())
        .where(message.c.campaign_id == campaign_id)
        .group_by(message.c.state, message.c.reason)
    )
    return {(State(state), reason): count for state, reason, count in rows}


def is_unfinished(connection: Connection, campaign_id: int) -> bool:
    """Whether our side still has something to do for a campaign. Looks no further than the first such message."""
    mine = (message.c.campaign_id == campaign_id, message.c.state.in_(["queued", "sending"]))
    return connection.scalar(select(message.c.id).where(*mine).limit(1)) is not None


def clicks_of(connection: Connection, campaign_id: int) -> int:
    """How many people followed a campaign's link."""
    mine = (message.c.campaign_id == campaign_id, message.c.clicked_at.is_not(None))
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


def told(connection: Connection, campaign_id: int, subject_id: int) -> Told | None:
    """What became of a person's message of a campaign; None where they have none."""
    columns = [message.c[name] for name in Told.__dataclass_fields__]
    mine = (message.c.campaign_id == campaign_id, message.c.subject_id == subject_id)
    row = connection.execute(select(*columns).where(*mine)).one_or_none()
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
        select(*columns, field_of(c.content, "template").label("template"))
        .where(c.id > after, c.claimed_at.is_not(None))
        .order_by(c.id)
        .limit(limit)
    )
    return [Left(**row._mapping) for row in rows]


def left(connection: Connection, message_id: int) -> Left | None:
    """One message, if it was released."""
    found = left_after(connection, message_id - 1, 1)
    return found[0] if found and found[0].id == message_id else None


def said_since(connection: Connection, subject_id: int, answer: str, since: datetime) -> bool:
    """Whether this answer has been given to this person since a moment."""
    found = connection.scalar(
        select(message.c.id)
        .where(
            message.c.subject_id == subject_id,
            message.c.queued_at > since,
            field_of(message.c.content, "answer") == answer,
            message.c.state.not_in([State.FAILED.value, State.REFUSED.value, State.EXPIRED.value]),
        )
        .limit(1)
    )
    return found is not None


def next_due(connection: Connection, after: datetime | None = None) -> datetime | None:
    """When the next waiting message may be looked at again; with `after`, the next one later than that."""
    waiting = select(func.min(message.c.due_at)).where(message.c.state == "queued")
    moment: datetime | None = connection.scalar(waiting if after is None else waiting.where(message.c.due_at > after))
    return moment


def stirring(connection: Connection, campaign_id: int, now: datetime) -> bool:
    """Whether anything of a campaign is due or under way: messages that wait for a later moment do not count."""
    moving = or_(
        and_(message.c.state == State.QUEUED.value, message.c.due_at <= now),
        message.c.state == State.SENDING.value,
    )
    found = connection.scalar(select(message.c.id).where(message.c.campaign_id == campaign_id, moving).limit(1))
    return found is not None


def subjects_by(connection: Connection, campaign_id: int, state: str, reason: str | None, limit: int) -> list[int]:
    """Some people whose message of a campaign is in a state, and, if given, for a reason."""
    mine = [message.c.campaign_id == campaign_id, message.c.state == state]
    if reason is not None:
        mine.append(message.c.reason == reason)
    return list(connection.scalars(select(message.c.subject_id).where(*mine).order_by(message.c.id).limit(limit)))


def outcomes(connection: Connection, campaign_id: int) -> dict[int, tuple[State, str | None, datetime | None]]:
    """Every planned person of a campaign: subject -> (state, reason, moment of release)."""
    rows = connection.execute(
        select(message.c.subject_id, message.c.state, message.c.reason, message.c.claimed_at).where(
            message.c.campaign_id == campaign_id
        )
    )
    return {row.subject_id: (State(row.state), row.reason, row.claimed_at) for row in rows}


def most_answers_to_one_person(connection: Connection, answer: str) -> int:
    """The most often that anybody was given this answer."""
    times = (
        select(func.count().label("times"))
        .where(message.c.purpose == "service", field_of(message.c.content, "answer") == answer)
        .group_by(message.c.subject_id)
        .subquery()
    )
    return connection.scalar(select(func.max(times.c.times))) or 0


def unknown_ids(connection: Connection, ids: Sequence[int]) -> list[int]:
    """Those of these row numbers that are no messages of ours."""
    found: set[int] = set()
    for start in range(0, len(ids), LOOKUP_MAX):
        chunk = ids[start : start + LOOKUP_MAX]
        found.update(connection.scalars(select(message.c.id).where(message.c.id.in_(chunk))))
    return [one for one in ids if one not in found]
