"""Promise 2 under pressure, on both databases; ten thousand stops run in `python -m tests.bench stop_latency`."""

from __future__ import annotations

from gateway.storage.database import Database
from gateway.storage.inbox import Inbox
from tests.bench.house import add_people
from tests.faults.racing import race
from tests.given import Given

PEOPLE = 150


def test_no_release_commits_after_an_answered_stop(database: Database, inbox: Inbox) -> None:
    given = Given(database, inbox)
    add_people(database, PEOPLE, given.now)
    given.campaign()
    given.launch()
    numbers = range(1, PEOPLE + 1)
    found = race(given, [f"+90555{n:07}" for n in reversed(numbers)], list(reversed(numbers)), release_limit=1)
    assert found.broken == []
    assert found.released + found.spared == PEOPLE
    assert found.spared > 0
