"""Which policy and which state a message's campaign has, loaded once for a batch."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from consent.facts import CampaignState, Policy
from gateway.core.campaign import CampaignState as Life
from gateway.core.campaign import policy_of
from gateway.settings import Settings
from gateway.storage import campaigns
from gateway.storage.campaigns import Campaign
