"""How many messages wait, where and for what: counted from indexes, so that an outbox of ten million costs little."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, text

from consent.tables import table_of
from consent.vault import LOOKUP_MAX
from gateway.storage.messages import message
from gateway.storage.tables import CampaignRow, InboxRow

_campaign, _inbox = table_of(CampaignRow), table_of(InboxRow)

WAITING = ("queued", "sending", "held")
MOMENTS_SHOWN = 5
_QUEUED = text("message.state = 'queued'")  # the words of ix_message_due, as literals
SETTLED_AFTER = timedelta(days=31)
"""A campaign that ended longer ago has nothing on its way: Meta keeps trying for 30 days at most."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Messages of a campaign (None: of no campaign) and a number that stand in one state for one reason.

    `oldest_at` is when the first of them was put into the outbox.
    """

    campaign_id: int | None
    number_id: str
    state: str
    reason: str | None
    count: int
    oldest_at: datetime


def waiting(connection: Connection, now: datetime) -> list[Waiting]:
    """Everything that has not left, or that Meta keeps: of campaigns in the order of their ids, then of none."""
    c = message.c
    numbers = _numbers_by_campaign(connection, now)
    counted = select(c.campaign_id, c.state, c.reason, func.count(), func.min(c.id)).where(c.state.in_(WAITING))
    rows: list[Any] = []
    for start in range(0, len(numbers), LOOKUP_MAX):
        mine = list(numbers)[start : start + LOOKUP_MAX]
        groups = counted.where(c.campaign_id.in_(mine)).group_by(c.campaign_id, c.state, c.reason)
        rows += [(row[0], numbers[row[0]], *row[1:]) for row in connection.execute(groups)]
    alone = select(c.campaign_id, c.number_id, c.state, c.reason, func.count(), func.min(c.id))
    alone = alone.where(c.campaign_id.is_(None), c.state.in_(WAITING))
    rows += connection.execute(alone.group_by(c.campaign_id, c.number_id, c.state, c.reason)).all()
    since = _queued_at(connection, [oldest for *_, oldest in rows])
    found = [Waiting(of, by, state, why, count, since[oldest]) for of, by, state, why, count, oldest in rows]
    return sorted(found, key=lambda w: (w.campaign_id is None, w.campaign_id or 0, -w.count))


def _numbers_by_campaign(connection: Connection, now: datetime) -> dict[int, str]:
    """Campaigns that may still have something on its way, and the number that each sends from."""
    lively = (_campaign.c.launched_at.is_not(None), func.coalesce(_campaign.c.ended_at, now) > now - SETTLED_AFTER)
    rows = connection.execute(select(_campaign.c.id, _campaign.c.number_id).where(*lively).order_by(_campaign.c.id))
    return {row.id: row.number_id or "" for row in rows}


def _queued_at(connection: Connection, ids: Sequence[int]) -> dict[int, datetime]:
    found: dict[int, datetime] = {}
    for start in range(0, len(ids), LOOKUP_MAX):
        chosen = message.c.id.in_(ids[start : start + LOOKUP_MAX])
        found.update((row.id, row.queued_at) for row in connection.execute(
            select(message.c.id, message.c.queued_at).where(chosen)
        ))  # fmt: skip
    return found


@dataclass(frozen=True, slots=True)
class Lane:
    """The queued messages that compete for a number's pace together: of one campaign, or of none."""

    number_id: str
    campaign_id: int | None
    priority: int


def _in_lane(lane: Lane) -> tuple[Any, ...]:
    c = message.c
    campaign = c.campaign_id.is_(None) if lane.campaign_id is None else c.campaign_id == lane.campaign_id
    return _QUEUED, c.number_id == lane.number_id, campaign, c.priority == lane.priority


def oldest_due(connection: Connection, lane: Lane, now: datetime) -> datetime | None:
    """Since when the lane's first message might have left; None when nothing is due."""
    first: datetime | None = connection.scalar(select(func.min(message.c.due_at)).where(*_in_lane(lane)))
    return None if first is None or first > now else first


def due(connection: Connection, lane: Lane, now: datetime) -> int:
    """How many of the lane may be looked at now."""
    mine = select(func.count()).select_from(message).where(*_in_lane(lane), message.c.due_at <= now)
    return connection.scalar(mine) or 0


def next_moments(connection: Connection, lane: Lane, now: datetime) -> list[tuple[datetime, int]]:
    """The next moments at which messages of the lane fall due, and how many do at each."""
    c = message.c
    later = select(c.due_at, func.count()).where(*_in_lane(lane), c.due_at > now)
    rows = connection.execute(later.group_by(c.due_at).order_by(c.due_at).limit(MOMENTS_SHOWN))
    return [(row[0], row[1]) for row in rows]


def oldest_undrained(connection: Connection) -> datetime | None:
    """When the oldest webhook came that has not been applied."""
    oldest: datetime | None = connection.scalar(
        select(_inbox.c.received_at).where(_inbox.c.drained_at.is_(None)).order_by(_inbox.c.id).limit(1)
    )
    return oldest
