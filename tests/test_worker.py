"""The worker: it owns each number alone, tells who it is and how fast it sends, and lets go at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import cast

import pytest

from gateway.actions.report_sending import process_name
from gateway.core.message import State
from gateway.core.pacing import AIM
from gateway.storage import senders, templates
from gateway.storage.database import Database
from gateway.storage.inbox import Inbox
from gateway.storage.senders import NOBODY, Sending
from gateway.storage.templates import SendingNumber
from gateway.storage.unsent import boot_id, open_unsent
from gateway.whatsapp.cloud import Cloud
from gateway.worker import LOOK_SECONDS, Worker
from tests.given import NUMBER_ID, Given
from tests.web.house import house_of


@pytest.fixture
def given(database: Database, inbox: Inbox, tmp_path: Path) -> Given:
    return Given(database, inbox, data_dir=tmp_path / "data", reply_share=0.25)


def stands(given: Given) -> Sending | None:
    with given.database.read() as connection:
        return senders.everything(connection).get(NUMBER_ID)


def run(given: Given, work: Callable[[Worker, Cloud], Awaitable[None]]) -> None:
    """Do something with a worker whose messages go to the rehearsed Meta, and stop it."""

    async def all_of_it() -> None:
        worker = Worker(house_of(given))
        await work(worker, cast(Cloud, given.meta))
        await worker._stop_senders()

    asyncio.run(all_of_it())


def test_an_owner_reports_its_pace_and_what_meta_took_and_lets_go(given: Given) -> None:
    for _ in range(3):
        given.person()
    given.campaign()
    given.launch()

    async def send(worker: Worker, cloud: Cloud) -> None:
        await worker._look_after_numbers(cloud)
        async with asyncio.timeout(20):
            while len(given.meta.sent) < 3:
                await asyncio.sleep(0.005)
        await worker._look_after_numbers(cloud)
        told = stands(given)
        assert told is not None
        (_, sender, _) = worker._senders[NUMBER_ID]
        assert (sender.pacer.limit, sender.pacer.reply_share) == (80, 0.25)
        assert (told.owner, told.rate, told.since) == (process_name(), 80 * AIM, given.now)

    run(given, send)
    told = stands(given)
    assert told is not None
    assert (told.owner, told.accepted, told.flying) == (NOBODY, 3, 0)


def test_workers_that_look_in_turn_share_the_numbers(given: Given) -> None:
    with given.database.write() as connection:
        templates.add_numbers(connection, [SendingNumber("2", None, "GREEN", 80)], given.now)

    async def both(first: Worker, cloud: Cloud) -> None:
        second = Worker(house_of(given))
        await first._look_after_numbers(cloud)
        await second._look_after_numbers(cloud)
        assert [len(worker._senders) for worker in (first, second)] == [1, 1]
        await first._stop_senders()
        await second._look_after_numbers(cloud)
        assert set(second._senders) == {NUMBER_ID, "2"}
        await second._stop_senders()

    run(given, both)


def test_the_numbers_of_a_worker_that_is_gone_are_taken_over_within_five_seconds(given: Given) -> None:
    with given.database.write() as connection:
        others = [SendingNumber(str(n), None, "GREEN", 80) for n in range(2, 14)]
        templates.add_numbers(connection, others, given.now)

    async def alone(worker: Worker, cloud: Cloud) -> None:
        looks = 0
        while len(worker._senders) < 1 + len(others):
            await worker._look_after_numbers(cloud)
            looks += 1
        assert looks * LOOK_SECONDS < 5

    run(given, alone)


def test_a_second_worker_leaves_an_owned_number_alone(given: Given) -> None:
    async def both(first: Worker, cloud: Cloud) -> None:
        second = Worker(house_of(given))
        await first._look_after_numbers(cloud)
        await second._look_after_numbers(cloud)
        assert (set(first._senders), set(second._senders)) == ({NUMBER_ID}, set())
        await first._stop_senders()
        await second._look_after_numbers(cloud)
        assert set(second._senders) == {NUMBER_ID}
        await second._stop_senders()

    run(given, both)


@pytest.mark.skipif(boot_id() is None, reason="this system does not name its boot")
def test_a_new_worker_sends_what_a_killed_one_had_released_and_not_begun(given: Given) -> None:
    ayse, mehmet = given.person(), given.person()
    spring = given.campaign()
    given.launch()
    given.release()
    file = given.settings.data_dir / f"number-{NUMBER_ID}.unsent"
    killed = open_unsent(file, boot_id())
    killed.begin()
    killed.enter([given.message(person, spring).id for person in (ayse, mehmet)], given.now)
    killed.tear(given.message(mehmet, spring).id)

    async def take_over(worker: Worker, cloud: Cloud) -> None:
        await worker._look_after_numbers(cloud)
        async with asyncio.timeout(20):
            while not given.meta.sent:
                await asyncio.sleep(0.005)

    killed.close()
    run(given, take_over)
    assert [o.to for o in given.meta.sent] == [ayse.phone]
    assert given.message(mehmet, spring).state is State.UNSURE
    last = open_unsent(file, boot_id())
    last.close()
    assert last.left == frozenset()
