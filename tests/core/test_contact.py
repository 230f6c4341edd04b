"""How much of an address is shown, and which language a cell means."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.address import Bsuid, Phone
from gateway.core.contact import Contact, folded, mask, normalise_language


@pytest.mark.parametrize(
    ("e164", "shown"),
    [
        ("+905550001234", "+90 555 ••• •• 34"),
        ("+12015550123", "+1 201 ••• •• 23"),
        ("+447400123456", "+44 740 ••• •• 56"),
        ("+4930123456", "+49 30 •••• 56"),
        ("+5511987654321", "+55 119 ••• ••• 21"),
        ("+2902158", "+290 •• 58"),
    ],
)
def test_a_number_shows_its_country_its_start_and_its_end(e164: str, shown: str) -> None:
    assert mask(e164) == shown
    assert mask(Phone(e164)) == shown


def test_a_user_id_shows_its_country_and_four_letters() -> None:
    assert mask(Bsuid("US.13491208655302741918")) == "US.1349…"
    assert mask("US.13491208655302741918") == "US.1349…"


def test_what_is_no_address_shows_nothing() -> None:
    assert mask("Ayşe Yılmaz") == "•••"
    assert mask("+") == mask("+ Ayşe 0555") == "•••"


@given(st.integers(0, 9_999_999), st.sampled_from(["+90555", "+1201", "+4915", "+290", "+55119"]))
def test_no_mask_shows_more_than_half_of_a_persons_own_digits(n: int, start: str) -> None:
    shown = mask(f"{start}{n:07d}")
    assert shown.count("•") >= 4
    assert f"{n:07d}"[:5] not in shown


@pytest.mark.parametrize(
    ("cell", "language"),
    [
        ("tr", "tr"), ("TR", "tr"), ("tr-TR", "tr"), ("Türkçe", "tr"), ("TÜRKÇE", "tr"), ("turkce", "tr"),
        ("EN", "en"), ("en-us", "en_US"), ("en_GB", "en_GB"), ("İngilizce", "en"), ("INGILIZCE", "en"),
        ("English ", "en"),
        ("Deutsch", "de"), ("de_DE", "de"), ("pt-br", "pt_BR"), ("Русский", "ru"), ("العربية", "ar"),
    ],
)  # fmt: skip
def test_languages_are_read_in_turkish_english_and_their_own_words(cell: str, language: str) -> None:
    assert normalise_language(cell) == language


@pytest.mark.parametrize("cell", ["", "klingonca", "xx", "en_US_x", "en_12", "555"])
def test_an_unknown_language_is_none(cell: str) -> None:
    assert normalise_language(cell) is None


@pytest.mark.parametrize("spelling", ["İZİN  METNİ", "izin metni", "ızın metnı", " Izin Metni "])
def test_folding_forgets_case_and_turkish_marks(spelling: str) -> None:
    assert folded(spelling) == "izin metni"


def test_a_contact_cannot_be_changed_in_passing() -> None:
    ayse = Contact(subject="s1", name="Ayşe", tags=frozenset({"vip"}))
    with pytest.raises(FrozenInstanceError):
        ayse.name = "Bora"  # type: ignore[misc]
    assert ayse.attributes == {}
