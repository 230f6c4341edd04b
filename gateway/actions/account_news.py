"""Take in what Meta says of the account and its numbers: each thing once, and never an older word over a newer one.

Trigger: draining the inbox.
Reads:   what has been heard before, and the holds in force.
Writes:  incidents, for people to see; holds and their lifting; a number's pace and quality; the daily limit on people.
Repeat:  harmless: every piece of news is known by its digest, and what a later one has overtaken changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from gateway.core.failure import FAILURES, Failure, Reaction, Scope, meaning
from gateway.storage import incidents, templates
from gateway.storage.incidents import Incident, Severity
from gateway.storage.templates import EVERYTHING
from gateway.whatsapp.payload import (
    AccountAlert,
    AccountReview,
    AccountUpdate,
    BusinessCapability,
    DailyLimit,
    Item,
    NumberName,
    NumberQuality,
    OutOfBandError,
    Restriction,
    Security,
)

UPGRADED_THROUGHPUT = 1000
"""Messages a second after Meta's automatic upgrade (whatsapp-cloud-api.md 2.1)."""

UNREADABLE_RESTRICTION = timedelta(days=1)
HARMLESS_RESTRICTIONS = frozenset({"RESTRICTED_ADD_PHONE_NUMBER_ACTION"})
"""Restrictions that do not concern sending."""

NAME_UNAPPROVED = FAILURES[131037].name
GONE = frozenset({"ACCOUNT_DELETED", "ACCOUNT_OFFBOARDED"})
SLOWED_FOR = timedelta(seconds=10)
"""How long a number rests after an error that says "too fast" and belongs to no message of ours."""

QUALITY_OF_EVENT = {"FLAGGED": "RED", "UNFLAGGED": "GREEN"}


def apply_account_news(connection: Connection, item: Item, now: datetime) -> None:
    """Nothing for an item of another kind."""
    match item:
        case NumberQuality():
            _hear(connection, item, item.at, _quality_incident(item), now, lambda: _quality(connection, item, now))
        case BusinessCapability():
            told = item.daily_limit.raw if item.daily_limit else None
            note = _incident("capability", Severity.NOTE, None, told)
            _hear(connection, item, item.at, note, now, lambda: _daily_limit(connection, item.daily_limit, now))
        case AccountUpdate():
            _hear(connection, item, item.at, _account_incident(item), now, lambda: _account(connection, item, now))
        case NumberName():
            _hear(connection, item, item.at, _name_incident(item), now, lambda: _name(connection, item, now))
        case OutOfBandError():
            _error(connection, item, now)
        case _ if (told_of := _only_told(item)) is not None:
            _hear(connection, item, item.origin.sent_at, told_of, now, lambda: None)


_LEVELS = {Severity.NOTE: logging.INFO, Severity.WARNING: logging.WARNING, Severity.CRITICAL: logging.ERROR}
log = logging.getLogger(__name__)

Draft = Callable[[datetime], Incident]


def _incident(kind: str, severity: Severity, about: str | None, *words: str | None) -> Draft:
    detail = "; ".join(word for word in words if word) or None
    return lambda at: Incident(kind=kind, severity=severity, about=about, detail=detail, at=at)


def _hear(
    connection: Connection, item: Item, at: datetime | None, draft: Draft, now: datetime, act: Callable[[], None]
) -> None:
    """Keep the news; act on it when it is new and nothing later of its kind has been heard."""
    incident = draft(at or now)
    key = incidents.digest_of(incident.kind, item.raw, incident.at)
    if is_new := incidents.record(connection, key, incident):
        log.log(_LEVELS[incident.severity], "Meta told of the account: %s", incident.kind)
    if is_new and not incidents.is_overtaken(connection, incident):
        act()


def _only_told(item: Item) -> Draft | None:
    """News that changes nothing in what may be sent, and that people should see."""
    match item:
        case AccountAlert():
            severity = {"CRITICAL": Severity.CRITICAL, "WARNING": Severity.WARNING}.get((item.severity or "").upper())
            return _incident("account_alert", severity or Severity.NOTE, item.entity_id, item.kind, item.description)
        case Security():
            return _incident("security", Severity.WARNING, item.display_number, item.event)
        case AccountReview():
            severity = Severity.NOTE if item.decision == "APPROVED" else Severity.CRITICAL
            return _incident("account_review", severity, item.waba_id, item.decision)
    return None


def _quality_incident(item: NumberQuality) -> Draft:
    severity = Severity.WARNING if item.event in ("FLAGGED", "DOWNGRADE") else Severity.NOTE
    limit = item.daily_limit.raw if item.daily_limit else None
    kind = "throughput" if item.is_throughput_upgrade else "number_quality"
    return _incident(kind, severity, item.display_number, item.event, limit)


