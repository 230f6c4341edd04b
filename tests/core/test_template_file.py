"""Templates written by hand in YAML."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.template import Template, TemplateProblem, as_meta, from_file
from tests.core.templates import SPRING

SPRING_FILE = """
name: spring_offer
language: tr
category: marketing
samples: {season: Bahar, first_name: Ayşe, store: Kadıköy}
header: "{{season}} indirimi başladı"
body: Merhaba {{first_name}}, {{store}} mağazasında bu hafta sonuna kadar yüzde yirmi indirim var.
footer: Mesaj almak istemiyorsanız DUR yazın.
buttons:
  - {url: "https://shop.example/r/{{1}}", text: Fırsatları gör, sample: "https://shop.example/r/abc"}
  - quick_reply: Mesajları durdur
"""


def read(text: str) -> Template:
    made = from_file(text)
    assert isinstance(made, Template), [problem.sentence() for problem in made]
    return made


def problems(text: str) -> list[str]:
    found = from_file(text)
    assert isinstance(found, list), found
    assert all(isinstance(problem, TemplateProblem) and problem.sentence("tr") for problem in found)
    return [f"{problem.line} {problem.place}: {problem.sentence()}" for problem in found]


def test_a_file_becomes_what_meta_keeps() -> None:
    made = as_meta(read(SPRING_FILE))

    assert made == {key: SPRING[key] for key in ("name", "language", "category", "parameter_format", "components")}


LEAST = "name: note\nlanguage: en\ncategory: utility\nbody: Hello.\n"


@pytest.mark.parametrize(
    ("text", "component"),
    [
        ("header: location", {"type": "HEADER", "format": "LOCATION"}),
        (
            "header: {image: '4::an'}",
            {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::an"]}},
        ),
        (
            "header: Our {{1}} is on\nsamples: {header.1: sale}",
            {"type": "HEADER", "format": "TEXT", "text": "Our {{1}} is on", "example": {"header_text": ["sale"]}},
        ),
        (
            "offer: {text: Ends soon, expires: false}",
            {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Ends soon", "has_expiration": False}},
        ),
        ("footer: no", {"type": "FOOTER", "text": "no"}),
    ],
)
def test_each_part_is_read(text: str, component: dict[str, Any]) -> None:
    assert component in as_meta(read(LEAST + text))["components"]


@pytest.mark.parametrize(
    ("text", "button"),
    [
        ("{url: 'https://e.example', text: See}", {"type": "URL", "text": "See", "url": "https://e.example"}),
        ("{quick_reply: Yes}", {"type": "QUICK_REPLY", "text": "Yes"}),
        (
            "{phone: '+442079460000', text: Call}",
            {"type": "PHONE_NUMBER", "text": "Call", "phone_number": "+442079460000"},
        ),
        ("{copy_code: 25OFF}", {"type": "COPY_CODE", "example": "25OFF"}),
        ("{catalog: View}", {"type": "CATALOG", "text": "View"}),
        ("{mpm: View}", {"type": "MPM", "text": "View"}),
        (
            "{flow: '123', text: Book, action: navigate, screen: START}",
            {"type": "FLOW", "text": "Book", "flow_id": "123", "flow_action": "navigate", "navigate_screen": "START"},
        ),
        ("{otp: copy_code, text: Copy}", {"type": "OTP", "otp_type": "COPY_CODE", "text": "Copy"}),
    ],
)
def test_each_button_is_read(text: str, button: dict[str, str]) -> None:
    [*_, buttons] = as_meta(read(f"{LEAST}buttons:\n  - {text}\n"))["components"]

    assert buttons == {"type": "BUTTONS", "buttons": [button]}


def test_cards_have_their_own_samples() -> None:
    text = (
        LEAST
        + """
cards:
  - header: {image: '4::a'}
    body: For {{1}} only
    samples: {1: 30 TL}
    buttons: [{quick_reply: More}]
  - header: {image: '4::b'}
    body: For {{1}} only
    samples: {1: 40 TL}
    buttons: [{quick_reply: More}]
"""
    )
    first, second = read(text).cards

    assert first.body is not None
    assert second.body is not None
    assert (first.body.sample("1"), second.body.sample("1")) == ("30 TL", "40 TL")


def test_a_code_template_has_metas_words() -> None:
    text = """
name: login
language: en
category: authentication
ttl_seconds: 60
security_recommendation: true
code_expiration_minutes: 10
buttons: [{otp: copy_code, text: Copy code}]
"""
    assert as_meta(read(text)) == {
        "name": "login",
        "language": "en",
        "category": "AUTHENTICATION",
        "message_send_ttl_seconds": 60,
        "components": [
            {"type": "BODY", "add_security_recommendation": True},
            {"type": "FOOTER", "code_expiration_minutes": 10},
            {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE", "text": "Copy code"}]},
        ],
    }


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (LEAST + "fotter: x", "5 fotter: There is no field “fotter”. Did you mean “footer”?"),
        (LEAST + "buttons:\n  - {text: x}", "6 buttons.0: Name the kind of the button once"),
        (LEAST + "buttons:\n  - {url: x, phone: y}", "6 buttons.0: Name the kind of the button once"),
        (LEAST + "buttons: x", "5 buttons: This must be a list."),
        (LEAST + "header: {image: a, video: b}", "5 header: Write exactly one header."),
        (LEAST + "ttl_seconds: long", "5 ttl_seconds: This must be a whole number."),
        (LEAST + "offer: {text: x, expires: maybe}", "5 offer.expires: Write true or false."),
        (LEAST + "samples: x", "5 samples: Samples are “variable: sample”."),
        (LEAST.replace("utility", "news"), "3 category: “news” is no category known here"),
        (LEAST.replace("category: utility\n", ""), "None category: “” is no category known here"),
        (LEAST.replace("body: Hello.\n", ""), "None body: The template has no body text."),
        ("- a\n- b", "1 : The file must consist of “key: value” lines."),
        ("a: [", "1 : This is not readable YAML"),
    ],
)
def test_each_mistake_has_its_place(text: str, says: str) -> None:
    [sentence] = problems(text)

    assert sentence.startswith(says)


@given(st.text(max_size=80))
def test_no_file_can_make_it_stumble(text: str) -> None:
    found = from_file(text)

    assert isinstance(found, Template) or found
