"""Go through everybody a step at a time: set people aside by a rule, let them back, tag them.

Trigger: `izin people clean`, `izin people tag --segment`.
Reads:   who is in a segment.
Writes:  whether people are set aside, and their tags. Never a consent.
Repeat:  harmless: who is set aside, or tagged, already stays as they are.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from gateway.storage import parking
from gateway.storage.database import Database

Step = Callable[[Connection, tuple[int, int]], int]


def for_everybody(database: Database, step: Step) -> int:
    """Run a step over each span of people's numbers, each in a transaction of its own. Returns the sum of the steps."""
    done, after = 0, 0
    while True:
        with database.read() as connection:
            upto = parking.next_step(connection, after)
        if upto is None:
            return done
        span = (after, upto)
        done += database.run(lambda c, span=span: step(c, span))  # type: ignore[misc]
        after = upto
