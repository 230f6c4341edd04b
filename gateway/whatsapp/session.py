"""The fast transport under pywa, given to it through its public `session`.

pywa builds and reads, this carries: stock httpx falls from 213 to 46 messages a second as requests in flight grow,
because its pool is quadratic (reference/performance.md 1.2). JSON written to the API's own place, which is every
message, goes over connections of our own; everything else, and all of it behind a proxy, is carried by pyreqwest.
"""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Mapping
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

from gateway.whatsapp.answers import USAGE, Answered
from gateway.whatsapp.connections import Connections, Limits, Place
from gateway.whatsapp.connections import NotSent as NotSent
from gateway.whatsapp.connections import OutcomeUnknown as OutcomeUnknown

CONNECTING = "client error (Connect)"
"""hyper's name, among an error's causes, for the phase before a connection is ready: name, TCP, proxy, TLS."""

PEM_END = b"-----END CERTIFICATE-----"


PORTS = {"http": 80, "https": 443}


UNWRITABLE = "the request cannot be written as HTTP and JSON"


class NotWritable(httpx.RequestError):
    """The request cannot be written as HTTP and JSON at all; trying again is of no use."""


def written(json: Any) -> bytes:
    """Raises NotWritable."""
    try:
        return orjson.dumps(json)
    except (ValueError, TypeError):  # their texts quote the message
        raise NotWritable(UNWRITABLE) from None


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

    def trusted(self) -> ssl.SSLContext:
        """What a server's certificate is verified against. Raises ValueError like `client`."""
        paths = ssl.get_default_verify_paths()
        # A slim container has no authorities of its own: then those that come with httpx.
        context = ssl.create_default_context() if paths.cafile or paths.capath else httpx.create_ssl_context()
        context.set_alpn_protocols(["http/1.1"])
        for certificate in _certificates(self.ca_bundle):
            try:
                context.load_verify_locations(cadata=certificate.decode("ascii"))
            except (ssl.SSLError, ValueError) as error:
                raise ValueError(f"the CA bundle cannot be used: {error.args[-1]}") from error
        return context

    def limits(self) -> Limits:
        return Limits(self.in_flight_max, self.connect_seconds, self.answer_seconds, self.idle_seconds)


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


