"""People as the gateway needs them: language, zone, tags, and the ring of their last marketing messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, delete, func, literal_column, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from consent.tables import SubjectRow, table_of
from consent.vault import LOOKUP_MAX
from gateway.storage import person_events
from gateway.storage.statements import statement, write
from gateway.storage.tables import RING_SIZE, MessageRow, PersonRow, TagRow

person = table_of(PersonRow)
_tag = table_of(TagRow)
_message = table_of(MessageRow)
_subject = table_of(SubjectRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    subject_id: int
    name: str | None = None
    language: str | None = None
    zone: str | None = None
    zones: frozenset[str] = frozenset()
    region: str | None = None
    source: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonState:
    """What a decision looks at besides consent. `sends` holds the last marketing sends, newest first."""

    subject_id: int
    name: str | None
    language: str | None
    zone: str | None
    zones: frozenset[str]
    region: str | None
    source: str | None
    created_at: datetime
    attributes: Mapping[str, str]
    last_inbound_at: datetime | None
    free_entry_until: datetime | None
    cool_until: datetime | None
    blocked: str | None
    sends: tuple[datetime, ...]


def add(connection: Connection, people: Sequence[NewPerson], now: datetime) -> None:
    """Make people known, or bring what a newer file says about them up to date. Consent is not touched here."""
    if not people:
        return
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = make(person)
    new = statement.excluded
    keep = {name: func.coalesce(new[name], person.c[name]) for name in ("name", "language", "zone", "region")}
    keep["zones"] = func.coalesce(func.nullif(new.zones, ""), person.c.zones)
    keep["attributes"] = _joined(connection, new.attributes)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["subject_id"], set_=keep),
        [_row(p, now) for p in people],
    )
    if tags := [{"tag": tag, "subject_id": p.subject_id} for p in people for tag in p.tags]:
        connection.execute(make(_tag).on_conflict_do_nothing(), tags)


def _joined(connection: Connection, new: Any) -> Any:
    """What we knew of a person, and over it what is new: a file without a column takes nothing away."""
    known = func.coalesce(person.c.attributes, literal_column("'{}'"), type_=person.c.attributes.type)
    return func.json_patch(known, new) if connection.dialect.name == "sqlite" else known.op("||")(new)


def _row(p: NewPerson, now: datetime) -> dict[str, Any]:
    return {
        "subject_id": p.subject_id,
        "name": p.name,
        "language": p.language,
        "zone": p.zone,
        "zones": ",".join(sorted(p.zones)),
        "region": p.region,
        "source": p.source,
        "attributes": dict(p.attributes),
        "undelivered": 0,
        "created_at": now,
    }


def change(
    connection: Connection, subject_id: int, fields: Mapping[str, str | None], attributes: Mapping[str, str]
) -> None:
    """Set fields of one person, and attributes; an empty attribute is taken away."""
    known = connection.scalar(select(person.c.attributes).where(person.c.subject_id == subject_id)) or {}
    kept = {key: value for key, value in {**known, **attributes}.items() if value}
    mine = person.c.subject_id == subject_id
    connection.execute(update(person).where(mine).values(**fields, attributes=kept or None))


def tag(connection: Connection, subject_ids: Sequence[int], name: str) -> int:
    """Put a tag on people. Returns how many did not have it."""
    if not subject_ids:
        return 0
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    before = _tagged(connection, name)
    rows = [{"tag": name, "subject_id": subject_id} for subject_id in subject_ids]
    connection.execute(make(_tag).on_conflict_do_nothing(), rows)
    return _tagged(connection, name) - before


def _tagged(connection: Connection, name: str) -> int:
    return connection.scalar(select(func.count()).select_from(_tag).where(_tag.c.tag == name)) or 0


def untag(connection: Connection, subject_ids: Sequence[int], name: str) -> int:
    """Take a tag from people. Returns how many had it."""
    gone = 0
    for start in range(0, len(subject_ids), LOOKUP_MAX):
        mine = _tag.c.subject_id.in_(subject_ids[start : start + LOOKUP_MAX])
        gone += connection.execute(delete(_tag).where(_tag.c.tag == name, mine)).rowcount
    return gone


def ensure(connection: Connection, people: Sequence[NewPerson], now: datetime) -> None:
    """Make people known who wrote to us first; what is known already stays as it is."""
    if people:
        make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        connection.execute(make(person).on_conflict_do_nothing(), [_row(p, now) for p in people])


def states(connection: Connection, subject_ids: Sequence[int], *, lock: bool = False) -> dict[int, PersonState]:
    """These people as they are. With `lock`, nobody else counts a message to them until the transaction ends."""
    found: dict[int, PersonState] = {}
    for start in range(0, len(subject_ids), LOOKUP_MAX):
        chunk = subject_ids[start : start + LOOKUP_MAX]
        statement = select(person).where(person.c.subject_id.in_(chunk)).order_by(person.c.subject_id)
        rows = connection.execute(statement.with_for_update() if lock else statement)
        found.update((row.subject_id, _state(row)) for row in rows)
    return found


def _state(row: Any) -> PersonState:
    sends = (row.s1, row.s2, row.s3, row.s4, row.s5, row.s6, row.s7, row.s8, row.s9, row.s10)
    return PersonState(
        row.subject_id,
        row.name,
        row.language,
        row.zone,
        frozenset(row.zones.split(",")) if row.zones else frozenset(),
        row.region,
        row.source,
        row.created_at,
        row.attributes or {},
        row.last_inbound_at,
        row.free_entry_until,
        row.cool_until,
        row.blocked,
        tuple(moment for moment in sends if moment is not None),
    )


def walk(connection: Connection, after: int, limit: int) -> Iterator[PersonState]:
    """The next people by subject number: a bounded step through everyone."""
    rows = connection.execute(
        select(person).where(person.c.subject_id > after).order_by(person.c.subject_id).limit(limit)
    )
    return (_state(row) for row in rows)


def tags_of(connection: Connection, subject_ids: Sequence[int]) -> dict[int, frozenset[str]]:
    found: dict[int, set[str]] = {}
    for start in range(0, len(subject_ids), LOOKUP_MAX):
        rows = connection.execute(
            select(_tag.c.subject_id, _tag.c.tag).where(_tag.c.subject_id.in_(subject_ids[start : start + LOOKUP_MAX]))
        )
        for subject_id, tag in rows:
            found.setdefault(subject_id, set()).add(tag)
    return {subject_id: frozenset(tags) for subject_id, tags in found.items()}


_MOVED_ON = ", ".join(f"s{n} = s{n - 1}" for n in range(RING_SIZE, 1, -1))
_RESERVE = statement(
    f"UPDATE person SET s1 = :now, {_MOVED_ON} WHERE subject_id IN LIST :who"  # noqa: S608  our own columns
)
_REACHED = statement("UPDATE person SET reached_at = :now WHERE subject_id IN LIST :who")


def reserve(connection: Connection, subject_ids: Sequence[int], now: datetime) -> None:
    """Count a marketing message that is about to leave: the place is taken before the message is."""
    if subject_ids:
        write(connection, _RESERVE, {"who": sorted(subject_ids), "now": now})


DAILY_LIMIT_KEY = 7_129_402
"""PostgreSQL's advisory locks have numbers; this one is not the start of any digest that names an owner."""


