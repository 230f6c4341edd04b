"""`izin people`: who is known, what is known of them, and keeping the list clean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import click
from sqlalchemy import Connection

from consent import ledger, vault
from consent.vault import Subject
from gateway.actions.clean_list import for_everybody
from gateway.assembly import House
from gateway.cli.segments import hints_of, parsed
from gateway.cli.somebody import NOBODY, somebody
from gateway.cli.speech import Trouble, as_json, house_command, moment, table, tell
from gateway.core.cells import read_zone
from gateway.core.columns import attribute_key
from gateway.core.contact import folded, mask, normalise_language
from gateway.core.segment.cleaning import CLEANING
from gateway.core.wording import Wording
from gateway.storage import audience, contacts, parking
from gateway.storage.contacts import BLOCKED_BY_US, NOT_ON_WHATSAPP, PARKED, PersonState
from gateway.web.wording import CONSENT_STATES, state_words

MARKETING = "marketing"

FIELDS: Mapping[str, Wording] = {
    "subject": Wording("referans", "subject"),
    "address": Wording("adres", "address"),
    "name": Wording("ad", "name"),
    "language": Wording("dil", "language"),
    "standing": Wording("onay", "consent"),
    "tags": Wording("etiketler", "tags"),
    "set_aside": Wording("kenara ayrıldı", "set aside"),
    "zone": Wording("saat dilimi", "zone"),
    "region": Wording("ülke", "country"),
    "source": Wording("kaynak", "source"),
    "added": Wording("eklendi", "added"),
    "last_reply": Wording("son yazdığı", "last wrote"),
    "last_marketing_message": Wording("son pazarlama mesajı", "last marketing message"),
}
LISTED = ("subject", "address", "name", "language", "standing", "tags", "set_aside")
ATTRIBUTE = Wording("“{name}” alanı", "attribute {name}")
SET_ASIDE: Mapping[str, Wording] = {
    NOT_ON_WHATSAPP: Wording("WhatsApp'ta yok (131026)", "not on WhatsApp (131026)"),
    PARKED: Wording("kuralla ayrıldı", "parked by a rule"),
    BLOCKED_BY_US: Wording("işletmenin engel listesinde (130403)", "on the business's own block list (130403)"),
}
NOBODY_LISTED = Wording("Kimse yok.", "Nobody.")
WHOM = Wording("Bir etiket, bir de kişiler ya da --segment verin.", "Give a tag and either people or --segment.")
TAGGED = Wording("{tag}: {count} kişide değişti.", "{tag}: changed for {count} people.")
CHANGED = Wording("Değişti: {fields}.", "Changed: {fields}.")
FIELD_VALUE = Wording(
    "{written}: ALAN=DEĞER biçiminde yazın, örneğin language=tr.", "{written}: write FIELD=VALUE, such as language=tr."
)
NO_LANGUAGE = Wording(
    "“{value}” tanıdığımız bir dil değil; tr ya da en gibi yazın.", "“{value}” is no language we know; write tr or en."
)
NO_ZONE = Wording(
    "“{value}” tanıdığımız bir saat dilimi değil; Europe/Istanbul ya da +03:00 gibi yazın.",
    "“{value}” is no time zone we know; write one like Europe/Istanbul or +03:00.",
)
DONE: Mapping[str, Wording] = {
    "parked": Wording("kişi şimdi kenara ayrıldı", "people set aside now"),
    "let_back": Wording("kişiye yeniden yazılabilir", "people let back now"),
}
AMONG_ASIDE = Wording("kişi kenara ayrılmış durumda: {why}", "people are set aside: {why}")
WOULD = Wording("kişiyi --park {rule} kenara ayırır: {about}", "people would be set aside by --park {rule}: {about}")


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
        hints = hints_of(connection, house.settings.language, meant)
    language = house.settings.language
    rows = [tuple(_said(house, name, one[name]) for name in LISTED) for one in found]
    lines = table(rows, [FIELDS[name].say(language) for name in LISTED]) if rows else [NOBODY_LISTED.say(language)]
    tell({"people": found, "hints": hints}, as_json, [*lines, *hints])


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


def _said(house: House, name: str, value: object) -> str:
    language = house.settings.language
    match name, value:
        case "standing", str():
            return state_words(CONSENT_STATES, value, language)
        case "set_aside", str():
            return state_words(SET_ASIDE, value, language)
        case _, datetime():
            return moment(house, value)
        case _, list():
            return ", ".join(map(str, value))
    return str(value)


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
    language = house.settings.language
    lines = [(FIELDS[name].say(language), _said(house, name, answer[name])) for name in FIELDS if answer[name]]
    lines += [(ATTRIBUTE.say(language).format(name=key), value) for key, value in sorted(person.attributes.items())]
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
        raise Trouble(WHOM.say(house.settings.language), code="usage")
    if segment:
        meant, now = parsed(segment, house.settings.language), house.clock.now()
        changed = for_everybody(house.database, lambda c, span: work(c, audience.among(c, meant, span, now), word))
    else:
        changed = house.database.run(lambda c: work(c, [_somebody(house, c, one)[0].id for one in who], word))
    tell(
        {"tag": word, "people": changed}, as_json, [TAGGED.say(house.settings.language).format(tag=word, count=changed)]
    )


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
            raise Trouble(FIELD_VALUE.say(house.settings.language).format(written=written), code="usage")
        if key in ("name", "language", "zone"):
            fields[key] = _understood(key, value.strip(), house.settings.language)
        else:
            attributes[attribute_key(key)] = value.strip()

    def change(connection: Connection) -> None:
        contacts.change(connection, _somebody(house, connection, who)[0].id, fields, attributes)

    house.database.run(change)
    lines = [CHANGED.say(house.settings.language).format(fields=", ".join([*fields, *attributes]))]
    tell({"set": {**fields, **attributes}}, as_json, lines)


def _understood(field: str, value: str, language: str) -> str | None:
    if not value or field == "name":
        return value or None
    found = normalise_language(value) if field == "language" else read_zone(value)
    if found is None:
        wrong = NO_LANGUAGE if field == "language" else NO_ZONE
        raise Trouble(wrong.say(language).format(value=value), code=field)
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
    answer: dict[str, int] = {}
    if park:
        rule = parsed(CLEANING[park].text if park in CLEANING else park, language)
        answer["parked"] = for_everybody(database, lambda c, span: parking.park(c, rule, span, now))
    if let_back:
        meant = parsed(let_back, language)
        answer["let_back"] = for_everybody(database, lambda c, span: parking.let_back(c, meant, span, now))
    with database.read() as connection:
        aside = parking.set_aside(connection)
        would = {name: parking.would_park(connection, parsed(r.text, language), now) for name, r in CLEANING.items()}
    lines = [(count, DONE[name].say(language)) for name, count in answer.items()]
    lines += [
        (count, AMONG_ASIDE.say(language).format(why=state_words(SET_ASIDE, why, language)))
        for why, count in sorted(aside.items())
    ]
    lines += [
        (would[name], WOULD.say(language).format(rule=name, about=rule.about.say(language)))
        for name, rule in CLEANING.items()
    ]
    rules = {name: {"text": CLEANING[name].text, "people": would[name]} for name in CLEANING}
    tell({**answer, "set_aside": aside, "rules": rules}, as_json, table(lines))
