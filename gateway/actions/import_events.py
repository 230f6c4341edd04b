"""Import a file of what people did: one JSON item a line (identify, track), or a table with a column for each fact.

Trigger: `izin events import FILE`.
Reads:   the file as a stream.
Writes:  people, ids and events, a bounded batch in each transaction.
Repeat:  harmless, by each item's messageId, or by its whole contents where it has none.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from gateway.actions.record_events import ITEMS_MAX, record_events
from gateway.core.columns import header_key
from gateway.core.decoding import Text, open_text, sniff_delimiter
from gateway.core.reported import SENTENCES
from gateway.core.wording import Wording
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
        """Raises OSError."""
        report = EventReport()
        text = open_text(path.open("rb"))
        with text.lines:
            numbered = _items(text)
            while batch := list(islice(numbered, ITEMS_MAX)):
                self._record(batch, report)
                self.on_progress(len(batch))
        return report

    def _record(self, batch: list[tuple[int, Any]], report: EventReport) -> None:
        good = [(line, item) for line, item in batch if item is not None]
        items = [item for _, item in good]
        recorded = self.database.run(lambda c: record_events(c, items, self.settings, self.now))
        report.counts.update(people=recorded.people, events=recorded.events, repeated=recorded.repeated)
        wrong = [(line, NOT_JSON) for line, item in batch if item is None]
        wrong += [(good[place][0], SENTENCES[code]) for place, code in recorded.problems.items()]
        report.counts["rejected"] += len(wrong)
        for line, problem in sorted(wrong, key=lambda pair: pair[0]):
            if len(report.problems) < PROBLEMS_KEPT:
                language = self.settings.language
                report.problems.append(LINE.say(language).format(line=line, problem=problem.say(language)))


def _items(text: Text) -> Iterator[tuple[int, Any]]:
    """Every item with its line, from 1; None for a line that cannot be read."""
    if text.head.lstrip("\ufeff \r\n")[:1] == "{":
        return ((line, _json(written)) for line, written in enumerate(text.lines, 1) if written.strip())
    return _rows(csv.reader(text.lines, delimiter=sniff_delimiter(text.head)))


def _json(written: str) -> Any:
    try:
        return orjson.loads(written.lstrip("\ufeff"))
    except orjson.JSONDecodeError:
        return None


def _rows(rows: Iterable[list[str]]) -> Iterator[tuple[int, Any]]:
    """Columns that are not known are properties of the event."""
    header: list[str] = []
    for line, row in enumerate(rows, 1):
        if not header:
            header = [COLUMN_OF.get(header_key(name), name.strip()) for name in row]
        elif any(row):
            cells = {name: cell.strip() for name, cell in zip(header, row, strict=False) if cell.strip()}
            known = {name: cells.pop(name) for name in COLUMNS if name in cells}
            yield line, {"type": "track", **known, "properties": cells}
