"""Find what a crash left behind: a message released and never settled may or may not have been sent.

Trigger: every ten seconds.
Reads:   messages that have been `sending` for longer than any POST takes.
Writes:  `unsure`: a status webhook that carries our id resolves it; nothing is ever sent again blindly.
Repeat:  harmless.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from gateway.core.message import State
from gateway.storage import messages

CLAIM_AGE_MAX = timedelta(minutes=2)
"""A POST ends within 30 s whatever happens, and is settled within a second; older means a crash."""

RESCUES_MAX = 1_000


def rescue_stuck(connection: Connection, now: datetime, claim_age: timedelta = CLAIM_AGE_MAX) -> int:
    """Returns how many messages became unsure."""
    stuck = messages.in_flight_since(connection, now - claim_age, State.SENDING, RESCUES_MAX)
    return sum(messages.move(connection, known, State.UNSURE, now, reason="outcome_unsure") for known in stuck)
