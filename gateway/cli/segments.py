"""`izin segments`: who would be meant, before a campaign is planned."""

from __future__ import annotations

import click
from sqlalchemy import Connection

from consent import vault
from gateway.assembly import House
from gateway.cli.speech import Trouble, as_json, house_command, table, tell
from gateway.core.contact import mask
from gateway.core.segment import Segment, explain, parse
from gateway.core.segment.ready_made import READY_MADE
from gateway.core.wording import Wording
from gateway.storage import audience, contacts, known_names

COUNTED = Wording("{everybody} kişiden {found} kişi", "{found} of {everybody} people")
SAMPLED = Wording("adres\tad", "address\tname")
NONE = Wording("Kimse yok.", "Nobody.")
HEADINGS = Wording("ad\tkişi\tkimler\ttanım", "name\tpeople\twho\tdefinition")
OWN = Wording(
    "Kendinize göre değiştirmek için tanımı kopyalayın: izin segments count 'TANIM', sonra kampanya dosyasında "
    "segment: TANIM.",
    "To change one, copy its definition: izin segments count 'DEFINITION', then segment: DEFINITION in a campaign.",
)


@click.group()
def segments() -> None:
    """Filters over people, in one small language (docs/segments.md)."""


def parsed(text: str, language: str) -> Segment:
    found = parse(READY_MADE[text].text if text in READY_MADE else text)
    if not isinstance(found, Segment):
        raise Trouble(found.pointed(language), code="segment")
    return found


def hints_of(connection: Connection, language: str, *wanted: Segment) -> list[str]:
    """What to know of names that mean nobody: they count as none without a word otherwise."""
    return [hint.say(language) for hint in known_names.hints(connection, wanted)]


@segments.command()
@click.argument("text")
@as_json
@house_command
def count(house: House, text: str, as_json: bool) -> None:
    """How many people are in a segment now.

    \b
    Example:  izin segments count "tag:vip and bought(coffee) >= 3 within 30d"
    """
    language = house.settings.language
    segment = parsed(text, language)
    with house.database.read() as connection:
        found, everybody = audience.count(connection, segment, house.clock.now()), contacts.count(connection)
        hints = hints_of(connection, language, segment)
    said = COUNTED.say(language).format(found=found, everybody=everybody)
    tell({"people": found, "of": everybody, "hints": hints}, as_json, [said, *hints])


@segments.command(name="explain")
@click.argument("text")
@as_json
@house_command
def explain_command(house: House, text: str, as_json: bool) -> None:
    """Say in words what a segment means.

    \b
    Example:  izin segments explain "not opened within 14d"
    """
    language = house.settings.language
    segment = parsed(text, language)
    with house.database.read() as connection:
        hints = hints_of(connection, language, segment)
    words = explain(segment, language)
    tell({"words": words, "hints": hints}, as_json, [words, *hints])


@segments.command(name="list-sample")
@click.argument("text")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1_000))
@as_json
@house_command
def list_sample(house: House, text: str, limit: int, as_json: bool) -> None:
    """Some of the people in a segment; numbers are masked.

    \b
    Example:  izin segments list-sample "language = en" --limit 5
    """
    segment = parsed(text, house.settings.language)
    with house.database.read() as connection:
        ids = audience.sample(connection, segment, house.clock.now(), limit)
        people, identifiers = contacts.states(connection, ids), vault.identifiers_of(connection, ids)
        hints = hints_of(connection, house.settings.language, segment)
    found = []
    for id_, person in people.items():
        address = vault.address_of(identifiers.get(id_, ()))
        found.append({"address": mask(address) if address else "", "name": person.name or ""})
    rows = [(one["address"], one["name"]) for one in found]
    language = house.settings.language
    lines = table(rows, SAMPLED.say(language).split("\t")) if rows else [NONE.say(language)]
    tell({"people": found, "hints": hints}, as_json, [*lines, *hints])


@segments.command(name="ready-made")
@as_json
@house_command
def ready_made(house: House, as_json: bool) -> None:
    """Segments that most businesses need, with their definitions and sizes. Their names work
    in these commands and in `izin people`; a campaign file takes the definition.

    \b
    Example:  izin segments ready-made
    """
    now, language = house.clock.now(), house.settings.language
    with house.database.read() as connection:
        meant = {name: parsed(name, language) for name in READY_MADE}
        sizes = {name: audience.count(connection, segment, now) for name, segment in meant.items()}
        hints = hints_of(connection, language, *meant.values())
    answer = {name: {"text": one.text, "people": sizes[name]} for name, one in READY_MADE.items()}
    rows = [(name, sizes[name], one.about.say(language), one.text) for name, one in READY_MADE.items()]
    lines = [*table(rows, HEADINGS.say(language).split("\t")), "", *hints, OWN.say(language)]
    tell({"segments": answer, "hints": hints}, as_json, lines)
