"""`izin ledger key`: the keys that stand outside the database."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import click

from consent.proof.checkpoint import NoteProblem, SigningKey, new_signing_key, read_signing_key
from consent.suppression import SuppressionKeys, new_key_text
from gateway.actions.sign_checkpoint import CannotSign, LedgerInDoubt, change_key, signing_key
from gateway.assembly import House
from gateway.cli.exits import Exit
from gateway.cli.speech import Trouble, as_json, house_command, tell


@click.group()
def key() -> None:
    """Keys that are kept outside the database."""


@key.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--name", default="izin/ledger", show_default=True, help="Whose ledger; best a domain of yours.")
@click.option("--suppression", is_flag=True, help="The key under which erased numbers stay refused, instead.")
@as_json
def new(file: Path, name: str, suppression: bool, as_json: bool) -> None:
    """Make a fresh key and write it to FILE, which only you can read.

    The signing key: keep FILE outside the database and its backups, and name it in IZIN_SIGNING_KEY_FILE. Give the
    printed verifier key to whoever is to check the ledger. The suppression key (--suppression) belongs into
    IZIN_SUPPRESSION_KEY_FILE; with a file that has one already, a newer version is added and the older ones stay.

    \b
    Example:  izin ledger key new /etc/izin/signing.key --name kahveevi.example/ledger
    """
    if suppression:
        version = _add_suppression_key(file)
        lines = [
            f"Version {version} is in {file}. Set IZIN_SUPPRESSION_KEY_FILE={file}.",
            "Keep it for ever, apart from the database and its backups.",
        ]
        tell({"file": file, "version": version}, as_json, lines)
        return
    try:
        made = new_signing_key(name, secrets.token_bytes(32))
    except NoteProblem as problem:
        raise Trouble(f"{problem}.", code="name") from None
    _write_secret(file, made.secret_text() + "\n")
    lines = [
        f"The signing key is in {file}. Set IZIN_SIGNING_KEY_FILE={file}.",
        "Keep it outside the database and its backups.",
        "Whoever checks the ledger needs this verifier key, which is no secret:",
        str(made.verifier),
    ]
    tell({"file": file, "verifier": str(made.verifier)}, as_json, lines)


def _write_secret(file: Path, text: str) -> None:
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:
        raise Trouble(f"{file} exists; a key is never written over.", code="exists") from None
    except OSError as problem:
        raise Trouble(f"{file} cannot be written: {problem.strerror}.", code="file") from None


def _add_suppression_key(file: Path) -> int:
    if not file.exists():
        _write_secret(file, new_key_text() + "\n")
        return 1
    try:
        known = SuppressionKeys.read(file.read_text(encoding="utf-8"))
    except ValueError as problem:
        raise Trouble(f"{file}: {problem}.", code="key") from None
    version = int(known.newest[1:]) + 1 if known else 1
    lines = [f"{v}:{k.decode()}" for v, k in known.versions.items()]
    file.write_text("\n".join([*lines, new_key_text(version)]) + "\n", encoding="utf-8")
    return version


@key.command()
@as_json
@house_command
def show(house: House, as_json: bool) -> None:
    """Print the verifier key, which is no secret: auditors need it.

    \b
    Example:  izin ledger key show
    """
    try:
        verifier = str(signing_key(house.settings).verifier)
    except CannotSign as problem:
        raise Trouble(str(problem), code="signing_key") from None
    tell({"verifier": verifier}, as_json, [verifier])


@key.command()
@click.argument("new_file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_json
@house_command
def rotate(house: House, new_file: Path, as_json: bool) -> None:
    """Hand over from the key in the settings to the one in NEW_FILE: both sign a checkpoint that names the new one.

    Afterwards set IZIN_SIGNING_KEY_FILE to NEW_FILE. Whoever trusts the old key goes on trusting through that note.

    \b
    Example:  izin ledger key new next.key --name kahveevi.example/ledger
              izin ledger key rotate next.key
    """
    settings = house.settings
    try:
        signed = change_key(
            house.database, signing_key(settings), _read(new_file), settings.checkpoints, house.clock.now()
        )
    except CannotSign as problem:
        raise Trouble(str(problem), code="signing_key") from None
    except LedgerInDoubt as problem:
        raise Trouble(f"Nothing was signed: {problem}. Run `izin ledger verify`.", Exit.BROKEN, "doubt") from None
    lines = [signed.note, f"Now set IZIN_SIGNING_KEY_FILE={new_file}."]
    tell({"size": signed.size, "note": signed.note}, as_json, lines)


def _read(file: Path) -> SigningKey:
    try:
        return read_signing_key(file.read_text(encoding="utf-8"))
    except (NoteProblem, UnicodeDecodeError) as problem:
        raise Trouble(f"{file}: {problem}.", code="key") from None
