"""The vault: who a subject is and what proves their events. The only place where personal data meets the ledger.

An identifier belongs to one subject; a subject may have many. Evidence is bound to its event by a salted commitment,
`sha256(salt || canonical evidence)`, so destroying both leaves nothing that could be tested (reference/consent.md 3.1).
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from operator import itemgetter
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from consent import bulk
from consent.address import Address, Bsuid, Phone
from consent.events import Commitment
from consent.evidence import sealed
from consent.suppression import SuppressionKeys
from consent.tables import EvidenceRow, IdentifierRow, SubjectRow, SuppressionRow, table_of

_subject, _identifier = table_of(SubjectRow), table_of(IdentifierRow)
_evidence, _suppression = table_of(EvidenceRow), table_of(SuppressionRow)

FIND_MAX = 10_000
LOOKUP_MAX = 5_000
"""Identifiers in one IN list: both databases stay far below their limit on parameters."""


class IdentifierKind(StrEnum):
    PHONE = "phone"
    WA_ID = "wa_id"
    BSUID = "bsuid"
    PARENT_BSUID = "parent_bsuid"
    EXTERNAL = "external"
    """The id under which the business's own shop or CRM knows the person. Nobody can be written to by it."""


class Identifier(NamedTuple):
    kind: IdentifierKind
    value: str


class Subject(NamedTuple):
    """A person as the ledger knows them: our row number and the random reference."""

    id: int
    ref: str


def identifier_of(address: Address) -> Identifier:
    if isinstance(address, Phone):
        return Identifier(IdentifierKind.PHONE, address.e164)
    return Identifier(IdentifierKind.BSUID, address.value)


def identifier_from(value: str) -> Identifier:
    """The identifier of an address that is written as it is stored: E.164, or a business-scoped user id."""
    return Identifier(IdentifierKind.PHONE if value[0] == "+" else IdentifierKind.BSUID, value)


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
    by_kind: dict[IdentifierKind, list[str]] = defaultdict(list)
    for identifier in identifiers:
        by_kind[identifier.kind].append(identifier.value)
    for kind, values in by_kind.items():
        rows = find_values(connection, kind, values)
        found.update({Identifier(kind, value): subject for value, subject in rows.items()})
    return found


_FIND = (
    "SELECT i.value, s.id, s.ref FROM identifier i JOIN subject s ON s.id = i.subject_id "
    "WHERE i.value {among} AND i.kind = {mark}"
)


def find_values(connection: Connection, kind: IdentifierKind, values: Sequence[str]) -> dict[str, Subject]:
    """As `find`, for identifiers of one kind, by their values alone."""
    found: dict[str, Subject] = {}
    for start in range(0, len(values), FIND_MAX):
        rows = bulk.rows_among(connection, _FIND, values[start : start + FIND_MAX], kind.value)
        found.update({value: Subject(id_, ref) for value, id_, ref in rows})
    return found


def find_addresses(connection: Connection, values: Sequence[str]) -> dict[str, Subject]:
    """As `find`, for addresses as they are stored: E.164 or a business-scoped user id."""
    phones = [value for value in values if value[0] == "+"]
    others = [value for value in values if value[0] != "+"]
    found = find_values(connection, IdentifierKind.PHONE, phones)
    return found | find_values(connection, IdentifierKind.BSUID, others)


def meet(connection: Connection, identifiers: Sequence[Identifier], now: datetime) -> dict[Identifier, Subject]:
    """As `find`, but people not met before get a subject of their own, one for each identifier."""
    known = find(connection, identifiers)
    strangers = [i for i in dict.fromkeys(identifiers) if i not in known]
    if not strangers:
        return known
    return known | dict(zip(strangers, add(connection, strangers, now), strict=True))


def add(connection: Connection, strangers: Sequence[Identifier], now: datetime) -> list[Subject]:
    """A new subject for each of these identifiers, which nobody has yet. Raises IntegrityError when somebody has."""
    made = _add_subjects(connection, len(strangers), now)
    attach_all(connection, list(zip(made, strangers, strict=True)), now)
    return made


