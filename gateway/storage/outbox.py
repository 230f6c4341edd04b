"""The outbox: messages and their states. Every move is made where the row is still in a state that allows it.

Locks are always taken in the order messages, standings, people, so that a release and a STOP never wait for each other
in a circle (docs/decisions/004-lock-order.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from consent import bulk
from consent.tables import table_of
from consent.vault import LOOKUP_MAX
from gateway.core.message import State, may_come_from
from gateway.storage.statements import statement, stored_moment, write, write_all
from gateway.storage.tables import MessageRow, ReceiptRow

message = table_of(MessageRow)
_receipt = table_of(ReceiptRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """A message of no campaign. `key` makes a repeat harmless; `content` is what Outgoing needs."""

    key: str
    subject_id: int
    purpose: str
    number_id: str
    due_at: datetime
    expires_at: datetime
    content: Mapping[str, Any]
    priority: int = 5


def enqueue(connection: Connection, messages: Sequence[NewMessage], now: datetime) -> int:
    """Add messages; those whose key is there already are left alone. Returns how many are new."""
    if not messages:
        return 0
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    before = _size(connection, [m.key for m in messages])
    connection.execute(make(message).on_conflict_do_nothing(), [_row(m, now) for m in messages])
    return len({m.key for m in messages}) - before


class Planned(NamedTuple):
    """One message of a campaign: the person, the content as JSON text, and the token of its link."""

    subject_id: int
    content: str
    token: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """What all messages of a campaign share."""

    campaign_id: int
    purpose: str
    number_id: str
    priority: int
    due_at: datetime
    expires_at: datetime
    queued_at: datetime


_PLAN = statement(
    "INSERT INTO message (subject_id, content, token, campaign_id, purpose, number_id, priority, due_at,"
    " expires_at, queued_at) SELECT given.who, given.content, given.token, :campaign_id,"
    " :purpose, :number_id, :priority, :due_at, :expires_at, :queued_at"
    " FROM ROWS(who bigint, content text, token text) WHERE true ON CONFLICT DO NOTHING"
)


@dataclass(frozen=True, slots=True)
class Ready:
    """Messages of one campaign, ready to be put into the outbox."""

    common: Common
    messages: bulk.Written


def ready(connection: Connection, common: Common, messages: Sequence[Planned]) -> Ready:
    """What of `enqueue_campaign` can be done before its transaction."""
    same = {name: _as_stored(connection, value) for name, value in asdict(common).items()}
    return Ready(common, bulk.written(connection, message, Planned._fields, messages, same))


def enqueue_campaign(connection: Connection, planned: Ready) -> None:
    """Add messages of one campaign; whoever has one of it already is left alone.

    PostgreSQL does not wait for the disk at the end of this transaction. Whatever a crash takes it takes with the
    cursor, so the launch does it again; and the commit of a release, which waits, takes all before it to the disk
    (PostgreSQL's manual, "Asynchronous Commit").
    """
    if not bulk.is_sqlite(connection):
        connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
    try:
        with connection.begin_nested():
            bulk.insert_written(connection, message, planned.messages)
    except IntegrityError:  # some are there already, which only a cursor that was set back can cause
        write_all(connection, _PLAN, [tuple(m) for m in planned.messages.rows], **asdict(planned.common))


def _as_stored(connection: Connection, value: Any) -> Any:
    return bulk.stored(connection, value) if isinstance(value, datetime) else value


def _size(connection: Connection, keys: Sequence[str]) -> int:
    found = 0
    for start in range(0, len(keys), LOOKUP_MAX):
        chunk = keys[start : start + LOOKUP_MAX]
        found += connection.scalar(select(func.count()).where(message.c.key.in_(chunk))) or 0
    return found


def _row(m: NewMessage, now: datetime) -> dict[str, Any]:
    return {
        "key": m.key,
        "subject_id": m.subject_id,
        "purpose": m.purpose,
        "number_id": m.number_id,
        "due_at": m.due_at,
        "expires_at": m.expires_at,
        "content": m.content,
        "priority": m.priority,
        "state": State.QUEUED.value,
        "clicks": 0,
        "attempts": 0,
        "queued_at": now,
    }


_RELEASE = statement(
    "UPDATE message SET state = 'sending', reason = NULL, because = NULL, code = NULL, claimed_at = :now,"
    " event_seq = given.seq, event_hash = given.hash, attempts = attempts + 1"
    " FROM ROWS(row bigint, seq bigint, hash text) WHERE message.id = given.row"
)
_WAIT = statement(
    "UPDATE message SET due_at = given.until, reason = given.why"
    " FROM ROWS(row bigint, until timestamptz, why text) WHERE message.id = given.row"
)
_TAKE_BACK = statement(
    "UPDATE message SET state = 'queued', due_at = given.until, reason = given.why, claimed_at = NULL,"
    " attempts = attempts - 1 FROM ROWS(row bigint, until timestamptz, why text)"
    " WHERE message.id = given.row AND state IN ('sending', 'unsure')"
)
_END = (
    update(message)
    .where(message.c.id == bindparam("row"), message.c.state.in_(bindparam("from", expanding=True)))
    .values(
        state=bindparam("to"),
        reason=bindparam("why"),
        because=bindparam("cause"),
        code=bindparam("error"),
        ended_at=bindparam("now"),
    )
)


def release(connection: Connection, rows: Sequence[tuple[int, int | None, str | None]], now: datetime) -> None:
    """Write `sending` with the authorising event (message id, ledger sequence, ledger hash)."""
    write_all(connection, _RELEASE, rows, now=now)


def postpone(connection: Connection, rows: Sequence[tuple[int, datetime, str]]) -> None:
    """Let messages wait until a moment, for a reason."""
    write_all(connection, _WAIT, [(r, stored_moment(connection, until), why) for r, until, why in rows])


def take_back(connection: Connection, rows: Sequence[tuple[int, datetime, str | None]]) -> None:
    """Undo the release of messages of which nothing was written to the wire: (message id, due again, reason)."""
    write_all(connection, _TAKE_BACK, [(r, stored_moment(connection, until), why) for r, until, why in rows])


@dataclass(frozen=True, slots=True)
class Ending:
    """A message's last state with its reason; `because` names the rule behind an expiry, `code` Meta's error."""

    id: int
    state: State
    reason: str
    because: str | None = None
    code: int | None = None


def end(connection: Connection, endings: Sequence[Ending], now: datetime) -> None:
    for ending in endings:
        connection.execute(
            _END,
            {
                "row": ending.id,
                "from": [state.value for state in may_come_from(ending.state)],
                "to": ending.state.value,
                "why": ending.reason,
                "cause": ending.because,
                "error": ending.code,
                "now": now,
            },
        )


def cancel_open(
    connection: Connection, subject_ids: Sequence[int], purposes: Sequence[str], reason: str, now: datetime
) -> int:
    """End what still waits for these people. Rows that a release holds now are left to it: it will see the stop."""
    if not subject_ids:
        return 0
    waiting = (
        select(message.c.id)
        .where(message.c.subject_id.in_(subject_ids), message.c.purpose.in_(purposes), message.c.state == "queued")
        .with_for_update(skip_locked=True)
    )
    ids = list(connection.scalars(waiting))
    if ids:
        values = {"state": State.REFUSED.value, "reason": reason, "ended_at": now}
        connection.execute(update(message).where(message.c.id.in_(ids)).values(values))
    return len(ids)


_ACCEPT = statement(
    "UPDATE message SET wamid = given.meta_id, accepted_at = coalesce(accepted_at, :now),"
    " reason = CASE WHEN state IN ('sending', 'unsure') THEN NULL ELSE reason END,"
    " state = CASE WHEN state IN ('sending', 'unsure') THEN given.became ELSE state END"
    " FROM ROWS(row bigint, meta_id text, became text) WHERE message.id = given.row"
)


def accept(connection: Connection, rows: Sequence[tuple[int, str, State]], at: datetime) -> None:
    """Settle answers of Meta that took the message: (message id, wamid, accepted or held)."""
    write_all(connection, _ACCEPT, rows, now=at)


def requeue(connection: Connection, message_id: int, due_at: datetime, reason: str, code: int | None = None) -> None:
    """Back to the queue: nothing reached the person, and later may go better."""
    connection.execute(
        update(message)
        .where(message.c.id == message_id, message.c.state.in_([s.value for s in may_come_from(State.QUEUED)]))
        .values(state=State.QUEUED.value, due_at=due_at, reason=reason, code=code, claimed_at=None)
    )


def cancel_campaign(connection: Connection, campaign_id: int, now: datetime) -> int:
    """End everything of a campaign that has not left. Returns how many messages ended."""
    values = {"state": State.CANCELLED.value, "reason": "campaign_cancelled", "ended_at": now}
    mine = (message.c.campaign_id == campaign_id, message.c.state == State.QUEUED.value)
    return connection.execute(update(message).where(*mine).values(values)).rowcount


_WAKE = {
    one: statement(
        "UPDATE message SET due_at = :now WHERE state = 'queued' AND due_at > :now AND reason IN LIST :reasons"  # noqa: S608
        f" AND {of}"
    )
    for one, of in ((False, "campaign_id IS NULL"), (True, "campaign_id = :campaign"))
}
EVENT_WAITS = (
    "campaign_paused", "template_held", "number_held", "account_held", "utility_held", "country_held",
    "message_in_flight",
)  # fmt: skip


def wake(connection: Connection, campaign_id: int | None, now: datetime, reasons: Sequence[str] = EVENT_WAITS) -> int:
    """Look at once at messages of a campaign (None: of no campaign) that waited for an event, not for a moment.

    Returns how many were woken.
    """
    one = campaign_id is not None
    values = {"now": now, "reasons": reasons}
    return write(connection, _WAKE[one], values | ({"campaign": campaign_id} if one else {}))