def _quality(connection: Connection, item: NumberQuality, now: datetime) -> None:
    _daily_limit(connection, item.daily_limit, now)
    if item.display_number and item.is_throughput_upgrade:
        templates.set_number(connection, item.display_number, now, throughput=UPGRADED_THROUGHPUT)
    if item.display_number and (quality := QUALITY_OF_EVENT.get(item.event or "")):
        templates.set_number(connection, item.display_number, now, quality=quality)


def _name_incident(item: NumberName) -> Draft:
    severity = Severity.NOTE if item.decision == "APPROVED" else Severity.WARNING
    return _incident("number_name", severity, item.display_number, item.decision, item.rejection)


def _name(connection: Connection, item: NumberName, now: datetime) -> None:
    """A number that waited for its name goes on; one that is held for anything else does not."""
    if item.decision != "APPROVED" or item.display_number is None:
        return
    mine = templates.named(connection, item.display_number)
    for hold in templates.holds(connection, now):
        if (hold.scope, hold.reason) == (Scope.NUMBER, NAME_UNAPPROVED) and hold.target in mine:
            templates.lift(connection, hold.scope, hold.target)


def _daily_limit(connection: Connection, limit: DailyLimit | None, now: datetime) -> None:
    """A limit that cannot be read changes nothing: the one we know is the safer guess."""
    if limit is not None and (limit.is_unlimited or limit.people is not None):
        templates.set_people_per_day(connection, limit.people, now)


def _account_incident(item: AccountUpdate) -> Draft:
    kinds = ", ".join(restriction.kind for restriction in item.restrictions)
    grave = item.ban_state in ("DISABLE", "SCHEDULE_FOR_DISABLE") or item.event in GONE or bool(item.restrictions)
    severity = Severity.CRITICAL if grave else Severity.WARNING if item.violation else Severity.NOTE
    about = item.concerns_waba_id or item.waba_id
    kind = "account" if item.ban_state or item.event in GONE or item.restrictions else "account_note"
    return _incident(kind, severity, about, item.event, item.violation, item.ban_state, item.ban_date, kinds)


def _account(connection: Connection, item: AccountUpdate, now: datetime) -> None:
    if item.ban_state == "REINSTATE":
        templates.lift(connection, Scope.ACCOUNT, EVERYTHING)
        templates.lift(connection, Scope.UTILITY, EVERYTHING)
    elif item.ban_state == "DISABLE" or item.event in GONE:
        templates.hold(connection, Scope.ACCOUNT, EVERYTHING, "account_disabled", now)
    for restriction in item.restrictions:
        _restrict(connection, restriction, now)


def _restrict(connection: Connection, restriction: Restriction, now: datetime) -> None:
    until = restriction.expires_at or now + UNREADABLE_RESTRICTION
    if restriction.kind in HARMLESS_RESTRICTIONS or until <= now:
        return
    scope = Scope.UTILITY if "UTILITY" in restriction.kind else Scope.ACCOUNT
    templates.hold(connection, scope, EVERYTHING, restriction.kind.lower(), now, until)


def _error(connection: Connection, item: OutOfBandError, now: datetime) -> None:
    """An error that no message of ours caused: it may concern the number or the whole account."""
    code = item.error.code
    failure = meaning(code) if code is not None else None
    severity = Severity.CRITICAL if failure is not None and failure.reaction is Reaction.HOLD else Severity.WARNING
    told = _incident("error", severity, item.number_id, f"{code or ''} {item.error.title or ''}".strip())(now)
    incidents.record(connection, incidents.digest_of("error", item.raw, now), told)
    if failure is not None and (failure.slows or failure.reaction is Reaction.HOLD):
        _rest(connection, failure, item.number_id, now)


def _rest(connection: Connection, failure: Failure, number_id: str | None, now: datetime) -> None:
    """What holds a campaign or template when a message meets it has neither here: people see the incident."""
    whole = failure.scope in (Scope.ACCOUNT, Scope.EVERYTHING)
    scope = failure.scope if whole and failure.scope is not None else Scope.NUMBER
    target = EVERYTHING if whole else number_id
    concerns = failure.slows or failure.scope is scope
    if target is None or not concerns or _is_held(connection, scope, target, now):
        return
    lasts = SLOWED_FOR if failure.slows else failure.hold_for
    templates.hold(connection, scope, target, failure.name, now, None if lasts is None else now + lasts)


def _is_held(connection: Connection, scope: Scope, target: str, now: datetime) -> bool:
    return any((hold.scope, hold.target) == (scope, target) for hold in templates.holds(connection, now))
