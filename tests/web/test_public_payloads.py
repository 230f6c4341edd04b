"""Every public payload that we have, posted signed to the running application and drained."""

from __future__ import annotations

from pathlib import Path

import pytest
from werkzeug.test import Client

from gateway.storage import quarantine
from gateway.whatsapp.payload import items
from tests.given import Given
from tests.web.house import post

WEBHOOKS = Path(__file__).parents[2].parent / "shared" / "reference" / "webhooks"


def payloads() -> list[Path]:
    found = sorted(WEBHOOKS.rglob("*.json"))
    if not found:
        pytest.skip("shared/reference/webhooks is not beside this repository")
    return found


def test_each_is_answered_200_and_every_item_of_it_is_applied_and_counted(given: Given, client: Client) -> None:
    files = payloads()
    answers = {path.name: post(client, path.read_bytes()).status_code for path in files}
    assert {name: status for name, status in answers.items() if status != 200} == {}
    assert given.inbox.backlog() == len(files)
    given.drain()
    assert given.inbox.backlog() == 0
    with given.database.read() as connection:
        assert quarantine.everything(connection) == []
        seen = quarantine.tallies(connection)
    assert sum(seen.values()) == sum(len(items(path.read_bytes())) for path in files)


def test_all_of_them_again_change_only_the_counts(given: Given, client: Client) -> None:
    files = payloads()
    for _ in range(2):
        for path in files:
            assert post(client, path.read_bytes()).status_code == 200
        given.drain()
    with given.database.read() as connection:
        assert quarantine.everything(connection) == []
        seen = quarantine.tallies(connection)
    assert sum(seen.values()) == 2 * sum(len(items(path.read_bytes())) for path in files)
