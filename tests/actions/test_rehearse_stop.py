"""A process goes the way of a stop before anybody says one; nothing of it may stay."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from gateway.actions.record_consent import record_consent
from gateway.actions.rehearse_stop import a_stop, rehearse_stop
from gateway.storage.database import Database
from tests.given import Given

TABLES = ("ledger_event", "standing", "subject", "identifier", "evidence", "message", "person")


def rows(gateway: Given) -> dict[str, int]:
    with gateway.database.read() as connection:
        return {table: connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0 for table in TABLES}


def test_a_rehearsed_stop_is_a_real_one_and_leaves_nothing_behind(gateway: Given) -> None:
    gateway.person()
    before = rows(gateway)
    rehearse_stop(gateway.database, gateway.settings, gateway.now)
    assert rows(gateway) == before
    with gateway.database.write() as connection:
        assert record_consent(connection, a_stop(), gateway.settings, gateway.now)


def test_a_database_that_is_away_is_no_hindrance(gateway: Given, tmp_path: Path) -> None:
    away = Database(f"sqlite:///{tmp_path / 'nothing.db'}")
    rehearse_stop(away, gateway.settings, gateway.now)
    away.close()
