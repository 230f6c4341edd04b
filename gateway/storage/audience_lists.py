"""Lists of people for those who look after them; addresses leave here masked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, select

from consent import ledger, vault
from consent.tables import StandingRow, SubjectRow, table_of
from gateway.core.contact import mask
from gateway.storage.tables import PersonRow

_person, _standing, _subject = table_of(PersonRow), table_of(StandingRow), table_of(SubjectRow)


@dataclass(frozen=True, slots=True)
class Listed:
    """One person in a list. `subject` is the ledger's reference, by which `izin why` finds them."""

    subject: str
    address: str
    name: str
    state: str
    since: datetime | None

    def as_json(self) -> dict[str, object]:
        since = self.since.isoformat() if self.since else None
        return {"subject": self.subject, "address": self.address, "state": self.state, "since": since}


def without_standing(connection: Connection, purpose: str) -> list[int]:
    """People of whom nothing is known for this purpose: neither consent nor refusal nor an open question."""
    mine = and_(_standing.c.subject_id == _person.c.subject_id, _standing.c.purpose == purpose)
    statement = (
        select(_person.c.subject_id)
        .outerjoin(_standing, mine)
        .where(_standing.c.subject_id.is_(None))
        .order_by(_person.c.subject_id)
    )
    return list(connection.scalars(statement))


def people(connection: Connection, purpose: str, state: str | None, limit: int, now: datetime) -> list[Listed]:
    mine = and_(_standing.c.subject_id == _person.c.subject_id, _standing.c.purpose == purpose)
    statement = (
        select(_person.c.subject_id, _person.c.name, _subject.c.ref)
        .join(_subject, _subject.c.id == _person.c.subject_id)
        .outerjoin(_standing, mine)
        .order_by(_person.c.subject_id)
        .limit(limit)
    )
    if state is not None:
        statement = statement.where(_standing.c.state == state if state != "none" else _standing.c.state.is_(None))
    rows = connection.execute(statement).all()
    return _listed(connection, [(row.subject_id, row.name, row.ref) for row in rows], purpose, now)


def _listed(
    connection: Connection, rows: Sequence[tuple[int, str | None, str]], purpose: str, now: datetime
) -> list[Listed]:
    ids = [subject_id for subject_id, _, _ in rows]
    identifiers, stored = vault.identifiers_of(connection, ids), ledger.stored_standings(connection, ids)
    listed = []
    for subject_id, name, ref in rows:
        standing = ledger.stored_for(stored, subject_id, purpose).standing.at(now)
        address = vault.address_of(identifiers.get(subject_id, ()))
        listed.append(Listed(ref, mask(address) if address else "", name or "", standing.state.value, standing.since))
    return listed
