"""What Meta says of templates: kept with its history, and heeded, whether a webhook brought it or a fetch found it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from gateway.actions.sync_templates import FAILURES_MAX, Synced, is_incident, sync_templates
from gateway.actions.template_news import NOW_MARKETING
from gateway.core.failure import Scope
from gateway.storage import template_history, templates
from gateway.whatsapp.cloud import Cloud, CloudProblem, NumberFacts
from tests.given import Given, practice_templates


class Account(Cloud):
    """Meta's account as a list; `away` makes every reading fail."""

    def __init__(self, listed: Sequence[dict[str, Any]], away: bool = False) -> None:
        self.listed, self.away = listed, away

    async def templates(self, account_id: str, name: str = "") -> list[dict[str, Any]]:
        if self.away:
            raise CloudProblem(190, "the token has expired")
        return [dict(one) for one in self.listed]

    async def number(self, number_id: str) -> NumberFacts:
        return NumberFacts(number_id, "STANDARD", "GREEN", "", "+1 202 555 0143", "", "CONNECTED", False)


def listed(**changes: dict[str, Any]) -> list[dict[str, Any]]:
    """The account's templates; `spring_offer={"status": "PAUSED"}` changes all its languages, `…_tr` only one."""
    whole = practice_templates()
    for item in whole:
        for key in (item["name"], f"{item['name']}_{item['language']}"):
            item.update(changes.get(key, {}))
    return whole


async def fetch(gateway: Given, account: Account) -> Synced:
    return await sync_templates(account, gateway.database, "1", ["106540352242922"], gateway.now)


def synced(gateway: Given, account: Account) -> Synced:
    return asyncio.run(fetch(gateway, account))


def held(gateway: Given) -> dict[tuple[str, str], str]:
    with gateway.database.read() as connection:
        return {(hold.scope.value, hold.target): hold.reason for hold in templates.holds(connection, gateway.now)}


def history(gateway: Given, name: str) -> list[tuple[str, str, str | None, str, str]]:
    with gateway.database.read() as connection:
        found = template_history.history(connection, name)
    return [(c.language, c.what, c.was, c.now, c.source) for c in reversed(found) if c.was is not None]


def webhook(gateway: Given, field: str, **value: Any) -> None:
    named = {"message_template_name": "spring_offer", "message_template_language": "tr", "message_template_id": 1}
    gateway.post(gateway.value(field, **named, **value))
    gateway.drain()


def test_a_fetch_finds_what_a_lost_webhook_would_have_said(gateway: Given) -> None:
    changes = synced(gateway, Account(listed(spring_offer={"status": "PAUSED"}))).changes
    assert {(c.name, c.language, c.was, c.now) for c in changes if c.was} == {
        ("spring_offer", "tr", "APPROVED", "PAUSED"),
        ("spring_offer", "en", "APPROVED", "PAUSED"),
    }
    assert held(gateway) == {("template", "spring_offer"): "template_paused"}
    synced(gateway, Account(listed()))
    assert held(gateway) == {}


def test_nothing_is_written_down_twice(gateway: Given) -> None:
    account = Account(listed(spring_offer={"status": "PAUSED"}))
    synced(gateway, account)
    before = history(gateway, "spring_offer")
    assert synced(gateway, account).changes == ()
    assert history(gateway, "spring_offer") == before


def test_webhooks_and_fetches_write_one_history(gateway: Given) -> None:
    webhook(gateway, "message_template_quality_update", previous_quality_score="UNKNOWN", new_quality_score="YELLOW")
    webhook(gateway, "message_template_status_update", event="PAUSED", reason="NONE")
    synced(gateway, Account(listed(spring_offer_tr={"status": "APPROVED", "quality_score": {"score": "GREEN"}})))
    assert history(gateway, "spring_offer") == [
        ("tr", "quality", "UNKNOWN", "YELLOW", "webhook"),
        ("tr", "status", "APPROVED", "PAUSED", "webhook"),
        ("tr", "status", "PAUSED", "APPROVED", "sync"),
        ("tr", "quality", "YELLOW", "GREEN", "sync"),
    ]


def test_a_template_that_meta_no_longer_lists_is_deleted_here(gateway: Given) -> None:
    synced(gateway, Account([item for item in listed() if item["name"] != "spring_offer"]))
    with gateway.database.read() as connection:
        statuses = {t.status for t in templates.languages_of(connection, "spring_offer").values()}
    assert statuses == {"DELETED"}
    assert held(gateway) == {("template", "spring_offer"): "template_deleted"}


@pytest.mark.parametrize("event", ["REJECTED", "DELETED", "ARCHIVED"])
def test_one_language_that_ends_does_not_stop_the_others(gateway: Given, event: str) -> None:
    synced(gateway, Account(listed(spring_offer_en={"status": event})))
    assert held(gateway) == {}


def test_one_approved_language_does_not_let_a_paused_one_go(gateway: Given) -> None:
    synced(gateway, Account(listed(spring_offer_tr={"status": "PAUSED"}, spring_offer_en={"status": "PENDING"})))
    synced(gateway, Account(listed(spring_offer_tr={"status": "PAUSED"})))
    assert held(gateway) == {("template", "spring_offer"): "template_paused"}


def utility_campaign(gateway: Given) -> None:
    """A template that Meta has as utility, and a campaign to somebody who never agreed to marketing."""
    synced(gateway, Account(listed(spring_offer={"category": "UTILITY"})))
    gateway.person(opted_in="utility")
    gateway.campaign("Bilgi", purpose="utility")


@pytest.mark.parametrize("told_by", ["webhook", "fetch"])
def test_a_template_turned_marketing_stops_what_was_planned_as_something_else(gateway: Given, told_by: str) -> None:
    utility_campaign(gateway)
    if told_by == "webhook":
        webhook(gateway, "template_category_update", previous_category="UTILITY", new_category="MARKETING")
    else:
        synced(gateway, Account(listed()))
    gateway.work()
    assert gateway.meta.sent == []
    assert list(held(gateway).values()) == [NOW_MARKETING]
    assert next(iter(held(gateway)))[0] == Scope.CAMPAIGN.value


def test_the_same_campaign_would_have_been_sent_had_the_category_stayed(gateway: Given) -> None:
    utility_campaign(gateway)
    gateway.work()
    assert len(gateway.meta.sent) == 1


def test_repeated_failure_is_an_incident_until_a_fetch_succeeds(gateway: Given) -> None:
    for nth in range(1, FAILURES_MAX + 1):
        with pytest.raises(CloudProblem):
            synced(gateway, Account([], away=True))
        with gateway.database.read() as connection:
            health = template_history.sync_health(connection)
        assert health is not None
        assert (health.failures, health.problem) == (nth, "the token has expired")
        assert is_incident(health) == (nth == FAILURES_MAX)
    synced(gateway, Account(listed()))
    with gateway.database.read() as connection:
        assert not is_incident(template_history.sync_health(connection))


def test_a_failed_fetch_changes_nothing_that_was_known(gateway: Given) -> None:
    with gateway.database.read() as connection:
        before = templates.all_templates(connection)
    with pytest.raises(CloudProblem):
        synced(gateway, Account([], away=True))
    with gateway.database.read() as connection:
        assert templates.all_templates(connection) == before
