"""Zones, tags and sources as people write them, and the sentences about cells."""

from __future__ import annotations

import pytest

from consent.address import AddressCode, AddressProblem
from gateway.core.cells import SENTENCES, CellCode, CellProblem, read_source, read_tags, read_zone
from gateway.core.moments import MomentProblem


@pytest.mark.parametrize(
    ("cell", "zone"),
    [
        ("Europe/Istanbul", "Europe/Istanbul"), ("europe/istanbul", "Europe/Istanbul"), ("İstanbul", "Europe/Istanbul"),
        ("America/New York", "America/New_York"), ("UTC", "UTC"), ("GMT+3", "Etc/GMT-3"), ("utc-05:00", "Etc/GMT+5"),
        ("UTC+0", "Etc/GMT"), ("Türkiye", "Europe/Istanbul"),
    ],
)  # fmt: skip
def test_a_zone_is_found_by_its_name_or_offset(cell: str, zone: str) -> None:
    assert read_zone(cell) == zone


@pytest.mark.parametrize("cell", ["", "Mars/Base", "+3", "GMT+15", "../etc/passwd", "EST5"])
def test_what_is_no_zone_is_none(cell: str) -> None:
    assert read_zone(cell) is None


def test_tags_are_separated_by_anything_and_folded() -> None:
    assert read_tags("VIP; Kahve,çay | İndirim /kahve") == {"vip", "kahve", "cay", "indirim"}
    assert read_tags(" ; ") == frozenset()


@pytest.mark.parametrize(
    ("cell", "source"),
    [("Web formu", "web_form"), ("WEB SİTESİ", "web_form"), ("web_form", "web_form"), ("Kağıt form", "paper"),
     ("Mağaza", "shop"), ("Çağrı Merkezi", "call"), ("Karekod", "qr"), ("HS_WEB", "web_form"), ("İYS", "iys"),
     (" Komşu tavsiyesi ", "Komşu tavsiyesi"), ("", "")],
)  # fmt: skip
def test_known_sources_become_codes_and_others_stay_as_written(cell: str, source: str) -> None:
    assert read_source(cell) == source


@pytest.mark.parametrize("why", [*CellCode, *MomentProblem])
def test_every_problem_has_its_two_sentences(why: CellCode | MomentProblem) -> None:
    problem = CellProblem(7, "Sütun", "değer", why)
    assert problem.sentence("en").startswith("Row 7, column “Sütun”: ")
    assert problem.sentence("tr").startswith("7. satır, “Sütun” sütunu: ")
    assert problem.reason("tr") != problem.reason("en")
    assert "{" not in problem.sentence("tr") + problem.sentence("en")
    assert problem.code == why


def test_there_is_no_sentence_without_a_problem() -> None:
    assert set(SENTENCES) == {*CellCode, *MomentProblem}


def test_an_address_problem_speaks_for_itself() -> None:
    problem = CellProblem(3, "Cep", "155", AddressProblem(AddressCode.SHORT_CODE, "155"))
    assert problem.code == "short_code"
    assert problem.reason("tr") == "“155” kısa ya da dahili bir numara; WhatsApp için tam telefon numarasını yazın."
