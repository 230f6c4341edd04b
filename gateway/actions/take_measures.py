"""Everything that an operator's instruments show, at one moment and in numbers: nothing in it names a person.

Trigger: `/metrics`, at most every few seconds.
Reads:   counts from indexes, what workers report, the ledger's head, the inbox and the spool.
Writes:  nothing.
Repeat:  harmless.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from consent import checkpoints, ledger
from gateway.actions.look_at_numbers import NumberState, look_at_numbers
from gateway.actions.look_at_outbox import lanes_of, stops_campaign
from gateway.core.campaign import CampaignState
from gateway.storage import campaigns, pages, queue_counts, templates, unsure
from gateway.storage.campaigns import Campaign
from gateway.storage.claims import ANSWERS
from gateway.storage.inbox import Inbox
from gateway.storage.queue_counts import Waiting
from gateway.storage.spool import Spool
from gateway.storage.templates import Hold
from gateway.storage.unsure import UnsureCount

SENDING = [CampaignState.LAUNCHING.value, CampaignState.RUNNING.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """`oldest_due` is since when, by number, a message might have left that nothing stops: pace aside, a fault.

    `signed_at` is the newest checkpoint's moment, None while there is none; `signed` how many events it covers.
    """

    at: datetime
    waiting: Sequence[Waiting]
    unsure: Sequence[UnsureCount]
    numbers: Sequence[NumberState]
    oldest_due: Mapping[str, datetime]
    campaigns: Mapping[str, int]
    holds: Mapping[str, int]
    backlog: int
    oldest_webhook: datetime | None
    spooled: int
    quarantined: int
    events: int
    signed: int
    signed_at: datetime | None


def take_measures(connection: Connection, inbox: Inbox, spool: Spool, now: datetime) -> Measures:
    numbers, holds = look_at_numbers(connection, now), templates.holds(connection, now)
    checkpoint = checkpoints.newest(connection)
    with inbox.database.read() as its_own:
        oldest_webhook = queue_counts.oldest_undrained(its_own)
    return Measures(
        at=now,
        waiting=queue_counts.waiting(connection, now),
        unsure=unsure.counts(connection),
        numbers=numbers,
        oldest_due=_oldest_due(connection, numbers, holds, now),
        campaigns=campaigns.count_by_state(connection),
        holds=Counter(hold.scope.value for hold in holds),
        backlog=inbox.backlog(),
        oldest_webhook=oldest_webhook,
        spooled=len(spool.waiting()),
        quarantined=pages.quarantined(connection),
        events=ledger.head(connection)[0],
        signed=checkpoint.size if checkpoint else 0,
        signed_at=checkpoint.signed_at if checkpoint else None,
    )


def _oldest_due(
    connection: Connection, numbers: Sequence[NumberState], holds: Sequence[Hold], now: datetime
) -> dict[str, datetime]:
    running = campaigns.due(connection, SENDING, now)
    found = {}
    for state in numbers:
        if state.holds:
            continue
        lively = [c for c in running if _may_send(c, state, holds)]
        lanes = [lane for one in (None, *lively) for lane in lanes_of(one, state.number.id)]
        if state.people_left_in_reserve == 0:
            lanes = [lane for lane in lanes if lane.priority == ANSWERS]
        moments = [m for lane in lanes if (m := queue_counts.oldest_due(connection, lane, now)) is not None]
        if moments:
            found[state.number.id] = min(moments)
    return found


def _may_send(campaign: Campaign, state: NumberState, holds: Sequence[Hold]) -> bool:
    mine = campaign.number_id == state.number.id and state.people_left != 0
    return mine and not any(stops_campaign(hold, campaign) for hold in holds)
