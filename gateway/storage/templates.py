"""Templates, sending numbers and holds: what Meta last told us, and what may not be sent for now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, or_, select, update

from consent.tables import table_of
from gateway.core.failure import Scope
from gateway.storage.statements import fetch, known_moment, moment, statement
from gateway.storage.tables import HoldRow, NumberRow, TemplateRow
from gateway.storage.template_history import Change, record
from gateway.storage.upserts import upsert

EVERYTHING = "*"
HELD_BY_HAND = "held_by_hand"
"""The reason of a hold that an operator set: no webhook lifts it, and nothing takes its place."""
DELETED = "DELETED"
RED_SLOWS_BY = 4
WATCHED = ("status", "quality", "category")
"""What of a template changes by itself, and is kept as history."""

_template, _number, _hold = table_of(TemplateRow), table_of(NumberRow), table_of(HoldRow)


@dataclass(frozen=True, slots=True)
class Hold:
    """What may not be sent for now. The target of `Scope.EVERYTHING` is EVERYTHING."""

    scope: Scope
    target: str
    reason: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class StoredTemplate:
    name: str
    language: str
    category: str
    status: str
    quality: str
    definition: Mapping[str, Any]
    synced_at: datetime


@dataclass(frozen=True, slots=True)
class SendingNumber:
    """A number that sends; `throughput` is Meta's ceiling in messages a second.

    `people_per_day` is the portfolio's limit on unique people in any 24 hours; None is unlimited.
    """

    id: str
    display: str | None
    quality: str
    throughput: int
    people_per_day: int | None = None

    @property
    def pace(self) -> int:
        """Messages a second to aim at: people block a number of red quality, so it goes slowly until they do not."""
        return max(1, self.throughput // RED_SLOWS_BY) if self.quality == "RED" else self.throughput


def keep(connection: Connection, definitions: Sequence[Mapping[str, Any]], now: datetime) -> list[Change]:
    """Store templates as Meta lists them (GET message_templates). What is new or other than before is recorded."""
    rows = [
        {
            "name": d["name"],
            "language": d["language"],
            "meta_id": str(d.get("id") or "") or None,
            "category": d["category"],
            "status": d["status"],
            "quality": (d.get("quality_score") or {}).get("score", "UNKNOWN"),
            "definition": dict(d),
            "synced_at": now,
        }
        for d in definitions
    ]
    known = {(t.name, t.language): t for t in all_templates(connection)}
    changes = [change for row in rows for change in _changes(known.get((row["name"], row["language"])), row, "sync")]
    upsert(connection, _template, ("name", "language"), rows)
    record(connection, changes)
    return changes


def forget_missing(
    connection: Connection, definitions: Sequence[Mapping[str, Any]], now: datetime
) -> list[StoredTemplate]:
    """Mark as DELETED what Meta no longer lists; `definitions` is the whole list."""
    listed = {(d["name"], d["language"]) for d in definitions}
    gone = [t for t in all_templates(connection) if (t.name, t.language) not in listed and t.status != DELETED]
    for one in gone:
        set_template(connection, one.name, one.language, now, status=DELETED)
    return gone


def _changes(before: StoredTemplate | None, after: Mapping[str, Any], source: str) -> Iterator[Change]:
    """A template's first sight is one change, of its status."""
    for what in WATCHED if before else ("status",):
        was = str(getattr(before, what)) if before else None
        if what in after and after[what] != was:
            yield Change(after["name"], after["language"], what, was, str(after[what]), source, after["synced_at"])


def languages_of(connection: Connection, name: str) -> dict[str, StoredTemplate]:
    """The language versions of a template."""
    rows = connection.execute(_TEMPLATES.where(_template.c.name == name))
    return {row.language: StoredTemplate(**row._mapping) for row in rows}


_TEMPLATES = select(
    _template.c.name,
    _template.c.language,
    _template.c.category,
    _template.c.status,
    _template.c.quality,
    _template.c.definition,
    _template.c.synced_at,
).order_by(_template.c.name, _template.c.language)


