"""The door for customer-data tools: who may report, in which words, and what each answer says."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from gateway.actions.record_events import ITEMS_MAX
from gateway.storage import api_keys, person_events
from tests.given import Given

ITEM = {"userId": "u1", "traits": {"phone": "05550001001"}}
TRACK = {"type": "track", "userId": "u1", "event": "bought", "messageId": "m1"}


@pytest.fixture
def key(given: Given) -> str:
    return given.database.run(lambda c: api_keys.make(c, "shop", given.now))


def post(client: Client, path: str, body: Any, key: str = "", **how: Any) -> TestResponse:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return client.post(path, json=body, headers=headers, **how)


@pytest.mark.parametrize("path", ["/v1/identify", "/v1/track", "/v1/batch"])
@pytest.mark.parametrize("wrong", ["", "izin_guess", "ş\0"])
def test_without_a_key_nothing_is_taken(client: Client, path: str, wrong: str) -> None:
    assert client.post(path, json=ITEM, auth=(wrong, "")).status_code == 401
    assert post(client, path, ITEM).status_code == 401


def test_a_key_opens_as_tools_send_it_and_as_a_bearer_token(client: Client, key: str) -> None:
    assert client.post("/v1/identify", json=ITEM, auth=(key, "")).status_code == 200
    assert post(client, "/v1/track", TRACK, key).get_json() == {
        "success": True, "people": 0, "events": 1, "repeated": 0, "passed_over": 0, "problems": []
    }  # fmt: skip


def test_a_key_that_was_taken_back_opens_nothing(given: Given, client: Client, key: str) -> None:
    given.database.run(lambda c: api_keys.take_back(c, "shop"))
    assert post(client, "/v1/identify", ITEM, key).status_code == 401


def test_only_the_digest_of_a_key_is_kept(given: Given, key: str) -> None:
    with given.database.read() as connection:
        assert api_keys.name_of(connection, key) == "shop"
        assert api_keys.name_of(connection, api_keys.digest_of(key)) is None
    with pytest.raises(api_keys.NameTaken):
        given.database.run(lambda c: api_keys.make(c, "shop", given.now))


def test_a_batch_records_the_good_and_names_the_bad(given: Given, client: Client, key: str) -> None:
    batch = [{"type": "identify", **ITEM}, TRACK, {**TRACK, "userId": "nobody"}, {"type": "odd"}, {"type": "page"}]
    answer = post(client, "/v1/batch", {"batch": batch, "sentAt": "2026-11-24T10:00:00Z"}, key)
    said = answer.get_json()
    assert answer.status_code == 200
    assert (said["success"], said["people"], said["events"], said["passed_over"]) == (False, 1, 1, 1)
    assert [(one["item"], one["code"]) for one in said["problems"]] == [(2, "person_unknown"), (3, "type_unknown")]
    assert post(client, "/v1/batch", {"batch": batch}, key).get_json()["repeated"] == 1
    with given.database.read() as connection:
        assert person_events.kinds(connection) == {"bought": 1}


def test_a_single_item_that_is_wrong_is_refused_in_the_callers_language(client: Client, key: str) -> None:
    answer = post(client, "/v1/track?lang=en", {"userId": "u1"}, key)
    assert answer.status_code == 400
    assert "event" in answer.get_json()["problems"][0]["problem"]


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/import"])
def test_a_batch_comes_packed_as_the_libraries_pack_it(client: Client, key: str, path: str) -> None:
    body = {"batch": [{"type": "identify", **ITEM}], "sentAt": "2026-11-24T10:00:00Z", "writeKey": key}
    packed = gzip.compress(json.dumps(body).encode())
    answer = client.post(path, data=packed, auth=(key, ""), headers={"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.get_json()["people"]) == (200, 1)


@pytest.mark.parametrize(("body", "status"), [(b"no gzip", 400), (gzip.compress(b" " * 50_000_000, 1), 413)])
def test_a_packed_body_that_is_none_or_too_long_is_refused(client: Client, key: str, body: bytes, status: int) -> None:
    answer = client.post("/v1/batch", data=body, auth=(key, ""), headers={"Content-Encoding": "gzip"})
    assert answer.status_code == status
    assert answer.get_json()["problem"]


@pytest.mark.parametrize("kind", ["page", "screen", "alias", "group"])
def test_other_kinds_are_taken_and_passed_over(client: Client, key: str, kind: str) -> None:
    answer = post(client, f"/v1/{kind}", {"userId": "u1", "name": "Home"}, key)
    assert (answer.status_code, answer.get_json()["passed_over"]) == (200, 1)
    assert post(client, f"/v1/{kind}", {}).status_code == 401


@pytest.mark.parametrize("body", ["{", "[]", '"x"', ""])
def test_what_is_no_json_object_is_refused(client: Client, key: str, body: str) -> None:
    for path in ("/v1/identify", "/v1/track", "/v1/batch"):
        answer = client.post(path, data=body, headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == 400
        assert answer.get_json()["problem"]


@pytest.mark.parametrize("batch", [None, {}, [{}] * (ITEMS_MAX + 1)])
def test_a_batch_is_a_list_with_an_end(client: Client, key: str, batch: Any) -> None:
    assert post(client, "/v1/batch", {"batch": batch}, key).status_code == 400


def test_a_body_of_half_a_megabyte_is_taken_and_one_of_two_is_not(client: Client, key: str) -> None:
    for size, status in ((500_000, 200), (2_000_000, 413)):
        answer = post(client, "/v1/identify", {**ITEM, "padding": "x" * size}, key)
        assert answer.status_code == status
