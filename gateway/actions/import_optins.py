"""Import a file of opt-ins: each row becomes a person, and an event where the row proves a consent.

Trigger: `izin optins import FILE`.
Reads:   the whole file first, so that nothing is written while a cell is wrong (`skip_problems` goes on without);
         who is known already and where they stand.
Writes:  people, identifiers, evidence and events, a bounded batch in each transaction; a file of rejected rows.
Repeat:  harmless, by the file's digest, how it is read, and the row; an interrupted import goes on where it stopped.
         A file never overrules a person: whoever withdrew is rejected, with the reason.
"""

from __future__ import annotations

import gc
import hashlib
import struct
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from consent import ledger
from gateway.actions.read_optins import Batch, Reading, Rejected, reading
from gateway.actions.rejects_file import RejectsFile, rejects_beside
from gateway.actions.write_optins import Judged, Outcome, Verdicts, Writer
from gateway.core.prepared import PreparedColumns
from gateway.core.rows import Conventions
from gateway.core.wording import Wording
from gateway.settings import Settings
from gateway.storage import imports, wal
from gateway.storage.database import Database, is_awaited
from gateway.storage.imports import Import

PROBLEMS_KEPT = 200
TRIES_MAX = 3
TOGETHER_MAX = 10
"""Batches in one transaction of SQLite's that nobody waits for: numbers come in an order by chance, and touch half of
their index with every batch of a large import, all of it with ten."""
READERS_MAX = 2
"""While a file is checked nothing is written: a second process may read every other stretch of it."""
SIZE = struct.Struct("<Q")
READ = "read"
"""Good rows of a file that was refused for others: counted, not written."""
ROW = Wording("{line}. satır", "Row {line}")

Written = tuple[Batch, Verdicts]


@dataclass
class ImportReport:
    """What became of the rows. `counts` sums to the rows read; `problems` holds the first sentences, with places.

    `columns`: the name of each and what it is read as. `unvouched`: rows that prove a consent for which nobody vouched.
    `refused`: the file has cells to put right, so nothing was written, or would be. `dry`: nothing was to be written.
    """

    digest: str
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    rejects_file: Path | None = None
    same_file_as: datetime | None = None
    encoding: str = ""
    delimiter: str = ""
    columns: list[tuple[str, str]] = field(default_factory=list)
    unvouched: int = 0
    refused: bool = False
    dry: bool = False

    @property
    def rows(self) -> int:
        return sum(self.counts.values())

    def note(self, sentences: Iterable[str]) -> None:
        for sentence in sentences:
            if len(self.problems) < PROBLEMS_KEPT:
                self.problems.append(sentence)