def reached(connection: Connection, subject_ids: Sequence[int], now: datetime) -> None:
    """These people are written to outside a service window now, which Meta's daily limit counts."""
    if subject_ids:
        write(connection, _REACHED, {"who": sorted(subject_ids), "now": now})


def reached_since(connection: Connection, since: datetime) -> int:
    """How many people were written to outside a service window since a moment."""
    return connection.scalar(select(func.count()).where(person.c.reached_at > since)) or 0


def spend_alone(connection: Connection) -> None:
    """Until this transaction ends nobody else who asks for this counts or reaches people.

    The first lock that a release takes, so that no two wait for each other. SQLite has one writer anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": DAILY_LIMIT_KEY})


def recount(connection: Connection, subject_ids: Sequence[int]) -> None:
    """Work the ring out anew from the outbox: a place is given back when a message failed."""
    for subject_id in sorted(set(subject_ids)):
        merged = select(_subject.c.id).where(_subject.c.merged_into == subject_id)
        moments = connection.scalars(
            select(_message.c.claimed_at)
            .where(
                or_(_message.c.subject_id == subject_id, _message.c.subject_id.in_(merged)),
                _message.c.purpose == "marketing",
                _message.c.claimed_at.is_not(None),
                _message.c.state.in_(["sending", "unsure", "accepted", "held", "sent", "delivered", "read", "expired"]),
            )
            .order_by(_message.c.claimed_at.desc())
            .limit(RING_SIZE)
        ).all()
        ring = {f"s{n}": moments[n - 1] if n <= len(moments) else None for n in range(1, RING_SIZE + 1)}
        connection.execute(update(person).where(person.c.subject_id == subject_id).values(ring))


NOT_ON_WHATSAPP, PARKED = "not_on_whatsapp", "parked"
"""Why somebody is set aside until they write to us: their number is dead, or a rule has cleaned the list of them."""
BLOCKED_BY_US = "blocked_by_us"
"""Why somebody stays aside: the business itself has blocked them at Meta (130403), and Meta tells no end of it."""
_set_aside = person.c.blocked.in_((NOT_ON_WHATSAPP, PARKED))


def spoke(connection: Connection, moments: Mapping[int, datetime]) -> None:
    """These people wrote to us at these moments: the service window opens, and nobody who writes is set aside."""
    for subject_id, at in sorted(moments.items()):
        connection.execute(
            update(person)
            .where(
                person.c.subject_id == subject_id,
                (person.c.last_inbound_at.is_(None)) | (person.c.last_inbound_at < at),
            )
            .values(last_inbound_at=at, undelivered=0, blocked=case((_set_aside, None), else_=person.c.blocked))
        )


def came_by_advertisement(connection: Connection, subject_id: int, until: datetime) -> None:
    connection.execute(update(person).where(person.c.subject_id == subject_id).values(free_entry_until=until))


def cool(connection: Connection, subject_id: int, until: datetime) -> None:
    """Leave a person alone for a while because Meta held our message back for their sake."""
    connection.execute(
        update(person)
        .where(person.c.subject_id == subject_id, (person.c.cool_until.is_(None)) | (person.c.cool_until < until))
        .values(cool_until=until)
    )


def block(connection: Connection, subject_id: int, reason: str) -> None:
    connection.execute(update(person).where(person.c.subject_id == subject_id).values(blocked=reason))


def let_back(connection: Connection, subject_id: int) -> str | None:
    """Write to somebody again who was set aside. Returns why they were."""
    mine = (person.c.subject_id == subject_id, person.c.blocked.is_not(None))
    reason: str | None = connection.scalar(select(person.c.blocked).where(*mine).with_for_update())
    if reason is not None:
        connection.execute(update(person).where(*mine).values(blocked=None, undelivered=0))
    return reason


UNDELIVERED_MAX = 2
"""One 131026 makes a number suspect, the second in a row stops writing to it (whatsapp-cloud-api.md 2.5)."""


def could_not_be_reached(connection: Connection, subject_id: int) -> None:
    connection.execute(
        update(person).where(person.c.subject_id == subject_id).values(undelivered=person.c.undelivered + 1)
    )
    connection.execute(
        update(person)
        .where(person.c.subject_id == subject_id, person.c.undelivered >= UNDELIVERED_MAX)
        .values(blocked=NOT_ON_WHATSAPP)
    )


def count(connection: Connection) -> int:
    return connection.scalar(select(func.count()).select_from(person)) or 0


def forget(connection: Connection, subject_id: int) -> None:
    person_events.forget(connection, subject_id)
    connection.execute(delete(_tag).where(_tag.c.subject_id == subject_id))
    connection.execute(delete(person).where(person.c.subject_id == subject_id))


def known(connection: Connection, subject_ids: Sequence[int]) -> set[int]:
    """Those of these subjects whom the gateway knows as people."""
    found: set[int] = set()
    for start in range(0, len(subject_ids), LOOKUP_MAX):
        chunk = subject_ids[start : start + LOOKUP_MAX]
        found.update(connection.scalars(select(person.c.subject_id).where(person.c.subject_id.in_(chunk))))
    return found
