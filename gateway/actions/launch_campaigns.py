"""Launch campaigns that are due: turn the segment into outbox rows, a bounded batch at a time.

Trigger: every second, and whenever a batch has left more to do.
Reads:   campaigns due, people in the segment after the cursor.
Writes:  messages, and the campaign's cursor in the same transaction.
Repeat:  harmless, nobody has two messages of a campaign; a crash resumes at the cursor.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto
from functools import partial

from sqlalchemy import Connection

from gateway.actions.compose_messages import Composer, Press
from gateway.actions.plan_campaign import versions_of
from gateway.actions.repeat_campaigns import start_edition
from gateway.core.campaign import CampaignPlan, CampaignState, LateStart, late_verdict, restored
from gateway.core.segment import Segment
from gateway.storage import audience_rows, campaigns, message_reports, outbox
from gateway.storage.campaigns import Campaign
from gateway.storage.database import Database
from gateway.storage.outbox import Common, Ready

BATCH_PEOPLE = 2_000
"""People whose messages are written in one transaction: some tens of milliseconds, so that releases get in between."""

STEPS_MAX = 100
"""Batches of one campaign before the next one's turn; what has been composed is remembered that long."""

log = logging.getLogger(__name__)

LAUNCHABLE = (CampaignState.SCHEDULED.value, CampaignState.LAUNCHING.value)


def launch_campaigns(database: Database, now: datetime) -> int:
    """A few batches of each campaign that is due. Returns how many people were looked at; 0 means nothing is left."""
    with database.read() as connection:
        due = campaigns.due(connection, LAUNCHABLE, now)
    return sum(_launch(database, campaign, now) for campaign in due)


def _launch(database: Database, campaign: Campaign, now: datetime) -> int:
    plan = restored(campaign.plan)
    if campaign.state == CampaignState.SCHEDULED:
        started = database.run(partial(_start, campaign_id=campaign.id, plan=plan, now=now))
        return BATCH_PEOPLE if started else 0
    with database.read() as connection:
        press = Press(Composer(plan, versions_of(connection, campaign.template_name)))
    looked_at = 0
    with ThreadPoolExecutor(1, "compose") as composing:  # the next batch is composed while this one is written
        coming = composing.submit(_composed, database, campaign, plan.segment, press, now)
        for _ in range(STEPS_MAX):
            batch, seen = coming.result(), campaign
            if batch.last is not None:
                campaign = replace(campaign, cursor=batch.last)
                coming = composing.submit(_composed, database, campaign, plan.segment, press, now)
            written = database.run(partial(_write, seen=seen, batch=batch, now=now))
            if written is _Written.ENDED or (written is _Written.YES and batch.last is None):
                break
            looked_at += BATCH_PEOPLE
            if written is _Written.OUTDATED:
                break
    return looked_at


def _start(connection: Connection, campaign_id: int, plan: CampaignPlan, now: datetime) -> bool:
    """Whether the campaign may start now; one that is too late ends here, and says so."""
    campaign = campaigns.by_id(connection, campaign_id, lock=True)
    if campaign is None or campaign.state != CampaignState.SCHEDULED:
        return False
    if plan.repeats is not None:
        return start_edition(connection, campaign, plan, now)
    if late_verdict(plan, now) is LateStart.CANCEL:
        note = "expired before it could start" if now >= campaign.expires_at else "missed its start by too much"
        values = {"state": CampaignState.CANCELLED.value, "note": note, "ended_at": now}
        campaigns.change(connection, campaign.id, campaign.state, **values)
        log.warning("a campaign was not started: %s", note, extra={"campaign_id": campaign.id})
        return False
    values = {"state": CampaignState.LAUNCHING.value, "launched_at": now}
    log.info("a campaign starts", extra={"campaign_id": campaign.id, "number_id": campaign.number_id})
    return campaigns.change(connection, campaign.id, campaign.state, **values)


@dataclass(frozen=True, slots=True)
class _Batch:
    """Messages ready to be written, and where the next batch begins: None when this is the last."""

    messages: Ready
    last: int | None


class _Written(Enum):
    YES = auto()
    ENDED = auto()
    """The campaign launches no more."""
    OUTDATED = auto()
    """The campaign is not as it was when the batch was composed: another worker launches it too, or it was changed."""


def _composed(database: Database, campaign: Campaign, segment: Segment, press: Press, now: datetime) -> _Batch:
    """Read and composed outside the transaction that writes, which stays short."""
    with database.read() as connection:
        found = audience_rows.rows(connection, segment, campaign.cursor, BATCH_PEOPLE, now)
        planned = press.planned(found.people, press.happened(connection, found.people, now))
        messages = outbox.ready(connection, _common(campaign, now), planned)
        return _Batch(messages, found.last)


def _write(connection: Connection, seen: Campaign, batch: _Batch, now: datetime) -> _Written:
    campaign = campaigns.by_id(connection, seen.id, lock=True)
    if campaign is None or campaign.state != CampaignState.LAUNCHING:
        return _Written.ENDED
    if campaign.cursor != seen.cursor or _common(campaign, now) != batch.messages.common:
        return _Written.OUTDATED
    outbox.enqueue_campaign(connection, batch.messages)
    values = {"state": CampaignState.RUNNING.value} if batch.last is None else {"cursor": batch.last}
    campaigns.change(connection, campaign.id, campaign.state, **values)
    return _Written.YES


def _common(campaign: Campaign, now: datetime) -> Common:
    return Common(
        campaign_id=campaign.id,
        purpose=campaign.purpose,
        number_id=campaign.number_id or "",
        priority=campaign.priority,
        due_at=max(now, campaign.start_at),
        expires_at=campaign.expires_at,
        queued_at=now,
    )


def finish_campaigns(connection: Connection, now: datetime) -> list[str]:
    """Close campaigns for which nothing is left to do. Returns their names."""
    done = []
    for campaign in campaigns.due(connection, [CampaignState.RUNNING.value], now):
        if not message_reports.is_unfinished(connection, campaign.id):
            values = {"state": CampaignState.DONE.value, "ended_at": now}
            if campaigns.change(connection, campaign.id, campaign.state, **values):
                done.append(campaign.name)
                log.info("a campaign is done", extra={"campaign_id": campaign.id})
    return done
