"""What the server calls for each request: webhooks are answered on its event loop, pages by Flask on threads.

A webhook mostly waits: for its body, then for the commit that it shares with others. On the loop a thousand may wait
at once, and a commit wakes them together; a thread each cost twice the processor time, and no more than there were
threads could share a commit.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from wsgiref.types import WSGIApplication

from granian.rsgi import HTTPProtocol, Scope  # type: ignore[attr-defined]  # public, and not marked as such

from gateway.actions.receive_webhook import BODY_BYTES_MAX
from gateway.storage.group_commit import Hearing
from gateway.web import webhook
from gateway.web.page_request import answered
from gateway.web.webhook import Answer, Webhook, length_of, refusal

PAGE_THREADS = 16
PAGE_BYTES_MAX = 64 * 1024
LONG_BYTES = 128 * 1024
"""Longer bodies, and those of unknown length, are read a few at a time and worked on in a thread: reading 3 MB holds
everybody else on the loop for tens of ms, and a thousand such bodies would fill the memory."""
LONG_AT_ONCE = 16

log = logging.getLogger(__name__)


class Front:
    """An RSGI application. `received` takes a proven body and returns when it is durable and binding."""

    def __init__(
        self, hooks: Webhook, received: Callable[[bytes, Hearing], Awaitable[None]], pages: WSGIApplication
    ) -> None:
        self._hooks, self._received, self._pages = hooks, received, pages
        self._threads = ThreadPoolExecutor(PAGE_THREADS, thread_name_prefix="pages")
        self._long = ThreadPoolExecutor(LONG_AT_ONCE, thread_name_prefix="long-bodies")

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop, self._hearing = loop, Hearing(loop)
        self._long_places = asyncio.Semaphore(LONG_AT_ONCE)

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        if scope.path != webhook.PATH:
            await self._page(scope, protocol)
            return
        method = scope.method
        if method == "POST":
            status, body = await self._post(scope, protocol)
        else:
            status, body = self._hooks.challenge(scope.query_string) if method == "GET" else webhook.NOT_ALLOWED
        protocol.response_bytes(int(status[:3]), webhook.HEADERS, body)

    async def _post(self, scope: Scope, protocol: HTTPProtocol) -> Answer:
        headers = scope.headers
        length, signature = length_of(headers.get("content-length")), headers.get("x-hub-signature-256", "")
        if refused := refusal(length, signature, headers.get("content-encoding", "")):
            return refused
        if length is None or length > LONG_BYTES:
            return await self._long_post(protocol, signature)
        body = await _whole(protocol)
        if not self._hooks.signed(body, signature):
            return webhook.NOT_SIGNED
        try:
            await self._received(body, self._hearing)
        except Exception as problem:  # whatever it was, the answer must not be 200: Meta then sends it again
            return webhook.not_stored(problem)
        return webhook.OK

    async def _long_post(self, protocol: HTTPProtocol, signature: str) -> Answer:
        async with self._long_places:
            body = await _beginning(protocol, BODY_BYTES_MAX)
            if len(body) > BODY_BYTES_MAX:
                return webhook.TOO_LARGE
            return await self._loop.run_in_executor(self._long, self._hooks.answer, body, signature)

    async def _page(self, scope: Scope, protocol: HTTPProtocol) -> None:
        length = length_of(scope.headers.get("content-length"))
        too_long = length is not None and length > PAGE_BYTES_MAX  # Flask refuses it by its length, unread
        body = b"" if too_long else await _beginning(protocol, PAGE_BYTES_MAX)
        told = await self._loop.run_in_executor(self._threads, answered, self._pages, scope, body)
        protocol.response_bytes(told.status, told.headers, told.body)


async def _whole(protocol: HTTPProtocol) -> bytes:
    try:
        return await protocol()
    except Exception as problem:  # the client broke off: there is nobody to be told
        return _broken_off(problem)


async def _beginning(protocol: HTTPProtocol, enough: int) -> bytes:
    """The body, or more than `enough` bytes of it."""
    body = bytearray()
    try:
        async for piece in protocol:
            body += piece
            if len(body) > enough:
                break
    except Exception as problem:
        return _broken_off(problem)
    return bytes(body)


def _broken_off(problem: Exception) -> bytes:
    log.warning("a body broke off: %s", type(problem).__name__)
    return b""
