"""Reading many rows at once, by columns, says exactly what reading each alone says."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.core.cells import CellCode, Unread
from gateway.core.columns import columns_of
from gateway.core.prepared import Prepared, prepare
from gateway.core.rows import Conventions, OptInRow, RowReader
from gateway.core.stretch_reader import Row, StretchReader

HOW = Conventions(now=datetime(2026, 11, 22, 12, 0, tzinfo=UTC), zone=ZoneInfo("Europe/Istanbul"))
PROOF = {"attested_by": "Ayşe %s", "file_sha256": "ab" * 32}
WHOLE = (
    "Ad Soyad", "Cep No", "Dil", "Saat Dilimi", "Etiketler", "Onay Tarihi", "Onay Kaynağı", "İzin Metni",
    "Metin Sürümü", "Kanıt No", "Mağaza", "Müşteri No",
)  # fmt: skip
HEADERS = (
    WHOLE,
    ("telefon",),
    ("Adı", "Soyadı", "Cep", "İl"),
    ("Adı", "first_name", "Cep"),  # an attribute under the name of another one
    ("Telefon", "Cep", "Mağaza"),
)
CELLS = (
    "", " ", "Ayşe  Yılmaz", "0555 000 12 34", "+905550001234", "5550001235 ", "+44 7700 900123", "+1 201 555 0123",
    "0212 555 00 12", "444 0 123", "9,05551E+11", "0555 000 12", "0555 000 12 34 / 0555 000 12 35",
    "US.13491208655302741918", "tr", "Türkçe", "klingon", "Europe/Istanbul", "GMT+3", "Mars", "vip, Kahve",
    "06.05.2024 14:30", "2024-05-06", "06/05/24", "06.05.2031", "01.01.1900", "dün", "Web formu", "pazaryeri",
    "marketing-tr", "marketing-tr@2", "marketing-tr v1", "1", 'F-17 "a","b"],["c', "},{", "\\", "\\u0000", "\0",
    "%s %b", "a\nb", "ğüşiöç 😀", "x" * 300, "x" * 1_001, "y\n" * 30,
)  # fmt: skip
UNREAD = Unread(CellCode.QUOTE_OPEN, 'a;"b')


def file_of(chance: random.Random) -> tuple[Sequence[str], list[Row]]:
    """Rows of which some are plain, some have a few cells from CELLS in odd places, and some a width of their own."""
    headers = chance.choice(HEADERS)
    rows = [_row(chance, len(headers)) for _ in range(chance.randrange(7))]
    return headers, [*enumerate(rows, start=2), *[(99, UNREAD)] * chance.randrange(2)]


def _row(chance: random.Random, width: int) -> list[str]:
    row = plain(f"0555 000 12 {chance.randrange(100):02}")
    if width != len(row):
        row = chance.choices(CELLS, k=width)
    for place in chance.choices(range(width), k=chance.choice((0, 1, 1, 2, width))):
        row[place] = chance.choice(CELLS)
    return row[: width - chance.choice((0, 0, 0, 0, 1))] + ["x"] * chance.choice((0, 0, 0, 0, 1))


def alone(headers: Sequence[str], rows: Sequence[Row], salts: Sequence[bytes]) -> tuple[list[Prepared], list[OptInRow]]:
    reader = RowReader(columns_of(headers), HOW)
    read = [row for line, cells in rows if (row := reader.read(line, cells)) is not None]
    good = [row for row in read if not row.problems]
    people = [prepare(row, PROOF, salt) for row, salt in zip(good, salts, strict=True)]
    return people, [row for row in read if row.problems]


def plain(phone: str, name: str = "Ada", proof: str = "F-1", shop: str = "Kadıköy") -> list[str]:
    return [
        name, phone, "tr", "", "vip, Kahve", "06.05.2024 14:30", "Web formu", "marketing-tr", "1", proof, shop, "M-1"
    ]  # fmt: skip


@given(st.integers(0, 2**32).map(random.Random).map(file_of))
@settings(max_examples=100, deadline=None)
@example((WHOLE, [(line, plain(f"0555 000 12 3{line}")) for line in range(2, 6)]))
@example((WHOLE, [(2, plain("05550001234")), (3, plain("0555 000 12 3")), (4, plain("+44 7700 900123")), (5, [])]))
@example((WHOLE, [(2, plain("05550001234", proof='"],["', shop='","')), (3, plain("05550001235", shop="\\u0000"))]))
@example((WHOLE, [(2, plain("05550001234", name="x" * 995)), (3, plain("05550001235", shop="\0"))]))
def test_rows_read_together_are_what_each_is_alone(file: tuple[Sequence[str], list[Row]]) -> None:
    headers, rows = file
    columns, rejected = StretchReader(columns_of(headers), HOW, PROOF).prepared(rows)
    assert (columns.rows(), rejected) == alone(headers, rows, columns.salt)


@pytest.mark.parametrize("region", ["TR", "GB", ""])
def test_numbers_are_read_as_dialled_in_the_house_s_own_country(region: str) -> None:
    how = Conventions(now=HOW.now, zone=HOW.zone, region=region)
    rows: list[Row] = [(2, ["0555 000 12 34"]), (3, ["07700 900123"]), (4, ["+90 555 000 12 34"])]
    columns, rejected = StretchReader(columns_of(["telefon"]), how, PROOF).prepared(rows)
    read = [RowReader(columns_of(["telefon"]), how).read(*row) for row in rows]
    assert columns.line == [row.line for row in read if row and not row.problems]
    assert rejected == [row for row in read if row and row.problems]


def test_an_attribute_keeps_a_backslash_before_what_looks_like_an_escaped_nul() -> None:
    columns, _ = StretchReader(columns_of(WHOLE), HOW, PROOF).prepared([(2, plain("05550001234", shop="a\\u0000b\0"))])
    assert orjson.loads(columns.attributes[0])["store"] == "a\\u0000b"
