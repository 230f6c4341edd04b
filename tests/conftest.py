"""Both databases, always: a test that takes `database` runs on a SQLite file and on a real PostgreSQL.

The property tests try the same examples in each run, so that a green commit stays green; `make hunt` tries new ones.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy.engine import make_url

from gateway.storage import database as databases
from gateway.storage.database import Database
from gateway.storage.inbox import Inbox
from gateway.storage.migrations import upgrade
from tests.compiled_once import engine_maker
from tests.postgres import postgres_server as a_server
from tests.postgres import run_sql
from tests.recycled import Recycled

settings.register_profile("same", derandomize=True, max_examples=50, deadline=None)
settings.register_profile("hunt", max_examples=300, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture(autouse=True, scope="session")
def statements_compiled_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(databases, "create_engine", engine_maker())
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server: IZIN_TEST_POSTGRES_URL, or one that this session starts and stops."""
    with a_server(durable=False) as address:
        yield address


@pytest.fixture(scope="session")
def postgres_databases(postgres_server: str) -> Iterator[Recycled]:
    """Migrated, empty databases, as many as are in use at once."""
    name = f"izin_template_{uuid.uuid4().hex[:8]}"
    run_sql(postgres_server, f"CREATE DATABASE {name}")
    database = Database(_renamed(postgres_server, name))
    upgrade(database)
    database.close()
    databases = Recycled(postgres_server, name)
    yield databases
    databases.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "izin.db"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh, migrated database, once on each engine."""
    if request.param == "sqlite":
        path = tmp_path / "izin.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    with request.getfixturevalue("postgres_databases").database() as address:
        yield address


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def inbox(database: Database, tmp_path: Path) -> Iterator[Inbox]:
    opened = Inbox(Database(f"sqlite:///{tmp_path / 'inbox.db'}") if database.is_sqlite else database)
    yield opened
    opened.database.close()


def _renamed(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)