def all_templates(connection: Connection) -> list[StoredTemplate]:
    return [StoredTemplate(**row._mapping) for row in connection.execute(_TEMPLATES)]


def set_template(connection: Connection, name: str, language: str | None, now: datetime, **values: str) -> int:
    """Note what a webhook said of a template: status, quality or category. Without language, all its versions."""
    versions = [t for spoken, t in languages_of(connection, name).items() if language in (None, spoken)]
    for version in versions:
        news = {"name": name, "language": version.language, "synced_at": now, **values}
        record(connection, list(_changes(version, news, "webhook")))
    statement = update(_template).where(_template.c.name == name).values(**values, synced_at=now)
    if language is not None:
        statement = statement.where(_template.c.language == language)
    return connection.execute(statement).rowcount


def add_numbers(connection: Connection, numbers: Sequence[SendingNumber], now: datetime) -> None:
    upsert(
        connection,
        _number,
        ("id",),
        [
            {
                "id": n.id,
                "display": n.display,
                "quality": n.quality,
                "throughput": n.throughput,
                "people_per_day": n.people_per_day,
                "synced_at": now,
            }
            for n in numbers
        ],
    )


def numbers(connection: Connection) -> list[SendingNumber]:
    columns = (_number.c.id, _number.c.display, _number.c.quality, _number.c.throughput, _number.c.people_per_day)
    return [SendingNumber(**row._mapping) for row in connection.execute(select(*columns).order_by(_number.c.id))]


def named(connection: Connection, display: str) -> list[str]:
    """The ids of our numbers that are written like this; webhooks name a number as people write it."""
    digits = _digits(display)
    return [number.id for number in numbers(connection) if digits and _digits(number.display or "") == digits]


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def set_number(connection: Connection, display: str, now: datetime, **values: int | str) -> None:
    """Note what a webhook said of a number: throughput or quality."""
    mine = _number.c.id.in_(named(connection, display))
    connection.execute(update(_number).where(mine).values(**values, synced_at=now))


def set_people_per_day(connection: Connection, limit: int | None, now: datetime) -> None:
    """Meta told the portfolio's daily limit; it binds all its numbers together."""
    connection.execute(update(_number).values(people_per_day=limit, synced_at=now))


def hold(
    connection: Connection, scope: Scope, target: str, reason: str, now: datetime, until: datetime | None = None
) -> None:
    """Stop sending in this scope until a moment, or until somebody lifts it."""
    here = (_hold.c.scope == scope.value, _hold.c.target == target, _hold.c.reason == HELD_BY_HAND)
    if reason != HELD_BY_HAND and connection.scalar(select(_hold.c.target).where(*here, _in_force(now))):
        return
    row = {"scope": scope.value, "target": target, "reason": reason, "since": now, "until": until}
    upsert(connection, _hold, ("scope", "target"), [row])


def is_held_beyond(connection: Connection, scope: Scope, target: str, until: datetime) -> bool:
    """Whether this is held already, and for longer: what ends by itself must not shorten it."""
    here = (_hold.c.scope == scope.value, _hold.c.target == target, _in_force(until))
    return connection.scalar(select(_hold.c.target).where(*here)) is not None


def lift(connection: Connection, scope: Scope, target: str, *, by_hand: bool = False) -> bool:
    """Whether there was a hold to lift. What an operator has held, an operator lifts."""
    gone = delete(_hold).where(_hold.c.scope == scope.value, _hold.c.target == target)
    if not by_hand:
        gone = gone.where(_hold.c.reason != HELD_BY_HAND)
    return connection.execute(gone).rowcount > 0


def _in_force(now: datetime) -> ColumnElement[bool]:
    return or_(_hold.c.until.is_(None), _hold.c.until > now)


_HOLDS = statement(
    "SELECT scope, target, reason, since, until FROM hold WHERE until IS NULL OR until > :now ORDER BY scope, target"
)


def holds(connection: Connection, now: datetime) -> list[Hold]:
    """The holds in force at this moment."""
    rows = fetch(connection, _HOLDS, {"now": now})
    return [Hold(Scope(row[0]), row[1], row[2], known_moment(row[3]), moment(row[4])) for row in rows]
