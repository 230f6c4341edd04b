"""Marketing templates by Meta's Marketing Messages API: a setting, and what its errors mean for the campaign."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.actions.hold_sending import Decided, lift_hold
from gateway.actions.policies import Policies
from gateway.core.failure import Scope, meaning
from gateway.core.failure_words import WORDS
from gateway.core.message import MarketingEndpoint, State
from gateway.storage import templates
from gateway.whatsapp.messenger import Accepted, Failed
from tests.given import Given

BY_ITS_API = Accepted("wamid.1", "accepted")


def setting(gateway: Given, marketing_api: str, *, share: bool = False) -> None:
    gateway.settings = replace(gateway.settings, marketing_api=marketing_api, share_activity=share)
    gateway.policies = Policies(gateway.settings)


@pytest.mark.parametrize(
    ("choice", "share", "endpoint"),
    [
        ("off", False, None),
        ("strict", False, MarketingEndpoint("STRICT", shares_activity=False)),
        ("fallback", True, MarketingEndpoint("CLOUD_API_FALLBACK", shares_activity=True)),
    ],
)
def test_a_marketing_template_goes_as_it_is_set_when_it_leaves(
    gateway: Given, choice: str, share: bool, endpoint: MarketingEndpoint | None
) -> None:
    gateway.person()
    gateway.campaign()
    gateway.launch()
    setting(gateway, choice, share=share)
    assert [outgoing.marketing_endpoint for outgoing in gateway.release()] == [endpoint]


def test_another_template_never_goes_by_it_whatever_its_campaign_is_for(gateway: Given) -> None:
    gateway.person()
    setting(gateway, "strict")
    parameters = {"1": "Ayşe", "2": "1042", "3": "3 Mart"}
    gateway.campaign(template="order_ready", parameters=parameters, purpose="marketing", link=None)
    gateway.launch()
    [outgoing] = gateway.release()
    assert (outgoing.purpose, outgoing.marketing_endpoint) == ("marketing", None)


def test_an_account_that_takes_marketing_there_only_waits_for_the_setting(gateway: Given) -> None:
    ayse = gateway.person()
    spring = gateway.campaign()
    gateway.meta.answer = lambda o: BY_ITS_API if o.marketing_endpoint else Failed(131063)
    gateway.work()
    assert gateway.message(ayse, spring).state is State.QUEUED
    with gateway.database.read() as connection:
        [hold] = templates.holds(connection, gateway.now)
    assert (hold.scope, hold.reason) == (Scope.CAMPAIGN, "marketing_endpoint_needed")
    setting(gateway, "fallback")
    decided = Decided(who="Deniz", why="set", at=gateway.now)
    assert gateway.database.run(lambda c: lift_hold(c, Scope.CAMPAIGN, str(spring.id), decided))
    gateway.work()
    assert gateway.message(ayse, spring).state is State.ACCEPTED


@pytest.mark.parametrize("code", [131055, 134100, 134102])
def test_a_template_that_the_endpoint_does_not_take_holds_its_campaign(gateway: Given, code: int) -> None:
    ayse = gateway.person()
    spring = gateway.campaign()
    setting(gateway, "strict")
    gateway.meta.answer = lambda o: Failed(code)
    gateway.work()
    assert gateway.message(ayse, spring).state is State.QUEUED
    with gateway.database.read() as connection:
        assert [hold.scope for hold in templates.holds(connection, gateway.now)] == [Scope.CAMPAIGN]
    words = WORDS[meaning(code).name]
    assert "IZIN_MARKETING_API=off" in words.en
    assert "IZIN_MARKETING_API=off" in words.tr


@pytest.mark.parametrize("code", [134101, 131009])
def test_a_template_that_is_being_prepared_is_tried_again_in_ten_minutes(gateway: Given, code: int) -> None:
    ayse = gateway.person()
    spring = gateway.campaign()
    setting(gateway, "strict")
    gateway.launch()
    gateway.meta.answer = lambda o: Failed(code)
    gateway.deliver(gateway.release())
    assert gateway.message(ayse, spring).state is State.QUEUED
    assert gateway.release() == []
    gateway.meta.answer = lambda o: BY_ITS_API
    gateway.run_until(gateway.now + timedelta(minutes=31))
    assert gateway.message(ayse, spring).state is State.ACCEPTED
