"""The ledger: events are appended to one hash chain, and the standings that they make are kept beside it.

Nothing here decides; `consent.standing` says what an event means. Sequence and previous hash are given inside the
caller's write transaction while the head row is locked, so the chain has no gaps and no forks on either database.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, func, insert, or_, select, update

from consent.events import EVERY_PURPOSE, Draft, Event, canonical, from_mapping, hash_of
from consent.standing import Standing, Standings, State, fold
from consent.tables import ConsentTextRow, EventRow, HeadRow, StandingRow, SubjectRow, table_of
from consent.texts import ConsentText, canonical_text, text_from
from consent.vault import LOOKUP_MAX, Subject

_event, _head, _standing = table_of(EventRow), table_of(HeadRow), table_of(StandingRow)
_subject, _text = table_of(SubjectRow), table_of(ConsentTextRow)

FLAT = tuple(f.name for f in fields(Standing))


class IdempotencyConflict(Exception):
    """The same key was used before for other contents: somebody's keys are wrong, and nothing was written."""

    def __init__(self, idem: str) -> None:
        super().__init__(f"the ledger has another event under the key {idem!r}")
        self.idem = idem


def append(connection: Connection, drafts: Sequence[tuple[Subject, Draft]], now: datetime) -> list[Event]:
    """Record what people did, in this order. Returns the events, new or known, one for each draft.

    A draft whose key is known is not recorded again. Raises IdempotencyConflict when its contents differ.
    """
    if not drafts:
        return []
    head = connection.execute(select(_head).with_for_update()).one()
    known = _by_key(connection, [draft.idem for _, draft in drafts])
    events, rows, changed = [], [], {}
    seq, prev, recorded_at = head.size, head.hash, max(now, head.recorded_at)
    for subject, draft in drafts:
        if draft.idem in known:
            events.append(_same(known[draft.idem], draft))
            continue
        seq += 1
        event, body = _chained(draft, seq, prev, recorded_at)
        prev, known[draft.idem], changed[subject.id] = event.hash, event, subject
        events.append(event)
        rows.append({"seq": seq, "subject_id": subject.id, "idem": event.idem, "hash": event.hash, "body": body})
    if rows:
        connection.execute(insert(_event), rows)
        connection.execute(update(_head).values(size=seq, hash=prev, recorded_at=recorded_at))
        _keep_standings(connection, sorted(changed))
    return events


_GIVEN = tuple(f.name for f in fields(Draft))
_given = attrgetter(*_GIVEN)


def _chained(draft: Draft, seq: int, prev: str, recorded_at: datetime) -> tuple[Event, bytes]:
    place: dict[str, Any] = dict(zip(_GIVEN, _given(draft), strict=True))
    place |= {"seq": seq, "event_id": _event_id(recorded_at, seq), "recorded_at": recorded_at, "prev_hash": prev}
    body = canonical(Event(**place))
    return Event(**place, hash=hash_of(body)), body


def _event_id(at: datetime, seq: int) -> str:
    """A UUIDv7 (RFC 9562): the millisecond, then 32 bits of the sequence so that ids grow with it, then chance."""
    millisecond = int(at.timestamp() * 1000)
    low = 0b10 << 62 | (seq & 0xFFFFF) << 42 | secrets.randbits(42)
    number = millisecond << 80 | 0x7 << 76 | (seq >> 20 & 0xFFF) << 64 | low
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


_REPEATABLE = tuple(f.name for f in fields(Draft) if f.name != "evidence")
"""What must be equal in a repeat. Evidence is salted anew each time it is kept, so its commitment may differ."""


def _same(event: Event, draft: Draft) -> Event:
    if any(getattr(event, name) != getattr(draft, name) for name in _REPEATABLE):
        raise IdempotencyConflict(draft.idem)
    return event


def _by_key(connection: Connection, keys: Sequence[str]) -> dict[str, Event]:
    found: dict[str, Event] = {}
    for start in range(0, len(keys), LOOKUP_MAX):
        chunk = keys[start : start + LOOKUP_MAX]
        rows = connection.execute(select(_event.c.idem, _event.c.body, _event.c.hash).where(_event.c.idem.in_(chunk)))
        found.update((idem, event_from(body, hash_)) for idem, body, hash_ in rows.all())
    return found


def known_keys(connection: Connection, keys: Sequence[str]) -> set[str]:
    """Which of these idempotency keys the ledger has seen."""
    found: set[str] = set()
    for start in range(0, len(keys), LOOKUP_MAX):
        chunk = keys[start : start + LOOKUP_MAX]
        found.update(connection.scalars(select(_event.c.idem).where(_event.c.idem.in_(chunk))))
    return found


