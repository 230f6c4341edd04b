"""An XML file inside a spreadsheet, read as a stream: what it says is told to a listener, nothing is kept.

Spreadsheets need no document type, and a file that brings one wants something else: it is refused, which keeps
entities that grow without end out of here. So is a file that grows two hundredfold when it is unpacked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any, Protocol
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

BLOCK_BYTES = 1 << 16
UNPACKED_BYTES_MAX = 4 << 30
RATIO_MAX = 200  # a million people with their numbers stay below 20


class NotASpreadsheet(ValueError):
    """The file is broken, or is no spreadsheet at all."""


class Listener(Protocol):
    """Takes note of what a file says; `rows` holds what is complete."""

    rows: list[tuple[int, list[str]]]

    def start(self, name: str, attributes: dict[str, str]) -> None: ...

    def end(self, name: str) -> None: ...

    def text(self, data: str) -> None: ...


def parse(archive: ZipFile, member: str, listener: Listener) -> Iterator[tuple[int, list[str]]]:
    """The rows that the listener finds, as soon as they are whole. Raises NotASpreadsheet.

    Names come without their namespace's prefix: `table:table-cell` is `table-cell`.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, given: listener.start(_local(name), _locals(given))
    parser.EndElementHandler = lambda name: listener.end(_local(name))
    parser.CharacterDataHandler = listener.text
    parser.StartDoctypeDeclHandler = _no_doctype
    try:
        with archive.open(member) as stream:
            _check_size(archive, member)
            for block in _blocks(stream):
                parser.Parse(block)
                yield from listener.rows
                listener.rows.clear()
        parser.Parse(b"", True)
        yield from listener.rows
    except (expat.ExpatError, KeyError, BadZipFile, EOFError, NotImplementedError, RuntimeError) as problem:
        raise NotASpreadsheet(str(problem)) from None


def listen(archive: ZipFile, member: str, listener: Listener) -> None:
    """Read a file that holds no rows. One that is not there says nothing."""
    if member in archive.namelist():
        for _ in parse(archive, member, listener):
            pass


def _no_doctype(*_: Any) -> None:
    raise NotASpreadsheet("it declares a document type")


def _check_size(archive: ZipFile, member: str) -> None:
    size = archive.getinfo(member)
    if size.file_size > min(UNPACKED_BYTES_MAX, RATIO_MAX * max(size.compress_size, BLOCK_BYTES)):
        raise NotASpreadsheet("it grows too much when it is unpacked")


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: stream.read(BLOCK_BYTES), b"")


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _locals(given: dict[str, str]) -> dict[str, str]:
    return {_local(name): value for name, value in given.items()}
