"""What a failure holds: exactly what it concerns, and nothing beside it."""

from __future__ import annotations

import pytest

from gateway.core.failure import Scope
from gateway.core.message import State
from gateway.storage import templates
from gateway.whatsapp.messenger import Accepted, Failed
from tests.given import NUMBER_ID, Given


@pytest.mark.parametrize(
    ("code", "scope", "target"),
    [
        (190, Scope.EVERYTHING, "*"),
        (131042, Scope.ACCOUNT, "*"),
        (131048, Scope.NUMBER, NUMBER_ID),
        (132015, Scope.TEMPLATE, "spring_offer"),
        (130497, Scope.COUNTRY, "TR"),
    ],
)
def test_a_hold_stops_what_the_failure_concerns(gateway: Given, code: int, scope: Scope, target: str) -> None:
    gateway.person()
    gateway.campaign()
    gateway.meta.answer = lambda o: Failed(code)
    gateway.launch()
    gateway.deliver(gateway.release())
    with gateway.database.read() as connection:
        found = templates.holds(connection, gateway.now)
    assert [(hold.scope, hold.target) for hold in found] == [(scope, target)]


def test_a_country_that_meta_refuses_waits_and_the_others_do_not(gateway: Given) -> None:
    first, same = gateway.person(), gateway.person()
    other = gateway.person(phone="+447700900123")
    spring = gateway.campaign()
    gateway.launch()
    gateway.meta.answer = lambda o: (
        Failed(130497) if (o.to or "").startswith("+90") else Accepted(f"wamid.{o.tracker}", "accepted")
    )
    gateway.deliver(gateway.release(1))
    gateway.work()
    ended, waits = gateway.message(first, spring), gateway.message(same, spring)
    assert (ended.state, ended.code) == (State.FAILED, 130497)
    assert (waits.state, waits.reason) == (State.QUEUED, "account_held")
    assert gateway.message(other, spring).state is State.ACCEPTED


def test_a_status_with_several_errors_is_told_by_the_gravest_and_its_own_code(gateway: Given) -> None:
    ayse = gateway.person()
    spring = gateway.campaign()
    gateway.work()
    gateway.receipt(gateway.meta.sent[0], "failed", 131026, 131050, 131000)
    gateway.drain()
    message = gateway.message(ayse, spring)
    assert (message.state, message.reason, message.code) == (State.FAILED, "person_stopped_marketing", 131050)
