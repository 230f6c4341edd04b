from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.practice.habits import Habits
from gateway.practice.people import Recipient, user_id_of
from gateway.practice.refusals import TITLES, Refusal
from gateway.practice.settings import Number
from gateway.practice.webhook_items import Item, StatusFacts, bodies, inbound, preference, signature, status

WEBHOOKS = Path(__file__).parents[2].parent / "shared" / "reference" / "webhooks"
NUMBER, OTHER = Number(), Number(id="2", phone="12025550144")
AYSE = Recipient("905550000001", "905550000001", user_id_of("905550000001"))
HIDDEN = Recipient("TR.77", "", "TR.77")
AT_S = 1_772_000_000


def facts(person: Recipient = AYSE, habits: Habits | None = None, **changes: Any) -> StatusFacts:
    made = StatusFacts("wamid.1", NUMBER, person, habits or Habits(), False, "t1", {"category": "marketing"})
    return made._replace(**changes)


# -- single items


def test_a_status_has_the_shape_of_2026() -> None:
    item = status(facts(), "sent", AT_S)
    assert item.body == {
        "id": "wamid.1",
        "status": "sent",
        "timestamp": str(AT_S),
        "recipient_id": AYSE.phone,
        "recipient_user_id": AYSE.user_id,
        "biz_opaque_callback_data": "t1",
        "pricing": {"category": "marketing"},
    }
    assert item.contact == {"profile": {"name": "Practice Person"}, "wa_id": AYSE.phone, "user_id": AYSE.user_id}


def test_a_failed_status_has_no_contacts_and_no_user_id_if_sent_to_a_phone() -> None:
    item = status(facts(pricing=None), "failed", AT_S, Refusal(131050))
    assert item.contact is None
    assert "recipient_user_id" not in item.body
    [error] = item.body["errors"]
    assert error["code"] == 131050
    assert error["error_data"]["details"]


def test_a_failed_status_of_a_user_id_send_names_the_user_id_only() -> None:
    item = status(facts(HIDDEN, by_user_id=True, pricing=None), "failed", AT_S, Refusal(131026))
    assert item.body["recipient_user_id"] == "TR.77"
    assert "recipient_id" not in item.body


def test_a_phone_we_sent_to_is_named_even_if_hidden_elsewhere() -> None:
    item = status(facts(habits=Habits(phone_visible=False)), "sent", AT_S)
    assert item.body["recipient_id"] == AYSE.phone
    assert item.contact is not None
    assert "wa_id" not in item.contact


def test_no_tracker_means_no_field() -> None:
    assert "biz_opaque_callback_data" not in status(facts(tracker=""), "sent", AT_S).body


@pytest.mark.parametrize(("said", "shown"), [("sent", False), ("delivered", True), ("read", True)])
def test_a_username_is_on_delivered_and_read_only(said: str, shown: bool) -> None:
    item = status(facts(habits=Habits(username="ayse_k")), said, AT_S)
    assert item.contact is not None
    assert ("username" in item.contact["profile"]) == shown


def test_a_person_without_a_phone_has_neither_from_nor_wa_id() -> None:
    item = inbound(NUMBER, HIDDEN, Habits(), {"type": "text", "text": {"body": "dur"}}, "wamid.2", AT_S)
    assert item.body["from_user_id"] == "TR.77"
    assert "from" not in item.body
    assert item.contact == {"profile": {"name": "Practice Person"}, "user_id": "TR.77"}


# -- the same keys as collected payloads


def _values(file: str, kind: str) -> Iterator[dict[str, Any]]:
    if not WEBHOOKS.exists():
        pytest.skip("../shared/reference is not here: collected webhooks cannot be compared")
    payload = json.loads((WEBHOOKS / "pywa" / file).read_text(encoding="utf-8"))
    for entry in payload["entry"]:
        for change in entry["changes"]:
            yield from change["value"].get(kind, ())


LATER = {"recipient_user_id", "from_user_id", "user_id"}  # fields of 2026 that collected payloads do not have yet
EARLIER = {"conversation"}  # left out since v24.0


@pytest.mark.parametrize(
    ("file", "kind", "made"),
    [
        ("message_status__sent.json", "statuses", status(facts(tracker=""), "sent", AT_S)),
        ("message_status__with_tracker.json", "statuses", status(facts(), "sent", AT_S)),
        ("message_status__delivered.json", "statuses", status(facts(tracker=""), "delivered", AT_S)),
        ("message_status__failed.json", "statuses", status(facts(tracker=""), "failed", AT_S, Refusal(130472))),
        (
            "message__text.json",
            "messages",
            inbound(NUMBER, AYSE, Habits(), {"type": "text", "text": {"body": "a"}}, "wamid.1", AT_S),
        ),
        (
            "callback_button__quick_reply.json",
            "messages",
            inbound(NUMBER, AYSE, Habits(), {"type": "button", "button": {}, "context": {}}, "wamid.1", AT_S),
        ),
        (
            "user_marketing_preferences__resume.json",
            "user_preferences",
            preference(NUMBER, AYSE, Habits(), "stop", AT_S),
        ),
    ],
)
def test_items_have_the_keys_of_collected_ones(file: str, kind: str, made: Item) -> None:
    [collected] = _values(file, kind)
    assert set(made.body) - LATER == set(collected) - EARLIER
    for key in set(made.body) & set(collected):
        assert type(made.body[key]) is type(collected[key]), key


