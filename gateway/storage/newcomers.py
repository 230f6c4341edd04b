"""People whom nobody here knew a moment ago, by the thousand: what an import adds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from consent import bulk
from consent.tables import table_of
from gateway.core.prepared import PreparedColumns
from gateway.storage.tables import PersonRow, TagRow

_person, _tag = table_of(PersonRow), table_of(TagRow)

COLUMNS = ("subject_id", "name", "language", "zone", "zones", "region", "source", "attributes")
IMPORTED = "import"
"""The source of a person whose file does not say where they came from."""


def add(connection: Connection, ids: Sequence[int], people: PreparedColumns, now: datetime) -> None:
    """Make these people known, by the numbers of their new subjects. Raises IntegrityError for one who is known."""
    rows = zip(
        ids,
        _or_null(people.name),
        _or_null(people.language),
        _or_null(people.zone),
        people.zones,
        _or_null(people.region),
        [source or IMPORTED for source in people.source],
        _or_null(people.attributes),
        strict=True,
    )
    same = {"undelivered": 0, "created_at": bulk.stored(connection, now)}
    bulk.insert_rows(connection, _person, COLUMNS, list(rows), same)
    tags = [(tag, id_) for id_, theirs in zip(ids, people.tags, strict=True) for tag in theirs]
    bulk.insert_rows(connection, _tag, ("tag", "subject_id"), tags)


def _or_null(texts: Sequence[str]) -> list[str | None]:
    return [text or None for text in texts]
