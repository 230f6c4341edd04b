"""Two rows of one person become one: what was known of either, and everything that either was sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from consent.reasons import Reason
from consent.tables import table_of
from gateway.core.message import State
from gateway.storage import person_events
from gateway.storage.tables import RING_SIZE, MessageRow, PersonRow, TagRow
from gateway.storage.tag_sends import COUNTED

_person, _tag, _message = table_of(PersonRow), table_of(TagRow), table_of(MessageRow)

_FIRST_KNOWN = ("name", "language", "zone", "region", "attributes", "blocked")
REGISTERED_REFUSAL = "ret"
_LATEST = ("last_inbound_at", "free_entry_until", "cool_until")


def move(connection: Connection, source: int, target: int, now: datetime) -> None:
    """`source` and `target` are one person: the row of `source` goes, and what it knew passes to `target`.

    Frequency caps count what either was sent. Answers that wait for `source` go to `target`, and nobody gets a second
    message of a campaign as `target` who was written to as `source`.
    """
    rows = {
        row.subject_id: row._mapping
        for row in connection.execute(select(_person).where(_person.c.subject_id.in_([source, target])))
    }
    theirs, ours = rows.get(source), rows.get(target)
    if theirs is not None and ours is None:
        connection.execute(insert(_person).values({**theirs, "subject_id": target}))
    elif theirs is not None and ours is not None:
        connection.execute(update(_person).where(_person.c.subject_id == target).values(_joined(ours, theirs)))
    tags = set(connection.scalars(select(_tag.c.tag).where(_tag.c.subject_id == source)))
    tags -= set(connection.scalars(select(_tag.c.tag).where(_tag.c.subject_id == target)))
    if tags:
        connection.execute(insert(_tag), [{"tag": tag, "subject_id": target} for tag in sorted(tags)])
    connection.execute(delete(_tag).where(_tag.c.subject_id == source))
    connection.execute(delete(_person).where(_person.c.subject_id == source))
    person_events.move(connection, source, target)
    _pass_answers(connection, source, target)
    _end_repeats(connection, source, target, now)


def _joined(ours: Any, theirs: Any) -> dict[str, Any]:
    joined = {name: ours[name] if ours[name] is not None else theirs[name] for name in _FIRST_KNOWN}
    for name in _LATEST:
        joined[name] = max((at for at in (ours[name], theirs[name]) if at is not None), default=None)
    verdicts = {row["iys"] for row in (ours, theirs) if row["iys"]}
    if not ours["zones"]:
        joined["zones"] = theirs["zones"]
    joined["iys"] = REGISTERED_REFUSAL if REGISTERED_REFUSAL in verdicts else next(iter(sorted(verdicts)), None)
    return joined | _ring(ours, theirs)


def _ring(ours: Any, theirs: Any) -> dict[str, datetime | None]:
    names = [f"s{n}" for n in range(1, RING_SIZE + 1)]
    moments = sorted((at for row in (ours, theirs) for name in names if (at := row[name])), reverse=True)
    return {name: moments[n] if n < len(moments) else None for n, name in enumerate(names)}


def _pass_answers(connection: Connection, source: int, target: int) -> None:
    # A row that a release holds now is left to it: it will find no address and say so.
    waiting = (
        select(_message.c.id)
        .where(_message.c.subject_id == source, _message.c.state == "queued", _message.c.purpose == "service")
        .with_for_update(skip_locked=True)
    )
    ids = list(connection.scalars(waiting))
    if ids:
        connection.execute(update(_message).where(_message.c.id.in_(ids)).values(subject_id=target))


def _end_repeats(connection: Connection, source: int, target: int, now: datetime) -> None:
    c = _message.c
    written = select(c.campaign_id).where(c.subject_id == source, c.claimed_at.is_not(None), c.state.in_(COUNTED))
    again = (c.subject_id == target, c.state == State.QUEUED.value, c.campaign_id.in_(written))
    ids = list(connection.scalars(select(c.id).where(*again).with_for_update(skip_locked=True)))
    if ids:
        ended = {"state": State.CANCELLED.value, "reason": Reason.CANCELLED.value, "ended_at": now}
        connection.execute(update(_message).where(c.id.in_(ids)).values(ended))
