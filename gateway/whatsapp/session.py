"""The fast transport under pywa: an httpx client whose requests are carried by pyreqwest.

pywa builds and reads, this carries: stock httpx falls from 213 to 46 messages a second as requests in flight grow,
because its pool is quadratic (reference/performance.md 1.2). It is given to pywa through its public `session`.

An error tells whether anything was written. `NotSent`: nothing left, trying again cannot write twice.
`OutcomeUnknown`: Meta may have it, and the Cloud API has no idempotency key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import httpx
import orjson
from pyreqwest import exceptions
from pyreqwest.client import Client, ClientBuilder
from pyreqwest.compatibility.httpx import HttpxTransport
from pyreqwest.proxy import ProxyBuilder
from pyreqwest.request import ConsumedRequest

CONNECTING = "client error (Connect)"
"""hyper's name, among an error's causes, for the phase before a connection is ready: name, TCP, proxy, TLS."""

PEM_END = b"-----END CERTIFICATE-----"


class NotSent(httpx.RequestError):
    """The connection could not be made, verified or had from the pool in time; no byte of the request left."""


class NotWritable(httpx.RequestError):
    """The request cannot be written as HTTP and JSON at all; trying again is of no use."""


class OutcomeUnknown(httpx.RequestError):
    """The request was at least begun and its answer did not arrive whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """How requests are carried. `ca_bundle` is PEM that is trusted besides the system's own authorities.

    `answer_seconds` bounds a request from its first connecting to the last byte of the answer, and should stay
    well below the age at which a claimed message counts as crashed. `idle_seconds` stays below the time after
    which a server or load balancer drops idle connections, so that none is closed under a request.
    """

    in_flight_max: int = 2048
    connect_seconds: float = 5.0
    answer_seconds: float = 30.0
    idle_seconds: float = 15.0
    ca_bundle: bytes | None = None
    proxy: str | None = None

    def __post_init__(self) -> None:
        if self.in_flight_max < 1:
            raise ValueError(f"at least 1 request must be allowed in flight, not {self.in_flight_max}")
        if not 0 < self.connect_seconds < self.answer_seconds:
            raise ValueError("the time to connect must be above 0 and below the time to answer")

    def client(self) -> Client:
        """A pyreqwest client: TLS verified, HTTP/1.1 kept alive, no redirects, no proxy from the environment.

        Raises ValueError when `ca_bundle` holds no certificate or `proxy` is not an address.
        """
        builder = (
            ClientBuilder()
            .http1_only()
            .follow_redirects(False)  # a redirected POST would carry the token to somebody else
            .max_connections(self.in_flight_max)
            .pool_timeout(timedelta(seconds=self.connect_seconds))
            .pool_max_idle_per_host(self.in_flight_max)
            .pool_idle_timeout(timedelta(seconds=self.idle_seconds))
            .connect_timeout(timedelta(seconds=self.connect_seconds))
            .timeout(timedelta(seconds=self.answer_seconds))
        )
        for certificate in _certificates(self.ca_bundle):
            builder = builder.add_root_certificate_pem(certificate)
        try:
            return (builder.proxy(_proxy(self.proxy)) if self.proxy else builder.no_proxy()).build()
        except exceptions.BuilderError as error:
            raise ValueError(f"the CA bundle cannot be used: {_last_cause(error)}") from error


def _proxy(address: str) -> ProxyBuilder:
    try:
        return ProxyBuilder.all(address)
    except ValueError as error:  # without the address, which may hold a password
        raise ValueError(f"the proxy is not an address like http://host:port ({error})") from None


def _certificates(bundle: bytes | None) -> list[bytes]:
    """pyreqwest reads one certificate at a time; a bundle is many."""
    if bundle is None:
        return []
    blocks = [block[block.find(b"-----BEGIN CERTIFICATE-----") :] for block in bundle.split(PEM_END)[:-1]]
    if not blocks:
        raise ValueError("the CA bundle holds no PEM certificate (-----BEGIN CERTIFICATE-----)")
    return [block + PEM_END + b"\n" for block in blocks]


