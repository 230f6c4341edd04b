"""Find what a crash left behind: a message released and never settled may or may not have been sent.

Trigger: every ten seconds; and a worker that has just become a number's owner, for that number, at once.
Reads:   messages that have been `sending` for longer than any POST takes; later, those still `unsure`; the slips of
         those whose POST had not begun.
Writes:  what had not begun goes back to the queue, as if it had never been released. Everything else becomes
         `unsure`: a status webhook that carries our id resolves it. What no status resolves in time is ended by the
         campaign's policy: never sent again (the default), or again, a few times, where a utility campaign says so.
Repeat:  harmless.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from gateway.core.campaign import OnUnsure, restored
from gateway.core.message import State
from gateway.storage import campaigns, contacts, messages, outbox
from gateway.storage.messages import Known
from gateway.storage.statements import as_number
from gateway.storage.unsent import Slip

CLAIM_AGE_MAX = timedelta(minutes=2)
"""A POST ends within 30 s whatever happens, after seconds at most in the sender's hands; older means a crash."""

log = logging.getLogger(__name__)

RESCUES_MAX = 1_000
POSTS_MAX = 3
"""Where neither answers nor receipts come, each of these may have reached the person; so many, and it is given up."""
OUTCOME_UNSURE = "outcome_unsure"


def rescue_stuck(connection: Connection, now: datetime, claim_age: timedelta = CLAIM_AGE_MAX) -> int:
    """Returns how many messages became unsure.

    The slips do not help here: a number that nobody owns has an owner within five seconds, who reads them, so what is
    left has a living one, in whose hands a message that has not begun to leave may begin at any moment.
    """
    stuck = messages.in_flight_since(connection, now - claim_age, State.SENDING, RESCUES_MAX)
    return _unsure(connection, stuck, now)


@dataclass(frozen=True, slots=True)
class Rescued:
    """How many messages of a number went back to the queue, and how many became unsure."""

    back: int
    unsure: int


def rescue_number(connection: Connection, number_id: str, now: datetime, unsent: Collection[Slip] = ()) -> Rescued:
    """What the number's last owner left `sending`. Only for the owner: nobody else can be sending for it now.

    `unsent` are releases of which nothing left: (message id, moment of the release in microseconds).
    """
    stuck = messages.sending_on(connection, number_id)
    back = [known for known in stuck if known.claimed_at and (known.id, as_number(known.claimed_at)) in unsent]
    outbox.take_back(connection, [(known.id, now, None) for known in back])
    contacts.recount(connection, [known.subject_id for known in back if known.purpose == "marketing"])
    kept = {known.id for known in back}
    return Rescued(len(back), _unsure(connection, [known for known in stuck if known.id not in kept], now))


def _unsure(connection: Connection, stuck: Sequence[Known], now: datetime) -> int:
    for known in stuck:
        told = {"message_id": known.id, "campaign_id": known.campaign_id, "number_id": known.number_id}
        log.info("a message was left without an answer and is unsure", extra=told)
    return sum(messages.move(connection, known, State.UNSURE, now, reason=OUTCOME_UNSURE) for known in stuck)


def end_unsure(connection: Connection, now: datetime, unsure_after: timedelta) -> int:
    """End what has stayed unsure for too long. Returns how many messages were ended or queued again."""
    waiting = messages.unsure_since(connection, now - unsure_after, RESCUES_MAX)
    again = _may_go_twice(connection, waiting)
    for known in waiting:
        if known.id in again:
            outbox.requeue(connection, known.id, now, OUTCOME_UNSURE)
    messages.end_as_unsure(connection, [known.id for known in waiting if known.id not in again], OUTCOME_UNSURE, now)
    contacts.recount(connection, [known.subject_id for known in waiting if known.id in again])
    return len(waiting)


def _may_go_twice(connection: Connection, waiting: Sequence[Known]) -> set[int]:
    mine = {known.campaign_id for known in waiting if known.campaign_id and known.purpose == "utility"}
    plans = {i: restored(c.plan) for i, c in campaigns.by_ids(connection, sorted(mine)).items()} if mine else {}
    twice = {i for i, plan in plans.items() if plan.on_unsure is OnUnsure.AT_LEAST_ONCE}
    return {known.id for known in waiting if _is_worth_another(known) and known.campaign_id in twice}


def _is_worth_another(known: Known) -> bool:
    return known.purpose == "utility" and known.attempts < POSTS_MAX
