"""`izin inbox`: a backlog and its counts, what was set aside and tried again, and what Meta says of the account."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.actions import drain_inbox
from gateway.assembly import House, open_house
from gateway.settings import read_settings
from gateway.storage import quarantine
from tests.cli.conftest import Izin

STATUS = {"id": "wamid.HBgL", "status": "read", "timestamp": "1795518000", "recipient_id": "905550001234"}
SAID = {
    "from": "905550001234",
    "id": "wamid.HBgM",
    "timestamp": "1795518000",
    "type": "text",
    "text": {"body": "gizli sözler"},
}


def body(**value: Any) -> bytes:
    change = {"field": "messages", "value": {"metadata": {"phone_number_id": "1"}, **value}}
    return json.dumps({"entry": [{"id": "1", "changes": [change]}]}).encode()


@pytest.fixture
def house(izin: Izin, tmp_path: Path) -> Iterator[House]:
    with open_house(read_settings()) as opened:
        yield opened


def drain(house: House) -> None:
    drain_inbox.drain_inbox(house.database, house.inbox, house.settings, house.clock.now())


def set_aside(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake of ours meets a message, and is put right afterwards."""

    def breaks(*_: object) -> None:
        raise ValueError("a mistake")

    house.inbox.store([body(messages=[SAID])], house.clock.now())
    with monkeypatch.context() as broken:
        broken.setattr(drain_inbox, "record_consent", breaks)
        drain(house)


def test_it_says_what_waits_and_what_has_come(izin: Izin, house: House) -> None:
    house.inbox.store([body(statuses=[STATUS, STATUS])], house.clock.now())
    assert "Waiting to be drained: 1" in izin("inbox").output
    drain(house)
    answer = json.loads(izin("inbox", "--json").output)
    assert (answer["backlog"], answer["counts"]) == (0, {"StatusUpdate:read": 2})


def test_an_item_that_was_set_aside_is_shown_masked(izin: Izin, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    set_aside(house, monkeypatch)
    listed = izin("inbox").output
    assert "ValueError: InboundMessage:text" in listed
    shown = izin("inbox", "show", "1").output
    assert "+90 555 ••• •• 34" in shown
    assert "gizli" not in shown + listed
    assert "905550001234" not in shown + listed


def test_a_replay_applies_it_and_it_is_gone(izin: Izin, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    set_aside(house, monkeypatch)
    done = izin("inbox", "replay", "1")
    assert (done.exit_code, done.output) == (0, "1: ✓ applied\n")
    with house.database.read() as connection:
        assert quarantine.everything(connection) == []
    assert izin("inbox", "replay").output == "Nothing is set aside.\n"


def test_what_is_still_broken_stays_and_says_so(izin: Izin, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    set_aside(house, monkeypatch)

    def breaks(*_: object) -> None:
        raise KeyError("another mistake")

    monkeypatch.setattr(drain_inbox, "record_consent", breaks)
    done = izin("inbox", "replay", "--json")
    assert done.exit_code == 3
    assert json.loads(done.output) == {"replayed": [{"id": 1, "result": "still_broken"}]}
    assert "KeyError: InboundMessage:text" in izin("inbox").output


def test_a_body_that_was_discarded_cannot_be_replayed(
    izin: Izin, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_aside(house, monkeypatch)
    house.inbox.discard_drained(house.clock.now().replace(year=2100))
    assert izin("inbox", "replay", "1").output == "1: ✗ body is gone\n"
    assert izin("inbox", "show", "1").exit_code == 1


def test_an_unknown_item_is_refused_in_words(izin: Izin, house: House) -> None:
    refused = izin("inbox", "show", "7")
    assert refused.exit_code == 1
    assert "Nothing is set aside under 7" in refused.output


def test_news_of_the_account_is_shown(izin: Izin, house: House) -> None:
    change = {"field": "security", "value": {"event": "PIN_CHANGED", "display_phone_number": "12025550143"}}
    house.inbox.store([json.dumps({"entry": [{"id": "1", "changes": [change]}]}).encode()], house.clock.now())
    drain(house)
    assert "PIN_CHANGED" in izin("inbox").output
