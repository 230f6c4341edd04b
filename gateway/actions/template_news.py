"""What follows when a template's status or category changes, whoever told us: sending stops, or may go on.

Trigger: a webhook, or a fetch that finds what a lost webhook would have said.
Reads:   campaigns that use the template.
Writes:  holds and their lifting.
Repeat:  harmless.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from gateway.core.campaign import ENDED, CampaignState
from gateway.core.failure import Scope
from gateway.storage import campaigns, templates

SENDABLE_EVENTS = frozenset({"APPROVED", "REINSTATED", "UNARCHIVED"})
STOPPING_EVENTS = frozenset(
    {"PAUSED", "DISABLED", "REJECTED", "DELETED", "PENDING_DELETION", "ARCHIVED", "LOCKED", "IN_APPEAL"}
)
OF_ONE_LANGUAGE = frozenset({"REJECTED", "DELETED", "PENDING_DELETION", "ARCHIVED"})
"""Ends of one language version; a template that has another approved one goes on in that."""
NOW_MARKETING = "template_now_marketing"


def status_changed(connection: Connection, name: str, event: str, now: datetime) -> None:
    """Hold the template or let it go, after its row was changed; `event` is Meta's word, a status or an event.

    A hold binds all languages: Meta pauses a version for its readers' answers, and the others read alike.
    """
    statuses = {version.status for version in templates.languages_of(connection, name).values()}
    if event in OF_ONE_LANGUAGE and "APPROVED" in statuses:
        return
    if event in STOPPING_EVENTS:
        templates.hold(connection, Scope.TEMPLATE, name, f"template_{event.lower()}", now)
    elif event in SENDABLE_EVENTS and "PAUSED" not in statuses:
        templates.lift(connection, Scope.TEMPLATE, name)


def category_changed(connection: Connection, name: str, category: str, now: datetime) -> None:
    """Meta may turn a utility template into marketing while it stays approved (M:template-categorization@2026-09).

    Campaigns planned as anything else asked nobody for that consent; they stop here for good, and may be planned anew.
    """
    if category != "MARKETING":
        return
    for campaign in campaigns.everything(connection):
        goes_on = campaign.template_name == name and CampaignState(campaign.state) not in ENDED
        if goes_on and campaign.purpose != "marketing":
            templates.hold(connection, Scope.CAMPAIGN, str(campaign.id), NOW_MARKETING, now)
