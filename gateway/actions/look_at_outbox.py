"""What waits in the outbox, why, and when it may go: by campaign and number, with whatever stands in the way.

Trigger: `izin outbox`.
Reads:   counts of messages, campaigns, numbers and their senders, holds.
Writes:  nothing.
Repeat:  harmless.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from gateway.actions.look_at_numbers import NumberState, look_at_numbers
from gateway.core.campaign import CampaignState
from gateway.core.failure import Scope
from gateway.core.message import State
from gateway.storage import campaigns, queue_counts, templates
from gateway.storage.campaigns import Campaign
from gateway.storage.claims import ANSWERS, USUAL
from gateway.storage.queue_counts import Lane, Waiting
from gateway.storage.templates import Hold

PAUSED, NOT_STARTED, NOBODY_SENDS, DAILY_LIMIT = "campaign_paused", "not_started", "nobody_sends", "daily_limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """What waits for one number: of one campaign, or of none (answers and confirmations).

    `due` may leave now, at the number's pace, unless something `stops` it or a hold does. `next_moments` are when the
    next ones fall due, and how many then.
    """

    campaign: Campaign | None
    number_id: str
    waiting: tuple[Waiting, ...]
    due: int
    oldest_due: datetime | None
    next_moments: tuple[tuple[datetime, int], ...]
    holds: tuple[Hold, ...]
    stops: tuple[str, ...]

    @property
    def later(self) -> int:
        """How many fall due after all the moments shown."""
        queued = sum(w.count for w in self.waiting if w.state == State.QUEUED)
        return max(0, queued - self.due - sum(count for _, count in self.next_moments))


def look_at_outbox(connection: Connection, now: datetime) -> list[Queue]:
    groups: dict[tuple[int | None, str], list[Waiting]] = {}
    for found in queue_counts.waiting(connection, now):
        groups.setdefault((found.campaign_id, found.number_id), []).append(found)
    known = campaigns.by_ids(connection, sorted({one for one, _ in groups if one is not None}))
    numbers = {state.number.id: state for state in look_at_numbers(connection, now)}
    holds = templates.holds(connection, now)
    return [
        _queue(connection, None if one is None else known[one], number, mine, numbers.get(number), holds, now)
        for (one, number), mine in groups.items()
    ]


def _queue(
    connection: Connection,
    campaign: Campaign | None,
    number_id: str,
    mine: Sequence[Waiting],
    number: NumberState | None,
    holds: Sequence[Hold],
    now: datetime,
) -> Queue:
    lanes = lanes_of(campaign, number_id)
    oldest = [moment for lane in lanes if (moment := queue_counts.oldest_due(connection, lane, now)) is not None]
    moments = sorted(pair for lane in lanes for pair in queue_counts.next_moments(connection, lane, now))
    on_campaign = tuple(hold for hold in holds if campaign is not None and stops_campaign(hold, campaign))
    return Queue(
        campaign=campaign,
        number_id=number_id,
        waiting=tuple(mine),
        due=sum(queue_counts.due(connection, lane, now) for lane in lanes),
        oldest_due=min(oldest, default=None),
        next_moments=tuple(moments[: queue_counts.MOMENTS_SHOWN]),
        holds=on_campaign + (number.holds if number else ()),
        stops=tuple(_stops(campaign, number)),
    )


def lanes_of(campaign: Campaign | None, number_id: str) -> list[Lane]:
    if campaign is not None:
        return [Lane(number_id, campaign.id, campaign.priority)]
    return [Lane(number_id, None, ANSWERS), Lane(number_id, None, USUAL)]


def stops_campaign(hold: Hold, campaign: Campaign) -> bool:
    places = {(Scope.CAMPAIGN, str(campaign.id)), (Scope.TEMPLATE, campaign.template_name)}
    return (hold.scope, hold.target) in places


def _stops(campaign: Campaign | None, number: NumberState | None) -> list[str]:
    state = campaign.state if campaign else CampaignState.RUNNING
    people_left = None if number is None else number.people_left if campaign else number.people_left_in_reserve
    found = {
        PAUSED: state == CampaignState.PAUSED,
        NOT_STARTED: state in (CampaignState.PLANNED, CampaignState.SCHEDULED),
        NOBODY_SENDS: number is None or not number.is_owned,
        DAILY_LIMIT: people_left == 0,
    }
    return [name for name, so in found.items() if so]
