"""Count a tag's messages by itself: which tags have caps of their own, and when a person last got one of them.

Trigger: release, dry run and `izin why`, for campaigns with a capped tag.
Reads:   the plans of campaigns, in which tags are frozen, and the messages of those with the tag.
Writes:  nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection

from consent.limits.frequency import Cap
from gateway.core.campaign import CampaignPlan
from gateway.core.campaign.house import read_cap
from gateway.storage import campaigns
from gateway.storage import tag_sends as sends

TagCaps = Mapping[str, tuple[Cap, ...]]


def tag_caps_in(text: str) -> dict[str, tuple[Cap, ...]]:
    """`newsletter 1/week, newsletter 2/month, promo 1/day` -> caps by tag. Raises ValueError in words."""
    found: dict[str, tuple[Cap, ...]] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        tag, _, written = part.rpartition(" ")
        cap = read_cap(written)
        if not tag.strip() or cap is None:
            raise ValueError(f"{part!r} is no cap of a tag; write a tag and a cap, such as newsletter 1/week")
        found[tag.strip()] = (*found.get(tag.strip(), ()), cap)
    return found


def capped_tags(plan: CampaignPlan, caps: TagCaps) -> frozenset[str]:
    """The campaign's tags that have caps. It stands under all of them, and each message with one of the tags counts."""
    return frozenset(plan.tags).intersection(caps)


def tag_sends(
    connection: Connection, wanted: Collection[tuple[int, frozenset[str]]]
) -> dict[tuple[int, frozenset[str]], tuple[datetime, ...]]:
    """For each person and set of tags: when the last messages that count left, newest first."""
    found: dict[tuple[int, frozenset[str]], tuple[datetime, ...]] = {}
    for tags in {tags for _, tags in wanted if tags}:
        people = sorted({subject_id for subject_id, asked in wanted if asked == tags})
        moments = sends.by_person(connection, people, campaigns.with_tags(connection, tags))
        found.update({(subject_id, tags): at for subject_id, at in moments.items()})
    return found
