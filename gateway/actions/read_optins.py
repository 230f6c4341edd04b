"""Read a file of people in a process of its own, while another one writes what has been read.

Trigger: an import. Reads: the file, nothing else. Writes: nothing.
Small files are read where they are asked for: starting a process would take longer than reading them.
"""

from __future__ import annotations

import gc
import marshal
import os
import pickle
import struct
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any

from consent.evidence import salts
from gateway.core.cells import CellProblem
from gateway.core.columns import Columns
from gateway.core.prepared import Prepared, prepare
from gateway.core.rows import Conventions, OptInRow
from gateway.core.sheet import Sheet, SheetProblem, open_sheet

BATCH_ROWS = 5_000
"""One transaction of an import; it stays well under a second on SQLite, so that a stop need not wait long."""

OWN_PROCESS_BYTES_MIN = 8 << 20


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read one file. `proof` is what proves each of its rows; rows up to `after` are passed over."""

    path: Path
    conventions: Conventions
    language: str
    proof: Mapping[str, Any]
    mapping: Mapping[str, str] | None = None
    after: int = 0


@dataclass(frozen=True, slots=True)
class Opening:
    """What a file turned out to be, before any row."""

    encoding: str
    delimiter: str
    columns: Columns


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that cannot be read. `why` says everything that is wrong with it, `sentences` where each cell is."""

    line: int
    cells: tuple[str, ...]
    columns: str
    why: str
    sentences: tuple[str, ...]


@dataclass(slots=True)
class Batch:
    """The next rows. `last` is the row number up to which the file has been read."""

    people: list[Prepared] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    last: int = 0

    @property
    def rows(self) -> int:
        return len(self.people) + len(self.rejected)

    def packed(self) -> bytes:
        rejected = [(r.line, r.cells, r.columns, r.why, r.sentences) for r in self.rejected]
        return marshal.dumps((list(map(tuple, self.people)), rejected, self.last))

    @classmethod
    def unpacked(cls, data: bytes) -> Batch:
        people, rejected, last = marshal.loads(data)  # noqa: S302  from a process or file of our own making
        return cls(list(map(Prepared._make, people)), [Rejected(*r) for r in rejected], last)


class ReaderLost(OSError):
    """The process that read the file has ended before the file did."""


@contextmanager
def reading(how: Reading) -> Iterator[tuple[Opening, Iterator[Batch]]]:
    """Open the file. Raises OSError, SheetProblem and columns.MappingProblem; ReaderLost while reading."""
    if how.path.stat().st_size < OWN_PROCESS_BYTES_MIN:
        with how.path.open("rb") as file, open_sheet(file, how.conventions, mapping=how.mapping) as sheet:
            yield _opening(sheet), batches(sheet, how)
        return
    with _own_process(how) as answers:
        opening = pickle.loads(_received(answers))  # noqa: S301  from a process of our own
        if isinstance(opening, Exception):
            raise opening
        yield opening, _arriving(answers)


@contextmanager
def _own_process(how: Reading) -> Iterator[IO[bytes]]:
    """A process that reads, and what it writes. It ends with the block, however far it has come."""
    process = subprocess.Popen(
        [sys.executable, "-c", f"from {__name__} import main; main()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(pickle.dumps(how))
            process.stdin.close()
            yield process.stdout
        finally:
            process.kill()


def _opening(sheet: Sheet) -> Opening:
    return Opening(sheet.encoding, sheet.delimiter, sheet.columns)


def batches(sheet: Sheet, how: Reading) -> Iterator[Batch]:
    rows = (row for row in sheet.rows if row.line > how.after)
    while (batch := _batch(islice(rows, BATCH_ROWS), how)).rows:
        yield batch
        del batch  # 25 MB that need not be there while the next one is read


def _batch(rows: Iterable[OptInRow], how: Reading) -> Batch:
    batch = Batch()
    for row, salt in zip(rows, salts(BATCH_ROWS), strict=False):
        batch.last = row.line
        if row.problems:
            batch.rejected.append(_rejected(row, how.language))
        else:
            batch.people.append(prepare(row, how.proof, salt))
    return batch


def _rejected(row: OptInRow, language: str) -> Rejected:
    columns = ", ".join(dict.fromkeys(problem.column for problem in row.problems))
    return Rejected(row.line, row.cells, columns, _why(row.problems, language), _sentences(row.problems, language))


def _why(problems: tuple[CellProblem, ...], language: str) -> str:
    return " ".join(problem.reason(language) for problem in problems)


def _sentences(problems: tuple[CellProblem, ...], language: str) -> tuple[str, ...]:
    return tuple(problem.sentence(language) for problem in problems)


LENGTH = struct.Struct("<Q")
END = b""


def _send(answers: IO[bytes], data: bytes) -> None:
    answers.write(LENGTH.pack(len(data)) + data)
    answers.flush()


def read_for(asked: IO[bytes], answers: IO[bytes]) -> None:
    """In the process that reads: the opening (or what forbids it), every batch, and an end."""
    how: Reading = pickle.loads(asked.read())  # noqa: S301  from the process that started us
    try:
        with how.path.open("rb") as file, open_sheet(file, how.conventions, mapping=how.mapping) as sheet:
            _send(answers, pickle.dumps(_opening(sheet)))
            for packed in map(Batch.packed, batches(sheet, how)):
                _send(answers, packed)
            _send(answers, END)
    except BrokenPipeError:
        return  # nobody listens any more
    except (OSError, SheetProblem, ValueError) as problem:
        _send(answers, pickle.dumps(problem))


def _received(answers: IO[bytes]) -> bytes:
    head = answers.read(LENGTH.size)
    if len(head) < LENGTH.size:
        raise ReaderLost("the process that reads the file has ended")
    return answers.read(LENGTH.unpack(head)[0])


def _arriving(answers: IO[bytes]) -> Iterator[Batch]:
    while (data := _received(answers)) != END:
        yield Batch.unpacked(data)


def main() -> None:
    gc.disable()  # nothing here makes cycles, and looking for them among a batch's rows takes a tenth of the time
    read_for(sys.stdin.buffer, sys.stdout.buffer)
