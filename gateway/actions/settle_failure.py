"""Draw the consequence of a failure, once, wherever it was reported.

Trigger: an error in Meta's answer, a `failed` status webhook, or our own word that nothing was sent.
Reads:   the message as it stands.
Writes:  the message's next state; the person's rest or block; a hold on what the failure concerns; its count.
Repeat:  harmless: a message that has moved on is left alone.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import Connection

from gateway.core.failure import Fail, Failure, Hold, Retry, Scope, Unsure, consequence
from gateway.core.message import State
from gateway.storage import contacts, failure_counts, messages, outbox, recipients, templates
from gateway.storage.messages import Known
from gateway.storage.outbox import Ending
from gateway.whatsapp.failures import CODE_MISSING

log = logging.getLogger(__name__)


def settle_failure(
    connection: Connection,
    known: Known,
    failure: Failure,
    code: int | None,
    now: datetime,
    dice: float,
    regain: timedelta | None = None,
) -> None:
    """`regain` is for how long Meta says that access is lost."""
    told = {"message_id": known.id, "campaign_id": known.campaign_id, "number_id": known.number_id, "code": code}
    log.log(logging.WARNING if failure.alerts else logging.DEBUG, "Meta refused: %s", failure.name, extra=told)
    failure_counts.count(connection, known.number_id, CODE_MISSING if code is None else code, failure.name, now)
    match consequence(failure, known.attempts, now, known.expires_at, dice, regain):
        case Retry(at, rest_until):
            outbox.requeue(connection, known.id, at, failure.name, code)
            if rest_until is not None:
                contacts.cool(connection, known.subject_id, rest_until)
        case Fail() as end:
            _fail(connection, known, end, code, now)
        case Hold() as hold:
            _hold(connection, known, hold, code, now)
        case Unsure():
            messages.move(connection, known, State.UNSURE, now, reason=failure.name, code=code)
    if known.purpose == "marketing":
        contacts.recount(connection, [known.subject_id])


def _fail(connection: Connection, known: Known, end: Fail, code: int | None, now: datetime) -> None:
    outbox.end(connection, [Ending(known.id, State.FAILED, end.reason, code=code)], now)
    if end.rest_until is not None:
        contacts.cool(connection, known.subject_id, end.rest_until)
    if end.suspect_address:
        contacts.could_not_be_reached(connection, known.subject_id)
    if end.suppress and not end.is_opt_out:
        contacts.block(connection, known.subject_id, end.reason)


def _hold(connection: Connection, known: Known, hold: Hold, code: int | None, now: datetime) -> None:
    for target in _targets(connection, known, hold.scope):
        if hold.until is None or not templates.is_held_beyond(connection, hold.scope, target, hold.until):
            templates.hold(connection, hold.scope, target, hold.reason, now, hold.until)
    if hold.requeue:
        # Due at once: the hold keeps it back, and it may be lifted before its time.
        outbox.requeue(connection, known.id, now, hold.reason, code)
    else:
        outbox.end(connection, [Ending(known.id, State.FAILED, hold.reason, code=code)], now)


def _targets(connection: Connection, known: Known, scope: Scope) -> list[str]:
    """What exactly a hold of this scope stops when this message met it."""
    match scope:
        case Scope.CAMPAIGN if known.campaign_id is not None:
            return [str(known.campaign_id)]
        case Scope.TEMPLATE | Scope.CAMPAIGN:
            return [known.template or ""]
        case Scope.NUMBER:
            return [known.number_id]
        case Scope.COUNTRY:
            # A calling code may be that of several countries, and Meta does not say which one it meant.
            return sorted(recipients.people(connection, [known.subject_id])[known.subject_id].regions)
        case _:
            return [templates.EVERYTHING]
