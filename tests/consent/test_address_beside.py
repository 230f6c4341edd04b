"""What stands beside a number in its cell: names, list marks, counts, stars and codes must not change the number."""

from __future__ import annotations

import pytest

from consent.address import AddressProblem, read_cell

AYSE = "+905550001234"
BORA = "+905550005678"


def reading(raw: str, region: str | None = "TR") -> str:
    found = read_cell(raw, region)
    return f"!{found.code}" if isinstance(found, AddressProblem) else ";".join(map(str, found))


WORDS = [
    "**0555 000 12 34**",
    "_+90 555 000 12 34_",
    "0555 000 12 34 (18 den sonra)",
    "0555 000 12 34 (en geç 22 ye kadar)",
    "Oda 101: 0555 000 12 34",
    "A101 0555 000 12 34",
    "1\ufe0f\u20e3 0555 000 12 34",
    "0\ufe0f\u20e35\ufe0f\u20e35\ufe0f\u20e35\ufe0f\u20e3 000 12 34",
]


@pytest.mark.parametrize("raw", WORDS)
def test_counts_marks_and_stars_are_not_digits_of_the_number(raw: str) -> None:
    assert reading(raw) == AYSE


LISTS = [
    "1-) 0555 000 12 34 2-) 0555 000 56 78",
    "1\ufe0f\u20e3 0555 000 12 34 2\ufe0f\u20e3 0555 000 56 78",
    "1.Tel 0555 000 12 34 2.Tel 0555 000 56 78",
    "1. tel: 0555 000 12 34, 2. tel: 0555 000 56 78",
    "Oda 101: 0555 000 12 34 Oda 102: 0555 000 56 78",
    "0555 000 12 34. Ali 0555 000 56 78. Can",
]


@pytest.mark.parametrize("raw", LISTS)
def test_however_a_list_is_marked_its_numbers_are_read(raw: str) -> None:
    assert reading(raw) == f"{AYSE};{BORA}"


NAMED = [
    ("0800 123456 (Ana)", "AE", "+971800123456"),
    ("0800 123456 Frau Weber", "AT", "+43800123456"),
    ("3101 Ana", "TK", "+6903101"),
    ("40123 (Ana)", "AC", "+24740123"),
    ("20 12 34 - Ana", "FO", "+298201234"),
    ("1-800-FLOWERS", "US", "+18003569377"),
]


@pytest.mark.parametrize(("raw", "region", "expected"), NAMED)
def test_a_name_after_a_number_is_never_dialled_on_the_keypad(raw: str, region: str, expected: str) -> None:
    assert reading(raw, region) == expected


CODES = [
    ("46 8 12 34 56", "SE", "+468123456"),
    ("62 21 8350123", "ID", "+62218350123"),
    ("08 12 34 56", "SE", "+468123456"),
    ("468123456", "SE", "+46468123456"),  # a code that does not stand apart is an area code, as the library says
    ("+57 0321 1234567", "CO", "+573211234567"),
    ("0057 0321 1234567", "TR", "+573211234567"),
    ("+673 0434 5678", "BN", "!too_long"),  # no trunk zero there: one too many digits, wherever it is
    ("+36 1 234 5678 / (06 1) 234 5678", "HU", "+3612345678"),
    ("0011 81 3332 2567", "US", "!too_long"),
    ("001 201 555 0123", "US", "+12015550123"),
]


@pytest.mark.parametrize(("raw", "region", "expected"), CODES)
def test_a_country_code_without_its_plus_is_told_from_an_area_code(raw: str, region: str, expected: str) -> None:
    assert reading(raw, region) == expected


@pytest.mark.parametrize("raw", ["201555012;3", "+1201555012-3#", "20155501;23"])
def test_digits_on_both_sides_of_a_separator_are_not_joined(raw: str) -> None:
    assert reading(raw, "US").startswith("!")
