"""Read a messy opt-in file as a stream: bytes in, one row at a time out, every bad cell named.

Nothing is held but the beginning of the file; a million rows need no more memory than a hundred.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import StrEnum
from functools import lru_cache
from itertools import chain, islice
from typing import TypeVar

from consent.address import Address, AddressProblem, read_cell
from gateway.core.cells import CellCode, CellProblem, read_source, read_tags, read_zone
from gateway.core.columns import Columns, Field, columns_of
from gateway.core.contact import normalise_language
from gateway.core.decoding import DECLARED, Source, open_text, sniff_delimiter
from gateway.core.moments import MomentProblem, read_moment

T = TypeVar("T")

HEADER_WITHIN_ROWS = 10  # titles and notes above the header
CELL_CHARACTERS_MAX = 1_000
LINE_BREAKS_MAX = 20  # in one cell; more is a quotation mark that swallowed the rows after it


@dataclass(frozen=True, slots=True)
class OptInRow:
    """One person as the file has them, or the problems that keep them out.

    `line` is the spreadsheet's row number. `consent_at` is aware, in UTC. `cells` are the row as it was, for the
    rejects file.
    """

    line: int
    addresses: tuple[Address, ...]
    name: str
    language: str
    zone: str
    tags: frozenset[str]
    attributes: Mapping[str, str]
    consent_at: datetime | None
    consent_source: str
    text_id: str
    text_version: str
    proof: str
    problems: tuple[CellProblem, ...]
    cells: tuple[str, ...] = field(repr=False)

    @property
    def is_proven(self) -> bool:
        """Whether the row carries date, source and text version, without which an import grants nothing."""
        return bool(self.consent_at and self.consent_source and self.text_id and self.text_version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conventions:
    """How to read what a cell leaves unsaid. `zone` places dates that have none; `now` is aware; `region` ISO 3166."""

    now: datetime
    zone: tzinfo
    region: str = "TR"
    day_first: bool = True


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
    """An opened file. `rows` can be read once."""

    encoding: str
    delimiter: str
    columns: Columns
    rows: Iterator[OptInRow]


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
    return Sheet(text.encoding, between, columns, RowReader(columns, conventions).read_all(rest))


def _refuse_what_is_no_text(head: str) -> None:
    for start, name in NOT_TEXT:
        if head.startswith(start):
            raise SheetProblem(SheetCode.UNREADABLE, name)


def _rows(lines: Iterator[str], delimiter: str) -> Iterator[list[str] | csv.Error]:
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        yield from reader
    except csv.Error as error:  # a quotation mark that never closes, past the reader's limit
        yield error


Numbered = Iterator[tuple[int, "list[str] | csv.Error"]]


def _header(
    numbered: Numbered, conventions: Conventions, mapping: Mapping[str, str] | None
) -> tuple[Columns, Numbered]:
    """The columns, and the rows below the header. A file without a header begins with somebody's number."""
    ahead = [(line, row) for line, row in islice(numbered, HEADER_WITHIN_ROWS) if isinstance(row, list)]
    filled = [(place, row) for place, (_, row) in enumerate(ahead) if any(cell.strip() for cell in row)]
    if not filled:
        raise SheetProblem(SheetCode.EMPTY)
    for place, row in filled[:1] if mapping else filled:
        if (columns := columns_of(row, mapping)).addresses:
            return columns, chain(ahead[place + 1 :], numbered)
    return _headless(filled[0][1], conventions), chain(ahead[filled[0][0] :], numbered)


def _headless(first: Sequence[str], conventions: Conventions) -> Columns:
    numbers = [not isinstance(read_cell(cell, conventions.region), AddressProblem) for cell in first]
    if not any(numbers):
        raise SheetProblem(SheetCode.NO_ADDRESS_COLUMN, ", ".join(f"“{cell.strip()}”" for cell in first))
    return columns_of(["phone" if is_number else "" for is_number in numbers])


