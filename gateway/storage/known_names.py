"""Which names in a segment mean nobody, and what else is there that may have been meant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, FromClause, select, union_all

from consent.tables import StandingRow, table_of
from gateway.core.segment import Field, Segment
from gateway.core.segment.named import Name, NameKind, hint, names_in
from gateway.core.wording import Wording
from gateway.storage import person_events, segments
from gateway.storage.tables import CampaignRow, PersonRow, TagRow

_person, _standing = table_of(PersonRow), table_of(StandingRow)

OFFERED_MAX = 2_000
"""Names among which the nearest is sought."""
LOOKED_AT = 500
"""People first met, and as many last met, whose attributes are offered."""

COLUMNS: Mapping[NameKind, tuple[FromClause, ColumnElement[str]]] = {
    NameKind.TAG: (table_of(TagRow), table_of(TagRow).c.tag),
    NameKind.CAMPAIGN: (table_of(CampaignRow), table_of(CampaignRow).c.name),
    NameKind.PURPOSE: (_standing, _standing.c.purpose),
    **{
        kind: (_person, segments.value_of(Field(kind.value, attribute=False)))
        for kind in (NameKind.SOURCE, NameKind.LANGUAGE, NameKind.ZONE, NameKind.COUNTRY)
    },
}
"""Where the names of each kind stand; events and attributes have a place of their own."""


def hints(connection: Connection, wanted: Iterable[Segment]) -> list[Wording]:
    """A sentence for each name in the segments that means nobody. A name that somebody has costs next to nothing; to
    know that nobody has it everybody is looked through once."""
    names = dict.fromkeys(name for segment in wanted for name in names_in(segment.where))
    return [hint(name, others) for name in names if (others := _others(connection, name)) is not None]


def _others(connection: Connection, name: Name) -> Sequence[str] | None:
    """All names of its kind, when this is none of them."""
    return LOOKS.get(name.kind, _in_column)(connection, name)


def _in_column(connection: Connection, name: Name) -> Sequence[str] | None:
    rows, column = COLUMNS[name.kind]
    if connection.scalar(select(1).select_from(rows).where(column == name.name).limit(1)):
        return None
    return list(connection.scalars(select(column).select_from(rows).distinct().limit(OFFERED_MAX)))


def _event(connection: Connection, name: Name) -> Sequence[str] | None:
    known = person_events.names(connection)
    return None if name.name in known else known


def _attribute(connection: Connection, name: Name) -> Sequence[str] | None:
    is_known = segments.value_of(Field(name.name)) != ""
    if connection.scalar(select(1).select_from(_person).where(is_known).limit(1)):
        return None
    who = _person.c.subject_id
    ends = [select(who).order_by(order).limit(LOOKED_AT).subquery() for order in (who, who.desc())]
    some = select(_person.c.attributes).where(who.in_(union_all(*(select(end) for end in ends))))
    return list(dict.fromkeys(key for found in connection.scalars(some) for key in found or ()))


LOOKS: Mapping[NameKind, Callable[[Connection, Name], Sequence[str] | None]] = {
    NameKind.EVENT: _event,
    NameKind.ATTRIBUTE: _attribute,
}
