"""Excel's workbooks (.xlsx, ECMA-376): the first visible sheet's cells as the texts that a person would type.

Numbers are written out in full, as long as Excel kept all their digits (15); dates as 2026-05-01 10:00:00.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from zipfile import ZipFile

from gateway.core.xml_stream import NotASpreadsheet, listen, parse

DIGITS_MAX = 15  # a double holds no more; Excel writes zeros for the rest
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  local days are counted from here
EPOCH_1904 = datetime(1904, 1, 1)  # noqa: DTZ001
DAYS_MAX = 2_958_465  # the end of 9999
BUILT_IN_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
DATE_LETTERS = re.compile(r"[dmyhsDMYHS]")
NO_LETTERS = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|General', re.IGNORECASE)
COLUMNS_MAX = 16_384


def rows_of(archive: ZipFile) -> Iterator[tuple[int, list[str]]]:
    """Every row with its number, from 1. Raises NotASpreadsheet."""
    book, links, styles, texts = _Book(), _Links(), _Styles(), _SharedTexts()
    listen(archive, "xl/workbook.xml", book)
    listen(archive, "xl/_rels/workbook.xml.rels", links)
    listen(archive, "xl/styles.xml", styles)
    listen(archive, "xl/sharedStrings.xml", texts)
    if not book.sheets:
        raise NotASpreadsheet("it has no sheet")
    target = links.targets.get(book.sheets[0], "worksheets/sheet1.xml")
    member = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
    epoch = EPOCH_1904 if book.since_1904 else EPOCH
    return parse(archive, member, _SheetRows(texts.texts, styles.dates, epoch))


class _Quiet:
    """Takes no note of anything."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, list[str]]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Nothing begins that matters."""

    def end(self, name: str) -> None:
        """Nothing ends that matters."""

    def text(self, data: str) -> None:
        """Nothing is said that matters."""


class _Book(_Quiet):
    """The visible sheets by their link, and from when days are counted."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[str] = []
        self.since_1904 = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sheet" and attributes.get("state", "visible") == "visible":
            self.sheets.append(attributes.get("id", ""))
        if name == "workbookPr":
            self.since_1904 = attributes.get("date1904") in ("1", "true")


class _Links(_Quiet):
    def __init__(self) -> None:
        super().__init__()
        self.targets: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship":
            self.targets[attributes.get("Id", "")] = attributes.get("Target", "")


class _Styles(_Quiet):
    """The numbers of cell styles that show a number as a date."""

    def __init__(self) -> None:
        super().__init__()
        self.dates: set[int] = set()
        self._formats: set[int] = set(BUILT_IN_DATES)
        self._inside, self._count = False, 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt" and DATE_LETTERS.search(NO_LETTERS.sub("", attributes.get("formatCode", ""))):
            self._formats.add(_number(attributes.get("numFmtId", "")))
        elif name == "cellXfs":
            self._inside = True
        elif name == "xf" and self._inside:
            if _number(attributes.get("numFmtId", "")) in self._formats:
                self.dates.add(self._count)
            self._count += 1

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._inside = False


class _SharedTexts(_Quiet):
    """Texts that cells point to by number. Readings beside Japanese words (rPh) are no part of them."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._parts: list[str] = []
        self._in_text, self._in_reading = False, False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "si":
            self._parts = []
        self._in_text = self._in_text or name == "t"
        self._in_reading = self._in_reading or name == "rPh"

    def end(self, name: str) -> None:
        if name == "si":
            self.texts.append(_unescaped("".join(self._parts)))
        self._in_text = self._in_text and name != "t"
        self._in_reading = self._in_reading and name != "rPh"

    def text(self, data: str) -> None:
        if self._in_text and not self._in_reading:
            self._parts.append(data)


class _SheetRows(_Quiet):
    def __init__(self, texts: list[str], dates: set[int], epoch: datetime) -> None:
        super().__init__()
        self._texts, self._dates, self._epoch = texts, dates, epoch
        self._line, self._cells, self._parts = 0, list[str](), list[str]()
        self._column, self._kind, self._style, self._in_value = 0, "n", 0, False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            self._line = _number(attributes.get("r", "")) or self._line + 1
            self._cells = []
        elif name == "c":
            place = _column(attributes.get("r", ""))
            self._column = len(self._cells) if place is None else place
            self._kind, self._style = attributes.get("t", "n"), _number(attributes.get("s", "0"))
            self._parts = []
        elif name in ("v", "t"):
            self._in_value = True

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self._in_value = False
        elif name == "c" and self._column < COLUMNS_MAX:
            self._cells += [""] * (self._column + 1 - len(self._cells))
            self._cells[self._column] = self._shown("".join(self._parts))
        elif name == "row":
            self.rows.append((self._line, self._cells))

    def text(self, data: str) -> None:
        if self._in_value:
            self._parts.append(data)

    def _shown(self, written: str) -> str:
        if self._kind == "s":
            if not 0 <= (place := _number(written, -1)) < len(self._texts):
                raise NotASpreadsheet(f"row {self._line} points to a text that is not there")
            return self._texts[place]
        if self._kind == "b":
            return "TRUE" if written.strip() == "1" else "FALSE"
        if self._kind == "e":
            return ""
        if self._kind != "n" or not written:
            return _unescaped(written)
        return date_text(written, self._epoch) if self._style in self._dates else number_text(written)


def date_text(written: str, epoch: datetime = EPOCH) -> str:
    """A day count as a date; as a number where it is none."""
    try:
        days = float(written)
    except ValueError:
        return written
    if not 1 <= days < DAYS_MAX:
        return number_text(written)
    moment = epoch + timedelta(seconds=round(days * 86_400))
    return moment.strftime("%Y-%m-%d") if days == int(days) else moment.isoformat(sep=" ")


def number_text(written: str) -> str:
    """5.55E9 as 5550000000, while a double can have held every digit; else as it was written, to be refused."""
    try:
        number = Decimal(written.strip())
    except InvalidOperation:
        return written
    if not number.is_finite() or len(number.normalize().as_tuple().digits) > DIGITS_MAX or abs(number.adjusted()) > 15:
        return written
    plain = format(number, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def _unescaped(text: str) -> str:
    """Signs that XML cannot hold stand as _x000D_ (ECMA-376 part 1, 22.9.2.19)."""
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _number(text: str, otherwise: int = 0) -> int:
    return int(text) if text.isascii() and text.strip().isdigit() else otherwise


def _column(reference: str) -> int | None:
    """The index of a cell's column: "B12" is 1; None where the file leaves places out."""
    letters = reference.rstrip("0123456789")
    if not letters.isalpha() or not letters.isascii() or len(letters) > 3:
        return None
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1
