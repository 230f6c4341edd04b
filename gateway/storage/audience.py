"""Who is in a segment, a bounded step at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from consent import ledger
from consent.tables import table_of
from gateway.core.segment import (
    And,
    Condition,
    Did,
    Engaged,
    Engagement,
    EngagementFact,
    Not,
    Or,
    PersonFacts,
    Segment,
    matches,
)
from gateway.storage import contacts
from gateway.storage.contacts import PersonState
from gateway.storage.tables import CampaignRow, MessageRow, PersonRow

_message, _campaign, _person = table_of(MessageRow), table_of(CampaignRow), table_of(PersonRow)


@dataclass(frozen=True, slots=True)
class Step:
    """People of the segment among the next ones looked at; `last` is where the next step begins, None at the end."""

    people: Sequence[PersonState]
    last: int | None


def step(connection: Connection, segment: Segment, after: int, limit: int, now: datetime) -> Step:
    """Look at the next `limit` people after a subject number and keep those in the segment."""
    people = list(contacts.walk(connection, after, limit))
    if not people:
        return Step((), None)
    facts = _facts(connection, people, segment, now)
    return Step([p for p in people if matches(segment, facts[p.subject_id], now)], people[-1].subject_id)


def parts_of(condition: Condition) -> Iterable[Condition]:
    """The condition and everything inside it."""
    yield condition
    match condition:
        case Not(part):
            yield from parts_of(part)
        case And(parts) | Or(parts):
            for part in parts:
                yield from parts_of(part)


def asks_for_events(segment: Segment) -> bool:
    return any(isinstance(part, Did) for part in parts_of(segment.where))


def _facts(
    connection: Connection, people: Sequence[PersonState], segment: Segment, now: datetime
) -> dict[int, PersonFacts]:
    ids = [p.subject_id for p in people]
    tags, standings = contacts.tags_of(connection, ids), ledger.stored_standings(connection, ids)
    consent: dict[int, dict[str, str]] = {}
    for (subject_id, purpose), stored in standings.items():
        consent.setdefault(subject_id, {})[purpose] = stored.standing.at(now).state.value
    wants_engagement = any(isinstance(part, Engaged) for part in parts_of(segment.where))
    engagement = _engagement(connection, ids) if wants_engagement else {}
    return {
        p.subject_id: PersonFacts(
            number=p.subject_id,
            added_at=p.created_at,
            fields=_fields(p),
            attributes=p.attributes,
            tags=tags.get(p.subject_id, frozenset()),
            consent=consent.get(p.subject_id, {}),
            engagement=tuple(engagement.get(p.subject_id, ())),
        )
        for p in people
    }


def _fields(p: PersonState) -> dict[str, str]:
    known = {"language": p.language, "source": p.source, "zone": p.zone or _only(p.zones), "country": p.region}
    return {name: value for name, value in known.items() if value} | ({"name": p.name} if p.name else {})


def _only(zones: frozenset[str]) -> str | None:
    return next(iter(zones)) if len(zones) == 1 else None


_MOMENTS = {
    Engagement.SENT: _message.c.accepted_at,
    Engagement.DELIVERED: func.coalesce(_message.c.delivered_at, _message.c.read_at),
    Engagement.READ: _message.c.read_at,
    Engagement.CLICKED: _message.c.clicked_at,
}


def _engagement(connection: Connection, ids: Sequence[int]) -> dict[int, list[EngagementFact]]:
    found: dict[int, list[EngagementFact]] = {}
    for kind, moment in _MOMENTS.items():
        rows = connection.execute(
            select(_message.c.subject_id, moment.label("at"), _campaign.c.name)
            .outerjoin(_campaign, _campaign.c.id == _message.c.campaign_id)
            .where(_message.c.subject_id.in_(ids), moment.is_not(None))
        )
        for subject_id, at, campaign in rows:
            found.setdefault(subject_id, []).append(EngagementFact(kind, campaign or "", at))
    replied = connection.execute(
        select(_person.c.subject_id, _person.c.last_inbound_at).where(
            _person.c.subject_id.in_(ids), _person.c.last_inbound_at.is_not(None)
        )
    )
    for subject_id, at in replied:
        found.setdefault(subject_id, []).append(EngagementFact(Engagement.REPLIED, "", at))
    return found
