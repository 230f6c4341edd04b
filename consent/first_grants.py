"""Consents and refusals by the thousand, all of one pattern: what an import records.

It writes exactly what `ledger.append` would write for the same drafts, bytes and standings alike (a test compares the
two), but asks for nothing that cannot be there: of strangers no earlier events, and no standing to replace.
"""

from __future__ import annotations

import secrets
from array import array
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, select, update

from consent import bulk
from consent.events import Commitment, Draft, Event, canonical, hash_of
from consent.ledger import projected
from consent.refolding import refold
from consent.standing import fold
from consent.tables import EventRow, HeadRow, StandingRow, table_of

_event, _head, _standing = table_of(EventRow), table_of(HeadRow), table_of(StandingRow)

# Stand in a pattern's bytes until a row's own values do; none of them can occur in a draft by accident.
_MARKS = {
    name: f"@{name} {secrets.token_hex(8)}@" for name in ("event_id", "idem", "prev_hash", "subject", "commitment")
}
_MARKED_AT = datetime(8999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
_RECORDED_AT = datetime(8998, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
_MARKED_SEQ = 2**53 - 1


class FirstGrant(NamedTuple):
    """One person's consent, or refusal, as their pattern says. `idem` is the key's own part after the pattern's;
    `commitment` binds the evidence, hex."""

    subject_id: int
    ref: str
    occurred_at: datetime
    idem: int | str
    commitment: str


class Pattern:
    """Drafts that differ only in who agreed, when, under which number of a key, and on what evidence.

    The draft's own subject, moment and evidence are not used; its key is what stands before each number.
    """

    def __init__(self, draft: Draft) -> None:
        """Raises ValueError for a key that JSON would have to escape, and for a draft that settles nothing."""
        self.key = draft.idem
        if not (draft.idem.isascii() and draft.idem.isprintable() and not set(draft.idem) & set('"\\')):
            raise ValueError("a pattern's key is of plain letters, digits and signs")
        event = _marked(draft)
        standings = fold([event])
        standing = standings.of(draft.purpose)
        settled = standing.granted or standing.refused
        if not settled or standing.deadline is not None or len(projected(0, standings)) != 1:
            raise ValueError("a first grant is one that grants or refuses, in one standing and without an end")
        self.standing = {
            "purpose": draft.purpose,
            "state": standing.state.value,
            "proof": standing.proof,
            "refused": standing.refused,
        }
        self._written = _template(canonical(event).decode(), self.key)

    def write(self, grant: FirstGrant, event_id: str, prev_hash: str, recorded: str, seq: int) -> bytes:
        """The canonical bytes of the event at its place: id, previous hash, moment of recording, sequence."""
        occurred = _text(grant.occurred_at)
        given = (event_id, grant.commitment, grant.idem, occurred, prev_hash, recorded, seq, grant.ref)
        return (self._written % given).encode()


def _template(written: str, key: str) -> str:
    """The bytes with a gap for each mark. Whatever a file put into them has its quotation marks escaped, so that the
    names of keys are found where they are keys."""
    written, key = written.replace("%", "%%"), key.replace("%", "%%")
    gaps = {f'"{name}":"{mark}"': f'"{name}":"%s"' for name, mark in _MARKS.items()}
    gaps[f'"idem":"{_MARKS["idem"]}"'] = f'"idem":"{key}%s"'
    gaps |= {f'"occurred_at":"{_text(_MARKED_AT)}"': '"occurred_at":"%s"'}
    gaps |= {f'"recorded_at":"{_text(_RECORDED_AT)}"': '"recorded_at":"%s"', f'"seq":{_MARKED_SEQ},': '"seq":%s,'}
    for mark, gap in gaps.items():
        written = written.replace(mark, gap)
    return written


def _marked(draft: Draft) -> Event:
    given: dict[str, Any] = {f.name: getattr(draft, f.name) for f in fields(Draft)} | {
        "subject": _MARKS["subject"],
        "idem": _MARKS["idem"],
        "occurred_at": _MARKED_AT,
        "evidence": Commitment(1, _MARKS["commitment"]),
    }
    place: dict[str, Any] = {"event_id": _MARKS["event_id"], "prev_hash": _MARKS["prev_hash"]}
    return Event(**given, **place, recorded_at=_RECORDED_AT, seq=_MARKED_SEQ, hash=hash_of(b""))


@lru_cache(maxsize=10_000)
def _text(moment: datetime) -> str:
    """As events.moment_text, several times faster; the rows of a file mostly share their days."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def append(connection: Connection, grants: Sequence[tuple[Pattern, FirstGrant]], now: datetime) -> None:
    """Record the consents, in this order, of subjects who have no event at all.

    Raises IntegrityError when a subject has a standing already, or a key is taken.
    """
    if grants:
        rows, ids = _record(connection, grants, now)
        _keep_standings(connection, grants, rows, ids)


def append_to_known(connection: Connection, grants: Sequence[tuple[Pattern, FirstGrant]], now: datetime) -> None:
    """As `append`, for subjects with a past: what it means for them is folded from all their events.

    Raises IntegrityError when a key is taken.
    """
    if grants:
        _record(connection, grants, now)
        refold(connection, sorted({grant.subject_id for _, grant in grants}))


def _record(
    connection: Connection, grants: Sequence[tuple[Pattern, FirstGrant]], now: datetime
) -> tuple[list[Row], list[str]]:
    head = connection.execute(select(_head).with_for_update()).one()
    recorded_at = max(now, head.recorded_at)
    ids = _event_ids(recorded_at, head.size, len(grants))
    rows, prev = _chained(grants, ids, (head.size, head.hash, _text(recorded_at)))
    bulk.insert_rows(connection, _event, ("seq", "subject_id", "idem", "hash", "body"), rows)
    connection.execute(update(_head).values(size=head.size + len(grants), hash=prev, recorded_at=recorded_at))
    return rows, ids


Row = tuple[int, int, str, str, bytes]


def _chained(
    grants: Sequence[tuple[Pattern, FirstGrant]], ids: Sequence[str], end: tuple[int, str, str]
) -> tuple[list[Row], str]:
    seq, prev, recorded = end
    rows: list[Row] = []
    for (pattern, grant), event_id in zip(grants, ids, strict=True):
        seq += 1
        body = pattern.write(grant, event_id, prev, recorded, seq)
        prev = hash_of(body)
        rows.append((seq, grant.subject_id, f"{pattern.key}{grant.idem}", prev, body))
    return rows, prev


def _keep_standings(
    connection: Connection, grants: Sequence[tuple[Pattern, FirstGrant]], rows: Sequence[Row], ids: Sequence[str]
) -> None:
    by_pattern: dict[Pattern, list[tuple[int, object, int, str, str]]] = {pattern: [] for pattern, _ in grants}
    stored = bulk.as_stored(connection)
    for (pattern, grant), (seq, subject_id, _, hash_, _), event_id in zip(grants, rows, ids, strict=True):
        by_pattern[pattern].append((subject_id, stored(grant.occurred_at), seq, hash_, event_id))
    columns = ("subject_id", "since", "event_seq", "event_hash", "event_id")
    for pattern, standings in by_pattern.items():
        same = pattern.standing | {"suppressed": False, "held": False}
        bulk.insert_rows(connection, _standing, columns, standings, same)


def _event_ids(at: datetime, after: int, count: int) -> list[str]:
    """UUIDv7 as the ledger gives them: the millisecond, 32 bits of the sequence, then 42 bits of chance."""
    millisecond = f"{int(at.timestamp() * 1000):012x}"
    written = f"{millisecond[:8]}-{millisecond[8:]}-7%03x-%04x-%012x"
    chance = array("Q", secrets.token_bytes(8 * count))
    return [
        written % (seq >> 20 & 0xFFF, 0x8000 | seq >> 6 & 0x3FFF, (seq & 0x3F) << 42 | bits >> 22)
        for seq, bits in enumerate(chance, after + 1)
    ]
