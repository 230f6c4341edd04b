"""The wire: what each way of breaking says about whether anything was written."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.whatsapp.session import FastSession, NotSent, NotWritable, OutcomeUnknown, Wire
from tests.whatsapp.sink import Drop, Reply, Request, Script, Sink, Stall, with_sink

QUICK = Wire(connect_seconds=0.3, answer_seconds=0.6)


async def post(url: str, wire: Wire = QUICK) -> httpx.Response:
    session = FastSession(wire)
    session.base_url = url
    session.headers["Authorization"] = "Bearer one"
    try:
        return await session.request("POST", "/1/messages", json={"to": "x"})
    finally:
        await session.aclose()


def nobody_listens() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def breaking(script: Script, wire: Wire = QUICK) -> tuple[str, Sink]:
    """The error that one POST ends with, and the sink that saw it."""
    raised: list[str] = []

    async def talk(sink: Sink) -> None:
        with pytest.raises(httpx.RequestError) as caught:
            await post(sink.url(), wire)
        raised.append(type(caught.value).__name__)

    sink = with_sink(script, talk)
    return raised[0], sink


def test_a_refused_connection_wrote_nothing() -> None:
    with pytest.raises(NotSent):
        asyncio.run(post(nobody_listens()))


def test_a_name_that_does_not_resolve_wrote_nothing() -> None:
    with pytest.raises(NotSent):
        asyncio.run(post("http://graph.invalid"))


def test_a_connection_that_is_never_completed_wrote_nothing() -> None:
    """A full accept queue: the kernel answers no more SYNs, so connecting runs into its deadline."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(address)
        try:
            with pytest.raises(NotSent):
                asyncio.run(post(f"http://127.0.0.1:{address[1]}"))
        finally:
            for filler in fillers:
                filler.close()


def test_a_handshake_that_is_never_answered_wrote_nothing() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(5)
        with pytest.raises(NotSent):
            asyncio.run(post(f"https://127.0.0.1:{silent.getsockname()[1]}"))


def test_no_answer_in_time_leaves_the_outcome_unknown() -> None:
    error, sink = breaking(lambda _: Stall())
    assert error == "OutcomeUnknown"
    assert len(sink.requests) == 1


def test_a_reset_after_the_request_leaves_the_outcome_unknown_and_is_not_repeated() -> None:
    error, sink = breaking(lambda _: Drop())
    assert error == "OutcomeUnknown"
    assert len(sink.requests) == 1


def test_an_answer_cut_short_leaves_the_outcome_unknown() -> None:
    error, sink = breaking(lambda _: Reply(body=b"x" * 1000, cut_short=True))
    assert error == "OutcomeUnknown"
    assert len(sink.requests) == 1


def test_a_reset_on_a_kept_connection_is_not_repeated_either() -> None:
    """The client library may repeat what it never wrote; what the server has read must not come twice."""
    answers = iter(list[Reply | Drop]([Reply(), Drop(), Reply()]))

    async def talk(sink: Sink) -> None:
        session = FastSession(QUICK)
        session.base_url = sink.url()
        session.headers["Authorization"] = "Bearer one"
        await session.request("POST", "/1/messages", json={"n": 1})
        with pytest.raises(OutcomeUnknown):
            await session.request("POST", "/1/messages", json={"n": 2})
        await session.aclose()

    sink = with_sink(lambda _: next(answers), talk)
    assert [request.json["n"] for request in sink.requests] == [1, 2]


def test_waiting_too_long_for_a_free_connection_wrote_nothing() -> None:
    async def talk(sink: Sink) -> None:
        session = FastSession(Wire(in_flight_max=1, connect_seconds=0.2, answer_seconds=2))
        session.base_url = sink.url()
        session.headers["Authorization"] = "Bearer one"
        first = asyncio.ensure_future(session.request("POST", "/1/messages", json={"n": 1}))
        await asyncio.sleep(0)
        with pytest.raises(NotSent):
            await session.request("POST", "/1/messages", json={"n": 2})
        assert (await first).status_code == 200
        await session.aclose()

    sink = with_sink(lambda _: Reply(after_seconds=0.7), talk)
    assert [request.json["n"] for request in sink.requests] == [1]


