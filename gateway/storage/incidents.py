"""What Meta told of the account, its numbers and their safety: kept for people to see, each thing once."""

from __future__ import annotations

import hashlib
import marshal
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from consent.tables import table_of
from gateway.storage.tables import IncidentRow

_incident = table_of(IncidentRow)


class Severity(StrEnum):
    NOTE = "note"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """`about` is the number, entity or account concerned; `detail` Meta's own words. Nothing in it names a person."""

    kind: str
    severity: Severity
    about: str | None
    detail: str | None
    at: datetime


def digest_of(kind: str, raw: Any, at: datetime) -> str:
    """The same news, told again, has the same key."""
    news = [kind, raw, int(at.timestamp())]
    try:
        written = orjson.dumps(news, option=orjson.OPT_SORT_KEYS, default=str)
    except TypeError:  # deeper than orjson writes, though not than it reads
        written = marshal.dumps(news, 2)
    return hashlib.sha256(written).hexdigest()[:32]


def record(connection: Connection, key: str, incident: Incident) -> bool:
    """Keep it. False when it was known already."""
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    row = {
        "key": key,
        "kind": incident.kind,
        "severity": incident.severity.value,
        "about": incident.about,
        "detail": incident.detail,
        "at": incident.at,
    }
    kept = make(_incident).values(row).on_conflict_do_nothing().returning(_incident.c.key)
    return connection.scalar(kept) is not None


def is_overtaken(connection: Connection, incident: Incident) -> bool:
    """Whether we have heard something later of the same kind about the same thing."""
    same = (_incident.c.kind == incident.kind, _incident.c.about.is_not_distinct_from(incident.about))
    later = select(_incident.c.key).where(*same, _incident.c.at > incident.at).limit(1)
    return connection.scalar(later) is not None


def latest(connection: Connection, limit: int) -> list[Incident]:
    """The newest first."""
    columns = (_incident.c.kind, _incident.c.severity, _incident.c.about, _incident.c.detail, _incident.c.at)
    rows = connection.execute(select(*columns).order_by(_incident.c.at.desc(), _incident.c.key).limit(limit))
    return [Incident(**{**row._mapping, "severity": Severity(row.severity)}) for row in rows]
