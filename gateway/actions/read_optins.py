"""Read a file of people in processes of their own, while another one writes what has been read.

Trigger: an import. Reads: the file, nothing else. Writes: nothing.
Small files are read where they are asked for: starting a process would take longer than reading them.
"""

from __future__ import annotations

import gc
import heapq
import marshal
import os
import pickle
import struct
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import IO, Any, BinaryIO

from gateway.core.cells import CellProblem
from gateway.core.columns import Columns
from gateway.core.prepared import PreparedColumns
from gateway.core.rows import Conventions, OptInRow
from gateway.core.sheet import Sheet, SheetProblem, open_sheet
from gateway.core.stretch_reader import StretchReader

BATCH_ROWS = 4_000
"""One transaction of an import; it stays well under a second on SQLite, so that a stop need not wait long."""

WITHOUT_REFERENCES = 2
"""The version of marshal's format that does not look whether it has written an object before, which takes longer."""

OWN_PROCESS_BYTES_MIN = 8 << 20


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read one file. `proof` is what proves each of its rows; rows up to `after` are passed over.

    Of several who share a file, each reads every `shares`-th stretch of BATCH_ROWS rows, the first from `share` on.
    """

    path: Path
    conventions: Conventions
    language: str
    proof: Mapping[str, Any]
    mapping: Mapping[str, str] | None = None
    after: int = 0
    share: int = 0
    shares: int = 1

    def wants(self, line: int) -> bool:
        return line > self.after and _stretch(line) % self.shares == self.share


FIRST_LINE = 2  # below a header


def _stretch(line: int) -> int:
    return (line - FIRST_LINE) // BATCH_ROWS


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


@dataclass(frozen=True, slots=True)
class Batch:
    """The next rows. `good` of them can be written, and stay packed until then; `last` is the row number up to which
    the file has been read."""

    good: int
    packed_people: bytes
    rejected: Sequence[Rejected]
    last: int

    @property
    def rows(self) -> int:
        return self.good + len(self.rejected)

    def people(self) -> PreparedColumns:
        return PreparedColumns(*marshal.loads(self.packed_people))  # noqa: S302  of our own making

    def packed(self) -> bytes:
        rejected = [(r.line, r.cells, r.columns, r.why, r.sentences) for r in self.rejected]
        return marshal.dumps((self.good, self.packed_people, rejected, self.last))

    @classmethod
    def unpacked(cls, data: bytes) -> Batch:
        good, people, rejected, last = marshal.loads(data)  # noqa: S302  from a process or file of our own making
        return cls(good, people, [Rejected(*r) for r in rejected], last)


class ReaderLost(OSError):
    """The process that read the file has ended before the file did."""


@contextmanager
def reading(how: Reading, readers: int = 1) -> Iterator[tuple[Opening, Iterator[Batch]]]:
    """Open the file, with so many processes that read it. Raises OSError, SheetProblem and columns.MappingProblem;
    ReaderLost while reading."""
    if how.path.stat().st_size < OWN_PROCESS_BYTES_MIN:
        with how.path.open("rb") as file, _sheet(file, how) as sheet:
            yield _opening(sheet), batches(sheet, how)
        return
    with ExitStack() as started:
        shares = [replace(how, share=share, shares=readers) for share in range(readers)]
        answers = [started.enter_context(_own_process(share)) for share in shares]
        openings = [pickle.loads(_received(each)[1]) for each in answers]  # noqa: S301  from processes of our own
        yield openings[0], heapq.merge(*map(_arriving, answers), key=attrgetter("last"))


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


def _sheet(file: BinaryIO, how: Reading) -> Sheet:
    whole = how.shares == 1 and not how.after
    return open_sheet(file, how.conventions, mapping=how.mapping, wanted=None if whole else how.wants)


def _opening(sheet: Sheet) -> Opening:
    return Opening(sheet.encoding, sheet.delimiter, sheet.columns)


def batches(sheet: Sheet, how: Reading) -> Iterator[Batch]:
    reader = StretchReader(sheet.columns, how.conventions, how.proof)
    for _, numbered in groupby(sheet.numbered, lambda row: _stretch(row[0])):
        rows = list(numbered)
        people, problems = reader.prepared(rows)
        if people.line or problems:
            rejected = [_rejected(row, how.language) for row in problems]
            yield Batch(len(people.line), marshal.dumps(tuple(people), WITHOUT_REFERENCES), rejected, rows[-1][0])


def _rejected(row: OptInRow, language: str) -> Rejected:
    columns = ", ".join(dict.fromkeys(problem.column for problem in row.problems))
    return Rejected(row.line, row.cells, columns, _why(row.problems, language), _sentences(row.problems, language))


def _why(problems: tuple[CellProblem, ...], language: str) -> str:
    return " ".join(problem.reason(language) for problem in problems)


def _sentences(problems: tuple[CellProblem, ...], language: str) -> tuple[str, ...]:
    return tuple(problem.sentence(language) for problem in problems)


class Part(Enum):
    """What a reading process says."""

    MORE = 0
    PROBLEM = 1
    END = 2


HEAD = struct.Struct("<BQ")  # which part, and its length in bytes


def _send(answers: IO[bytes], part: Part, data: bytes = b"") -> None:
    answers.write(HEAD.pack(part.value, len(data)) + data)
    answers.flush()


def read_for(asked: IO[bytes], answers: IO[bytes]) -> None:
    """In the process that reads: the opening (or what forbids it), every batch, and an end."""
    how: Reading = pickle.loads(asked.read())  # noqa: S301  from the process that started us
    try:
        with how.path.open("rb") as file, _sheet(file, how) as sheet:
            _send(answers, Part.MORE, pickle.dumps(_opening(sheet)))
            for batch in batches(sheet, how):
                _send(answers, Part.MORE, batch.packed())
            _send(answers, Part.END)
    except BrokenPipeError:
        return  # nobody listens any more
    except (OSError, SheetProblem, ValueError) as problem:
        _send(answers, Part.PROBLEM, pickle.dumps(problem))


def _received(answers: IO[bytes]) -> tuple[Part, bytes]:
    """Raises what the process raised."""
    head = answers.read(HEAD.size)
    if len(head) < HEAD.size:
        raise ReaderLost("the process that reads the file has ended")
    part, length = HEAD.unpack(head)
    data = answers.read(length)
    if Part(part) is Part.PROBLEM:
        raise pickle.loads(data)  # noqa: S301  from a process of our own
    return Part(part), data


def _arriving(answers: IO[bytes]) -> Iterator[Batch]:
    while (received := _received(answers))[0] is Part.MORE:
        yield Batch.unpacked(received[1])


def main() -> None:
    gc.disable()  # nothing here makes cycles, and looking for them among a batch's rows takes a tenth of the time
    read_for(sys.stdin.buffer, sys.stdout.buffer)
