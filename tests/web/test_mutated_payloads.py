"""Public payloads, bent at random and posted through the door: always answered, never lost, and no STOP beside one."""

from __future__ import annotations

import copy
import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from consent.standing import State as Standing
from gateway.whatsapp.signature import sign
from tests.given import SECRET, Given
from tests.web.house import post
from tests.web.test_hostile import STRANGE, places, put, stop

WEBHOOKS = Path(__file__).parents[2].parent / "shared" / "reference" / "webhooks"
ROUNDS = 40
SEED = 20_261_124


def bodies() -> list[Any]:
    found = sorted(WEBHOOKS.rglob("*.json"))
    if not found:
        pytest.skip("shared/reference/webhooks is not beside this repository")
    return [json.loads(path.read_bytes()) for path in found]


def bent(body: Any, dice: random.Random) -> Any:
    """One to three places hold something else, or what stands elsewhere in the body."""
    changed = copy.deepcopy(body)
    for _ in range(dice.randint(1, 3)):
        every = list(places(changed))
        path = dice.choice(every[1:] or every)
        value = dice.choice(STRANGE) if dice.random() < 0.5 else copy.deepcopy(at(changed, dice.choice(every)))
        changed = put(changed, path, value)
    return changed


def at(body: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        body = body[key]
    return body


def test_a_bent_payload_is_answered_and_the_stop_beside_it_binds(given: Given, client: Client) -> None:
    dice, originals = random.Random(SEED), bodies()
    for n in range(ROUNDS):
        strange, ayse = bent(dice.choice(originals), dice), given.person()
        whole = stop(given, ayse, id=f"wamid.{n}")
        odd = strange.get("entry") if isinstance(strange, dict) else strange
        whole["entry"] = [*(odd if isinstance(odd, list) else [odd]), *whole["entry"]]
        raw = json.dumps(whole).encode()
        assert post(client, raw).status_code in (200, 503), raw[:500]
        assert given.standing(ayse).state is Standing.REVOKED, raw[:2000]
    given.drain()
    assert given.inbox.backlog() == 0


def test_a_bent_payload_is_refused_without_its_signature(given: Given, client: Client) -> None:
    dice, originals = random.Random(SEED + 1), bodies()
    for _ in range(ROUNDS):
        raw = json.dumps(dice.choice(originals)).encode()
        cut = dice.randrange(len(raw))
        other = raw[:cut] + bytes([raw[cut] ^ (1 << dice.randrange(8))]) + raw[cut + 1 :]
        answer = client.post("/webhook", data=other, headers={"X-Hub-Signature-256": sign(raw, SECRET)})
        assert answer.status_code == 401
    assert given.inbox.backlog() == 0


def test_truncated_gzip_is_refused_by_its_header_and_kept_without_it(given: Given, client: Client) -> None:
    packed = gzip.compress(json.dumps(bodies()[0]).encode())[:-6]
    assert post(client, packed, Content_Encoding="gzip").status_code == 415
    assert post(client, packed).status_code == 200
    given.drain()
    assert given.inbox.backlog() == 0


def test_a_signed_body_replayed_many_times_changes_nothing_more(given: Given, client: Client) -> None:
    ayse = given.person()
    raw = json.dumps(stop(given, ayse)).encode()
    assert post(client, raw).status_code == 200
    before = given.events(ayse)
    assert {post(client, raw).status_code for _ in range(20)} == {200}
    given.drain()
    assert given.events(ayse) == before
