"""A table of bodies that others send and create: ours are the same, or the difference is named.

The bodies are those that whatsapp-business-java-api's own tests expect (reference/api-samples).
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.core.template import Media, Money, Value, as_file, as_meta, from_file, from_meta
from tests.core.templates import filled, reference, template, template_object


def sample(name: str) -> dict[str, Any]:
    path = reference("api-samples", "whatsapp-business-java-api", f"expected__{name}.json")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def header(format_: str) -> dict[str, Any]:
    return {"type": "HEADER", "format": format_}


def replies(*labels: str) -> dict[str, Any]:
    return {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": label} for label in labels]}


SENT: dict[int, tuple[str, list[dict[str, Any]], dict[str, Value]]] = {
    2: ("Código: *{{1}}* para confirmar.", [], {"1": "18754269072"}),
    3: (
        "Olá *{{1}}*, seu horário é no dia *{{2}}* as *{{3}}h*.",
        [replies("SIM", "NÃO", "REMARCAR")],
        {
            "1": "Mauricio",
            "2": "04/11/2022",
            "3": "14:30",
            "button.0": "OP_YES_48547",
            "button.1": "OP_NO_48548",
            "button.2": "OP_CH_48549",
        },
    ),
    6: (
        "Olá {{1}}, seu professor publicou novas aulas.",
        [
            header("DOCUMENT"),
            {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Ver", "url": "https://www.example.org/{{1}}"}]},
        ],
        {
            "header": Media(id="928860901494862", filename="Class.pdf"),
            "1": "Mauricio Binda",
            "button.0": "career-academy/?trk_ref=globalnav",
        },
    ),
    8: ("Olá {{1}}, veja o vídeo.", [header("VIDEO")], {"header": "4548775454857854", "1": "Mauricio Binda"}),
    9: ("Código {{1}} para entrar.", [header("IMAGE")], {"header": "554066036582230", "1": "T87-G74-876"}),
}
"""Body, further components and values of a template of ours, by the number of the sample."""


@pytest.mark.parametrize("number", SENT)
def test_what_we_send_equals_what_others_send(number: int) -> None:
    theirs = sample(f"message__expectedMessage{number}")["template"]
    body, components, values = SENT[number]
    item = {
        "name": theirs["name"],
        "language": theirs["language"]["code"],
        "category": "UTILITY",
        "components": [{"type": "BODY", "text": body}, *components],
    }
    assert template_object(filled(template(item), values)) == theirs


def test_dates_go_as_the_text_that_meta_would_show() -> None:
    """Samples 4 and 5 send `date_time`; Meta shows only its fallback value, so we send that as text. Money is equal."""
    for number in (4, 5):
        theirs = sample(f"message__expectedMessage{number}")["template"]
        body = next(one for one in theirs["components"] if one["type"] == "body")["parameters"]
        values: dict[str, Value] = {}
        for place, one in enumerate(body, start=1):
            inner = one.get(one["type"])
            match one["type"]:
                case "text":
                    values[str(place)] = inner
                case "date_time":
                    values[str(place)] = inner["fallback_value"]
                case "currency":
                    values[str(place)] = Money(inner["fallback_value"], inner["code"], inner["amount_1000"])
        text = " e ".join(f"{{{{{place}}}}}" for place in range(1, len(body) + 1))
        made = template(
            {
                "name": theirs["name"],
                "language": "pt_BR",
                "category": "UTILITY",
                "components": [{"type": "BODY", "text": f"Dia {text}, até lá."}],
            }
        )
        ours = filled(made, values).components[0]["parameters"]
        assert [one for one in ours if one["type"] != "text"] == [one for one in body if one["type"] == "currency"]
        assert len(ours) == len(body)


def ordered(item: dict[str, Any]) -> dict[str, Any]:
    """Meta takes components in any order; ours is the phone's."""
    return {**item, "components": sorted(item["components"], key=lambda one: str(one["type"]))}


@pytest.mark.parametrize("number", [5, 6, 7, 8, 9])
def test_what_we_create_equals_what_others_create(number: int) -> None:
    theirs = sample(f"template__expectedTemplate{number}")
    assert ordered(as_meta(template(theirs))) == ordered(theirs)


@pytest.mark.parametrize("number", [5, 6, 7, 8, 9])
def test_what_others_create_can_be_kept_as_a_file(number: int) -> None:
    made = template(sample(f"template__expectedTemplate{number}"))
    assert as_meta(template(as_meta(made))) == as_meta(made)
    assert from_file(as_file(made)) == made


@pytest.mark.parametrize("number", [1, 2, 4])
def test_a_category_that_meta_has_given_up_is_named(number: int) -> None:
    found = from_meta(sample(f"template__expectedTemplate{number}"))
    assert isinstance(found, list)
    assert "TRANSACTIONAL" in found[0].sentence()
