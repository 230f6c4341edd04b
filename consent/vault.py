"""The vault: who a subject is and what proves their events. The only place where personal data meets the ledger.

An identifier belongs to one subject; a subject may have many. Evidence is bound to its event by a salted commitment,
`sha256(salt || canonical evidence)`, so destroying both leaves nothing that could be tested (reference/consent.md 3.1).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import orjson
from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from consent.address import Address, Bsuid, Phone
from consent.events import Commitment
from consent.tables import EvidenceRow, IdentifierRow, SubjectRow, SuppressionRow, table_of

_subject, _identifier = table_of(SubjectRow), table_of(IdentifierRow)
_evidence, _suppression = table_of(EvidenceRow), table_of(SuppressionRow)

LOOKUP_MAX = 5_000
"""Identifiers in one IN list: both databases stay far below their limit on parameters."""


class IdentifierKind(StrEnum):
    PHONE = "phone"
    WA_ID = "wa_id"
    BSUID = "bsuid"
    PARENT_BSUID = "parent_bsuid"


@dataclass(frozen=True, slots=True)
class Identifier:
    kind: IdentifierKind
    value: str


@dataclass(frozen=True, slots=True)
class Subject:
    """A person as the ledger knows them: our row number and the random reference."""

    id: int
    ref: str


def identifier_of(address: Address) -> Identifier:
    if isinstance(address, Phone):
        return Identifier(IdentifierKind.PHONE, address.e164)
    return Identifier(IdentifierKind.BSUID, address.value)


def address_of(identifiers: Iterable[Identifier]) -> Address | None:
    """Where to write to this person: the phone wins over the business-scoped user id, as in Meta's own rule."""
    first: dict[IdentifierKind, str] = {}
    for identifier in identifiers:
        first.setdefault(identifier.kind, identifier.value)
    if phone := first.get(IdentifierKind.PHONE):
        return Phone(phone)
    bsuid = first.get(IdentifierKind.BSUID)
    return Bsuid(bsuid) if bsuid else None


def find(connection: Connection, identifiers: Sequence[Identifier]) -> dict[Identifier, Subject]:
    """The subjects that these identifiers belong to, as far as any are known."""
    found: dict[Identifier, Subject] = {}
    by_kind: dict[str, list[str]] = defaultdict(list)
    for identifier in identifiers:
        by_kind[identifier.kind].append(identifier.value)
    for kind, values in by_kind.items():
        for start in range(0, len(values), LOOKUP_MAX):
            rows = connection.execute(
                select(_identifier.c.value, _subject.c.id, _subject.c.ref)
                .join(_subject, _subject.c.id == _identifier.c.subject_id)
                .where(_identifier.c.kind == kind, _identifier.c.value.in_(values[start : start + LOOKUP_MAX]))
            )
            found.update({Identifier(IdentifierKind(kind), v): Subject(i, ref) for v, i, ref in rows})
    return found


def meet(connection: Connection, identifiers: Sequence[Identifier], now: datetime) -> dict[Identifier, Subject]:
    """As `find`, but people not met before get a subject of their own, one for each identifier."""
    known = find(connection, identifiers)
    strangers = [i for i in dict.fromkeys(identifiers) if i not in known]
    if not strangers:
        return known
    made = _add_subjects(connection, len(strangers), now)
    connection.execute(
        insert(_identifier),
        [
            {"subject_id": subject.id, "kind": i.kind, "value": i.value, "since": now}
            for i, subject in zip(strangers, made, strict=True)
        ],
    )
    return known | dict(zip(strangers, made, strict=True))


def _add_subjects(connection: Connection, count: int, now: datetime) -> list[Subject]:
    refs = [secrets.token_hex(16) for _ in range(count)]
    connection.execute(insert(_subject), [{"ref": ref, "created_at": now} for ref in refs])
    numbers: dict[str, int] = {}
    for start in range(0, count, LOOKUP_MAX):
        rows = connection.execute(
            select(_subject.c.ref, _subject.c.id).where(_subject.c.ref.in_(refs[start : start + LOOKUP_MAX]))
        )
        numbers.update((row.ref, row.id) for row in rows)
    return [Subject(numbers[ref], ref) for ref in refs]


