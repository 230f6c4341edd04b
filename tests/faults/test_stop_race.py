"""Promise 2 under pressure, on both databases; ten thousand stops run in `python -m tests.bench stop_latency`."""

from __future__ import annotations

import pytest

from gateway.actions import receive_webhook
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
    found = race(given, PEOPLE, release_limit=5)
    assert found.broken == []
    assert found.released + found.spared == PEOPLE // 2
    assert found.released > 0
    assert found.spared > 0


def test_the_race_finds_out_who_answers_before_a_stop_binds(
    database: Database, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = Given(database, inbox)
    add_people(database, 60, given.now)
    given.campaign()
    given.launch()
    monkeypatch.setattr(receive_webhook, "urgent_items", lambda body: [])
    assert race(given, 60, release_limit=5).broken != []
