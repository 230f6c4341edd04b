"""The example files that ship with the project: reproducible, and as messy as they claim to be."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import phonenumbers
import pytest

from consent.address import AddressCode, region_of, zones_of
from gateway.core.columns import Field
from gateway.core.rows import Conventions, OptInRow
from gateway.core.sheet import Sheet, open_sheet

EXAMPLES = Path(__file__).parents[2] / "examples"
TWO_IN_ISTANBUL = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
HOW = Conventions(now=TWO_IN_ISTANBUL, zone=ZoneInfo("Europe/Istanbul"))


def opened(name: str) -> tuple[Sheet, list[OptInRow]]:
    sheet = open_sheet((EXAMPLES / name).read_bytes(), HOW)
    return sheet, list(sheet.rows)


def test_the_committed_files_are_what_the_script_makes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(EXAMPLES / "make_optins.py"), str(tmp_path)], check=True)
    for name in ("optins.csv", "optins-utf8.csv"):
        assert (tmp_path / name).read_bytes() == (EXAMPLES / name).read_bytes(), name


def test_the_big_file_is_turkish_excels() -> None:
    sheet, rows = opened("optins.csv")
    assert (sheet.encoding, sheet.delimiter) == ("cp1254", ";")
    assert sheet.columns.headers[sheet.columns.fields[Field.CONSENT_SOURCE]] == "Onay Kaynagi"
    assert 950 <= len(rows) <= 1050


def test_the_small_file_is_a_web_shops() -> None:
    sheet, rows = opened("optins-utf8.csv")
    assert (sheet.encoding, sheet.delimiter) == ("utf-8-sig", ",")
    assert 50 <= len(rows) <= 70


@pytest.mark.parametrize("name", ["optins.csv", "optins-utf8.csv"])
def test_every_field_is_found_in_both_languages(name: str) -> None:
    sheet, rows = opened(name)
    assert set(sheet.columns.fields) == set(Field) - {
        Field.ADDRESS, Field.FIRST_NAME, Field.LAST_NAME, Field.IGNORED
    }  # fmt: skip
    assert {"city", "store"} <= set(rows[0].attributes)


def test_the_big_file_has_every_trouble_that_it_should() -> None:
    _, rows = opened("optins.csv")
    codes = {problem.code for row in rows for problem in row.problems}
    addresses = [address for row in rows for address in row.addresses]
    assert {AddressCode.DIGITS_LOST, AddressCode.EMPTY, AddressCode.NOT_ASSIGNED, "date_in_future"} <= codes
    assert sum(bool(row.problems) for row in rows) >= 20
    assert sum(len(row.addresses) > 1 for row in rows) >= 3
    assert len(addresses) - len(set(addresses)) >= 40
    assert sum(phonenumbers.number_type(phonenumbers.parse(str(a))) == 0 for a in addresses) >= 4


def test_most_people_are_turkish_and_most_have_proof() -> None:
    _, rows = opened("optins.csv")
    regions = [region_of(row.addresses[0]) for row in rows if row.addresses]
    assert 0.65 < regions.count("TR") / len(regions) < 0.8
    assert len(set(regions)) >= 9
    assert 0.5 < sum(row.is_proven for row in rows) / len(rows) < 0.7


def test_some_people_sleep_when_it_is_two_in_istanbul() -> None:
    _, rows = opened("optins.csv")
    hours = {
        TWO_IN_ISTANBUL.astimezone(ZoneInfo(zone)).hour
        for row in rows
        for address in row.addresses
        for zone in zones_of(address)
    }
    assert min(hours) < 7
    assert max(hours) > 20
    assert 14 in hours
