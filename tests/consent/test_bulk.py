"""What is written by the thousand is read back as it was, whatever stands in it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from consent import bulk, vault
from consent.tables import EvidenceRow, table_of
from consent.vault import Identifier, IdentifierKind
from gateway.storage.contacts import person
from gateway.storage.database import Database
from tests.given import TUESDAY

BODIES: tuple[tuple[bytes, ...], ...] = (
    (b'{"a":1}', b"{}"),
    ('{"ad":"Ayşe"}'.encode(), b"\\x41", b"a\\\\b\tc\nd\re", b"\\N"),
    (b"{}", bytes(range(256))),
    (b"plain", b"with a \0 in it"),
    (b"",),
)


@pytest.mark.parametrize("bodies", BODIES)
def test_bytes_come_back_as_they_were(database: Database, bodies: tuple[bytes, ...]) -> None:
    with database.write() as connection:
        (subject,) = vault.add(connection, [Identifier(IdentifierKind.PHONE, "+905550000001")], TUESDAY)
        rows = [(subject.id, f"{n:064}", body[:16], body) for n, body in enumerate(bodies)]
        vault.keep_sealed(connection, rows, TUESDAY)
    table = table_of(EvidenceRow)
    asked = select(table.c.subject_id, table.c.commitment, table.c.salt, table.c.body).order_by(table.c.commitment)
    with database.read() as connection:
        assert [tuple(row) for row in connection.execute(asked)] == rows


def test_texts_and_gaps_come_back_as_they_were(database: Database) -> None:
    with database.write() as connection:
        people = vault.add(
            connection, [Identifier(IdentifierKind.PHONE, f"+90555000000{n}") for n in range(4)], TUESDAY
        )
        names = ("Ayşe", None, "tab\tline\nback\\slash\rend", "\\N")
        rows = [(one.id, name, name, "{}") for one, name in zip(people, names, strict=True)]
        same = {"undelivered": 0, "zones": "a\tb", "created_at": bulk.stored(connection, TUESDAY)}
        columns = ("subject_id", "name", "language", "attributes")
        bulk.insert_rows(connection, person, columns, rows, same)
    with database.read() as connection:
        found = connection.execute(
            select(person.c.name, person.c.language, person.c.zones).order_by(person.c.subject_id)
        )
        assert [tuple(row) for row in found] == [(name, name, "a\tb") for name in names]


def test_moments_numbers_and_gaps_come_back_as_they_were(database: Database) -> None:
    moments = (TUESDAY, None, datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC))
    with database.write() as connection:
        stored = bulk.as_stored(connection)
        rows = [(n, n - 1, "{}", at and stored(at)) for n, at in enumerate(moments)]
        same = {"zones": "", "created_at": stored(TUESDAY)}
        columns = ("subject_id", "undelivered", "attributes", "last_inbound_at")
        bulk.insert_rows(connection, person, columns, rows, same)
    with database.read() as connection:
        asked = select(person.c.undelivered, person.c.last_inbound_at, person.c.attributes)
        found = connection.execute(asked.order_by(person.c.subject_id))
        assert [tuple(row) for row in found] == [(n - 1, at, {}) for n, at in enumerate(moments)]


def test_a_nul_does_not_stop_the_texts_beside_it(database: Database) -> None:
    with database.write() as connection:
        same = {"undelivered": 0, "zones": "", "created_at": bulk.stored(connection, TUESDAY)}
        bulk.insert_rows(connection, person, ("subject_id", "name"), [(1, "a\0b"), (2, None), (3, "Ayşe")], same)
    held = "a\0b" if database.is_sqlite else "a\ufffdb"  # PostgreSQL holds no NUL
    with database.read() as connection:
        assert list(connection.scalars(select(person.c.name).order_by(person.c.subject_id))) == [held, None, "Ayşe"]


@pytest.mark.parametrize("before", [False, True], ids=["written_meanwhile", "written_before"])
def test_more_rows_than_go_to_the_server_at_once_all_arrive(database: Database, before: bool) -> None:
    columns = ("subject_id", "name", "attributes")
    count = 2 * bulk.ROWS_A_BLOCK + 1
    rows = [(n, f"name {n}", "{}") for n in range(count)]
    with database.write() as connection:
        same = {"undelivered": 0, "zones": "", "created_at": bulk.stored(connection, TUESDAY)}
        if before:
            bulk.insert_written(connection, person, bulk.written(connection, person, columns, rows, same))
        else:
            bulk.insert_rows(connection, person, columns, rows, same)
    with database.read() as connection:
        found = connection.execute(select(person.c.subject_id, person.c.name).order_by(person.c.subject_id))
        assert [tuple(row) for row in found] == [row[:2] for row in rows]
