"""Messages that nobody will finish: unknown outcomes, ends that passed while held, and Meta's silent expiry."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from gateway.actions.expire_messages import MARGIN, TTL_DEFAULT, close_expired_at_meta, expire_waiting, ttl_of
from gateway.actions.rescue_stuck import POSTS_MAX, Rescued, end_unsure, rescue_number
from gateway.core.failure import Scope
from gateway.core.message import State
from gateway.storage import templates
from gateway.storage.campaigns import Campaign
from gateway.storage.statements import as_number
from gateway.storage.templates import EVERYTHING
from gateway.whatsapp.messenger import Accepted, Failed, Unsure
from tests.given import NUMBER_ID, Given, Person

UNSURE_AFTER = timedelta(minutes=10)
DAY = timedelta(days=1)
ORDER: dict[str, Any] = {
    "template": "order_ready",
    "purpose": "utility",
    "link": None,
    "parameters": {1: "Ayşe", 2: "1042", 3: "3 Mart"},
}


def test_a_new_owner_rescues_its_numbers_leftovers_at_once(gateway: Given) -> None:
    ayse = gateway.person()
    spring = gateway.campaign()
    gateway.launch()
    gateway.release()
    assert gateway.database.run(lambda c: rescue_number(c, NUMBER_ID, gateway.now)) == Rescued(back=0, unsure=1)
    assert gateway.message(ayse, spring).state is State.UNSURE


def test_what_had_not_begun_to_leave_goes_back_as_if_never_released(gateway: Given) -> None:
    ayse, mehmet, veli = gateway.person(), gateway.person(), gateway.person()
    spring = gateway.campaign()
    gateway.launch()
    gateway.release()
    ids = {person: gateway.message(person, spring).id for person in (ayse, mehmet, veli)}
    then, other = as_number(gateway.now), as_number(gateway.now) - 1
    slips = {(ids[ayse], then), (ids[veli], other)}  # veli's is of another release of the same message
    assert gateway.database.run(lambda c: rescue_number(c, NUMBER_ID, gateway.now, slips)) == Rescued(back=1, unsure=2)
    told = [gateway.message(person, spring).state for person in (ayse, mehmet, veli)]
    assert told == [State.QUEUED, State.UNSURE, State.UNSURE]
    gateway.work()  # the limiter has not counted what never left, and lets it go
    assert [(o.to, o.attempt) for o in gateway.meta.sent] == [(ayse.phone, 1)]


def test_what_stays_unsure_is_ended_and_never_sent_again(gateway: Given) -> None:
    ayse = gateway.person()
    spring = gateway.campaign()
    gateway.meta.answer = lambda message: Unsure("timeout")
    gateway.work()
    gateway.clock.advance(UNSURE_AFTER + timedelta(seconds=1))
    assert gateway.database.run(lambda c: end_unsure(c, gateway.now, UNSURE_AFTER)) == 1
    assert gateway.database.run(lambda c: end_unsure(c, gateway.now, UNSURE_AFTER)) == 0
    gateway.work()
    told = gateway.message(ayse, spring)
    assert (told.state, told.reason, told.ended_at) == (State.UNSURE, "outcome_unsure", gateway.now)
    assert len(gateway.meta.sent) == 1


def _utility_once_unsure(gateway: Given) -> tuple[Person, Campaign]:
    """An order's note whose first POST ran into a time-out, and whose time for a receipt is over."""
    ayse = gateway.person(opted_in="utility")
    campaign = gateway.campaign(**ORDER, on_unsure="at_least_once")
    outcomes = iter([Unsure("timeout")])
    gateway.meta.answer = lambda message: next(outcomes, Accepted(f"wamid.{message.tracker}"))
    gateway.work()
    gateway.clock.advance(UNSURE_AFTER + timedelta(seconds=1))
    assert gateway.database.run(lambda c: end_unsure(c, gateway.now, UNSURE_AFTER)) == 1
    return ayse, campaign


