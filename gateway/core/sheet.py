"""Read a messy opt-in file as a stream: bytes in, one row at a time out, every bad cell named.

Nothing is held but the beginning of the file; a million rows need no more memory than a hundred.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, islice

from consent.address import AddressProblem, read_cell
from consent.address.problems import shown
from gateway.core.columns import Columns, columns_of
from gateway.core.decoding import Source
from gateway.core.exports import meanings
from gateway.core.rows import Conventions, OptInRow, RowReader
from gateway.core.tables_in import Numbered, table_in
from gateway.core.xml_stream import NotASpreadsheet

HEADER_WITHIN_ROWS = 10  # titles and notes above the header
HEADERS_SHOWN_MAX = 40


class SheetCode(StrEnum):
    EMPTY = "empty"
    NO_ADDRESS_COLUMN = "no_address_column"
    NO_EVENT_COLUMN = "no_event_column"
    UNREADABLE = "unreadable"


class SheetProblem(ValueError):
    """The file as a whole cannot be read as opt-ins, or as events."""

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
    SheetCode.NO_EVENT_COLUMN: (
        "Olay ve kişi sütunları bulunamadı. Bulunan başlıklar: {found}. Olayın adı için “olay”, kişi için “telefon” "
        "ya da “kullanıcı no” sütunu gerekir.",
        "No columns of events and people were found. The headers are: {found}. Name them “event”, and “phone” or "
        "“userId”.",
    ),
    SheetCode.UNREADABLE: (
        "Dosya bir tablo (CSV, TSV, XLSX, ODS, NDJSON) değil: {found}. CSV olarak kaydedip yeniden deneyin.",
        "The file is not a table (CSV, TSV, XLSX, ODS, NDJSON): {found}. Save it as CSV and try again.",
    ),
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """An opened file. Its rows can be read once, as people (`rows`) or with their numbers as they stand (`numbered`);
    leaving the `with` block, or `close`, lets go of the file."""

    encoding: str
    delimiter: str
    columns: Columns
    numbered: Numbered
    reader: RowReader
    close: Callable[[], None] = lambda: None

    @property
    def rows(self) -> Iterator[OptInRow]:
        return (person for line, row in self.numbered if (person := self.reader.read(line, row)) is not None)

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
    wanted: Callable[[int], bool] | None = None,
) -> Sheet:
    """Open `source` and recognise its encoding, delimiter and columns; `mapping` is `columns_of`'s.

    With `wanted`, only rows are read whose spreadsheet number it lets pass.
    Raises SheetProblem, columns.MappingProblem, and LookupError for an `encoding` that does not exist.
    """
    try:
        table = table_in(source, encoding, delimiter)
        columns, rest = _header(table.rows, conventions, mapping)
    except NotASpreadsheet as problem:
        raise SheetProblem(SheetCode.UNREADABLE, str(problem)) from None
    if wanted is not None:
        rest = filter(lambda numbered: wanted(numbered[0]), rest)
    reader = RowReader(columns, conventions)
    return Sheet(table.encoding, table.delimiter, columns, _whole(rest), reader, table.close)


def _header(
    numbered: Numbered, conventions: Conventions, mapping: Mapping[str, str] | None
) -> tuple[Columns, Numbered]:
    """The columns, and the rows below the header. A file without a header begins with somebody's number."""
    ahead = list(islice(numbered, HEADER_WITHIN_ROWS))
    filled = [(place, row) for place, (_, row) in enumerate(ahead) if isinstance(row, list) and "".join(row).strip()]
    if not filled:
        raise SheetProblem(SheetCode.EMPTY)
    for place, row in filled[:1] if mapping else filled:
        if (columns := columns_of(row, {**meanings(row), **(mapping or {})})).addresses:
            return columns, chain(ahead[place + 1 :], numbered)
    return _headless(filled[0][1], conventions), chain(ahead[filled[0][0] :], numbered)


def _whole(rows: Numbered) -> Numbered:
    try:
        yield from rows
    except NotASpreadsheet as problem:  # broken further down
        raise SheetProblem(SheetCode.UNREADABLE, str(problem)) from None


def _headless(first: Sequence[str], conventions: Conventions) -> Columns:
    numbers = [not isinstance(read_cell(cell, conventions.region), AddressProblem) for cell in first]
    if not any(numbers):
        raise SheetProblem(
            SheetCode.NO_ADDRESS_COLUMN, ", ".join(f"“{shown(cell)}”" for cell in first[:HEADERS_SHOWN_MAX])
        )
    return columns_of(["phone" if is_number else "" for is_number in numbers])


__all__ = ["Conventions", "OptInRow", "Sheet", "SheetCode", "SheetProblem", "open_sheet"]
