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
from gateway.storage import campaigns
from gateway.storage import tag_sends as sends

TagCaps = Mapping[str, tuple[Cap, ...]]


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
