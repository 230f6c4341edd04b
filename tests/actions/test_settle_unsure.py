"""A message of unknown outcome, settled by an operator who has found out: not blindly, nor against a receipt."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.actions.hold_sending import Decided
from gateway.actions.rescue_stuck import end_unsure
from gateway.actions.run_campaign import cancel_campaign
from gateway.actions.settle_unsure import Refused, Verdict, settle_unsure
from gateway.core.message import State
from gateway.storage import incidents, unsure
from gateway.storage.campaigns import Campaign
from gateway.whatsapp.messenger import Accepted, Unsure
from tests.given import Given, Person

WAIT = timedelta(minutes=10)


@pytest.fixture
def ayse(gateway: Given) -> Person:
    return gateway.person()


@pytest.fixture
def spring(gateway: Given, ayse: Person) -> Campaign:
    """Its one message was posted, and no answer came."""
    made = gateway.campaign()
    gateway.launch()
    gateway.meta.answer = lambda o: Unsure("timed_out")
    gateway.deliver(gateway.release())
    gateway.meta.answer = lambda o: Accepted(f"wamid.{o.tracker}", "accepted")
    return made


def settle(gateway: Given, message_id: int, verdict: Verdict) -> Refused | None:
    decided = Decided(who="Deniz", why="asked by telephone", at=gateway.now)
    return gateway.database.run(lambda c: settle_unsure(c, message_id, verdict, WAIT, decided))


def only(gateway: Given) -> int:
    with gateway.database.read() as connection:
        (found,) = unsure.everything(connection, 10, with_ended=True)
    return found.id


def test_sent_counts_as_sent_and_a_receipt_still_moves_it_on(gateway: Given, ayse: Person, spring: Campaign) -> None:
    assert settle(gateway, only(gateway), Verdict.SENT) is None
    message = gateway.message(ayse, spring)
    assert (message.state, message.reason) == (State.SENT, "sent_by_hand")
    assert message.accepted_at == gateway.now
    assert message.event_hash is not None
    gateway.receipt(gateway.meta.sent[0], "delivered")
    assert gateway.message(ayse, spring).state is State.DELIVERED


def test_not_sent_goes_again_through_the_whole_release(gateway: Given, ayse: Person, spring: Campaign) -> None:
    gateway.clock.moment += WAIT
    assert settle(gateway, only(gateway), Verdict.NOT_SENT) is None
    assert gateway.message(ayse, spring).reason == "not_sent_by_hand"
    gateway.work()
    assert gateway.message(ayse, spring).state is State.ACCEPTED
    assert [o.attempt for o in gateway.meta.sent] == [1, 2]


def test_whoever_has_said_stop_meanwhile_gets_nothing_again(gateway: Given, ayse: Person, spring: Campaign) -> None:
    gateway.clock.moment += WAIT
    message_id = only(gateway)
    gateway.says(ayse, "dur")
    assert settle(gateway, message_id, Verdict.NOT_SENT) is None
    gateway.work()
    assert gateway.message(ayse, spring).state is State.REFUSED
    assert len([o for o in gateway.meta.sent if o.template]) == 1


def test_not_sent_waits_until_no_receipt_can_be_expected(gateway: Given, spring: Campaign) -> None:
    gateway.clock.moment += WAIT - timedelta(seconds=1)
    assert settle(gateway, only(gateway), Verdict.NOT_SENT) is Refused.TOO_EARLY


def test_what_the_policy_has_given_up_may_still_be_settled(gateway: Given, ayse: Person, spring: Campaign) -> None:
    gateway.clock.moment += WAIT + timedelta(seconds=1)
    gateway.database.run(lambda c: end_unsure(c, gateway.now, WAIT))
    assert gateway.message(ayse, spring).ended_at == gateway.now
    assert settle(gateway, only(gateway), Verdict.NOT_SENT) is None
    message = gateway.message(ayse, spring)
    assert (message.state, message.ended_at) == (State.QUEUED, None)


def test_nothing_goes_again_for_a_campaign_that_has_ended(gateway: Given, ayse: Person, spring: Campaign) -> None:
    gateway.clock.moment += WAIT
    with gateway.database.write() as connection:
        cancel_campaign(connection, gateway.stored(spring), gateway.now)
    assert settle(gateway, only(gateway), Verdict.NOT_SENT) is Refused.TOO_LATE
    assert gateway.message(ayse, spring).state is State.UNSURE


def test_nothing_goes_again_once_it_has_expired(gateway: Given, spring: Campaign) -> None:
    gateway.clock.moment = spring.expires_at
    assert settle(gateway, only(gateway), Verdict.NOT_SENT) is Refused.TOO_LATE


def test_a_receipt_that_came_first_wins(gateway: Given, ayse: Person, spring: Campaign) -> None:
    message_id = only(gateway)
    gateway.receipt(gateway.meta.sent[0], "delivered")
    assert settle(gateway, message_id, Verdict.SENT) is Refused.NOT_UNSURE
    assert settle(gateway, 987_654, Verdict.SENT) is Refused.NOT_UNSURE
    assert gateway.message(ayse, spring).state is State.DELIVERED


def test_who_settled_it_and_why_is_kept(gateway: Given, spring: Campaign) -> None:
    message_id = only(gateway)
    settle(gateway, message_id, Verdict.SENT)
    with gateway.database.read() as connection:
        (told,) = incidents.latest(connection, 5)
    assert (told.kind, told.about) == ("settled_by_hand", f"message {message_id}: sent")
    assert told.detail == "asked by telephone (Deniz)"