def test_a_redirect_is_not_followed_with_the_token() -> None:
    async def talk(sink: Sink) -> None:
        assert (await post(sink.url())).status_code == 307

    sink = with_sink(lambda _: Reply(307), talk)
    assert len(sink.requests) == 1


def test_an_http_error_is_an_answer() -> None:
    async def talk(sink: Sink) -> None:
        answer = await post(sink.url())
        assert (answer.status_code, answer.text) == (503, "down")
        with pytest.raises(ValueError):
            answer.json()

    with_sink(lambda _: Reply(503, b"down"), talk)


def recorded(talk: Callable[[FastSession], Awaitable[None]], wire: Wire = QUICK) -> list[Request]:
    async def run(sink: Sink) -> None:
        session = FastSession(wire)
        session.base_url = f"{sink.url()}/v26.0"
        session.headers["Authorization"] = "Bearer one"
        await talk(session)
        await session.aclose()

    return with_sink(lambda _: Reply(), run).requests


def test_connections_are_kept_alive() -> None:
    async def run(sink: Sink) -> None:
        session = FastSession(QUICK)
        session.base_url = sink.url()
        session.headers["Authorization"] = "Bearer one"
        for _ in range(20):
            await session.request("POST", "/1/messages", json={})
        await session.aclose()

    sink = with_sink(lambda _: Reply(), run)
    assert (sink.connections, len(sink.requests)) == (1, 20)


def test_a_changed_base_url_holds_from_the_next_request() -> None:
    async def talk(session: FastSession) -> None:
        await session.request("POST", "/1/messages", json={})
        session.base_url = str(session.base_url).replace("v26.0", "v27.0")
        await session.request("POST", "/1/messages", json={})

    assert [r.target for r in recorded(talk)] == ["/v26.0/1/messages", "/v27.0/1/messages"]


def test_parameters_and_headers_of_one_request_stay_with_it() -> None:
    async def talk(session: FastSession) -> None:
        await session.request("GET", "/9", params={"fields": "id,name", "limit": 100}, headers={"X-A": "1"})
        await session.request("GET", "/9")

    first, second = recorded(talk)
    assert first.target == "/v26.0/9?fields=id%2Cname&limit=100"
    assert first.headers["x-a"] == "1"
    assert "x-a" not in second.headers


def test_other_kinds_of_request_take_the_same_wire() -> None:
    async def talk(session: FastSession) -> None:
        answer = await session.request("POST", "/1/media", files={"file": ("a.txt", b"hello", "text/plain")})
        assert answer.status_code == 200

    (upload,) = recorded(talk)
    assert b"hello" in upload.body
    assert upload.headers["authorization"] == "Bearer one"


def test_the_proxy_that_is_set_carries_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", nobody_listens())

    async def talk(sink: Sink) -> None:
        answer = await post("http://graph.invalid", Wire(proxy=sink.url()))
        assert answer.status_code == 200

    (request,) = with_sink(lambda _: Reply(), talk).requests
    assert request.target == "http://graph.invalid/1/messages"


def test_a_proxy_from_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, nobody_listens())

    async def talk(sink: Sink) -> None:
        assert (await post(sink.url())).status_code == 200

    with_sink(lambda _: Reply(), talk)


def test_an_unreachable_proxy_wrote_nothing() -> None:
    with pytest.raises(NotSent):
        asyncio.run(post("https://graph.invalid", Wire(proxy=nobody_listens())))


def test_a_request_leaves_no_trace_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        recorded(lambda session: _post_secret(session))
    assert "905550000001" not in caplog.text
    assert "Bearer" not in caplog.text


async def _post_secret(session: FastSession) -> None:
    await session.request("POST", "/1/messages", json={"to": "+905550000001"})