def add_addresses(connection: Connection, values: Sequence[str], now: datetime) -> list[Subject]:
    """As `add`, for addresses as they are stored."""
    made = _add_subjects(connection, len(values), now)
    phone, other = IdentifierKind.PHONE.value, IdentifierKind.BSUID.value
    rows = [(made_.id, phone if value[0] == "+" else other, value) for made_, value in zip(made, values, strict=True)]
    rows.sort(key=itemgetter(2))  # numbers in their index's own order go in faster than by chance
    _insert_identifiers(connection, rows, now)
    return made


def _add_subjects(connection: Connection, count: int, now: datetime) -> list[Subject]:
    ids = bulk.new_numbers(connection, "subject", count)
    made = list(map(Subject, ids, new_refs(ids, now)))
    bulk.insert_rows(connection, _subject, ("id", "ref"), made, {"created_at": bulk.stored(connection, now)})
    return made


REF_CHANCE_BYTES = 6


def new_refs(ids: Sequence[int], now: datetime) -> list[str]:
    """References of these new subjects: the millisecond in which we met, 32 bits of the number, 48 bits of chance.

    The millisecond and the order say no more than the events' own dates and places. They let references rise for as
    long as an import lasts, whose moment is one: a million are written to the end of their index, instead of to every
    page of it over and over.
    """
    met = f"{int(now.timestamp() * 1000):012x}"
    width = REF_CHANCE_BYTES * 2
    chance = secrets.token_hex(REF_CHANCE_BYTES * len(ids))
    return [
        f"{met}{id_ & 0xFFFFFFFF:08x}{chance[at : at + width]}"
        for id_, at in zip(ids, range(0, len(chance), width), strict=True)
    ]


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
    attach_all(connection, [(subject, identifier) for identifier in identifiers], now)


def attach_all(connection: Connection, found: Sequence[tuple[Subject, Identifier]], now: datetime) -> None:
    """As `attach`, for many subjects at once."""
    written = {kind: kind.value for kind in IdentifierKind}
    rows = [(id_, written[kind], value) for (id_, _), (kind, value) in found]
    _insert_identifiers(connection, rows, now)


def _insert_identifiers(connection: Connection, rows: Sequence[tuple[int, str, str]], now: datetime) -> None:
    since = {"since": bulk.stored(connection, now)}
    bulk.insert_rows(connection, _identifier, ("subject_id", "kind", "value"), rows, since)


def merge(connection: Connection, source: Subject, target: Subject) -> None:
    """Two subjects turned out to be one person: from now on every address leads to `target`."""
    connection.execute(update(_identifier).where(_identifier.c.subject_id == source.id).values(subject_id=target.id))
    connection.execute(update(_subject).where(_subject.c.merged_into == source.id).values(merged_into=target.id))
    connection.execute(update(_subject).where(_subject.c.id == source.id).values(merged_into=target.id))


def whole(connection: Connection, subject: Subject) -> list[Subject]:
    """Everything that is known of one person: the subject itself first, then those that were merged into it."""
    rows = connection.execute(
        select(_subject.c.id, _subject.c.ref).where(_subject.c.merged_into == subject.id).order_by(_subject.c.id)
    )
    return [subject, *(Subject(row.id, row.ref) for row in rows)]


def detach(connection: Connection, subject: Subject, identifiers: Sequence[Identifier]) -> None:
    """These addresses are no longer this person's: whoever writes from them now is somebody else."""
    for one in identifiers:
        mine = (_identifier.c.subject_id == subject.id, _identifier.c.kind == one.kind)
        connection.execute(delete(_identifier).where(*mine, _identifier.c.value == one.value))


def subject_by_ref(connection: Connection, ref: str) -> Subject | None:
    """The person whom the ledger knows by this reference, also when it was merged into another one."""
    kept = _subject.alias()
    row = connection.execute(
        select(_subject.c.id, _subject.c.ref, kept.c.id.label("kept_id"), kept.c.ref.label("kept_ref"))
        .outerjoin(kept, kept.c.id == _subject.c.merged_into)
        .where(_subject.c.ref == ref)
    ).one_or_none()
    if row is None:
        return None
    return Subject(row.kept_id, row.kept_ref) if row.kept_id is not None else Subject(row.id, row.ref)


