"""Forward-only migrations, run by `izin db upgrade` and, on SQLite, by start-up.

Alembic is loaded only when there is something to do: every command asks for the revision, and few have to change it.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect, text

from gateway.storage.database import Database

_HERE = Path(__file__).parent


def newest() -> str:
    """The revision that this code needs: the highest of the files in versions/ (a test asks Alembic the same)."""
    revisions = sorted(path.name[1:5] for path in (_HERE / "versions").glob("v[0-9][0-9][0-9][0-9]_*.py"))
    if not revisions:
        raise RuntimeError("the migrations are missing from this installation")
    return revisions[-1]


def revision_of(database: Database) -> str | None:
    with database.read() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return revision


def upgrade(database: Database) -> bool:
    """Bring the database to the newest shape. Returns whether anything was done; harmless to repeat."""
    if revision_of(database) == newest():
        return False
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_HERE))
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return True
