from __future__ import annotations

import socket
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.practice.wire import (
    BODY_BYTES_MAX,
    HEAD_BYTES_MAX,
    Answer,
    BadRequest,
    Connection,
    Ending,
    Request,
    take_request,
    waited_s,
)
from tests.practice.conftest import StillLoop


class Line:
    """A socket on which the last bytes arrived some milliseconds ago."""

    def __init__(self, milliseconds: int) -> None:
        self._info = bytes(52) + milliseconds.to_bytes(4, sys.byteorder)

    def getsockopt(self, level: int, name: int, size: int) -> bytes:
        assert (level, name) == (socket.IPPROTO_TCP, socket.TCP_INFO)
        return self._info[:size]


class Wire:
    """The other end of a connection, as bytes."""

    def __init__(self) -> None:
        self.written = b""
        self.closed = False
        self.aborted = False
        self.line: Line | None = None

    def get_extra_info(self, name: str) -> Line | None:
        return self.line if name == "socket" else None

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.aborted = True

    @property
    def bodies(self) -> list[bytes]:
        return [part.split(b"\r\n\r\n", 1)[1] for part in self.written.split(b"HTTP/1.1 ")[1:]]


def connected(*answers: Answer) -> tuple[Connection, Wire, list[Request], StillLoop]:
    seen: list[Request] = []
    waiting = iter(answers)

    def handle(request: Request) -> Answer:
        seen.append(request)
        return next(waiting, Answer(200, request.body))

    loop, wire = StillLoop(), Wire()
    connection = Connection(handle, loop)  # type: ignore[arg-type]
    connection.connection_made(wire)  # type: ignore[arg-type]
    return connection, wire, seen, loop


def post(body: bytes, path: str = "/v26.0/1/messages", extra: bytes = b"") -> bytes:
    return b"POST %s HTTP/1.1\r\nHost: a\r\n%sContent-Length: %d\r\n\r\n%s" % (path.encode(), extra, len(body), body)


def chunked(*parts: bytes) -> bytes:
    head = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def test_a_request_is_read_with_path_query_headers_and_body() -> None:
    taken = take_request(bytearray(post(b"{}", "/v26.0/12/a%20b?fields=id,name&after=x", b"X-Thing:  yes \r\n")))
    assert taken is not None
    assert (taken.method, taken.path, taken.body) == ("POST", "/v26.0/12/a b", b"{}")
    assert taken.parameters() == {"fields": "id,name", "after": "x"}
    assert taken.header(b"x-thing") == b"yes"
    assert taken.header(b"thing") == b""


