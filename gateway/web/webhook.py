"""The webhook in front of Flask, whose request costs seven times as much; here as a bare WSGI callable.

GET answers Meta's challenge. POST answers 200 only when the body is durable and what it says about consent binds.
What can be refused is refused before the body is read, so strangers cannot keep a thread busy with it.
"""

from __future__ import annotations

import hmac
import logging
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import parse_qs
from wsgiref.types import WSGIEnvironment

from gateway.actions.receive_webhook import BODY_BYTES_MAX
from gateway.whatsapp.signature import valid

StartResponse = Callable[..., Any]
Answer = tuple[str, bytes]

PATH = "/webhook"

NOT_SIGNED: Answer = ("401 Unauthorized", b"the signature does not match the body\n")
TOO_LARGE: Answer = ("413 Content Too Large", b"a webhook body has at most 3 MB\n")
NOT_ALLOWED: Answer = ("405 Method Not Allowed", b"only GET and POST\n")
_ENCODED: Answer = ("415 Unsupported Media Type", b"send the body as it was signed, without Content-Encoding\n")
NOT_STORED: Answer = ("503 Service Unavailable", b"not stored, please send again\n")

_SIGNATURE = re.compile(r"\s*sha256=[0-9a-f]{64}\s*", re.ASCII)

HEADERS = [("Content-Type", "text/plain; charset=utf-8"), ("X-Content-Type-Options", "nosniff")]
OK: Answer = ("200 OK", b"ok\n")

log = logging.getLogger(__name__)


class Webhook:
    """`receive` takes a proven body and returns when it is durable and binding; it raises when it is not."""

    def __init__(self, secrets: Sequence[str], verify_token: str, receive: Callable[[bytes], None]) -> None:
        self._secrets = tuple(secrets)
        self._verify_token = verify_token
        self._receive = receive

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        match environ["REQUEST_METHOD"]:
            case "POST":
                status, body = self._post(environ)
            case "GET":
                status, body = self.challenge(environ.get("QUERY_STRING", ""))
            case _:
                status, body = NOT_ALLOWED
        start_response(status, [*HEADERS, ("Content-Length", str(len(body)))])
        return [body]

    def challenge(self, query: str) -> Answer:
        fields = {name: values[-1] for name, values in parse_qs(query).items()}
        given = fields.get("hub.verify_token", "").encode("utf-8", "surrogatepass")
        right = bool(self._verify_token) and hmac.compare_digest(given, self._verify_token.encode())
        if fields.get("hub.mode") != "subscribe" or not right:
            return "403 Forbidden", b"the verify token does not match IZIN_VERIFY_TOKEN\n"
        return "200 OK", fields.get("hub.challenge", "").encode("utf-8", "surrogatepass")

    def _post(self, environ: WSGIEnvironment) -> Answer:
        length = length_of(environ.get("CONTENT_LENGTH"))
        header = environ.get("HTTP_X_HUB_SIGNATURE_256", "")
        if refused := refusal(length, header, environ.get("HTTP_CONTENT_ENCODING", "")):
            return refused
        body = _read(environ["wsgi.input"], length)
        return TOO_LARGE if body is None else self.answer(body, header)

    def answer(self, body: bytes, header: str) -> Answer:
        """What to say to a body; it is durable and binds when this is 200."""
        if not self.signed(body, header):
            return NOT_SIGNED
        try:
            self._receive(body)
        except Exception as problem:  # whatever it was, the answer must not be 200: Meta then sends it again
            return not_stored(problem)
        return OK

    def signed(self, body: bytes, header: str) -> bool:
        return valid(body, header, self._secrets)


def not_stored(problem: Exception) -> Answer:
    log.error("a webhook was not answered 200: %s", type(problem).__name__)
    return NOT_STORED


def refusal(length: int | None, signature: str, encoding: str) -> Answer | None:
    """What is wrong with a POST as far as its headers tell: its length in bytes where known, and how it is signed."""
    if length is not None and length > BODY_BYTES_MAX:
        return TOO_LARGE
    if not _SIGNATURE.fullmatch(signature):
        return NOT_SIGNED
    if encoding and encoding.strip().lower() not in ("", "identity"):
        return _ENCODED
    return None


def length_of(header: str | None) -> int | None:
    """What Content-Length says; None where it says nothing that can be believed."""
    return int(header) if header and header.isascii() and header.isdecimal() and len(header) < 20 else None


def _read(source: Any, length: int | None) -> bytes | None:
    """The raw body; None when it is longer than any body of Meta's. A client that breaks off leaves what it sent."""
    try:
        body: bytes = source.read(BODY_BYTES_MAX + 1 if length is None else length)
    except Exception as problem:  # servers differ in what they raise when a client breaks off
        log.warning("a webhook broke off: %s", type(problem).__name__)
        body = b""
    return None if len(body) > BODY_BYTES_MAX else body
