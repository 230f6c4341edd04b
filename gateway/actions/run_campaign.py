"""Move a campaign through its life by hand: schedule, pause, resume, cancel.

Trigger: `izin campaign schedule|pause|resume|cancel`.
Reads:   the campaign.
Writes:  its state; a cancelled campaign's waiting messages end.
Repeat:  harmless: a move that is not in the table is refused and changes nothing.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from gateway.core.campaign import CampaignState, can_move, first_start, restored, scheduled
from gateway.storage import campaigns, outbox
from gateway.storage.campaigns import Campaign


class CannotMove(Exception):
    """The campaign is in a state from which this is not possible."""

    def __init__(self, campaign: Campaign, then: CampaignState) -> None:
        super().__init__(f"“{campaign.name}” is {campaign.state} and cannot become {then.value}")
        self.name, self.state, self.then = campaign.name, campaign.state, then


def schedule_campaign(connection: Connection, campaign: Campaign, start: datetime | None, now: datetime) -> datetime:
    """Returns the start. Raises CannotMove, and ValueError when it would have expired by then."""
    _check(campaign, CampaignState.SCHEDULED)
    plan = restored(campaign.plan)
    begins = first_start(plan, max(start or (campaign.start_at if plan.start else now), now))
    if begins is None:
        raise ValueError("the campaign does not come round again after this start")
    plan = scheduled(plan, begins)
    begins = plan.start or now
    values = {"plan": dict(plan.written), "start_at": begins, "expires_at": plan.expiry(begins)}
    _change(connection, campaign, CampaignState.SCHEDULED, **values)
    return begins


def pause_campaign(connection: Connection, campaign: Campaign) -> None:
    _check(campaign, CampaignState.PAUSED)
    _change(connection, campaign, CampaignState.PAUSED, note=f"paused while {campaign.state}")


def resume_campaign(connection: Connection, campaign: Campaign, now: datetime) -> CampaignState:
    """Back to where it was: before its start, while launching, or running."""
    if campaign.state != CampaignState.PAUSED:
        raise CannotMove(campaign, CampaignState.RUNNING)
    was = CampaignState((campaign.note or "").rpartition(" ")[2] or CampaignState.LAUNCHING)
    _change(connection, campaign, was, note=None)
    outbox.wake(connection, campaign.id, now)
    return was


def cancel_campaign(connection: Connection, campaign: Campaign, now: datetime) -> int:
    """Returns how many waiting messages ended."""
    _check(campaign, CampaignState.CANCELLED)
    _change(connection, campaign, CampaignState.CANCELLED, ended_at=now)
    return outbox.cancel_campaign(connection, campaign.id, now)


def _check(campaign: Campaign, then: CampaignState) -> None:
    if not can_move(CampaignState(campaign.state), then):
        raise CannotMove(campaign, then)


def _change(connection: Connection, campaign: Campaign, then: CampaignState, **values: object) -> None:
    if not campaigns.change(connection, campaign.id, campaign.state, state=then.value, **values):
        raise CannotMove(campaign, then)
