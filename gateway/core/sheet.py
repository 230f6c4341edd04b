"""Read a messy opt-in file as a stream: bytes in, one row at a time out, every bad cell named.

Nothing is held but the beginning of the file; a million rows need no more memory than a hundred.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, islice

from consent.address import AddressProblem, read_cell
from gateway.core.columns import Columns, columns_of
from gateway.core.decoding import DECLARED, Source, open_text, sniff_delimiter
from gateway.core.rows import Conventions, OptInRow, RowReader

HEADER_WITHIN_ROWS = 10  # titles and notes above the header


class SheetCode(StrEnum):
    EMPTY = "empty"
    NO_ADDRESS_COLUMN = "no_address_column"
    UNREADABLE = "unreadable"


class SheetProblem(ValueError):
    """The file as a whole cannot be read as opt-ins."""

    def __init__(self, code: SheetCode, found: str = "") -> None:
        self.code = code
        self.found = found
        super().__init__(self.sentence("en"))

    def __reduce__(self) -> tuple[type[SheetProblem], tuple[SheetCode, str]]:
        """Across processes: made anew from what it was made of."""
        return SheetProblem, (self.code, self.found)

    def sentence(self, language: str = "en") -> str:
        turkish, english = SENTENCES[self.code]
        return (turkish if language.lower().startswith("tr") else english).format(found=self.found)


SENTENCES: dict[SheetCode, tuple[str, str]] = {
    SheetCode.EMPTY: ("Dosya boş.", "The file is empty."),
    SheetCode.NO_ADDRESS_COLUMN: (
        "Telefon sütunu bulunamadı. Bulunan başlıklar: {found}. Telefon sütununun adını “telefon” yapın "
        "ya da bir eşleme dosyası verin.",
        "No column of phone numbers was found. The headers are: {found}. Name that column “phone”, or give a mapping.",
    ),
    SheetCode.UNREADABLE: (
        "Dosya bir metin tablosu (CSV, TSV) değil: {found}. CSV olarak kaydedip yeniden deneyin.",
        "The file is not a text table (CSV, TSV): {found}. Save it as CSV and try again.",
    ),
}

# The first bytes of what people send by mistake, as Windows-1254 shows them.
NOT_TEXT = (("PK\x03\x04", "XLSX/ODS/ZIP"), ("ĞÏ\x11à", "XLS"), ("%PDF", "PDF"), ("\x1f‹", "GZIP"))


@dataclass(frozen=True, slots=True)
class Sheet:
    """An opened file. `rows` can be read once; leaving the `with` block, or `close`, lets go of the file."""

    encoding: str
    delimiter: str
    columns: Columns
    rows: Iterator[OptInRow]
    close: Callable[[], None] = lambda: None

    def __enter__(self) -> Sheet:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_sheet(
    source: Source,
    conventions: Conventions,
    *,
    mapping: Mapping[str, str] | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> Sheet:
    """Open `source` and recognise its encoding, delimiter and columns; `mapping` is `columns_of`'s.

    Raises SheetProblem, columns.MappingProblem, and LookupError for an `encoding` that does not exist.
    """
    text = open_text(source, encoding)
    _refuse_what_is_no_text(text.head)
    between = delimiter or sniff_delimiter(text.head)
    declared = DECLARED.match(text.head) is not None
    if declared:
        text.lines.readline()
    numbered = enumerate(_rows(text.lines, between), start=2 if declared else 1)
    columns, rest = _header(numbered, conventions, mapping)
    return Sheet(text.encoding, between, columns, _people(rest, RowReader(columns, conventions)), text.lines.close)


def _refuse_what_is_no_text(head: str) -> None:
    for start, name in NOT_TEXT:
        if head.startswith(start):
            raise SheetProblem(SheetCode.UNREADABLE, name)


def _rows(lines: Iterator[str], delimiter: str) -> Iterator[list[str] | csv.Error]:
    """The rows; in place of one whose quotation mark never closes, an error: it may have swallowed others."""
    taken: list[str] = []
    try:
        for row in csv.reader(_noting(lines, taken), delimiter=delimiter):
            open_quote = len(taken) > 1 and sum(line.count('"') for line in taken) % 2
            yield csv.Error("open quotation mark") if open_quote else row
            taken.clear()
    except csv.Error as error:  # past what the csv module holds in one cell
        yield error


def _noting(lines: Iterator[str], taken: list[str]) -> Iterator[str]:
    for line in lines:
        taken.append(line)
        yield line


Numbered = Iterator[tuple[int, "list[str] | csv.Error"]]


def _header(
    numbered: Numbered, conventions: Conventions, mapping: Mapping[str, str] | None
) -> tuple[Columns, Numbered]:
    """The columns, and the rows below the header. A file without a header begins with somebody's number."""
    ahead = list(islice(numbered, HEADER_WITHIN_ROWS))
    filled = [(place, row) for place, (_, row) in enumerate(ahead) if isinstance(row, list) and "".join(row).strip()]
    if not filled:
        raise SheetProblem(SheetCode.EMPTY)
    for place, row in filled[:1] if mapping else filled:
        if (columns := columns_of(row, mapping)).addresses:
            return columns, chain(ahead[place + 1 :], numbered)
    return _headless(filled[0][1], conventions), chain(ahead[filled[0][0] :], numbered)


def _people(rows: Numbered, reader: RowReader) -> Iterator[OptInRow]:
    for line, row in rows:
        person = reader.unread(line) if isinstance(row, csv.Error) else reader.read(line, row)
        if person is not None:
            yield person


def _headless(first: Sequence[str], conventions: Conventions) -> Columns:
    numbers = [not isinstance(read_cell(cell, conventions.region), AddressProblem) for cell in first]
    if not any(numbers):
        raise SheetProblem(SheetCode.NO_ADDRESS_COLUMN, ", ".join(f"“{cell.strip()}”" for cell in first))
    return columns_of(["phone" if is_number else "" for is_number in numbers])


__all__ = ["Conventions", "OptInRow", "Sheet", "SheetCode", "SheetProblem", "open_sheet"]
