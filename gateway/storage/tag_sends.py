"""When people last got a message of certain campaigns: what the caps of a tag count."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select

from consent.limits.frequency import RING_SLOTS, Cap
from consent.tables import table_of
from consent.vault import LOOKUP_MAX
from gateway.storage.tables import MessageRow, PersonRow

_message, _person = table_of(MessageRow), table_of(PersonRow)

COUNTED = ("sending", "unsure", "accepted", "held", "sent", "delivered", "read", "expired")
"""States of messages that count against a cap, once they were released."""


def _counting(campaigns: Collection[int]) -> tuple[ColumnElement[bool], ...]:
    return (
        _message.c.campaign_id.in_(sorted(campaigns)),
        _message.c.claimed_at.is_not(None),
        _message.c.state.in_(COUNTED),
    )


def by_person(
    connection: Connection, subject_ids: Sequence[int], campaigns: Collection[int]
) -> dict[int, tuple[datetime, ...]]:
    """The last messages of these campaigns to each of these people, newest first."""
    found: dict[int, tuple[datetime, ...]] = {}
    for start in range(0, len(subject_ids) if campaigns else 0, LOOKUP_MAX):
        rows = connection.execute(
            select(_message.c.subject_id, _message.c.claimed_at)
            .where(_message.c.subject_id.in_(subject_ids[start : start + LOOKUP_MAX]), *_counting(campaigns))
            .order_by(_message.c.subject_id, _message.c.claimed_at.desc())
        )
        for subject_id, at in rows:
            known = found.get(subject_id, ())
            if len(known) < RING_SLOTS:
                found[subject_id] = (*known, at)
    return found


def nth_send(cap: Cap, campaigns: Collection[int]) -> ColumnElement[datetime]:
    """When the n-th last message of these campaigns left for the person of the row, as part of a larger statement."""
    return (
        select(_message.c.claimed_at)
        .where(_message.c.subject_id == _person.c.subject_id, *_counting(campaigns))
        .order_by(_message.c.claimed_at.desc())
        .offset(cap.count - 1)
        .limit(1)
        .correlate(_person)
        .scalar_subquery()
    )
