"""Let a recurring campaign come round: each time as an edition, a campaign of its own with its own people.

Trigger: launching, when a recurring campaign's next occurrence has come.
Reads:   the recurring campaign.
Writes:  the edition, ready to be launched, and when the next one comes: one transaction.
Repeat:  harmless: the recurring campaign has moved on to its next occurrence, and is locked while it does.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from gateway.core.campaign import CampaignPlan, CampaignState, LateStart, edition, late_verdict
from gateway.storage import campaigns
from gateway.storage.campaigns import Campaign, NameTaken


def start_edition(connection: Connection, campaign: Campaign, plan: CampaignPlan, now: datetime) -> bool:
    """Whether an edition starts. Of several occurrences that were missed, only the latest one counts."""
    assert plan.repeats is not None
    if campaign.start_at > now:
        return False  # another worker was faster
    occurrence = plan.repeats.latest(campaign.start_at, now)
    starting = edition(plan, occurrence)
    late = late_verdict(starting, now) is LateStart.CANCEL
    if not late:
        _add(connection, campaign, starting, now)
    _move_on(connection, campaign, plan, now, f"missed {starting.name}" if late else None)
    return not late


def _add(connection: Connection, campaign: Campaign, starting: CampaignPlan, now: datetime) -> None:
    assert starting.start is not None
    values = {
        "state": CampaignState.LAUNCHING.value,
        "purpose": campaign.purpose,
        "template_name": campaign.template_name,
        "number_id": campaign.number_id,
        "priority": campaign.priority,
        "start_at": starting.start,
        "expires_at": starting.expiry(starting.start),
        "planned_at": now,
        "launched_at": now,
        "cursor": 0,
    }
    written = dict(starting.written)
    try:
        campaigns.add(connection, name=starting.name, plan=written, **values)
    except NameTaken:  # somebody's own campaign has it; the recurring campaign's number makes it another
        name = f"{starting.name} ({campaign.id})"
        campaigns.add(connection, name=name, plan=written | {"name": name}, **values)


def _move_on(connection: Connection, campaign: Campaign, plan: CampaignPlan, now: datetime, note: str | None) -> None:
    assert plan.repeats is not None
    following = plan.repeats.after(now)
    values: dict[str, object] = {"state": CampaignState.DONE.value, "ended_at": now}
    if following is not None:
        values = {"start_at": following, "expires_at": plan.expiry(following)}
    campaigns.change(connection, campaign.id, campaign.state, note=note, **values)