class FastSession(httpx.AsyncClient):
    """Pass it to `pywa_async.WhatsApp(session=...)`; set `base_url` afterwards, as pywa overwrites it.

    Requests take the shortest way that fits: JSON for the API over kept connections, uploads and downloads httpx's way.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._carrier = wire.client()
        super().__init__(transport=HttpxTransport(self._carrier), timeout=None, trust_env=False)
        self._fixed: dict[str, str] = {}
        self._root: tuple[httpx.URL | None, str] = (None, "")
        self._heads: dict[str, tuple[bytes, Connections]] = {}
        self._lines: dict[tuple[str, str, int], Connections] = {}

    def request(  # type: ignore[override]  # pywa awaits it, and reads no more of a response than Answered has
        self,
        method: str,
        url: str,
        *,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        **other: Any,
    ) -> Awaitable[httpx.Response]:
        """Raises NotWritable, NotSent or OutcomeUnknown; an HTTP error status is an answer and raises nothing."""
        if other:
            return super().request(method, url, json=json, params=params, headers=headers, **other)
        body = None if json is None else written(json)
        if method == "POST" and body is not None and params is None and headers is None:
            return cast(Awaitable[httpx.Response], self.tell(url, body))
        return cast(Awaitable[httpx.Response], self._carried(method, url, body, params, headers))

    def tell(self, url: str, body: bytes) -> Awaitable[Answered]:
        """POST a body that is JSON already, by the same way and with the same errors as `request`."""
        if self._wire.proxy is not None:
            return self._carried("POST", url, body, None, None)
        try:
            head, lines = self._way(url)
        except (ValueError, httpx.InvalidURL):  # their texts quote the token
            raise NotWritable(UNWRITABLE) from None
        return lines.ask(b"%b%d\r\n\r\n%b" % (head, len(body), body))

    @property
    def waiting(self) -> int:
        """Requests told that wait for a connection; of those behind a proxy nobody knows."""
        return sum(lines.waiting for lines in self._lines.values())

    async def make_ready(self, requests: int) -> None:
        """Connections for so many requests at once. Behind a proxy they are opened as they are needed."""
        if self._wire.proxy is None:
            await self._lines_to(httpx.URL(self._absolute(""))).make_ready(requests)

    async def _carried(
        self,
        method: str,
        url: str,
        body: bytes | None,
        params: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
    ) -> Answered:
        try:
            response = await self._built(method, url, body, params, headers).send()
            content = bytes(await response.bytes())
        except exceptions.PyreqwestError as error:
            raise _told_apart(error) from error
        return Answered(response.status, content, True, (response.get_header(USAGE) or "").encode())

    def _way(self, url: str) -> tuple[bytes, Connections]:
        """The head of a POST, up to the body's length, and what carries it; kept, since they are always the same."""
        if self._root[0] is not self.base_url:
            self._heads.clear()
        found = self._heads.get(url)
        if found is None:
            target = httpx.URL(self._absolute(url))
            found = self._heads[url] = (_head(target, self._sent_headers(None)), self._lines_to(target))
        return found

    def _lines_to(self, url: httpx.URL) -> Connections:
        port = url.port or PORTS[url.scheme]
        if (url.scheme, url.host, port) not in self._lines:
            place = Place(url.host, port, self._wire.trusted() if url.scheme == "https" else None)
            self._lines[url.scheme, url.host, port] = Connections(place, self._wire.limits())
        return self._lines[url.scheme, url.host, port]

    def _built(
        self,
        method: str,
        url: str,
        body: bytes | None,
        params: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
    ) -> ConsumedRequest:
        try:
            builder = self._carrier.request(method, self._absolute(url)).headers(self._sent_headers(headers))
            if params:
                builder = builder.query({name: str(value) for name, value in params.items()})
            return (builder if body is None else builder.body_bytes(body)).build()
        except (ValueError, TypeError):  # their texts quote the token
            raise NotWritable(UNWRITABLE) from None

    async def aclose(self) -> None:
        for lines in self._lines.values():
            lines.close()
        await self._carrier.close()
        await super().aclose()

    def _absolute(self, url: str) -> str:
        if url.startswith(("https://", "http://")):
            return url
        if self._root[0] is not self.base_url:
            self._root = (self.base_url, str(self.base_url).rstrip("/"))
        return f"{self._root[1]}/{url.lstrip('/')}"

    def _sent_headers(self, extra: Mapping[str, str] | None) -> dict[str, str]:
        """Kept between requests: httpx's headers take longer to read than the rest of a request to build."""
        if not self._fixed:
            self._fixed = {
                "Authorization": self.headers["Authorization"],
                "User-Agent": self.headers["User-Agent"],
                "Content-Type": "application/json",
            }
        return self._fixed | dict(extra) if extra else self._fixed


def _head(url: httpx.URL, headers: Mapping[str, str]) -> bytes:
    """A POST's head without the body's length, which comes last. Raises ValueError for what HTTP cannot carry."""
    if url.scheme not in PORTS or not url.host or not (url.port is None or 0 < url.port < 65_536):
        raise ValueError("not an address of a server")
    lines = [b"POST %b HTTP/1.1" % url.raw_path, b"Host: %b" % url.netloc, b"Accept: */*"]
    for name, value in headers.items():
        if not (value.isascii() and value.isprintable()):
            raise ValueError(f"the header {name} holds what HTTP cannot carry")
        lines.append(f"{name}: {value}".encode("ascii"))
    return b"\r\n".join([*lines, b"Content-Length: "])
