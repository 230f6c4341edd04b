"""`izin people`: who is known, masked; tags and corrections; a list that is cleaned by rule."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from consent.tables import table_of
from gateway.storage import contacts
from gateway.storage.database import Database
from gateway.storage.tables import PersonRow
from tests.cli.conftest import Izin

PEOPLE = """telefon;ad soyad;dil;etiketler;şehir
05550000001;Ayşe Kaya;tr;vip;Ankara
05550000002;Ada Hill;en;;London
"""


@pytest.fixture
def shop(izin: Izin, tmp_path: Path) -> Izin:
    file = tmp_path / "people.csv"
    file.write_text(PEOPLE, encoding="utf-8")
    assert izin("optins", "import", str(file)).exit_code == 0
    return izin


def listed(izin: Izin, *arguments: str) -> list[dict[str, Any]]:
    people: list[dict[str, Any]] = json.loads(izin("people", "list", *arguments, "--json").stdout)["people"]
    return people


def shown(izin: Izin, who: str = "05550000001") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(izin("people", "show", who, "--json").stdout)
    return found


def test_people_are_listed_masked(shop: Izin) -> None:
    first, second = listed(shop)
    assert (first["name"], first["language"], first["tags"], first["standing"]) == ("Ayşe Kaya", "tr", ["vip"], "none")
    assert "5550000001" not in first["address"].replace(" ", "")
    assert second["name"] == "Ada Hill"


def test_a_segment_narrows_the_list(shop: Izin) -> None:
    assert [one["name"] for one in listed(shop, "language = en")] == ["Ada Hill"]
    assert "Nobody." in shop("people", "list", "tag:none").output


def test_whole_numbers_are_shown_when_asked_for(shop: Izin) -> None:
    assert [one["address"] for one in listed(shop, "--numbers", "--limit", "1")] == ["+905550000001"]


def test_one_person_is_shown_with_what_is_known(shop: Izin) -> None:
    found = shown(shop)
    assert (found["attributes"], found["region"], found["zone"]) == ({"city": "Ankara"}, "TR", "Europe/Istanbul")
    assert shop("people", "show", "05550000009").exit_code == 1


def test_tags_are_put_on_and_taken_away(shop: Izin) -> None:
    assert shop("people", "tag", "Çay", "05550000001", "05550000002").output == "cay: changed for 2 people.\n"
    assert shop("people", "tag", "cay", "05550000001").output == "cay: changed for 0 people.\n"
    taken = shop("people", "tag", "cay", "--segment", "language = en", "--remove")
    assert taken.output == "cay: changed for 1 people.\n"
    assert [one["tags"] for one in listed(shop)] == [["cay", "vip"], []]


def test_a_tag_needs_people(shop: Izin) -> None:
    assert shop("people", "tag", "cay").exit_code == 1


def test_what_is_known_is_corrected(shop: Izin) -> None:
    assert shop("people", "set", "05550000001", "language=İngilizce", "şehir=", "mağaza=Kadıköy").exit_code == 0
    found = shown(shop)
    assert (found["language"], found["attributes"]) == ("en", {"store": "Kadıköy"})


def test_a_value_that_means_nothing_is_refused(shop: Izin) -> None:
    refused = shop("people", "set", "05550000001", "zone=Atlantis")
    assert refused.exit_code == 1
    assert "Atlantis" in refused.output
    assert shop("people", "set", "05550000001", "city").exit_code == 1


def test_a_list_is_cleaned_by_rule_and_people_are_let_back(shop: Izin) -> None:
    assert json.loads(shop("people", "clean", "--park", "language = en", "--json").stdout)["parked"] == 1
    assert [one["set_aside"] for one in listed(shop)] == ["", "parked"]
    again = json.loads(shop("people", "clean", "--park", "language = en", "--json").stdout)
    assert (again["parked"], again["set_aside"]) == (0, {"parked": 1})
    assert json.loads(shop("people", "clean", "--let-back", "everyone", "--json").stdout)["let_back"] == 1
    assert [one["set_aside"] for one in listed(shop)] == ["", ""]


def test_the_rules_are_shown_with_what_they_would_do(shop: Izin) -> None:
    rules = json.loads(shop("people", "clean", "--json").stdout)["rules"]
    assert rules["unreachable"]["people"] == 0
    assert "not delivered" in rules["unreachable"]["text"]


def test_whoever_writes_to_us_is_not_set_aside_any_more(shop: Izin, tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/var/izin.db")
    person = table_of(PersonRow)
    with database.write() as connection:
        contacts.could_not_be_reached(connection, 1)
        contacts.could_not_be_reached(connection, 1)
        connection.execute(update(person).where(person.c.subject_id == 2).values(blocked="blocked_by_us"))
    assert [one["set_aside"] for one in listed(shop)] == ["not_on_whatsapp", "blocked_by_us"]
    with database.write() as connection:
        contacts.spoke(connection, dict.fromkeys((1, 2), datetime(2026, 11, 24, tzinfo=UTC)))
    database.close()
    assert [one["set_aside"] for one in listed(shop)] == ["", "blocked_by_us"]
