"""Write what came of POSTs, a batch at a time.

Trigger: the sender, a few times a second.
Reads:   the messages whose answer was not an acceptance, as they stand.
Writes:  accepted, failed, unsure, refused or queued again; receipts that came before the answer are applied then;
         a refusal in the ledger where Meta answers that the person has stopped marketing.
Repeat:  harmless: a message that has moved on is left alone.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from gateway.actions.apply_statuses import catch_up
from gateway.actions.record_consent import record_refusal_in_answer
from gateway.actions.settle_failure import settle_failure
from gateway.core.failure import meaning
from gateway.core.message import IN_FLIGHT, Outgoing, State
from gateway.storage import contacts, messages, outbox
from gateway.storage.messages import Known
from gateway.storage.outbox import Ending
from gateway.whatsapp.failures import failure_of
from gateway.whatsapp.messenger import Accepted, Failed, Outcome, Unsure


@dataclass(frozen=True, slots=True)
class Stopped:
    """The person's standing changed after the release: the message did not leave."""


@dataclass(frozen=True, slots=True)
class NotYet:
    """Released and not sent after all: back to the queue until a moment, as if it had not been released."""

    until: datetime
    reason: str | None = None


log = logging.getLogger(__name__)

Settled = tuple[Outgoing, Outcome | Stopped | NotYet]


def settle(connection: Connection, batch: Sequence[Settled], now: datetime) -> None:
    others = {o.message_id: (o, a) for o, a in batch if not isinstance(a, Accepted)}
    known = messages.by_ids(connection, sorted(others)) if others else {}
    accepted = [(o.message_id, a.whatsapp_id, a.state) for o, a in batch if isinstance(a, Accepted)]
    outbox.accept(connection, sorted(accepted), now)
    catch_up(connection, [wamid for _, wamid, _ in accepted], now)
    met = [(found, *others[found.id]) for found in known.values()]
    # A receipt may have told more than our answer does: then the message is no longer in flight.
    here = [(found, o, a) for found, o, a in met if found.state in IN_FLIGHT and found.attempts == o.attempt]
    for found, _, answer in here:  # before anything locks people (docs/decisions/004-lock-order.md)
        if isinstance(answer, Failed) and meaning(answer.code).is_opt_out:
            record_refusal_in_answer(connection, found, answer.code, now)
    _undo(connection, ((found, a) for found, _, a in here))
    for found, outgoing, answer in here:
        _settle_one(connection, found, outgoing, answer, now)


def _undo(connection: Connection, met: Iterable[tuple[Known, Outcome | Stopped | NotYet]]) -> None:
    back = {found.id: (found, a) for found, a in met if isinstance(a, NotYet)}
    outbox.take_back(connection, [(row, a.until, a.reason) for row, (_, a) in back.items()])
    contacts.recount(connection, [found.subject_id for found, _ in back.values() if found.purpose == "marketing"])


def _settle_one(
    connection: Connection, known: Known, outgoing: Outgoing, answer: Outcome | Stopped | NotYet, now: datetime
) -> None:
    match answer:
        case Failed():
            failure = failure_of(answer, marketing_endpoint=outgoing.marketing_endpoint is not None)
            settle_failure(connection, known, failure, answer.code, now, random.random(), answer.regain)
        case Unsure(why=why):
            told = {"message_id": known.id, "campaign_id": known.campaign_id, "number_id": known.number_id}
            log.info("nobody knows whether Meta has it", extra=told | {"reason": why})
            messages.move(connection, known, State.UNSURE, now, reason=why)
        case Stopped():
            outbox.end(connection, [Ending(known.id, State.REFUSED, "stopped_meanwhile")], now)
            contacts.recount(connection, [known.subject_id])
