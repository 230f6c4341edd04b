"""`izin people`: who is known, what is known of them, and keeping the list clean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click
from sqlalchemy import Connection

from consent import ledger, vault
from consent.vault import Subject
from gateway.actions.clean_list import for_everybody
from gateway.assembly import House
from gateway.cli.segments import parsed
from gateway.cli.somebody import NOBODY, somebody
from gateway.cli.speech import Trouble, as_json, house_command, table, tell
from gateway.core.cells import read_zone
from gateway.core.columns import attribute_key
from gateway.core.contact import folded, mask, normalise_language
from gateway.core.segment.cleaning import CLEANING
from gateway.storage import audience, contacts, parking
from gateway.storage.contacts import PersonState

MARKETING = "marketing"


@click.group()
def people() -> None:
    """People: list, show, tag and correct them, and set aside those whom it is no use to write to."""


numbers = click.option("--numbers", is_flag=True, help="Show whole numbers. They are masked otherwise.")


def _somebody(house: House, connection: Connection, who: str) -> tuple[Subject, PersonState]:
    subject = somebody(connection, house.settings, who)
    state = contacts.states(connection, [subject.id]).get(subject.id)
    if state is None:
        raise Trouble(NOBODY.say(house.settings.language), code="unknown_person")
    return subject, state


@people.command(name="list")
@click.argument("segment", default="everyone")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@numbers
@as_json
@house_command
def list_command(house: House, segment: str, limit: int, numbers: bool, as_json: bool) -> None:
    """People of a segment (docs/segments.md), everyone if left out; those met first come first.

    \b
    Example:  izin people list "tag:vip and language = tr" --limit 20
    """
    meant = parsed(segment, house.settings.language)
    with house.database.read() as connection:
        ids = audience.sample(connection, meant, house.clock.now(), limit)
        found = list(_described(house, connection, ids, numbers))
    columns = ("subject", "address", "name", "language", "standing", "tags", "set_aside")
    rows = [tuple(_said(one[name]) for name in columns) for one in found]
    tell({"people": found}, as_json, table(rows, columns) if rows else ["Nobody."])


def _described(house: House, connection: Connection, ids: Sequence[int], numbers: bool) -> Iterator[dict[str, object]]:
    states, identifiers = contacts.states(connection, ids), vault.identifiers_of(connection, ids)
    subjects, tags = vault.subjects_by_id(connection, ids), contacts.tags_of(connection, ids)
    stored, now = ledger.stored_standings(connection, ids), house.clock.now()
    for id_, person in sorted(states.items()):
        address = vault.address_of(identifiers.get(id_, ()))
        yield {
            "subject": subjects[id_].ref,
            "address": (str(address) if numbers else mask(address)) if address else "",
            "name": person.name or "",
            "language": person.language or "",
            "standing": ledger.stored_for(stored, id_, MARKETING).standing.at(now).state.value,
            "tags": sorted(tags.get(id_, ())),
            "set_aside": person.blocked or "",
        }


def _said(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


@people.command()
@click.argument("who")
@numbers
@as_json
@house_command
def show(house: House, who: str, numbers: bool, as_json: bool) -> None:
    """What is known of somebody: by number, business-scoped id or the ledger's reference.

    Consent and its proofs: `izin person show`, `izin why`.

    \b
    Example:  izin people show "0555 000 12 34"
    """
    with house.database.read() as connection:
        subject, person = _somebody(house, connection, who)
        (answer,) = _described(house, connection, [subject.id], numbers)
    answer |= {
        "zone": person.zone or ", ".join(sorted(person.zones)),
        "region": person.region or "",
        "source": person.source or "",
        "added": person.created_at,
        "last_reply": person.last_inbound_at,
        "last_marketing_message": person.sends[0] if person.sends else None,
        "attributes": dict(person.attributes),
    }
    lines = [(name, _said(value)) for name, value in answer.items() if name != "attributes" and value]
    lines += [(f"attribute {key}", value) for key, value in sorted(person.attributes.items())]
    tell(answer, as_json, table(lines))


@people.command()
@click.argument("name")
@click.argument("who", nargs=-1)
@click.option("--segment", help="Everybody in this segment.")
@click.option("--remove", is_flag=True, help="Take the tag away.")
@as_json
@house_command
def tag(house: House, name: str, who: tuple[str, ...], segment: str | None, remove: bool, as_json: bool) -> None:
    """Put a tag on people, or take it away.

    \b
    Example:  izin people tag vip "0555 000 12 34"
              izin people tag coffee --segment 'event("Order Completed", coffee) >= 3 within 90d'
    """
    word, work = folded(name), contacts.untag if remove else contacts.tag
    if not word or bool(who) == bool(segment):
        raise Trouble("Give a tag and either people or --segment.", code="usage")
    if segment:
        meant, now = parsed(segment, house.settings.language), house.clock.now()
        changed = for_everybody(house.database, lambda c, span: work(c, audience.among(c, meant, span, now), word))
    else:
        changed = house.database.run(lambda c: work(c, [_somebody(house, c, one)[0].id for one in who], word))
    tell({"tag": word, "people": changed}, as_json, [f"{word}: {changed} people changed."])


@people.command(name="set")
@click.argument("who")
@click.argument("values", nargs=-1, required=True, metavar="FIELD=VALUE...")
@as_json
@house_command
def set_command(house: House, who: str, values: tuple[str, ...], as_json: bool) -> None:
    """Correct what is known of somebody: name, language, zone, or any attribute; an empty value takes it away.

    \b
    Example:  izin people set "0555 000 12 34" language=en city=Ankara
    """
    fields: dict[str, str | None] = {}
    attributes: dict[str, str] = {}
    for written in values:
        key, equals, value = written.partition("=")
        if not equals or not attribute_key(key):
            raise Trouble(f"{written}: write FIELD=VALUE, such as language=tr.", code="usage")
        if key in ("name", "language", "zone"):
            fields[key] = _understood(key, value.strip())
        else:
            attributes[attribute_key(key)] = value.strip()

    def change(connection: Connection) -> None:
        contacts.change(connection, _somebody(house, connection, who)[0].id, fields, attributes)

    house.database.run(change)
    tell({"set": {**fields, **attributes}}, as_json, [f"Set: {', '.join([*fields, *attributes])}."])


def _understood(field: str, value: str) -> str | None:
    if not value:
        return None
    found = normalise_language(value) if field == "language" else read_zone(value) if field == "zone" else value
    if found is None:
        raise Trouble(f"“{value}” is no {field} we know; write one like tr, or Europe/Istanbul.", code=field)
    return found


@people.command()
@click.option("--park", metavar="RULE", help="Set people aside: the name of a rule, or a segment of your own.")
@click.option("--let-back", metavar="SEGMENT", help="Write to people again who were set aside.")
@as_json
@house_command
def clean(house: House, park: str | None, let_back: str | None, as_json: bool) -> None:
    """How clean the list is; with --park, set people aside by a rule. Their consent stays as it is.

    Numbers that WhatsApp did not know twice in a row are set aside by themselves. Whoever writes to us is back at once.

    \b
    Example:  izin people clean
              izin people clean --park unreachable
    """
    language, now, database = house.settings.language, house.clock.now(), house.database
    answer: dict[str, object] = {}
    if park:
        rule = parsed(CLEANING[park].text if park in CLEANING else park, language)
        answer["parked"] = for_everybody(database, lambda c, span: parking.park(c, rule, span, now))
    if let_back:
        meant = parsed(let_back, language)
        answer["let_back"] = for_everybody(database, lambda c, span: parking.let_back(c, meant, span, now))
    with database.read() as connection:
        aside = parking.set_aside(connection)
        would = {name: parking.would_park(connection, parsed(r.text, language), now) for name, r in CLEANING.items()}
    lines = [(name, count, "people, done now") for name, count in answer.items()]
    lines += [(reason, count, "people set aside") for reason, count in sorted(aside.items())]
    lines += [(name, would[name], f"--park {name}: {CLEANING[name].about.say(language)}") for name in CLEANING]
    rules = {name: {"text": CLEANING[name].text, "people": would[name]} for name in CLEANING}
    tell({**answer, "set_aside": aside, "rules": rules}, as_json, table(lines))
