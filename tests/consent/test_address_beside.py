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
    "0555 000 12 34 (2. hat)",
    "0555 000 12 34 - 2. eşi",
    "Şube 3 - 0555 000 12 34 (2. hat)",
    "0555 000 12 34 (oda 101)",
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


ROOM_FOR_MORE = [
    ("T 0664 775536 (2. hat)", "AT", "+43664775536"),
    ("+62-812-385-132 - 2. Hausfrau", "TR", "+62812385132"),
    ("1-) 0601483752 (mob)", "RS", "+381601483752"),
    ("1) 0601483752", "RS", "+381601483752"),
    ("Şube 3 - 01512 3120854", "DE", "+4915123120854"),
    ("Kunde 12: 030 123456", "DE", "+4930123456"),
    ("030 123456 14:30", "DE", "+4930123456"),
    ("030 123456 12.05.2023", "DE", "+4930123456"),
    ("00 32 450 82 75 47 #12", "", "+32450827547"),
]


@pytest.mark.parametrize(("raw", "region", "expected"), ROOM_FOR_MORE)
def test_where_a_plan_has_room_for_more_digits_those_beside_stay_out(raw: str, region: str, expected: str) -> None:
    assert reading(raw, region) == expected


HALVES = [
    ("(201) 555 - 0123, (201) 555-0124", "US", "+12015550123;+12015550124"),
    ("96 045934 and 96 078924", "CY", "+35796045934;+35796078924"),
    ("No: 30 764 377 y 20 001 847", "TN", "+21630764377;+21620001847"),
    ("Ali 71 019 161 | 71 003 307", "LB", "+96171019161;+96171003307"),
    ("Ana 070 - 114 82 39 - Bo", "SE", "+46701148239"),
    ("Nr 3 - 0555 - 000 12 34 x", "SE", "!"),
]


@pytest.mark.parametrize(("raw", "region", "expected"), HALVES)
def test_no_number_is_halved_and_none_is_lost(raw: str, region: str, expected: str) -> None:
    found = reading(raw, region)
    assert found == expected or (expected == "!" and found.startswith("!"))


NO_NUMBER = [
    ("Fri May 12 2023", "AT", "date"), ("12. Mai 2023", "AT", "date"), ("12-May-23", "DE", "date"),
    ("14:30:15", "AT", "date"), ("09:00-18:00", "SE", "date"), ("09.00 - 18.00", "SE", "date"),
    ("1,250.00", "AT", "money"), ("1.250,00", "AT", "money"),
    ("192.168.1.1", "SE", "no_number"), ("255.255.255.0", "IN", "no_number"),
    ("40.7128, -74.0060", "DE", "no_number"), ("0532-12a-45-67", "JP", "not_assigned"),
    ("O7123OO456", "DE", "letter_inside"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "region", "code"), NO_NUMBER)
def test_hours_amounts_and_places_are_no_numbers_where_their_digits_would_be(raw: str, region: str, code: str) -> None:
    assert reading(raw, region) == f"!{code}"


def test_four_groups_with_dots_may_be_a_number_of_tahiti() -> None:
    assert reading("40.41.23.45", "PF") == "+68940412345"


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
