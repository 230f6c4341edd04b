"""Launch campaigns that are due: turn the segment into outbox rows, a bounded batch at a time.

Trigger: every second, and whenever a batch has left more to do.
Reads:   campaigns due, people in the segment after the cursor.
Writes:  messages, and the campaign's cursor in the same transaction.
Repeat:  harmless, by key campaign:<id>:<subject>; a crash resumes at the cursor.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from consent import vault
from gateway.actions.compose_messages import Composed, Composer
from gateway.actions.plan_campaign import versions_of
from gateway.core.campaign import CampaignPlan, CampaignState, LateStart, late_verdict, restored
from gateway.core.message import campaign_key
from gateway.storage import audience, campaigns, message_reports, outbox
from gateway.storage.campaigns import Campaign
from gateway.storage.contacts import PersonState
from gateway.storage.database import Database
from gateway.storage.outbox import NewMessage

BATCH_PEOPLE = 2_000
LAUNCHABLE = (CampaignState.SCHEDULED.value, CampaignState.LAUNCHING.value)


def launch_campaigns(database: Database, now: datetime) -> int:
    """One batch of each campaign that is due. Returns how many people were looked at; 0 means nothing is left."""
    with database.read() as connection:
        due = campaigns.due(connection, LAUNCHABLE, now)
    return sum(database.run(partial(_launch_batch, campaign_id=c.id, now=now)) for c in due)


def _launch_batch(connection: Connection, campaign_id: int, now: datetime) -> int:
    campaign = campaigns.by_id(connection, campaign_id, lock=True)
    if campaign is None or campaign.state not in LAUNCHABLE:
        return 0
    plan = restored(campaign.plan)
    if campaign.state == CampaignState.SCHEDULED and not _start(connection, campaign, plan, now):
        return 0
    return _batch(connection, campaign, plan, now)


def _start(connection: Connection, campaign: Campaign, plan: CampaignPlan, now: datetime) -> bool:
    """Whether the campaign may still start; one that is too late ends here, and says so."""
    if late_verdict(plan, now) is LateStart.CANCEL:
        note = "expired before it could start" if now >= campaign.expires_at else "missed its start by too much"
        values = {"state": CampaignState.CANCELLED.value, "note": note, "ended_at": now}
        campaigns.change(connection, campaign.id, campaign.state, **values)
        return False
    values = {"state": CampaignState.LAUNCHING.value, "launched_at": now}
    return campaigns.change(connection, campaign.id, campaign.state, **values)


def _batch(connection: Connection, campaign: Campaign, plan: CampaignPlan, now: datetime) -> int:
    step = audience.step(connection, plan.segment, campaign.cursor, BATCH_PEOPLE, now)
    composer = Composer(plan, versions_of(connection, campaign.template_name))
    subjects = vault.subjects_by_id(connection, [p.subject_id for p in step.people])
    messages = [
        _message(campaign, subjects[person.subject_id].ref, person, composer.compose(person), now)
        for person in step.people
    ]
    outbox.enqueue(connection, messages, now)
    if step.last is None:
        values = {"state": CampaignState.RUNNING.value}
        campaigns.change(connection, campaign.id, CampaignState.LAUNCHING.value, **values)
        return 0
    campaigns.change(connection, campaign.id, CampaignState.LAUNCHING.value, cursor=step.last)
    return BATCH_PEOPLE


def _message(campaign: Campaign, ref: str, person: PersonState, composed: Composed, now: datetime) -> NewMessage:
    return NewMessage(
        key=campaign_key(campaign.id, ref),
        subject_id=person.subject_id,
        purpose=campaign.purpose,
        number_id=campaign.number_id or "",
        due_at=max(now, campaign.start_at),
        expires_at=campaign.expires_at,
        content=composed.content,
        campaign_id=campaign.id,
        priority=campaign.priority,
        token=composed.token,
    )


def finish_campaigns(connection: Connection, now: datetime) -> list[str]:
    """Close campaigns for which nothing is left to do. Returns their names."""
    done = []
    for campaign in campaigns.due(connection, [CampaignState.RUNNING.value], now):
        if not message_reports.unfinished(connection, campaign.id):
            values = {"state": CampaignState.DONE.value, "ended_at": now}
            if campaigns.change(connection, campaign.id, campaign.state, **values):
                done.append(campaign.name)
    return done
