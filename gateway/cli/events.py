"""`izin events`: what people did elsewhere, from files and by the HTTP door."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.actions.import_events import EventImport
from gateway.assembly import House
from gateway.cli.importing import first
from gateway.cli.speech import Trouble, as_json, house_command, table, tell
from gateway.storage import api_keys, person_events
from gateway.storage.api_keys import NameTaken


@click.group()
def events() -> None:
    """What people did: purchases, carts, visits. Segments ask about it; it never gives a consent."""


@events.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_json
@house_command
def import_command(house: House, file: Path, as_json: bool) -> None:
    """Import events: JSON lines as customer-data tools export them, or a table (event, phone or user id, time, ...).

    \b
    Example:  izin events import orders.ndjson
    """
    try:
        report = EventImport(house.database, house.settings, house.clock.now()).run(file)
    except OSError as problem:
        raise Trouble(f"{file.name}: {problem}", code="file") from None
    counts = {name: report.counts[name] for name in ("people", "events", "repeated", "rejected")}
    tell({**counts, "problems": report.problems}, as_json, [*table(list(counts.items())), *first(report.problems)])


@events.command(name="list")
@as_json
@house_command
def list_command(house: House, as_json: bool) -> None:
    """The names of events that segments can ask about, with how often they came.

    \b
    Example:  izin events list
    """
    with house.database.read() as connection:
        found = person_events.kinds(connection)
    tell({"events": found}, as_json, table(list(found.items())))


@events.command()
@click.argument("name")
@click.option("--take-back", is_flag=True, help="Make the key of that name worthless.")
@as_json
@house_command
def key(house: House, name: str, take_back: bool, as_json: bool) -> None:
    """Make an API key for POST /v1/identify, /v1/track and /v1/batch. It is shown this once; only its digest is kept.

    \b
    Example:  izin events key shop
    """
    if take_back:
        if not house.database.run(lambda c: api_keys.take_back(c, name)):
            raise Trouble(f"There is no key called “{name}”.", code="no_key")
        tell({"taken_back": name}, as_json, [f"The key “{name}” opens nothing any more."])
        return
    try:
        made = house.database.run(lambda c: api_keys.make(c, name, house.clock.now()))
    except NameTaken:
        raise Trouble(f"There is a key called “{name}” already; take it back first.", code="name") from None
    tell({"name": name, "key": made}, as_json, [made])
