"""What a decision looks at about many people at once: one statement a table, read as it is stored.

With `lock`, PostgreSQL locks standings before people, so that a stop waits for a release that has read them, or is
read by it (docs/decisions/004-lock-order.md). SQLite has one writer, which is lock enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection

from consent.address import Address
from consent.address.values import Bsuid, Phone
from consent.events import EVERY_PURPOSE
from consent.ledger import NOT_SPOKEN_OF, Stored
from consent.limits.frequency import Cap, thresholds
from consent.limits.window import SERVICE_WINDOW
from consent.standing import Standing
from consent.standing import State as StandingState
from gateway.storage.statements import as_number, fetch, moment, statement
from gateway.storage.tables import RING_SIZE

_STANDING = (
    "SELECT subject_id, purpose, state, deadline, event_seq, event_hash, suppressed, held, since, consent_ends, refused"
    " FROM standing WHERE subject_id IN LIST :ids"
)
_RING = ", ".join(f"s{n}" for n in range(1, RING_SIZE + 1))
_PERSON = (
    "SELECT subject_id, zone, zones, region, last_inbound_at, free_entry_until, cool_until, blocked, reached_at, iys,"  # noqa: S608
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

    `reached_at` is when they were last written to outside a service window, for the portfolio's daily limit; `iys` what
    Turkey's registry says of them, where that was loaded.
    """

    zones: frozenset[str]
    regions: frozenset[str]
    last_inbound_at: datetime | None
    free_entry_until: datetime | None
    cool_until: datetime | None
    blocked: str | None
    reached_at: datetime | None
    sends: tuple[datetime, ...]
    iys: str | None = None


@lru_cache(maxsize=4096)
def _names(written: str) -> frozenset[str]:
    return frozenset(written.split(",")) if written else frozenset()


class Rows:
    """The stored standings and people of one batch, turned into values only where somebody asks for them."""

    def __init__(self, standings: Iterable[Any], people: Iterable[Any]) -> None:
        self._standings = {(row[0], row[1]): row for row in standings}
        self._people = {row[0]: row for row in people}
        self._in_numbers = any(isinstance(row[8], int) for row in self._standings.values())
        self.people = _People(self._people)

    def standing(self, subject_id: int, purpose: str) -> Stored:
        """Ask its standing `at` a moment before believing its state."""
        row = self._row(subject_id, purpose)
        return NOT_SPOKEN_OF if row is None else _stored(row)

    def event_of(self, subject_id: int, purpose: str) -> tuple[int | None, str | None]:
        """The sequence and the hash of the ledger's event behind a person's standing."""
        row = self._row(subject_id, purpose)
        return (None, None) if row is None else (row[4], row[5])

    def bounds(self, caps: Sequence[Cap], now: datetime) -> Bounds:
        return Bounds.of(caps, now, self._in_numbers)

    def likeness(self, subject_id: int, purpose: str, bounds: Bounds) -> tuple[object, ...] | None:
        """All of a person that a decision reads, moments that do not bind now left out; None where a cap might."""
        standing, person = self._row(subject_id, purpose), self._people.get(subject_id)
        if standing is None or person is None:
            return None
        _, zone, zones, region, inbound, free_entry, cool, blocked, _, iys, *ring = person
        if not bounds.leaves_room(ring):
            return None
        _, _, state, deadline, seq, proof, suppressed, held, _, consent_ends, refused = standing
        at = bounds.now
        return (
            zone, zones, region, blocked, iys,
            state, suppressed, held, refused, seq is None, not proof,
            None if inbound is None or inbound < bounds.long_ago else inbound,
            None if free_entry is None or free_entry <= at else free_entry,
            None if cool is None or cool <= at else cool,
            None if deadline is None or deadline > at else deadline,
            None if consent_ends is None or consent_ends > at else consent_ends,
        )  # fmt: skip

    def _row(self, subject_id: int, purpose: str) -> Any:
        found = self._standings.get((subject_id, purpose))
        return self._standings.get((subject_id, EVERY_PURPOSE)) if found is None else found


@dataclass(frozen=True, slots=True)
class Bounds:
    """Moments to compare stored ones with, as they are stored: numbers on SQLite."""

    now: Any
    long_ago: Any
    caps: Sequence[tuple[int, Any]]

    @classmethod
    def of(cls, caps: Sequence[Cap], now: datetime, numbers: bool) -> Bounds:
        def stored(at: datetime) -> Any:
            return as_number(at) if numbers else at

        before = [(t.slot, stored(t.before)) for t in thresholds(caps, now)]
        return cls(stored(now), stored(now - 2 * SERVICE_WINDOW), before)

    def leaves_room(self, ring: Sequence[Any]) -> bool:
        sends = [sent for sent in ring if sent is not None]
        return not sends or all(sum(sent >= before for sent in sends) < slot for slot, before in self.caps)


class _People(Mapping[int, Recipient]):
    def __init__(self, rows: Mapping[int, Any]) -> None:
        self._rows = rows

    def __getitem__(self, subject_id: int) -> Recipient:
        return _recipient(self._rows[subject_id])

    def __iter__(self) -> Iterator[int]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


def rows(connection: Connection, ids: Sequence[int], *, lock: bool = False) -> Rows:
    """Standings before people, which is the order of locks."""
    asked = {"ids": ids}
    standings = fetch(connection, STANDINGS[lock], asked)
    return Rows(standings, fetch(connection, PEOPLE[lock], asked))


def people(connection: Connection, ids: Sequence[int], *, lock: bool = False) -> dict[int, Recipient]:
    return {row[0]: _recipient(row) for row in fetch(connection, PEOPLE[lock], {"ids": ids})}


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


def _recipient(row: Any) -> Recipient:
    _, zone, zones, region, inbound, free_entry, cool, blocked, reached, iys, *ring = row
    return Recipient(
        _names(zone or zones),
        _names(region or ""),
        moment(inbound),
        moment(free_entry),
        moment(cool),
        blocked,
        moment(reached),
        tuple(at for sent in ring if (at := moment(sent)) is not None),
        iys,
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
