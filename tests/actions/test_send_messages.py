"""The sender on a real loop: pace, the last look, the pair limit, a graceful stop, turns and the daily limit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event, Timer

import pytest

from gateway.actions.keep_budget import DailyLimit
from gateway.actions.send_messages import LATE_SECONDS, READY_SECONDS, TICK_SECONDS, Sender
from gateway.core.message import Outgoing, State
from gateway.core.pacing import AIM, Pacer, Turns
from gateway.storage import claims
from gateway.whatsapp.messenger import Accepted, Failed, Outcome
from tests.given import NUMBER_ID, Given
from tests.wire import hold_message_against_meta

DAY = timedelta(days=1)


@dataclass
class Wire:
    """A Messenger that answers at once and may do something before each answer."""

    before: Callable[[Outgoing], object] = lambda message: None
    answer: Callable[[Outgoing], Outcome] = lambda message: Accepted(f"wamid.{message.tracker}", "accepted")
    sent: list[Outgoing] = field(default_factory=list)
    made_ready: list[tuple[int, int]] = field(default_factory=list)
    waiting: int = 0

    async def make_ready(self, requests: int) -> None:
        self.made_ready.append((requests, len(self.sent)))

    async def send(self, message: Outgoing) -> Outcome:
        self.before(message)
        self.sent.append(message)
        await hold_message_against_meta(message)
        return self.answer(message)


def sender(gateway: Given, wire: Wire, per_second: float = 10_000) -> Sender:
    return Sender(NUMBER_ID, gateway.database, wire, gateway.policies, gateway.clock, Pacer(per_second))


def run(sender: Sender, done: Callable[[], bool], within_s: float = 20.0) -> None:
    """Let the sender run until something is so, and stop it gracefully."""

    async def watched() -> None:
        task = asyncio.create_task(sender.run())
        async with asyncio.timeout(within_s):
            while not done():
                await asyncio.sleep(0.005)
        sender.stopping.set()
        await task

    asyncio.run(watched())


def test_everything_that_is_due_leaves_and_is_settled(gateway: Given) -> None:
    people = [gateway.person() for _ in range(30)]
    spring = gateway.campaign()
    gateway.launch()
    wire = Wire()
    run(sender(gateway, wire, per_second=200), lambda: len(wire.sent) == len(people))
    assert gateway.counts(spring) == {"accepted": len(people)}
    assert wire.made_ready[0] == (int(200 * AIM * READY_SECONDS) + 1, 0), "connections come before messages"


def test_a_stop_between_release_and_post_is_seen_by_the_last_look(gateway: Given) -> None:
    ayse, mehmet = gateway.person(), gateway.person()
    spring = gateway.campaign()
    gateway.launch()
    wire = Wire(before=lambda message: gateway.says(mehmet if message.to == ayse.phone else ayse, "dur"))
    slow = sender(gateway, wire, per_second=15)  # slots that open together are used after one look
    run(slow, lambda: gateway.counts(spring).get("refused:stopped_meanwhile", 0) == 1)
    assert len([o for o in wire.sent if o.template]) == 1


def test_a_stop_of_the_worker_puts_back_what_was_released_and_not_sent(gateway: Given) -> None:
    for _ in range(40):
        gateway.person()
    spring = gateway.campaign()
    gateway.launch()
    wire = Wire()
    run(sender(gateway, wire, per_second=100), lambda: len(wire.sent) >= 3)
    counts = gateway.counts(spring)
    assert counts.get("sending", 0) == 0
    assert counts["accepted"] == len(wire.sent) < 40
    assert counts["queued"] == 40 - len(wire.sent)
    run(sender(gateway, wire), lambda: len(wire.sent) == 40)
    assert gateway.counts(spring) == {"accepted": 40}


def test_a_stop_while_the_database_is_slow_loses_no_answer(gateway: Given) -> None:
    gateway.person()
    spring = gateway.campaign()
    gateway.launch()
    slow = Event()
    sending = sender(gateway, wire := Wire())
    wire.before = lambda message: sending._writer.submit(slow.wait)

    async def watched() -> None:
        task = asyncio.create_task(sending.run())
        while not wire.sent or sending._answers:  # the answer has gone to the writer, which does not get to it
            await asyncio.sleep(0.005)
        sending.stopping.set()
        Timer(0.1, slow.set).start()
        await task

    asyncio.run(watched())
    assert gateway.counts(spring) == {"accepted": 1}


def test_a_messenger_that_breaks_leaves_its_message_in_doubt_and_the_sender_at_work(gateway: Given) -> None:
    ayse, _ = gateway.person(), gateway.person()
    spring = gateway.campaign()
    gateway.launch()

    def answer(message: Outgoing) -> Outcome:
        if message.to == ayse.phone:
            raise RuntimeError("a flaw of ours")
        return Accepted(f"wamid.{message.tracker}", "accepted")

    run(sender(gateway, wire := Wire(answer=answer)), lambda: len(wire.sent) == 2)
    assert gateway.counts(spring) == {"sending": 1, "accepted": 1}


@pytest.mark.parametrize(
    ("per_second", "ready", "wanted", "wait_s"),
    [
        (1_000, 0, 100, TICK_SECONDS),  # a batch at a time
        (1_000, 97, 99, TICK_SECONDS),  # 196 ahead, and half of them are gone
        (1_000, 99, 0, TICK_SECONDS),  # gone in two milliseconds
        (1_000, 108, 0, 10 / 980),
        (1_000, 196, 0, LATE_SECONDS),
        (20, 3, 0, LATE_SECONDS),
    ],
)
def test_a_release_is_asked_for_when_half_of_what_was_ahead_has_gone(
    gateway: Given, per_second: float, ready: int, wanted: int, wait_s: float
) -> None:
    sending = sender(gateway, Wire(), per_second)
    sending._ready.extend(Outgoing(message_id=n, number_id=NUMBER_ID, purpose="marketing") for n in range(ready))
    asked, wait = sending._wanted()
    assert asked == wanted
    assert wait == pytest.approx(wait_s, rel=0.05)


def test_a_pair_that_meta_found_too_fast_waits_alone(gateway: Given) -> None:
    ayse, mehmet = gateway.person(), gateway.person()
    spring = gateway.campaign()
    gateway.launch()

    def answer(message: Outgoing) -> Outcome:
        return Failed(131056) if message.to == ayse.phone else Accepted(f"wamid.{message.tracker}", "accepted")

    run(sender(gateway, wire := Wire(answer=answer)), lambda: len(wire.sent) == 2)
    waiting = gateway.message(ayse, spring)
    assert (waiting.state, waiting.reason) == (State.QUEUED, "pair_rate")
    assert gateway.message(mehmet, spring).state is State.ACCEPTED


def test_130429_slows_the_number_down(gateway: Given) -> None:
    gateway.person()
    gateway.campaign()
    gateway.launch()
    hasty = sender(gateway, wire := Wire(answer=lambda message: Failed(130429)), per_second=80)
    run(hasty, lambda: len(wire.sent) == 1)
    assert hasty.pacer.share(0.0) < 1


def test_the_daily_limit_stops_campaigns_and_opens_again_after_a_day(gateway: Given) -> None:
    for _ in range(30):
        gateway.person()
    gateway.campaign()
    gateway.launch()
    limit = DailyLimit(10)

    def released() -> int:
        from gateway.actions.release_messages import release_messages

        out = gateway.database.run(
            lambda c: release_messages(c, NUMBER_ID, gateway.policies, gateway.now, 100, None, limit)
        )
        gateway.deliver(out.outgoing)
        return len(out.outgoing)

    assert released() == 10
    assert released() == 0
    gateway.clock.advance(DAY + timedelta(minutes=1))
    assert released() == 10


def test_campaigns_take_turns_by_priority_and_none_is_starved(gateway: Given) -> None:
    for _ in range(60):
        gateway.person()
    urgent, usual = gateway.campaign("Acil", priority=4), gateway.campaign("Olağan", priority=0)
    gateway.launch()
    turns = Turns()
    with gateway.database.write() as connection:
        claimed = claims.claim(connection, NUMBER_ID, gateway.now, 28, turns)
    share = {campaign.id: sum(m.campaign_id == campaign.id for m in claimed) for campaign in (urgent, usual)}
    assert share == {urgent.id: 18, usual.id: 10}  # nine turns to five
    assert len({m.id for m in claimed}) == 28


def test_an_answer_leaves_before_a_campaign(gateway: Given) -> None:
    ayse = gateway.person()
    for _ in range(20):
        gateway.person()
    gateway.campaign()
    gateway.launch()
    gateway.says(ayse, "dur")
    first = gateway.release(1)
    assert [o.text != "" for o in first] == [True]
