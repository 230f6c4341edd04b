"""Opt-in files that were imported, by the digest of file and reading, and how far an interrupted one had come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from consent.tables import table_of
from gateway.storage.tables import ImportRow

_import = table_of(ImportRow)


@dataclass(frozen=True, slots=True)
class Import:
    """One file. `rows_done` is the spreadsheet row up to which everything is in; unfinished ones go on from there."""

    digest: str
    file_name: str
    started_at: datetime
    finished_at: datetime | None
    rows_done: int
    counts: Mapping[str, int]
    attested_by: str | None


def find(connection: Connection, digest: str) -> Import | None:
    row = connection.execute(select(_import).where(_import.c.digest == digest)).one_or_none()
    return None if row is None else Import(**row._mapping)


def begin(connection: Connection, digest: str, file_name: str, attested_by: str | None, now: datetime) -> None:
    """From the first row on, also where it was imported before."""
    connection.execute(delete(_import).where(_import.c.digest == digest))
    connection.execute(
        insert(_import).values(
            digest=digest, file_name=file_name, started_at=now, rows_done=0, counts={}, attested_by=attested_by
        )
    )


def note(connection: Connection, digest: str, rows_done: int, counts: Mapping[str, int]) -> None:
    connection.execute(
        update(_import).where(_import.c.digest == digest).values(rows_done=rows_done, counts=dict(counts))
    )


def finish(connection: Connection, digest: str, counts: Mapping[str, int], now: datetime) -> None:
    connection.execute(update(_import).where(_import.c.digest == digest).values(finished_at=now, counts=dict(counts)))
