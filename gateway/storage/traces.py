"""Where a person leaves traces besides the vault: messages, waiting receipts, raw webhook bodies. And how they go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, LargeBinary, Text, bindparam, cast, delete, func, null, or_, select, update

from consent.tables import SubjectRow, table_of
from gateway.storage.tables import CampaignRow, InboxRow, MessageRow, ReceiptRow

_message, _receipt, _inbox = table_of(MessageRow), table_of(ReceiptRow), table_of(InboxRow)
_campaign, _subject = table_of(CampaignRow), table_of(SubjectRow)

IN_FLIGHT = ("sending",)
"""Rows that a sender holds in its hands: they are stripped once they have landed."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A message to a person, for that person's own eyes."""

    id: int
    purpose: str
    campaign: str | None
    state: str
    reason: str | None
    content: Mapping[str, Any] | None
    event_seq: int | None
    event_hash: str | None
    claimed_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    clicks: int


def sent_to(connection: Connection, subject_ids: Sequence[int]) -> list[Sent]:
    c = _message.c
    columns = [c[name] for name in Sent.__dataclass_fields__ if name != "campaign"]
    rows = connection.execute(
        select(*columns, _campaign.c.name.label("campaign"))
        .outerjoin(_campaign, _campaign.c.id == c.campaign_id)
        .where(c.subject_id.in_(subject_ids))
        .order_by(c.id)
    )
    return [Sent(**row._mapping) for row in rows]


def last_used(connection: Connection, subject_ids: Sequence[int]) -> dict[int, datetime]:
    """When each of these people's consent last allowed a message."""
    c = _message.c
    used = (c.subject_id.in_(subject_ids), c.event_seq.is_not(None), c.claimed_at.is_not(None))
    rows = connection.execute(select(c.subject_id, func.max(c.claimed_at)).where(*used).group_by(c.subject_id))
    return {row[0]: row[1] for row in rows}


def strip(connection: Connection, subject_ids: Sequence[int]) -> int:
    """Take everything personal out of these people's messages. What stays: state, moments, and what allowed it."""
    mine = (_message.c.subject_id.in_(subject_ids), _message.c.state.not_in(IN_FLIGHT))
    return connection.execute(update(_message).where(*mine).values(_NOTHING)).rowcount


_NOTHING = {"content": null(), "token": None, "wamid": None, "clicks": 0, "clicked_at": None}
_PERSONAL = or_(_message.c.wamid.is_not(None), _message.c.token.is_not(None))


def strip_erased(connection: Connection) -> int:
    """The same for messages of erased people that landed, or were named by a late receipt, after the erasure."""
    erased = select(_subject.c.id).where(_subject.c.erased_at.is_not(None))
    mine = (_message.c.subject_id.in_(erased), _message.c.state.not_in(IN_FLIGHT), _PERSONAL)
    return connection.execute(update(_message).where(*mine).values(_NOTHING)).rowcount


def wamids_of(connection: Connection, subject_ids: Sequence[int]) -> list[str]:
    mine = (_message.c.subject_id.in_(subject_ids), _message.c.wamid.is_not(None))
    return list(connection.scalars(select(_message.c.wamid).where(*mine)))


def discard_receipts(connection: Connection, wamids: Sequence[str], addresses: Sequence[str]) -> int:
    """Statuses that wait for a message and name this person."""
    said = cast(_receipt.c.body, Text)
    named = [said.contains(value, autoescape=True) for value in addresses]
    return connection.execute(delete(_receipt).where(or_(_receipt.c.wamid.in_(wamids), *named))).rowcount


def discard_old_receipts(connection: Connection, before: datetime) -> int:
    return connection.execute(delete(_receipt).where(_receipt.c.received_at < before)).rowcount


def discard_bodies(connection: Connection, addresses: Sequence[str]) -> int:
    """Raw webhook bodies, all applied, in which one of these addresses stands. Looks at every body that is kept."""
    gone = 0
    for address in addresses:
        done = (_inbox.c.drained_at.is_not(None), _holds(connection, address))
        gone += connection.execute(delete(_inbox).where(*done)).rowcount
    return gone


def _holds(connection: Connection, address: str) -> Any:
    needle = address.encode()
    if connection.dialect.name == "sqlite":
        return func.instr(_inbox.c.body, bindparam("needle", needle, type_=LargeBinary)) > 0
    # An address holds digits, letters, dots and a plus: nothing that LIKE over bytea would take for a wildcard.
    return _inbox.c.body.op("LIKE")(bindparam("needle", b"%" + needle + b"%", type_=LargeBinary))


def overwrite_what_goes(connection: Connection) -> None:
    """SQLite leaves deleted bytes in the file unless told otherwise; PostgreSQL's VACUUM takes them."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")


def empty_the_log(connection: Connection) -> None:
    """Bring SQLite's write-ahead log into the file and empty it: it holds pages as they were before."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
