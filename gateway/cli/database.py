"""`izin db`: the shape of the database."""

from __future__ import annotations

import click
from sqlalchemy.exc import DBAPIError

from gateway.cli.exits import Exit
from gateway.cli.speech import Trouble, as_json, settings_or_trouble, tell
from gateway.storage.database import Database
from gateway.storage.migrations import newest, upgrade


@click.group()
def db() -> None:
    """Bring the database to the shape this version needs."""


@db.command(name="upgrade")
@as_json
def upgrade_command(as_json: bool) -> None:
    """Run the migrations that are missing. Harmless to repeat.

    \b
    Example:  izin db upgrade
    """
    database = Database(settings_or_trouble().database)
    try:
        changed = upgrade(database)
    except DBAPIError as problem:
        raise Trouble(f"The database does not answer: {type(problem.orig).__name__}.", Exit.AWAY, "database") from None
    finally:
        database.close()
    done = f"The database now has shape {newest()}." if changed else f"Nothing to do: the shape is {newest()}."
    tell({"revision": newest(), "changed": changed}, as_json, [done])
