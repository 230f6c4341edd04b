"""Who sends for each number, how fast, and how much Meta has taken: what a worker reports of itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, select
from sqlalchemy.dialects import postgresql, sqlite

from consent.tables import table_of
from gateway.storage.sending_tables import SenderRow

NOBODY = ""
ALIVE_WITHIN = timedelta(seconds=30)
"""A report comes every five seconds; a worker that has not reported for this long is gone."""

_sender = table_of(SenderRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What stands of a number's sender. `rate` is messages a second, `accepted` counts over all owners so far."""

    number_id: str
    owner: str
    since: datetime
    seen_at: datetime
    rate: float
    flying: int
    accepted: int

    def is_alive(self, now: datetime) -> bool:
        return self.owner != NOBODY and now - self.seen_at <= ALIVE_WITHIN


def report(connection: Connection, sending: Sending) -> None:
    """Keep a worker's report; its `accepted` is what Meta took since the last one, and is added."""
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = make(_sender).values({name: getattr(sending, name) for name in Sending.__dataclass_fields__})
    new = statement.excluded
    changes: dict[str, Any] = {name: new[name] for name in ("owner", "seen_at", "rate", "flying")}
    # The same owner keeps its beginning; another one begins now.
    changes["since"] = case((_sender.c.owner == new.owner, _sender.c.since), else_=new.since)
    changes["accepted"] = _sender.c.accepted + new.accepted
    connection.execute(statement.on_conflict_do_update(index_elements=["number_id"], set_=changes))


def everything(connection: Connection) -> dict[str, Sending]:
    columns = [_sender.c[name] for name in Sending.__dataclass_fields__]
    return {row.number_id: Sending(**row._mapping) for row in connection.execute(select(*columns))}
