"""Report a campaign: every planned person in exactly one state with a reason, and the sums.

Trigger: `izin campaign status NAME`, the overview page, the demo.
Reads:   the campaign's messages.
Writes:  nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from gateway.storage import message_reports
from gateway.storage.campaigns import Campaign


@dataclass(frozen=True, slots=True)
class Report:
    """Counts of one campaign. Both sum to `audience`."""

    campaign: Campaign
    by_state: dict[str, int]
    by_reason: dict[str, int]
    clicks: int

    @property
    def audience(self) -> int:
        return sum(self.by_state.values())

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.campaign.name,
            "state": self.campaign.state,
            "start_at": self.campaign.start_at,
            "expires_at": self.campaign.expires_at,
            "note": self.campaign.note,
            "audience": self.audience,
            "by_state": self.by_state,
            "by_reason": self.by_reason,
            "clicks": self.clicks,
        }


def report_campaign(connection: Connection, campaign: Campaign) -> Report:
    by_state: Counter[str] = Counter()
    by_reason: Counter[str] = Counter()
    for (state, reason), count in message_reports.counts(connection, campaign.id).items():
        by_state[state.value] += count
        by_reason[reason or state.value] += count
    return Report(campaign, dict(by_state), dict(by_reason), message_reports.clicks_of(connection, campaign.id))