def key_of(digest: str, mapping: Mapping[str, str] | None, attested: bool) -> str:
    """Names a file as it is read. With other columns, or once somebody vouches for it, it says something else."""
    how = orjson.dumps([digest, dict(mapping or {}), attested], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(how).hexdigest()


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass
class OptInImport:
    """One run over one file."""

    database: Database
    settings: Settings
    now: datetime
    attested_by: str | None = None
    mapping: Mapping[str, str] | None = None
    rejects_path: Path | None = None
    on_progress: Callable[[int], None] = lambda _rows: None
    skip_problems: bool = False
    dry: bool = False

    def run(self, path: Path) -> ImportReport:
        """Raises OSError, core.sheet.SheetProblem and core.columns.MappingProblem; then nothing was written."""
        report, self._name = ImportReport(digest_of(path), dry=self.dry), path.name
        self._key = key_of(report.digest, self.mapping, self.attested_by is not None)
        with self.database.read() as connection:
            earlier = imports.find(connection, self._key)
            texts, newest_text = ledger.texts(connection), ledger.newest_text_at(connection)
        if earlier is not None and earlier.finished_at is not None:
            if not (earlier.counts.get(Outcome.REJECTED.value) and newest_text and newest_text > earlier.finished_at):
                report.same_file_as = earlier.finished_at
                report.counts[Outcome.ALREADY_KNOWN.value] = sum(earlier.counts.values())
                return report
            earlier = None  # rows may have lacked the text that has come since
        writer = Writer(self.settings, self.now, report.digest, self._key, self.attested_by, texts)
        checks = not (self.skip_problems or self.dry)
        how, readers = self._how(path, report.digest, earlier), READERS_MAX if checks else 1
        with _without_gc(), reading(how, readers) as (opening, batches):
            report.encoding, report.delimiter = opening.encoding, opening.delimiter
            report.columns = opening.columns.read_as()
            resumed = earlier is not None and not self.dry
            rejects = rejects_beside(path, self.rejects_path, opening, self.settings.language, resumed=resumed)
            if self.skip_problems or self.dry:
                self._write(batches, writer, report, rejects, earlier)
            else:
                self._check_and_write(batches, writer, report, rejects, earlier)
        report.rejects_file = rejects.close()
        return report

    def _how(self, path: Path, digest: str, earlier: Import | None) -> Reading:
        return Reading(
            path=path,
            conventions=Conventions(now=self.now, zone=ZoneInfo(self.settings.time_zone), region=self.settings.region),
            language=self.settings.language,
            proof={"attested_by": self.attested_by, "file_sha256": digest},
            mapping=self.mapping,
            after=earlier.rows_done if earlier else 0,
        )

    def _check_and_write(
        self,
        batches: Iterator[Batch],
        writer: Writer,
        report: ImportReport,
        rejects: RejectsFile,
        earlier: Import | None,
    ) -> None:
        """Nothing is written before the last row has been read and found good."""
        with TemporaryFile(prefix="izin-import-") as checked:
            for batch in batches:
                self._hand_back(batch.rejected, report, rejects)
                report.counts[READ] += batch.good
                if not report.counts[Outcome.REJECTED]:
                    keep(checked, batch)
                self.on_progress(batch.rows)
            if report.counts[Outcome.REJECTED]:
                report.refused = True
                return
            report.counts.clear()
            self._write(kept(checked), writer, report, rejects, earlier)

    def _write(
        self,
        batches: Iterable[Batch],
        writer: Writer,
        report: ImportReport,
        rejects: RejectsFile,
        earlier: Import | None,
    ) -> None:
        if earlier is not None:
            report.counts.update(earlier.counts)
        elif not self.dry:
            self.database.run(lambda c: imports.begin(c, self._key, self._name, self.attested_by, self.now))
        with wal.carried_beside(self.database) as carry:
            for written in self._written(iter(batches), writer, report):
                carry()
                for batch, verdicts in written:
                    self._hand_back(batch.rejected, report, rejects)
                    self._report(verdicts, report, rejects)
                    report.refused |= bool(batch.rejected) and not self.skip_problems
                    self.on_progress(batch.rows)
                del written, batch, verdicts  # before the next one arrives
        if not self.dry:
            self.database.run(lambda c: imports.finish(c, self._key, report.counts, self.now))

    def _written(self, batches: Iterator[Batch], writer: Writer, report: ImportReport) -> Iterator[list[Written]]:
        """The batches that were written together, each time some were."""
        if self.database.is_sqlite and not self.dry:
            yield from self._together(batches, writer, report)
            return
        for batch in batches:
            people = self._people(batch, report)
            yield [(batch, self._foreseen(people, writer) if self.dry else self._alone(batch, people, writer, report))]

    def _together(self, batches: Iterator[Batch], writer: Writer, report: ImportReport) -> Iterator[list[Written]]:
        """On SQLite, whose commits write every page that they touched: batches share one while nobody waits for its
        end. Who writes there is alone, so nobody becomes known between the look and the writing."""
        ahead = next(batches, None)
        while ahead is not None:
            written: list[Written] = []
            with self.database.write() as connection:
                while ahead is not None and not (written and is_awaited(connection)):
                    verdicts = writer.write(connection, self._people(ahead, report))
                    written.append((replace(ahead, packed_people=b""), verdicts))
                    goes_on = len(written) < TOGETHER_MAX and not is_awaited(connection)
                    ahead = next(batches, None) if goes_on else None
                self._note(connection, written, report)
            yield written
            ahead = ahead or next(batches, None)

    def _alone(self, batch: Batch, people: PreparedColumns, writer: Writer, report: ImportReport) -> Verdicts:
        for _ in range(TRIES_MAX - 1):
            try:
                return self.database.run(lambda c: self._step(c, batch, people, writer, report))
            except IntegrityError:  # one of these strangers has just become known by another way
                continue
        return self.database.run(lambda c: self._step(c, batch, people, writer, report))

    def _step(
        self, connection: Connection, batch: Batch, people: PreparedColumns, writer: Writer, report: ImportReport
    ) -> Verdicts:
        verdicts = writer.write(connection, people)
        self._note(connection, [(batch, verdicts)], report)
        return verdicts

    def _note(self, connection: Connection, written: Sequence[Written], report: ImportReport) -> None:
        """How far we have come, in the transaction of the batches: a killed import goes on from here."""
        counts = Counter(report.counts)
        for batch, verdicts in written:
            counts.update(verdicts.counts)
            counts[Outcome.REJECTED.value] += len(batch.rejected)
        imports.note(connection, self._key, written[-1][0].last, +counts)

    def _foreseen(self, people: PreparedColumns, writer: Writer) -> Verdicts:
        with self.database.read() as connection:
            return writer.foresee(connection, people)

    def _people(self, batch: Batch, report: ImportReport) -> PreparedColumns:
        people = batch.people()
        if self.attested_by is None:
            report.unvouched += sum(at is not None for at in people.consent_at)
        return people

    def _hand_back(self, rejected: Sequence[Rejected], report: ImportReport, rejects: RejectsFile) -> None:
        for one in rejected:
            report.counts[Outcome.REJECTED.value] += 1
            rejects.add(one.line, one.cells, one.columns, one.why)
            report.note(one.sentences)

    def _report(self, verdicts: Verdicts, report: ImportReport, rejects: RejectsFile) -> None:
        report.counts.update(verdicts.counts)
        for one in verdicts.rejected:
            rejects.add(one.row.line, _cells(one), "", one.reason)
            report.note([f"{ROW.say(self.settings.language).format(line=one.row.line)}: {one.reason}"])


def _cells(judged: Judged) -> Sequence[str]:
    """The row as it stood: what would prove it holds its cells."""
    cells: list[str] = orjson.loads(judged.row.evidence)["cells"]
    return cells


@contextmanager
def _without_gc() -> Iterator[None]:
    """A batch is tens of thousands of small values and not one cycle; looking for some takes a tenth of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def keep(file: IO[bytes], batch: Batch) -> None:
    data = batch.packed()
    file.write(SIZE.pack(len(data)) + data)


def kept(file: IO[bytes]) -> Iterator[Batch]:
    """The batches that were kept, from the first on."""
    file.seek(0)
    while size := file.read(SIZE.size):
        yield Batch.unpacked(file.read(SIZE.unpack(size)[0]))
