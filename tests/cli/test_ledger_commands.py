"""`izin ledger`, `izin person` and `izin optins invite` as somebody at a shell meets them, and the offline verifier."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import Result

from consent.proof.checkpoint import Checkpoint, read_signing_key, read_verifier_key, sign
from consent.proof.verify import verify
from gateway.cli.exits import Exit
from gateway.settings import read_settings
from gateway.storage.database import Database
from gateway.storage.inbox import Inbox
from tests.cli.conftest import Izin
from tests.given import Given, Person

ROOT = Path(__file__).parents[2]
FORMATS = ROOT / "docs" / "formats"


@pytest.fixture
def keys(izin: Izin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both keys, made by the command itself; the verifier key."""
    signing, suppression = tmp_path / "signing.key", tmp_path / "suppression.key"
    made = json.loads(izin("ledger", "key", "new", str(signing), "--name", "kahve.example/ledger", "--json").output)
    izin("ledger", "key", "new", str(suppression), "--suppression")
    monkeypatch.setenv("IZIN_SIGNING_KEY_FILE", str(signing))
    monkeypatch.setenv("IZIN_SUPPRESSION_KEY_FILE", str(suppression))
    return str(made["verifier"])


@pytest.fixture
def gateway(izin: Izin, keys: str) -> Given:
    """The house that the commands open, with a clock of its own in the past."""
    assert izin("ledger", "show").exit_code == 0, "the first command makes the database"
    settings = read_settings()
    return Given(Database(settings.database), Inbox(Database(settings.inbox_database)))


@pytest.fixture
def ayse(gateway: Given) -> Person:
    """Somebody who consented and was sent a message."""
    person = gateway.person()
    gateway.campaign()
    gateway.work()
    return person


