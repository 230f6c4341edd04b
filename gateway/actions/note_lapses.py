"""Write down that a request went unanswered. The deadline itself decides; this is for whoever reads the ledger.

Trigger: every minute.
Reads:   requests whose deadline has come and that nobody answered.
Writes:  `request_expired` in the ledger.
Repeat:  harmless, by key lapse:<request event>.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from consent import ledger, requests, vault
from consent.events import SYSTEM, Draft, EventType

LAPSES_MAX = 1_000


def note_lapses(connection: Connection, now: datetime) -> int:
    """Returns how many were noted."""
    lapsed = requests.lapsed(connection, now, LAPSES_MAX)
    subjects = vault.subjects_by_id(connection, [subject_id for _, subject_id in lapsed])
    drafts = [
        (
            subjects[subject_id],
            Draft(
                subject=subjects[subject_id].ref,
                purpose=kept.request.purpose,
                type=EventType.REQUEST_EXPIRED,
                occurred_at=kept.request.expires_at,
                actor=SYSTEM,
                source="api",
                method="deadline",
                idem=f"lapse:{kept.event_id}",
                text=kept.request.text,
                causes=(kept.event_id,) if kept.event_id else (),
            ),
        )
        for kept, subject_id in lapsed
    ]
    ledger.append(connection, drafts, now)
    requests.close(connection, [kept.id for kept, _ in lapsed], now)
    return len(drafts)
