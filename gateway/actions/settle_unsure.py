"""Settle a message of unknown outcome by hand, when an operator has found out what became of it.

Trigger: `izin outbox settle`.
Reads:   the message and its campaign.
Writes:  `sent`, or back to the queue, where the next release decides anew and writes the ledger event that allows it;
         an incident that says who settled it and why.
Repeat:  harmless: only a message that is still unsure is touched, and a receipt that comes after all still counts.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection

from gateway.actions.hold_sending import Decided, note_decision
from gateway.core.campaign import CampaignState
from gateway.storage import campaigns, contacts, unsure
from gateway.storage.unsure import UnsureMessage

SETTLED_BY_HAND = "settled_by_hand"
SENT_BY_HAND, NOT_SENT_BY_HAND = "sent_by_hand", "not_sent_by_hand"
SENDING = frozenset({CampaignState.LAUNCHING.value, CampaignState.RUNNING.value, CampaignState.PAUSED.value})


class Verdict(StrEnum):
    SENT = "sent"
    NOT_SENT = "not-sent"


class Refused(StrEnum):
    """Why nothing was settled."""

    NOT_UNSURE = "not_unsure"
    TOO_EARLY = "too_early"  # a receipt may still come, and a second message could not be taken back
    TOO_LATE = "too_late"  # it has expired, or its campaign has ended: nothing sends it again


def settle_unsure(
    connection: Connection, message_id: int, verdict: Verdict, unsure_after: timedelta, decided: Decided
) -> Refused | None:
    """None when it is settled."""
    found = unsure.by_id(connection, message_id)
    if found is None:
        return Refused.NOT_UNSURE
    if verdict is Verdict.SENT:
        unsure.settle_as_sent(connection, found, SENT_BY_HAND, decided.at)
    elif problem := _cannot_go_again(connection, found, unsure_after, decided.at):
        return problem
    else:
        unsure.queue_again(connection, found, NOT_SENT_BY_HAND, decided.at)
        if found.purpose == "marketing":
            contacts.recount(connection, [found.subject_id])
    note_decision(connection, SETTLED_BY_HAND, f"message {message_id}: {verdict.value}", decided)
    return None


def _cannot_go_again(
    connection: Connection, found: UnsureMessage, unsure_after: timedelta, now: datetime
) -> Refused | None:
    if now < found.claimed_at + unsure_after:
        return Refused.TOO_EARLY
    campaign = None if found.campaign_id is None else campaigns.by_id(connection, found.campaign_id, lock=True)
    is_over = campaign is not None and campaign.state not in SENDING
    return Refused.TOO_LATE if is_over or found.expires_at <= now else None
