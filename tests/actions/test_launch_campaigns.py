"""Launching: a campaign's messages come into the outbox, a batch at a time."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import Connection, text

from gateway.storage import campaigns, outbox
from gateway.storage.outbox import Common, Planned, Ready
from tests.given import Given


def test_a_batch_of_which_some_are_there_already_adds_the_others(gateway: Given) -> None:
    people = [gateway.person(name=f'{n}\t"\\') for n in range(5)]
    spring = gateway.campaign()
    gateway.launch()
    with gateway.database.write() as connection:
        before = connection.execute(text("SELECT subject_id, content FROM message ORDER BY subject_id")).all()
        connection.execute(text("DELETE FROM message WHERE subject_id = :who"), {"who": people[3].subject.id})
        campaigns.change(connection, spring.id, "running", state="launching", cursor=0)
    gateway.launch()
    with gateway.database.read() as connection:
        after = connection.execute(text("SELECT subject_id, content FROM message ORDER BY subject_id")).all()
    assert [row[0] for row in after] == [row[0] for row in before]
    assert [a[1] == b[1] for a, b in zip(after, before, strict=True)].count(False) == 1  # its link has another token


def test_what_is_changed_while_messages_are_composed_holds_for_all(
    gateway: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        gateway.person()
    spring = gateway.campaign()
    composed: list[int] = []
    ready = outbox.ready

    def changed_meanwhile(connection: Connection, common: Common, messages: Sequence[Planned]) -> Ready:
        if not composed:
            with gateway.database.write() as other:
                campaigns.change(other, spring.id, "launching", priority=common.priority + 1)
        composed.append(common.priority)
        return ready(connection, common, messages)

    monkeypatch.setattr(outbox, "ready", changed_meanwhile)
    gateway.launch()
    with gateway.database.read() as connection:
        found = connection.scalars(text("SELECT priority FROM message")).all()
    assert composed == [spring.priority, spring.priority + 1]
    assert found == [spring.priority + 1] * 3
