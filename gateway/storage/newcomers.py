"""People whom nobody here knew a moment ago, by the thousand: what an import adds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from consent import bulk
from consent.tables import table_of
from gateway.core.prepared import Prepared
from gateway.storage.tables import PersonRow, TagRow

_person, _tag = table_of(PersonRow), table_of(TagRow)

COLUMNS = ("subject_id", "name", "language", "zone", "zones", "region", "source", "attributes")
IMPORTED = "import"
"""The source of a person whose file does not say where they came from."""


def add(connection: Connection, people: Sequence[tuple[int, Prepared]], now: datetime) -> None:
    """Make these people known, by the numbers of their new subjects. Raises IntegrityError for one who is known."""
    rows = [
        (
            subject_id,
            p.name or None,
            p.language or None,
            p.zone or None,
            p.zones,
            p.region or None,
            p.source or IMPORTED,
            p.attributes or None,
        )
        for subject_id, p in people
    ]
    bulk.insert_rows(connection, _person, COLUMNS, rows, {"undelivered": 0, "created_at": bulk.stored(connection, now)})
    tags = [(tag, subject_id) for subject_id, p in people for tag in p.tags]
    bulk.insert_rows(connection, _tag, ("tag", "subject_id"), tags)
