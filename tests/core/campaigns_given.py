"""Campaign files for tests: the least that one can say, and what is read from it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from gateway.core.campaign import (
    CampaignPlan,
    HouseRules,
    fitting_problems,
    parse_campaign,
)
from tests.core.templates import SPRING, template

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)

LEAST = {"name": "Spring", "segment": "everyone", "template": "spring_offer", "expires": "3 days"}


def written(fields: dict[str, Any]) -> str:
    """A campaign file in JSON, which is YAML too."""
    return json.dumps(fields, ensure_ascii=False)


def plan_of(text: str, format_: str = "yaml", house: HouseRules | None = None) -> CampaignPlan:
    plan = parse_campaign(text, format_, now=NOW, house=house or HouseRules())
    assert isinstance(plan, CampaignPlan), [problem.sentence() for problem in plan]
    return plan


def plan(**fields: Any) -> CampaignPlan:
    return plan_of(written(LEAST | fields))


def sentences(text: str, format_: str = "yaml", house: HouseRules | None = None) -> list[str]:
    found = parse_campaign(text, format_, now=NOW, house=house or HouseRules())
    assert isinstance(found, list), found
    assert all(problem.sentence("tr") for problem in found)
    return [problem.sentence() for problem in found]


def wrong(**fields: Any) -> str:
    """The one sentence about the one thing that is wrong."""
    [sentence] = sentences(written(LEAST | fields))
    return sentence


def fits(made: CampaignPlan, **change: Any) -> list[str]:
    return [problem.sentence() for problem in fitting_problems(made, template({**SPRING, **change}))]


SPRING_FIELDS = {"season": "Bahar", "first_name": "{person.first_name}", "store": "Moda"}
