"""Stop sending by hand, or let it go on: a number, a template, a country, the account or everything.

Trigger: `izin holds set|lift` and `izin numbers hold|lift`.
Reads:   campaigns that waited for a campaign's hold.
Writes:  the hold, or its end; an incident that says who did it and why; messages that waited fall due.
Repeat:  harmless.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from gateway.core.failure import Scope
from gateway.storage import incidents, outbox, templates
from gateway.storage.incidents import Incident, Severity
from gateway.storage.templates import EVERYTHING, HELD_BY_HAND

LIFTED_BY_HAND = "lifted_by_hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """Who decided, why and when. `why` is an operator's sentence: it is shown on the overview."""

    who: str
    why: str
    at: datetime


def hold_sending(
    connection: Connection, scope: Scope, target: str, decided: Decided, until: datetime | None = None
) -> None:
    """Whatever held it before is replaced: only a person lifts this, or its end."""
    templates.hold(connection, scope, target, HELD_BY_HAND, decided.at, until)
    note_decision(connection, HELD_BY_HAND, place(scope, target), decided)


def lift_hold(connection: Connection, scope: Scope, target: str, decided: Decided) -> bool:
    """Whether there was anything to lift. If its cause is still there, the next error holds it again."""
    if not templates.lift(connection, scope, target, by_hand=True):
        return False
    if scope is Scope.CAMPAIGN:
        # wake_held wakes what waited for any other kind of hold within a second.
        outbox.wake(connection, int(target), decided.at)
    note_decision(connection, LIFTED_BY_HAND, place(scope, target), decided)
    return True


def note_decision(connection: Connection, kind: str, about: str, decided: Decided) -> None:
    """For people to see beside what Meta said."""
    note = Incident(
        kind=kind, severity=Severity.NOTE, about=about, detail=f"{decided.why} ({decided.who})", at=decided.at
    )
    incidents.record(connection, incidents.digest_of(kind, [about, decided.why], decided.at), note)


def place(scope: Scope, target: str) -> str:
    return scope.value if target == EVERYTHING else f"{scope.value} {target}"
