"""Templates from Meta's JSON and back, and the whole send payload against Meta's own OpenAPI."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import jsonpatch
import pytest
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from gateway.core.template import (
    Button,
    ButtonKind,
    Category,
    Filled,
    HeaderFormat,
    Media,
    ParameterFormat,
    Product,
    Section,
    Sections,
    TemplateProblem,
    TemplateStatus,
    Value,
    as_meta,
    fill,
    from_meta,
    placeholders,
)
from tests.core.templates import (
    SPRING,
    SPRING_VALUES,
    VALUES_BY_KIND,
    filled,
    reference,
    sample_templates,
    template,
    template_object,
    text_template,
)


def test_a_template_is_read_whole() -> None:
    made = template(SPRING)

    assert (made.name, made.language, made.category, made.status) == (
        "spring_offer",
        "tr",
        Category.MARKETING,
        TemplateStatus.APPROVED,
    )
    assert made.parameter_format is ParameterFormat.NAMED
    assert (made.id, made.quality) == ("1002003004005", "GREEN")
    assert made.purpose == "marketing"
    assert made.is_sendable
    assert made.header is not None
    assert made.header.format is HeaderFormat.TEXT
    assert made.body.samples == (("first_name", "Ayşe"), ("store", "Kadıköy"))
    assert made.buttons[0] == Button(
        ButtonKind.URL, "Fırsatları gör", "https://shop.example/r/{{1}}", sample="https://shop.example/r/abc"
    )
    assert made.buttons[0].is_dynamic
    assert not made.buttons[1].is_dynamic


def test_every_sample_template_survives_being_read_and_written() -> None:
    for item in sample_templates():
        assert as_meta(template(item)) == item


def test_what_meta_lists_is_read() -> None:
    for number in (1, 2, 3):
        page = json.loads(
            reference("api-samples", "whatsapp-business-java-api", f"retTemplate{number}.json").read_text()
        )
        for item in page["data"]:
            made = template(item)
            assert made.status.value == item["status"]
            assert as_meta(made)["components"] == item["components"]


@pytest.mark.parametrize(
    ("body", "format_"),
    [("Hello {{1}} there", ParameterFormat.POSITIONAL), ("Hello {{name}} there", ParameterFormat.NAMED)],
)
def test_a_missing_parameter_format_is_told_by_the_holes(body: str, format_: ParameterFormat) -> None:
    assert text_template(body).parameter_format is format_


@pytest.mark.parametrize(
    ("status", "sendable"),
    [("APPROVED", True), ("PAUSED", False), ("PENDING", False), ("SOMETHING_NEW", False), (None, False)],
)
def test_only_what_is_approved_is_sent(status: str | None, sendable: bool) -> None:
    assert template({**SPRING, "status": status}).is_sendable is sendable


def test_an_unknown_part_is_kept_by_name_and_never_sent() -> None:
    made = text_template("Hello there.", components=[{"type": "HOLOGRAM"}, {"type": "CALL_PERMISSION_REQUEST"}])

    assert made.unknown == ("HOLOGRAM",)
    assert not made.is_sendable


def test_an_approved_code_button_comes_back_as_a_link_and_is_still_a_code() -> None:
    url = "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}"
    item = {
        "name": "login",
        "language": "en",
        "category": "AUTHENTICATION",
        "components": [
            {"type": "BODY", "text": "*{{1}}* is your code."},
            {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Copy code", "url": url}]},
        ],
    }

    assert template(item).carries_a_code
    assert [hole.key for hole in placeholders(template(item))] == ["code"]
    assert filled(template(item), {"code": "K7Q2"}).components[1]["parameters"] == [{"type": "text", "text": "K7Q2"}]


TEXT = {"type": "BODY", "text": "x"}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"name": ""}, "name"),
        ({"language": None}, "language"),
        ({"category": "TRANSACTIONAL"}, "category"),
        ({"components": []}, "body"),
        ({"components": "BODY"}, "components"),
        ({"components": [TEXT, {"type": "HEADER", "format": "SMELL"}]}, "header"),
        ({"components": [TEXT, {"type": "BUTTONS", "buttons": [{"type": "LEVER"}]}]}, "buttons"),
        ({"components": [TEXT, {"type": "CAROUSEL", "cards": [1]}]}, "cards"),
    ],
)
def test_what_is_no_template_says_why(change: dict[str, Any], place: str) -> None:
    found = from_meta({**SPRING, **change})

    assert isinstance(found, list)
    [problem] = found
    assert isinstance(problem, TemplateProblem)
    assert problem.place == place
    assert problem.sentence("tr") != problem.sentence("en")


# the wire, against Meta's own description of it

MORE_VALUES: dict[str, Value] = {
    **VALUES_BY_KIND,
    "product": Product("99", "nqryix03ez"),
    "sections": Sections("thumb", (Section("Popular", ("a", "b")),)),
    "thumbnail": "2lc20305pt",
    "payload": "MORE",
    "flow": "token",
}


@lru_cache(maxsize=1)
def messages_of_meta() -> Draft202012Validator:
    """Meta's schema of an outgoing message, made usable by the shipped patch."""
    spec = yaml.load(reference("openapi", "business-messaging-api_v23.0.yaml").read_text(), Loader=yaml.CSafeLoader)
    patch = json.loads(reference("openapi", "validation-fixes.patch.json").read_text())
    patched = jsonpatch.apply_patch(json.loads(json.dumps(spec)), patch)
    resource = Resource.from_contents(patched, default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource("urn:meta", resource)
    return Draft202012Validator({"$ref": "urn:meta#/components/schemas/TemplateMessage"}, registry=registry)


def message(done: Filled) -> dict[str, Any]:
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "15555550100",
        "type": "template",
        "template": template_object(done),
    }