def event_from(body: bytes, hash_: str) -> Event:
    """The event of a row, from its canonical bytes and hash."""
    return from_mapping(orjson.loads(body), hash_)


def events_of(connection: Connection, subject_ids: Sequence[int]) -> dict[int, list[Event]]:
    """Every event of each of these subjects, in the order of the chain."""
    found: dict[int, list[Event]] = defaultdict(list)
    for start in range(0, len(subject_ids), LOOKUP_MAX):
        rows = connection.execute(
            select(_event.c.subject_id, _event.c.body, _event.c.hash)
            .where(_event.c.subject_id.in_(subject_ids[start : start + LOOKUP_MAX]))
            .order_by(_event.c.seq)
        )
        for subject_id, body, hash_ in rows.all():
            found[subject_id].append(event_from(body, hash_))
    return found


def event_at(connection: Connection, seq: int) -> Event | None:
    row = connection.execute(select(_event.c.body, _event.c.hash).where(_event.c.seq == seq)).one_or_none()
    return None if row is None else event_from(*row)


def walk(connection: Connection, after: int = 0, limit: int | None = None) -> Iterator[tuple[int, bytes, str]]:
    """The chain as it is stored: (sequence, canonical bytes, hash), streamed in order."""
    statement = select(_event.c.seq, _event.c.body, _event.c.hash).where(_event.c.seq > after).order_by(_event.c.seq)
    rows = connection.execution_options(yield_per=5_000).execute(statement.limit(limit))
    return ((row.seq, bytes(row.body), row.hash) for row in rows)


def head(connection: Connection) -> tuple[int, str]:
    """How many events there are, and the hash of the last one."""
    row = connection.execute(select(_head.c.size, _head.c.hash)).one()
    return row.size, row.hash


def standings_of(connection: Connection, subject_ids: Sequence[int]) -> dict[int, Standings]:
    """Where these people stand, folded from their events."""
    events = events_of(connection, subject_ids)
    return {subject_id: fold(events.get(subject_id, [])) for subject_id in subject_ids}


def _keep_standings(connection: Connection, subject_ids: Sequence[int]) -> None:
    rows = [row for s, standings in standings_of(connection, subject_ids).items() for row in projected(s, standings)]
    existing: set[tuple[int, str]] = set()
    for start in range(0, len(subject_ids), LOOKUP_MAX):
        # Locked before they are replaced, so that a release that has read them commits first, or reads the new ones.
        locked = connection.execute(
            select(_standing.c.subject_id, _standing.c.purpose)
            .where(_standing.c.subject_id.in_(subject_ids[start : start + LOOKUP_MAX]))
            .order_by(_standing.c.subject_id, _standing.c.purpose)
            .with_for_update()
        )
        existing.update((row.subject_id, row.purpose) for row in locked)
    if new := [row for row in rows if (row["subject_id"], row["purpose"]) not in existing]:
        connection.execute(insert(_standing), new)
    if old := [row for row in rows if (row["subject_id"], row["purpose"]) in existing]:
        connection.execute(_REPLACED, [{f"{name}_": value for name, value in row.items()} for row in old])


_MINE = (_standing.c.subject_id == bindparam("subject_id_"), _standing.c.purpose == bindparam("purpose_"))
_REPLACED = update(_standing).where(*_MINE).values({c.name: bindparam(f"{c.name}_") for c in _standing.columns})


def projected(subject_id: int, standings: Standings) -> list[dict[str, Any]]:
    """The rows that stand for a person: one for each purpose spoken of, and one for all others where it matters."""
    spoken, suppressed, held = spoken_of(standings)
    flags = {"suppressed": suppressed, "held": held}
    return [
        {"subject_id": subject_id, "purpose": purpose, **{name: getattr(standing, name) for name in FLAT}, **flags}
        for purpose, standing in sorted(spoken.items())
    ]


def spoken_of(standings: Standings) -> tuple[dict[str, Standing], bool, bool]:
    """The standings that are stored, by purpose, and whether the whole person is suppressed or held."""
    suppressed = standings.suppressed is not None or standings.erased is not None
    held = standings.held is not None
    spoken = dict(standings.purposes)
    if standings.every.state is not State.NONE or suppressed or held:
        spoken[EVERY_PURPOSE] = standings.every
    return spoken, suppressed, held


def standing_of_row(row: Any) -> Standing:
    """The Standing that `projected` wrote; ask it `at` a moment before believing its state."""
    values = {name: getattr(row, name) for name in FLAT}
    return Standing(**values | {"state": State(row.state)})


@dataclass(frozen=True, slots=True)
class Stored:
    """A standing as the projection holds it, with the flags of the whole person. Ask `standing.at(now)`."""

    standing: Standing
    suppressed: bool
    held: bool