def subjects_by_id(connection: Connection, ids: Sequence[int]) -> dict[int, Subject]:
    rows = connection.execute(select(_subject.c.id, _subject.c.ref).where(_subject.c.id.in_(ids)))
    return {row.id: Subject(row.id, row.ref) for row in rows}


def keep_evidence(
    connection: Connection, items: Sequence[tuple[Subject, Mapping[str, object]]], now: datetime
) -> list[Commitment]:
    """Store what proves an event and return the commitment that the event carries, one for each item."""
    bodies = [orjson.dumps(evidence, option=orjson.OPT_SORT_KEYS) for _, evidence in items]
    kept = keep_bodies(connection, [subject.id for subject, _ in items], bodies, now)
    return [Commitment(1, commitment) for commitment in kept]


def keep_bodies(
    connection: Connection, subject_ids: Sequence[int], bodies: Sequence[bytes], now: datetime
) -> list[str]:
    """Store evidence that is written already, as JSON with sorted keys; returns the commitments, hex."""
    seals = sealed(bodies)
    keep_sealed(
        connection, [(id_, *seal, body) for id_, seal, body in zip(subject_ids, seals, bodies, strict=True)], now
    )
    return [seal.commitment for seal in seals]


def keep_sealed(connection: Connection, rows: Sequence[tuple[int, str, bytes, bytes]], now: datetime) -> None:
    """Store evidence that is sealed already: subject, commitment, salt and body."""
    at = bulk.stored(connection, now)
    bulk.insert_rows(connection, _evidence, ("subject_id", "commitment", "salt", "body"), rows, {"created_at": at})


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


class KeyMissing(Exception):
    """Refusals of erased people are kept under a key that is not set, so nobody can tell whom they protect."""

    def __init__(self, versions: Iterable[str]) -> None:
        super().__init__(
            f"People were erased under version {', '.join(sorted(versions))} of the suppression key, which is not set: "
            "without it their refusals cannot be recognised. Put it back into IZIN_SUPPRESSION_KEY."
        )


def suppress(connection: Connection, keys: SuppressionKeys, addresses: Sequence[str], now: datetime) -> None:
    """Keep the refusal of these addresses under the newest key. Raises IndexError when there is no key."""
    if not addresses:
        return
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(
        make(_suppression).on_conflict_do_nothing(),
        [{"digest": keys.digest(a), "key_version": keys.newest, "since": now} for a in addresses],
    )


def silenced(connection: Connection, keys: SuppressionKeys, addresses: Sequence[str]) -> set[str]:
    """Which of these addresses belong to people who were erased. Raises KeyMissing when that cannot be told."""
    return set(silenced_since(connection, keys, addresses))


def silenced_since(connection: Connection, keys: SuppressionKeys, addresses: Sequence[str]) -> dict[str, datetime]:
    """As `silenced`, with the moment since which nobody but the person may bring the address back."""
    versions = set(connection.scalars(select(_suppression.c.key_version).distinct()))
    if missing := versions - set(keys.versions):
        raise KeyMissing(missing)
    if not versions:
        return {}
    of = {digest: address for address in addresses for digest in keys.digests(address).values()}
    found: dict[str, datetime] = {}
    digests = list(of)
    for start in range(0, len(digests), LOOKUP_MAX):
        chunk = digests[start : start + LOOKUP_MAX]
        rows = connection.execute(
            select(_suppression.c.digest, _suppression.c.since).where(_suppression.c.digest.in_(chunk))
        )
        found.update((of[row.digest], row.since) for row in rows)
    return found


def lift_suppression(connection: Connection, keys: SuppressionKeys, addresses: Sequence[str]) -> None:
    """The person has consented anew, in person: the refusal from before the erasure no longer stands."""
    digests = [digest for address in addresses for digest in keys.digests(address).values()]
    if digests:
        connection.execute(delete(_suppression).where(_suppression.c.digest.in_(digests)))
