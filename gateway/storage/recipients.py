"""What a decision looks at about many people at once: one statement a table, read as it is stored.

With `lock`, PostgreSQL locks standings before people, so that a stop waits for a release that has read them, or is
read by it (docs/decisions/004-lock-order.md). SQLite has one writer, which is lock enough.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection

from consent.address import Address
from consent.address.values import Bsuid, Phone
from consent.ledger import Stored
from consent.standing import Standing
from consent.standing import State as StandingState
from gateway.storage.statements import fetch, moment, statement
from gateway.storage.tables import RING_SIZE

_STANDING = (
    "SELECT subject_id, purpose, state, deadline, event_seq, event_hash, suppressed, held, since, consent_ends, refused"
    " FROM standing WHERE subject_id IN LIST :ids"
)
_RING = ", ".join(f"s{n}" for n in range(1, RING_SIZE + 1))
_PERSON = (
    "SELECT subject_id, zone, zones, region, last_inbound_at, free_entry_until, cool_until, blocked, reached_at,"  # noqa: S608
    f" {_RING} FROM person WHERE subject_id IN LIST :ids"
)
STANDINGS = statement(_STANDING), statement(_STANDING + "[[ ORDER BY subject_id, purpose FOR SHARE]]")
PEOPLE = statement(_PERSON), statement(_PERSON + "[[ ORDER BY subject_id FOR UPDATE]]")
ADDRESSES = statement(
    "SELECT id, subject_id, kind, value FROM identifier WHERE subject_id IN LIST :ids AND kind IN ('phone', 'bsuid')"
)
IN_FLIGHT = statement(
    "SELECT subject_id FROM message WHERE subject_id IN LIST :ids AND state = 'sending' AND purpose = 'marketing'"
)


class Recipient(NamedTuple):
    """What the gateway knows of one person that a decision needs. `sends`: the last marketing messages, newest first.

    `reached_at` is when they were last written to outside a service window, for the portfolio's daily limit.
    """

    zones: frozenset[str]
    regions: frozenset[str]
    last_inbound_at: datetime | None
    free_entry_until: datetime | None
    cool_until: datetime | None
    blocked: str | None
    reached_at: datetime | None
    sends: tuple[datetime, ...]


@lru_cache(maxsize=4096)
def _names(written: str) -> frozenset[str]:
    return frozenset(written.split(",")) if written else frozenset()


def standings(connection: Connection, ids: Sequence[int], *, lock: bool = False) -> dict[tuple[int, str], Stored]:
    """The stored standings by (subject, purpose); ask each `at` a moment before believing its state."""
    return {(row[0], row[1]): _stored(row) for row in fetch(connection, STANDINGS[lock], {"ids": ids})}


def _stored(row: Any) -> Stored:
    standing = Standing(
        state=StandingState(row[2]),
        since=moment(row[8]),
        deadline=moment(row[3]),
        event_seq=row[4],
        event_hash=row[5],
        consent_ends=moment(row[9]),
        refused=bool(row[10]),
    )
    return Stored(standing, bool(row[6]), bool(row[7]))


def people(connection: Connection, ids: Sequence[int], *, lock: bool = False) -> dict[int, Recipient]:
    return {row[0]: _recipient(row) for row in fetch(connection, PEOPLE[lock], {"ids": ids})}


def _recipient(row: Any) -> Recipient:
    _, zone, zones, region, inbound, free_entry, cool, blocked, reached, *ring = row
    return Recipient(
        _names(zone or zones),
        _names(region or ""),
        moment(inbound),
        moment(free_entry),
        moment(cool),
        blocked,
        moment(reached),
        tuple(at for sent in ring if (at := moment(sent)) is not None),
    )


def addresses(connection: Connection, ids: Sequence[int]) -> Mapping[int, Address]:
    """Where to write to each: the phone wins over the business-scoped user id, the first of each over later ones."""
    phones: dict[int, Address] = {}
    others: dict[int, Address] = {}
    for _, subject_id, kind, value in sorted(fetch(connection, ADDRESSES, {"ids": ids})):
        if kind == "phone":
            phones.setdefault(subject_id, Phone(value))
        else:
            others.setdefault(subject_id, Bsuid(value))
    return others | phones


def with_marketing_in_flight(connection: Connection, ids: Sequence[int]) -> set[int]:
    """People to whom a marketing message is under way this moment."""
    return {row[0] for row in fetch(connection, IN_FLIGHT, {"ids": ids})}
