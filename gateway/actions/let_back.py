"""Write again to one person who was set aside: blocked by us at Meta (130403), not on WhatsApp, or by a rule.

Trigger: `izin person let-back`.
Reads:   why the person is set aside.
Writes:  that they no longer are, and who decided it and why. Never a consent.
Repeat:  harmless.
"""

from __future__ import annotations

from sqlalchemy import Connection

from consent.vault import Subject
from gateway.actions.hold_sending import Decided, note_decision
from gateway.storage import contacts

LET_BACK = "let_back_by_hand"


def let_back(connection: Connection, subject: Subject, decided: Decided) -> str | None:
    """Why the person was set aside, or None when they were not. If its cause is still there, Meta's next answer sets
    them aside again."""
    reason = contacts.let_back(connection, subject.id)
    if reason is not None:
        note_decision(connection, LET_BACK, subject.ref, decided)
    return reason
