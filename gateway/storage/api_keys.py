"""Keys by which other systems may report: made here, shown once, kept as digests."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from consent.tables import table_of
from gateway.storage.tables import ApiKeyRow

_key = table_of(ApiKeyRow)

PREFIX = "izin_"
CHANCE_BYTES = 32


class NameTaken(Exception):
    """A key of that name exists."""


def make(connection: Connection, name: str, now: datetime) -> str:
    """A new key. It is random and long, so its plain digest cannot be turned back. Raises NameTaken."""
    key = PREFIX + secrets.token_urlsafe(CHANCE_BYTES)
    try:
        connection.execute(insert(_key).values(name=name, digest=digest_of(key), created_at=now))
    except IntegrityError:
        raise NameTaken(name) from None
    return key


def digest_of(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def name_of(connection: Connection, key: str) -> str | None:
    """Whose key it is, None for one that is unknown or was taken back."""
    return connection.scalar(select(_key.c.name).where(_key.c.digest == digest_of(key)))


def names(connection: Connection) -> list[tuple[str, datetime]]:
    rows = connection.execute(select(_key.c.name, _key.c.created_at).order_by(_key.c.name))
    return [(row.name, row.created_at) for row in rows]


def take_back(connection: Connection, name: str) -> bool:
    """Whether there was such a key."""
    return connection.execute(delete(_key).where(_key.c.name == name)).rowcount == 1
