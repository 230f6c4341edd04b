"""Find out whom Meta means, and learn which identifiers are one person.

Trigger: every webhook item that names somebody.
Reads:   the vault.
Writes:  subjects and identifiers. Two subjects who turn out to be one person are united: every refusal of either binds
         both, every address leads to one, and what waited for the other ends. A number that somebody else has now is
         taken from the person who had it, and their consent ends.
Repeat:  harmless: what is known is not learnt again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from consent import ledger, requests, vault
from consent.address import Phone, read_cell, region_of, zones_of
from consent.events import EVERY_PURPOSE, SYSTEM, Draft, EventType, Purpose
from consent.merging import refusals_to_carry
from consent.standing import Standings, State
from consent.vault import Identifier, IdentifierKind, Subject
from gateway.storage import contacts, outbox, uniting
from gateway.storage.contacts import NewPerson
from gateway.whatsapp.payload import Identifiers

IDENTIFIER_CHARS_MAX = 200
"""Meta's own end at 2 + 1 + 4 + 128 characters; what is longer names nobody, and no index would hold it."""

WITHOUT_WINDOW = (Purpose.MARKETING.value, Purpose.UTILITY.value, Purpose.AUTHENTICATION.value)


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
    known = vault.find(connection, identifiers)
    if recycled := _recycled(connection, identifiers, known):
        if _lost_a_number(connection, recycled.by):
            # A webhook from before the number changed hands, read again or late: it must not take the number back.
            identifiers = [i for i in identifiers if i not in recycled.numbers]
        else:
            reassign(connection, recycled.owner, recycled.numbers, now)
        known = vault.find(connection, identifiers)
    return _one_of(connection, identifiers, known, now)


def _one_of(
    connection: Connection, identifiers: Sequence[Identifier], known: dict[Identifier, Subject], now: datetime
) -> Subject | None:
    """Everything in `identifiers` becomes one person."""
    if not identifiers:
        return None
    subjects = sorted(set(known.values()), key=lambda subject: subject.id)
    if not subjects:
        subjects = list(vault.meet(connection, identifiers[:1], now).values())
        known = {identifiers[0]: subjects[0]}
    kept = subjects[0]
    for other in subjects[1:]:
        kept = unite(connection, kept, other, now)
    vault.attach(connection, kept, [i for i in identifiers if i not in known], now)
    _introduce(connection, kept, identifiers, now)
    return kept


def _introduce(connection: Connection, subject: Subject, identifiers: Sequence[Identifier], now: datetime) -> None:
    address = vault.address_of(identifiers)
    zones = zones_of(address) if address else frozenset()
    region = region_of(address) if address else None
    person = NewPerson(subject_id=subject.id, zones=zones, region=region, source="whatsapp")
    contacts.ensure(connection, [person], now)


@dataclass(frozen=True, slots=True)
class _Recycled:
    """`numbers` of `owner` are shown together with an id that is not theirs; `by` is who has that id, if known."""

    owner: Subject
    numbers: tuple[Identifier, ...]
    by: Subject | None


def _recycled(
    connection: Connection, identifiers: Sequence[Identifier], known: dict[Identifier, Subject]
) -> _Recycled | None:
    """A number whose owner we know under another business-scoped id: a WhatsApp account has exactly one of them.

    Meta tells of a changed id beforehand (`user_id_update`, system messages); without that, it is another account.
    """
    told = next((i for i in identifiers if i.kind is IdentifierKind.BSUID), None)
    numbers = [i for i in identifiers if i.kind in (IdentifierKind.PHONE, IdentifierKind.WA_ID) and i in known]
    if told is None or not numbers:
        return None
    owner = known[numbers[0]]
    theirs = [i for i in vault.identifiers_of(connection, [owner.id])[owner.id] if i.kind is IdentifierKind.BSUID]
    if not theirs or told in theirs:
        return None
    return _Recycled(owner, tuple(i for i in numbers if known[i] == owner), known.get(told))


def _lost_a_number(connection: Connection, subject: Subject | None) -> bool:
    if subject is None:
        return False
    events = ledger.events_of(connection, [subject.id]).get(subject.id, [])
    return any(event.type is EventType.NUMBER_REASSIGNED for event in events)


def reassign(connection: Connection, owner: Subject, numbers: Sequence[Identifier], now: datetime) -> Subject:
    """These numbers are somebody else's now: the owner's consent ends, and the numbers start anew.

    What the owner refused goes on binding the numbers too, until whoever has them now consents in person. Returns the
    new owner.
    """
    standings = ledger.standings_of(connection, [owner.id])[owner.id]
    gone = _by_us(owner, EVERY_PURPOSE, EventType.NUMBER_REASSIGNED, f"reassigned:{owner.ref}:{now.isoformat()}", now)
    ledger.append(connection, [(owner, gone)], now)
    _end_waiting(connection, owner, standings, now)
    vault.detach(connection, owner, numbers)
    new = vault.meet(connection, numbers[:1], now)[numbers[0]]
    vault.attach(connection, new, numbers[1:], now)
    _introduce(connection, new, numbers, now)
    _carry(connection, new, owner, standings, now)
    return new


