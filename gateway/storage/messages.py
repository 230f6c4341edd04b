"""Messages as receipts and answers meet them: one at a time, moved only from where they were seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, text, update

from consent.tables import table_of
from gateway.core.message import State
from gateway.storage.statements import fetch, json_of, statement
from gateway.storage.tables import MessageRow, ReceiptRow
from gateway.storage.written_json import field_of

message = table_of(MessageRow)
_receipt = table_of(ReceiptRow)


@dataclass(frozen=True, slots=True)
class Known:
    """A message as a receipt or an answer meets it."""

    id: int
    subject_id: int
    purpose: str
    campaign_id: int | None
    number_id: str
    state: State
    attempts: int
    wamid: str | None
    accepted_at: datetime | None
    claimed_at: datetime | None
    expires_at: datetime
    template: str | None


_KNOWN = select(
    message.c.id,
    message.c.subject_id,
    message.c.purpose,
    message.c.campaign_id,
    message.c.number_id,
    message.c.state,
    message.c.attempts,
    message.c.wamid,
    message.c.accepted_at,
    message.c.claimed_at,
    message.c.expires_at,
    field_of(message.c.content, "template").label("template"),
)


OPEN = text("message.state IN ('sending', 'unsure')")
"""The words of the index ix_message_open: without them SQLite would read the whole outbox for a handful of rows."""


def by_ids(connection: Connection, ids: Sequence[int]) -> dict[int, Known]:
    rows = connection.execute(_KNOWN.where(message.c.id.in_(ids)).order_by(message.c.id).with_for_update())
    return {row.id: _known(row) for row in rows}


def by_wamids(connection: Connection, wamids: Sequence[str]) -> dict[str, Known]:
    rows = connection.execute(_KNOWN.where(message.c.wamid.in_(wamids)).order_by(message.c.id).with_for_update())
    return {row.wamid: _known(row) for row in rows}


def in_flight_since(connection: Connection, before: datetime, state: State, limit: int) -> list[Known]:
    """Messages that have been `sending` or `unsure` since before a moment: what a crash leaves behind."""
    rows = connection.execute(
        _KNOWN.where(OPEN, message.c.state == state.value, message.c.claimed_at < before)
        .order_by(message.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_known(row) for row in rows]


def sending_on(connection: Connection, number_id: str) -> list[Known]:
    """Everything that stands as `sending` on a number."""
    rows = connection.execute(
        _KNOWN.where(OPEN, message.c.state == State.SENDING.value, message.c.number_id == number_id)
        .order_by(message.c.id)
        .with_for_update(skip_locked=True)
    )
    return [_known(row) for row in rows]


def unsure_since(connection: Connection, before: datetime, limit: int) -> list[Known]:
    """Messages that have been unsure since before a moment and have not been ended."""
    rows = connection.execute(
        _KNOWN.where(
            OPEN,
            message.c.state == State.UNSURE.value,
            message.c.claimed_at < before,
            message.c.ended_at.is_(None),
        )
        .order_by(message.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_known(row) for row in rows]


def end_as_unsure(connection: Connection, ids: Sequence[int], reason: str, now: datetime) -> None:
    """These stay unsure for good: nobody will ever know, and they are never sent again. A receipt still counts."""
    if ids:
        here = (message.c.id.in_(ids), message.c.state == State.UNSURE.value)
        connection.execute(update(message).where(*here).values(reason=reason, ended_at=now))


def _known(row: Any) -> Known:
    return Known(**{**row._mapping, "state": State(row.state)})


_STAMPS = {
    State.ACCEPTED: "accepted_at",
    State.HELD: "accepted_at",
    State.SENT: "sent_at",
    State.DELIVERED: "delivered_at",
    State.READ: "read_at",
    State.FAILED: "ended_at",
}


def move(
    connection: Connection,
    known: Known,
    then: State,
    at: datetime,
    *,
    reason: str | None = None,
    wamid: str | None = None,
    code: int | None = None,
) -> bool:
    """Move one message on, if it is still where we saw it. Returns whether it moved."""
    values: dict[str, Any] = {"state": then.value, "reason": reason, "code": code}
    if stamp := _STAMPS.get(then):
        values[stamp] = at
    if wamid is not None:
        values["wamid"] = wamid
    moved = connection.execute(
        update(message).where(message.c.id == known.id, message.c.state == known.state.value).values(values)
    )
    return moved.rowcount == 1


_KEPT = statement("SELECT id, wamid, body FROM receipt_waiting WHERE wamid IN LIST :wamids ORDER BY id")


def take_receipts(connection: Connection, wamids: Sequence[str]) -> list[tuple[str, Mapping[str, Any]]]:
    """The kept statuses of messages that are known now; they are removed."""
    if not wamids:
        return []
    rows = fetch(connection, _KEPT, {"wamids": wamids})
    if rows:
        connection.execute(_receipt.delete().where(_receipt.c.id.in_([row[0] for row in rows])))
    return [(row[1], json_of(row[2])) for row in rows]


def clicked(connection: Connection, token: str, at: datetime) -> int | None:
    """Count a click on a message's link. Returns the campaign, or None for a token that nobody has (any more)."""
    row = connection.execute(
        update(message)
        .where(message.c.token == token)
        .values(clicks=message.c.clicks + 1, clicked_at=func.coalesce(message.c.clicked_at, at))
        .returning(message.c.campaign_id)
    ).one_or_none()
    return None if row is None else row.campaign_id
