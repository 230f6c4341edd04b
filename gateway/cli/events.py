"""`izin events`: what people did elsewhere, from files and by the HTTP door."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.actions.import_events import EventImport
from gateway.assembly import House
from gateway.cli.importing import first, watched
from gateway.cli.speech import Trouble, as_json, house_command, table, tell
from gateway.core.wording import Wording
from gateway.storage import api_keys, person_events
from gateway.storage.api_keys import NameTaken

SAID = {
    "people": Wording("tanıtılan kişi", "people identified"),
    "events": Wording("kaydedilen olay", "events recorded"),
    "repeated": Wording("zaten kayıtlı olay", "events known already"),
    "passed_over": Wording("atlanan öğe (sayfa, grup …)", "items passed over (page, group, ...)"),
    "rejected": Wording("reddedilen satır", "lines rejected"),
}
NO_EVENTS = Wording("Henüz olay yok.", "There are no events yet.")
NO_KEY = Wording("“{name}” adlı bir anahtar yok.", "There is no key called “{name}”.")
TAKEN_BACK = Wording("“{name}” anahtarı artık hiçbir kapıyı açmaz.", "The key “{name}” opens nothing any more.")
NAME_TAKEN = Wording(
    "“{name}” adlı bir anahtar zaten var; önce --take-back ile geri alın.",
    "There is a key called “{name}” already; take it back first.",
)


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
    language = house.settings.language
    run = EventImport(house.database, house.settings, house.clock.now())
    report = watched(run, file, language, quiet=as_json)
    counts = {name: report.counts[name] for name in SAID}
    rows = [(SAID[name].say(language), count) for name, count in counts.items()]
    tell({**counts, "problems": report.problems}, as_json, [*table(rows), *first(report.problems, language)])


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
    lines = table(list(found.items())) if found else [NO_EVENTS.say(house.settings.language)]
    tell({"events": found}, as_json, lines)


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
    language = house.settings.language
    if take_back:
        if not house.database.run(lambda c: api_keys.take_back(c, name)):
            raise Trouble(NO_KEY.say(language).format(name=name), code="no_key")
        tell({"taken_back": name}, as_json, [TAKEN_BACK.say(language).format(name=name)])
        return
    try:
        made = house.database.run(lambda c: api_keys.make(c, name, house.clock.now()))
    except NameTaken:
        raise Trouble(NAME_TAKEN.say(language).format(name=name), code="name") from None
    tell({"name": name, "key": made}, as_json, [made])