def test_at_least_once_sends_again_as_a_second_attempt(gateway: Given) -> None:
    ayse, campaign = _utility_once_unsure(gateway)
    gateway.work()
    first, second = gateway.meta.sent
    assert (first.attempt, second.attempt, first.message_id) == (1, 2, second.message_id)
    assert gateway.message(ayse, campaign).state is State.ACCEPTED


def test_at_least_once_gives_up_where_neither_answers_nor_receipts_come(gateway: Given) -> None:
    ayse = gateway.person(opted_in="utility")
    campaign = gateway.campaign(**ORDER, on_unsure="at_least_once")
    gateway.meta.answer = lambda message: Unsure("timeout")
    for _ in range(POSTS_MAX + 2):
        gateway.work()
        gateway.clock.advance(UNSURE_AFTER + timedelta(seconds=1))
        gateway.database.run(lambda c: end_unsure(c, gateway.now, UNSURE_AFTER))
    assert [o.attempt for o in gateway.meta.sent] == list(range(1, POSTS_MAX + 1))
    assert gateway.message(ayse, campaign).state is State.UNSURE


def test_what_meta_takes_back_after_the_campaign_is_done_goes_again(gateway: Given) -> None:
    gateway.person()
    spring = gateway.campaign()
    gateway.work()
    assert gateway.stored(spring).state == "done"
    gateway.receipt(gateway.meta.sent[0], "failed", 131000)
    gateway.run_until(gateway.now + timedelta(hours=12))
    assert [o.attempt for o in gateway.meta.sent] == [1, 2]


def test_at_least_once_does_not_send_again_what_a_late_receipt_has_proven(gateway: Given) -> None:
    ayse, campaign = _utility_once_unsure(gateway)
    gateway.receipt(gateway.meta.sent[0], "delivered")
    gateway.work()
    assert len(gateway.meta.sent) == 1
    assert gateway.message(ayse, campaign).state is State.DELIVERED


def test_a_receipt_still_counts_after_an_unsure_end(gateway: Given) -> None:
    ayse = gateway.person()
    spring = gateway.campaign()
    gateway.meta.answer = lambda message: Unsure("timeout")
    gateway.work()
    gateway.clock.advance(UNSURE_AFTER + timedelta(seconds=1))
    gateway.database.run(lambda c: end_unsure(c, gateway.now, UNSURE_AFTER))
    gateway.receipt(gateway.meta.sent[0], "delivered")
    assert gateway.message(ayse, spring).state is State.DELIVERED


def test_a_held_message_expires_because_of_what_it_waited_for_though_no_release_sees_it(gateway: Given) -> None:
    ayse = gateway.person()
    spring = gateway.campaign(expires="2 hours")
    gateway.launch()
    with gateway.database.write() as connection:
        templates.hold(connection, Scope.TEMPLATE, "spring_offer", "template_paused", gateway.now)
    gateway.work()
    assert gateway.message(ayse, spring).state is State.QUEUED
    gateway.clock.advance(timedelta(hours=3))
    assert gateway.database.run(lambda c: expire_waiting(c, gateway.now)) == 1
    told = gateway.message(ayse, spring)
    assert (told.state, told.reason) == (State.EXPIRED, "expired")


@pytest.mark.parametrize(
    ("scope", "target"),
    [
        (Scope.TEMPLATE, "spring_offer"),
        (Scope.NUMBER, NUMBER_ID),
        (Scope.ACCOUNT, EVERYTHING),
        (Scope.EVERYTHING, EVERYTHING),
    ],
)
def test_held_messages_leave_as_soon_as_the_hold_is_lifted(gateway: Given, scope: Scope, target: str) -> None:
    ayse = gateway.person()
    gateway.campaign()
    gateway.launch()
    with gateway.database.write() as connection:
        templates.hold(connection, scope, target, "held", gateway.now)
    gateway.work()
    assert gateway.told(ayse) == []
    with gateway.database.write() as connection:
        templates.lift(connection, scope, target)
    gateway.work()
    assert gateway.told(ayse) == ["spring_offer"]


