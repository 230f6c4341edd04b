"""People of a segment with what their message is made of, in bounded steps: narrow rows for a launch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, CursorResult, Text, cast, func, select

from consent.tables import table_of
from gateway.core.segment import Segment
from gateway.storage.segments import compiled
from gateway.storage.tables import PersonRow

_person = table_of(PersonRow)


class AudienceRow(NamedTuple):
    """`attributes` is JSON text, or None for a person without any."""

    subject_id: int
    name: str | None
    language: str | None
    region: str | None
    source: str | None
    attributes: str | None


_row: Callable[[Iterable[Any]], AudienceRow] = partial(tuple.__new__, AudienceRow)
"""What `AudienceRow._make` does, without a call of Python's for each of a million rows."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The next people of a segment; `last` is where the next step begins, None when this was the last."""

    people: Sequence[AudienceRow]
    last: int | None


def rows(connection: Connection, segment: Segment, after: int, limit: int, now: datetime) -> Rows:
    p = _person.c
    asked = (
        select(p.subject_id, p.name, p.language, p.region, p.source, cast(p.attributes, Text))
        .where(p.subject_id > after, compiled(segment, now))
        .order_by(p.subject_id)
        .limit(limit)
    )
    if connection.dialect.name == "sqlite":  # as one row: see gateway.storage.statements
        gathered = select(func.json_group_array(func.json_array(*asked.subquery().c)))
        people = list(map(_row, orjson.loads(connection.execute(gathered).scalar_one())))
    else:
        people = list(map(_row, _as_they_come(connection.execute(asked))))
    return Rows(people, people[-1].subject_id if len(people) == limit else None)


def _as_they_come(found: CursorResult[Any]) -> Sequence[Any]:
    """Rows as the driver gives them: what SQLAlchemy makes of each costs as much as to fetch it."""
    with closing(found):
        assert found.cursor is not None
        return found.cursor.fetchall()
