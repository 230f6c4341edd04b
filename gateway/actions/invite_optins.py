"""Make an invitation: a code that people send us themselves, from a shop's poster, a form, a partner, or one by one.

Trigger: `izin optins invite`.
Reads:   the consent text in force, the sending number; for one person, where they stand.
Writes:  the request with the digest of its code; `requested` for one known person. What a poster brings is recorded
         when somebody takes it up: then `requested` and `confirmed` carry the invitation's source.
Repeat:  each invitation has a code of its own.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from consent import ledger, optin, requests, vault
from consent.address import Address, region_of, zones_of
from consent.events import PROVEN_BY_HAND, Actor, ActorKind, Draft, EventType
from consent.moves import PREFERENCE
from consent.optin import MayNotAsk, Mode, Request
from consent.standing import PLATFORM_STOPS
from consent.texts import ConsentText
from consent.vault import Subject, identifier_of
from gateway.storage import contacts, templates
from gateway.storage.contacts import NewPerson

RESERVED = PROVEN_BY_HAND | PLATFORM_STOPS | {PREFERENCE, "import", "iys", "admin", "api", "wa_inbound", "wa_button"}
"""Sources that say how an event came about; an invitation by such a name would claim another kind of proof."""

POSTER_LIFETIME = timedelta(days=90)

_SOURCE = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


class CannotInvite(Exception):
    """No invitation can be made as things are; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """What is shown. `code` is shown here once and kept nowhere."""

    code: str
    link: str
    number: str | None
    text: ConsentText
    request: Request

    @property
    def words(self) -> str:
        """What a person types, or finds typed in."""
        return f"{optin.CONFIRM_WORD} {self.code}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the invitation is for. `person` binds it to one address; without, `reusable` lets many take it up.

    A `mode` of WEB_LINK makes a page of ours on which one person says yes or no; the link goes to them by other means.
    """

    source: str
    purpose: str = "marketing"
    reusable: bool = True
    lifetime: timedelta = POSTER_LIFETIME
    person: Address | None = None
    they_asked: bool = False
    mode: Mode = Mode.INBOUND_CODE


def invite(
    connection: Connection, wanted: Wanted, text: ConsentText, where: str, now: datetime, operator: str
) -> Invitation:
    """`where` is our number, or for a web link our public address. Raises CannotInvite."""
    on_page = wanted.mode is Mode.WEB_LINK
    if on_page and (wanted.person is None or not where):
        raise CannotInvite("A link to a page needs the person whom it is for, and IZIN_PUBLIC_URL.")
    if not _SOURCE.fullmatch(wanted.source):
        raise CannotInvite(
            f"{wanted.source!r} cannot name a source; use small letters, digits, - and _, such as shop-1."
        )
    if wanted.source in RESERVED:
        raise CannotInvite(f"{wanted.source} means something else in the ledger; call the source by its place or name.")
    if not text.covers(wanted.purpose):
        raise CannotInvite(f"The text {text.id} {text.version} is not for {wanted.purpose}.")
    subject = _subject(connection, wanted, now) if wanted.person else None
    try:
        request, code = optin.ask(
            token=secrets.token_bytes(optin.TOKEN_BYTES),
            subject=subject.ref if subject else None,
            purpose=wanted.purpose,
            text=text.ref,
            mode=wanted.mode,
            source=wanted.source,
            now=now,
            lifetime=wanted.lifetime,
            reusable=wanted.reusable and subject is None,
        )
        link = f"{where}/optin/{code}" if on_page else optin.wa_me_link(where, code)
    except ValueError as problem:
        raise CannotInvite(f"{problem}.") from None
    event_id = _note_request(connection, subject, request, now, operator) if subject else None
    requests.keep(connection, subject, wanted.purpose, request, event_id)
    return Invitation(code, link, None if on_page else where, text, request)


def _subject(connection: Connection, wanted: Wanted, now: datetime) -> Subject:
    assert wanted.person is not None
    identifier = identifier_of(wanted.person)
    subject = vault.meet(connection, [identifier], now)[identifier]
    standings = ledger.standings_of(connection, [subject.id])[subject.id]
    may = optin.may_request(standings, wanted.purpose, now, mode=Mode.INBOUND_CODE, person_initiated=wanted.they_asked)
    if isinstance(may, MayNotAsk):
        raise CannotInvite(may.sentence())
    person = NewPerson(
        subject_id=subject.id, zones=zones_of(wanted.person), region=region_of(wanted.person), source=wanted.source
    )
    contacts.ensure(connection, [person], now)
    return subject


def _note_request(connection: Connection, subject: Subject, request: Request, now: datetime, operator: str) -> str:
    # Meta tells answers in whole seconds: none may seem older than its question.
    asked_at = now.replace(microsecond=0)
    draft = Draft(
        subject=subject.ref,
        purpose=request.purpose,
        type=EventType.REQUESTED,
        occurred_at=asked_at,
        actor=Actor(ActorKind.OPERATOR, operator),
        source=request.source,
        method=request.mode.value,
        idem=f"request:{request.digest[:32]}",
        text=request.text,
        expires_at=request.expires_at,
    )
    return ledger.append(connection, [(subject, draft)], now)[0].event_id


def text_in_force(
    texts: Sequence[ConsentText], text_id: str, locale: str, now: datetime, version: str | None = None
) -> ConsentText:
    """The newest version of a text that may be shown today, in this language. Raises CannotInvite."""
    mine = [t for t in texts if t.id == text_id and t.locale.partition("-")[0].partition("_")[0] == locale]
    fit = [t for t in mine if t.valid_from <= now.date() and version in (None, t.version)]
    if not fit:
        raise CannotInvite(
            f"There is no consent text “{text_id}” in {locale} that is valid today; add one with `izin texts add`."
        )
    return max(fit, key=lambda t: (t.valid_from, t.version))


def our_number(connection: Connection, wanted: str | None = None) -> str:
    """The number that people write to, as +digits: the one asked for, or the first that sends. Raises CannotInvite."""
    known = ["+" + "".join(filter(str.isdigit, n.display)) for n in templates.numbers(connection) if n.display]
    if wanted is not None:
        digits = "+" + "".join(filter(str.isdigit, wanted))
        if digits not in known:
            raise CannotInvite(f"{wanted} is not one of our numbers: {', '.join(known) or 'none is known yet'}.")
        return digits
    if not known:
        raise CannotInvite("No sending number is known; set IZIN_PHONE_NUMBER_IDS and run `izin templates sync`.")
    return known[0]
