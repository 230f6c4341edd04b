"""Headers, in the spellings of real exports."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.columns import (
    FIELD_OF,
    HEADERS,
    WEAK_ADDRESSES,
    Field,
    MappingProblem,
    attribute_key,
    column_letters,
    columns_of,
    field_of,
    header_key,
)  # fmt: skip

SPELLINGS = [
    ("Telefon", Field.ADDRESS), ("TELEFON NO", Field.ADDRESS), ("Cep_No.", Field.ADDRESS), ("GSM", Field.ADDRESS),
    ("cep telefonu ", Field.ADDRESS), ("WhatsApp No", Field.ADDRESS), ("Phone-Number", Field.ADDRESS),
    ("MSISDN", Field.ADDRESS),
    ("İsim Soyisim", Field.NAME), ("ISIM SOYISIM", Field.NAME), ("Adı Soyadı", Field.NAME), ("Full Name", Field.NAME),
    ("AD", Field.FIRST_NAME), ("First_Name", Field.FIRST_NAME), ("SOYADI", Field.LAST_NAME),
    ("soyadi", Field.LAST_NAME),
    ("Dil", Field.LANGUAGE), ("DİL", Field.LANGUAGE), ("Locale", Field.LANGUAGE), ("Saat Dilimi", Field.ZONE),
    ("TimeZone", Field.ZONE), ("Etiketler", Field.TAGS), ("Tags", Field.TAGS), ("Onay Tarihi", Field.CONSENT_AT),
    ("ONAY TARİHİ", Field.CONSENT_AT), ("onay tarihi", Field.CONSENT_AT), ("izin tarihi", Field.CONSENT_AT),
    ("Opt-in date", Field.CONSENT_AT), ("optin_at", Field.CONSENT_AT), ("Kaynak", Field.CONSENT_SOURCE),
    ("Onay Kaynagi", Field.CONSENT_SOURCE), ("Consent Source", Field.CONSENT_SOURCE), ("İzin Metni", Field.TEXT_ID),
    ("izin metni", Field.TEXT_ID), ("IZIN METNI", Field.TEXT_ID), ("Text ID", Field.TEXT_ID),
    ("Sürüm", Field.TEXT_VERSION),
    ("Metin Surumu", Field.TEXT_VERSION), ("Kanıt No", Field.PROOF), ("Proof ref", Field.PROOF),
    ("İzin: neden", Field.IGNORED),
    ("Onay Tar?h?", Field.CONSENT_AT), ("M\ufffd\ufffdteri Ad\ufffd", Field.NAME), ("?zin Metni", Field.TEXT_ID),
]  # fmt: skip


@pytest.mark.parametrize(("header", "field"), SPELLINGS)
def test_a_header_is_recognised_however_it_is_spelt(header: str, field: Field) -> None:
    assert field_of(header) is field


@pytest.mark.parametrize(
    "header", ["Tarih", "Date", "Kayıt Tarihi", "Adres", "Address", "User ID", "", "???", "Mağaza"]
)
def test_what_only_might_be_a_field_is_not_one(header: str) -> None:
    assert field_of(header) is None


def test_no_spelling_means_two_fields() -> None:
    spellings = [(header_key(word), field) for field, words in HEADERS.items() for word in words.split(",")]
    assert len({key for key, _ in spellings}) == len(set(spellings))
    assert set(FIELD_OF.values()) == set(Field)
    assert set(FIELD_OF) >= WEAK_ADDRESSES


def test_a_field_that_appears_twice_is_an_attribute_the_second_time() -> None:
    columns = columns_of(["Cep", "İsim", "Müşteri", "Not", "not", ""])
    assert columns.fields[Field.NAME] == 1
    assert columns.attributes == ((2, "musteri"), (3, "not"), (4, "not_2"), (5, "column_f"))


def test_a_mapping_takes_a_field_from_the_column_that_we_would_have_chosen() -> None:
    columns = columns_of(
        ["Telefon", "İsim", "WA", "Ref"], {"wa": "address", "Ref": "ignored", "İSİM": "attribute:Nick Name"}
    )
    assert columns.addresses == (2,)
    assert columns.attributes == ((0, "telefon"), (1, "nick_name"))
    assert columns.ignored == {3}


def test_a_mapping_to_no_field_is_refused() -> None:
    with pytest.raises(MappingProblem, match="fields are address"):
        columns_of(["a"], {"a": "phone!"})


def test_a_blank_header_is_called_by_its_letter() -> None:
    columns = columns_of(["Cep", " "])
    assert (columns.name_of(0), columns.name_of(1), columns.name_of(27)) == ("Cep", "B", "AB")


@pytest.mark.parametrize(
    ("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")]
)
def test_columns_are_lettered_as_spreadsheets_do(index: int, letters: str) -> None:
    assert column_letters(index) == letters


@pytest.mark.parametrize(
    ("header", "key"),
    [("Son Ürün", "son_urun"), ("Mağaza", "store"), ("Şube", "store"), ("Store", "store"), ("ŞEHİR", "city"),
     ("Doğum Tarihi", "birthday"), ("İndirim %", "indirim"), ("!!!", "")],
)  # fmt: skip
def test_an_attribute_is_called_what_a_template_parameter_may_be_called(header: str, key: str) -> None:
    assert attribute_key(header) == key


@given(st.lists(st.text(max_size=12), max_size=12))
def test_every_column_has_exactly_one_use(headers: list[str]) -> None:
    columns = columns_of(headers)
    used = [*columns.addresses, *columns.fields.values(), *(index for index, _ in columns.attributes), *columns.ignored]
    assert sorted(used) == list(range(len(headers)))
    keys = [key for _, key in columns.attributes]
    assert len(keys) == len(set(keys))
