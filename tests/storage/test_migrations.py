"""The migrations make exactly the tables that the code describes, on both databases, and repeat harmlessly."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

import gateway.storage.sending_tables
import gateway.storage.tables  # noqa: F401  both register the gateway's tables
from consent.tables import ConsentTextRow, EventRow, HeadRow, SubjectRow, table_of
from gateway.storage import campaigns, migrations
from gateway.storage.database import Database
from gateway.storage.migrations import newest, revision_of, upgrade

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def test_the_migrated_database_has_the_shape_of_the_models(database: Database) -> None:
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": _not_the_inbox})
        differences = compare_metadata(context, SQLModel.metadata)
    assert differences == []


def _not_the_inbox(name: str | None, type_: str, _parents: Any) -> bool:
    return not (type_ == "table" and name == "inbox")


def test_the_newest_revision_is_alembics_own_head() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_current_head() == newest()


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    assert revision_of(database) == newest()
    assert upgrade(database) is False


def _one_event(database: Database) -> None:
    with database.write() as connection:
        connection.execute(insert(SubjectRow).values(id=1, ref="00" * 16, created_at=NOW))
        connection.execute(insert(EventRow).values(seq=1, subject_id=1, idem="a", hash="h", body=b"{}"))
        connection.execute(
            insert(ConsentTextRow).values(id="t", version="1", locale="tr", sha256="x", body=b"", added_at=NOW)
        )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_event SET hash = 'other'",
        "DELETE FROM ledger_event",
        "UPDATE consent_text SET version = '2'",
        "DELETE FROM consent_text",
    ],
)
def test_the_database_refuses_to_rewrite_what_was_recorded(database: Database, statement: str) -> None:
    _one_event(database)
    with pytest.raises(DBAPIError, match="append-only"), database.write() as connection:
        connection.execute(text(statement))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_postgresql_refuses_to_truncate_the_ledger(database: Database) -> None:
    _one_event(database)
    with pytest.raises(DBAPIError, match="append-only"), database.write() as connection:
        connection.execute(text("TRUNCATE ledger_event"))


EVENT = "INSERT OR REPLACE INTO ledger_event (seq, subject_id, idem, hash, body) VALUES"
TEXT = "INSERT OR REPLACE INTO consent_text (id, version, locale, sha256, body, added_at) VALUES"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        (f"{EVENT} (1, 1, 'b', 'other', x'00')", "append-only"),
        (f"{EVENT} (2, 1, 'a', 'other', x'00')", "append-only"),
        (f"{TEXT} ('t', '1', 'tr', 'y', x'', 0)", "append-only"),
        (f"{TEXT} ('t', '2', 'tr', 'x', x'', 0)", "append-only"),
        (f"INSERT OR REPLACE INTO subject (id, ref, created_at) VALUES (1, '{'ff' * 16}', 0)", "subjects are kept"),
    ],
)
def test_sqlite_refuses_to_replace_what_it_would_not_delete(database: Database, statement: str, refusal: str) -> None:
    _one_event(database)
    with pytest.raises(DBAPIError, match=refusal), database.write() as connection:
        connection.execute(text(statement))
    with database.read() as connection:
        assert connection.scalar(select(table_of(EventRow).c.hash)) == "h"


def test_the_database_refuses_to_delete_a_subject(database: Database) -> None:
    _one_event(database)
    with pytest.raises(DBAPIError, match="subjects are kept"), database.write() as connection:
        connection.execute(text("DELETE FROM subject"))


def test_the_database_refuses_to_delete_a_campaign(database: Database) -> None:
    with database.write() as connection:
        values = {"state": "done", "plan": {}, "purpose": "marketing", "template_name": "t", "priority": 5, "cursor": 0}
        moments = dict.fromkeys(("start_at", "expires_at", "planned_at"), NOW)
        campaigns.add(connection, name="Spring", number_id=None, **values, **moments)
    with pytest.raises(DBAPIError, match="campaigns are kept"), database.write() as connection:
        connection.execute(text("DELETE FROM campaign"))


def test_the_chain_starts_empty_with_one_head(database: Database) -> None:
    with database.read() as connection:
        head = connection.execute(select(table_of(HeadRow).c.size, table_of(HeadRow).c.hash)).one()
    assert tuple(head) == (0, "0" * 64)


def test_moments_come_back_aware_and_in_utc(database: Database) -> None:
    with database.write() as connection:
        connection.execute(insert(SubjectRow).values(id=1, ref="00" * 16, created_at=NOW))
        connection.execute(update(SubjectRow).values(erased_at=NOW.replace(microsecond=123456)))
    subject = table_of(SubjectRow)
    with database.read() as connection:
        row = connection.execute(select(subject.c.created_at, subject.c.erased_at)).one()
    assert row.created_at == NOW
    assert row.created_at.tzinfo is UTC
    assert row.erased_at == NOW.replace(microsecond=123456)
