"""What goes into a message besides people's own words: the link's token, and what the wire must know."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest

from gateway.actions.compose_messages import TOKEN_HEAD, TOKENS_AT_ONCE, Composer, Press, tokens
from gateway.core.campaign import CampaignPlan, fitting_problems, parse_campaign
from gateway.storage.audience_rows import AudienceRow
from tests.core.templates import template

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
AYSE = AudienceRow(1, "Ayşe", "tr", "TR", None, None)
URL = {"type": "URL", "text": "Gör", "url": "https://shop.example/r/{{1}}", "example": ["https://shop.example/r/x"]}
BODY = {"type": "BODY", "text": "Bahar koleksiyonu mağazalarda sizi bekliyor."}
IMAGE = {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::x"]}}
CARD = {"components": [IMAGE, BODY, {"type": "BUTTONS", "buttons": [URL]}]}


def made(components: list[Any], category: str = "MARKETING", **fields: Any) -> tuple[Press, CampaignPlan, Any]:
    written = {"name": "x", "segment": "everyone", "template": "t", "expires": "1 day", **fields}
    plan = parse_campaign(json.dumps(written), "yaml", now=NOW)
    assert isinstance(plan, CampaignPlan), plan
    item = {"name": "t", "language": "tr", "category": category, "status": "APPROVED", "components": components}
    return Press(Composer(plan, {"tr": template(item)})), plan, template(item)


@pytest.mark.parametrize(
    ("components", "links"),
    [
        ([BODY, {"type": "BUTTONS", "buttons": [URL]}], 1),
        ([BODY, {"type": "BUTTONS", "buttons": [URL, {**URL, "text": "Git"}]}], 2),
        ([BODY, {"type": "CAROUSEL", "cards": [CARD, CARD, CARD]}], 3),
    ],
)
def test_every_open_link_of_a_message_carries_its_one_token(components: list[Any], links: int) -> None:
    pictures = {f"card.{index}.header": {"image": "1"} for index in range(3)} if links == 3 else {}
    press, plan, whole = made(components, link="https://shop.example/bahar", parameters=pictures)
    assert fitting_problems(plan, whole) == []
    (_, first, mine), (_, second, theirs) = press.planned([AYSE, AYSE], {})
    assert mine
    assert theirs
    assert mine != theirs
    assert (first.count(mine), second.count(theirs), second.count(mine)) == (links, links, 0)
    assert "problem" not in json.loads(first)


@pytest.mark.parametrize(("category", "marked"), [("MARKETING", True), ("UTILITY", None)])
def test_what_may_go_by_the_marketing_endpoint_is_marked(category: str, marked: bool | None) -> None:
    press, *_ = made([BODY], category, purpose="marketing")
    [(_, content, token)] = press.planned([AYSE], {})
    assert (json.loads(content).get("marketing"), token) == (marked, None)


def test_tokens_differ_and_lie_together_in_their_index() -> None:
    made = list(islice(tokens(), TOKENS_AT_ONCE + 1))
    assert len(set(made)) == len(made)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{12}", token) for token in made)
    assert len({token[:TOKEN_HEAD] for token in made[:-1]}) == 1
    assert len({token[TOKEN_HEAD:][-5:] for token in made}) > TOKENS_AT_ONCE * 0.99
