"""Run commands in-process over a fresh SQLite file; nothing outside the test's folder is read or written."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.assembly import House, open_house
from gateway.cli.main import main
from gateway.clock import SetClock
from gateway.practice.settings import PracticeSettings
from gateway.settings import read_settings
from tests.cli.templates_given import BODY, NOTE, Write
from tests.given import TUESDAY, Given

Izin = Callable[..., Result]


@pytest.fixture
def izin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_template: Path) -> Izin:
    known = PracticeSettings()
    (tmp_path / "var").mkdir(exist_ok=True)
    if not (database := tmp_path / "var" / "izin.db").exists():
        shutil.copy(sqlite_template, database)  # migrated once a session, not once a test
    (tmp_path / "none.env").touch()
    for name, value in {
        "IZIN_ENV_FILE": str(tmp_path / "none.env"),
        "IZIN_DATA_DIR": str(tmp_path / "var"),
        "IZIN_LANGUAGE": "en",
        "IZIN_BRAND": "Kahve Evi",
        "IZIN_PHONE_NUMBER_IDS": known.numbers[0].id,
        "IZIN_APP_SECRETS": known.app_secret,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, list(arguments))

    return run


@pytest.fixture
def house(izin: Izin, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """The house that the commands open, on a Tuesday's early afternoon for them too."""
    clock = SetClock(TUESDAY)
    monkeypatch.setattr("gateway.assembly.clock_for", lambda shift: clock)
    with open_house(read_settings()) as opened:
        yield opened


@pytest.fixture
def given(house: House, tmp_path: Path) -> Given:
    """A situation in that house; moving its clock moves the commands'."""
    found = Given(house.database, house.inbox, data_dir=tmp_path / "var")
    assert isinstance(house.clock, SetClock)
    found.clock = house.clock
    return found


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a template file into templates/, where the commands look."""

    def written(name: str, language: str = "tr", body: str = BODY, more: str = "") -> Path:
        path = tmp_path / "templates" / f"{name}.{language}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(NOTE.format(name=name, language=language, body=body) + more, encoding="utf-8")
        return path

    return written
