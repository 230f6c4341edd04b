"""The roles in docs/operations.md: the application appends and cannot rewrite, the auditor reads and sees no vault."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from gateway.storage.database import Database
from gateway.storage.inbox import Inbox
from tests.given import Given

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"
NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def roles(database: Database, inbox: Inbox) -> Iterator[dict[str, Database]]:
    """Connections as the application and as the auditor, after the block in the document was applied."""
    if database.is_sqlite:
        pytest.skip("SQLite has no roles")
    suffix = uuid.uuid4().hex[:8]
    (block,) = re.findall(r"```sql\n(.*?)```", OPERATIONS.read_text(encoding="utf-8"), flags=re.DOTALL)
    names = {name: f"{name}_{suffix}" for name in ("izin_app", "izin_auditor")}
    for name, unique in names.items():
        block = block.replace(name, unique)
    with database.write() as connection:
        connection.execute(text(block))
    opened = {name: Database(_as(database, unique)) for name, unique in names.items()}
    yield opened
    for one in opened.values():
        one.close()
    with database.write() as connection:
        for unique in names.values():
            connection.execute(text(f"DROP OWNED BY {unique}"))
            connection.execute(text(f"DROP ROLE {unique}"))


def _as(database: Database, role: str) -> str:
    return make_url(database.url).set(username=role).render_as_string(hide_password=False)


def test_the_application_does_its_work(roles: dict[str, Database]) -> None:
    app = roles["izin_app"]
    gateway = Given(app, Inbox(app))
    ayse = gateway.person()
    gateway.campaign()
    gateway.work()
    gateway.says(ayse, "dur")
    gateway.work()
    assert gateway.told(ayse)[0] == "spring_offer"
    assert len(gateway.events(ayse)) == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_event SET hash = 'x'",
        "DELETE FROM ledger_event",
        "TRUNCATE ledger_event",
        "ALTER TABLE ledger_event DISABLE TRIGGER USER",
        "DROP TRIGGER ledger_event_no_rewriting ON ledger_event",
        "UPDATE consent_text SET body = body",
        "DELETE FROM checkpoint",
    ],
)
def test_the_application_can_neither_rewrite_nor_switch_the_guards_off(
    roles: dict[str, Database], statement: str
) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), roles["izin_app"].write() as c:
        c.execute(text(statement))


def test_the_auditor_reads_the_ledger_and_not_the_vault(roles: dict[str, Database]) -> None:
    auditor = roles["izin_auditor"]
    with auditor.read() as connection:
        assert connection.execute(text("SELECT size FROM ledger_head")).scalar_one() == 0
    for table in ("identifier", "evidence", "person", "message"):
        with pytest.raises(ProgrammingError, match="permission denied"), auditor.read() as connection:
            connection.execute(text(f"SELECT * FROM {table}"))