def change_identity(connection: Connection, old: Identifiers, new: Identifiers, now: datetime) -> Subject | None:
    """Meta says that a person's number or id has changed: consent and refusals move along, the old number is let go.

    The old id stays, since late webhooks may still use it. A refusal stays on the old number as well.
    """
    before, after = identifiers_in(old), identifiers_in(new)
    known = vault.find(connection, [*before, *after])
    kept = _one_of(connection, list(dict.fromkeys([*after, *before])), known, now)
    if kept is None:
        return None
    left = _numbers_left(connection, kept, before, after)
    if left:
        vault.detach(connection, kept, left)
        standings = ledger.standings_of(connection, [kept.id])[kept.id]
        if refusals_to_carry(Standings(), standings, now):
            nobody = vault.meet(connection, left[:1], now)[left[0]]
            vault.attach(connection, nobody, left[1:], now)
            _carry(connection, nobody, kept, standings, now)
    return kept


def _numbers_left(
    connection: Connection, subject: Subject, before: Sequence[Identifier], after: Sequence[Identifier]
) -> list[Identifier]:
    """Numbers that the person has no longer. Where Meta names only the new one, it is the one that was on WhatsApp."""
    numbers = (IdentifierKind.PHONE, IdentifierKind.WA_ID)
    if not any(i.kind in numbers for i in after):
        return []
    told = [i for i in before if i.kind in numbers and i not in after]
    if told:
        return told
    theirs = vault.identifiers_of(connection, [subject.id])[subject.id]
    wa_ids = {i.value for i in theirs if i.kind is IdentifierKind.WA_ID and i not in after}
    return [i for i in theirs if i.kind in numbers and i not in after and i.value.removeprefix("+") in wa_ids]


def unite(connection: Connection, one: Subject, two: Subject, now: datetime) -> Subject:
    """Two subjects are one person. Refusals of either bind both; what waited for the one that goes is ended.

    Kept is the one that consented, if only one did (a subject without any word says nothing), else the older one; a
    consent itself is never carried from one to the other.
    """
    standings = ledger.standings_of(connection, [one.id, two.id])
    kept, other = _which_stays(one, two, standings, now)
    _carry(connection, kept, other, standings[other.id], now)
    if any(s.at(now).state in _LIVE for s in standings[other.id].purposes.values()):
        gone = _by_us(other, EVERY_PURPOSE, EventType.REVOKED, f"unite:{kept.ref}:{other.ref}:gone", now)
        ledger.append(connection, [(other, gone)], now)
    _end_waiting(connection, other, standings[other.id], now)
    vault.merge(connection, other, kept)
    requests.move(connection, other, kept)
    uniting.move(connection, other.id, kept.id, now)
    return kept


_LIVE = frozenset({State.GRANTED, State.PENDING, State.PAUSED})


def _which_stays(one: Subject, two: Subject, standings: dict[int, Standings], now: datetime) -> tuple[Subject, Subject]:
    def consents(subject: Subject) -> int:
        return sum(s.at(now).granted for s in standings[subject.id].purposes.values())

    older, newer = sorted((one, two), key=lambda subject: subject.id)
    return (newer, older) if consents(newer) > consents(older) else (older, newer)


def _carry(connection: Connection, kept: Subject, other: Subject, theirs: Standings, now: datetime) -> None:
    ours = ledger.standings_of(connection, [kept.id])[kept.id]
    carried = refusals_to_carry(ours, theirs, now)
    drafts = [
        replace(
            _by_us(kept, c.purpose, c.type, f"unite:{kept.ref}:{other.ref}:{c.purpose}", now),
            causes=(c.causes,) if c.causes else (),
        )
        for c in carried
    ]
    ledger.append(connection, [(kept, draft) for draft in drafts], now)
    for draft in drafts:
        _end_purpose(connection, kept, draft.purpose, ours, now)


def _by_us(subject: Subject, purpose: str, type_: EventType, idem: str, now: datetime) -> Draft:
    return Draft(
        subject=subject.ref,
        purpose=purpose,
        type=type_,
        occurred_at=now,
        actor=SYSTEM,
        source="api",
        method="identity",
        idem=idem,
    )


def _end_waiting(connection: Connection, subject: Subject, standings: Standings, now: datetime) -> None:
    _end_purpose(connection, subject, EVERY_PURPOSE, standings, now)


def _end_purpose(connection: Connection, subject: Subject, purpose: str, standings: Standings, now: datetime) -> None:
    purposes = {*WITHOUT_WINDOW, *standings.purposes} if purpose == EVERY_PURPOSE else {purpose}
    outbox.cancel_open(connection, [subject.id], sorted(purposes), "consent_revoked", now)
