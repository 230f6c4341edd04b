"""From a file's bytes to its text: which encoding, which delimiter, without holding more than the beginning."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

HEAD_BYTES = 65_536
DELIMITERS = ";,\t|"
TURKISH = "cp1254"  # Windows-1254; ISO-8859-9 is the same for every letter that a person types
FALLBACK = "turkish_where_not_utf8"

Source = bytes | BinaryIO | Iterable[bytes]


def _turkish_byte(error: UnicodeError) -> tuple[str, int]:
    """A byte that is not UTF-8, in a file that began as if it were: what Turkish Windows means by it."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return wrong.decode(TURKISH, errors="replace"), error.end


codecs.register_error(FALLBACK, _turkish_byte)


class _Chunks(io.RawIOBase):
    """An iterable of bytes as a file, so that one reader serves uploads, files and tests."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while len(self._left) < len(buffer) and (chunk := next(self._chunks, None)) is not None:
            self._left += chunk
        taken, self._left = self._left[: len(buffer)], self._left[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)


@dataclass(frozen=True, slots=True)
class Text:
    """A file's text, unread, with its first characters in `head` for looking at."""

    lines: io.TextIOWrapper
    encoding: str
    head: str


def open_text(source: Source, encoding: str | None = None) -> Text:
    """The text of `source`. Raises LookupError for an `encoding` that nobody knows."""
    stream = buffered(source)
    start = stream.peek(HEAD_BYTES)[:HEAD_BYTES]
    chosen = codecs.lookup(encoding).name if encoding else sniff_encoding(start)
    errors = FALLBACK if chosen.startswith("utf-8") else "replace"
    head = codecs.getincrementaldecoder(chosen)(errors=errors).decode(start, final=False)
    return Text(io.TextIOWrapper(stream, encoding=chosen, errors=errors, newline=""), chosen, head)


def buffered(source: Source) -> io.BufferedReader:
    """Any source as a file whose beginning can be looked at; one that can be sought in stays so."""
    if isinstance(source, bytes):
        return io.BufferedReader(io.BytesIO(source), HEAD_BYTES)
    if isinstance(source, io.BufferedReader | io.BytesIO):
        return io.BufferedReader(source, HEAD_BYTES)
    if hasattr(source, "read"):
        return io.BufferedReader(_Chunks(iter(lambda: source.read(HEAD_BYTES), b"")), HEAD_BYTES)
    return io.BufferedReader(_Chunks(iter(source)), HEAD_BYTES)


BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins as UTF-16's does
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def sniff_encoding(head: bytes) -> str:
    """UTF-8, UTF-16 or UTF-32, each with or without BOM, or else Windows-1254."""
    for bom, name in BOMS:
        if head.startswith(bom):
            return name
    if head[2::4].count(0) + head[1::4].count(0) > len(head) * 9 // 20:
        return "utf-32-le" if head[3::4].count(0) > head[::4].count(0) else "utf-32-be"
    if head[1::2].count(0) > len(head) // 4:
        return "utf-16-le"
    if head[::2].count(0) > len(head) // 4:
        return "utf-16-be"
    return "utf-8" if _is_utf8(head) else TURKISH


def _is_utf8(head: bytes) -> bool:
    """Whether `head` decodes, a letter cut off at its end forgiven."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=False)
    except UnicodeDecodeError:
        return False
    return True


DECLARED = re.compile(r'"?sep=(.)"?\s*(?:\r\n|\r|\n)', re.IGNORECASE)
SAMPLE_ROWS = 60


def sniff_delimiter(head: str) -> str:
    """The delimiter that divides the first rows most evenly; a comma when the file has one column."""
    if declared := DECLARED.match(head):
        return declared[1]
    scores = {delimiter: _evenness(head, delimiter) for delimiter in DELIMITERS}
    best = max(DELIMITERS, key=lambda delimiter: scores[delimiter])
    return best if scores[best] > 0 else ","


def _evenness(head: str, delimiter: str) -> float:
    """How many columns times how many rows have that many; 0 when the first row is not divided at all."""
    rows = [len(row) for row in _sample(head, delimiter) if any(row)]
    if not rows or rows[0] < 2:
        return 0.0
    widths = Counter(rows)
    width, times = max(widths.items(), key=lambda item: (item[1], item[0]))
    return min(width, rows[0]) * times / len(rows)


def _sample(head: str, delimiter: str) -> Iterator[list[str]]:
    try:
        for count, row in enumerate(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)):
            if count == SAMPLE_ROWS:
                return
            yield row
    except csv.Error:
        return
