"""A command that was called wrongly: click's own sentences, in Turkish for those who set Turkish."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.cli.usage import in_turkish
from tests.cli.conftest import Izin

WRONG = [
    ("segmnts", "'segmnts' diye bir komut yok. 'segments' mi demek istediniz?"),
    ("qqqq", "'qqqq' diye bir komut yok."),
    ("segments cuont x", "'cuont' diye bir komut yok. 'count' mi demek istediniz?"),
    ("segments count", "'TEXT' eksik."),
    ("segments count a b", "Fazladan bir değer verildi: b. Boşluk içeren değeri tırnağa alın."),
    ("segments list-sample x --limit 0", "'--limit' için geçersiz değer: 0 şu aralıkta değil: 1<=x<=1000."),
    ("segments list-sample x --limit çok", "'--limit' için geçersiz değer: 'çok' bir tam sayı değil."),
    ("segments list-sample x --limt 3", "'--limt' diye bir seçenek yok. '--limit' mi demek istediniz?"),
    ("segments count x --json=1", "'--json' seçeneği değer almaz."),
    ("optins import yok.csv", "'FILE' için geçersiz değer: 'yok.csv' diye bir dosya ya da klasör yok."),
    ("optins import .", "'FILE' için geçersiz değer: '.' bir klasör; bir dosya verin."),
    ("optins import --map", "'--map' seçeneğinden sonra bir değer gelmeli."),
    ("outbox settle 1 maybe", "için geçersiz değer: 'maybe' şunlardan biri değil: 'sent', 'not-sent'."),
    ("person note-consent 1", "'--source' seçeneği eksik. Şunlardan biri olmalı:\n\tpaper,\n\tcall"),
    ("texts add a.md --valid-from 1.2.3", "'1.2.3' şu biçimde değil: '%Y-%m-%d'."),
]


@pytest.mark.parametrize(("command", "says"), WRONG)
def test_a_wrong_call_is_told_in_turkish(izin: Izin, command: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IZIN_LANGUAGE", "tr")
    Path("a.md").touch()
    told = izin(*command.split())
    assert told.exit_code == 2
    assert says in told.output
    assert not re.search(r"\b(Usage|Error|Try|Invalid|Missing|such|OPTIONS)\b", told.output)


def test_a_wrong_call_stays_english_where_english_is_set(izin: Izin) -> None:
    told = izin("segmnts")
    assert told.exit_code == 2
    assert "No such command 'segmnts'. Did you mean 'segments'?" in told.output


def test_help_is_shown_as_ever(izin: Izin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IZIN_LANGUAGE", "tr")
    assert "ready-made" in izin("segments", "--help").output
    assert "ready-made" in izin("segments").output


def test_a_sentence_of_unknown_shape_stays_as_it_is() -> None:
    assert in_turkish("Something new is wrong") == "Something new is wrong"
    assert in_turkish("Invalid value for '--x': it is odd") == "'--x' için geçersiz değer: it is odd"


def test_settings_that_cannot_be_read_hide_no_wrong_call(izin: Izin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IZIN_LANGUAGE", "xx")
    told = izin("segmnts")
    assert (told.exit_code, "No such command" in told.output) == (2, True)
