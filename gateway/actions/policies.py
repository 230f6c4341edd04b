"""Which policy and which state a message's campaign has, loaded once for a batch."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from consent.facts import CampaignState, Policy
from consent.limits.countries import DayHours
from consent.limits.frequency import DAY, MONTH, WEEK, Cap
from consent.limits.quiet_hours import QuietHours
from consent.limits.windows import Windows, parse_windows
from gateway.core.campaign import RELEASES, CampaignPlan, restored
from gateway.core.campaign import CampaignState as Life
from gateway.settings import Settings
from gateway.storage import campaigns
from gateway.storage.campaigns import Campaign

_PERIODS = {"day": DAY, "week": WEEK, "month": MONTH}


def caps_in(text: str) -> tuple[Cap, ...]:
    """`1/day, 2/week` -> caps. The settings have checked the form."""
    parts = [part.strip().split("/") for part in text.split(",")]
    return tuple(Cap(int(count), _PERIODS[period]) for count, period in parts)


def policy_for(plan: CampaignPlan | None, settings: Settings) -> Policy:
    """The house's rules, and on top of them the campaign's, which can only narrow."""
    narrowing = [parse_windows(settings.quiet_hours)] if settings.quiet_hours else []
    if plan is not None and plan.quiet_hours is not None:
        narrowing.append(plan.quiet_hours)
    return Policy(
        quiet_hours=QuietHours(narrowing=tuple(_every_day(hours) for hours in narrowing)),
        caps=caps_in(settings.caps) + (plan.caps if plan else ()),
        unserved_countries=frozenset(settings.unserved_countries),
    )


def _every_day(hours: Windows) -> DayHours:
    return DayHours(hours, hours, hours)


def facts_state(campaign: Campaign) -> CampaignState:
    life = Life(campaign.state)
    if life in RELEASES:
        return CampaignState.RUNNING
    return CampaignState.CANCELLED if life is Life.CANCELLED else CampaignState.PAUSED


@dataclass(frozen=True, slots=True)
class Loaded:
    """Policies and states by campaign; messages without a campaign follow the house's own rules."""

    house: Policy
    by_campaign: Mapping[int, tuple[Policy, CampaignState]]

    def of(self, campaign_id: int | None) -> tuple[Policy, CampaignState]:
        if campaign_id is None:
            return self.house, CampaignState.NONE
        return self.by_campaign[campaign_id]


@dataclass
class Policies:
    """Makes policies from stored plans; a plan is frozen, so its policy is worked out once a process."""

    settings: Settings
    _made: dict[int, Policy] = field(default_factory=dict)
    _house: Policy | None = None

    @property
    def house(self) -> Policy:
        if self._house is None:
            self._house = policy_for(None, self.settings)
        return self._house

    def of(self, campaign: Campaign) -> Policy:
        if campaign.id not in self._made:
            self._made[campaign.id] = policy_for(restored(campaign.plan), self.settings)
        return self._made[campaign.id]

    def load(self, connection: Connection, campaign_ids: Collection[int]) -> Loaded:
        found = campaigns.by_ids(connection, sorted(campaign_ids)) if campaign_ids else {}
        return Loaded(self.house, {i: (self.of(c), facts_state(c)) for i, c in found.items()})
