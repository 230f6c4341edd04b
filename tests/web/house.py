"""A house to stand in for tests of the web, and a browser that knows the password."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from werkzeug.test import Client, TestResponse

from gateway.assembly import House
from gateway.storage.database import Database
from gateway.web.app import assembled
from gateway.whatsapp.signature import sign
from tests.given import SECRET, Given

OLD_SECRET, VERIFY_TOKEN, PASSWORD = "signed-with-this-before", "tests-verify", "tests-open-sesame"

PHONE_BROWSER = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"

NOT_JSON = b"{"


def nowhere() -> Database:
    """A database that is away: nothing listens on this port of this machine."""
    return Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")


def house_of(given: Given) -> House:
    house = House(given.settings, given.clock, given.database)
    house.__dict__["inbox"] = given.inbox  # a cached property: this is the one that it would have opened
    return house


def browser(house: House) -> Client:
    return Client(assembled(house))


def sign_in(client: Client) -> Client:
    answer = client.post("/sign-in", data={"password": PASSWORD})
    assert answer.status_code == 302
    return client


def post(client: Client, body: bytes | Mapping[str, Any], secret: str = SECRET, **headers: str) -> TestResponse:
    """A webhook as Meta would post it."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/webhook", data=raw, headers={"X-Hub-Signature-256": sign(raw, secret), **named})