NOT_SPOKEN_OF = Stored(Standing(), suppressed=False, held=False)


def stored_standings(
    connection: Connection, subject_ids: Sequence[int], *, lock: bool = False
) -> dict[tuple[int, str], Stored]:
    """The projection's rows by (subject, purpose). With `lock`, a stop that commits later waits for the caller."""
    found: dict[tuple[int, str], Stored] = {}
    for start in range(0, len(subject_ids), LOOKUP_MAX):
        statement = (
            select(_standing)
            .where(_standing.c.subject_id.in_(subject_ids[start : start + LOOKUP_MAX]))
            .order_by(_standing.c.subject_id, _standing.c.purpose)
        )
        for row in connection.execute(statement.with_for_update(read=True) if lock else statement):
            found[row.subject_id, row.purpose] = Stored(standing_of_row(row), row.suppressed, row.held)
    return found


def stored_for(known: Mapping[tuple[int, str], Stored], subject_id: int, purpose: str) -> Stored:
    """What the projection says of one person and purpose: the row of all other purposes stands in for a missing one."""
    return known.get((subject_id, purpose)) or known.get((subject_id, EVERY_PURPOSE)) or NOT_SPOKEN_OF


def ended_before(connection: Connection, moment: datetime, after: int, limit: int) -> list[int]:
    """The next people, by number, one of whose standings began or had its deadline before a moment, not yet erased."""
    long_ago = or_(_standing.c.since < moment, _standing.c.deadline < moment)
    statement = (
        select(_standing.c.subject_id)
        .join(_subject, _subject.c.id == _standing.c.subject_id)
        .where(
            _standing.c.subject_id > after,
            long_ago,
            _standing.c.state != State.ERASED.value,
            _subject.c.erased_at.is_(None),
            _subject.c.merged_into.is_(None),
        )
        .distinct()
        .order_by(_standing.c.subject_id)
        .limit(limit)
    )
    return list(connection.scalars(statement))


def add_text(connection: Connection, text: ConsentText, now: datetime) -> bool:
    """Keep a consent text. False when exactly this text is there already.

    Raises IdempotencyConflict when its id, version and locale are taken by another wording.
    """
    found = connection.execute(
        select(_text.c.sha256).where(
            _text.c.id == text.id, _text.c.version == text.version, _text.c.locale == text.locale
        )
    ).scalar_one_or_none()
    if found is not None:
        if found != text.digest:
            raise IdempotencyConflict(f"{text.id} {text.version} {text.locale}")
        return False
    connection.execute(
        insert(_text).values(
            id=text.id,
            version=text.version,
            locale=text.locale,
            sha256=text.digest,
            body=canonical_text(text),
            added_at=now,
        )
    )
    return True


def texts(connection: Connection) -> list[ConsentText]:
    rows = connection.scalars(select(_text.c.body).order_by(_text.c.id, _text.c.version, _text.c.locale))
    return [text_from(orjson.loads(body)) for body in rows]


def newest_text_at(connection: Connection) -> datetime | None:
    """When a text was last added."""
    newest: datetime | None = connection.scalar(select(func.max(_text.c.added_at)))
    return newest


def text_digests(connection: Connection) -> dict[tuple[str, str, str], str]:
    """The digest that was stored with each text, by id, version and locale."""
    rows = connection.execute(select(_text.c.id, _text.c.version, _text.c.locale, _text.c.sha256))
    return {(row.id, row.version, row.locale): row.sha256 for row in rows}


def count_by_state(connection: Connection, purpose: str) -> dict[str, int]:
    """People by stored state for a purpose."""
    rows = connection.execute(
        select(_standing.c.state, func.count()).where(_standing.c.purpose == purpose).group_by(_standing.c.state)
    )
    return {row[0]: row[1] for row in rows}


def count_effective(connection: Connection, purpose: str, now: datetime) -> dict[str, int]:
    """People by where they stand at this moment for a purpose, deadlines applied."""
    counts: dict[str, int] = defaultdict(int)
    rows = connection.execution_options(yield_per=5_000).execute(
        select(_standing).where(_standing.c.purpose == purpose)
    )
    for row in rows:
        counts[standing_of_row(row).at(now).state.value] += 1
    return dict(counts)


def subjects_in_state(connection: Connection, purpose: str, state: State, limit: int) -> list[int]:
    """Subjects whose stored state is this one; deadlines have yet to be applied."""
    mine = (_standing.c.purpose == purpose, _standing.c.state == state.value)
    statement = select(_standing.c.subject_id).where(*mine).order_by(_standing.c.since).limit(limit)
    return list(connection.scalars(statement))
