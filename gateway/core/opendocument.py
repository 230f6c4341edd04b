"""LibreOffice's spreadsheets (.ods, OpenDocument 1.3): the first sheet's cells as texts."""

from __future__ import annotations

from collections.abc import Iterator
from zipfile import ZipFile

from gateway.core.workbook import number_text
from gateway.core.xml_stream import parse

COLUMNS_MAX = 16_384
REPEATED_ROWS_MAX = 100_000
"""Equal rows that are written once. Blank ones below the last person, often a million, cost nothing."""


def rows_of(archive: ZipFile) -> Iterator[tuple[int, list[str]]]:
    """Every row that says something, with its number, from 1. Raises NotASpreadsheet."""
    return parse(archive, "content.xml", _Rows())


class _Rows:
    def __init__(self) -> None:
        self.rows: list[tuple[int, list[str]]] = []
        self._sheets, self._line, self._row_times = 0, 0, 1
        self._cells, self._blanks = list[str](), 0
        self._value, self._paragraphs, self._times = "", list[str](), 1
        self._in_paragraph, self._aside = False, 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table":
            self._sheets += 1
        elif name == "annotation":
            self._aside += 1
        elif self._sheets != 1 or self._aside:
            return
        elif name == "table-row":
            self._cells, self._blanks = [], 0
            self._row_times = _times(attributes, "number-rows-repeated")
        elif name in ("table-cell", "covered-table-cell"):
            self._value, self._paragraphs = _value(attributes), []
            self._times = _times(attributes, "number-columns-repeated")
        elif name == "p":
            self._paragraphs.append("")
            self._in_paragraph = True
        elif name in SPACES and self._paragraphs:
            self._paragraphs[-1] += SPACES[name] * _times(attributes, "c")

    def end(self, name: str) -> None:
        if name == "annotation":
            self._aside -= 1
        elif self._sheets != 1 or self._aside:
            return
        elif name == "p":
            self._in_paragraph = False
        elif name in ("table-cell", "covered-table-cell"):
            self._keep(self._value or "\n".join(self._paragraphs))
        elif name == "table-row":
            self._end_row()

    def text(self, data: str) -> None:
        if self._in_paragraph and not self._aside:
            self._paragraphs[-1] += data

    def _keep(self, shown: str) -> None:
        if not shown:
            self._blanks += self._times
            return
        room = COLUMNS_MAX - len(self._cells)
        self._cells += [""] * min(self._blanks, room)
        self._cells += [shown] * min(self._times, COLUMNS_MAX - len(self._cells))
        self._blanks = 0

    def _end_row(self) -> None:
        if self._cells:
            times = min(self._row_times, REPEATED_ROWS_MAX)
            self.rows += [(self._line + 1 + n, list(self._cells)) for n in range(times)]
        self._line += self._row_times


SPACES = {"s": " ", "tab": "\t", "line-break": "\n"}


def _times(attributes: dict[str, str], name: str) -> int:
    written = attributes.get(name, "1")
    return max(1, int(written)) if written.isascii() and written.isdigit() else 1


def _value(attributes: dict[str, str]) -> str:
    """What a cell holds rather than shows: 5550000000 where a narrow column shows 5.55E+09."""
    kind = attributes.get("value-type", "")
    if kind == "float":
        return number_text(attributes.get("value", ""))
    return attributes.get("date-value", "").replace("T", " ") if kind == "date" else ""
