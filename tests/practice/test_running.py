"""A practice world in its own process, spoken to over HTTP as İzin does, with webhooks coming back."""

from __future__ import annotations

import hashlib
import json
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, RemoteDisconnected
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from pywa.client import WhatsApp
from pywa.errors import WhatsAppError
from pywa.types.others import Pagination
from pywa.types.templates import BodyText, HeaderText, QuickReplyButton, TemplateLanguage, URLButton

from gateway.practice import Number, PracticeProblem, PracticeSettings, RunningPractice, running
from gateway.practice.webhook_items import signature
from tests.practice.conftest import AYSE, MARY, NUMBER, offer

QUICK: dict[str, Any] = {"status_delay_ms": (1, 5), "reply_delay_ms": (1, 5), "batch_every_ms": 5, "retry_first_ms": 20}


class Gateway:
    """A webhook receiver. `answers` are the statuses it gives, one after the other; then 200."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.signatures: list[str] = []
        self.visits: list[tuple[str, str]] = []
        self.answers: list[int] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = gateway.answers.pop(0) if gateway.answers else 200
                if status == 200:
                    gateway.bodies.append(body)
                    gateway.signatures.append(self.headers["X-Hub-Signature-256"])
                self._say(status)

            def do_GET(self) -> None:
                gateway.visits.append((self.path, self.headers["User-Agent"]))
                self._say(302)

            def _say(self, status: int) -> None:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class names it so
                """Tests do not chat."""

        return Handler

    def items(self, kind: str) -> list[dict[str, Any]]:
        return [
            item
            for body in list(self.bodies)
            for entry in json.loads(body)["entry"]
            for change in entry["changes"]
            for item in change["value"].get(kind, ())
        ]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    receiver = Gateway()
    yield receiver
    receiver.close()


def post(world: RunningPractice, body: Any, timeout_s: float = 5.0) -> tuple[int, Any]:
    line = HTTPConnection(urlsplit(world.base_url).netloc, timeout=timeout_s)
    headers = {"Authorization": f"Bearer {world.settings.token}", "Content-Type": "application/json"}
    try:
        line.request("POST", f"/v26.0/{NUMBER.id}/messages", json.dumps(body), headers)
        answer = line.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        line.close()


@contextmanager
def client(world: RunningPractice, token: str = "") -> Iterator[WhatsApp]:
    settings = world.settings
    with httpx.Client() as session:
        token = token or settings.token
        wa = WhatsApp(phone_id=NUMBER.id, token=token, waba_id=settings.waba_id, session=session)
        session.base_url = httpx.URL(f"{world.base_url}/v26.0")
        yield wa


@pytest.fixture
def wa(practice: RunningPractice) -> Iterator[WhatsApp]:
    with client(practice) as made:
        yield made


# -- pywa speaks to it as to Meta


def test_pywa_sends_a_template_and_a_text(practice: RunningPractice, wa: WhatsApp) -> None:
    practice.post("people", [{"phone": AYSE, "on_marketing": "read"}])
    practice.post("say", {"from": AYSE, "text": "merhaba"})
    sent = wa.send_template(
        to=AYSE,
        name="spring_offer",
        language=TemplateLanguage.TURKISH,
        params=[
            HeaderText.params(season="Bahar"),
            BodyText.params(first_name="Ayşe", store="Moda"),
            URLButton.params(url_variable="abc", index=0),
            QuickReplyButton.params(callback_data="stop:7", index=1),
        ],
        tracker="t1",
    )
    assert sent.id.startswith("wamid.")
    wa.send_message(to=AYSE, text="Tamam.")
    assert [each["text"] for each in practice.get(f"told?phone={AYSE}")["told"]] == ["Tamam."]


def test_pywa_reads_a_refusal(wa: WhatsApp) -> None:
    with pytest.raises(WhatsAppError) as refused:
        wa.send_template(to=MARY, name="spring_offer", language=TemplateLanguage.TURKISH, params=[])
    assert (refused.value.code, bool(refused.value.details)) == (132000, True)


def test_pywa_reads_templates_over_several_pages(wa: WhatsApp) -> None:
    found = wa.get_templates(pagination=Pagination(limit=4))
    names = [each.name for each in found]
    while found.has_next:
        found = wa.get_templates(pagination=Pagination(limit=4, after=found.after))
        names += [each.name for each in found]
    assert len(names) == 10
    assert set(names) >= {"confirm_optin", "spring_offer"}


@pytest.mark.parametrize("size", [1, 256, 70_000])
def test_pywa_uploads_media_byte_for_byte(wa: WhatsApp, size: int) -> None:
    content = (bytes(range(256)) * (size // 256 + 1))[:size]
    media = wa.upload_media(media=content, mime_type="image/png", filename="a.png")
    shown = wa.get_media_url(media.id)
    assert shown.sha256 == hashlib.sha256(content).hexdigest()
    assert wa.delete_media(media.id)
    with pytest.raises(WhatsAppError):
        wa.get_media_url(media.id)


def test_the_wrong_token_is_refused(practice: RunningPractice) -> None:
    with client(practice, token="stolen") as wa, pytest.raises(WhatsAppError) as refused:
        wa.send_message(to=AYSE, text="hi")
    assert refused.value.code == 190


# -- webhooks


def test_webhooks_come_signed_with_the_app_secret(gateway: Gateway) -> None:
    with running(PracticeSettings(webhook_urls=(gateway.url,), **QUICK)) as world:
        world.post("people", [{"phone": AYSE, "on_marketing": "stop_word", "words": "dur lütfen"}])
        _, answer = post(world, offer(tracker="t1"))
        world.wait_until_quiet()
    assert gateway.bodies
    for body, signed in zip(gateway.bodies, gateway.signatures, strict=True):
        assert signed == signature(body, PracticeSettings().app_secret)
    statuses = gateway.items("statuses")
    assert sorted(each["status"] for each in statuses) == ["delivered", "read", "sent"]
    assert {each["id"] for each in statuses} == {answer["messages"][0]["id"]}
    assert [each["text"]["body"] for each in gateway.items("messages")] == ["dur lütfen"]


def test_a_webhook_that_is_not_answered_200_comes_again(gateway: Gateway) -> None:
    gateway.answers = [500, 503, 404, 302]
    with running(PracticeSettings(webhook_urls=(gateway.url,), **QUICK)) as world:
        world.post("say", {"from": AYSE, "text": "dur"})
        world.wait_until_quiet()
        carried = world.get("received")["webhooks"]
    assert [each["text"]["body"] for each in gateway.items("messages")] == ["dur"]
    assert (carried["posts"], carried["not_200"], carried["answered_200"]) == (5, 4, 1)


def test_what_waits_for_a_gateway_that_is_down_reaches_its_new_address(gateway: Gateway) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{taken.getsockname()[1]}/webhook"
        with running(PracticeSettings(webhook_urls=(nobody,), **QUICK)) as world:
            world.post("say", {"from": AYSE, "text": "dur"})
            _until(lambda: world.get("received")["webhooks"]["unreachable"] >= 2)
            assert world.get("health")["waiting"] > 0
            world.post("webhook", {"url": gateway.url})
            world.wait_until_quiet()
    assert [each["text"]["body"] for each in gateway.items("messages")] == ["dur"]


def _until(true: Callable[[], bool], within_s: float = 10.0) -> None:
    ends = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < ends, "it never came true"
        threading.Event().wait(0.01)


def test_batches_duplicates_and_disorder_lose_nothing(gateway: Gateway) -> None:
    rough = {"batch_items": 7, "duplicate_share": 0.3, "reorder_share": 0.3, "reorder_ms": (1, 60)}
    numbers = (Number(throughput=10_000),)
    shares = {"read": 1.0}
    settings = PracticeSettings(
        webhook_urls=(gateway.url,), numbers=numbers, on_marketing_shares=shares, **(QUICK | rough)
    )
    with running(settings) as world:
        sent = [post(world, offer(f"90555000{place:04d}"))[1]["messages"][0]["id"] for place in range(60)]
        world.wait_until_quiet()
        carried = world.get("received")["webhooks"]
    told = Counter((each["id"], each["status"]) for each in gateway.items("statuses"))
    assert set(told) == {(wamid, status) for wamid in sent for status in ("sent", "delivered", "read")}
    assert sum(told.values()) == 180 + carried["duplicated"]
    assert 25 <= carried["duplicated"] <= 90
    order = [each["status"] for each in gateway.items("statuses") if each["id"] == sent[0]]
    assert order
    assert any(_disordered(gateway, wamid) for wamid in sent)
    assert max(len(list(_items_of(body))) for body in gateway.bodies) <= 7


def _disordered(gateway: Gateway, wamid: str) -> bool:
    rank = {"sent": 0, "delivered": 1, "read": 2}
    order = [rank[each["status"]] for each in gateway.items("statuses") if each["id"] == wamid]
    return order != sorted(order)


def _items_of(body: bytes) -> Iterator[Any]:
    for entry in json.loads(body)["entry"]:
        for change in entry["changes"]:
            yield from change["value"].get("statuses", ())


def test_lost_statuses_are_counted_and_words_are_never_lost(gateway: Gateway) -> None:
    settings = PracticeSettings(webhook_urls=(gateway.url,), loss_share=1.0, **QUICK)
    with running(settings) as world:
        world.post("people", [{"phone": AYSE, "on_marketing": "stop_word"}])
        post(world, offer())
        world.wait_until_quiet()
        carried = world.get("received")["webhooks"]
    assert carried["lost"] == 3
    assert gateway.items("statuses") == []
    assert len(gateway.items("messages")) == 1


def test_a_click_really_opens_the_link(gateway: Gateway) -> None:
    links = gateway.url.removesuffix("/webhook")
    with running(PracticeSettings(links_url=links, **QUICK)) as world:
        world.post("people", [{"phone": AYSE, "on_marketing": "click"}])
        post(world, offer(link="Zx9"))
        _until(lambda: bool(gateway.visits))
    [(path, agent)] = gateway.visits
    assert path == "/r/Zx9"
    assert "Mozilla" in agent


# -- trouble on the line


def test_a_dropped_connection_is_a_dropped_connection() -> None:
    with running(PracticeSettings(drop_after_share=1.0, **QUICK)) as world:
        with pytest.raises((RemoteDisconnected, ConnectionResetError)):
            post(world, offer(tracker="t1"))
        assert world.get("received")["by_ending"] == {"dropped": 1}
        assert world.get("received/trackers")["trackers"] == {"t1": 1}


def test_a_silent_server_makes_the_sender_time_out() -> None:
    with running(PracticeSettings(silent_share=1.0, **QUICK)) as world:
        with pytest.raises(TimeoutError):
            post(world, offer(tracker="t1"), timeout_s=0.3)
        assert world.get("received")["by_ending"] == {"silent": 1}


def test_latency_is_real() -> None:
    with running(PracticeSettings(latency_ms=(80, 90), **QUICK)) as world:
        began = time.perf_counter()
        assert post(world, offer())[0] == 200
        assert time.perf_counter() - began >= 0.08


# -- the process


def test_the_process_ends_with_the_block() -> None:
    with running(PracticeSettings()) as world:
        assert world.get("health")["ok"]
    assert world.process.returncode == 0


def test_doors_complain_in_words(practice: RunningPractice) -> None:
    with pytest.raises(PracticeProblem, match="between 0 and 1"):
        practice.post("settings", {"loss_share": 9})


def test_settings_that_cannot_be_used_stop_the_start(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError, match="did not start"), running(PracticeSettings(loss_share=9.0)):
        pytest.fail("it started")
    assert "loss_share: 9.0 cannot be used" in capfd.readouterr().err


def test_a_port_that_is_taken_is_named(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(RuntimeError), running(PracticeSettings(port=port)):
            pytest.fail("it started")
    said = capfd.readouterr().err
    assert "cannot start" in said
    assert str(port) in said
    assert "Traceback" not in said


def test_it_runs_as_a_module_with_no_settings_at_all() -> None:
    root = Path(__file__).parents[2]
    started = subprocess.Popen(
        [sys.executable, "-m", "gateway.practice"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, cwd=root
    )
    assert started.stdout is not None
    with started.stdout:
        assert int(started.stdout.readline()) > 0
        started.terminate()
        assert started.wait(10) == 0
