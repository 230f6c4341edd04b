"""Campaigns: a plan frozen as JSON, a state, and the cursor up to which people have become messages."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from consent.tables import table_of
from gateway.storage.tables import CampaignRow

_campaign = table_of(CampaignRow)


class NameTaken(Exception):
    """There is a campaign of this name already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """A stored campaign. `cursor` is the last subject number that has become a message."""

    id: int
    name: str
    state: str
    plan: Mapping[str, Any]
    purpose: str
    template_name: str
    number_id: str | None
    priority: int
    start_at: datetime
    expires_at: datetime
    planned_at: datetime
    launched_at: datetime | None
    ended_at: datetime | None
    cursor: int
    note: str | None


def add(connection: Connection, **values: Any) -> Campaign:
    """Raises NameTaken; then nothing was written."""
    try:
        with connection.begin_nested():
            made = connection.execute(insert(_campaign).values(**values).returning(_campaign)).one()
    except IntegrityError as problem:
        raise NameTaken(values["name"]) from problem
    return Campaign(**made._mapping)


def by_name(connection: Connection, name: str) -> Campaign | None:
    row = connection.execute(select(_campaign).where(_campaign.c.name == name)).one_or_none()
    return None if row is None else Campaign(**row._mapping)


def by_id(connection: Connection, campaign_id: int, *, lock: bool = False) -> Campaign | None:
    statement = select(_campaign).where(_campaign.c.id == campaign_id)
    row = connection.execute(statement.with_for_update() if lock else statement).one_or_none()
    return None if row is None else Campaign(**row._mapping)


def by_ids(connection: Connection, ids: Sequence[int]) -> dict[int, Campaign]:
    rows = connection.execute(select(_campaign).where(_campaign.c.id.in_(ids)))
    return {row.id: Campaign(**row._mapping) for row in rows}


def everything(connection: Connection) -> list[Campaign]:
    rows = connection.execute(select(_campaign).order_by(_campaign.c.id))
    return [Campaign(**row._mapping) for row in rows]


def due(connection: Connection, states: Sequence[str], now: datetime) -> list[Campaign]:
    """Campaigns in one of these states whose start has come."""
    rows = connection.execute(
        select(_campaign)
        .where(_campaign.c.state.in_(states), _campaign.c.start_at <= now)
        .order_by(_campaign.c.priority, _campaign.c.id)
    )
    return [Campaign(**row._mapping) for row in rows]


def count_by_state(connection: Connection) -> dict[str, int]:
    rows = connection.execute(select(_campaign.c.state, func.count()).group_by(_campaign.c.state))
    return {row[0]: row[1] for row in rows}


def change(connection: Connection, campaign_id: int, seen_state: str, **values: Any) -> bool:
    """Change a campaign where it is still in the state that we saw. Returns whether it was."""
    changed = connection.execute(
        update(_campaign).where(_campaign.c.id == campaign_id, _campaign.c.state == seen_state).values(**values)
    )
    return changed.rowcount == 1


def with_tags(connection: Connection, tags: Collection[str]) -> list[int]:
    """Campaigns that carry one of these tags. A plan is frozen, so this never changes for a campaign."""
    rows = connection.execute(select(_campaign.c.id, _campaign.c.plan).order_by(_campaign.c.id))
    return [row.id for row in rows if not {*_words(row.plan.get("tags"))}.isdisjoint(tags)]


def _words(written: Any) -> list[str]:
    """Tags as a campaign file may write them: one word, or a list."""
    return [written] if isinstance(written, str) else list(written or ())
