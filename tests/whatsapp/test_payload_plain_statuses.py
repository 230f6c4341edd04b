"""The short cut for plain statuses tells what the items of the same bodies tell."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.actions.apply_statuses import receipt_of
from gateway.whatsapp.payload import PlainStatuses, StatusUpdate, bears_consent, items, links, read
from gateway.whatsapp.payload.plain_statuses import Names

WEBHOOKS = Path(__file__).parents[2].parent / "shared" / "reference" / "webhooks"

ids = st.none() | st.sampled_from(["", "905550000001", "+905550000001", "905550000002", "TR.1", "TR.2", 905550000001])
odd: st.SearchStrategy[Any] = st.sampled_from([None, "", 0, 17, 1.5, True, [], {}, "x", "a\u0000b", "Ayşe"])
statuses = st.fixed_dictionaries(
    {},
    optional={
        "id": st.sampled_from(["wamid.1", "wamid.2"]) | odd,
        "status": st.sampled_from(["sent", "Read", "failed", "played"]) | odd,
        "timestamp": st.sampled_from(["1795518000", "1795518000000", "0", "x", "-1", "1e999"]) | odd,
        "recipient_id": ids,
        "recipient_user_id": ids,
        "recipient_parent_user_id": ids,
        "biz_opaque_callback_data": st.sampled_from(["17", "17.2"]) | odd,
        "recipient_type": st.sampled_from(["group", "individual"]),
        "type": st.sampled_from(["call", "message"]),
        "errors": st.just([{"code": 131050}]) | odd,
        "pricing": odd,
    },
)
contacts = st.fixed_dictionaries(
    {}, optional={"wa_id": ids, "user_id": ids, "parent_user_id": ids, "profile": st.just({"username": "u"})}
)
values = st.fixed_dictionaries(
    {"statuses": st.lists(statuses | odd, max_size=3) | odd},
    optional={
        "contacts": st.lists(contacts | odd, max_size=2) | odd,
        "metadata": odd,
        "messages": st.just([]),
        "standby": st.just([]),
        "surprise": odd,
    },
)
fields = st.sampled_from(["messages", "messages", "calls", "account_update"])
changes = st.fixed_dictionaries({"field": fields, "value": values | odd})
bodies = st.fixed_dictionaries(
    {"entry": st.lists(st.fixed_dictionaries({"changes": st.lists(changes | odd, max_size=2)}) | odd, max_size=2)}
)


def plain_body(**status: object) -> bytes:
    whole = {"id": "wamid.1", "status": "read", "timestamp": "1795518000", "recipient_id": "905550000001"} | status
    value = {"messaging_product": "whatsapp", "metadata": {}, "statuses": [whole]}
    return json.dumps({"entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]}).encode()


def assert_same(body: bytes) -> None:
    found, told = items(body), read(body)
    if not isinstance(told, PlainStatuses):
        assert told == found
        return
    assert all(isinstance(item, StatusUpdate) for item in found)
    assert told.receipts == [receipt_of(item) for item in found if isinstance(item, StatusUpdate)]
    assert Counter(receipt.status for receipt in told.receipts) == Counter(i.status for i in found)  # type: ignore[attr-defined]
    assert set(told.people) == {names(one) for one in links(found)}
    assert not any(bears_consent(item) for item in found)


def names(person: Any) -> Names:
    return person.wa_id, person.user_id, person.parent_user_id


@settings(max_examples=80, deadline=None)
@given(bodies)
def test_both_ways_tell_the_same_of_any_body(body: dict[str, Any]) -> None:
    assert_same(json.dumps(body).encode())


@settings(max_examples=40, deadline=None)
@given(st.lists(statuses, min_size=1, max_size=3), st.lists(contacts, max_size=2))
def test_both_ways_tell_the_same_of_what_is_nearly_plain(some: list[dict[str, Any]], beside: list[Any]) -> None:
    whole = [{"id": "wamid.1", "status": "read", "timestamp": "1795518000"} | one for one in some]
    value = {"contacts": beside, "statuses": whole}
    assert_same(json.dumps({"entry": [{"changes": [{"field": "messages", "value": value}]}]}).encode())


def test_both_ways_tell_the_same_of_public_bodies() -> None:
    paths = sorted(WEBHOOKS.rglob("*.json"))
    if not paths:
        pytest.skip("shared/reference/webhooks is not beside this repository")
    for path in paths:
        assert_same(path.read_bytes())


def test_a_plain_status_takes_the_short_cut() -> None:
    told = read(plain_body(recipient_user_id="TR.1", biz_opaque_callback_data="17"))
    assert isinstance(told, PlainStatuses)
    assert [(r.wamid, r.status, r.tracker) for r in told.receipts] == [("wamid.1", "read", "17")]
    assert list(told.people) == [("905550000001", "TR.1", None)]


@pytest.mark.parametrize(
    "odd",
    [
        {"errors": [{"code": 131050}]},
        {"errors": []},
        {"recipient_type": "group"},
        {"type": "call"},
        {"id": 17},
        {"timestamp": 1795518000},
        {"recipient_id": ["905550000001"]},
    ],
)
def test_whatever_is_unusual_takes_the_long_way(odd: dict[str, Any]) -> None:
    assert isinstance(read(plain_body(**odd)), list)