def _told_apart(error: exceptions.PyreqwestError) -> NotSent | OutcomeUnknown:
    """pyreqwest's own classes do not tell: its ConnectError is also a reset *after* the request was read, and
    its ConnectTimeoutError the whole deadline. Only the chain of causes names the phase; in doubt it is unknown."""
    nothing_written = CONNECTING in _causes(error) or isinstance(
        error, (exceptions.PoolTimeoutError, exceptions.BuilderError)
    )
    return NotSent(_last_cause(error)) if nothing_written else OutcomeUnknown(_last_cause(error))


def _causes(error: exceptions.PyreqwestError) -> list[str]:
    causes = error.details.get("causes") if isinstance(error, exceptions.DetailedPyreqwestError) else None
    return [cause["message"] for cause in causes or ()]


def _last_cause(error: exceptions.PyreqwestError) -> str:
    return (_causes(error) or [type(error).__name__])[-1]


class Answer:
    """The part of httpx.Response that pywa reads."""

    __slots__ = ("content", "headers", "status_code")

    def __init__(self, status_code: int, content: bytes, headers: Mapping[str, str]) -> None:
        self.status_code, self.content, self.headers = status_code, content, headers

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        return orjson.loads(self.content)


class FastSession(httpx.AsyncClient):
    """Pass it to `pywa_async.WhatsApp(session=...)`; set `base_url` afterwards, as pywa overwrites it.

    JSON requests go straight to the wire; anything else (uploads, downloads) takes httpx's way over the same wire.
    """

    def __init__(self, wire: Wire) -> None:
        self._carrier = wire.client()
        super().__init__(transport=HttpxTransport(self._carrier), timeout=None, trust_env=False)
        self._fixed: dict[str, str] = {}
        self._root: tuple[httpx.URL | None, str] = (None, "")

    async def request(  # type: ignore[override]  # pywa reads no more of a response than Answer has
        self,
        method: str,
        url: str,
        *,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        **other: Any,
    ) -> httpx.Response:
        """Raises NotWritable, NotSent or OutcomeUnknown; an HTTP error status is an answer and raises nothing."""
        if other:
            return await super().request(method, url, json=json, params=params, headers=headers, **other)
        try:
            request = self._built(method, url, json, params, headers)
            response = await request.send()
            content = bytes(await response.bytes())
        except exceptions.PyreqwestError as error:
            raise _told_apart(error) from error
        return cast(httpx.Response, Answer(response.status, content, response.headers))

    def _built(
        self,
        method: str,
        url: str,
        json: Any,
        params: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
    ) -> ConsumedRequest:
        try:
            builder = self._carrier.request(method, self._absolute(url)).headers(self._sent_headers(headers))
            if params:
                builder = builder.query({name: str(value) for name, value in params.items()})
            return (builder if json is None else builder.body_bytes(orjson.dumps(json))).build()
        except (ValueError, TypeError):  # their texts quote the token and the message
            raise NotWritable("the request cannot be written as HTTP and JSON") from None

    async def aclose(self) -> None:
        await self._carrier.close()
        await super().aclose()

    def _absolute(self, url: str) -> str:
        if url.startswith(("https://", "http://")):
            return url
        if self._root[0] is not self.base_url:
            self._root = (self.base_url, str(self.base_url).rstrip("/"))
        return f"{self._root[1]}/{url.lstrip('/')}"

    def forget_headers(self) -> None:
        """The token has changed: the next request reads the headers anew."""
        self._fixed = {}

    def _sent_headers(self, extra: Mapping[str, str] | None) -> dict[str, str]:
        """Kept between requests: httpx's headers take longer to read than the rest of a request to build."""
        if not self._fixed:
            self._fixed = {
                "Authorization": self.headers["Authorization"],
                "User-Agent": self.headers["User-Agent"],
                "Content-Type": "application/json",
            }
        return self._fixed | dict(extra) if extra else self._fixed
