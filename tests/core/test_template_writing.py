"""Templates written out as files give the same template back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.template import Template, as_file, as_meta, differences, from_file
from tests.core.templates import SPRING, sample_templates, template

PRACTICE = Path(__file__).parents[2] / "gateway" / "practice" / "templates.json"


def read_back(made: Template) -> Template:
    read = from_file(as_file(made))
    assert isinstance(read, Template), [problem.sentence() for problem in read]
    return read


@pytest.mark.parametrize("item", [SPRING, *json.loads(PRACTICE.read_text(encoding="utf-8"))], ids=lambda i: i["name"])
def test_a_file_gives_back_what_meta_keeps(item: dict[str, Any]) -> None:
    made = template(item)
    assert as_meta(read_back(made)) == as_meta(made)


def test_collected_templates_of_every_kind_survive_their_file() -> None:
    items = sample_templates()
    assert len(items) > 10
    for item in items:
        made = template(item)
        assert as_meta(read_back(made)) == as_meta(made), item["name"]
        assert differences(read_back(made), made) == [], item["name"]


ONE_TAP = {
    "name": "code",
    "language": "tr",
    "category": "AUTHENTICATION",
    "message_send_ttl_seconds": 300,
    "components": [
        {"type": "BODY", "add_security_recommendation": True},
        {"type": "FOOTER", "code_expiration_minutes": 5},
        {
            "type": "BUTTONS",
            "buttons": [
                {
                    "type": "OTP",
                    "otp_type": "ONE_TAP",
                    "text": "Kopyala",
                    "autofill_text": "Doldur",
                    "supported_apps": [{"package_name": "example.app", "signature_hash": "K8a/AINcGX7"}],
                }
            ],
        },
    ],
}


def test_what_our_form_has_no_word_for_is_kept_as_json() -> None:
    made = template(ONE_TAP)
    assert '"supported_apps"' in as_file(made)
    assert as_meta(read_back(made)) == ONE_TAP


def test_a_call_button_and_a_contact_button_are_written_too() -> None:
    buttons = [
        {"type": "VOICE_CALL", "text": "Ara", "ttl_minutes": 100},
        {"type": "REQUEST_CONTACT_INFO"},
    ]
    components = [{"type": "BODY", "text": "Sizi arayalım mı?"}, {"type": "BUTTONS", "buttons": buttons}]
    item = {"name": "call", "language": "tr", "category": "UTILITY", "components": components}
    assert as_meta(read_back(template(item)))["components"] == components


def test_a_broken_more_is_named_with_its_line() -> None:
    found = from_file("name: a\nlanguage: tr\ncategory: utility\nbody: x\nbuttons:\n  - {quick_reply: y, more: '{'}\n")
    assert isinstance(found, list)
    assert [(problem.line, problem.place) for problem in found] == [(6, "buttons.0.more")]


def test_a_named_header_over_a_plain_body_is_a_named_template() -> None:
    read = from_file("name: a\nlanguage: tr\ncategory: utility\nheader: '{{city}} mağazası'\nbody: Açıldı.\n")
    assert isinstance(read, Template)
    assert as_meta(read)["parameter_format"] == "NAMED"


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=60)


@given(body=WORDS, footer=WORDS, label=WORDS)
def test_no_text_is_changed_by_its_file(body: str, footer: str, label: str) -> None:
    components = [
        {"type": "BODY", "text": f"x{body}x".replace("{", "")},
        {"type": "FOOTER", "text": f"x{footer}x"},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": f"x{label}x"}]},
    ]
    item = {"name": "a", "language": "ar", "category": "UTILITY", "components": components}
    assert as_meta(read_back(template(item)))["components"] == components
