"""Messages as Meta's statuses meet them, hundreds at a time: found in one question, moved on in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection

from gateway.core.message import State
from gateway.storage.statements import fetch, statement, stored_moment, write_all

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


# Two statements, since naming a column in SET makes SQLite write its indexes anew, whether it changes or not.
_LEARN = statement(
    "UPDATE message SET wamid = given.meta_id, accepted_at = coalesce(message.accepted_at, given.accepted)"
    " FROM ROWS(row bigint, meta_id text, accepted timestamptz) WHERE message.id = given.row AND message.wamid IS NULL"
)
_ADVANCE = statement(
    "UPDATE message SET state = given.became, reason = NULL, code = NULL,"
    " sent_at = coalesce(given.sent, message.sent_at), delivered_at = coalesce(given.delivered, message.delivered_at),"
    " read_at = coalesce(given.read, message.read_at)"
    " FROM ROWS(row bigint, was text, became text, sent timestamptz, delivered timestamptz, read timestamptz)"
    " WHERE message.id = given.row AND message.state = given.was"
)


def advance(connection: Connection, moved: Iterable[Seen]) -> None:
    """Store where these messages are now, and what they learnt. What has not changed costs nothing."""
    ordered = sorted((one for one in moved if one.has_changed), key=lambda one: one.id)
    learnt = [one for one in ordered if one.wamid != one.known_as]
    write_all(connection, _LEARN, [(one.id, one.wamid, _stored(connection, one.accepted_at)) for one in learnt])
    moved_on = [one for one in ordered if one.state is not one.seen]
    write_all(connection, _ADVANCE, [_row(connection, one) for one in moved_on])


def _row(connection: Connection, one: Seen) -> list[Any]:
    stamp = one.stamps.get
    stamps = (stamp(State.SENT), stamp(State.DELIVERED), stamp(State.READ))
    return [one.id, one.seen, one.state, *[at and _stored(connection, at) for at in stamps]]


def _stored(connection: Connection, at: datetime | None) -> int | str | None:
    return None if at is None else stored_moment(connection, at)


_KEEP = statement(
    "INSERT INTO receipt_waiting (wamid, status, body, received_at)"
    " SELECT given.wamid, given.word, given.told, given.received"
    " FROM ROWS(wamid text, word text, told json, received timestamptz)"
)


def keep(connection: Connection, receipts: Sequence[tuple[str, str, Mapping[str, Any]]], now: datetime) -> None:
    """Statuses (wamid, word, body) of messages that we do not know yet; the same one twice is kept twice."""
    at = stored_moment(connection, now)
    write_all(connection, _KEEP, [(w, s, orjson.dumps(body).decode(), at) for w, s, body in receipts])