def identifiers_of(connection: Connection, subject_ids: Sequence[int]) -> dict[int, list[Identifier]]:
    """Every identifier of each of these subjects."""
    found: dict[int, list[Identifier]] = defaultdict(list)
    for start in range(0, len(subject_ids), LOOKUP_MAX):
        rows = connection.execute(
            select(_identifier.c.subject_id, _identifier.c.kind, _identifier.c.value)
            .where(_identifier.c.subject_id.in_(subject_ids[start : start + LOOKUP_MAX]))
            .order_by(_identifier.c.id)
        )
        for subject_id, kind, value in rows:
            found[subject_id].append(Identifier(IdentifierKind(kind), value))
    return found


def attach(connection: Connection, subject: Subject, identifiers: Sequence[Identifier], now: datetime) -> None:
    """Add identifiers that are known to nobody to this subject."""
    if identifiers:
        connection.execute(
            insert(_identifier),
            [{"subject_id": subject.id, "kind": i.kind, "value": i.value, "since": now} for i in identifiers],
        )


def move_identifiers(connection: Connection, source: Subject, target: Subject) -> None:
    """Two subjects turned out to be one person: from now on every address leads to `target`."""
    connection.execute(update(_identifier).where(_identifier.c.subject_id == source.id).values(subject_id=target.id))


def subject_by_ref(connection: Connection, ref: str) -> Subject | None:
    row = connection.execute(select(_subject.c.id, _subject.c.ref).where(_subject.c.ref == ref)).one_or_none()
    return None if row is None else Subject(row.id, row.ref)


def subjects_by_id(connection: Connection, ids: Sequence[int]) -> dict[int, Subject]:
    rows = connection.execute(select(_subject.c.id, _subject.c.ref).where(_subject.c.id.in_(ids)))
    return {row.id: Subject(row.id, row.ref) for row in rows}


def keep_evidence(
    connection: Connection, items: Sequence[tuple[Subject, Mapping[str, object]]], now: datetime
) -> list[Commitment]:
    """Store what proves an event and return the commitment that the event carries, one for each item."""
    rows, commitments = [], []
    for subject, evidence in items:
        body = orjson.dumps(evidence, option=orjson.OPT_SORT_KEYS)
        salt = secrets.token_bytes(16)
        commitment = commit(salt, body)
        commitments.append(Commitment(1, commitment))
        rows.append({"commitment": commitment, "subject_id": subject.id, "salt": salt, "body": body, "created_at": now})
    if rows:
        connection.execute(insert(_evidence), rows)
    return commitments


def commit(salt: bytes, body: bytes) -> str:
    return hashlib.sha256(salt + body).hexdigest()


@dataclass(frozen=True, slots=True)
class Opened:
    """Evidence with the salt that opens its commitment."""

    commitment: str
    salt: bytes
    body: bytes


def evidence_of(connection: Connection, subject: Subject) -> list[Opened]:
    rows = connection.execute(
        select(_evidence.c.commitment, _evidence.c.salt, _evidence.c.body)
        .where(_evidence.c.subject_id == subject.id)
        .order_by(_evidence.c.created_at, _evidence.c.commitment)
    )
    return [Opened(row.commitment, row.salt, row.body) for row in rows]


def forget(connection: Connection, subject: Subject, now: datetime) -> None:
    """Destroy identifiers, evidence and salts. What stays is a random reference without anybody behind it."""
    for table in (_identifier, _evidence):
        connection.execute(delete(table).where(table.c.subject_id == subject.id))
    connection.execute(update(_subject).where(_subject.c.id == subject.id).values(erased_at=now))


def suppression_digest(key: bytes, phone: str) -> str:
    """What remains of an erased person's number: HMAC-SHA256(key, "v1|" + E.164), hex.

    Keyed, because the plain hash of a phone number is found by trying all numbers (reference/consent.md 3.4).
    """
    return hmac.new(key, b"v1|" + phone.encode(), hashlib.sha256).hexdigest()


def suppress(connection: Connection, digests: Sequence[str], key_version: str, now: datetime) -> None:
    if not digests:
        return
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(
        make(_suppression).on_conflict_do_nothing(),
        [{"digest": d, "key_version": key_version, "since": now} for d in digests],
    )


def suppressed(connection: Connection, digests: Sequence[str]) -> set[str]:
    """Which of these digests belong to people who were erased and must not be written to again."""
    found: set[str] = set()
    for start in range(0, len(digests), LOOKUP_MAX):
        chunk = digests[start : start + LOOKUP_MAX]
        found.update(connection.scalars(select(_suppression.c.digest).where(_suppression.c.digest.in_(chunk))))
    return found


def lift_suppression(connection: Connection, digest: str) -> None:
    connection.execute(delete(_suppression).where(_suppression.c.digest == bindparam("d")), {"d": digest})