def offline(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The verifier as a stranger runs it: another process, without our settings."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith("IZIN_")}
    command = [sys.executable, "-m", "consent.proof", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)


def said(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_keys_are_files_that_only_their_owner_reads(izin: Izin, keys: str, tmp_path: Path) -> None:
    file = tmp_path / "signing.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert str(read_signing_key(file.read_text("utf-8")).verifier) == keys
    assert said(izin("ledger", "key", "show", "--json"))["verifier"] == keys
    again = izin("ledger", "key", "new", str(file))
    assert again.exit_code == Exit.REFUSED
    assert "never written over" in again.output


def test_a_newer_suppression_key_is_added_to_the_older(izin: Izin, keys: str, tmp_path: Path) -> None:
    file = tmp_path / "suppression.key"
    before = file.read_text("utf-8")
    izin("ledger", "key", "new", str(file), "--suppression")
    assert file.read_text("utf-8").startswith(before)
    assert [line[:3] for line in file.read_text("utf-8").split()] == ["v1:", "v2:"]


def test_without_a_key_nothing_is_signed_and_the_sentence_says_what_to_do(izin: Izin) -> None:
    refused = izin("ledger", "checkpoint")
    assert refused.exit_code == Exit.REFUSED
    assert "izin ledger key new" in refused.output


@pytest.mark.usefixtures("ayse")
def test_a_message_is_proved_to_a_stranger(izin: Izin, keys: str, tmp_path: Path) -> None:
    file = tmp_path / "message-1.json"
    assert izin("ledger", "proof", "--message", "1", "--out", str(file)).exit_code == 0
    checked = offline(str(file), "--key", keys)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "message 1 against" in checked.stdout
    forged = tmp_path / "forged.json"
    forged.write_text(file.read_text("utf-8").replace('"source": "web_form"', '"source": "paper"'), encoding="utf-8")
    assert offline(str(forged), "--key", keys).returncode == 1


@pytest.mark.usefixtures("gateway")
def test_a_message_that_nobody_knows_is_not_proved(izin: Izin) -> None:
    refused = izin("ledger", "proof", "--message", "77")
    assert refused.exit_code == Exit.REFUSED
    assert "not known here" in refused.output


def test_the_whole_ledger_is_checked_offline_with_a_note_kept_elsewhere(
    izin: Izin, keys: str, gateway: Given, ayse: Person, tmp_path: Path
) -> None:
    note = tmp_path / "at-our-lawyer.txt"
    note.write_text(said(izin("ledger", "checkpoint", "--json"))["note"], encoding="utf-8")
    gateway.says(ayse, "dur")
    file = tmp_path / "ledger.jsonl"
    exported = said(izin("ledger", "export", "--out", str(file), "--json"))
    assert exported["events"] == 2
    assert ayse.wa_id not in file.read_text("utf-8")
    checked = offline(str(file), str(note), "--key", keys)
    assert checked.returncode == 0, checked.stdout
    assert "2 events" in checked.stdout
    assert "messages, each against" in checked.stdout


@pytest.mark.usefixtures("ayse")
def test_a_key_is_rotated_and_the_old_one_still_proves(
    izin: Izin, keys: str, gateway: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    izin("ledger", "checkpoint")
    new = tmp_path / "next.key"
    izin("ledger", "key", "new", str(new), "--name", "kahve.example/ledger")
    assert izin("ledger", "key", "rotate", str(new)).exit_code == 0
    monkeypatch.setenv("IZIN_SIGNING_KEY_FILE", str(new))
    gateway.person()
    file = tmp_path / "ledger.jsonl"
    assert izin("ledger", "export", "--out", str(file)).exit_code == 0
    assert offline(str(file), "--key", keys).returncode == 0
    verified = izin("ledger", "verify")
    assert verified.exit_code == 0, verified.output


@pytest.mark.parametrize(("shape", "schema"), [("27560", "receipt-27560"), ("kantara", "receipt-kantara")])
def test_receipts_fit_their_schemas(izin: Izin, ayse: Person, shape: str, schema: str) -> None:
    given = json.loads(izin("ledger", "receipt", ayse.phone, "--format", shape).output)
    expected = json.loads((FORMATS / f"{schema}.schema.json").read_text(encoding="utf-8"))
    assert given
    for one in given:
        jsonschema.validate(one, expected)


@pytest.mark.usefixtures("ayse")
def test_a_living_ledger_verifies_and_its_standings_are_right(izin: Izin) -> None:
    izin("ledger", "checkpoint")
    assert said(izin("ledger", "verify", "--json"))["holds"] is True
    assert said(izin("ledger", "rebuild", "--check", "--json")) == {"wrong": 0, "rebuilt": False}


def test_a_checkpoint_is_signed_though_the_time_stamping_authority_is_away(
    izin: Izin, gateway: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway.person(opted_in="marketing")
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        monkeypatch.setenv("IZIN_TIMESTAMP_URL", f"http://127.0.0.1:{nobody_listens.getsockname()[1]}/")
        signed = izin("ledger", "checkpoint")
        assert signed.exit_code == 0
        assert "it is asked again" in signed.output
        made = said(izin("ledger", "checkpoint", "--json"))
    assert made["stamped_at"] is None
    (note,) = Path(made["folder"]).glob("*.checkpoint.txt")
    note.with_suffix(".tsr").write_bytes(b"damaged on the disk")
    assert "It had its time-stamp already." in izin("ledger", "checkpoint").output
    doubtful = izin("ledger", "verify")
    assert doubtful.exit_code == Exit.BROKEN
    assert "this is not an answer of a time-stamping authority" in doubtful.output
    monkeypatch.setenv("IZIN_TIMESTAMP_CERTIFICATE", str(tmp_path / "nowhere.pem"))
    assert "nowhere.pem' cannot be used; the file cannot be read" in izin("ledger", "verify").output


def test_whoever_kept_a_checkpoint_sees_that_the_ledger_grew_out_of_it(
    izin: Izin, gateway: Given, keys: str, tmp_path: Path
) -> None:
    kept, growth = tmp_path / "kept.txt", tmp_path / "growth.json"
    gateway.person(opted_in="marketing")
    kept.write_text(said(izin("ledger", "checkpoint", "--json"))["note"], encoding="utf-8")
    gateway.person(opted_in="marketing")
    assert said(izin("ledger", "verify", "--kept", str(kept), "--json"))["holds"] is True
    izin("ledger", "checkpoint")
    assert izin("ledger", "growth", str(kept), "--out", str(growth)).exit_code == 0
    assert verify([growth, kept], [read_verifier_key(keys)]).holds


def test_a_ledger_that_did_not_grow_out_of_a_kept_checkpoint_is_in_doubt(
    izin: Izin, gateway: Given, tmp_path: Path
) -> None:
    gateway.person(opted_in="marketing")
    size = int(said(izin("ledger", "checkpoint", "--json"))["size"])
    key = read_signing_key((tmp_path / "signing.key").read_text(encoding="utf-8"))
    kept = tmp_path / "kept.txt"
    kept.write_text(sign(Checkpoint(key.name, size, bytes(32)), [key]), encoding="utf-8")
    refused = izin("ledger", "growth", str(kept))
    assert refused.exit_code == Exit.BROKEN
    assert "There is no such proof" in refused.output
    assert izin("ledger", "verify", "--kept", str(kept)).exit_code == Exit.BROKEN
    kept.write_text("no note at all", encoding="utf-8")
    assert "a checkpoint ends in an empty line" in izin("ledger", "growth", str(kept)).output


def test_a_person_is_shown_masked(izin: Izin, ayse: Person) -> None:
    shown = said(izin("person", "show", ayse.phone, "--json"))
    assert shown["standing"] == {"marketing": "granted"}
    assert ayse.wa_id not in json.dumps(shown)
    assert shown["messages"] == 1


def test_a_person_takes_everything_along(izin: Izin, keys: str, ayse: Person, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    assert izin("person", "export", ayse.phone, "--out", str(folder), "--language", "tr").exit_code == 0
    assert sorted(p.name for p in folder.iterdir()) == ["person.html", "person.json", "proof.json"]
    assert ayse.phone in (folder / "person.json").read_text("utf-8")
    assert "Onay geçmişiniz" in (folder / "person.html").read_text("utf-8")
    assert offline(str(folder / "proof.json"), "--key", keys).returncode == 0
    assert {stat.S_IMODE(p.stat().st_mode) for p in folder.iterdir()} == {0o600}


def test_a_person_is_erased_and_then_nobody_is_there(izin: Izin, ayse: Person) -> None:
    assert izin("person", "erase", ayse.phone, "--yes").exit_code == 0
    gone = izin("person", "show", ayse.phone)
    assert gone.exit_code == Exit.REFUSED
    assert "Nobody is known" in gone.output
    assert said(izin("person", "replay-erasures", "--json")) == {"erased": []}
    assert izin("ledger", "verify").exit_code == 0


def test_erasing_is_asked_twice(izin: Izin, ayse: Person) -> None:
    assert izin("person", "erase", ayse.phone).exit_code != 0
    assert izin("person", "show", ayse.phone).exit_code == 0


def test_without_a_suppression_key_nobody_is_erased(izin: Izin, ayse: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IZIN_SUPPRESSION_KEY_FILE")
    refused = izin("person", "erase", ayse.phone, "--yes")
    assert refused.exit_code == Exit.REFUSED
    assert "--suppression" in refused.output


def test_consent_on_paper_refusal_at_the_till_and_hold(izin: Izin, gateway: Given, tmp_path: Path) -> None:
    scan = tmp_path / "form.pdf"
    scan.write_bytes(b"%PDF")
    number = "0555 000 70 01"
    form = ("--source", "paper", "--text", "marketing", "--version", "1", "--note", "form 12", "--evidence", str(scan))
    granted = said(izin("person", "note-consent", number, *form, "--at", "2026-11-20 14:30", "--json"))
    assert granted["type"] == "granted"
    assert said(izin("person", "note-refusal", number, "--note", "told the cashier", "--json"))["type"] == "revoked"
    assert said(izin("person", "hold", number, "--note", "asked by letter", "--json"))["type"] == "held"
    assert said(izin("person", "show", number, "--json"))["flags"] == ["held"]
    assert said(izin("person", "lift-hold", number, "--note", "wrong person", "--json"))["type"] == "corrected"
    shown = said(izin("person", "show", number, "--json"))
    assert (shown["flags"], shown["standing"]) == ([], {"marketing": "revoked"})
    again = izin("person", "lift-hold", number, "--note", "wrong person")
    assert again.exit_code == 1
    assert "This person is not held." in again.output
    assert said(izin("ledger", "verify", "--json"))["holds"] is True
    assert said(izin("person", "reassigned", number, "--json"))
    assert gateway.database


@pytest.mark.parametrize("at", ["soon", "2999-01-01 10:00"])
@pytest.mark.usefixtures("gateway")
def test_a_moment_that_cannot_be_is_named(izin: Izin, at: str) -> None:
    form = ("--source", "call", "--text", "marketing", "--version", "1", "--note", "call 7", "--at", at)
    refused = izin("person", "note-consent", "0555 000 70 02", *form)
    assert refused.exit_code == Exit.REFUSED
    assert at in refused.output


@pytest.mark.parametrize(("suffix", "begins"), [("svg", b"<?xml"), ("png", b"\x89PNG")])
@pytest.mark.usefixtures("gateway")
def test_an_invitation_is_a_link_an_image_and_words(izin: Izin, tmp_path: Path, suffix: str, begins: bytes) -> None:
    image = tmp_path / f"poster.{suffix}"
    made = said(izin("optins", "invite", "--source", "shop-kadikoy", "--qr", str(image), "--json"))
    assert made["link"].startswith("https://wa.me/12025550143?text=ONAY%20")
    assert made["reusable"] is True
    assert image.read_bytes().startswith(begins)
    words = izin("optins", "invite", "--source", "web-form", "--once").output
    assert "I agree to get Kahve Evi's offers" in words
    assert "DUR" in words


@pytest.mark.usefixtures("gateway")
def test_an_image_of_another_kind_is_refused_before_anything_is_made(izin: Izin) -> None:
    refused = izin("optins", "invite", "--source", "shop", "--qr", "poster.gif")
    assert refused.exit_code == Exit.REFUSED
    assert ".svg or a .png" in refused.output
