"""The webhook's door: who may post, what is refused before it is read, and what the answer promises."""

from __future__ import annotations

import gzip
import io
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from gateway.actions.receive_webhook import BODY_BYTES_MAX
from gateway.web.webhook import Webhook
from gateway.whatsapp.signature import sign

SECRET, OLD_SECRET, BODY = "this-year", "last-year", b'{"entry":[]}'


class Shelf:
    """Receives what came through."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []
        self.problem: Exception | None = None

    def receive(self, body: bytes) -> None:
        if self.problem is not None:
            raise self.problem
        self.kept.append(body)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def meta(shelf: Shelf) -> Client:
    return Client(Webhook([SECRET, OLD_SECRET], "verify-me", shelf.receive))


def posted(meta: Client, body: bytes = BODY, header: str | None = None, **options: Any) -> TestResponse:
    headers = {"X-Hub-Signature-256": sign(body, SECRET) if header is None else header}
    return meta.post("/webhook", data=body, headers={**headers, **options.pop("headers", {})}, **options)


def test_a_signed_body_is_received_exactly_as_it_came(meta: Client, shelf: Shelf) -> None:
    body = '{ "entry" : [ ] , "ad":"Ayşe" }\r\n'.encode()
    assert posted(meta, body).status_code == 200
    assert shelf.kept == [body]


def test_while_a_secret_is_rotated_both_sign(meta: Client, shelf: Shelf) -> None:
    assert posted(meta, header=sign(BODY, OLD_SECRET)).status_code == 200
    assert shelf.kept == [BODY]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "sha256=",
        "sha256=" + "0" * 64,
        sign(BODY, "somebody else's"),
        sign(BODY + b" ", SECRET),
        sign(BODY, SECRET).replace("sha256=", "sha1="),
        sign(BODY, SECRET).removeprefix("sha256="),
        sign(BODY, SECRET)[:-1],
        sign(BODY, SECRET) + "0",
        "sha256=" + "ş" * 64,
    ],
)
def test_what_is_not_signed_by_meta_is_refused_and_not_kept(meta: Client, shelf: Shelf, header: str) -> None:
    environ = {"HTTP_X_HUB_SIGNATURE_256": header}
    answer = meta.post("/webhook", data=BODY, environ_overrides=environ)
    assert answer.status_code == 401
    assert shelf.kept == []


def test_an_unsigned_body_is_refused(meta: Client, shelf: Shelf) -> None:
    assert meta.post("/webhook", data=BODY).status_code == 401
    assert shelf.kept == []


def test_without_a_secret_nothing_is_trusted(shelf: Shelf) -> None:
    assert posted(Client(Webhook([], "", shelf.receive)), header=sign(BODY, "")).status_code == 401
    assert posted(Client(Webhook([""], "", shelf.receive)), header=sign(BODY, "")).status_code == 401
    assert shelf.kept == []


def test_a_replayed_body_is_received_again_for_its_items_count_once(meta: Client, shelf: Shelf) -> None:
    assert [posted(meta).status_code for _ in range(2)] == [200, 200]
    assert shelf.kept == [BODY, BODY]


def test_the_largest_body_of_metas_passes_and_one_byte_more_does_not(meta: Client, shelf: Shelf) -> None:
    assert posted(meta, b"x" * BODY_BYTES_MAX).status_code == 200
    assert posted(meta, b"x" * (BODY_BYTES_MAX + 1)).status_code == 413
    assert len(shelf.kept) == 1


class Unread(io.RawIOBase):
    def read(self, size: int = -1) -> bytes:
        raise AssertionError("the body must not be read")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"CONTENT_LENGTH": str(BODY_BYTES_MAX + 1), "HTTP_X_HUB_SIGNATURE_256": "sha256=" + "0" * 64}, "413"),
        ({"CONTENT_LENGTH": "12"}, "401"),
        ({"CONTENT_LENGTH": "12", "HTTP_X_HUB_SIGNATURE_256": "sha256=short"}, "401"),
        (
            {"CONTENT_LENGTH": "12", "HTTP_X_HUB_SIGNATURE_256": "sha256=" + "0" * 64, "HTTP_CONTENT_ENCODING": "gzip"},
            "415",
        ),
    ],
)
def test_what_the_headers_give_away_is_refused_unread(headers: dict[str, str], expected: str, shelf: Shelf) -> None:
    environ: dict[str, Any] = {"REQUEST_METHOD": "POST", "wsgi.input": Unread(), **headers}
    answered: list[str] = []
    list(Webhook([SECRET], "", shelf.receive)(environ, lambda status, *_: answered.append(status)))
    assert answered[0].startswith(expected)


def chunked(body: bytes, length: str | None, secret: str = SECRET) -> dict[str, Any]:
    """A POST whose Content-Length is missing or nonsense."""
    environ = {"REQUEST_METHOD": "POST", "wsgi.input": io.BytesIO(body), "HTTP_X_HUB_SIGNATURE_256": sign(body, secret)}
    return environ if length is None else environ | {"CONTENT_LENGTH": length}


@pytest.mark.parametrize("length", [None, "", "-5", "twelve", "1e3", "9" * 40, "١٢"])
def test_a_body_of_unknown_length_is_read_to_its_end_or_its_limit(length: str | None, shelf: Shelf) -> None:
    webhook, answered = Webhook([SECRET], "", shelf.receive), []
    for body in (BODY, b"x" * (BODY_BYTES_MAX + 1)):
        list(webhook(chunked(body, length), lambda status, *_: answered.append(status)))
    assert [status[:3] for status in answered] == ["200", "413"]
    assert shelf.kept == [BODY]


class BreaksOff(io.RawIOBase):
    def read(self, size: int = -1) -> bytes:
        raise ConnectionResetError("the client went away")


def test_a_client_that_breaks_off_is_answered_without_a_trace(shelf: Shelf) -> None:
    environ = chunked(BODY, str(len(BODY))) | {"wsgi.input": BreaksOff()}
    answered: list[str] = []
    list(Webhook([SECRET], "", shelf.receive)(environ, lambda status, *_: answered.append(status)))
    assert answered == ["401 Unauthorized"]
    assert shelf.kept == []


def test_half_a_body_is_not_what_was_signed(meta: Client, shelf: Shelf) -> None:
    assert posted(meta, BODY[:-3], header=sign(BODY, SECRET)).status_code == 401
    assert shelf.kept == []


@pytest.mark.parametrize("body", [gzip.compress(BODY, mtime=0), gzip.compress(BODY, mtime=0)[:-6]])
def test_an_encoded_body_is_refused_in_words_whole_or_cut_off(meta: Client, shelf: Shelf, body: bytes) -> None:
    answer = posted(meta, body, headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 415
    assert "without Content-Encoding" in answer.text
    assert shelf.kept == []


def test_what_cannot_be_kept_is_not_answered_200(meta: Client, shelf: Shelf, caplog: pytest.LogCaptureFixture) -> None:
    shelf.problem = OSError("no space left for +905550000001")
    assert posted(meta).status_code == 503
    assert "OSError" in caplog.text
    assert "905550000001" not in caplog.text


def test_the_challenge_is_answered_with_its_own_words(meta: Client) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": "verify-me", "hub.challenge": "1158201444"}
    answer = meta.get("/webhook", query_string=query)
    assert (answer.status_code, answer.text) == (200, "1158201444")
    assert answer.headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize(
    "query",
    [
        {"hub.mode": "subscribe", "hub.verify_token": "guess", "hub.challenge": "1"},
        {"hub.mode": "subscribe", "hub.verify_token": "", "hub.challenge": "1"},
        {"hub.mode": "unsubscribe", "hub.verify_token": "verify-me", "hub.challenge": "1"},
        {"hub.challenge": "1"},
        {"hub.mode": "subscribe", "hub.verify_token": "%ed%a0%80%ff", "hub.challenge": "1"},
    ],
)
def test_a_challenge_with_the_wrong_token_is_refused(meta: Client, query: dict[str, str]) -> None:
    text = "&".join(f"{key}={value}" for key, value in query.items())
    answer = meta.get("/webhook", environ_overrides={"QUERY_STRING": text})
    assert answer.status_code == 403
    assert "IZIN_VERIFY_TOKEN" in answer.text


def test_without_a_verify_token_no_challenge_is_met(shelf: Shelf) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": "", "hub.challenge": "1"}
    assert Client(Webhook([SECRET], "", shelf.receive)).get("/webhook", query_string=query).status_code == 403


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", "OPTIONS", "TRACE"])
def test_other_methods_lead_nowhere(meta: Client, method: str) -> None:
    assert meta.open("/webhook", method=method).status_code == 405
