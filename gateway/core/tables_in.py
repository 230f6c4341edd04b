"""Whatever a file is, a table comes out: rows of texts with the numbers that a spreadsheet shows."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from zipfile import BadZipFile, ZipFile

from gateway.core import json_lines, opendocument, workbook
from gateway.core.cells import CellCode, Unread
from gateway.core.decoding import DECLARED, Source, buffered, open_text, sniff_delimiter
from gateway.core.xml_stream import NotASpreadsheet

Numbered = Iterator[tuple[int, "list[str] | Unread"]]

ZIP = b"PK\x03\x04"
JSON = re.compile(r"[\ufeff\s]*(?://|(?:\[\s*)?\{)")  # a list of objects is named line by line, as no JSON lines
# The first bytes of what people send by mistake.
NOT_A_TABLE = (
    (b"\xd0\xcf\x11\xe0", "XLS"),
    (b"%PDF", "PDF"),
    (b"\x1f\x8b", "GZIP"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"<htm", "HTML"),  # what many shops export as .xls
    (b"<tab", "HTML"),
    (b"<!do", "HTML"),
)


@dataclass(frozen=True, slots=True)
class Table:
    """`encoding` names the kind of file where no text was decoded; a `delimiter` is for what is handed back."""

    encoding: str
    delimiter: str
    rows: Numbered
    close: Callable[[], None]


def table_in(source: Source, encoding: str | None, delimiter: str | None) -> Table:
    """Raises NotASpreadsheet, and LookupError for an `encoding` that does not exist."""
    stream = buffered(source)
    start = stream.peek(len(ZIP))[: len(ZIP)]
    for bytes_, name in NOT_A_TABLE:
        if start.lower().startswith(bytes_.lower()):
            raise NotASpreadsheet(name)
    if start == ZIP:
        return _spreadsheet(stream)
    text = open_text(stream, encoding)
    if JSON.match(text.head):
        return Table("ndjson", delimiter or ";", json_lines.rows_of(text.lines), text.lines.close)
    between = delimiter or sniff_delimiter(text.head)
    declared = DECLARED.match(text.head) is not None
    if declared:
        text.lines.readline()
    return Table(text.encoding, between, _divided(text.lines, between, 2 if declared else 1), text.lines.close)


def _spreadsheet(stream: io.BufferedReader) -> Table:
    try:
        archive = ZipFile(stream if stream.seekable() else io.BytesIO(stream.read()))
    except (BadZipFile, OSError, ValueError) as problem:
        raise NotASpreadsheet(f"ZIP, {problem}") from None
    names = set(archive.namelist())
    closed = ExitStack()
    closed.callback(stream.close)
    closed.push(archive)
    if "xl/workbook.xml" in names:
        return Table("xlsx", ";", workbook.rows_of(archive), closed.close)
    if "content.xml" in names:
        return Table("ods", ";", opendocument.rows_of(archive), closed.close)
    closed.close()
    raise NotASpreadsheet("ZIP")


def _divided(lines: Iterator[str], delimiter: str, first: int) -> Numbered:
    """The rows; in place of one whose quotation mark never closes, its text: it may have swallowed others."""
    taken: list[str] = []
    number = first - 1
    try:
        for number, row in enumerate(csv.reader(_noting(lines, taken), delimiter=delimiter), first):
            open_quote = len(taken) > 1 and sum(line.count('"') for line in taken) % 2
            yield number, Unread(CellCode.QUOTE_OPEN, "".join(taken)) if open_quote else row
            taken.clear()
    except csv.Error:  # past what the csv module holds in one cell
        yield number + 1, Unread(CellCode.QUOTE_OPEN, "".join(taken))


def _noting(lines: Iterator[str], taken: list[str]) -> Iterator[str]:
    for line in lines:
        taken.append(line)
        yield line
