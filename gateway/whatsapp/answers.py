"""HTTP/1.1 answers as they come off a connection (RFC 9112): whole, not yet whole, or not to be understood."""

from __future__ import annotations

import re
from typing import Any

import orjson

HEAD_MAX = 65_536
BODY_MAX = 8 << 20
"""Bytes. A page of a hundred templates has some hundred thousand."""

_STATUS = re.compile(rb"HTTP/1\.([01]) ([1-5]\d\d)[ \r]")
_SIZE = re.compile(rb"[0-9a-fA-F]{1,8}")


class NotHttp(Exception):
    """These bytes are no answer, or one larger than any that is expected."""


class Answered:
    """One whole answer, with what pywa reads of a response. `keeps`: the connection may carry another request.

    `usage` is what Meta says of its call limits; read of refusals only.
    """

    __slots__ = ("content", "keeps", "status_code", "usage")

    def __init__(self, status_code: int, content: bytes, keeps: bool, usage: bytes = b"") -> None:
        self.status_code, self.content, self.keeps, self.usage = status_code, content, keeps, usage

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        return orjson.loads(self.content)


def read_answer(held: bytes, *, ended: bool = False) -> Answered | None:
    """The answer that `held` begins with; None while it is not whole. `ended`: the server will write nothing more.

    Raises NotHttp. What follows a whole answer was not asked for: then the connection is not kept.
    """
    end = held.find(b"\r\n\r\n")
    if end < 0:
        if ended or len(held) > HEAD_MAX:
            raise NotHttp("an answer without an end to its head")
        return None
    found = _STATUS.match(held)
    if found is None:
        raise NotHttp("not an answer in HTTP/1.1")
    version, status = found[1], int(found[2])
    if status < 200:
        return read_answer(held[end + 4 :], ended=ended)  # "go on" and its like come before the answer
    head = held[: end + 2].lower()
    body = _body(held, end + 4, status, head, ended)
    if body is None:
        return None
    content, rest = body
    keeps = not ended and rest == len(held) and version == b"1" and b"close" not in (_field(head, CONNECTION) or b"")
    return Answered(status, content, keeps, _usage(head) if status >= 400 else b"")


USAGE = "x-business-use-case-usage"
CONNECTION, CODED, LENGTH = b"\r\nconnection:", b"\r\ntransfer-encoding:", b"\r\ncontent-length:"


def _field(head: bytes, name: bytes) -> bytes | None:
    """A field's value in a head in small letters. Raises NotHttp when the server says it twice."""
    at = head.find(name)
    if at < 0:
        return None
    stop = head.index(b"\r\n", at + 2)
    if head.find(name, stop) >= 0:
        raise NotHttp("one field twice")
    return head[at + len(name) : stop].strip()


def _usage(head: bytes) -> bytes:
    """Never a reason to disbelieve an answer: the first one counts."""
    _, found, rest = head.partition(b"\r\n%b:" % USAGE.encode())
    return rest.partition(b"\r\n")[0].strip() if found else b""


def _body(held: bytes, start: int, status: int, head: bytes, ended: bool) -> tuple[bytes, int] | None:
    """The body and where it ends in `held`."""
    if status in (204, 304):
        return b"", start
    if (encoding := _field(head, CODED)) is not None:
        if encoding != b"chunked":
            raise NotHttp("an encoding that was not asked for")
        return _chunks(held, start)
    length = _field(head, LENGTH)
    if length is None:
        if not ended and len(held) - start > BODY_MAX:
            raise NotHttp("an answer without an end")
        return (held[start:], len(held)) if ended else None
    if not (length.isdigit() and len(length) < 10 and int(length) <= BODY_MAX):
        raise NotHttp("a length that cannot be")
    stop = start + int(length)
    return (held[start:stop], stop) if len(held) >= stop else None


def _chunks(held: bytes, at: int) -> tuple[bytes, int] | None:
    chunks: list[bytes] = []
    total = 0
    while (line := held.find(b"\r\n", at)) >= 0:
        size = _SIZE.match(held, at, line)
        if size is None:
            raise NotHttp("a chunk without a length")
        length, at = int(size[0], 16), line + 2
        total += length
        if total > BODY_MAX:
            raise NotHttp("an answer without an end")
        if not length:
            return _after_trailers(held, at, b"".join(chunks))
        if len(held) < at + length + 2:
            return None
        if held[at + length : at + length + 2] != b"\r\n":
            raise NotHttp("a chunk longer than it said")
        chunks.append(held[at : at + length])
        at += length + 2
    return None


def _after_trailers(held: bytes, at: int, content: bytes) -> tuple[bytes, int] | None:
    while (line := held.find(b"\r\n", at)) >= 0:
        if line == at:
            return content, at + 2
        at = line + 2
    return None
