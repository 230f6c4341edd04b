"""The webhook as a bare WSGI callable: it stands in front of Flask, whose request costs seven times as much.

GET answers Meta's challenge. POST answers 200 only when the body is durable and what it says about consent binds.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import parse_qs

from gateway.actions.receive_webhook import BODY_BYTES_MAX
from gateway.whatsapp.signature import valid

StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Environ = dict[str, Any]

log = logging.getLogger(__name__)


class Webhook:
    """`receive` takes a proven body and returns when it is durable and binding; it raises when it is not."""

    def __init__(self, secrets: Sequence[str], verify_token: str, receive: Callable[[bytes], None]) -> None:
        self._secrets = tuple(secrets)
        self._verify_token = verify_token
        self._receive = receive

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        match environ["REQUEST_METHOD"]:
            case "POST":
                status, body = self._post(environ)
            case "GET":
                status, body = self._challenge(environ.get("QUERY_STRING", ""))
            case _:
                status, body = "405 Method Not Allowed", b"only GET and POST\n"
        headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
        start_response(status, headers)
        return [body]

    def _challenge(self, query: str) -> tuple[str, bytes]:
        fields = {name: values[-1] for name, values in parse_qs(query).items()}
        given = fields.get("hub.verify_token", "").encode("utf-8", "surrogatepass")
        right = bool(self._verify_token) and hmac.compare_digest(given, self._verify_token.encode())
        if fields.get("hub.mode") != "subscribe" or not right:
            return "403 Forbidden", b"the verify token does not match IZIN_VERIFY_TOKEN\n"
        return "200 OK", fields.get("hub.challenge", "").encode("utf-8", "surrogatepass")

    def _post(self, environ: Environ) -> tuple[str, bytes]:
        body = _read(environ)
        if body is None:
            return "413 Content Too Large", b"a webhook body has at most 3 MB\n"
        if not valid(body, environ.get("HTTP_X_HUB_SIGNATURE_256"), self._secrets):
            return "401 Unauthorized", b"the signature does not match the body\n"
        try:
            self._receive(body)
        except Exception as problem:  # whatever it was, the answer must not be 200: Meta then sends it again
            log.error("a webhook could not be stored: %s", type(problem).__name__)
            return "503 Service Unavailable", b"not stored, please send again\n"
        return "200 OK", b"ok\n"


def _read(environ: Environ) -> bytes | None:
    """The raw body; None when it is longer than any body of Meta's."""
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > BODY_BYTES_MAX:
        return None
    source = environ["wsgi.input"]
    body: bytes = source.read(length) if length else source.read(BODY_BYTES_MAX + 1)
    return None if len(body) > BODY_BYTES_MAX else body
