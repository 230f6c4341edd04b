"""Messages as Meta's statuses meet them, hundreds at a time: found in one question, moved on in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from consent.tables import table_of
from gateway.core.message import State
from gateway.storage.statements import fetch, statement, stored_moment, write_all
from gateway.storage.tables import ReceiptRow

_receipt = table_of(ReceiptRow)

_COLUMNS = "SELECT id, state, attempts, wamid FROM message WHERE "
_BY_ID = statement(f"{_COLUMNS} id IN LIST :them ORDER BY id [[FOR UPDATE]]")
_BY_WAMID = statement(f"{_COLUMNS} wamid IN LIST :them ORDER BY id [[FOR UPDATE]]")


@dataclass(slots=True)
class Seen:
    """A message as the statuses of one batch see it: where it stood, and where they take it.

    `seen` and `known_as` are what is stored; `stamps` the moments to be stored, by State.
    """

    id: int
    state: State
    attempts: int
    wamid: str | None
    seen: State
    known_as: str | None
    accepted_at: datetime | None = None
    stamps: dict[State, datetime] = field(default_factory=dict)

    @property
    def has_changed(self) -> bool:
        return self.state is not self.seen or self.wamid != self.known_as


_STATES = {state.value: state for state in State}


def _seen(rows: Iterable[Sequence[Any]]) -> list[Seen]:
    return [Seen(id_, _STATES[state], attempts, wamid, _STATES[state], wamid) for id_, state, attempts, wamid in rows]


def by_ids(connection: Connection, ids: Sequence[int]) -> dict[int, Seen]:
    """Locked until the transaction ends, as those of `by_wamids` are."""
    return {one.id: one for one in _seen(fetch(connection, _BY_ID, {"them": ids}))} if ids else {}


def by_wamids(connection: Connection, wamids: Sequence[str]) -> dict[str, Seen]:
    found = _seen(fetch(connection, _BY_WAMID, {"them": wamids})) if wamids else []
    return {one.wamid: one for one in found if one.wamid is not None}


# A message that only learns Meta's id keeps its reason; one that moves on has none any more.
_ADVANCE = statement(
    "UPDATE message SET state = given.became, wamid = coalesce(message.wamid, given.meta_id),"
    " reason = CASE WHEN given.became = given.was THEN message.reason END,"
    " code = CASE WHEN given.became = given.was THEN message.code END,"
    " accepted_at = coalesce(message.accepted_at, given.accepted), sent_at = coalesce(given.sent, message.sent_at),"
    " delivered_at = coalesce(given.delivered, message.delivered_at), read_at = coalesce(given.read, message.read_at)"
    " FROM ROWS(row bigint, was text, became text, meta_id text, accepted timestamptz, sent timestamptz,"
    " delivered timestamptz, read timestamptz) WHERE message.id = given.row AND message.state = given.was"
)
_STAMPED = (State.SENT, State.DELIVERED, State.READ)


def advance(connection: Connection, moved: Iterable[Seen]) -> None:
    """Store where these messages are now. What has not changed costs nothing."""
    rows = [_row(connection, one) for one in sorted(moved, key=lambda one: one.id) if one.has_changed]
    write_all(connection, _ADVANCE, rows)


def _row(connection: Connection, one: Seen) -> list[Any]:
    moments = (one.accepted_at, *(one.stamps.get(state) for state in _STAMPED))
    stored = (None if at is None else stored_moment(connection, at) for at in moments)
    return [one.id, one.seen.value, one.state.value, one.wamid, *stored]


def keep(connection: Connection, receipts: Sequence[tuple[str, str, Mapping[str, Any]]], now: datetime) -> None:
    """Statuses (wamid, word, body) of messages that we do not know yet; the same one twice is kept twice."""
    rows = [{"wamid": w, "status": s, "body": dict(body), "received_at": now} for w, s, body in receipts]
    if rows:
        connection.execute(insert(_receipt), rows)
