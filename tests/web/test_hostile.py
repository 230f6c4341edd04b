"""Bodies that mean harm, or nothing: refused or kept, never an error page, never a lost neighbour."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import Client

from consent.standing import State as Standing
from gateway.storage import quarantine
from tests.given import Given, Person
from tests.web.house import post

DEEP = 100_000
LONG = "".join(random.Random(7).choices("0123456789abcdefghijklmnopqrstuvwxyz", k=9_000))


def stop(given: Given, person: Person, **changes: Any) -> dict[str, Any]:
    said = {
        "from": person.wa_id,
        "id": "wamid.stop",
        "timestamp": str(int(given.now.timestamp())),
        "type": "text",
        "text": {"body": "DUR"},
        **changes,
    }
    return given.value("messages", contacts=[{"wa_id": person.wa_id, "profile": {"name": "T"}}], messages=[said])


BODIES: dict[str, bytes] = {
    "empty": b"",
    "no json": b"<xml/>",
    "cut off": b'{"object":"whatsapp_business_account","entry":[{"changes":[{"value":{"messages":[{"from":',
    "not utf-8": b'{"entry":"\xff\xfe\xfa"}',
    "utf-16": '{"entry":[]}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"entry":[]}',
    "nul bytes": b"\x00" * 1000,
    "nul in names": b'{"entry\\u0000":[{"id":"\\u0000"}],"entry":[{"id":"\\u0000","changes":[{"field":"\\u0000"}]}]}',
    "deep arrays": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"entry":' * DEEP + b"1" + b"}" * DEEP,
    "deep and cut off": b'{"entry":[' * DEEP,
    "a number": b"12",
    "null": b"null",
    "huge number": b'{"entry":[{"id":' + b"9" * 100_000 + b"}]}",
    "huge exponent": b'{"entry":[{"id":1e999999,"changes":[{"field":"messages","value":{"messages":[1e400]}}]}]}',
    "not a number": b'{"entry":[{"id":NaN,"time":Infinity}]}',
    "half surrogates": b'{"entry":[{"id":"\\ud800","changes":[{"field":"\\udfff","value":{"x":"\\ud83d"}}]}]}',
    "the same key twice": b'{"entry":[],"entry":{"entry":[]}}',
    "entry is text": b'{"entry":"x"}',
    "changes is a number": b'{"entry":[{"changes":7}]}',
    "many entries": b'{"entry":[' + b",".join([b"{}"] * 20_000) + b"]}",
    "gzip magic": b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
}


@pytest.mark.parametrize("name", BODIES)
def test_whatever_is_signed_is_kept_and_drained(given: Given, client: Client, name: str) -> None:
    assert post(client, BODIES[name]).status_code == 200
    given.drain()
    assert given.inbox.backlog() == 0


@pytest.mark.parametrize("name", BODIES)
def test_unsigned_it_is_refused(given: Given, client: Client, name: str) -> None:
    assert post(client, BODIES[name], secret="a guess").status_code == 401
    assert given.inbox.backlog() == 0


STRANGE: list[Any] = [
    None,
    True,
    -1,
    0,
    2**63,
    10**40,
    1.5,
    "",
    "\x00",
    "\ud800",
    "x" * 5000,
    LONG,
    [],
    [[]],
    {},
    {"": {}},
]


def places(body: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a body."""
    yield path
    inner = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, value in inner:
        yield from places(value, (*path, key))


def put(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    changed = copy.deepcopy(body)
    at = changed
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return changed


def test_a_wrong_type_in_any_place_loses_no_stop_beside_it(given: Given, client: Client) -> None:
    """A strange message and a STOP in one body, for every place in the message: the STOP binds."""
    victim = stop(given, given.person())["entry"][0]["changes"][0]["value"]
    dice, statuses = random.Random(11), []
    for n, path in enumerate(places(victim)):
        ayse = given.person()
        body = stop(given, ayse, id=f"wamid.{n}")
        strange = put(victim, path, dice.choice(STRANGE))
        body["entry"][0]["changes"].insert(0, {"field": "messages", "value": strange})
        raw = json.dumps(body).encode()
        statuses.append(post(client, raw).status_code)
        assert given.standing(ayse).state is Standing.REVOKED, path
    assert set(statuses) == {200}
    given.drain()
    assert given.inbox.backlog() == 0


@pytest.mark.parametrize("place", ["from", "id", "type"])
def test_a_name_too_long_for_any_index_does_not_stop_the_drain(given: Given, client: Client, place: str) -> None:
    ayse = given.person()
    strange = stop(given, ayse, **{place: LONG})
    strange["entry"].append(stop(given, ayse, id="wamid.neighbour")["entry"][0])
    assert post(client, strange).status_code == 200
    assert given.standing(ayse).state is Standing.REVOKED
    given.drain()
    assert given.inbox.backlog() == 0


def test_a_status_of_a_message_with_an_endless_id_is_set_aside(given: Given, client: Client) -> None:
    statuses = [
        {"id": LONG, "status": "read", "timestamp": "1", "recipient_id": "905550000001"},
        {"id": "wamid.a", "status": "read", "timestamp": "1", "recipient_id": "905550000001"},
    ]
    assert post(client, given.value("messages", statuses=statuses)).status_code == 200
    given.drain()
    assert given.inbox.backlog() == 0
    with given.database.read() as connection:
        counted = quarantine.tallies(connection)["StatusUpdate:read"] + len(quarantine.everything(connection))
    assert counted == 2


def test_a_stop_with_broken_letters_around_it_is_heard(given: Given, client: Client) -> None:
    ayse = given.person()
    body = stop(given, ayse)
    body["entry"][0]["changes"][0]["value"]["contacts"][0]["profile"]["name"] = "A\x00y\ud83dşe"
    assert post(client, body).status_code == 200
    assert given.standing(ayse).state is Standing.REVOKED


@pytest.mark.parametrize("tracker", ["9" * 18, "9" * 19, "9" * 25, "12." + "9" * 20, "-1", "1.5.2", "٣"])
def test_another_programs_tracker_is_no_row_of_ours(given: Given, client: Client, tracker: str) -> None:
    status = {"id": "wamid.theirs", "status": "read", "timestamp": "1", "biz_opaque_callback_data": tracker}
    assert post(client, given.value("messages", statuses=[status])).status_code == 200
    given.drain()
    with given.database.read() as connection:
        assert quarantine.everything(connection) == []
