"""With IZIN_LANGUAGE=tr a marketer reads Turkish: nothing of what these commands say is left in English."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.conftest import Izin
from tests.given import Given

ENGLISH = re.compile(
    r"\b(people|rows?|rejected|known|added|changed|name|address|granted|revoked|withdrawn|none|nobody|there|nothing|"
    r"with|the|of|is|are|language|standing|tags|wrote|parked|write|such|events?|asked|would|before)\b",
    re.IGNORECASE,
)

WEEKLY = """
name: Bahar
segment: everyone
template: spring_offer
expires: 2 days
local_start: '10:00'
repeats: 0 0 * * mon Europe/Istanbul
parameters: {season: {tr: Bahar, en: spring}, first_name: dost, store: Moda}
link: https://shop.example/spring
"""


@pytest.fixture
def shop(izin: Izin, given: Given, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Izin:
    monkeypatch.setenv("IZIN_LANGUAGE", "tr")
    ayse = given.person(tags=["vip"], city="Ankara")
    given.person(None, name="Ali")
    given.says(ayse, "DUR")
    (tmp_path / "list.csv").write_text("telefon,ad\n05550000001,Ayşe\n0555,Veli\n05550000077,Can\n", encoding="utf-8")
    (tmp_path / "olay.csv").write_text("olay,telefon,tarih\nOrder,05550000001,2026-11-20\n,x,\n", encoding="utf-8")
    given.plan("Kış")
    (tmp_path / "bahar.yaml").write_text(WEEKLY, encoding="utf-8")
    (tmp_path / "latin.yaml").write_bytes("name: Kış".encode("cp1254"))
    return izin


@pytest.mark.parametrize(
    "command",
    [
        "optins import list.csv",
        "optins import list.csv --skip-problems",
        "optins import list.csv --map telefon",
        "optins import list.csv --map yok=phone",
        "optins import list.csv --map ad=ne",
        "optins list",
        "optins confirm --dry-run",
        "optouts import list.csv",
        "people list",
        "people list tag:yok",
        "people show 05550000001",
        "people show 05550009999",
        "people tag çay 05550000001",
        "people tag çay",
        "people set 05550000001 dil",
        "people set 05550000001 zone=Ankara",
        "people set 05550000001 city=İzmir",
        "people clean",
        "people clean --park everyone",
        "segments count everyone",
        "segments list-sample everyone",
        "segments list-sample tag:yok",
        "events list",
        "events import olay.csv",
        "events key shop --take-back",
        "why 05550000001",
        "campaign status",
        "campaign plan bahar.yaml",
        "campaign plan latin.yaml",
        "campaign status Kış",
        "campaign dry-run Kış",
        "campaign dry-run Yaz",
        "campaign schedule Kış",
        "campaign schedule Kış --at yarın",
        "campaign pause Kış",
        "campaign resume Kış",
        "campaign cancel Kış",
        "templates list",
        "templates list --history",
        "templates sync",
        "templates unpause spring_offer",
        "texts list",
        "texts add bahar.yaml --id marketing --version 9 --withdrawal DUR",
        "texts add latin.yaml --id marketing --version 9 --withdrawal DUR",
        "numbers",
        "numbers show 106540352242922",
        "numbers show 17",
        "outbox",
        "outbox unsure",
        "outbox settle 17 sent --reason gördük",
        "holds",
        "holds set everything --reason fiyat",
        "holds set number --reason fiyat",
        "holds set number 17 --reason fiyat",
        "holds set country Türkiye --reason fiyat --for 2h",
        "holds set country TR --reason fiyat --for 2h",
        "holds lift everything 17 --reason fiyat",
        "holds lift everything --reason fiyat",
    ],
)
def test_nothing_is_said_in_english(shop: Izin, command: str) -> None:
    said = shop(*command.split()).output
    names = r"\d .*?\* mon|--[a-z-]+|“[^”]*”|`[^`]*`|\w+=\w+|\S+\.csv|[a-z_]+(, [a-z_]+){8,}"
    assert said
    assert not ENGLISH.findall(re.sub(names, "", said)), said


def test_the_ready_made_segments_are_about_whom_they_say_in_turkish(shop: Izin) -> None:
    assert "Son 48 saatte sepete koyup almayanlar" in shop("segments", "ready-made").output
