"""Consent texts: one digest per wording, and problems in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from consent.texts import BODY_LENGTH_MAX, ConsentText, canonical_text, problems_of, text_from, text_mapping

NEWSLETTER = ConsentText(
    id="newsletter",
    version="3",
    locale="tr",
    body="Kampanya ve yeniliklerin WhatsApp ile bana iletilmesini onaylıyorum.",
    purposes=("marketing",),
    channels=("whatsapp", "sms"),
    controller="Örnek Ticaret A.Ş., MERSİS 0000000000000000",
    withdrawal="İstediğiniz an DUR yazarak vazgeçebilirsiniz.",
    valid_from=date(2026, 1, 1),
)


def test_a_good_text_has_no_problems() -> None:
    assert problems_of(NEWSLETTER) == []


@pytest.mark.parametrize(
    "change",
    [
        {"id": "other"},
        {"version": "4"},
        {"locale": "en"},
        {"body": "Başka sözler."},
        {"purposes": ("marketing", "service")},
        {"channels": ("whatsapp",)},
        {"controller": "Başka A.Ş."},
        {"withdrawal": "RET yazın."},
        {"valid_from": date(2026, 1, 2)},
        {"policy_url": "https://example.com/kvkk"},
    ],
)
def test_another_wording_has_another_digest(change: dict[str, Any]) -> None:
    assert replace(NEWSLETTER, **change).digest != NEWSLETTER.digest


def test_the_same_words_have_the_same_digest_however_they_are_encoded() -> None:
    decomposed = replace(NEWSLETTER, controller="O\u0308rnek Ticaret A.S\u0327., MERSI\u0307S 0000000000000000")
    assert decomposed.digest == NEWSLETTER.digest
    assert replace(NEWSLETTER, body="bir\r\niki").digest == replace(NEWSLETTER, body="bir\niki").digest
    assert replace(NEWSLETTER, channels=("sms", "whatsapp")).digest == NEWSLETTER.digest


@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
def test_the_bytes_are_those_of_rfc_8785(body: str, controller: str) -> None:
    text = replace(NEWSLETTER, body=body, controller=controller)
    assert canonical_text(text) == rfc8785.dumps(text_mapping(text))


def test_a_text_reads_back_as_itself() -> None:
    back = text_from(text_mapping(NEWSLETTER))
    assert back.ref == NEWSLETTER.ref
    assert back.body == NEWSLETTER.body


def test_a_text_of_another_schema_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown text schema"):
        text_from(text_mapping(NEWSLETTER) | {"schema": "consent-text/9"})


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"id": "News Letter"}, "id", "small letters"),
        ({"version": ""}, "version", "such as 2026.1"),
        ({"locale": "Türkçe"}, "locale", "tr, en or pt-BR"),
        ({"body": " \n"}, "body", "empty"),
        ({"body": "x" * (BODY_LENGTH_MAX + 1)}, "body", "20001 letters"),
        ({"body": "bir\x00iki"}, "body", "control characters"),
        ({"controller": ""}, "controller", "MERSİS"),
        ({"withdrawal": ""}, "withdrawal", "how to withdraw"),
        ({"policy_url": "http://example.com"}, "policy_url", "https"),
        ({"purposes": ()}, "purposes", "at least one"),
        ({"purposes": ("everything",)}, "purposes", "custom:<name>"),
        ({"purposes": ("marketing", "marketing")}, "purposes", "twice"),
        ({"channels": ()}, "channels", "at least one"),
        ({"channels": ("pigeon",)}, "channels", "email, sms, voice, whatsapp"),
    ],
)
def test_a_bad_text_is_told_what_is_wrong(change: dict[str, Any], field: str, words: str) -> None:
    (problem,) = problems_of(replace(NEWSLETTER, **change))
    assert problem.field == field
    assert words in problem.sentence


def test_all_problems_are_told_at_once() -> None:
    assert len(problems_of(replace(NEWSLETTER, id="", version="", locale="", body="", controller=""))) == 5


def test_a_text_covers_what_it_names_and_no_more() -> None:
    assert NEWSLETTER.covers("marketing")
    assert not NEWSLETTER.covers("utility")
    assert not NEWSLETTER.covers("marketing", "email")
    assert problems_of(replace(NEWSLETTER, purposes=("custom:events",))) == []
