"""Which messages a number may release next: answers first, then turns between campaigns.

Every lane is read through one index, in the order in which its messages fell due, so a lane with a million messages
that wait costs no more than an empty one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection

from gateway.core.failure import Scope
from gateway.core.pacing import Turns, Waiting
from gateway.storage.statements import fetch, known_moment, statement
from gateway.storage.templates import Hold

ANSWERS, USUAL, PRIORITY_LAST = 0, 5, 9
"""Answers to people leave before everything else. Messages of no campaign have one of the first two priorities."""

NO_CAMPAIGN = 0
"""Stands for messages without a campaign where lanes are counted by campaign."""


class PeopleLeft(NamedTuple):
    """How many people who were not written to lately may be: by campaigns, and by all that is not an answer."""

    by_campaigns: int
    by_all: int


STOPS_A_NUMBER = frozenset({Scope.ACCOUNT, Scope.EVERYTHING})


class Claimed(NamedTuple):
    """A queued message that this transaction holds.

    `content` is what it says but for the template's components: messages that agree in it share it, nobody changes it.
    `components` are those, as JSON; empty where it has none.
    """

    id: int
    subject_id: int
    purpose: str
    campaign_id: int | None
    number_id: str
    expires_at: datetime
    content: Mapping[str, Any]
    components: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Lane:
    """The messages of one campaign, or those of none. Priorities count from 0, the most urgent, to 9."""

    campaign_id: int | None
    priority: int

    @property
    def key(self) -> int:
        return self.campaign_id or NO_CAMPAIGN

    @property
    def weight(self) -> int:
        """Turns of this lane beside the others': nine for the most urgent campaign, one for the least."""
        return PRIORITY_LAST + 1 - self.priority


_ROW = "SELECT id, subject_id, purpose, campaign_id, number_id, expires_at, content, attempts FROM message"
_DUE = (
    "priority = :priority AND due_at <= :now ORDER BY due_at, id LIMIT :limit OFFSET :skip[[ FOR UPDATE SKIP LOCKED]]"
)
_OF_CAMPAIGN = statement(
    f"{_ROW} WHERE state = 'queued' AND number_id = :number AND campaign_id = :campaign AND {_DUE}"
)
_OF_NONE = statement(f"{_ROW} WHERE state = 'queued' AND number_id = :number AND campaign_id IS NULL AND {_DUE}")
_SENDING = statement(
    "SELECT id, priority, template_name FROM campaign WHERE number_id = :number"
    " AND (state IN ('launching', 'running') OR (state = 'done' AND expires_at > :now))"
    " AND EXISTS (SELECT 1 FROM message m WHERE m.state = 'queued' AND m.number_id = :number"
    " AND m.campaign_id = campaign.id AND m.priority = campaign.priority AND m.due_at <= :now)"
    " UNION ALL SELECT 0, 5, '' WHERE EXISTS (SELECT 1 FROM message m WHERE m.state = 'queued'"
    " AND m.number_id = :number AND m.campaign_id IS NULL AND m.priority = 5 AND m.due_at <= :now)"
)
"""Lanes in which something is due. The last one is that of messages without a campaign (NO_CAMPAIGN, USUAL).

A campaign that is done has nothing due, unless Meta's late word or an unknown outcome has brought a message back.
"""


def claim(
    connection: Connection,
    number_id: str,
    now: datetime,
    limit: int,
    turns: Turns,
    holds: Sequence[Hold] = (),
    people_left: PeopleLeft | None = None,
) -> list[Claimed]:
    """The next messages due on this number, locked until the transaction ends.

    What a hold stops stays where it is and falls due when the hold is gone. `people_left` of the portfolio's daily
    limit bounds all but answers.
    """
    if stopped(number_id, holds):
        return []
    claimed = _due(connection, number_id, Lane(None, ANSWERS), now, limit)
    left = limit - len(claimed)
    if people_left is not None:
        left = min(left, people_left.by_campaigns or people_left.by_all)
    lanes = {lane.key: lane for lane in _lanes(connection, number_id, now, holds)}
    if people_left is not None and not people_left.by_campaigns:
        lanes = {key: lane for key, lane in lanes.items() if key == NO_CAMPAIGN}
    urgency = {key: lane.priority for key, lane in lanes.items()}
    taken: Counter[int] = Counter()
    while left > 0 and lanes:  # every round fills what is left, or finds a lane with nothing more in it
        waiting = {key: Waiting(left, lane.weight) for key, lane in lanes.items()}
        for key, share in turns.divide(left, waiting).items():
            found = _due(connection, number_id, lanes[key], now, share, taken[key]) if share else []
            claimed += found
            taken[key] += len(found)
            left -= len(found)
            if len(found) < share:
                del lanes[key]
    # Where a cap leaves a person room for one message, the more urgent of two in a batch is decided first.
    return sorted(claimed, key=lambda m: urgency.get(m.campaign_id or NO_CAMPAIGN, ANSWERS))


def stopped(number_id: str, holds: Sequence[Hold]) -> Hold | None:
    """The hold that stops everything on this number, answers too."""
    whole = (h for h in holds if h.scope in STOPS_A_NUMBER or (h.scope is Scope.NUMBER and h.target == number_id))
    return next(whole, None)


def _lanes(connection: Connection, number_id: str, now: datetime, holds: Sequence[Hold]) -> list[Lane]:
    held = {(h.scope, h.target) for h in holds}
    lanes = []
    for campaign_id, priority, template in fetch(connection, _SENDING, {"number": number_id, "now": now}):
        if campaign_id == NO_CAMPAIGN:
            lanes.append(Lane(None, priority))
        elif not held & {(Scope.TEMPLATE, template), (Scope.CAMPAIGN, str(campaign_id))}:
            lanes.append(Lane(campaign_id, priority))
    return lanes


def _due(connection: Connection, number_id: str, lane: Lane, now: datetime, limit: int, skip: int = 0) -> list[Claimed]:
    values = {"number": number_id, "priority": lane.priority, "now": now, "limit": limit, "skip": skip}
    if lane.campaign_id is None:
        rows = fetch(connection, _OF_NONE, values, gathered=False)
    else:
        rows = fetch(connection, _OF_CAMPAIGN, values | {"campaign": lane.campaign_id}, gathered=False)
    return [Claimed._make((*row[:5], _ends(row[5]), *parts_of(row[6]), row[7])) for row in rows]


_ends = lru_cache(maxsize=256)(known_moment)  # all messages of a campaign end together


def parts_of(written: str) -> tuple[Mapping[str, Any], str]:
    """A stored content without its components, and those as they are written: they go to Meta as they are.

    They are the longest part, mostly the only one that differs between the messages of a campaign, and the last:
    launch writes them last, and PostgreSQL's jsonb keeps the longest key last. Wherever they are, they are found.
    """
    first, found, rest = written.partition('"components":')
    if not found:
        return _read(written), ""
    if rest.endswith("]}") and rest.lstrip().startswith("["):  # no other key's value is a list
        components = rest[:-1].strip()
        return _read(first.rstrip(", ") + "}"), "" if components == "[]" else components
    content = dict(orjson.loads(written))
    components = content.pop("components")
    return content, orjson.dumps(components).decode() if components else ""


@lru_cache(maxsize=1024)
def _read(written: str) -> Mapping[str, Any]:
    content: Mapping[str, Any] = orjson.loads(written)
    return content
