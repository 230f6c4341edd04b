"""Close messages whose time is over: those that never left, and those that Meta has given up without a word.

Trigger: every ten seconds (waiting ones) and every ten minutes (those at Meta).
Reads:   campaigns and their ends; each template's time to live.
Writes:  `expired`, because of what the message waited for; or `expired` as `expired_at_meta`, for which no webhook
         exists (whatsapp-cloud-api.md 2.4), once the time to live and a margin have passed without a receipt.
Repeat:  harmless; a receipt that comes after all still counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from gateway.core.campaign import CampaignState
from gateway.core.message import EXPIRED_AT_META
from gateway.storage import campaigns, expiry, templates

BATCH_MAX = 5_000
MARGIN = timedelta(hours=1)
"""Receipts are late now and then; an end that a receipt overturns would look like a mistake."""

TTL_DEFAULT = timedelta(days=30)
TTL_AUTHENTICATION = timedelta(minutes=10)
STARTED = [CampaignState.LAUNCHING.value, CampaignState.RUNNING.value, CampaignState.PAUSED.value]


def expire_waiting(connection: Connection, now: datetime) -> int:
    """Messages held past their end: a release never saw them. Returns how many ended."""
    ended = expiry.expire_waiting(connection, None, now, BATCH_MAX)
    for campaign in campaigns.due(connection, STARTED, now):
        if campaign.expires_at <= now and ended < BATCH_MAX:
            ended += expiry.expire_waiting(connection, campaign.id, now, BATCH_MAX - ended)
    return ended


def close_expired_at_meta(connection: Connection, now: datetime) -> int:
    """Messages that Meta took and whose time to live there has passed. Returns how many were closed."""
    lives = {(t.name, t.language): ttl_of(t.definition, t.category) for t in templates.all_templates(connection)}
    longest: dict[str, timedelta] = {}
    for (name, _), ttl in lives.items():
        longest[name] = max(ttl, longest.get(name, ttl))
    closed = expiry.close_at_meta(connection, None, now - TTL_DEFAULT - MARGIN, EXPIRED_AT_META, now, BATCH_MAX)
    for campaign in campaigns.everything(connection):
        before = now - longest.get(campaign.template_name, TTL_DEFAULT) - MARGIN
        if campaign.launched_at is not None and campaign.launched_at < before and closed < BATCH_MAX:
            closed += expiry.close_at_meta(connection, campaign.id, before, EXPIRED_AT_META, now, BATCH_MAX - closed)
    return closed


def ttl_of(definition: Mapping[str, Any], category: str) -> timedelta:
    """A template's time to live at Meta: its own, or the default of its category (M:time-to-live@2026-09)."""
    seconds = definition.get("message_send_ttl_seconds")
    if seconds == -1:
        return TTL_DEFAULT
    if isinstance(seconds, int) and seconds > 0:
        return timedelta(seconds=seconds)
    return TTL_AUTHENTICATION if category.upper() == "AUTHENTICATION" else TTL_DEFAULT
