"""Statuses applied in one batch come to what they come to one by one, in whatever order and however often they come."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from consent.tables import table_of
from gateway.core.message import Outgoing
from gateway.storage import quarantine
from gateway.storage.tables import MessageRow
from tests.given import NUMBER_ID, Given

PEOPLE = 12
WORDS = ("sent", "delivered", "read", "failed", "played", "unheard of")
CODES = (131026, 131049, 130472, 131056, 999_999)


def sent_to(house: Given, name: str) -> list[Outgoing]:
    """A campaign whose messages Meta has taken."""
    for _ in range(PEOPLE):
        house.person()
    house.campaign(name, starts_in="now")
    house.launch()
    out = house.release(PEOPLE)
    house.deliver(out)
    return out


def statuses_of(house: Given, out: list[Outgoing], dice: random.Random) -> list[dict[str, Any]]:
    items = []
    for one in out:
        for word in dice.choices(WORDS, k=dice.randint(0, 5)):
            codes = (dice.choice(CODES),) if word == "failed" else ()
            items.append(house.status(one, word, *codes, at=house.now + timedelta(seconds=dice.randint(0, 99))))
    dice.shuffle(items)
    return items


def states(house: Given, ids: list[int]) -> list[Any]:
    columns = ("state", "code", "wamid", "sent_at", "delivered_at", "read_at")
    message = table_of(MessageRow)
    with house.database.read() as connection:
        chosen = select(*(message.c[name] for name in columns)).where(message.c.id.in_(ids)).order_by(message.c.id)
        return [tuple(row) for row in connection.execute(chosen)]


def rewind(house: Given, before: dict[str, list[Any]]) -> None:
    """Everything the statuses changed as it was."""
    with house.database.write() as connection:
        for statement, rows in before.items():
            for row in rows:
                connection.execute(text(statement), row)


def test_a_batch_comes_to_what_its_statuses_come_to_one_by_one(gateway: Given) -> None:
    house, dice = gateway, random.Random(5)
    out = sent_to(house, "Bahar")
    ids = sorted(o.message_id for o in out)
    undo = (
        "UPDATE message SET state = 'accepted', reason = NULL, code = NULL, sent_at = NULL, delivered_at = NULL,"
        " read_at = NULL, ended_at = NULL WHERE id = :id"
    )
    for _ in range(4):
        items = statuses_of(house, out, dice)
        house.post(house.value("messages", statuses=items))
        house.drain()
        together = states(house, ids)
        rewind(house, {undo: [{"id": id_} for id_ in ids]})
        for item in items:
            house.post(house.value("messages", statuses=[item]))
            house.drain()
        assert states(house, ids) == together
        rewind(house, {undo: [{"id": id_} for id_ in ids]})
    with house.database.read() as connection:
        assert quarantine.everything(connection) == []


def test_receipts_that_overtake_the_answer_bring_metas_id_with_them(gateway: Given) -> None:
    house = gateway
    house.person()
    campaign = house.campaign(starts_in="now")
    house.launch()
    (out,) = house.release()
    house.receipt(out, "read")
    house.deliver([out])
    assert house.counts(campaign) == {"read": 1}
    assert states(house, [out.message_id])[0][2] == f"wamid.{out.tracker}"


def test_a_status_of_nobody_we_know_waits_until_its_message_is_known(gateway: Given) -> None:
    house = gateway
    house.person()
    campaign = house.campaign(starts_in="now")
    house.launch()
    (out,) = house.release()
    early = house.status(out, "delivered") | {"biz_opaque_callback_data": None}
    for _ in range(2):
        house.post(house.value("messages", statuses=[early, early]))
    house.drain()
    assert house.counts(campaign) == {"sending": 1}
    house.deliver([out])
    assert house.counts(campaign) == {"delivered": 1}


@pytest.mark.parametrize("word", ["sent", "delivered", "read", "failed"])
def test_a_status_of_an_attempt_that_was_never_made_is_a_strangers(gateway: Given, word: str) -> None:
    house = gateway
    house.person()
    campaign = house.campaign(starts_in="now")
    house.launch()
    with house.database.read() as connection:
        (row,) = connection.scalars(select(table_of(MessageRow).c.id))
    stranger = Outgoing(message_id=row, number_id=NUMBER_ID, purpose="marketing", to="+905550000001")
    house.post(house.value("messages", statuses=[house.status(stranger, word, at=house.now) | {"id": "wamid.theirs"}]))
    house.drain()
    assert house.counts(campaign) == {"queued": 1}
    house.work()
    assert house.counts(campaign) == {"accepted": 1}


def test_a_payment_that_failed_is_no_message_that_failed(gateway: Given) -> None:
    house = gateway
    house.person()
    campaign = house.campaign(starts_in="now")
    house.launch()
    (out,) = house.release()
    house.deliver([out])
    house.post(house.value("messages", statuses=[house.status(out, "failed", 131026) | {"type": "payment"}]))
    house.drain()
    assert house.counts(campaign) == {"accepted": 1}