@given(st.lists(st.binary(max_size=60), min_size=1, max_size=5), st.data())
def test_requests_are_the_same_however_the_bytes_arrive(bodies: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(
        post(body) if place % 2 else chunked(b"!" + body[:9], body[9:] + b"!") for place, body in enumerate(bodies)
    )
    whole, _, together, _ = connected()
    whole.data_received(stream)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    pieces, _, apart, _ = connected()
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        pieces.data_received(stream[start:end])
    assert [each.body for each in apart] == [each.body for each in together]
    assert len(together) == len(bodies)


def test_chunks_are_put_together() -> None:
    buffer = bytearray(chunked(b"hello ", b"world") + b"GET /next")
    taken = take_request(buffer)
    assert taken is not None
    assert taken.body == b"hello world"
    assert bytes(buffer) == b"GET /next"


@pytest.mark.parametrize(
    "stream",
    [
        b"NONSENSE\r\n\r\n",
        b"POST / HTTP/1.1 extra\r\n\r\n",
        b"\xff\xfe / HTTP/1.1\r\n\r\n",
        b"a" * (HEAD_BYTES_MAX + 1),
        b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (BODY_BYTES_MAX + 1),
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_not_http_is_refused_in_words_and_the_line_is_closed(stream: bytes) -> None:
    with pytest.raises(BadRequest, match=r"the request|a chunk"):
        take_request(bytearray(stream))
    connection, wire, seen, _ = connected()
    connection.data_received(stream)
    assert wire.written.startswith(b"HTTP/1.1 400 Bad Request")
    connection.data_received(post(b"{}"))
    assert wire.closed
    assert seen == []


def test_answers_keep_the_order_of_the_requests() -> None:
    connection, wire, _, loop = connected(Answer(200, b"slow", after_s=0.5), Answer(200, b"fast"))
    connection.data_received(post(b"1") + post(b"2") + post(b"3"))
    assert wire.bodies == []
    loop.advance(1)
    assert wire.bodies == [b"slow", b"fast", b"3"]


def test_thousands_of_requests_in_one_packet_do_not_pile_up() -> None:
    connection, wire, seen, _ = connected()
    connection.data_received(post(b"x") * 5000)
    assert len(seen) == 5000
    assert wire.written.count(b"HTTP/1.1 200 OK") == 5000


def test_a_dropped_request_closes_the_line_without_a_word() -> None:
    connection, wire, seen, _ = connected(Answer(0, b"", Ending.DROP))
    connection.data_received(post(b"1") + post(b"2"))
    assert (wire.written, wire.aborted, len(seen)) == (b"", True, 1)


def test_a_drop_waits_for_its_latency() -> None:
    connection, wire, _, loop = connected(Answer(0, b"", Ending.DROP, 0.2))
    connection.data_received(post(b"1"))
    assert not wire.aborted
    loop.advance(0.3)
    assert wire.aborted


def test_silence_leaves_the_line_open_and_unanswered() -> None:
    connection, wire, seen, loop = connected(Answer(200, b"", Ending.SILENCE))
    connection.data_received(post(b"1") + post(b"2"))
    loop.advance(3600)
    assert (wire.written, wire.aborted, wire.closed, len(seen)) == (b"", False, False, 1)


def test_connection_close_is_honoured() -> None:
    connection, wire, _, _ = connected()
    connection.data_received(post(b"1", extra=b"Connection: close\r\n"))
    assert wire.closed


def test_a_client_that_asks_first_is_told_to_go_on() -> None:
    connection, wire, seen, _ = connected()
    connection.data_received(b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    assert wire.written == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.data_received(b"{}")
    assert [each.body for each in seen] == [b"{}"]


def test_a_client_that_left_gets_nothing() -> None:
    connection, wire, _, loop = connected(Answer(200, b"late", after_s=1))
    connection.data_received(post(b"1"))
    connection.connection_lost(None)
    loop.advance(2)
    assert wire.written == b""


def test_an_answer_may_bring_further_lines_in_its_head() -> None:
    connection, wire, _, _ = connected(Answer(400, b"{}", head=b"x-said: 1\r\n"))
    connection.data_received(post(b"{}"))
    assert b"\r\nx-said: 1\r\n\r\n{}" in wire.written


def test_a_request_tells_how_long_it_lay_there_before_it_was_read() -> None:
    connection, wire, seen, _ = connected()
    wire.line = Line(milliseconds=36)
    connection.data_received(post(b"{}"))
    wire.line = Line(milliseconds=4)  # less than the kernel's ticks can tell
    connection.data_received(post(b"{}"))
    assert [request.late_s for request in seen] == [0.036, 0.0]


def test_the_kernel_tells_when_the_last_bytes_came() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        line, _ = server.accept()
        with line:
            client.sendall(b"one")
            line.recv(3)
            began = time.monotonic()
            while (waited := waited_s(line)) < 0.02 and time.monotonic() - began < 5.0:
                pass
            assert waited >= 0.02
            client.sendall(b"two")
            line.recv(3)
            assert waited_s(line) < waited


def test_where_nothing_tells_when_bytes_came_they_came_now(monkeypatch: pytest.MonkeyPatch) -> None:
    assert waited_s(None) == 0.0
    monkeypatch.delattr(socket, "TCP_INFO")
    with socket.socket() as line:
        assert waited_s(line) == 0.0
