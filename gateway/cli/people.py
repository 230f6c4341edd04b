"""`izin person`: what a person may ask of us: to see, to take along, to be forgotten, to be left alone."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from consent import checkpoints, ledger, vault
from consent.address import Address, AddressProblem, read_cell
from consent.events import Event
from consent.retention import Retention, ended_at
from consent.texts import ConsentText
from consent.vault import IdentifierKind, Subject
from gateway.actions.erase_person import CannotErase, erase_person, operator_actor, replay_erasures
from gateway.actions.export_person import export_person, note_export
from gateway.actions.hold_sending import Decided
from gateway.actions.know_people import reassign
from gateway.actions.let_back import let_back
from gateway.actions.note_consent import NotRecorded, Proof, hold, lift_hold, note_consent, note_refusal
from gateway.assembly import House
from gateway.cli.holds import reason_option, said
from gateway.cli.ledger import signed_now
from gateway.cli.somebody import somebody
from gateway.cli.speech import Trouble, as_json, house_command, operator, table, tell
from gateway.core.contact import mask
from gateway.core.person_page import person_page
from gateway.storage import contacts, traces


@click.group()
def person() -> None:
    """One person's rights: show, export, hold, erase; and consent given on paper or by telephone."""


def _somebody(house: House, who: str) -> Subject:
    with house.database.read() as connection:
        return somebody(connection, house.settings, who)


@person.command()
@click.argument("who")
@as_json
@house_command
def show(house: House, who: str, as_json: bool) -> None:
    """Show where a person stands and what is kept; addresses are masked.

    \b
    Example:  izin person show "+90 555 000 12 34"
    """
    subject, now = _somebody(house, who), house.clock.now()
    with house.database.read() as connection:
        subjects = vault.whole(connection, subject)
        ids = [one.id for one in subjects]
        standings = ledger.standings_of(connection, [subject.id])[subject.id].at(now)
        identifiers = vault.identifiers_of(connection, [subject.id])[subject.id]
        address = vault.address_of(identifiers)
        region = {p.region for p in contacts.states(connection, [subject.id]).values()}
        messages = traces.sent_to(connection, ids)
        evidence = sum(len(vault.evidence_of(connection, one)) for one in subjects)
        used = traces.last_used(connection, ids)
    flags = [name for name in ("suppressed", "held", "erased") if getattr(standings, name)]
    answer: dict[str, object] = {
        "subject": subject.ref,
        "merged": [one.ref for one in subjects[1:]],
        "address": mask(address) if address else None,
        "identifiers": sorted(i.kind.value for i in identifiers),
        "standing": {p: s.state.value for p, s in standings.purposes.items()},
        "flags": flags,
        "messages": len(messages),
        "evidence": evidence,
        "kept_until": None,
    }
    if (ended := ended_at(standings, now)) and not standings.erased:
        since = max([ended, *used.values()])
        answer["kept_until"] = since + Retention.read(house.settings.retention).longest(region)
    tell(answer, as_json, table([(name, _said(value)) for name, value in answer.items()]))


def _said(value: object) -> str:
    match value:
        case None | [] | {}:
            return "-"
        case dict():
            return ", ".join(f"{k}: {v}" for k, v in value.items())
        case list():
            return ", ".join(map(str, value))
        case datetime():
            return f"{value:%Y-%m-%d}"
    return str(value)


@person.command()
@click.argument("who")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="A folder for the files.")
@click.option("--language", type=click.Choice(["tr", "en"]), help="Of the page to read; the house's if left out.")
@as_json
@house_command
def export(house: House, who: str, out: Path, language: str | None, as_json: bool) -> None:
    """Give a person everything that is kept about them: person.json, person.html and proof.json.

    \b
    Example:  izin person export "+90 555 000 12 34" --out export/
    """
    subject, now, settings = _somebody(house, who), house.clock.now(), house.settings
    house.database.run(lambda connection: note_export(connection, subject, now, operator()))
    signed = signed_now(house) if settings.signing_key else None
    with house.database.read() as connection:
        exported = export_person(connection, subject, signed or checkpoints.newest(connection), now)
    page = person_page(exported.record, settings.brand, language or settings.language)
    written = {
        "person.json": json.dumps(exported.record, ensure_ascii=False, indent=1).encode(),
        "person.html": page.encode(),
    }
    if exported.proof is not None:
        written["proof.json"] = exported.proof
    _write_folder(out, written)
    lines = [f"{', '.join(written)} in {out}. They hold personal data: hand them over and delete them."]
    if exported.proof is None:
        lines.append("Without a signing key there is no proof.json; see `izin ledger key new`.")
    tell({"folder": out, "files": list(written), "subject": subject.ref}, as_json, lines)


