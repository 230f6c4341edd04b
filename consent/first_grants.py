"""Consents and refusals by the thousand, all of one pattern: what an import records.

It writes exactly what `ledger.append` would write for the same drafts, bytes and standings alike (a test compares the
two), but asks for nothing that cannot be there: of strangers no earlier events, and no standing to replace.
"""

from __future__ import annotations

import secrets
from array import array
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, select, update

from consent import bulk
from consent.events import Commitment, Draft, Event, canonical, hash_of
from consent.ledger import projected
from consent.refolding import refold
from consent.standing import fold
from consent.tables import EPOCH, EventRow, HeadRow, StandingRow, table_of

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


class Made(NamedTuple):
    """The standing that an event of a pattern makes, as far as all of them make the same one."""

    purpose: str
    state: str
    proof: int
    refused: bool
    suppressed: bool = False
    held: bool = False


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
        self.standing = Made(draft.purpose, standing.state.value, standing.proof, standing.refused)
        self.written = _template(canonical(event).decode(), self.key)
        """The canonical bytes of such an event, with gaps for its id, commitment, idem, moment, previous hash, moment
        of recording, sequence and subject, in this order."""


class Grants(NamedTuple):
    """Many `FirstGrant`s by their fields, with their patterns; `occurred_at` in microseconds since 1970."""

    patterns: Sequence[Pattern]
    subject_ids: Sequence[int]
    refs: Sequence[str]
    occurred_at: Sequence[int]
    idems: Sequence[int | str]
    commitments: Sequence[str]

    @classmethod
    def of(cls, grants: Sequence[tuple[Pattern, FirstGrant]]) -> Grants:
        patterns, each = zip(*grants, strict=True)
        ids, refs, moments, idems, commitments = zip(*each, strict=True)
        return cls(patterns, ids, refs, list(map(bulk.microseconds, moments)), idems, commitments)


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


def _text(moment: datetime) -> str:
    """As events.moment_text, several times faster."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


@lru_cache(maxsize=10_000)
def _text_of(occurred_at: int) -> str:
    """The rows of a file mostly share their days."""
    return _text(_moment(occurred_at))


def _moment(occurred_at: int) -> datetime:
    return EPOCH + timedelta(microseconds=occurred_at)


def append(connection: Connection, grants: Sequence[tuple[Pattern, FirstGrant]], now: datetime) -> None:
    """Record the consents, in this order, of subjects who have no event at all.

    Raises IntegrityError when a subject has a standing already, or a key is taken.
    """
    if grants:
        append_columns(connection, Grants.of(grants), now)


def append_columns(connection: Connection, grants: Grants, now: datetime) -> None:
    """As `append`, column by column."""
    if grants.patterns:
        _keep_standings(connection, grants, _record(connection, grants, now))


def append_to_known(connection: Connection, grants: Sequence[tuple[Pattern, FirstGrant]], now: datetime) -> None:
    """As `append`, for subjects with a past: what it means for them is folded from all their events.

    Raises IntegrityError when a key is taken.
    """
    if grants:
        _record(connection, Grants.of(grants), now)
        refold(connection, sorted({grant.subject_id for _, grant in grants}))


class _Recorded(NamedTuple):
    """Where the events are in the chain, in the order of their grants."""

    seqs: Sequence[int]
    hashes: Sequence[str]
    event_ids: Sequence[str]


def _record(connection: Connection, grants: Grants, now: datetime) -> _Recorded:
    head = connection.execute(select(_head).with_for_update()).one()
    recorded_at, last = max(now, head.recorded_at), head.size + len(grants.patterns)
    seqs = range(head.size + 1, last + 1)
    event_ids = _event_ids(recorded_at, head.size, len(seqs))
    keys = [f"{pattern.key}{idem}" for pattern, idem in zip(grants.patterns, grants.idems, strict=True)]
    bodies, hashes = _chained(grants, seqs, event_ids, _text(recorded_at), head.hash)
    rows = list(zip(seqs, grants.subject_ids, keys, hashes, bodies, strict=True))
    bulk.insert_rows(connection, _event, ("seq", "subject_id", "idem", "hash", "body"), rows)
    connection.execute(update(_head).values(size=last, hash=hashes[-1], recorded_at=recorded_at))
    return _Recorded(seqs, hashes, event_ids)


def _chained(
    grants: Grants, seqs: Sequence[int], event_ids: Sequence[str], recorded: str, end: str
) -> tuple[list[bytes], list[str]]:
    """The canonical bytes of each event at its place, and its hash. `end` is that of the chain so far."""
    bodies, hashes, prev = [], [], end
    occurred = map(_text_of, grants.occurred_at)
    given = zip(grants.patterns, event_ids, grants.commitments, grants.idems, occurred, seqs, grants.refs, strict=True)
    for pattern, event_id, commitment, idem, at, seq, ref in given:
        body = (pattern.written % (event_id, commitment, idem, at, prev, recorded, seq, ref)).encode()
        prev = hash_of(body)
        bodies.append(body)
        hashes.append(prev)
    return bodies, hashes


def _keep_standings(connection: Connection, grants: Grants, recorded: _Recorded) -> None:
    """Those that are alike but for the person and the event go together, most often all of them."""
    since = grants.occurred_at if bulk.is_sqlite(connection) else list(map(_moment, grants.occurred_at))
    rows = zip(grants.subject_ids, since, recorded.seqs, recorded.hashes, recorded.event_ids, strict=True)
    alike: dict[Made, list[tuple[Any, ...]]] = {pattern.standing: [] for pattern in set(grants.patterns)}
    for pattern, row in zip(grants.patterns, rows, strict=True):
        alike[pattern.standing].append(row)
    columns = ("subject_id", "since", "event_seq", "event_hash", "event_id")
    for standing, theirs in alike.items():
        bulk.insert_rows(connection, _standing, columns, theirs, standing._asdict())


def _event_ids(at: datetime, after: int, count: int) -> list[str]:
    """UUIDv7 as the ledger gives them: the millisecond, 32 bits of the sequence, then 42 bits of chance."""
    millisecond = f"{int(at.timestamp() * 1000):012x}"
    written = f"{millisecond[:8]}-{millisecond[8:]}-7%03x-%04x-%012x"
    chance = array("Q", secrets.token_bytes(8 * count))
    return [
        written % (seq >> 20 & 0xFFF, 0x8000 | seq >> 6 & 0x3FFF, (seq & 0x3F) << 42 | bits >> 22)
        for seq, bits in enumerate(chance, after + 1)
    ]
