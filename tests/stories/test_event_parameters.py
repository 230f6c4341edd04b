"""Messages that speak of what a person last did: a cart, an order, a visit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from gateway.actions.dry_run import WOULD_LEAVE, dry_run
from gateway.actions.explain_person import explain_person
from gateway.actions.plan_campaign import plan_campaign
from gateway.actions.record_events import record_events
from gateway.core.campaign import CampaignPlan, parse_campaign
from tests.given import Given, Person
from tests.stories.test_template_languages import said

HOUR = timedelta(hours=1)
PARAMETERS = {"season": "Bahar", "store": "Moda"}
CART = "{event.cart left.product_name}"
CART_OR = "{event.cart left.product_name|seçtikleriniz}"


def did(gateway: Given, person: Person, name: str, hours_ago: float = 0, **properties: Any) -> None:
    at = gateway.now - HOUR * hours_ago
    item = {
        "type": "track",
        "event": name,
        "timestamp": at.isoformat(),
        "properties": {"phone": person.phone, **properties},
    }
    done = gateway.database.run(lambda c: record_events(c, [item], gateway.settings, gateway.now))
    assert (done.events, done.problems) == (1, {})


def speaks_of(text: str) -> dict[str, Any]:
    return {**PARAMETERS, "first_name": text}


def test_the_latest_event_of_that_name_fills_the_message(gateway: Given) -> None:
    ayse, mehmet = gateway.person(), gateway.person()
    did(gateway, ayse, "cart left", 5, product_name="çay")
    did(gateway, ayse, "cart left", 1, product_name="kahve")
    did(gateway, ayse, "Order Completed", 0.5, product_name="süt")
    did(gateway, mehmet, "cart left", 9, product_name="fincan")
    gateway.campaign(parameters=speaks_of(CART))
    gateway.work()
    assert said(gateway, ayse)[1][0] == "kahve"
    assert said(gateway, mehmet)[1][0] == "fincan"


def test_who_did_nothing_of_the_kind_is_refused_with_the_reason_or_gets_the_fallback(gateway: Given) -> None:
    ayse, mehmet = gateway.person(), gateway.person()
    did(gateway, ayse, "cart left", product_name="kahve")
    without = gateway.campaign(parameters=speaks_of(CART))
    gateway.work()
    assert gateway.message(mehmet, without).reason == "parameter_missing"
    assert gateway.message(mehmet, without).because == "first_name"
    gateway.clock.moment += timedelta(days=2)
    gateway.campaign("again", parameters=speaks_of(CART_OR))
    gateway.work()
    assert said(gateway, ayse)[1][0] == "kahve"
    assert said(gateway, mehmet)[1][0] == "seçtikleriniz"


def test_the_message_says_what_was_so_at_its_launch(gateway: Given) -> None:
    ayse = gateway.person()
    did(gateway, ayse, "cart left", 1, product_name="kahve")
    gateway.campaign(parameters=speaks_of(CART))
    gateway.launch()
    did(gateway, ayse, "cart left", 0, product_name="çay")
    gateway.work()
    assert said(gateway, ayse)[1][0] == "kahve"


def test_a_value_too_long_is_found_before_it_leaves(gateway: Given) -> None:
    ayse = gateway.person()
    did(gateway, ayse, "cart left", product_name="x" * 1_000)
    campaign = gateway.campaign(parameters=speaks_of(CART))
    gateway.work()
    assert gateway.counts(campaign) == {"refused:parameter_too_long": 1}


@pytest.mark.parametrize("text", [CART, CART_OR])
def test_the_dry_run_says_what_then_happens_and_looks_only_at_those_who_did_it(gateway: Given, text: str) -> None:
    people = [gateway.person() for _ in range(4)]
    did(gateway, people[0], "cart left", product_name="kahve")
    did(gateway, people[1], "cart left", product_name="x" * 1_000)
    campaign = gateway.campaign(parameters=speaks_of(text))
    with gateway.database.read() as connection:
        run = dry_run(connection, campaign, gateway.policies, gateway.now)
    gateway.work()
    others = {"parameter_missing": 2} if text == CART else {}
    assert run.by_reason == {WOULD_LEAVE: 1 if others else 3, "parameter_too_long": 1, **others}
    assert (run.audience, run.one_by_one) == (4, 2)
    told = gateway.counts(campaign)
    assert {name: told.get(f"refused:{name}", 0) for name in others} == others
    assert told["refused:parameter_too_long"] == 1


def test_the_explanation_knows_the_event_too(gateway: Given) -> None:
    ayse = gateway.person()
    did(gateway, ayse, "cart left", product_name="kahve")
    campaign = gateway.campaign(parameters=speaks_of(CART))
    with gateway.database.read() as connection:
        explained = explain_person(connection, ayse.subject, campaign, gateway.policies, gateway.now)
    assert type(explained.decision).__name__ == "Allow"


def test_an_event_that_nobody_ever_reported_is_named_when_planning(gateway: Given) -> None:
    ayse = gateway.person()
    did(gateway, ayse, "cart left", product_name="kahve")
    told = planned(gateway, "{event.cart_left.product_name}")
    assert told == [
        "parameters: No event “cart_left” was ever reported; correct the name, or give a fallback. "
        "Did you mean “cart left”?"
    ]
    assert planned(gateway, "{event.cart_left.product_name|ürün}") == []


def planned(gateway: Given, text: str) -> list[str]:
    plan = parse_campaign(
        f'name: x\nsegment: everyone\ntemplate: spring_offer\nexpires: 1 day\nlink: "https://shop.example/"\n'
        f'parameters: {{season: Bahar, store: Moda, first_name: "{text}"}}',
        "yaml",
        now=gateway.now,
    )
    assert isinstance(plan, CampaignPlan), plan
    found = gateway.database.run(lambda connection: plan_campaign(connection, plan, gateway.now))
    return [problem.sentence() for problem in found] if isinstance(found, list) else []


def test_one_question_a_batch_not_one_a_person(gateway: Given) -> None:
    people = [gateway.person() for _ in range(6)]
    for person in people:
        did(gateway, person, "cart left", product_name="kahve")
    gateway.campaign(parameters=speaks_of(CART))
    asked: list[str] = []
    event.listen(gateway.database.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    gateway.launch()
    assert sum("FROM person JOIN person_event" in " ".join(statement.split()) for statement in asked) == 1
