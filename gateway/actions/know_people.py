"""Find out whom Meta means, and learn which identifiers are one person.

Trigger: every webhook item that names somebody.
Reads:   the vault.
Writes:  subjects and identifiers; when two subjects turn out to be one person, the stricter refusals of one are
         appended to the other, and every address leads to it from then on.
Repeat:  harmless: what is known is not learnt again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from consent import ledger, vault
from consent.address import Phone, read_cell, region_of, zones_of
from consent.events import SYSTEM, Draft
from consent.merging import refusals_to_carry
from consent.vault import Identifier, IdentifierKind, Subject
from gateway.storage import contacts
from gateway.storage.contacts import NewPerson
from gateway.whatsapp.payload import Identifiers

IDENTIFIER_CHARS_MAX = 200
"""Meta's own end at 2 + 1 + 4 + 128 characters; what is longer names nobody, and no index would hold it."""


def identifiers_in(person: Identifiers) -> list[Identifier]:
    """The vault's identifiers for what Meta calls a person, strongest first.

    A `wa_id` is digits; where it is not simply the E.164 number (Brazil, Mexico), both are kept.
    """
    found: list[Identifier] = []
    if person.wa_id:
        cell = read_cell("+" + person.wa_id.lstrip("+"), None)
        if isinstance(cell, list) and cell and isinstance(cell[0], Phone):
            found.append(Identifier(IdentifierKind.PHONE, cell[0].e164))
        found.append(Identifier(IdentifierKind.WA_ID, person.wa_id))
    if person.user_id:
        found.append(Identifier(IdentifierKind.BSUID, person.user_id))
    if person.parent_user_id:
        found.append(Identifier(IdentifierKind.PARENT_BSUID, person.parent_user_id))
    return [identifier for identifier in found if len(identifier.value) <= IDENTIFIER_CHARS_MAX]


def know(connection: Connection, person: Identifiers, now: datetime) -> Subject | None:
    """The subject behind these identifiers, new or known; None when there is not one identifier."""
    identifiers = identifiers_in(person)
    if not identifiers:
        return None
    known = vault.find(connection, identifiers)
    subjects = sorted(set(known.values()), key=lambda subject: subject.id)
    if not subjects:
        subjects = list(vault.meet(connection, identifiers[:1], now).values())
        known = {identifiers[0]: subjects[0]}
    kept = subjects[0]
    for other in subjects[1:]:
        unite(connection, kept, other, now)
    vault.attach(connection, kept, [i for i in identifiers if i not in known], now)
    _introduce(connection, kept, identifiers, now)
    return kept


def _introduce(connection: Connection, subject: Subject, identifiers: Sequence[Identifier], now: datetime) -> None:
    address = vault.address_of(identifiers)
    zones = zones_of(address) if address else frozenset()
    region = region_of(address) if address else None
    person = NewPerson(subject_id=subject.id, zones=zones, region=region, source="whatsapp")
    contacts.ensure(connection, [person], now)


def unite(connection: Connection, kept: Subject, other: Subject, now: datetime) -> None:
    """Two subjects are one person: refusals pass to `kept`, consents do not."""
    standings = ledger.standings_of(connection, [kept.id, other.id])
    carried = refusals_to_carry(standings[kept.id], standings[other.id], now)
    drafts = [
        Draft(
            subject=kept.ref,
            purpose=one.purpose,
            type=one.type,
            occurred_at=now,
            actor=SYSTEM,
            source="api",
            method="identity",
            idem=f"unite:{kept.ref}:{other.ref}:{one.purpose}",
            causes=(one.causes,) if one.causes else (),
        )
        for one in carried
    ]
    ledger.append(connection, [(kept, draft) for draft in drafts], now)
    vault.move_identifiers(connection, other, kept)
    contacts.move(connection, other.id, kept.id)


def learn_links(connection: Connection, people: Sequence[Identifiers], now: datetime) -> None:
    """Keep what a batch shows of people with several identifiers; people we do not know stay unknown."""
    wanted = {person: identifiers_in(person) for person in people}
    known = vault.find(connection, [i for identifiers in wanted.values() for i in identifiers])
    for person, identifiers in wanted.items():
        owners = {known[i] for i in identifiers if i in known}
        if owners and (len(owners) > 1 or any(i not in known for i in identifiers)):
            know(connection, person, now)
