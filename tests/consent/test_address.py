"""Reading a cell: every spelling that people use, and a sentence for everything that is no address."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from consent.address import SENTENCES, AddressCode, AddressProblem, Bsuid, Phone, PhoneKind, address_from, read_cell

AYSE = "+905550001234"
BORA = "+905550005678"
SHOP = "+902120000000"


def reading(raw: str, region: str | None = "TR") -> str:
    found = read_cell(raw, region)
    return f"!{found.code}" if isinstance(found, AddressProblem) else ";".join(map(str, found))


ONE_TURKISH_MOBILE = [
    "05550001234", "0555 000 12 34", "0555-000-12-34", "0555.000.12.34", "(0555) 000 12 34", "0 (555) 000-1234",
    "5550001234", "555 000 12 34", "905550001234", "90 555 000 12 34", "+90 555 000 12 34", "+90 (555) 000 12 34",
    "+90 (0) 555 000 12 34", "+90 0555 000 12 34", "00905550001234", "00 90 555 000 12 34", "9005550001234",
    "0905550001234", "+05550001234", "0 5 5 5 0 0 0 1 2 3 4", "\t0555 000 12 34 \r\n", "0555\u00a0000\u00a012\u00a034",
    "0555–000–12–34", "0555\u200b0001234", "\u202a+90 555 000 12 34\u202c", "\ufeff05550001234", "0555\u200f0001234",
    "٠٥٥٥٠٠٠١٢٣٤", "۰۵۵۵ ۰۰۰ ۱۲ ۳۴", "०५५५०००१२३४", "＋９０（５５５）０００－１２３４", "৫৫৫০০০১২৩৪", "𝟎𝟓𝟓𝟓𝟎𝟎𝟎𝟏𝟐𝟑𝟒",
    "'05550001234", '="05550001234"', '"0555 000 12 34"', "“0555 000 12 34”", "0555&nbsp;000&nbsp;12&nbsp;34",
    "📞 0555 000 12 34", "☎0555 000 12 34", "0️⃣5️⃣5️⃣5️⃣0️⃣0️⃣0️⃣1️⃣2️⃣3️⃣4️⃣",
    "Cep: 0555 000 12 34", "GSM 0 555 000 12 34", "tel no: 05550001234", "GSM1: 0555 000 12 34", "Tel.:05550001234",
    "Ayşe Hanım 0555 000 12 34", "0555 000 12 34 Ayşe", "05550001234 (Ayşe Hanım)", "Ayşe (eşi) - 0555 000 12 34 - iş",
    "0555 000 12 34 / cep", "0555 000 12 34 (doğum 12.05.1980)", "ayse@example.com 0555 000 12 34",
    "905550001234.0", "5550001234.0", "5550001234,00", "5.55000123400e9", "5.550001234E+09", "9,05550001234E+11",
    "5.550.001.234", "5,550,001,234", "5 550 001 234", "5,550,001,234.00", "5'550'001'234",
    "905550001234@c.us", "905550001234@s.whatsapp.net", "905550001234:17@s.whatsapp.net", "05550001234@c.us",
    "wa.me/905550001234", "https://wa.me/+905550001234?text=merhaba%205", "http://wa.me/90%20555%20000%2012%2034",
    "https://api.whatsapp.com/send?phone=905550001234&text=merhaba", "whatsapp://send?text=a&phone=+905550001234",
    "https://api.whatsapp.com/send/?phone=%2B905550001234", "WhatsApp: https://wa.me/905550001234",
    "tel:+90-555-000-12-34", "0555 000 12 34, 0555 000 12 34", "0555 000 12 34 / +90 555 000 1234",
    "0555 000 12 34;", "0555 000 12 34 dahili 5", "0555 000 12 34 ext. 5", "1- 0555 000 12 34",
    "0555 000 12 34, 5 dahili", "0555 000 12 34 dahili 5-6", "0555 000 12 34 (5 nolu dahili)", "0555ー000ー12ー34",
    "0555%20000%2012%2034", "%2B905550001234", "0555 000 12 34 10:30", "0555 000 12 34 (1985)",
    "Daire 12 0555 000 12 34", "NO.05550001234",
    "0555 000 12 34 https://chat.whatsapp.com/Ab12Cd34Ef5", "https://wa.me/c/905550001234", "+905550001234.0",
    "https://api.whatsapp.com/send?phone=+90 555 000 12 34", "https://wa.me/905550001234?text=Sipari%C5%9F%2020231234567",
    "0555 000 12 34 2. hat", "0555 000 12 34 (5 hat)", "2. hat 0555 000 12 34", "TR905550001234", "TR 0555 000 12 34",
]  # fmt: skip


@pytest.mark.parametrize("raw", ONE_TURKISH_MOBILE)
def test_every_spelling_of_a_turkish_mobile_is_the_same_number(raw: str) -> None:
    assert reading(raw) == AYSE


FOREIGN = [
    ("(201) 555-0123", "US", "+12015550123"),
    ("1-201-555-0123 x5", "US", "+12015550123"),
    ("(201)555-0123 / cell", "US", "+12015550123"),
    ("+1 201 555 0123", "TR", "+12015550123"),
    ("1-800-FLOWERS", "US", "+18003569377"),
    ("(800) 901-3355 , ext 7246433", "US", "+18009013355"),
    ("(800) 901-3355 ; 7246433", "US", "+18009013355"),
    ("20.12.34", "NC", "+687201234"),
    ("+57 (0) 321 1234567", "CO", "+573211234567"),
    ("020 7946 0123", "GB", "+442079460123"),
    ("0044 20 7946 0123", "TR", "+442079460123"),
    ("030/123456", "DE", "+4930123456"),
    ("030/123456 Frau Weber", "DE", "+4930123456"),
    ("06.12.34.56.78", "FR", "+33612345678"),
    ("+52 1 55 1234 5678", "TR", "+525512345678"),
    ("5215512345678@c.us", "TR", "+525512345678"),
    ("521 55 1234 5678", "MX", "+525512345678"),
    ("044 55 1234 5678", "MX", "+525512345678"),
    ("01 33 1234 5678", "MX", "+523312345678"),
    ("+55 11 8765-4321", "TR", "+5511987654321"),
    ("551187654321@c.us", "TR", "+5511987654321"),
    ("(11) 8765-4321", "BR", "+5511987654321"),
    ("(11) 3456-7890", "BR", "+551134567890"),
    ("0xx11 98765-4321", "BR", "+5511987654321"),
    ("(0 xx 11) 3456-7890", "BR", "+551134567890"),
    ("021 11 98765 4321", "BR", "+5511987654321"),
    ("011 15 2345-6789", "AR", "+5491123456789"),
    ("Cel 011 15 2345-6789", "AR", "+5491123456789"),
    ("+54 11 15 2345-6789", "TR", "+5491123456789"),
    ("+54 11 2345-6789", "AR", "+541123456789"),
    ("8 (771) 000 9998", "KZ", "+77710009998"),
    ("+39 02-36618 300", "TR", "+390236618300"),
    ("+90 555 000 12 34", None, AYSE),
    ("0090 555 000 12 34", "", AYSE),
    ("0090 555 000 12 34", "US", AYSE),
    ("٠١٠٠١٢٣٤٥٦٧", "EG", "+201001234567"),
    ("tel:03-331-6005;phone-context=+64", "NZ", "+6433316005"),
    ("(530) 583-6985 x302/x2303", "US", "+15305836985"),
    ("+1 201 555 0123,,123456789012#", "US", "+12015550123"),
    ("0900 DDA 6005", "NZ", "+649003326005"),
    ("0900 332 600a5", "NZ", "+649003326005"),
    ("(0xx) 1187654321", "AR", "+541187654321"),
    ("49 1512 3456789", "DE", "+4915123456789"),
    ("62 812-345-678", "ID", "+62812345678"),
    ("0052 1 55 1234 5678", "MX", "+525512345678"),
    ("+4930123456.0", "DE", "+4930123456"),
    ("030 1234567 DW 12", "DE", "+49301234567"),
    ("030 1234567 Zimmer 12", "DE", "+49301234567"),
    ("+49.301.234.560", "TR", "+49301234560"),
    ("07400-123456", "GB", "+447400123456"),
    ("(2) 2123 4567 / (2) 2123 4567", "CL", "+56221234567"),
]


@pytest.mark.parametrize(("raw", "region", "expected"), FOREIGN)
def test_numbers_of_other_countries_are_read_as_those_countries_write_them(
    raw: str, region: str | None, expected: str
) -> None:
    assert reading(raw, region) == expected


SEVERAL = [
    "05550001234, 05550005678",
    "05550001234;05550005678",
    "+905550001234;+905550005678",
    "(0555) 000 12 34 / (0555) 000 56 78",
    "05550001234\n05550005678",
    "05550001234|05550005678",
    "0555 000 12 34 - 0555 000 56 78",
    "0555 000 12 34 0555 000 56 78",
    "555 000 12 34 555 000 56 78",
    "05550001234 05550005678",
    "+905550001234+905550005678",
    "0555 000 12 34 ve 0555 000 56 78",
    "0555 000 12 34 & 0555 000 56 78",
    "1) 0555 000 12 34 2) 0555 000 56 78",
    "1. 0555 000 12 34 2. 0555 000 56 78",
    "#1 0555 000 12 34 #2 0555 000 56 78",
    "Ayşe: 0555 000 12 34, Bora: 0555 000 56 78",
    "GSM1: 05550001234 GSM2: 05550005678",
    "05550001234 / 05550001234 / 05550005678",
    "https://wa.me/905550001234 https://wa.me/905550005678",
    "0555 000 12 34 (Ayşe) 0555 000 56 78 (Bora)",
    "(0555 000 12 34) (0555 000 56 78)",
    "1-0555 000 12 34 / 2-0555 000 56 78",
    "(1) 0555 000 12 34 (2) 0555 000 56 78",
    "GSM-1 0555 000 12 34 GSM-2 0555 000 56 78",
    "Cep1 0555 000 12 34 Cep2 0555 000 56 78",
    "https://wa.me/905550001234 / 0555 000 56 78",
    "0555 000 12 34 https://wa.me/905550005678",
    "905550001234@c.us, 905550005678@c.us",
    "905550001234@s.whatsapp.net 0555 000 56 78",
]


@pytest.mark.parametrize("raw", SEVERAL)
def test_several_numbers_in_a_cell_come_in_order_and_once(raw: str) -> None:
    assert reading(raw) == f"{AYSE};{BORA}"


def test_a_landline_and_a_mobile_in_one_cell_keep_their_kinds() -> None:
    found = read_cell("Ev: 0212 000 00 00 dahili 12 Cep: 0555 000 12 34", "TR")
    assert isinstance(found, list)
    assert [(str(a), a.kind, a.is_landline) for a in found if isinstance(a, Phone)] == [
        (SHOP, PhoneKind.LANDLINE, True),
        (AYSE, PhoneKind.MOBILE, False),
    ]


REFUSED = [
    ("", AddressCode.EMPTY), ("   ", AddressCode.EMPTY), ("-", AddressCode.EMPTY), ("yok", AddressCode.EMPTY),
    ("#N/A", AddressCode.EMPTY), ("BİLİNMİYOR", AddressCode.NO_NUMBER), ("Ayşe Yılmaz", AddressCode.NO_NUMBER),
    ("9.05551E+11", AddressCode.DIGITS_LOST), ("9,05551E+11", AddressCode.DIGITS_LOST),
    ("5.55E9", AddressCode.DIGITS_LOST), ("55500E45678", AddressCode.DIGITS_LOST),
    ("0555*****34", AddressCode.MASKED), ("0555 xxx xx 34", AddressCode.MASKED),
    ("+90 555 ••• •• 34", AddressCode.MASKED),
    ("12.05.2023", AddressCode.DATE), ("2023-05-12 10:30", AddressCode.DATE), ("03/27/2011", AddressCode.DATE),
    ("10/12/82", AddressCode.DATE), ("2014-04-12 &nbsp;04:04 PM", AddressCode.DATE),
    ("2012/01/02 08:00", AddressCode.DATE),
    ("1.250,00 TL", AddressCode.MONEY), ("₺ 5.550.001.234", AddressCode.MONEY),
    ("TR33 0006 1005 1978 6457 8413 26", AddressCode.IBAN), ("TR330006100519786457841326", AddressCode.IBAN),
    ("ayse@example.com", AddressCode.EMAIL), ("5550001234@example.com", AddressCode.EMAIL),
    ("@ayse.yilmaz", AddressCode.USERNAME), ("https://example.com/5550001234", AddressCode.LINK_WITHOUT_NUMBER),
    ("https://wa.me/message/ABCDEF7", AddressCode.LINK_WITHOUT_NUMBER), ("wa.me/90555", AddressCode.NOT_ASSIGNED),
    ("https://chat.whatsapp.com/Ab12Cd34Ef5", AddressCode.GROUP), ("120363041234567890@g.us", AddressCode.GROUP),
    ("905550001234-1612345678@g.us", AddressCode.GROUP), ("status@broadcast", AddressCode.GROUP),
    ("123456789012345@lid", AddressCode.HIDDEN_ID), ("90555@c.us", AddressCode.NOT_ASSIGNED),
    ("0555 12A3456", AddressCode.LETTER_INSIDE), ("O555 OOO 12 34", AddressCode.LETTER_INSIDE),
    ("0555 0OO 12 34", AddressCode.LETTER_INSIDE),
    ("155", AddressCode.SHORT_CODE), ("3838", AddressCode.SHORT_CODE), ("1", AddressCode.SHORT_CODE),
    ("+90", AddressCode.TOO_SHORT), ("0555 000 12 3", AddressCode.TOO_SHORT), ("0555 000 12 345", AddressCode.TOO_LONG),
    ("05550001234567", AddressCode.TOO_LONG), ("0555000123405550005678", AddressCode.TOO_LONG),
    ("0999 123 45 67", AddressCode.NOT_ASSIGNED), ("1111111111", AddressCode.NOT_ASSIGNED),
    ("212 34 56", AddressCode.TOO_SHORT), ("+999 555 000 1234", AddressCode.UNKNOWN_COUNTRY_CODE),
    ("0555 000 12 34 / 0999 123 45 67", AddressCode.ONE_OF_SEVERAL), ("x" * 501, AddressCode.NO_NUMBER),
    ("532 1234 abc", AddressCode.TOO_SHORT),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "code"), REFUSED)
def test_what_is_no_address_is_refused_for_its_own_reason(raw: str, code: AddressCode) -> None:
    assert reading(raw) == f"!{code}"


def test_without_a_region_a_national_number_asks_for_its_country() -> None:
    assert reading("0555 000 12 34", "") == "!needs_country_code"
    assert reading("0555 000 12 34", None) == "!needs_country_code"


def test_a_local_number_asks_for_its_area_code() -> None:
    assert reading("555-0123", "US") == "!needs_area_code"


def test_a_new_brazilian_mobile_that_lost_a_digit_is_not_taken_for_an_old_one() -> None:
    assert reading("(11) 98765-432", "BR") == "!not_assigned"
    assert reading("(11) 9876-5432", "BR") == "+5511998765432"


def test_a_missing_plus_is_never_guessed_across_countries() -> None:
    assert reading("905550001234", "US").startswith("!")
    assert reading("055500012345", "TR").startswith("!")


def test_what_stands_between_two_plus_signs_is_not_read_by_halves() -> None:
    assert reading("+90+5321234567") == "!one_of_several"


def test_the_problem_names_the_piece_that_is_wrong() -> None:
    problem = read_cell("0555 000 12 34 / 0999 123 45 67", "TR")
    assert isinstance(problem, AddressProblem)
    assert "“0999 123 45 67”" in problem.sentence("tr")


def test_lost_digits_are_said_in_both_languages() -> None:
    problem = read_cell("9.05551E+11", "TR")
    assert isinstance(problem, AddressProblem)
    assert "“9.05551E+11”: the spreadsheet dropped the last digits" in problem.sentence("en")
    assert "“9.05551E+11”: tablo programı son rakamları silmiş" in problem.sentence("tr")


@pytest.mark.parametrize("code", AddressCode)
def test_every_code_has_its_two_sentences(code: AddressCode) -> None:
    turkish, english = (AddressProblem(code, "0999", "12").sentence(language) for language in ("tr-TR", "de"))
    assert turkish != english
    assert "{" not in turkish + english
    assert turkish.endswith(".")
    assert english.endswith(".")


def test_there_is_no_sentence_without_a_code() -> None:
    assert set(SENTENCES) == set(AddressCode)


def test_a_cell_cannot_write_on_the_readers_screen() -> None:
    sentence = AddressProblem(AddressCode.NO_NUMBER, "\x1b[2Jyok\x00\u202e").sentence("en")
    assert sentence.isprintable()
    assert "yok" in sentence


def test_a_long_cell_is_shown_shortened_and_on_one_line() -> None:
    sentence = AddressProblem(AddressCode.NO_NUMBER, "word\n" * 40).sentence("en")
    assert "\n" not in sentence
    assert "…" in sentence
    assert len(sentence) < 160


@pytest.mark.parametrize("raw", ["US.13491208655302741918", " TR.ENT.ab12CD34 ", "\u200bDE.1A"])
def test_a_business_scoped_user_id_is_an_address(raw: str) -> None:
    assert read_cell(raw, "TR") == [Bsuid(raw.strip(" \u200b"))]


BESIDE = [
    "{u} / 0555 000 12 34",
    "{u}, Ayşe +905550001234",
    "BSUID: {u}\n05550001234",
    "{u} https://wa.me/905550001234",
]


@pytest.mark.parametrize("frame", BESIDE)
def test_a_user_id_beside_a_phone_keeps_its_place(frame: str) -> None:
    assert reading(frame.format(u="TR.13491208655302741918")) == f"TR.13491208655302741918;{AYSE}"
    assert reading(frame.format(u="US.ENT.11815799212886844830")) == f"US.ENT.11815799212886844830;{AYSE}"


@pytest.mark.parametrize(
    "raw", ["Ayşe wa.me/90555", "QQ.13491208655302741918 Ayşe", "QQ.ENT.1a Ayşe", "90555123@c.us ?"]
)
def test_a_wrong_id_with_words_beside_it_is_refused(raw: str) -> None:
    assert reading(raw).startswith("!")


def test_a_user_id_beside_a_wrong_phone_names_the_phone() -> None:
    problem = read_cell("TR.13491208655302741918; 0999 123 45 67", "TR")
    assert isinstance(problem, AddressProblem)
    assert (problem.code, problem.part) == (AddressCode.ONE_OF_SEVERAL, "0999 123 45 67")


@pytest.mark.parametrize("raw", ["12.05.2023", "20.12.2023", "2023-05-12", "12/05/2023"])
def test_a_date_is_a_date_where_its_digits_would_be_a_number_too(raw: str) -> None:
    assert reading(raw, "DK") == "!date"


@pytest.mark.parametrize("raw", ["Dr.Ahmet", "DR.123", "us.1349", "TR.", "TR.12-34", "TR." + "1" * 129])
def test_what_only_resembles_a_user_id_is_none(raw: str) -> None:
    assert isinstance(read_cell(raw, "TR"), AddressProblem)


def test_a_user_id_knows_its_country() -> None:
    assert Bsuid("BR.ENT.12345").country == "BR"
    assert str(Bsuid("BR.12345")) == Bsuid("BR.12345").value == "BR.12345"


def test_the_same_number_is_the_same_address_whatever_is_known_of_its_kind() -> None:
    assert Phone(AYSE, PhoneKind.MOBILE) == Phone(AYSE)
    assert len({Phone(AYSE, PhoneKind.MOBILE), Phone(AYSE)}) == 1
    assert str(Phone(AYSE)) == Phone(AYSE).value == AYSE


def test_a_service_number_is_flagged() -> None:
    found = read_cell("0800 000 00 00", "TR")
    assert isinstance(found, list)
    assert [(a.is_service, a.is_landline) for a in found if isinstance(a, Phone)] == [(True, False)]


@pytest.mark.parametrize("value", [AYSE, "+4930123456", "US.13491208655302741918"])
def test_a_stored_address_comes_back_as_it_was(value: str) -> None:
    assert str(address_from(value)) == value


@pytest.mark.parametrize("value", ["", "905550001234", "+0555", "+90 555", "us.1", "+٩٠٥٥٥٠٠٠١٢٣٤"])
def test_what_was_never_stored_by_us_is_no_address(value: str) -> None:
    with pytest.raises(ValueError, match=r"neither an E\.164"):
        address_from(value)


DEV = Path(__file__).parents[2].parent / "shared" / "reference" / "phones_dev.csv"
AGREEMENT_MIN = 0.99


@pytest.mark.skipif(not DEV.exists(), reason="phones_dev.csv is not beside the repository")
def test_cells_agree_with_the_reference_collection() -> None:
    with DEV.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    wrong = [row for row in rows if not agrees(row)]
    assert len(rows) >= 199
    assert 1 - len(wrong) / len(rows) >= AGREEMENT_MIN, wrong


def agrees(row: dict[str, str]) -> bool:
    found = reading(row["raw"], row["default_region"])
    return ("invalid" if found.startswith("!") else found) in row["expected"].split("|")
