"""Which people are known by all their names already, thousands asked in one go."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
from sqlalchemy import Connection

from consent.vault import IdentifierKind

Names = tuple[str | None, str | None, str | None]

KINDS = (IdentifierKind.WA_ID, IdentifierKind.BSUID, IdentifierKind.PARENT_BSUID)

# Nested questions, so that both databases look each name up in the index: what they know of how many names there are is
# old while a campaign's first receipts come in, and a join would then read all of them. One row for an answer, for the
# reason told in statements.py.
_ON_SQLITE = (
    "SELECT json_group_array(json_array(key,"
    " (SELECT subject_id FROM identifier WHERE kind = ? AND value = asked.value))) FROM json_each(?) AS asked"
)
_ON_POSTGRESQL = (
    "SELECT array_agg((SELECT subject_id FROM identifier WHERE kind = %s AND value = name) ORDER BY n)"
    " FROM json_array_elements_text(CAST(%s AS json)) WITH ORDINALITY AS asked(name, n)"
)


def not_yet_whole(connection: Connection, people: Sequence[Names]) -> list[Names]:
    """Those of these people whose names are not all known as one person's.

    Each is called by wa_id, business-scoped user id and that of the parent, as far as told.
    """
    owners = [_owners(connection, kind, [names[n] for names in people]) for n, kind in enumerate(KINDS)]
    return [names for names, *theirs in zip(people, *owners, strict=True) if not _are_one(names, theirs)]


def _are_one(names: Names, owners: Sequence[int | None]) -> bool:
    told = {owner for name, owner in zip(names, owners, strict=True) if name is not None}
    return len(told) == 1 and None not in told


def _owners(connection: Connection, kind: IdentifierKind, names: Sequence[str | None]) -> Sequence[int | None]:
    """To whom each of these names of one kind belongs, in their order; None for nobody and for no name."""
    if names.count(None) == len(names):
        return [None] * len(names)
    asked = (kind.value, orjson.dumps(names).decode())
    if connection.dialect.name != "sqlite":
        owners: Sequence[int | None] = connection.exec_driver_sql(_ON_POSTGRESQL, asked).scalar_one()
        return owners
    found = orjson.loads(connection.exec_driver_sql(_ON_SQLITE, asked).scalar_one())
    return [owner for _, owner in sorted(found)]
