"""HTTP/1.1 answers: whole or not, however they are cut, and never more believed than they say."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.whatsapp.answers import BODY_MAX, HEAD_MAX, NotHttp, read_answer

SIZED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n" + b'{"a": 1}'
CHUNKED = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{"a"\r\n4;x=y\r\n: 1}\r\n0\r\nX-T: 1\r\n\r\n'
EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + SIZED


@pytest.mark.parametrize("written", [SIZED, CHUNKED, EARLY, SIZED.lower().replace(b"http", b"HTTP")])
def test_a_whole_answer_is_read_and_the_connection_kept(written: bytes) -> None:
    answered = read_answer(written)
    assert answered is not None
    assert (answered.status_code, answered.json(), answered.keeps) == (200, {"a": 1}, True)


@settings(max_examples=60)
@given(st.sampled_from([SIZED, CHUNKED, EARLY]), st.data())
def test_no_part_of_an_answer_is_taken_for_the_whole(written: bytes, data: st.DataObject) -> None:
    assert read_answer(written[: data.draw(st.integers(0, len(written) - 1))]) is None


@pytest.mark.parametrize(
    "written",
    [
        SIZED.replace(b"Content-Type: application/json", b"Connection: close"),
        SIZED.replace(b"HTTP/1.1", b"HTTP/1.0"),
        SIZED + b"HTTP/1.1 200 OK\r\n",
    ],
    ids=["it says so", "an old server", "more than was asked for"],
)
def test_a_connection_that_may_not_be_kept_is_not(written: bytes) -> None:
    answered = read_answer(written)
    assert answered is not None
    assert (answered.content, answered.keeps) == (b'{"a": 1}', False)


def test_an_answer_without_a_length_ends_with_the_connection() -> None:
    written = b"HTTP/1.1 502 Bad Gateway\r\nServer: x\r\n\r\n<html>"
    assert read_answer(written) is None
    answered = read_answer(written, ended=True)
    assert answered is not None
    assert (answered.status_code, answered.text, answered.keeps) == (502, "<html>", False)


def test_an_answer_without_contents_has_no_body_whatever_it_says() -> None:
    answered = read_answer(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert answered is not None
    assert (answered.content, answered.keeps) == (b"", True)


@pytest.mark.parametrize(
    "written",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 99 x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1_0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (BODY_MAX + 1),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabcd",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n",
        b"x" * (HEAD_MAX + 1),
    ],
)
def test_what_is_no_answer_is_not_believed(written: bytes) -> None:
    with pytest.raises(NotHttp):
        read_answer(written)


def test_a_head_cut_off_by_the_end_is_no_answer() -> None:
    with pytest.raises(NotHttp):
        read_answer(b"HTTP/1.1 200 OK\r\nContent-Le", ended=True)


def test_what_meta_says_of_call_limits_is_read_of_refusals() -> None:
    said = b'X-Business-Use-Case-Usage: {"1": [{"type": "whatsapp"}]}\r\n'
    refused = SIZED.replace(b"200 OK\r\n", b"400 No\r\n" + said + said)  # twice is no reason to disbelieve it
    answered = read_answer(refused)
    assert answered is not None
    assert (answered.status_code, answered.usage) == (400, b'{"1": [{"type": "whatsapp"}]}')
    taken = read_answer(SIZED.replace(b"200 OK\r\n", b"200 OK\r\n" + said))
    assert taken is not None
    assert taken.usage == b""
