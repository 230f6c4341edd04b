"""A batch is drained in one transaction; what breaks it is closed in on, and its neighbours are applied."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, text

from gateway.actions.apply_statuses import apply_statuses
from gateway.storage import quarantine
from tests.given import Given

STATUSES = 40


def statuses_of(house: Given, ids: list[str], word: str = "delivered") -> list[dict[str, Any]]:
    moment = str(int(house.now.timestamp()))
    return [{"id": id_, "status": word, "timestamp": moment, "recipient_id": "905550000901"} for id_ in ids]


def kept(house: Given) -> list[str]:
    with house.database.read() as connection:
        return sorted(connection.execute(text("SELECT wamid FROM receipt_waiting")).scalars())


def break_on(wamids: set[str], monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A mistake of ours that only these statuses meet. Gives the sizes of the batches that were tried."""
    tried: list[int] = []

    def breaks(connection: Any, receipts: Any, now: Any) -> None:
        tried.append(len(receipts))
        apply_statuses(connection, receipts, now)
        if any(receipt.wamid in wamids for receipt in receipts):
            raise OverflowError("a mistake")

    monkeypatch.setattr("gateway.actions.drain_inbox.apply_statuses", breaks)
    return tried


def test_two_bad_statuses_among_forty_are_set_aside_and_the_rest_is_applied_once(
    gateway: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, ids = gateway, [f"wamid.{n:02}" for n in range(STATUSES)]
    bad = {ids[3], ids[29]}
    tried = break_on(bad, monkeypatch)
    house.post(house.value("messages", statuses=statuses_of(house, ids)))
    house.drain()
    assert kept(house) == [id_ for id_ in ids if id_ not in bad]
    with house.database.read() as connection:
        aside = quarantine.everything(connection)
        assert [(q.position, q.problem) for q in aside] == [
            (n, "OverflowError: StatusUpdate:delivered") for n in (3, 29)
        ]
        assert quarantine.tallies(connection) == {"StatusUpdate:delivered": STATUSES - 2}
    assert len(tried) < STATUSES
    assert house.inbox.backlog() == 0


def test_a_batch_of_statuses_is_one_transaction_of_the_main_database(gateway: Given) -> None:
    house, commits = gateway, []
    house.post(house.value("messages", statuses=statuses_of(house, ["wamid.1"])))
    event.listen(house.database.engine, "commit", lambda connection: commits.append(connection))
    house.drain()
    reading_the_inbox = 0 if house.database.is_sqlite else 2  # also for the look that finds it empty
    assert len(commits) == 1 + reading_the_inbox