@pytest.mark.parametrize(
    ("wire", "says"),
    [
        ({"in_flight_max": 0}, "at least 1 request"),
        ({"connect_seconds": 30.0, "answer_seconds": 30.0}, "below the time to answer"),
        ({"connect_seconds": 0.0}, "above 0"),
    ],
)
def test_limits_that_cannot_be_are_named(wire: dict[str, float], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Wire(**wire)  # type: ignore[arg-type]


def test_a_bundle_without_certificates_is_named() -> None:
    with pytest.raises(ValueError, match="no PEM certificate"):
        FastSession(Wire(ca_bundle=b"not a certificate"))


def test_a_broken_certificate_in_the_bundle_is_named() -> None:
    broken = b"-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----\n"
    with pytest.raises(ValueError, match="CA bundle cannot be used"):
        FastSession(Wire(ca_bundle=broken))


def test_a_proxy_that_is_no_address_is_named_without_its_password() -> None:
    with pytest.raises(ValueError, match="not an address like") as caught:
        FastSession(Wire(proxy="http://user:hunter2@some where"))
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "token", "body"),
    [
        ("nonsense", "x", {}),
        ("http://localhost:99999", "x", {}),
        ("http://localhost:1", "hunter2\nx", {}),
        ("http://localhost:1", "x", {"text": "\ud800"}),
        ("http://localhost:1", "x", {"text": object()}),
    ],
)
def test_what_cannot_be_written_says_so_and_quotes_nothing(url: str, token: str, body: dict[str, object]) -> None:
    async def run() -> None:
        session = FastSession(QUICK)
        session.base_url = url
        session.headers["Authorization"] = token
        try:
            await session.request("POST", "/1/messages", json=body)
        finally:
            await session.aclose()

    with pytest.raises(NotWritable) as caught:
        asyncio.run(run())
    assert "hunter2" not in str(caught.value)


# TLS: an authority and a leaf of our own, made for each run.


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, issuer: x509.Name, signer: ec.EllipticCurvePrivateKey, *, ca: bool
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if not ca:
        names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
        builder = builder.add_extension(names, critical=False)
    return builder.sign(signer, hashes.SHA256())


def _authority(name: str) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return _certificate(name, key, subject, key, ca=True), key


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, bytes]:
    """A server's context and the bundle that trusts it, which begins with another authority and a comment."""
    authority, signer = _authority("sink authority")
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = _certificate("localhost", key, authority.subject, signer, ca=False)
    folder: Path = tmp_path_factory.mktemp("tls")
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "leaf.pem").write_bytes(_pem(leaf) + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "leaf.pem")
    return context, b"# company roots\n" + _pem(_authority("another")[0]) + _pem(authority)


def test_an_unknown_authority_is_refused_before_anything_is_written(tls: tuple[ssl.SSLContext, bytes]) -> None:
    async def talk(sink: Sink) -> None:
        with pytest.raises(NotSent):
            await post(sink.url("https"))

    assert with_sink(lambda _: Reply(), talk, tls=tls[0]).requests == []


def test_a_ca_bundle_makes_its_authorities_trusted(tls: tuple[ssl.SSLContext, bytes]) -> None:
    async def talk(sink: Sink) -> None:
        answer = await post(sink.url("https"), Wire(ca_bundle=tls[1]))
        assert answer.status_code == 200

    assert len(with_sink(lambda _: Reply(), talk, tls=tls[0]).requests) == 1


def test_connections_are_made_ready_where_messages_go() -> None:
    async def talk(sink: Sink) -> None:
        session = FastSession(Wire())
        session.base_url = f"http://127.0.0.1:{sink.port}/v23.0"
        session.headers["Authorization"] = "Bearer one"
        await session.make_ready(3)
        answer = await session.tell("1/messages", b"{}")
        await session.aclose()
        assert answer.status_code == 200

    assert with_sink(lambda _: Reply(), talk).connections == 3