class RowReader:
    """Turns the cells of one file's rows into people."""

    def __init__(self, columns: Columns, conventions: Conventions) -> None:
        self._columns = columns
        self._conventions = conventions
        self._width = len(columns.headers)
        self._at = columns.fields

    def read_all(self, rows: Numbered) -> Iterator[OptInRow]:
        """Every row that is not wholly blank."""
        for line, row in rows:
            if isinstance(row, csv.Error):
                yield self._unread(line)
            elif any(row) and any(cell.strip() for cell in row):
                yield self.read(line, row)

    def read(self, line: int, row: list[str]) -> OptInRow:
        problems: list[CellProblem] = []
        cells = row if len(row) == self._width else self._fitted(line, row, problems)
        if max(map(len, row)) > CELL_CHARACTERS_MAX:
            self._too_long(line, row, problems)
        consent_at = self._checked(line, cells, Field.CONSENT_AT, self._moment, problems)
        text_id, text_version = self._text(cells)
        return OptInRow(
            line,
            self._addresses(line, cells, problems),
            self._name(cells),
            self._checked(line, cells, Field.LANGUAGE, _language, problems) or "",
            self._checked(line, cells, Field.ZONE, _zone, problems) or "",
            read_tags(self._cell(cells, Field.TAGS)),
            self._attributes(cells),
            consent_at,
            read_source(self._cell(cells, Field.CONSENT_SOURCE)),
            text_id,
            text_version,
            self._cell(cells, Field.PROOF),
            tuple(problems),
            tuple(row),
        )

    def _cell(self, cells: list[str], name: Field) -> str:
        index = self._at.get(name)
        return "" if index is None else cells[index].strip()

    def _fitted(self, line: int, row: list[str], problems: list[CellProblem]) -> list[str]:
        """`row` as wide as the header. Cells beyond it mean that everything may stand in the wrong column."""
        for index, cell in enumerate(row[self._width :], start=self._width):
            if cell.strip():
                problems.append(CellProblem(line, self._columns.name_of(index), cell, CellCode.EXTRA_CELLS))
                break
        return (row + [""] * (self._width - len(row)))[: self._width]

    def _addresses(self, line: int, cells: list[str], problems: list[CellProblem]) -> tuple[Address, ...]:
        """The addresses of every address column; a blank one counts as missing only when all are blank."""
        indexes = self._columns.addresses
        if len(indexes) > 1:
            indexes = tuple(index for index in indexes if cells[index].strip()) or indexes[:1]
        found: list[Address] = []
        for index in indexes:
            read = read_cell(cells[index], self._conventions.region)
            if isinstance(read, AddressProblem):
                problems.append(CellProblem(line, self._columns.name_of(index), cells[index], read))
            else:
                found += read
        return tuple(found) if len(indexes) == 1 else tuple(dict.fromkeys(found))

    def _name(self, cells: list[str]) -> str:
        if whole := self._cell(cells, Field.NAME):
            return " ".join(whole.split())
        parts = (self._cell(cells, Field.FIRST_NAME), self._cell(cells, Field.LAST_NAME))
        return " ".join(" ".join(parts).split())

    def _checked(
        self,
        line: int,
        cells: list[str],
        name: Field,
        read: Callable[[str], T | MomentProblem | CellCode],
        problems: list[CellProblem],
    ) -> T | None:
        """The cell of `name` as `read` understands it; None when blank or, with a problem noted, not understood."""
        if not (text := self._cell(cells, name)):
            return None
        value = read(text)
        if isinstance(value, MomentProblem | CellCode):
            problems.append(CellProblem(line, self._columns.name_of(self._at[name]), text, value))
            return None
        return value

    def _moment(self, text: str) -> datetime | MomentProblem:
        how = self._conventions
        return read_moment(text, how.zone, how.now, day_first=how.day_first)

    def _text(self, cells: list[str]) -> tuple[str, str]:
        """The consent text's id and version, also where one cell says both: "marketing-tr@1", "marketing-tr v1"."""
        text_id, version = self._cell(cells, Field.TEXT_ID), self._cell(cells, Field.TEXT_VERSION)
        if text_id and not version and (both := TEXT_AND_VERSION.fullmatch(text_id)):
            return both[1], both[2]
        return text_id, version

    def _attributes(self, cells: list[str]) -> dict[str, str]:
        return {key: value for index, key in self._columns.attributes if (value := cells[index].strip())}

    def _too_long(self, line: int, row: list[str], problems: list[CellProblem]) -> None:
        for index, cell in enumerate(row):
            if len(cell) > CELL_CHARACTERS_MAX:
                swallowed = cell.count("\n") > LINE_BREAKS_MAX
                code = CellCode.QUOTE_OPEN if swallowed else CellCode.TOO_LONG
                problems.append(CellProblem(line, self._columns.name_of(index), cell, code))

    def _unread(self, line: int) -> OptInRow:
        """Stands for the rest of a file whose quotation mark never closes."""
        column = self._columns.name_of(0)
        problem = CellProblem(line, column, "…", CellCode.QUOTE_OPEN)
        return OptInRow(line, (), "", "", "", frozenset(), {}, None, "", "", "", "", (problem,), ())


TEXT_AND_VERSION = re.compile(r"(.+?)(?:\s*[@/]\s*|\s+)[vV]?([0-9][0-9.]*)")


@lru_cache(maxsize=4096)
def _language(text: str) -> str | CellCode:
    return normalise_language(text) or CellCode.LANGUAGE_UNKNOWN


def _zone(text: str) -> str | CellCode:
    return read_zone(text) or CellCode.ZONE_UNKNOWN
