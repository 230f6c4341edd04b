"""A practice world inside the test: its time stands still until moved, and its post lies in a list."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

import orjson
import pytest

from gateway.clock import SetClock
from gateway.practice import Number, PracticeSettings, RunningPractice, running
from gateway.practice import server as practice_server
from gateway.practice.postman import Carried
from gateway.practice.webhook_items import Item
from gateway.practice.wire import Answer, Ending, Request

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NUMBER = Number()
AYSE = "905550000001"
MARY = "447700900123"


class Cancellable:
    cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class StillLoop:
    """The part of an event loop that the practice world uses; time moves when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._order = count()
        self._calls: list[tuple[float, int, Cancellable, Callable[..., None], tuple[Any, ...]]] = []

    def time(self) -> float:
        return self.now

    def call_later(self, delay_s: float, act: Callable[..., None], *args: Any) -> Cancellable:
        handle = Cancellable()
        heapq.heappush(self._calls, (self.now + delay_s, next(self._order), handle, act, args))
        return handle

    def advance(self, seconds: float) -> None:
        until = self.now + seconds
        while self._calls and self._calls[0][0] <= until:
            self.now, _, handle, act, args = heapq.heappop(self._calls)
            if not handle.cancelled:
                act(*args)
        self.now = until


class Mailbox:
    """Stands where the postman stands and keeps what should be told."""

    def __init__(self, *_: Any) -> None:
        self.items: list[Item] = []
        self.visits: list[tuple[str, dict[str, str]]] = []
        self.carried = Carried()
        self.backlog = 0

    def put(self, item: Item) -> None:
        self.items.append(item)

    def visit(self, url: str, headers: dict[str, str]) -> None:
        self.visits.append((url, headers))


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    json: Any
    ending: Ending
    after_s: float

    @property
    def code(self) -> int:
        return int(self.json["error"]["code"])

    @property
    def details(self) -> str:
        return str(self.json["error"]["error_data"]["details"])

    @property
    def wamid(self) -> str:
        return str(self.json["messages"][0]["id"])


@dataclass
class Desk:
    """Talks to one practice world as a sender and through its doors."""

    graph: Callable[[Request], Answer]
    loop: StillLoop
    mailbox: Mailbox
    clock: SetClock
    token: str = "practice-token"
    version: str = "v26.0"
    number_id: str = NUMBER.id
    waba_id: str = PracticeSettings().waba_id
    headers: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: Any = None, raw: bytes | None = None) -> Reply:
        path, _, query = path.partition("?")
        head = f"{method} {path} HTTP/1.1\r\nHost: practice.example\r\n"
        if self.token:
            head += f"Authorization: Bearer {self.token}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        content = raw if raw is not None else b"" if body is None else orjson.dumps(body)
        answer = self.graph(Request(method, path, query, head.encode(), content))
        shown = orjson.loads(answer.body) if answer.body else None
        return Reply(answer.status, shown, answer.ending, answer.after_s)

    def graph_get(self, rest: str) -> Reply:
        return self.ask("GET", f"/{self.version}/{rest}")

    def graph_post(self, rest: str, body: Any = None) -> Reply:
        return self.ask("POST", f"/{self.version}/{rest}", body)

    def send(self, body: Any, edge: str = "messages") -> Reply:
        return self.ask("POST", f"/{self.version}/{self.number_id}/{edge}", body)

    def text(self, to: str, said: str) -> Reply:
        return self.send(addressed(to) | {"type": "text", "text": {"body": said}})

    def offer(self, to: str = AYSE, tracker: str = "t1", **changes: Any) -> Reply:
        return self.send(offer(to, tracker, **changes))

    def door(self, method: str, name: str, body: Any = None) -> Any:
        reply = self.ask(method, f"/practice/{name}", body)
        return reply.json

    def settle(self, seconds: float = 60.0) -> None:
        """Let everything that is under way come to its end."""
        self.loop.advance(seconds)

    def told(self, kind: str) -> list[dict[str, Any]]:
        """The bodies of all items of one kind: statuses, messages, user_preferences, or a field's name."""
        return [dict(item.body) for item in self.mailbox.items if kind == (item.kind or item.field)]

    def statuses(self, wamid: str = "") -> list[str]:
        return [each["status"] for each in self.told("statuses") if wamid in ("", each["id"])]


def addressed(to: str, tracker: str = "") -> dict[str, Any]:
    """The head of a send; a business-scoped user id goes to `recipient`."""
    who = {"recipient": to} if "." in to else {"to": to}
    head: dict[str, Any] = {"messaging_product": "whatsapp", "recipient_type": "individual", **who}
    return head | ({"biz_opaque_callback_data": tracker} if tracker else {})


def text(said: str, name: str = "") -> dict[str, str]:
    return {"type": "text", "text": said} | ({"parameter_name": name} if name else {})


def template(name: str, components: list[Any], *, to: str = AYSE, language: str = "tr", tracker: str = "") -> Any:
    filled = {"name": name, "language": {"code": language}, "components": components}
    return addressed(to, tracker) | {"type": "template", "template": filled}


def header(*parameters: Any) -> dict[str, Any]:
    return {"type": "header", "parameters": list(parameters)}


def body(*parameters: Any) -> dict[str, Any]:
    return {"type": "body", "parameters": list(parameters)}


def button(sub_type: str, index: int | str, *parameters: Any) -> dict[str, Any]:
    return {"type": "button", "sub_type": sub_type, "index": index, "parameters": list(parameters)}


def offer(to: str = AYSE, tracker: str = "t1", *, language: str = "tr", link: str = "abc") -> Any:
    """A correct send of the marketing template spring_offer."""
    components = [
        header(text("Bahar", "season")),
        body(text("Ayşe", "first_name"), text("Moda", "store")),
        button("url", 0, text(link)),
        button("quick_reply", 1, {"type": "payload", "payload": "stop:7"}),
    ]
    return template("spring_offer", components, to=to, language=language, tracker=tracker)


def confirmation(to: str = AYSE, code: str = "K7Q2M9XT4B", tracker: str = "c1") -> Any:
    """A correct send of the confirmation template."""
    yes = button("quick_reply", 0, {"type": "payload", "payload": f"yes:{code}"})
    no = button("quick_reply", 1, {"type": "payload", "payload": f"no:{code}"})
    return template("confirm_optin", [body(text("Ayşe"), text(code)), yes, no], to=to, tracker=tracker)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Desk]:
    """Make a world. Its people read and do nothing else unless the settings say otherwise."""

    def make(**settings: Any) -> Desk:
        quiet = {"on_marketing_shares": {"read": 1.0}, "on_confirmation_shares": {"ignore": 1.0}}
        monkeypatch.setattr(practice_server, "Postman", Mailbox)
        loop, clock = StillLoop(), SetClock(NOON)
        practice = practice_server.assembled(
            PracticeSettings(**(quiet | settings)),
            clock,
            loop,  # type: ignore[arg-type]
            loop.time,
        )
        mailbox = practice.postman
        assert isinstance(mailbox, Mailbox)
        return Desk(practice.answer, loop, mailbox, clock)

    return make


@pytest.fixture
def still(desk: Callable[..., Desk]) -> Desk:
    """A world with nothing special about it."""
    return desk()


@pytest.fixture(scope="module")
def practice() -> Iterator[RunningPractice]:
    """A practice world in a process of its own, shared by a module's tests."""
    with running(PracticeSettings(status_delay_ms=(1, 5), reply_delay_ms=(1, 5), batch_every_ms=5)) as world:
        yield world
