"""Confirmation: yes and no count only while a request is open, a code counts always, a stop before either."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.replies import Certainty, Kind, Reading, read

YES = ["evet", "Evet.", "EVET", "onaylıyorum", "Onay", "kabul ediyorum", "yes", "Yes please", "ok",
"ja", "oui", "sí", "sim", "да",
       "نعم", "हाँ", "ya", "tamam"]  # fmt: skip
NO = ["hayır", "Hayır!", "no", "No thanks", "nein", "non", "não", "нет", "لا", "नहीं", "tidak", "onaylamıyorum"]


@pytest.mark.parametrize("text", YES)
def test_yes_confirms_while_a_request_is_open(text: str) -> None:
    assert read(text, pending=True).kind is Kind.CONFIRM


@pytest.mark.parametrize("text", NO)
def test_no_declines_while_a_request_is_open(text: str) -> None:
    assert read(text, pending=True).kind is Kind.DECLINE


@pytest.mark.parametrize("text", [*YES, *NO])
def test_yes_and_no_say_nothing_when_nobody_asked(text: str) -> None:
    assert read(text).kind is Kind.OTHER


@pytest.mark.parametrize("text", ["dur", "stop", "istemiyorum", "RET", "hayır istemiyorum", "mesaj atmayın"])
def test_a_stop_stays_a_stop_while_a_request_is_open(text: str) -> None:
    assert read(text, pending=True).kind is Kind.STOP


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ONAY 7F3K9Q", "7F3K9Q"), ("onay 7f3k9q", "7F3K9Q"), ("ONAY: 7F3K9Q.", "7F3K9Q"),
        ("Onay\u200b 7F3K9Q", "7F3K9Q"),
        ("ONAY 7F3K9-QW2M8-XPT", "7F3K9QW2M8XPT"), ("onay 7f3k9 qw2m8 xpt", "7F3K9QW2M8XPT"),
        ("ONAY AAAB22", "AAAB22"),
        ("ONAY ABCDE-FGHJK-MNP", "ABCDEFGHJKMNP"), ("confirm 7F3K9Q", "7F3K9Q"), ("ONAY 7F3K9Q merhaba", "7F3K9Q"),
        ("onay kodu 7F3K9Q", "7F3K9Q"), ("ОНАЙ 7F3K9Q", None), ("onay bekliyorum", None), ("onay", None),
        ("siparişim 7F3K9Q", None), ("ONAY 12", None),
    ],
)  # fmt: skip
def test_a_code_is_found_behind_the_confirming_word(text: str, code: str | None) -> None:
    assert read(text).code == code


def test_a_code_confirms_although_nobody_waits_for_it_here() -> None:
    assert read("ONAY 7F3K9Q") == Reading(Kind.CONFIRM, Certainty.CERTAIN, "any.code/1", code="7F3K9Q")


def test_a_stop_beside_a_code_is_a_stop() -> None:
    assert read("onay kodu 12345 gelmedi, mesaj atmayın").kind is Kind.STOP


@settings(deadline=None)
@given(st.text(alphabet="0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=13, max_size=13))
def test_every_code_of_ours_is_found_as_it_is_shown(code: str) -> None:
    assert read(f"ONAY {code[:5]}-{code[5:10]}-{code[10:]}").code == code


@settings(deadline=None)
@given(st.text(alphabet="0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=13, max_size=13))
def test_a_code_typed_in_small_letters_and_spaces_is_the_same_code(code: str) -> None:
    assert read(f"onay {code[:5]} {code[5:10]} {code[10:]}".lower()).code == code
