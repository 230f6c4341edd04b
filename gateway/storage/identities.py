"""Which people are known by all their names already, thousands asked in one go."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
from sqlalchemy import Connection

from consent.vault import IdentifierKind

Names = tuple[str | None, str | None, str | None]

KINDS = (IdentifierKind.WA_ID, IdentifierKind.BSUID, IdentifierKind.PARENT_BSUID)

# As one JSON text, for the reason told in statements.py; CROSS JOIN keeps SQLite to this order of the two.
_ON_SQLITE = (
    "SELECT json_group_array(json_array(asked.key, i.subject_id)) FROM json_each(?) AS asked"
    " CROSS JOIN identifier AS i ON i.kind = ? AND i.value = asked.value"
)
_ON_POSTGRESQL = (
    "SELECT asked.n - 1, i.subject_id FROM unnest(CAST(%s AS text[])) WITH ORDINALITY AS asked(name, n)"
    " JOIN identifier AS i ON i.kind = %s AND i.value = asked.name"
)


def not_yet_whole(connection: Connection, people: Sequence[Names]) -> list[Names]:
    """Those of these people whose names are not all known as one person's.

    Each is called by wa_id, business-scoped user id and that of the parent, as far as told.
    """
    owners = [_owners(connection, kind, [names[n] for names in people]) for n, kind in enumerate(KINDS)]
    return [names for names, theirs in zip(people, zip(*owners, strict=True), strict=True) if not _whole(names, theirs)]


def _whole(names: Names, owners: tuple[int | None, ...]) -> bool:
    told = {owner for name, owner in zip(names, owners, strict=True) if name is not None}
    return len(told) == 1 and None not in told


def _owners(connection: Connection, kind: IdentifierKind, names: Sequence[str | None]) -> list[int | None]:
    """To whom each of these names of one kind belongs, in their order; None for nobody and for no name."""
    owners: list[int | None] = [None] * len(names)
    if names.count(None) < len(names):
        for n, subject_id in _found(connection, kind, names):
            owners[n] = subject_id
    return owners


def _found(connection: Connection, kind: IdentifierKind, names: Sequence[str | None]) -> Sequence[Sequence[int]]:
    if connection.dialect.name == "sqlite":
        asked = (orjson.dumps(names).decode(), kind.value)
        found: Sequence[Sequence[int]] = orjson.loads(connection.exec_driver_sql(_ON_SQLITE, asked).scalar_one())
        return found
    return connection.exec_driver_sql(_ON_POSTGRESQL, (list(names), kind.value)).all()
