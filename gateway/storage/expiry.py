"""Messages whose time is over, a bounded batch at a time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from gateway.storage.statements import statement, write

_OF = {False: "campaign_id IS NULL", True: "campaign_id = :campaign"}
_WAITING = {
    one: statement(
        "UPDATE message SET state = 'expired', because = reason, reason = 'expired', ended_at = :now WHERE id IN"  # noqa: S608
        f" (SELECT id FROM message WHERE {of} AND state = 'queued' AND expires_at <= :now"
        " LIMIT :most[[ FOR UPDATE SKIP LOCKED]])"
    )
    for one, of in _OF.items()
}
_AT_META = {
    one: statement(
        "UPDATE message SET state = 'expired', reason = :why, ended_at = :now WHERE id IN"  # noqa: S608
        f" (SELECT id FROM message WHERE {of} AND state IN ('accepted', 'held', 'sent') AND accepted_at < :before"
        " LIMIT :most[[ FOR UPDATE SKIP LOCKED]])"
    )
    for one, of in _OF.items()
}


def expire_waiting(connection: Connection, campaign_id: int | None, now: datetime, most: int) -> int:
    """End queued messages of a campaign (None: of no campaign) that have outlived themselves."""
    values = {"now": now, "most": most}
    one = campaign_id is not None
    return write(connection, _WAITING[one], values | ({"campaign": campaign_id} if one else {}))


def close_at_meta(
    connection: Connection, campaign_id: int | None, before: datetime, reason: str, now: datetime, most: int
) -> int:
    """End messages of a campaign (None: of no campaign) that Meta accepted before a moment and never finished."""
    values = {"now": now, "before": before, "why": reason, "most": most}
    one = campaign_id is not None
    return write(connection, _AT_META[one], values | ({"campaign": campaign_id} if one else {}))