def test_a_hold_with_an_end_lifts_by_time(gateway: Given) -> None:
    ayse = gateway.person()
    gateway.campaign()
    gateway.launch()
    with gateway.database.write() as connection:
        until = gateway.now + timedelta(hours=1)
        templates.hold(connection, Scope.NUMBER, NUMBER_ID, "held", gateway.now, until)
    gateway.work()
    assert gateway.told(ayse) == []
    gateway.clock.advance(timedelta(hours=1, seconds=1))
    gateway.work()
    assert gateway.told(ayse) == ["spring_offer"]


@pytest.mark.parametrize("status", ["accepted", "held_for_quality_assessment", "paused"])
def test_what_meta_never_finishes_is_closed_after_its_time_to_live(gateway: Given, status: str) -> None:
    ayse = gateway.person()
    spring = gateway.campaign()
    gateway.meta.answer = lambda message: Accepted("wamid.1", status)
    gateway.work()
    assert gateway.message(ayse, spring).state is (State.ACCEPTED if status == "accepted" else State.HELD)
    gateway.clock.advance(TTL_DEFAULT + MARGIN - timedelta(minutes=1))
    assert gateway.database.run(lambda c: close_expired_at_meta(c, gateway.now)) == 0
    gateway.clock.advance(timedelta(minutes=2))
    assert gateway.database.run(lambda c: close_expired_at_meta(c, gateway.now)) == 1
    told = gateway.message(ayse, spring)
    assert (told.state, told.reason) == (State.EXPIRED, "expired_at_meta")


@pytest.mark.parametrize(
    ("category", "seconds", "ttl"),
    [
        ("AUTHENTICATION", None, timedelta(minutes=10)),
        ("AUTHENTICATION", -1, timedelta(days=30)),
        ("AUTHENTICATION", 30, timedelta(seconds=30)),
        ("UTILITY", None, timedelta(days=30)),
        ("UTILITY", 43_200, timedelta(hours=12)),
        ("MARKETING", 2_592_000, timedelta(days=30)),
    ],
)
def test_a_templates_time_to_live_is_metas(category: str, seconds: int | None, ttl: timedelta) -> None:
    assert ttl_of({} if seconds is None else {"message_send_ttl_seconds": seconds}, category) == ttl


def test_131049_is_tried_twice_more_each_after_a_day_and_then_ends(gateway: Given) -> None:
    ayse = gateway.person()
    spring = gateway.campaign(expires="14 days")
    moments = []
    gateway.meta.answer = lambda message: (moments.append(gateway.now), Failed(131049))[1]  # type: ignore[func-returns-value]
    gateway.run_until(gateway.now + 13 * DAY)
    assert gateway.message(ayse, spring).state is State.FAILED
    assert len(moments) == 3
    assert all(later - earlier >= DAY for earlier, later in pairwise(moments))


@pytest.mark.parametrize("code", [131026, 131049, 132015, 130472, 131050, 130403, 190, 131048, 131000, 999_999])
def test_an_error_in_the_answer_in_a_status_and_in_both_gives_the_same_end(gateway: Given, code: int) -> None:
    seen = set()
    for way in ("answer", "status", "both"):
        person = gateway.person()
        spring = gateway.campaign(way)
        gateway.launch()
        mine = [o for o in gateway.release() if o.to == person.phone]
        gateway.meta.answer = (lambda message: Failed(code)) if way != "status" else None
        gateway.deliver(mine)
        if way != "answer":
            gateway.receipt(mine[0], "failed", code)
        told = gateway.message(person, spring)
        seen.add((told.state, told.reason, told.code, gateway.standing(person).state))
        with gateway.database.write() as connection:
            for hold in templates.holds(connection, gateway.now):
                templates.lift(connection, hold.scope, hold.target)
    assert len(seen) == 1, seen
