"""The event loop's way to webhooks and pages answers as the WSGI application does, on both databases."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from consent.standing import State as Standing
from gateway.actions.receive_webhook import BODY_BYTES_MAX
from gateway.assembly import House
from gateway.web.app import assembled
from gateway.web.front import LONG_AT_ONCE, LONG_BYTES, PAGE_BYTES_MAX, Front
from gateway.whatsapp.signature import sign
from tests.given import SECRET, Given
from tests.web.house import VERIFY_TOKEN
from tests.web.test_receiving import inbound


class Headers:
    """As the server hands them over: names in lower case, each as often as it was sent."""

    def __init__(self, sent: Sequence[tuple[str, str]]) -> None:
        self.sent = sent

    def get(self, name: str, default: Any = None) -> Any:
        return next((value for n, value in self.sent if n == name), default)

    def items(self) -> Sequence[tuple[str, str]]:
        return self.sent


@dataclass
class Scope:
    method: str
    path: str
    headers: Headers
    query_string: str = ""
    http_version: str = "1.1"
    scheme: str = "http"
    server: str = "127.0.0.1:8000"
    client: str = "[::1]:5000"


@dataclass
class Protocol:
    """One request's body in pieces, and its answer. A body that breaks off raises after them."""

    pieces: list[bytes]
    broken: bool = False
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)

    async def __call__(self) -> bytes:
        return b"".join([piece async for piece in self])

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece
        if self.broken:
            raise RuntimeError("transport is closed")

    def response_bytes(self, status: int, headers: Sequence[tuple[str, str]], body: bytes) -> None:
        self.answers.append((status, dict(headers), body))


@dataclass
class Asked:
    """A request and what it is to be answered."""

    method: str = "POST"
    path: str = "/webhook"
    pieces: list[bytes] = field(default_factory=list)
    headers: list[tuple[str, str]] = field(default_factory=list)
    query: str = ""
    broken: bool = False

    async def of(self, front: Front) -> tuple[int, dict[str, str], bytes]:
        protocol: Any = Protocol(self.pieces, self.broken)
        scope: Any = Scope(self.method, self.path, Headers(self.headers), self.query)
        await front.__rsgi__(scope, protocol)
        answer: tuple[int, dict[str, str], bytes] = protocol.answers[0]
        return answer


def signed(body: bytes, length: int | None = -1, secret: str = SECRET, **more: Any) -> Asked:
    """A webhook; `length` -1 says the right one, None none at all."""
    said = [] if length is None else [("content-length", str(len(body) if length == -1 else length))]
    return Asked(pieces=[body], headers=[*said, ("x-hub-signature-256", sign(body, secret))], **more)


Ask = Callable[..., list[tuple[int, dict[str, str], bytes]]]


@pytest.fixture
def ask(house: House) -> Ask:
    """Ask all of these at once."""
    front = assembled(house).front()

    async def all_of(asked: Sequence[Asked]) -> list[tuple[int, dict[str, str], bytes]]:
        front.__rsgi_init__(asyncio.get_running_loop())
        return await asyncio.gather(*(one.of(front) for one in asked))

    def run(*asked: Asked) -> list[tuple[int, dict[str, str], bytes]]:
        asking: Coroutine[Any, Any, list[tuple[int, dict[str, str], bytes]]] = all_of(asked)
        return asyncio.run(asking)

    return run


def statuses(answers: Sequence[tuple[int, dict[str, str], bytes]]) -> list[int]:
    return [status for status, _, _ in answers]


def test_bodies_are_in_the_inbox_and_stops_in_the_ledger_before_the_200(given: Given, ask: Ask) -> None:
    people = [given.person() for _ in range(20)]
    bodies = [json.dumps(inbound(given, one, "DUR", f"wamid.{n}")).encode() for n, one in enumerate(people)]
    assert statuses(ask(*map(signed, bodies))) == [200] * 20
    assert {given.standing(one).state for one in people} == {Standing.REVOKED}
    assert sorted(body.body for body in given.inbox.waiting(100)) == sorted(bodies)


def test_long_bodies_and_those_without_a_length_are_kept_too(given: Given, ask: Ask) -> None:
    long = [b" " * (LONG_BYTES + n) for n in range(2 * LONG_AT_ONCE)]
    assert statuses(ask(*map(signed, long), signed(b"{}", None))) == [200] * (len(long) + 1)
    assert given.inbox.backlog() == len(long) + 1


def test_what_is_refused_is_not_kept(given: Given, ask: Ask) -> None:
    long = b" " * (LONG_BYTES + 1)
    asked = (
        signed(b"{}", secret="a guess"),
        signed(long, secret="a guess"),
        signed(b"{}", BODY_BYTES_MAX + 1),
        signed(b" " * (BODY_BYTES_MAX + 1), None),
        Asked(pieces=[b"{}"]),
        signed(b"{}", broken=True),
        signed(long, broken=True),
        signed(b"{}", method="PUT"),
    )
    encoded = signed(b"{}")
    encoded.headers.append(("content-encoding", "gzip"))
    assert statuses(ask(*asked, encoded)) == [401, 401, 413, 413, 401, 401, 401, 405, 415]
    assert given.inbox.backlog() == 0


def test_one_that_cannot_be_stored_is_503_and_the_log_names_nobody(
    given: Given, ask: Ask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise OSError("no room for +905550000001")

    monkeypatch.setattr(given.inbox, "store", full)
    assert statuses(ask(signed(b"{}"), signed(b"[]"))) == [503, 503]
    assert "OSError" in caplog.text
    assert "90555" not in caplog.text


def test_the_challenge_is_answered(ask: Ask) -> None:
    right, wrong = (f"hub.mode=subscribe&hub.challenge=7&hub.verify_token={t}" for t in (VERIFY_TOKEN, "x"))
    answers = ask(Asked("GET", query=right), Asked("GET", query=wrong))
    assert answers[0][::2] == (200, b"7")
    assert answers[1][0] == 403


def test_pages_are_flasks(ask: Ask, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    form = [("content-type", "application/x-www-form-urlencoded")]
    password = b"password=wrong"
    answers = ask(
        Asked("GET", "/healthz"),
        Asked("HEAD", "/r/aaaaaaaaaaaa"),
        Asked("GET", "/gülçiçek/\ufffd"),
        Asked("POST", "/sign-in", [password], [*form, ("content-length", str(len(password)))]),
        Asked("POST", "/sign-in", [b"x"], [*form, ("content-length", str(PAGE_BYTES_MAX + 1))]),
        Asked("POST", "/sign-in", [b"x" * PAGE_BYTES_MAX, b"yz"], form),
    )
    assert statuses(answers) == [200, 404, 404, 401, 413, 413]
    assert answers[0][1]["x-content-type-options"] == "nosniff"
    assert answers[1][2] == b""
    assert "wrong" not in caplog.text
