"""The rows that stayed out, with the reasons beside them: fix the cells, import the file again.

The reason columns are recognised and skipped on the way back in, so nothing has to be removed.
JSON lines come back as JSON lines: one that could not be read stands as it stood, under a remark that says why.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence

from gateway.core.columns import Columns, column_letters
from gateway.core.json_lines import REMARK
from gateway.core.rows import OptInRow

ENCODING = "utf-8-sig"  # the one that Excel opens rightly in every language
JSON_LINES = "ndjson"

HEADINGS = {
    "tr": ("İzin: satır", "İzin: sütun", "İzin: neden"),
    "en": ("İzin: row", "İzin: column", "İzin: reason"),
}


class Rejects:
    """Writes one rejects file, with its file's own delimiter. Lines end with CR LF; encode them as `encoding`."""

    encoding = ENCODING
    suffix = "csv"

    def __init__(self, columns: Columns, delimiter: str, language: str = "en") -> None:
        self._columns = columns
        self._delimiter = delimiter
        self._language = "tr" if language.lower().startswith("tr") else "en"

    def heading(self) -> str:
        """The original headers without earlier reasons, and the three columns of reasons."""
        headers = self._columns.headers
        named = [headers[index] or column_letters(index) for index in self._kept(len(headers))]
        return self._line([*named, *HEADINGS[self._language]])

    def line(self, row: OptInRow, *reasons: str) -> str:
        """The row as it was, then its number, the columns at fault, and every reason: its problems and `reasons`."""
        columns = dict.fromkeys(problem.column for problem in row.problems)
        why = [problem.reason(self._language) for problem in row.problems]
        return self.plain(row.line, row.cells, ", ".join(columns), " ".join([*why, *reasons]))

    def plain(self, line: int, cells: Sequence[str], columns: str, why: str) -> str:
        """As `line`, for a row of which no more is left than its number and its cells."""
        unread = self._unread(cells)
        kept = [cells[index] for index in self._kept(len(cells))] if unread is None else [unread]
        kept += [""] * (len(self._kept(len(self._columns.headers))) - len(kept))
        return self._line([*kept, str(line), columns, why])

    def _unread(self, cells: Sequence[str]) -> str | None:
        """The text that could not be taken apart into cells (core.rows.RowReader.unread)."""
        *inside, beyond = cells or [""]
        return beyond if len(inside) == len(self._columns.headers) and not any(inside) else None

    def _kept(self, width: int) -> list[int]:
        """Cells beyond the header are left out: they could only push the reasons aside."""
        return [index for index in range(min(width, len(self._columns.headers))) if index not in self._columns.ignored]

    def _line(self, cells: Sequence[str]) -> str:
        written = io.StringIO(newline="")
        csv.writer(written, delimiter=self._delimiter).writerow(cells)
        return written.getvalue()


class JsonRejects(Rejects):
    """Writes rejects as JSON lines, of a file that came as such."""

    encoding = "utf-8"
    suffix = JSON_LINES

    def heading(self) -> str:
        return ""

    def plain(self, line: int, cells: Sequence[str], columns: str, why: str) -> str:
        row, column, reason = HEADINGS[self._language]
        if (unread := self._unread(cells)) is not None:
            return f"{REMARK} {row} {line}: {why}\n{unread}\n"
        kept = {self._columns.headers[index]: cells[index] for index in self._kept(len(cells)) if cells[index]}
        return json.dumps({**kept, row: line, column: columns, reason: why}, ensure_ascii=False) + "\n"


def rejects_of(encoding: str, delimiter: str, columns: Columns, language: str) -> Rejects:
    """What writes the rejects of a file (core.sheet.Sheet): in its own kind, or as CSV those of spreadsheets."""
    return (JsonRejects if encoding == JSON_LINES else Rejects)(columns, delimiter, language)
