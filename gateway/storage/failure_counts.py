"""How often Meta refused messages, by number and code: counted where the consequence is drawn, never recounted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from consent.tables import table_of
from gateway.storage.sending_tables import FailureCountRow

_counted = table_of(FailureCountRow)


@dataclass(frozen=True, slots=True)
class FailureCount:
    """`name` is the failure's in core/failure.py; a negative code is one of ours, for what Meta never saw."""

    number_id: str
    code: int
    name: str
    count: int
    last_at: datetime


def count(connection: Connection, number_id: str, code: int, name: str, now: datetime) -> None:
    """One more."""
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    row = {"number_id": number_id, "code": code, "name": name, "count": 1, "last_at": now}
    one = make(_counted).values(row)
    changes = {"count": _counted.c["count"] + 1, "name": one.excluded.name, "last_at": one.excluded.last_at}
    connection.execute(one.on_conflict_do_update(index_elements=["number_id", "code"], set_=changes))


def everything(connection: Connection) -> list[FailureCount]:
    """The newest first."""
    columns = [_counted.c[name] for name in FailureCount.__dataclass_fields__]
    rows = connection.execute(select(*columns).order_by(_counted.c.last_at.desc(), _counted.c.code))
    return [FailureCount(*row) for row in rows]