# -- many items in one body

ITEMS = st.lists(
    st.builds(
        lambda place, kind, number: _item(place, kind, number),
        st.integers(0, 10**6),
        st.sampled_from(["sent", "failed", "text", "stop", "template"]),
        st.sampled_from([NUMBER, OTHER]),
    ),
    min_size=1,
    max_size=120,
)


def _item(place: int, kind: str, number: Number) -> Item:
    person = Recipient(f"90555{place:07d}", f"90555{place:07d}", user_id_of(f"90555{place:07d}"))
    if kind == "text":
        return inbound(number, person, Habits(), {"type": "text", "text": {"body": "a"}}, f"wamid.{place}", AT_S)
    if kind == "stop":
        return preference(number, person, Habits(), "stop", AT_S)
    if kind == "template":
        return Item("message_template_status_update", "", {"message_template_id": place})
    refusal = Refusal(131026) if kind == "failed" else None
    return status(facts(person, wamid=f"wamid.{place}", number=number), kind, AT_S, refusal)


def _read(body: bytes) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every item of a body with the number it belongs to, read as a careful gateway would."""
    for entry in orjson.loads(body)["entry"]:
        for change in entry["changes"]:
            value = change["value"]
            number = value.get("metadata", {}).get("phone_number_id", "")
            kinds = [kind for kind in ("statuses", "messages", "user_preferences") if kind in value]
            for kind in kinds:
                yield from ((change["field"], number, item) for item in value[kind])
            if not kinds:
                yield change["field"], "", value


@given(ITEMS, st.integers())
def test_every_item_is_in_the_body_once_and_under_its_number(items: list[Item], seed: int) -> None:
    body = bodies(items, "1", Random(seed), AT_S)
    told = [(item.field, item.number.id if item.number else "", orjson.dumps(item.body)) for item in items]
    assert sorted((field, number, orjson.dumps(item)) for field, number, item in _read(body)) == sorted(told)


@given(ITEMS, st.integers())
def test_each_change_names_exactly_the_people_of_its_items(items: list[Item], seed: int) -> None:
    for entry in orjson.loads(bodies(items, "1", Random(seed), AT_S))["entry"]:
        for change in entry["changes"]:
            contacts = {each["user_id"] for each in change["value"].get("contacts", ())}
            named = [item for item in change["value"].get("statuses", ()) if item["status"] != "failed"]
            assert all(item["recipient_user_id"] in contacts for item in named)
            if change["field"] == "messages" and "statuses" in change["value"]:
                assert contacts == {item["recipient_user_id"] for item in named}


@given(ITEMS, st.integers())
def test_time_stands_on_entries_of_other_fields_only(items: list[Item], seed: int) -> None:
    for entry in orjson.loads(bodies(items, "1", Random(seed), AT_S))["entry"]:
        other = any(change["field"] == "message_template_status_update" for change in entry["changes"])
        assert ("time" in entry) == other


def test_many_items_come_in_several_changes_and_entries() -> None:
    items = [_item(place, "sent", NUMBER) for place in range(100)]
    shapes = set()
    for seed in range(20):
        entries = orjson.loads(bodies(items, "1", Random(seed), AT_S))["entry"]
        shapes.add(tuple(len(entry["changes"]) for entry in entries))
    assert all(sum(shape) == 5 for shape in shapes)
    assert {len(shape) for shape in shapes} == {1, 2}


def test_a_body_stays_below_three_megabytes_at_the_most_items() -> None:
    items = [_item(place, "sent", NUMBER) for place in range(1000)]
    assert len(bodies(items, "1", Random(1), AT_S)) < 3 * 1024 * 1024


@given(st.binary(max_size=200), st.text(max_size=40))
def test_the_signature_is_hmac_sha256_of_the_raw_bytes(body: bytes, secret: str) -> None:
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    assert signature(body, secret) == f"sha256={expected}"


def test_a_known_signature() -> None:
    # RFC 4231, test case 2
    assert signature(b"what do ya want for nothing?", "Jefe") == (
        "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


@pytest.mark.parametrize("code", sorted(TITLES))
def test_every_code_can_be_told_by_webhook(code: int) -> None:
    [error] = status(facts(), "failed", AT_S, Refusal(code)).body["errors"]
    assert error["code"] == code
    assert error["title"]
    assert error["error_data"]["details"]