def _write_folder(folder: Path, files: dict[str, bytes]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, content in files.items():
            with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(content)
    except OSError as problem:
        raise Trouble(f"{folder} cannot be written: {problem.strerror}.", code="folder") from None


@person.command()
@click.argument("who")
@click.option("--yes", is_flag=True, help="Do not ask again.")
@as_json
@house_command
def erase(house: House, who: str, yes: bool, as_json: bool) -> None:
    """Erase a person. Their number stays refused; the ledger still verifies; nothing else is left.

    While you must still be able to prove a consent, consider `izin person hold`: it stops every use at once, and the
    person is erased when the term is over.

    \b
    Example:  izin person erase "+90 555 000 12 34"
    """
    subject = _somebody(house, who)
    if not yes and not as_json:
        click.confirm(f"Erase {subject.ref}? This cannot be undone", abort=True)
    try:
        erased = erase_person(
            house.database, house.inbox, subject, house.settings, house.clock.now(), actor=operator_actor(operator())
        )
    except CannotErase as problem:
        raise Trouble(str(problem), code="suppression_key") from None
    except OSError as problem:
        sentence = (
            f"The erasure journal {house.settings.journal} cannot be written: {problem.strerror}. Nobody was erased."
        )
        raise Trouble(sentence, code="journal") from None
    answer = {
        "subject": erased.ref,
        "identifiers": erased.identifiers,
        "messages": erased.messages,
        "webhook_bodies": erased.bodies,
    }
    said = (
        f"Erased: {erased.identifiers} addresses, {erased.messages} messages stripped, {erased.bodies} webhooks gone."
    )
    tell(answer, as_json, [said])


@person.command(name="replay-erasures")
@as_json
@house_command
def replay(house: House, as_json: bool) -> None:
    """After restoring an old backup: erase again whom the journal names.

    \b
    Example:  izin person replay-erasures
    """
    try:
        erased = replay_erasures(house.database, house.inbox, house.settings, house.clock.now())
    except CannotErase as problem:
        raise Trouble(str(problem), code="suppression_key") from None
    tell({"erased": [one.ref for one in erased]}, as_json, [f"{len(erased)} people were back, and are erased again."])


said_at = click.option("--at", "at", help="When the person said so, such as 2026-11-20 14:30 (local); now if left out.")
evidence_file = click.option(
    "--evidence",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A scan or recording, kept in the vault.",
)


def _moment(house: House, written: str | None) -> datetime:
    if written is None:
        return house.clock.now()
    try:
        read = datetime.fromisoformat(written)
    except ValueError:
        raise Trouble(f"--at {written}: write a date and time such as 2026-11-20 14:30.", code="moment") from None
    aware = read if read.tzinfo else read.replace(tzinfo=ZoneInfo(house.settings.time_zone))
    if aware > house.clock.now():
        raise Trouble(f"--at {written} lies in the future.", code="moment")
    return aware


def _proof(note: str, file: Path | None) -> Proof:
    return Proof(note, file.name if file else None, file.read_bytes() if file else None)


def _address(house: House, written: str) -> Address:
    cell = read_cell(written, house.settings.region)
    if isinstance(cell, AddressProblem):
        raise Trouble(cell.sentence(house.settings.language), code="address")
    return cell[0]


@person.command(name="note-consent")
@click.argument("number")
@click.option("--source", type=click.Choice(["paper", "call"]), required=True)
@click.option("--text", "text_id", required=True, help="The consent text that was signed or read out.")
@click.option("--version", required=True, help="Its version.")
@click.option("--locale", default="tr", show_default=True)
@click.option("--purpose", default="marketing", show_default=True)
@click.option("--note", required=True, help="How it was given, e.g. “form 12 in the shop, signed”. No names.")
@evidence_file
@said_at
@as_json
@house_command
def note_consent_command(
    house: House,
    number: str,
    source: str,
    text_id: str,
    version: str,
    locale: str,
    purpose: str,
    note: str,
    evidence: Path | None,
    at: str | None,
    as_json: bool,
) -> None:
    """Record a consent that a person gave on paper or by telephone, with what proves it.

    \b
    Example:  izin person note-consent "0555 000 12 34" --source paper --text marketing --version 1 \\
                  --note "form 12, shop Kadıköy" --evidence form-12.pdf
    """
    address, moment = _address(house, number), _moment(house, at)
    text = _text(house, text_id, version, locale)
    try:
        event = house.database.run(
            lambda c: note_consent(
                c,
                address,
                text,
                source,
                moment,
                _proof(note, evidence),
                house.settings,
                house.clock.now(),
                operator(),
                purpose,
            )
        )
    except NotRecorded as problem:
        raise Trouble(str(problem), code="not_recorded") from None
    _tell_event(event, as_json)


def _text(house: House, text_id: str, version: str, locale: str) -> ConsentText:
    with house.database.read() as connection:
        found = [t for t in ledger.texts(connection) if (t.id, t.version, t.locale) == (text_id, version, locale)]
    if not found:
        raise Trouble(
            f"There is no text {text_id} version {version} ({locale}); `izin texts list` shows them.", code="text"
        )
    return found[0]


def _tell_event(event: Event, as_json: bool) -> None:
    answer = {"seq": event.seq, "type": event.type.value, "subject": event.subject, "hash": event.hash}
    tell(answer, as_json, [f"Recorded as event {event.seq}: {event.type.value}."])


@person.command(name="note-refusal")
@click.argument("who")
@click.option("--note", required=True, help="How it reached us, e.g. “letter of 3 May”. No names.")
@evidence_file
@said_at
@as_json
@house_command
def note_refusal_command(
    house: House, who: str, note: str, evidence: Path | None, at: str | None, as_json: bool
) -> None:
    """Record that a person wants no more messages, however they said so.

    \b
    Example:  izin person note-refusal "0555 000 12 34" --note "told the cashier"
    """
    subject, moment = _somebody(house, who), _moment(house, at)
    proof = _proof(note, evidence)
    _tell_event(
        house.database.run(lambda c: note_refusal(c, subject, moment, proof, house.clock.now(), operator())), as_json
    )


@person.command(name="hold")
@click.argument("who")
@click.option("--note", required=True, help="Why, e.g. “erasure asked on 3 May, proof duty”. No names.")
@as_json
@house_command
def hold_command(house: House, who: str, note: str, as_json: bool) -> None:
    """Restrict a person's data: no message of any kind, kept only as proof until its term is over, then erased.

    `izin person lift-hold` ends it.

    \b
    Example:  izin person hold "0555 000 12 34" --note "erasure asked for, proof duty runs"
    """
    subject = _somebody(house, who)
    event = house.database.run(lambda c: hold(c, subject, Proof(note), house.clock.now(), operator()))
    _tell_event(event, as_json)


@person.command(name="lift-hold")
@click.argument("who")
@click.option("--note", required=True, help="Why, e.g. “held by mistake for somebody else”. No names.")
@as_json
@house_command
def lift_hold_command(house: House, who: str, note: str, as_json: bool) -> None:
    """End a person's hold. Their consent stays revoked: only they can give it again.

    \b
    Example:  izin person lift-hold "0555 000 12 34" --note "the erasure was withdrawn, letter of 9 May"
    """
    subject = _somebody(house, who)
    try:
        event = house.database.run(lambda c: lift_hold(c, subject, Proof(note), house.clock.now(), operator()))
    except NotRecorded as problem:
        raise Trouble(str(problem), code="not_held") from None
    _tell_event(event, as_json)


@person.command(name="let-back")
@click.argument("who")
@reason_option
@as_json
@house_command
def let_back_command(house: House, who: str, why: str, as_json: bool) -> None:
    """Write again to a person who is set aside: blocked by the business (130403), not on WhatsApp, or by a rule.

    Their consent stays what it is. Take a block off at Meta first: its next answer would set them aside again.

    \b
    Example:  izin person let-back "0555 000 12 34" --reason "unblocked in the inbox on 9 May"
    """
    subject, decided = (
        _somebody(house, who),
        Decided(who=operator(), why=said(why, house.settings.language), at=house.clock.now()),
    )
    reason = house.database.run(lambda c: let_back(c, subject, decided))
    if reason is None:
        raise Trouble("This person is not set aside; `izin why` says what keeps a message back.", code="not_set_aside")
    tell({"let_back": subject.ref, "was": reason}, as_json, [f"✓ May be written to again; was {reason}."])


@person.command(name="reassigned")
@click.argument("who")
@as_json
@house_command
def reassigned_command(house: House, who: str, as_json: bool) -> None:
    """Say that somebody else has this number now: the consent ends, and the number starts anew.

    \b
    Example:  izin person reassigned "0555 000 12 34"
    """
    subject, now = _somebody(house, who), house.clock.now()
    with house.database.read() as connection:
        theirs = vault.identifiers_of(connection, [subject.id])[subject.id]
    numbers = [i for i in theirs if i.kind in (IdentifierKind.PHONE, IdentifierKind.WA_ID)]
    if not numbers:
        raise Trouble("No number of this person is known.", code="no_number")
    house.database.run(lambda connection: reassign(connection, subject, numbers, now))
    tell({"subject": subject.ref}, as_json, ["The consent of the former owner has ended; the number starts anew."])
