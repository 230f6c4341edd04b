"""The file of rejected rows beside an import: opened when the first one comes, so that a clean import leaves none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import IO

from gateway.actions.read_optins import Opening
from gateway.core.rejects import Rejects, rejects_of


def rejects_beside(path: Path, chosen: Path | None, opening: Opening, language: str, *, resumed: bool) -> RejectsFile:
    """The rejects of the file at `path`: where they were wanted, or beside it."""
    writer = rejects_of(opening.encoding, opening.delimiter, opening.columns, language)
    return RejectsFile(chosen or path.with_name(f"{path.stem}.rejected.{writer.suffix}"), writer, resumed)


class RejectsFile:
    """With `resumed`, what an interrupted import has handed back already stays."""

    def __init__(self, path: Path, writer: Rejects, resumed: bool) -> None:
        self._path, self._writer, self._resumed = path, writer, resumed
        self._file: IO[str] | None = None

    def add(self, line: int, cells: Sequence[str], columns: str, why: str) -> None:
        if self._file is None:
            self._file = self._opened()
        self._file.write(self._writer.plain(line, cells, columns, why))

    def _opened(self) -> IO[str]:
        goes_on = self._resumed and self._path.exists()
        file = self._path.open(
            "a" if goes_on else "w", encoding="utf-8" if goes_on else self._writer.encoding, newline=""
        )
        if not goes_on:
            file.write(self._writer.heading())
        return file

    def close(self) -> Path | None:
        """The path, when there was anything to hand back."""
        if self._file is None:
            return None
        self._file.close()
        return self._path
