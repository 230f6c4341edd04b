"""Erase a person: everything that names them goes; the refusal, the chain and what was sent when remain.

Trigger: `izin person erase`, the retention job, and `izin person replay-erasures` after a restore.
Reads:   the vault, the suppression key.
Writes:  the erasure journal first; then `erased` in the ledger, keyed digests of the addresses; identifiers, evidence,
         questions and the person's row are deleted, messages stripped, raw webhook bodies that mention them discarded.
Repeat:  harmless: who is erased stays erased.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from consent import ledger, requests, vault
from consent.events import EVERY_PURPOSE, SYSTEM, Actor, ActorKind, Draft, EventType
from consent.suppression import SuppressionKeys
from consent.vault import Identifier, IdentifierKind, Subject
from gateway.settings import Settings
from gateway.storage import contacts, journal, outbox, traces
from gateway.storage.database import Database
from gateway.storage.inbox import Inbox

ON_REQUEST, BY_RETENTION, BY_REPLAY = "request", "retention", "replay"
PURPOSES = ("marketing", "utility", "authentication", "service")
REFUSED_UNDER = frozenset({IdentifierKind.PHONE, IdentifierKind.BSUID, IdentifierKind.PARENT_BSUID})


class CannotErase(Exception):
    """Something is missing without which erasing would break a promise; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What went. `bodies` are raw webhook bodies, each of which may have spoken of other people too."""

    ref: str
    identifiers: int
    messages: int
    bodies: int = 0


def suppression_keys(settings: Settings) -> SuppressionKeys:
    """Raises CannotErase without a key: the number could be imported back the next day."""
    keys = SuppressionKeys.read(settings.suppression_key)
    if not keys:
        raise CannotErase(
            "Erasing needs the suppression key, under which the number stays refused. Make one with "
            "`izin ledger key new FILE --suppression` and name the file in IZIN_SUPPRESSION_KEY_FILE."
        )
    return keys


def erase_person(
    database: Database,
    inbox: Inbox,
    subject: Subject,
    settings: Settings,
    now: datetime,
    *,
    actor: Actor = SYSTEM,
    method: str = ON_REQUEST,
    keep_refusal: bool = True,
) -> Erased:
    """Erase one person and everybody who was merged into them. Raises CannotErase, and OSError for the journal."""
    keys = suppression_keys(settings)
    with database.read() as connection:
        subjects = vault.whole(connection, subject)
        identifiers = _identifiers(connection, subjects)
    journal.note(settings.journal, [one.ref for one in subjects], now)

    def erase(connection: Connection) -> Erased:
        traces.overwrite_what_goes(connection)
        drafts = [(one, _draft(one, now, actor, method)) for one in subjects]
        ledger.append(connection, drafts, now)
        if keep_refusal:
            vault.suppress(connection, keys, [i.value for i in identifiers if i.kind in REFUSED_UNDER], now)
        return _remove(connection, subjects, identifiers, now)

    erased = database.run(erase)
    bodies = _discard_bodies(inbox, identifiers)
    _empty_logs(database, inbox)
    return Erased(erased.ref, erased.identifiers, erased.messages, bodies)


def _identifiers(connection: Connection, subjects: Sequence[Subject]) -> list[Identifier]:
    found = vault.identifiers_of(connection, [one.id for one in subjects])
    return [identifier for one in subjects for identifier in found.get(one.id, ())]


def _draft(subject: Subject, now: datetime, actor: Actor, method: str) -> Draft:
    return Draft(
        subject=subject.ref,
        purpose=EVERY_PURPOSE,
        type=EventType.ERASED,
        occurred_at=now,
        actor=actor,
        source="admin",
        method=method,
        idem=f"erased:{subject.ref}:{now.isoformat()}",
    )


def _remove(
    connection: Connection, subjects: Sequence[Subject], identifiers: Sequence[Identifier], now: datetime
) -> Erased:
    ids = [one.id for one in subjects]
    # Custom purposes are named by the ledger only, so every open message ends, whatever it is for.
    outbox.cancel_open(connection, ids, [*PURPOSES, *_custom_purposes(connection, ids)], "erased", now)
    traces.discard_receipts(connection, traces.wamids_of(connection, ids), addresses_in(identifiers))
    stripped = traces.strip(connection, ids)
    for one in subjects:
        contacts.forget(connection, one.id)
        requests.forget(connection, one)
        vault.forget(connection, one, now)
    return Erased(subjects[0].ref, len(identifiers), stripped)


def _custom_purposes(connection: Connection, ids: Sequence[int]) -> list[str]:
    standings = ledger.standings_of(connection, ids)
    return sorted({purpose for one in standings.values() for purpose in one.purposes} - set(PURPOSES))


def addresses_in(identifiers: Sequence[Identifier]) -> list[str]:
    """The addresses as webhooks write them: numbers without their plus."""
    return sorted({i.value.removeprefix("+") for i in identifiers})


def _discard_bodies(inbox: Inbox, identifiers: Sequence[Identifier]) -> int:
    def discard(connection: Connection) -> int:
        traces.overwrite_what_goes(connection)
        return traces.discard_bodies(connection, addresses_in(identifiers))

    return inbox.database.run(discard)


def _empty_logs(database: Database, inbox: Inbox) -> None:
    for one in {id(d): d for d in (database, inbox.database)}.values():
        if one.is_sqlite:
            with one.engine.connect() as connection:
                traces.empty_the_log(connection)


def replay_erasures(database: Database, inbox: Inbox, settings: Settings, now: datetime) -> list[Erased]:
    """Erase again whom the journal names and an old backup has brought back. Raises CannotErase, OSError."""
    back: list[Subject] = []
    with database.read() as connection:
        for ref in journal.references(settings.journal):
            subject = vault.subject_by_ref(connection, ref)
            if subject is not None and not ledger.standings_of(connection, [subject.id])[subject.id].erased:
                back.append(subject)
    return [erase_person(database, inbox, one, settings, now, method=BY_REPLAY) for one in dict.fromkeys(back)]


def operator_actor(name: str) -> Actor:
    return Actor(ActorKind.OPERATOR, name)