def test_every_kind_of_template_is_sent_in_metas_shape() -> None:
    for item in [SPRING, *sample_templates()]:
        made = template(item)
        values = {hole.key: MORE_VALUES[hole.kind.value] for hole in placeholders(made)}
        done = filled(made, values)

        errors = [error.message for error in messages_of_meta().iter_errors(message(done))]
        assert errors == []


def test_metas_schema_would_notice_a_wrong_shape() -> None:
    done = filled(template(SPRING), SPRING_VALUES)
    done.components[2]["index"] = 10
    done.components[0]["type"] = "hologram"

    assert len(list(messages_of_meta().iter_errors(message(done)))) >= 2


def test_our_payloads_equal_those_of_a_library_in_use() -> None:
    """Three sends that whatsapp-business-java-api's own tests expect, made from templates of ours."""
    replies = [{"type": "QUICK_REPLY", "text": text} for text in ("SIM", "NÃO", "REMARCAR")]
    schedule = text_template(
        "Olá *{{1}}*, seu horário é no dia *{{2}}* as *{{3}}h*.\nVocê confirma?",
        name="schedule_confirmation3",
        language="pt_BR",
        components=[{"type": "BUTTONS", "buttons": replies}],
    )
    classes = text_template(
        "Olá {{1}}, seu professor publicou novas aulas.",
        name="new_classes_pdf",
        language="en_US",
        components=[
            {"type": "HEADER", "format": "DOCUMENT"},
            {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Ver", "url": "https://www.example.org/{{1}}"}]},
        ],
    )
    number = text_template("Código: *{{1}}* para confirmar.", name="number_confirmation", language="pt_BR")
    codes: dict[str, Value] = {
        f"button.{i}": f"OP_{word}" for i, word in enumerate(("YES_48547", "NO_48548", "CH_48549"))
    }
    media = Media(id="928860901494862", filename="Class.pdf")

    made = {
        "2": filled(number, {"1": "18754269072"}),
        "3": filled(schedule, {"1": "Mauricio", "2": "04/11/2022", "3": "14:30", **codes}),
        "6": filled(classes, {"header": media, "1": "Mauricio Binda", "button.0": "career-academy/?trk_ref=globalnav"}),
    }
    for number_, done in made.items():
        path = reference(
            "api-samples", "whatsapp-business-java-api", f"expected__message__expectedMessage{number_}.json"
        )
        assert template_object(done) == json.loads(path.read_text())["template"]


def test_reading_never_changes_what_it_was_given() -> None:
    before = json.dumps(SPRING)
    fill(template(SPRING), SPRING_VALUES)
    as_meta(template(SPRING))

    assert json.dumps(SPRING) == before
