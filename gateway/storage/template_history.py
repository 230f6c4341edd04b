"""What has become of templates over time, and how fetching them has gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from consent.tables import table_of
from gateway.storage.tables import SyncRow, TemplateChangeRow
from gateway.storage.upserts import upsert

TEMPLATES = "templates"
"""The name under which fetching templates and numbers is kept."""

_change, _sync = table_of(TemplateChangeRow), table_of(SyncRow)


@dataclass(frozen=True, slots=True)
class Change:
    """One template's `what` (status, quality, category, content) went from `was` to `now`; `source` told us.

    `was` is None for a template that was not known before. Sources: sync, webhook, push.
    """

    name: str
    language: str
    what: str
    was: str | None
    now: str
    source: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SyncHealth:
    """`failures` counts those since the last success."""

    tried_at: datetime
    succeeded_at: datetime | None
    failures: int
    problem: str | None


def record(connection: Connection, changes: Sequence[Change]) -> None:
    if changes:
        connection.execute(insert(_change), [asdict(change) for change in changes])


def history(connection: Connection, name: str = "", since: datetime | None = None) -> list[Change]:
    """Changes of one template or all, newest first."""
    columns = [_change.c[field] for field in Change.__slots__]
    statement = select(*columns).order_by(_change.c.id.desc())
    if name:
        statement = statement.where(_change.c.name == name)
    if since is not None:
        statement = statement.where(_change.c.at > since)
    return [Change(**row._mapping) for row in connection.execute(statement)]


def pushes(connection: Connection, was: bool, since: datetime, name: str = "", language: str = "") -> int:
    """How many templates we created (`was` False) or edited (`was` True) since then; of one version when named."""
    statement = select(func.count()).where(_change.c.source == "push", _change.c.at > since)
    statement = statement.where(_change.c.was.is_not(None) if was else _change.c.was.is_(None))
    if name:
        statement = statement.where(_change.c.name == name, _change.c.language == language)
    return int(connection.execute(statement).scalar_one())


def sync_succeeded(connection: Connection, now: datetime, what: str = TEMPLATES) -> None:
    row = {"what": what, "tried_at": now, "succeeded_at": now, "failures": 0, "problem": None}
    upsert(connection, _sync, ("what",), [row])


def sync_failed(connection: Connection, problem: str, now: datetime, what: str = TEMPLATES) -> int:
    """Note a failure; how many there have been in a row."""
    counted = update(_sync).where(_sync.c.what == what)
    counted = counted.values(tried_at=now, failures=_sync.c.failures + 1, problem=problem)
    if not connection.execute(counted).rowcount:
        row = {"what": what, "tried_at": now, "succeeded_at": None, "failures": 1, "problem": problem}
        upsert(connection, _sync, ("what",), [row])
    return int(connection.execute(select(_sync.c.failures).where(_sync.c.what == what)).scalar_one())


def sync_health(connection: Connection, what: str = TEMPLATES) -> SyncHealth | None:
    columns = (_sync.c.tried_at, _sync.c.succeeded_at, _sync.c.failures, _sync.c.problem)
    row = connection.execute(select(*columns).where(_sync.c.what == what)).one_or_none()
    return None if row is None else SyncHealth(*row)
