"""Which policy and which state a message's campaign has, loaded once for a batch."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from consent.facts import Policy
from consent.limits.countries import DayHours, country_rules, with_rest_days
from consent.limits.frequency import read_caps, read_tag_caps
from consent.limits.quiet_hours import QuietHours
from consent.limits.windows import Windows, parse_windows
from gateway.actions.tag_limits import capped_tags
from gateway.core.campaign import CampaignPlan, edition, restored
from gateway.core.message import MarketingEndpoint
from gateway.settings import Settings
from gateway.storage import campaigns
from gateway.storage.campaigns import Campaign

PRODUCT_POLICIES = {"off": "", "fallback": "CLOUD_API_FALLBACK", "strict": "STRICT"}
"""What Meta calls the choices of IZIN_MARKETING_API."""


def policy_for(plan: CampaignPlan | None, settings: Settings) -> Policy:
    """The house's rules, and on top of them the campaign's, which can only narrow."""
    tag_caps = read_tag_caps(settings.tag_caps)
    tags = capped_tags(plan, tag_caps) if plan else frozenset()
    return Policy(
        quiet_hours=quiet_hours_for(plan, settings),
        caps=read_caps(settings.caps) + (plan.caps if plan else ()),
        tag_caps=tuple(cap for tag in sorted(tags) for cap in tag_caps[tag]),
        utility_obeys_quiet_hours="hours" in settings.utility_obeys,
        utility_obeys_caps="caps" in settings.utility_obeys,
        utility_needs_grant="consent" in settings.utility_obeys,
        utility_only_in_window="window" in settings.utility_obeys,
        local_start=plan.local_start if plan and isinstance(plan.local_start, datetime) else None,
        unserved_countries=frozenset(settings.unserved_countries),
    )


def quiet_hours_for(plan: CampaignPlan | None, settings: Settings) -> QuietHours:
    narrowing = [parse_windows(settings.quiet_hours)] if settings.quiet_hours else []
    if plan is not None and plan.quiet_hours is not None:
        narrowing.append(plan.quiet_hours)
    rules = country_rules()
    for region, hours in settings.rest_days:
        rules = with_rest_days(rules, region, hours)
    return QuietHours(rules, tuple(_every_day(hours) for hours in narrowing), keep_ramadan=settings.ramadan)


def _every_day(hours: Windows) -> DayHours:
    return DayHours(hours, hours, hours)


@dataclass
class Policies:
    """Makes policies from stored plans; a plan is frozen, so its policy is worked out once a process."""

    settings: Settings
    _made: dict[int, Policy] = field(default_factory=dict)
    _tags: dict[int, frozenset[str]] = field(default_factory=dict)
    _house: Policy | None = None

    @property
    def house(self) -> Policy:
        if self._house is None:
            self._house = policy_for(None, self.settings)
        return self._house

    def of(self, campaign: Campaign) -> Policy:
        if campaign.id not in self._made:
            plan = edition(restored(campaign.plan), campaign.start_at)
            self._made[campaign.id] = policy_for(plan, self.settings)
            self._tags[campaign.id] = capped_tags(plan, read_tag_caps(self.settings.tag_caps))
        return self._made[campaign.id]

    def known(self, connection: Connection, campaign_ids: Collection[int]) -> Mapping[int, Policy]:
        """The policies of these campaigns; only those that this process has not met yet are read."""
        missing = [i for i in campaign_ids if i not in self._made]
        for campaign in campaigns.by_ids(connection, missing).values() if missing else ():
            self.of(campaign)
        return self._made

    def tags_of(self, campaign_id: int | None) -> frozenset[str]:
        """The capped tags of a campaign that is known here already."""
        return frozenset() if campaign_id is None else self._tags[campaign_id]

    @property
    def marketing_endpoint(self) -> MarketingEndpoint | None:
        """How marketing templates go, asked at each release: what waits for this setting leaves once it is made."""
        product_policy = PRODUCT_POLICIES[self.settings.marketing_api]
        return MarketingEndpoint(product_policy, self.settings.share_activity) if product_policy else None

    @property
    def iys(self) -> str | None:
        """What the registry says of a person of whom no verdict was loaded: not asked, or not proven."""
        return "unproven" if self.settings.iys_required else None
