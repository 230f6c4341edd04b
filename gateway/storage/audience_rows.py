"""People of a segment with what their message is made of, in bounded steps: narrow rows for a launch.

A segment that SQL can judge is judged there; any other is judged person by person (storage/audience.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, Text, cast, select

from consent import vault
from consent.tables import SubjectRow, table_of
from gateway.core.segment import Segment
from gateway.storage import audience
from gateway.storage.segment_query import compiled
from gateway.storage.tables import PersonRow

_person, _subject = table_of(PersonRow), table_of(SubjectRow)


class AudienceRow(NamedTuple):
    """`attributes` is JSON text, or None for a person without any."""

    subject_id: int
    ref: str
    name: str | None
    language: str | None
    region: str | None
    source: str | None
    attributes: str | None


@dataclass(frozen=True, slots=True)
class Rows:
    """The next people of a segment; `last` is where the next step begins, None when this was the last."""

    people: Sequence[AudienceRow]
    last: int | None


def rows(connection: Connection, segment: Segment, after: int, limit: int, now: datetime) -> Rows:
    condition = compiled(segment, now)
    if condition is None:
        return _looked_at(connection, segment, after, limit, now)
    p = _person.c
    asked = (
        select(p.subject_id, _subject.c.ref, p.name, p.language, p.region, p.source, cast(p.attributes, Text))
        .join(_subject, _subject.c.id == p.subject_id)
        .where(p.subject_id > after, condition)
        .order_by(p.subject_id)
        .limit(limit)
    )
    people = [AudienceRow(*row) for row in connection.execute(asked)]
    return Rows(people, people[-1].subject_id if len(people) == limit else None)


def _looked_at(connection: Connection, segment: Segment, after: int, limit: int, now: datetime) -> Rows:
    step = audience.step(connection, segment, after, limit, now)
    refs = vault.subjects_by_id(connection, [p.subject_id for p in step.people])
    people = [
        AudienceRow(
            p.subject_id,
            refs[p.subject_id].ref,
            p.name,
            p.language,
            p.region,
            p.source,
            orjson.dumps(dict(p.attributes)).decode() if p.attributes else None,
        )
        for p in step.people
    ]
    return Rows(people, step.last)
