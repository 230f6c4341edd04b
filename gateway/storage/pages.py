"""What the pages show, each page read at one moment. Nothing here names a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from consent import ledger
from consent.events import Purpose
from consent.tables import table_of
from gateway.storage import contacts, incidents, quarantine, templates
from gateway.storage.campaigns import Campaign
from gateway.storage.inbox import Inbox
from gateway.storage.incidents import Incident
from gateway.storage.outbox import message
from gateway.storage.tables import CampaignRow, InboxRow, QuarantineRow
from gateway.storage.templates import Hold

CAMPAIGNS_MAX = 50
"""The newest ones: counting stays bounded however many there have been."""

INCIDENTS_SHOWN = 20

_campaign, _quarantine, _inbox = table_of(CampaignRow), table_of(QuarantineRow), table_of(InboxRow)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many messages of a campaign stand in one state for one reason."""

    state: str
    reason: str | None
    count: int


@dataclass(frozen=True, slots=True)
class CampaignCounts:
    """A campaign and its messages in numbers. `clicked` counts people, None where the campaign has no link."""

    campaign: Campaign
    tallies: Sequence[Tally]
    clicked: int | None

    @property
    def audience(self) -> int:
        """Everybody who has become a message so far."""
        return sum(tally.count for tally in self.tallies)

    @property
    def by_state(self) -> dict[str, int]:
        counts: dict[str, int] = defaultdict(int)
        for tally in self.tallies:
            counts[tally.state] += tally.count
        return dict(counts)


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything on the overview but the inbox's backlog, which may stand in a file of its own."""

    campaigns: Sequence[CampaignCounts]
    has_older: bool
    people: int
    consents: Mapping[str, int]
    holds: Sequence[Hold]
    quarantined: int
    seen: Mapping[str, int]
    incidents: Sequence[Incident]


def overview(connection: Connection, now: datetime) -> Overview:
    rows = connection.execute(select(_campaign).order_by(_campaign.c.id.desc()).limit(CAMPAIGNS_MAX + 1)).all()
    newest = [Campaign(**row._mapping) for row in rows[:CAMPAIGNS_MAX]]
    tallies = _tallies(connection, [c.id for c in newest])
    clicked = _clicked(connection, [c.id for c in newest if "link" in c.plan])
    return Overview(
        campaigns=[CampaignCounts(c, tallies.get(c.id, ()), clicked.get(c.id)) for c in newest],
        has_older=len(rows) > CAMPAIGNS_MAX,
        people=contacts.count(connection),
        consents=ledger.count_by_state(connection, Purpose.MARKETING.value),
        holds=templates.holds(connection, now),
        quarantined=quarantined(connection),
        seen=quarantine.tallies(connection),
        incidents=incidents.latest(connection, INCIDENTS_SHOWN),
    )


def quarantined(connection: Connection) -> int:
    """How many items of webhooks could not be applied."""
    return connection.scalar(select(func.count()).select_from(_quarantine)) or 0


def _tallies(connection: Connection, campaign_ids: Sequence[int]) -> dict[int, list[Tally]]:
    c, found = message.c, defaultdict(list)
    counted = (
        select(c.campaign_id, c.state, c.reason, func.count())
        .where(c.campaign_id.in_(campaign_ids))
        .group_by(c.campaign_id, c.state, c.reason)
        .order_by(c.campaign_id, c.state, c.reason)
    )
    for campaign_id, state, reason, count in connection.execute(counted):
        found[campaign_id].append(Tally(state, reason, count))
    return dict(found)


def _clicked(connection: Connection, campaign_ids: Sequence[int]) -> dict[int, int]:
    if not campaign_ids:
        return {}
    c = message.c
    counted = select(c.campaign_id, func.count()).where(c.campaign_id.in_(campaign_ids), c.clicked_at.is_not(None))
    found = dict.fromkeys(campaign_ids, 0)
    found.update((row[0], row[1]) for row in connection.execute(counted.group_by(c.campaign_id)))
    return found


def campaign_of_token(connection: Connection, token: str) -> int | None:
    """The campaign whose link carries this token; None for a token that nobody has (any more)."""
    found: int | None = connection.scalar(select(message.c.campaign_id).where(message.c.token == token))
    return found


def try_writing(inbox: Inbox, now: datetime) -> None:
    """Store a body and take it back. Raises DBAPIError when the inbox cannot be written."""
    with inbox.database.engine.connect() as connection, connection.begin() as transaction:
        connection.execute(insert(_inbox).values(body=b"", received_at=now))
        transaction.rollback()
