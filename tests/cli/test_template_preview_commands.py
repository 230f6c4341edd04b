"""`izin templates preview`: with samples, for a person, and as a campaign fills it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Izin
from tests.cli.templates_given import Write, answer, problems


def test_a_preview_shows_the_samples_and_draws_a_page(izin: Izin, write: Write, tmp_path: Path) -> None:
    shown = answer(izin, "preview", str(write("ready")), "--html", "ready.html")
    assert shown["body"] == "Merhaba Ayşe, siparişiniz bugün mağazada hazır."
    assert "Merhaba Ayşe" in (tmp_path / "ready.html").read_text(encoding="utf-8")


def test_a_preview_draws_a_picture_and_names_letters_that_need_this_machines_fonts(
    izin: Izin, write: Write, tmp_path: Path
) -> None:
    shown = izin("templates", "preview", str(write("ready")), "--png", "ready.png")
    assert (shown.exit_code, shown.stdout.splitlines()[-1]) == (0, "Drawn into ready.png.")
    assert (tmp_path / "ready.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x04\x38")
    shown = izin(
        "templates", "preview", str(write("party", body="Merhaba {{first_name}}, 🎉 başladı")), "--png", "p.png"
    )
    assert shown.stdout.splitlines()[-1].startswith("🎉 are drawn from this machine's fonts;")


@pytest.mark.parametrize("option", ["--html", "--png"])
def test_a_drawing_that_cannot_be_written_is_said_so(izin: Izin, write: Write, option: str) -> None:
    told = problems(izin, "preview", str(write("ready")), option, "nowhere/ready")
    assert told == ["nowhere/ready cannot be written: No such file or directory."]


OPTINS = "telefon;ad;onay tarihi;kaynak;izin metni;sürüm\n0555 000 00 01;Zeynep;2026-01-05 10:00;web;marketing;1\n"


@pytest.fixture
def zeynep(izin: Izin, tmp_path: Path) -> str:
    (tmp_path / "text.txt").write_text("Kampanya mesajı almayı kabul ediyorum.", encoding="utf-8")
    (tmp_path / "optins.csv").write_text(OPTINS, encoding="utf-8")
    added = izin("texts", "add", "text.txt", "--id", "marketing", "--version", "1", "--withdrawal", "DUR")
    assert added.exit_code == 0, added.output
    imported = izin("optins", "import", "optins.csv")
    assert "Zeynep" not in imported.output
    return "0555 000 00 01"


def test_a_preview_for_a_person_shows_their_name(izin: Izin, write: Write, zeynep: str) -> None:
    shown = answer(izin, "preview", str(write("ready")), "--person", zeynep)
    assert shown["body"].startswith("Merhaba Zeynep,")


CAMPAIGN = "name: x\nsegment: everyone\ntemplate: ready\nexpires: 1 day\nparameters:\n  first_name: {value}\n"


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ('"{person.first_name|dostum}"', "Merhaba Zeynep, siparişiniz"),
        ('"{person.city|dostum}"', "Merhaba dostum, siparişiniz"),
    ],
)
def test_a_preview_fills_as_the_campaign_does(
    izin: Izin, write: Write, tmp_path: Path, zeynep: str, value: str, says: str
) -> None:
    (tmp_path / "x.yaml").write_text(CAMPAIGN.replace("{value}", value), encoding="utf-8")
    shown = answer(izin, "preview", str(write("ready")), "--person", zeynep, "--campaign", "x.yaml")
    assert shown["body"].startswith(says)


def test_a_preview_says_what_the_campaign_leaves_empty(izin: Izin, write: Write, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(CAMPAIGN.replace("{value}", '"{person.city}"'), encoding="utf-8")
    assert problems(izin, "preview", str(write("ready")), "--campaign", "x.yaml") == [
        "Body: “first_name” has no value; give it one, or a fallback."
    ]


def test_a_preview_for_somebody_unknown_is_refused(izin: Izin, write: Write) -> None:
    assert problems(izin, "preview", str(write("ready")), "--person", "+905550009999") == [
        "Nobody is known here by that number or reference."
    ]
