"""The commands as a person meets them: what they say, what they refuse, and how they end."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from gateway.cli.main import COMMANDS, Commands, main
from tests.cli.conftest import Izin

FILE = (
    "telefon;ad;onay tarihi;kaynak;izin metni;sürüm\n"
    "0555 000 00 01;Ayşe;2026-01-05 10:00;web;marketing;1\n"
    "0555 000 00 02;Mehmet;;;;\n"
    "12;Kim;;;;\n"
)


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        found = []
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            found += leaves(inner, (*path, name))
        return found
    return [path]


@pytest.mark.parametrize("path", leaves(main), ids=" ".join)
def test_every_command_has_help_with_an_example(izin: Izin, path: tuple[str, ...]) -> None:
    shown = izin(*path, "--help")
    assert shown.exit_code == 0
    assert f"izin {' '.join(path)}" in shown.output


def test_every_listed_command_can_be_loaded() -> None:
    assert isinstance(main, Commands)
    for name in COMMANDS:
        assert main.get_command(click.Context(main), name) is not None


def test_the_exit_codes_are_documented(izin: Izin) -> None:
    assert "Exit codes" in izin("--help").output


@pytest.fixture
def text(izin: Izin, tmp_path: Path) -> Path:
    file = tmp_path / "text.txt"
    file.write_text("Kampanya mesajı almayı kabul ediyorum.", encoding="utf-8")
    added = izin("texts", "add", str(file), "--id", "marketing", "--version", "1", "--withdrawal", "DUR")
    assert added.exit_code == 0, added.output
    return file


def test_an_import_says_what_became_of_each_row(izin: Izin, tmp_path: Path, text: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(FILE, encoding="utf-8")
    done = izin("optins", "import", str(file), "--attested-by", "Deniz", "--skip-problems", "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert (said["added"], said["needs_confirmation"], said["rejected"]) == (1, 1, 1)
    assert "Row 4" in said["problems"][0]
    rejects = Path(said["rejects_file"]).read_text(encoding="utf-8-sig")
    assert rejects.splitlines()[1].startswith("12;Kim")
    again = izin("optins", "import", str(file), "--attested-by", "Deniz", "--skip-problems")
    assert "nothing changed" in again.output


def test_a_text_never_changes(izin: Izin, tmp_path: Path, text: Path) -> None:
    text.write_text("Başka sözler.", encoding="utf-8")
    again = izin("texts", "add", str(text), "--id", "marketing", "--version", "1", "--withdrawal", "DUR")
    assert again.exit_code == 1
    assert "new version" in again.output


def test_a_wrong_campaign_file_is_refused_with_every_mistake(izin: Izin, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("name: X\nsegmnt: everyone\ntemplate: t\nexpires: soon\n", encoding="utf-8")
    refused = izin("campaign", "plan", str(file))
    assert refused.exit_code == 1
    assert "segment" in refused.output
    assert "expires" in refused.output
    as_json = izin("campaign", "plan", str(file), "--json")
    assert json.loads(as_json.stderr)["error"]["code"] == "campaign_file"


@pytest.mark.parametrize("verb", ["dry-run", "schedule", "pause", "resume", "cancel", "status"])
def test_an_unknown_campaign_is_said_to_be_unknown(izin: Izin, verb: str) -> None:
    refused = izin("campaign", verb, "Nothing")
    assert refused.exit_code == 1
    assert "There is no campaign called “Nothing”" in refused.output


def test_an_unknown_person_is_said_to_be_unknown(izin: Izin) -> None:
    refused = izin("why", "0555 000 99 99")
    assert refused.exit_code == 1
    assert "Nobody is known" in refused.output


def test_wrong_settings_are_named_and_nothing_runs(izin: Izin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IZIN_WEB_PORT", "none")
    monkeypatch.setenv("IZIN_REGION", "Turkey")
    refused = izin("ledger", "verify")
    assert refused.exit_code == 1
    assert "IZIN_WEB_PORT" in refused.output
    assert "IZIN_REGION" in refused.output
    assert "Traceback" not in refused.output


def test_a_database_that_is_away_is_said_to_be_away(izin: Izin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IZIN_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    away = izin("ledger", "verify")
    assert away.exit_code == 4
    assert "does not answer" in away.output


def test_an_empty_ledger_verifies(izin: Izin) -> None:
    verified = izin("ledger", "verify", "--json")
    assert verified.exit_code == 0
    assert json.loads(verified.stdout)["holds"] is True


def test_the_shape_of_the_database_is_brought_up_to_date(
    izin: Izin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IZIN_DATA_DIR", str(tmp_path / "new"))
    assert json.loads(izin("db", "upgrade", "--json").stdout)["changed"] is True
    assert json.loads(izin("db", "upgrade", "--json").stdout)["changed"] is False


@pytest.mark.parametrize(
    "command", [("texts", "list"), ("templates", "list"), ("optins", "list"), ("campaign", "status")]
)
def test_lists_say_when_they_are_empty(izin: Izin, command: tuple[str, ...]) -> None:
    assert izin(*command).exit_code == 0
    assert json.loads(izin(*command, "--json").stdout)


def test_the_worker_and_the_templates_say_which_settings_they_miss(izin: Izin, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "IZIN_TOKEN" in izin("work").output
    assert "IZIN_TOKEN" in izin("templates", "sync").output
    monkeypatch.setenv("IZIN_TOKEN", "a-token")
    monkeypatch.delenv("IZIN_PHONE_NUMBER_IDS")
    assert "IZIN_PHONE_NUMBER_IDS" in izin("work").output
