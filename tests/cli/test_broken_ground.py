"""What the commands say when a folder, a file, a database or a port is not as it must be."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.cli import run
from gateway.cli.exits import Exit
from tests.cli.conftest import Izin
from tests.given import Given


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Something in whose place a folder is wanted."""
    found = tmp_path / "file"
    found.write_text("", encoding="utf-8")
    return found


def test_a_folder_that_cannot_be_made_is_named(izin: Izin, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IZIN_DATA_DIR", str(file / "var"))
    said = izin("optins", "list")
    assert said.exit_code == Exit.REFUSED
    assert "var cannot be read or written: Not a directory." in said.output


def test_a_file_that_is_no_database_is_named(izin: Izin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "letter.db").write_text("Dear Sir or Madam, " * 100, encoding="utf-8")
    monkeypatch.setenv("IZIN_DATABASE_URL", f"sqlite:///{tmp_path / 'letter.db'}")
    said = izin("optins", "list")
    assert said.exit_code == Exit.AWAY
    assert "letter.db cannot be used as a database: file is not a database." in said.output


def test_a_checkpoint_that_cannot_be_written_is_told(
    izin: Izin, given: Given, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given.person(opted_in="marketing")
    izin("ledger", "key", "new", "signing.key", "--name", "shop.example/ledger")
    monkeypatch.setenv("IZIN_SIGNING_KEY_FILE", "signing.key")
    monkeypatch.setenv("IZIN_CHECKPOINT_DIR", str(file / "notes"))
    said = izin("ledger", "checkpoint")
    assert said.exit_code == Exit.REFUSED
    assert "notes cannot be written: Not a directory." in said.output


@pytest.fixture
def taken() -> Iterator[int]:
    """A port of this machine that somebody else has."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def test_a_port_that_is_taken_is_named(izin: Izin, taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IZIN_WEB_PORT", str(taken))
    said = izin("web")
    assert said.exit_code == Exit.AWAY
    assert f"127.0.0.1:{taken}: Address already in use. See IZIN_WEB_HOST and IZIN_WEB_PORT." in said.output


def test_up_names_the_process_that_ended_by_itself(izin: Izin, monkeypatch: pytest.MonkeyPatch) -> None:
    def started(command: list[str], _environment: object) -> subprocess.Popen[bytes]:
        ends = "import time; time.sleep(60)" if command[0] == "practice" else ""
        process = subprocess.Popen([sys.executable, "-S", "-c", ends])
        if not ends:
            process.wait()
        return process

    monkeypatch.setattr(run, "start", started)
    monkeypatch.setenv("IZIN_ENV_FILE", os.devnull)
    said = izin("up")
    assert said.exit_code == Exit.AWAY
    assert "✗ web and worker ended by itself" in said.output
