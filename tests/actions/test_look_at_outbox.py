"""What operators see of numbers and the outbox: all that waits, why, until when, and what stands in the way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection, event, select, update

from gateway.actions.hold_sending import Decided, hold_sending, lift_hold
from gateway.actions.look_at_numbers import NumberState, look_at_numbers
from gateway.actions.look_at_outbox import Queue, look_at_outbox
from gateway.actions.report_sending import SendingReport
from gateway.actions.rescue_stuck import end_unsure, rescue_stuck
from gateway.actions.run_campaign import pause_campaign
from gateway.core.failure import Lifts, Scope
from gateway.core.lifting import lifted_by
from gateway.core.pacing import AIM
from gateway.storage import contacts, incidents, queue_counts, templates, unsure
from gateway.storage.messages import message
from gateway.storage.queue_counts import MOMENTS_SHOWN
from gateway.whatsapp.messenger import Failed
from tests.given import NUMBER_ID, Given


def numbers(gateway: Given) -> NumberState:
    with gateway.database.read() as connection:
        (only,) = look_at_numbers(connection, gateway.now)
    return only


def queues(gateway: Given) -> list[Queue]:
    with gateway.database.read() as connection:
        return look_at_outbox(connection, gateway.now)


def owned(gateway: Given, rate: float = 78.0) -> None:
    SendingReport(NUMBER_ID, gateway.now).tell(gateway.database, rate, 0, 0, gateway.now)


def decided(gateway: Given, why: str = "a test") -> Decided:
    return Decided(who="Deniz", why=why, at=gateway.now)


def test_a_number_that_nobody_sends_for_has_a_ceiling_and_no_pace(gateway: Given) -> None:
    state = numbers(gateway)
    assert (state.number.throughput, state.aim, state.rate, state.is_owned) == (80, 80 * AIM, None, False)


def test_a_slowed_number_shows_the_pace_it_really_has(gateway: Given) -> None:
    owned(gateway, 54.6)
    assert numbers(gateway).rate == 54.6
    gateway.clock.moment += timedelta(minutes=1)
    assert numbers(gateway).rate is None


def test_the_last_error_is_the_newest_by_time(gateway: Given) -> None:
    gateway.person()
    gateway.campaign()
    gateway.launch()
    gateway.meta.answer = lambda o: Failed(130429)
    gateway.deliver(gateway.release())
    gateway.clock.moment += timedelta(minutes=3)
    gateway.meta.answer = lambda o: Failed(131026)
    gateway.deliver(gateway.release())
    assert [(f.code, f.name, f.count) for f in numbers(gateway).failures] == [
        (131026, "undeliverable", 1),
        (130429, "too_fast", 1),
    ]


def test_the_daily_limit_says_how_many_people_are_left(gateway: Given) -> None:
    people = [gateway.person() for _ in range(3)]
    with gateway.database.write() as connection:
        templates.set_people_per_day(connection, 250, gateway.now)
        contacts.reached(connection, [person.subject.id for person in people], gateway.now)
    state = numbers(gateway)
    assert (state.reached, state.people_left) == (3, 250 - 12 - 3)


def test_a_queue_says_what_waits_for_which_reason_and_when_it_goes(gateway: Given) -> None:
    for _ in range(2):
        gateway.person()
    gateway.person(phone="+12025550143")
    spring = gateway.campaign()
    gateway.clock.moment += timedelta(hours=9)  # 23:00 in Istanbul, afternoon on the other side
    gateway.launch()
    owned(gateway)
    gateway.release()
    (queue,) = queues(gateway)
    assert queue.campaign is not None
    assert (queue.campaign.id, queue.number_id, queue.stops, queue.due) == (spring.id, NUMBER_ID, (), 0)
    waiting = {(w.state, w.reason): w.count for w in queue.waiting}
    assert waiting == {("queued", "quiet_hours"): 2}
    assert [count for _, count in queue.next_moments] == [2]
    assert queue.next_moments[0][0] > gateway.now
    assert all(w.oldest_at == gateway.now for w in queue.waiting)


def test_what_falls_due_after_the_moments_shown_is_counted(gateway: Given) -> None:
    for _ in range(MOMENTS_SHOWN + 4):
        gateway.person()
    gateway.campaign()
    gateway.launch()
    with gateway.database.write() as connection:
        for hours, row in enumerate(list(connection.scalars(select(message.c.id)))):
            moment = gateway.now + timedelta(hours=hours)
            connection.execute(update(message).where(message.c.id == row).values(due_at=moment))
    (queue,) = queues(gateway)
    assert (queue.due, len(queue.next_moments), queue.later) == (1, MOMENTS_SHOWN, 3)


def test_what_is_due_is_counted_and_its_age_is_known(gateway: Given) -> None:
    for _ in range(3):
        gateway.person()
    gateway.campaign()
    gateway.launch()
    owned(gateway)
    since = gateway.now
    gateway.clock.moment += timedelta(seconds=20)
    (queue,) = queues(gateway)
    assert (queue.due, queue.oldest_due, queue.next_moments) == (3, since, ())


def test_answers_and_confirmations_are_a_queue_of_their_own(gateway: Given) -> None:
    ayse = gateway.person()
    gateway.says(ayse, "dur")
    gateway.drain()
    (queue,) = queues(gateway)
    assert (queue.campaign, queue.number_id, queue.due) == (None, NUMBER_ID, 1)


def test_everything_that_stands_in_the_way_is_named(gateway: Given) -> None:
    gateway.person()
    spring = gateway.campaign()
    gateway.launch()
    with gateway.database.write() as connection:
        templates.set_people_per_day(connection, 0, gateway.now)
        hold_sending(connection, Scope.NUMBER, NUMBER_ID, decided(gateway))
        hold_sending(connection, Scope.TEMPLATE, "spring_offer", decided(gateway))
        hold_sending(connection, Scope.TEMPLATE, "another", decided(gateway))
        pause_campaign(connection, gateway.stored(spring))
    (queue,) = queues(gateway)
    assert queue.stops == ("campaign_paused", "nobody_sends", "daily_limit")
    assert [(hold.scope, hold.target) for hold in queue.holds] == [
        (Scope.TEMPLATE, "spring_offer"),
        (Scope.NUMBER, NUMBER_ID),
    ]


def test_a_campaign_that_ended_long_ago_is_not_counted(gateway: Given) -> None:
    gateway.person()
    gateway.campaign()
    gateway.work()
    gateway.clock.moment += timedelta(days=32)
    assert queues(gateway) == []


def test_an_operators_hold_stops_sending_and_only_an_operator_lifts_it(gateway: Given) -> None:
    gateway.person()
    spring = gateway.campaign()
    gateway.launch()
    with gateway.database.write() as connection:
        hold_sending(connection, Scope.TEMPLATE, "spring_offer", decided(gateway, "wrong price"))
        templates.hold(connection, Scope.TEMPLATE, "spring_offer", "template_paused", gateway.now)
        assert not templates.lift(connection, Scope.TEMPLATE, "spring_offer")
    gateway.work()
    assert gateway.meta.sent == []
    with gateway.database.write() as connection:
        assert lift_hold(connection, Scope.TEMPLATE, "spring_offer", decided(gateway, "corrected"))
        assert not lift_hold(connection, Scope.TEMPLATE, "spring_offer", decided(gateway))
    gateway.work()
    assert gateway.counts(spring) == {"accepted": 1}
    with gateway.database.read() as connection:
        told = incidents.latest(connection, 10)
    assert {(i.kind, i.about, i.detail) for i in told} == {
        ("held_by_hand", "template spring_offer", "wrong price (Deniz)"),
        ("lifted_by_hand", "template spring_offer", "corrected (Deniz)"),
    }


def test_a_hold_with_an_end_goes_by_itself_and_lets_webhooks_hold_again(gateway: Given) -> None:
    with gateway.database.write() as connection:
        hold_sending(connection, Scope.NUMBER, NUMBER_ID, decided(gateway), gateway.now + timedelta(hours=2))
    assert [lifted_by(hold.reason, hold.until) for hold in numbers(gateway).holds] == [Lifts.BY_TIME]
    gateway.clock.moment += timedelta(hours=2)
    assert numbers(gateway).holds == ()
    with gateway.database.write() as connection:
        templates.hold(connection, Scope.NUMBER, NUMBER_ID, "spam_restriction", gateway.now)
    assert [hold.reason for hold in numbers(gateway).holds] == ["spam_restriction"]


def test_lifting_a_campaigns_hold_wakes_what_waited_for_it(gateway: Given) -> None:
    gateway.person()
    spring = gateway.campaign()
    gateway.launch()
    with gateway.database.write() as connection:
        templates.hold(connection, Scope.CAMPAIGN, str(spring.id), "bad_request", gateway.now)
    gateway.work()
    with gateway.database.write() as connection:
        assert lift_hold(connection, Scope.CAMPAIGN, str(spring.id), decided(gateway))
    gateway.work()
    assert gateway.counts(spring) == {"accepted": 1}


@pytest.mark.parametrize(
    ("reason", "lifts"),
    [
        ("template_paused", Lifts.BY_WEBHOOK),
        ("template_quality_red", Lifts.BY_WEBHOOK),
        ("template_disabled", Lifts.BY_HAND),
        ("template_now_marketing", Lifts.BY_HAND),
        ("account_disabled", Lifts.BY_WEBHOOK),
        ("account_restricted", Lifts.BY_WEBHOOK),
        ("token_refused", Lifts.BY_HAND),
        ("held_by_hand", Lifts.BY_HAND),
        ("a_word_of_metas", Lifts.BY_HAND),
    ],
)
def test_what_lifts_a_hold_is_told_from_its_reason(reason: str, lifts: Lifts) -> None:
    assert lifted_by(reason, None) is lifts


def test_no_question_of_operators_or_rescuers_reads_the_whole_outbox_on_sqlite(gateway: Given) -> None:
    if not gateway.database.is_sqlite:
        pytest.skip("PostgreSQL's planner goes by statistics, so a small table tells nothing")
    gateway.person()
    gateway.campaign()
    gateway.launch()
    gateway.says(gateway.person(), "dur")
    asked: list[tuple[str, object]] = []

    def remember(_c: object, _cursor: object, sql: str, values: object, *_: object) -> None:
        if "message" in sql and sql.lstrip().startswith("SELECT"):
            asked.append((sql, values))

    event.listen(gateway.database.engine, "before_cursor_execute", remember)
    gateway.database.run(lambda c: _look_everywhere(c, gateway))
    event.remove(gateway.database.engine, "before_cursor_execute", remember)
    assert len(asked) > 10
    with gateway.database.read() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        plans = {sql: [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {sql}", values)] for sql, values in asked}
    scans = {sql: plan for sql, plan in plans.items() if any(step.startswith("SCAN message") for step in plan)}
    assert scans == {}


def _look_everywhere(connection: Connection, gateway: Given) -> None:
    assert len(look_at_outbox(connection, gateway.now)) == 2
    unsure.counts(connection)
    unsure.everything(connection, 10, with_ended=False)
    queue_counts.waiting(connection, gateway.now)
    rescue_stuck(connection, gateway.now)
    end_unsure(connection, gateway.now, timedelta(minutes=10))
