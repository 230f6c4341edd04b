"""What a failure holds: exactly what it concerns, and nothing beside it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from gateway.actions.hold_sending import Decided, lift_hold
from gateway.actions.wake_held import HoldWatch
from gateway.core.failure import Scope
from gateway.core.message import State
from gateway.storage import templates
from gateway.whatsapp.messenger import Accepted, Failed, Outcome
from tests.given import NUMBER_ID, Given

ORDER: dict[str, Any] = {
    "template": "order_ready",
    "purpose": "utility",
    "link": None,
    "parameters": {1: "Ayşe", 2: "1042", 3: "3 Mart"},
}


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
    watch = HoldWatch()
    gateway.meta.answer = lambda o: (
        Failed(130497) if (o.to or "").startswith("+90") else Accepted(f"wamid.{o.tracker}", "accepted")
    )
    gateway.deliver(gateway.release(1))
    gateway.work()
    ended, waits = gateway.message(first, spring), gateway.message(same, spring)
    assert (ended.state, ended.code) == (State.FAILED, 130497)
    assert (waits.state, waits.reason) == (State.QUEUED, "country_held")
    assert gateway.message(other, spring).state is State.ACCEPTED
    gateway.database.run(lambda c: watch.look(c, gateway.now))
    with gateway.database.write() as connection:
        templates.lift(connection, Scope.COUNTRY, "TR")
    gateway.meta.answer = None
    gateway.database.run(lambda c: watch.look(c, gateway.now))
    gateway.work()
    assert gateway.message(same, spring).state is State.ACCEPTED


@pytest.mark.parametrize(
    ("code", "scope", "target"), [(131064, Scope.UTILITY, "*"), (132069, Scope.TEMPLATE, "order_ready")]
)
def test_what_met_a_hold_leaves_when_it_is_lifted_before_its_time(
    gateway: Given, code: int, scope: Scope, target: str
) -> None:
    gateway.person(opted_in="utility")
    gateway.campaign(**ORDER)
    outcomes: Iterator[Outcome] = iter([Failed(code)])
    gateway.meta.answer = lambda o: next(outcomes, Accepted(f"wamid.{o.tracker}"))
    gateway.work()
    gateway.clock.advance(timedelta(minutes=10))
    gateway.work()
    watch = HoldWatch()
    gateway.database.run(lambda c: watch.look(c, gateway.now))
    gateway.work()
    assert [o.attempt for o in gateway.meta.sent] == [1], "the hold keeps it back"
    with gateway.database.write() as connection:
        assert lift_hold(connection, scope, target, Decided(who="Deniz", why="a test", at=gateway.now))
    gateway.database.run(lambda c: watch.look(c, gateway.now))
    gateway.work()
    assert [o.attempt for o in gateway.meta.sent] == [1, 2]


def test_a_status_with_several_errors_is_told_by_the_gravest_and_its_own_code(gateway: Given) -> None:
    ayse = gateway.person()
    spring = gateway.campaign()
    gateway.work()
    gateway.receipt(gateway.meta.sent[0], "failed", 131026, 131050, 131000)
    gateway.drain()
    message = gateway.message(ayse, spring)
    assert (message.state, message.reason, message.code) == (State.FAILED, "person_stopped_marketing", 131050)


def test_a_limit_on_calls_holds_the_account_until_meta_says_it_is_over(gateway: Given) -> None:
    ayse, _ = gateway.person(), gateway.person()
    spring = gateway.campaign()
    gateway.meta.answer = lambda o: Failed(80007, regain=timedelta(minutes=30))
    gateway.launch()
    gateway.deliver(gateway.release(1))
    gateway.meta.answer = None
    ends = gateway.now + timedelta(minutes=30)
    with gateway.database.read() as connection:
        (hold,) = templates.holds(connection, gateway.now)
    assert (hold.scope, hold.reason, hold.until) == (Scope.ACCOUNT, "call_rate", ends)
    gateway.work()
    assert len(gateway.meta.sent) == 1, "nobody else is tried meanwhile"
    gateway.run_until(ends + timedelta(seconds=1))
    assert gateway.message(ayse, spring).state is State.ACCEPTED
    assert gateway.counts(spring) == {"accepted": 2}


def test_what_ends_by_itself_does_not_shorten_a_hold_that_lasts(gateway: Given) -> None:
    for _ in range(2):
        gateway.person()
    gateway.campaign()
    answers = [Failed(131042), Failed(80007, regain=timedelta(minutes=30))]
    gateway.meta.answer = lambda o: answers.pop(0)
    gateway.launch()
    gateway.deliver(gateway.release())
    with gateway.database.read() as connection:
        (hold,) = templates.holds(connection, gateway.now + timedelta(days=3))
    assert (hold.scope, hold.reason, hold.until) == (Scope.ACCOUNT, "payment_problem", None)
