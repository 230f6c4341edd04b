"""Two rooms that must agree: what we fill, the practice Meta takes; what our stop buttons send, we hear as a stop."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from consent.replies import Kind, read_button
from gateway.core.campaign import CampaignPlan, fitting_problems, parameter_values, parse_campaign, person_fields
from gateway.core.template import STOP_PAYLOAD, is_stop_button, placeholders
from gateway.practice.filling import Parts, mismatch, parts_of
from gateway.practice.templates import Template as PracticeTemplate
from tests.core.templates import SPRING, VALUES_BY_KIND, filled, sample_templates, template

PRACTICE = Path(__file__).parents[2] / "gateway" / "practice" / "templates.json"


def registered(item: dict[str, Any]) -> PracticeTemplate:
    return PracticeTemplate(
        id="1600000000000001",
        name=item["name"],
        language=item["language"],
        category=item["category"],
        components=item["components"],
        parameter_format=item.get("parameter_format", "POSITIONAL"),
    )


def refused(item: dict[str, Any]) -> object:
    made = template(item)
    values = {hole.key: VALUES_BY_KIND[hole.kind.value] for hole in placeholders(made) if hole.required}
    return practice_says(item, filled(made, values).components)


def practice_says(item: dict[str, Any], components: list[dict[str, Any]]) -> object:
    parts = parts_of(components)
    return mismatch(registered(item), parts, lambda media_id: True) if isinstance(parts, Parts) else parts


@pytest.mark.parametrize("item", json.loads(PRACTICE.read_text(encoding="utf-8")), ids=lambda item: item["name"])
def test_practice_takes_every_template_of_its_own_as_we_fill_it(item: dict[str, Any]) -> None:
    assert refused(item) is None


def test_practice_takes_carousels_offers_coupons_and_codes() -> None:
    plain = [item for item in sample_templates() if "PRODUCT" not in json.dumps(item) and "MPM" not in json.dumps(item)]

    assert len(plain) > 8
    for item in plain:
        assert refused(item) is None, item["name"]


def test_practice_would_notice_a_missing_parameter() -> None:
    components = filled(template(SPRING), {"season": "a", "first_name": "b", "store": "c", "button.0": "d"}).components
    components[1]["parameters"].pop()

    assert practice_says(SPRING, components) is not None


def test_a_pressed_stop_button_is_heard_as_a_stop_whatever_its_label() -> None:
    items = [SPRING, *sample_templates(), *json.loads(PRACTICE.read_text(encoding="utf-8"))]
    labels = {button.text for item in items for button in template(item).buttons if is_stop_button(button)}

    assert len(labels) >= 5
    for label in labels:
        assert read_button(STOP_PAYLOAD, label).kind is Kind.STOP


@pytest.mark.parametrize(("name", "languages"), [("spring.yaml", ["tr", "en"]), ("weekend_coupon.toml", ["tr"])])
def test_the_example_campaigns_fit_what_practice_has_registered(name: str, languages: list[str]) -> None:
    text = (PRACTICE.parents[2] / "examples" / name).read_text(encoding="utf-8")
    plan = parse_campaign(text, name.rpartition(".")[2], now=datetime(2026, 11, 22, tzinfo=UTC))
    assert isinstance(plan, CampaignPlan)
    registered_here = json.loads(PRACTICE.read_text(encoding="utf-8"))

    for item in registered_here:
        if item["name"] == plan.template and item["language"] in languages:
            made = template({**item, "status": "APPROVED"})
            assert [problem.sentence() for problem in fitting_problems(plan, made)] == []
            languages = [one for one in languages if one != item["language"]]
            values = parameter_values(plan.parameters, person_fields("Ayşe Örnek", {}), made.language)
            assert practice_says(item, filled(made, {**values, "button.0": "k3JdQ9"}).components) is None
    assert languages == []
