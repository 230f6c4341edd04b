"""Import a file of what people did: one JSON item a line (identify, track), or a table with a column for each fact.

Trigger: `izin events import FILE`.
Reads:   the file as a stream.
Writes:  people, ids and events, a bounded batch in each transaction.
Repeat:  harmless, by each item's messageId, or by its whole contents where it has none.
"""

from __future__ import annotations

import codecs
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson

from gateway.actions.record_events import ITEMS_MAX, record_events
from gateway.core.cells import SENTENCES as CELL_SENTENCES
from gateway.core.cells import Unread
from gateway.core.columns import header_key
from gateway.core.decoding import open_text, sniff_encoding
from gateway.core.moments import MomentProblem, read_moment
from gateway.core.reported import SENTENCES
from gateway.core.sheet import SheetCode, SheetProblem
from gateway.core.tables_in import table_in
from gateway.core.wording import Wording
from gateway.core.xml_stream import NotASpreadsheet
from gateway.settings import Settings
from gateway.storage.database import Database

PROBLEMS_KEPT = 200
LINE = Wording("{line}. satır: {problem}", "Line {line}: {problem}")
NOT_JSON = Wording("geçerli bir JSON değil.", "is no valid JSON.")

COLUMNS = {
    "event": "event olay eventname olayadi",
    "userId": "userid kullanicino kullaniciid musterino customerid",
    "phone": "phone telefon tel cep ceptelefonu gsm mobile",
    "timestamp": "timestamp tarih zaman time date datetime at",
    "messageId": "messageid eventid id olayno",
}
COLUMN_OF = {word: name for name, words in COLUMNS.items() for word in words.split()}

Numbered = tuple[int, object]
"""A line's number and its item, or the wording of why there is none."""


@dataclass
class EventReport:
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


@dataclass
class EventImport:
    """One run over one file."""

    database: Database
    settings: Settings
    now: datetime
    on_progress: Callable[[int], None] = lambda _rows: None

    def run(self, path: Path) -> EventReport:
        """Raises OSError, and core.sheet.SheetProblem for a file that holds no events or is a broken spreadsheet: what
        came before is in, and doing it again is harmless.
        """
        report = EventReport()
        with path.open("rb") as file:
            numbered = self._items(file)
            while batch := list(islice(numbered, ITEMS_MAX)):
                self._record(batch, report)
                self.on_progress(len(batch))
        return report

    def _items(self, file: io.BufferedReader) -> Iterator[Numbered]:
        """Every item with its line, from 1."""
        match _first_character(file.peek()):
            case "":
                raise SheetProblem(SheetCode.EMPTY)
            case "[":
                raise SheetProblem(SheetCode.UNREADABLE, "JSON […]")
            case "{":
                with open_text(file).lines as lines:
                    yield from ((line, _json(written)) for line, written in enumerate(lines, 1) if written.strip())
            case _:
                yield from self._table(file)

    def _table(self, file: io.BufferedReader) -> Iterator[Numbered]:
        try:
            with closing(table_in(file, None, None)) as table:
                yield from self._rows(table.rows)
        except NotASpreadsheet as problem:
            raise SheetProblem(SheetCode.UNREADABLE, str(problem)) from None

    def _rows(self, rows: Iterable[tuple[int, list[str] | Unread]]) -> Iterator[Numbered]:
        """Columns that are not known are properties of the event. Dates may be written as spreadsheets write them."""
        rows = iter(rows)
        header = _header(rows)
        for line, row in rows:
            if isinstance(row, Unread):
                yield line, Wording(*CELL_SENTENCES[row.why])
            elif any(row):
                cells = {name: _plain(cell.strip()) for name, cell in zip(header, row, strict=False) if cell.strip()}
                known = {name: cells.pop(name) for name in COLUMNS if name in cells}
                if "timestamp" in known:
                    known["timestamp"] = self._moment(known["timestamp"])
                yield line, {"type": "track", **known, "properties": cells}

    def _moment(self, written: str) -> str:
        read = read_moment(written, ZoneInfo(self.settings.time_zone), self.now)
        return written if isinstance(read, MomentProblem) else read.isoformat()

    def _record(self, batch: list[Numbered], report: EventReport) -> None:
        good = [(line, item) for line, item in batch if not isinstance(item, Wording)]
        items = [item for _, item in good]
        recorded = self.database.run(lambda c: record_events(c, items, self.settings, self.now))
        report.counts.update(people=recorded.people, events=recorded.events, repeated=recorded.repeated)
        report.counts["passed_over"] += recorded.passed_over
        wrong = [(line, item) for line, item in batch if isinstance(item, Wording)]
        wrong += [(good[place][0], SENTENCES[code]) for place, code in recorded.problems.items()]
        report.counts["rejected"] += len(wrong)
        for line, problem in sorted(wrong, key=lambda pair: pair[0]):
            if len(report.problems) < PROBLEMS_KEPT:
                language = self.settings.language
                report.problems.append(LINE.say(language).format(line=line, problem=problem.say(language)))


def _first_character(head: bytes) -> str:
    """The first that says something, in whatever encoding."""
    text = codecs.getincrementaldecoder(sniff_encoding(head))("replace").decode(head)
    return text.lstrip("\ufeff \r\n\t")[:1]


DECIMAL_COMMA = re.compile(r"(-?[0-9]{1,3}(?:\.[0-9]{3})+|-?[0-9]+),([0-9]+)")


def _plain(cell: str) -> str:
    """A number with a decimal comma as other tools write it, so that segments compare it: 1.234,50 is 1234.50."""
    found = DECIMAL_COMMA.fullmatch(cell)
    return f"{found[1].replace('.', '')}.{found[2]}" if found else cell


def _json(written: str) -> object:
    try:
        return orjson.loads(written.lstrip("\ufeff"))
    except orjson.JSONDecodeError:
        return NOT_JSON


def _header(rows: Iterator[tuple[int, list[str] | Unread]]) -> list[str]:
    """What each column is, from the first row that holds anything. Raises SheetProblem without event or person."""
    for _, row in rows:
        if isinstance(row, list) and "".join(row).strip():
            header = [COLUMN_OF.get(header_key(name), name.strip()) for name in row]
            if "event" not in header or not {"userId", "phone"} & set(header):
                raise SheetProblem(SheetCode.NO_EVENT_COLUMN, ", ".join(f"“{name.strip()}”" for name in row))
            return header
    raise SheetProblem(SheetCode.EMPTY)
