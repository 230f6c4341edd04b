"""Look at once at messages that waited for a hold which is gone, however it went: by webhook, by time or by hand.

Trigger: every second.
Reads:   the holds in force, compared with those of the last look.
Writes:  messages that a hold had put off fall due now. Most held messages were never claimed and need no waking.
Repeat:  harmless.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from gateway.actions.weigh_messages import HELD_BECAUSE
from gateway.core.campaign import CampaignState
from gateway.core.failure import Scope
from gateway.storage import campaigns, outbox, templates

WOKEN = sorted({reason.value for scope, reason in HELD_BECAUSE.items() if scope is not Scope.CAMPAIGN})
SENDING = [CampaignState.LAUNCHING.value, CampaignState.RUNNING.value]


@dataclass(slots=True)
class HoldWatch:
    """One process's memory of the holds. The first look counts as one after a change: we may have been away."""

    _seen: frozenset[tuple[str, str]] | None = field(default=None)

    def look(self, connection: Connection, now: datetime) -> int:
        """Returns how many messages were woken."""
        here = frozenset((hold.scope.value, hold.target) for hold in templates.holds(connection, now))
        before, self._seen = self._seen, here
        if before is not None and before <= here:
            return 0
        woken = outbox.wake(connection, None, now, WOKEN)
        return woken + sum(outbox.wake(connection, c.id, now, WOKEN) for c in campaigns.due(connection, SENDING, now))
