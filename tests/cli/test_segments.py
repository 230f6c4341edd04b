"""`izin segments` and `izin events`: who is meant, in words and numbers, with mistakes pointed at."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Izin

EVENTS = """{"type":"identify","userId":"1","traits":{"phone":"05550000001","name":"Ayşe Kaya","language":"tr"}}
{"type":"identify","userId":"2","traits":{"phone":"05550000002","name":"Ada Hill","language":"en"}}
{"type":"track","userId":"1","event":"Order Completed","messageId":"m1","properties":{"product":"coffee"}}
{"type":"track","userId":"3","event":"Order Completed","messageId":"m2"}
"""


@pytest.fixture
def shop(izin: Izin, tmp_path: Path) -> Izin:
    file = tmp_path / "events.ndjson"
    file.write_text(EVENTS, encoding="utf-8")
    done = izin("events", "import", str(file), "--json")
    assert json.loads(done.stdout) | {"problems": []} == {
        "people": 2, "events": 1, "repeated": 0, "passed_over": 0, "rejected": 1, "problems": []
    }, done.output  # fmt: skip
    return izin


def test_a_segment_is_counted(shop: Izin) -> None:
    assert shop("segments", "count", 'event("Order Completed", coffee)').output == "1 of 2 people\n"
    assert json.loads(shop("segments", "count", "new", "--json").stdout) == {"people": 2, "of": 2, "hints": []}


def test_a_name_that_means_nobody_is_said(shop: Izin) -> None:
    nobody = "Nobody has ever done “Order Complete”. Did you mean “Order Completed”?"
    for verb in ("count", "explain", "list-sample"):
        assert nobody in shop("segments", verb, 'event("Order Complete")').output
    assert json.loads(shop("people", "list", 'event("Order Complete")', "--json").stdout)["hints"] == [nobody]
    assert "Nobody has ever done “Product Added”." in shop("segments", "ready-made").output


def test_a_segment_is_explained(shop: Izin) -> None:
    assert "14 days" in shop("segments", "explain", "not opened within 14d").output


def test_a_sample_shows_no_whole_number(shop: Izin) -> None:
    shown = shop("segments", "list-sample", "language = en")
    assert "Ada Hill" in shown.output
    assert "5550000002" not in shown.output.replace(" ", "")


def test_a_mistake_is_pointed_at(shop: Izin) -> None:
    refused = shop("segments", "count", "tag vip")
    assert refused.exit_code == 1
    assert "^" in refused.output


def test_the_ready_made_segments_show_their_definition_and_size(shop: Izin) -> None:
    said = json.loads(shop("segments", "ready-made", "--json").stdout)["segments"]
    assert said["new"] == {"text": "added within 30d", "people": 2}


def test_events_are_listed_by_name(shop: Izin) -> None:
    assert json.loads(shop("events", "list", "--json").stdout) == {"events": {"Order Completed": 1}}


def test_a_key_is_shown_once_and_can_be_taken_back(izin: Izin) -> None:
    assert izin("events", "key", "shop").output.startswith("izin_")
    assert izin("events", "key", "shop").exit_code == 1
    assert izin("events", "key", "shop", "--take-back").exit_code == 0
    assert izin("events", "key", "shop", "--take-back").exit_code == 1


def test_a_list_of_stops_revokes_and_says_so(shop: Izin, tmp_path: Path) -> None:
    file = tmp_path / "stop.csv"
    file.write_text("telefon\n05550000001\n12\n", encoding="utf-8")
    said = json.loads(shop("optouts", "import", str(file), "--json").stdout)
    assert (said["stopped"], said["rejected"]) == (1, 1)
    assert shop("segments", "count", "consent(marketing) is revoked").output == "1 of 2 people\n"


def test_a_file_with_a_bad_cell_is_refused_as_a_whole(izin: Izin, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("Tel;ad\n05550000001;Ayşe\n12;Kim\n", encoding="utf-8")
    refused = izin("optins", "import", str(file))
    assert refused.exit_code == 1
    assert "Nothing was written" in refused.output
    assert json.loads(izin("optins", "import", str(file), "--json").stdout)["refused"] is True
    tried = izin("optins", "import", str(file), "--dry-run", "--json")
    assert json.loads(tried.stdout)["needs_confirmation"] == 1
    assert (tried.exit_code, json.loads(tried.stdout)["refused"]) == (1, True)
    assert izin("optins", "import", str(file), "--dry-run", "--skip-problems").exit_code == 0
    assert izin("segments", "count", "everyone").output == "0 of 0 people\n"


def test_a_mapping_file_names_columns(izin: Izin, tmp_path: Path) -> None:
    people, mapping = tmp_path / "people.csv", tmp_path / "map.yaml"
    people.write_text("Kanal 7;Kim\n05550000001;Ayşe\n", encoding="utf-8")
    mapping.write_text("Kanal 7: address\nKim: name\n", encoding="utf-8")
    done = izin("optins", "import", str(people), "--map-file", str(mapping), "--json")
    assert json.loads(done.stdout)["needs_confirmation"] == 1, done.output
    people.write_text("Kanal 7;Kim\n05550000002;Ada\n", encoding="utf-8")
    mapping.write_text("Kanal 8: address\n", encoding="utf-8")
    refused = izin("optins", "import", str(people), "--map-file", str(mapping))
    assert refused.exit_code == 1
    assert "Kanal 8" in refused.output


def test_a_dry_run_shows_as_what_each_column_is_read(izin: Izin, tmp_path: Path) -> None:
    file = tmp_path / "kisiler.csv"
    file.write_text("Cep Telefonu;Ad Soyad;Mağaza;Kod;Kod\n05550000001;Ayşe Yılmaz;Kadıköy;1;2\n", encoding="utf-8")
    asked = ("optins", "import", str(file), "--map", "Mağaza=tags", "--dry-run")
    answer = json.loads(izin(*asked, "--json").stdout)
    read = [(one["column"], one["read_as"]) for one in answer["columns"]]
    assert read[:3] == [("Cep Telefonu", "address"), ("Ad Soyad", "name"), ("Mağaza", "tags")]
    assert [column for column, meaning in read[3:] if meaning.startswith("attribute:")] == ["Kod", "Kod"]
    assert any(line.split() == ["Mağaza", "tags"] for line in izin(*asked).stdout.splitlines())
