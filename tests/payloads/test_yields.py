"""Every public payload yields what the table says: nothing dropped, nothing invented."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.whatsapp.payload import Unreadable, items, label, urgent_items
from gateway.whatsapp.payload.questions import bears_consent

WEBHOOKS = Path(__file__).parents[2].parent / "shared" / "reference" / "webhooks"
COUNTED_LISTS = ("messages", "message_echoes", "statuses", "user_preferences", "user_id_update", "errors")


def table() -> dict[str, list[str]]:
    lines = Path(__file__).with_name("yields.txt").read_text().splitlines()
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    return {name: labels for name, *labels in rows}


def body_of(name: str) -> bytes:
    path = WEBHOOKS / name
    if not path.exists():
        pytest.skip(f"shared/reference/webhooks/{name} is not here")
    return path.read_bytes()


def counted_by_the_rule(body: dict[str, Any]) -> int:
    """The counting rule written a second time, without the parser: list lengths, or one for any other change."""
    total = 0
    for entry in body["entry"]:
        for change in entry["changes"]:
            value = change["value"]
            lists = () if "calls" in value else COUNTED_LISTS
            total += sum(len(value.get(key, ())) for key in lists) or 1
    return total


def test_the_table_names_every_public_payload() -> None:
    if not WEBHOOKS.exists():
        pytest.skip("shared/reference/webhooks is not here")
    there = {str(path.relative_to(WEBHOOKS)) for path in WEBHOOKS.glob("*/*.json")}
    assert there == set(table())


@pytest.mark.parametrize("name", table())
def test_a_public_payload_yields_its_row(name: str) -> None:
    assert [label(item) for item in items(body_of(name))] == table()[name]


@pytest.mark.parametrize("name", table())
def test_a_public_payload_yields_as_many_items_as_it_lists(name: str) -> None:
    raw = body_of(name)
    found = items(raw)
    assert len(found) == counted_by_the_rule(json.loads(raw))
    assert not any(isinstance(item, Unreadable) for item in found)


@pytest.mark.parametrize("name", table())
def test_bytes_text_and_mapping_tell_the_same(name: str) -> None:
    raw = body_of(name)
    assert items(raw) == items(raw.decode()) == items(json.loads(raw))


@pytest.mark.parametrize("name", table())
def test_the_urgent_items_are_those_that_bear_consent(name: str) -> None:
    raw = body_of(name)
    assert urgent_items(raw) == [item for item in items(raw) if bears_consent(item)]


def test_all_payloads_in_one_body_still_yield_everything() -> None:
    entries = [entry for name in table() for entry in json.loads(body_of(name))["entry"]]
    together = {"object": "whatsapp_business_account", "entry": entries}
    expected = [each for labels in table().values() for each in labels]
    assert [label(item) for item in items(together)] == expected
