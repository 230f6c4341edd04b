"""`izin ledger`: what people agreed to, and proof that nobody changed it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from cryptography.x509 import Certificate

from consent import checkpoints
from consent import ledger as book
from consent.checkpoints import Signed
from consent.events import as_mapping
from consent.proof.checkpoint import Note, NoteProblem, VerifierKey, read_note
from consent.proof.growth import growth_of
from consent.proof.receipt import NoReceipt, kantara, receipt
from consent.proof.timestamp import Stamp, StampProblem
from consent.subtrees import StoredTree
from gateway.actions.export_ledger import export_ledger
from gateway.actions.prove_message import NoProof, needs_until, prove_message, receipt_events, texts_of
from gateway.actions.rebuild_standings import rebuild
from gateway.actions.sign_checkpoint import CannotSign, LedgerInDoubt, sign_checkpoint, signing_key
from gateway.actions.stamp_checkpoint import authority, stamp_newest
from gateway.actions.verify_ledger import verify_ledger
from gateway.assembly import House
from gateway.cli.exits import Exit
from gateway.cli.keys import key
from gateway.cli.somebody import somebody
from gateway.cli.speech import Trouble, as_json, house_command, table, tell
from gateway.settings import Settings


@click.group()
def ledger() -> None:
    """The append-only ledger of consent."""


ledger.add_command(key)

into = click.option(
    "--out", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write here instead of printing."
)


a_note = click.Path(exists=True, dir_okay=False, path_type=Path)


@ledger.command()
@click.option(
    "--kept", multiple=True, type=a_note, metavar="NOTE", help="A checkpoint that was kept elsewhere; again for each."
)
@as_json
@house_command
def verify(house: House, kept: tuple[Path, ...], as_json: bool) -> None:
    """Check every event, link, checkpoint, standing and message; exit 3 on any doubt.

    \b
    Example:  izin ledger verify
              izin ledger verify --kept from-our-lawyer.txt
    """
    settings = house.settings
    keys = _trusted(settings)
    brought = [_note(path) for path in kept]
    with house.database.read() as connection:
        verified = verify_ledger(connection, keys, settings.checkpoints, _authority(settings), brought)
    findings = verified.findings
    answer = {
        "holds": findings.holds,
        "events": verified.events,
        "head": verified.head,
        "messages": verified.messages,
        "checked": findings.checked,
        "not_shown": findings.not_shown,
        "doubts": [str(doubt) for doubt in findings.doubts],
    }
    summary = f"{'✓ The ledger holds' if findings.holds else '✗ The ledger is in doubt'}; head {verified.head[:16]}…"
    tell(answer, as_json, [*findings.lines(), click.style(summary, fg="green" if findings.holds else "red")])
    if not findings.holds:
        raise SystemExit(Exit.BROKEN)


def _trusted(settings: Settings) -> list[VerifierKey]:
    """The key in the settings, and those before it that the folder of checkpoints names."""
    if not settings.signing_key:
        return []
    try:
        earlier = checkpoints.verifier_keys(settings.checkpoints)
    except (NoteProblem, OSError) as problem:
        raise Trouble(f"{settings.checkpoints / checkpoints.KEYS}: {problem}.", code="keys") from None
    return list(dict.fromkeys([signing_key(settings).verifier, *earlier]))


def _note(path: Path) -> Note:
    try:
        return read_note(path.read_bytes().decode())
    except (NoteProblem, OSError, UnicodeDecodeError) as problem:
        raise Trouble(f"{path}: {problem}.", code="note") from None


def _authority(settings: Settings) -> list[Certificate]:
    try:
        return authority(settings)
    except StampProblem as problem:
        raise Trouble(f"{problem}.", code="timestamp_certificate") from None


def signed_now(house: House) -> Signed | None:
    """The newest checkpoint, signed now if need be; what stands in the way as a Trouble."""
    settings = house.settings
    try:
        return sign_checkpoint(house.database, signing_key(settings), settings.checkpoints, house.clock.now())
    except CannotSign as problem:
        raise Trouble(str(problem), code="signing_key") from None
    except LedgerInDoubt as problem:
        sentence = f"Nothing was signed: {problem}. Run `izin ledger verify`."
        raise Trouble(sentence, Exit.BROKEN, "ledger_in_doubt") from None
    except OSError as problem:
        raise Trouble(f"{settings.checkpoints} cannot be written: {problem.strerror}.", code="folder") from None


def _covering(house: House, size: int) -> Signed:
    """A checkpoint of at least this size: the newest, or one signed now."""
    with house.database.read() as connection:
        newest = checkpoints.newest(connection)
    if newest is None or newest.size < max(size, 1):
        newest = signed_now(house)
    if newest is None:
        raise Trouble("The ledger is empty: there is nothing to prove yet.", code="empty")
    return newest


@ledger.command()
@as_json
@house_command
def checkpoint(house: House, as_json: bool) -> None:
    """Sign where the ledger stands now, and write the note into the folder of checkpoints.

    Send the note to somebody outside (an auditor, a lawyer, another machine): whoever has it can tell later whether an
    event before it was changed.

    \b
    Example:  izin ledger checkpoint
    """
    signed = signed_now(house)
    if signed is None:
        raise Trouble("The ledger is empty: there is nothing to sign yet.", code="empty")
    stamp = stamp_newest(house.database, house.settings, house.clock.now())
    answer: dict[str, Any] = {"size": signed.size, "signed_at": signed.signed_at, "note": signed.note}
    verifier = signing_key(house.settings).verifier
    lines = [signed.note, f"In {house.settings.checkpoints}. Whoever checks needs this key: {verifier}"]
    if house.settings.timestamp_url:
        lines.append(_stamped(stamp, checkpoints.newest_path(house.settings.checkpoints)))
    answer |= {"stamped_at": stamp and stamp.at, "folder": house.settings.checkpoints, "key": str(verifier)}
    tell(answer, as_json, lines)


def _stamped(stamp: Stamp | None, note: Path | None) -> str:
    if stamp is not None:
        return f"Time-stamped {stamp.at:%Y-%m-%d %H:%M:%S} UTC; the stamp stands beside the note."
    if note is not None and checkpoints.stamp_path(note).exists():
        return "It had its time-stamp already."
    return "The time-stamping authority did not answer as it should (see the log); it is asked again."


@ledger.command()
@click.option("--message", "message_id", type=int, required=True, help="Number of the message (`izin why` shows it).")
@into
@house_command
def proof(house: House, message_id: int, out: Path | None) -> None:
    """Prove one message: one JSON file that `python -m consent.proof FILE --key KEY` checks without us.

    \b
    Example:  izin ledger proof --message 42 --out message-42.json
    """
    try:
        with house.database.read() as connection:
            _, until = needs_until(connection, message_id)
        signed = _covering(house, until)
        with house.database.read() as connection:
            written = prove_message(connection, message_id, signed)
    except NoProof as problem:
        raise Trouble(str(problem), code="no_proof") from None
    _put(written, out)


@ledger.command()
@click.argument("note", type=a_note)
@into
@house_command
def growth(house: House, note: Path, out: Path | None) -> None:
    """Prove that the ledger grew out of the checkpoint in the file NOTE, to whoever kept it: nothing before it changed.

    \b
    Example:  izin ledger growth kept-by-our-lawyer.txt --out growth.json
              python -m consent.proof growth.json kept-by-our-lawyer.txt --key KEY
    """
    older = _note(note)
    newer = _covering(house, older.checkpoint.size).read()
    try:
        with house.database.read() as connection:
            written = growth_of(StoredTree(connection, newer.checkpoint.size), older, newer)
    except ValueError as problem:
        sentence = f"There is no such proof: {problem}. Run `izin ledger verify --kept {note}`."
        raise Trouble(sentence, Exit.BROKEN, "no_growth") from None
    _put(written, out)


def _put(written: bytes, out: Path | None) -> None:
    if out is None:
        click.echo(written.decode(), nl=False)
        return
    out.write_bytes(written)
    click.echo(f"Written to {out}.")


@ledger.command(name="receipt")
@click.argument("person")
@click.option("--format", "shape", type=click.Choice(["27560", "kantara"]), default="27560", show_default=True)
@click.option("--all", "all_of_them", is_flag=True, help="A receipt for every event, not only the newest.")
@into
@house_command
def receipt_command(house: House, person: str, shape: str, all_of_them: bool, out: Path | None) -> None:
    """Give PERSON's consent receipts, after ISO/IEC TS 27560 or Kantara's specification, as JSON.

    \b
    Example:  izin ledger receipt "+90 555 000 12 34"
    """
    with house.database.read() as connection:
        subject = somebody(connection, house.settings, person)
        events = book.events_of(connection, [subject.id]).get(subject.id, [])
        given = receipt_events(events, house.clock.now(), all_of_them=all_of_them)
        texts = {text.ref: text for text in texts_of(connection, given)}
    make = receipt if shape == "27560" else kantara
    receipts: list[dict[str, Any]] = []
    for event in given:
        try:
            receipts.append(make(event, texts[event.text]))  # type: ignore[index]
        except NoReceipt:
            continue
    if not receipts:
        raise Trouble("No consent of this person names its text, so there is nothing to give a receipt for.")
    _put(json.dumps(receipts, ensure_ascii=False, indent=1).encode() + b"\n", out)


@ledger.command()
@click.option("--out", required=True, type=click.Path(dir_okay=False, writable=True, path_type=Path))
@as_json
@house_command
def export(house: House, out: Path, as_json: bool) -> None:
    """Write the whole ledger for an auditor: events, texts, checkpoints, messages; nothing in it names anybody.

    \b
    Example:  izin ledger export --out ledger.jsonl
              python -m consent.proof ledger.jsonl --key KEY
    """
    signed = signed_now(house) if house.settings.signing_key else _covering(house, 0)
    if signed is None:
        raise Trouble("The ledger is empty: there is nothing to export yet.", code="empty")
    with house.database.read() as connection, out.open("wb") as file:
        file.writelines(export_ledger(connection, signed))
    answer = {"events": signed.size, "bytes": out.stat().st_size, "file": out}
    tell(answer, as_json, [f"{signed.size} events in {out} ({out.stat().st_size:,} bytes)."])


@ledger.command(name="rebuild")
@click.option("--check", is_flag=True, help="Only compare; exit 3 when they differ.")
@as_json
@house_command
def rebuild_command(house: House, check: bool, as_json: bool) -> None:
    """Fold everybody's standing anew from the events, and say whose was not what the events say.

    \b
    Example:  izin ledger rebuild --check
    """
    wrong = rebuild(house.database, only_compare=check)
    lines = [
        f"{len(wrong)} people's standings were not what their events say." if wrong else "✓ Every standing is right."
    ]
    tell({"wrong": len(wrong), "rebuilt": bool(wrong) and not check}, as_json, lines)
    if wrong and check:
        raise SystemExit(Exit.BROKEN)


@ledger.command()
@click.argument("person", required=False)
@click.option("--limit", default=20, show_default=True, help="How many of the newest events, without PERSON.")
@as_json
@house_command
def show(house: House, person: str | None, limit: int, as_json: bool) -> None:
    """Show a person's events, or the newest ones. Nothing in them names anybody.

    \b
    Example:  izin ledger show "+90 555 000 12 34"
    """
    with house.database.read() as connection:
        if person is None:
            size, _ = book.head(connection)
            events = [e for seq in range(max(1, size - limit + 1), size + 1) if (e := book.event_at(connection, seq))]
        else:
            subject = somebody(connection, house.settings, person)
            events = book.events_of(connection, [subject.id]).get(subject.id, [])
    rows = [
        (e.seq, f"{e.occurred_at:%Y-%m-%d %H:%M:%S}", e.type.value, e.purpose, e.source, e.method, e.hash[:12])
        for e in events
    ]
    heading = ("seq", "when (UTC)", "event", "purpose", "source", "method", "hash")
    answer = {"events": [as_mapping(e) | {"hash": e.hash} for e in events]}
    tell(answer, as_json, table(rows, heading) if rows else ["No events."])
