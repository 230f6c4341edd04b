"""Import a file of opt-ins: each row becomes a person, and an event where the row proves a consent.

Trigger: `izin optins import FILE`.
Reads:   the file as a stream; who is known already and where they stand.
Writes:  people, identifiers, evidence and events, a bounded batch in each transaction; a file of rejected rows.
Repeat:  harmless, by the file's digest and the row; an interrupted import goes on where it stopped.
         A file never overrules a person: whoever withdrew is rejected, with the reason.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from consent import ledger, vault
from consent.address import Address, region_of, zones_of
from consent.events import Actor, ActorKind, Commitment, Draft, EventType, Purpose, TextRef
from consent.standing import NOBODY, Standings
from consent.suppression import SuppressionKeys
from consent.texts import ConsentText
from consent.vault import Identifier, Subject, identifier_of
from consent.verdicts import Accept, Reject, verdict
from gateway.core.rejects import ENCODING, Rejects
from gateway.core.rows import Conventions, OptInRow
from gateway.core.sheet import Sheet, open_sheet
from gateway.core.wording import Wording
from gateway.settings import Settings
from gateway.storage import contacts, imports
from gateway.storage.contacts import NewPerson
from gateway.storage.database import Database

BATCH_ROWS = 5_000
PROBLEMS_KEPT = 200
MARKETING = Purpose.MARKETING.value


EVIDENCE_FOLLOWS = Commitment(1, "")
"""Stands in a draft until its evidence is kept: the verdict asks whether there is any."""


class Outcome(StrEnum):
    ADDED = "added"
    ALREADY_KNOWN = "already_known"
    NEEDS_CONFIRMATION = "needs_confirmation"
    REJECTED = "rejected"


@dataclass
class ImportReport:
    """What became of the rows. `counts` sums to the rows read; `problems` holds the first sentences, with places."""

    digest: str
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    rejects_file: Path | None = None
    same_file_as: datetime | None = None
    encoding: str = ""
    delimiter: str = ""

    @property
    def rows(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class _Judged:
    """A row with its outcome; `draft` is what the ledger records, `reason` why it stays out."""

    row: OptInRow
    outcome: Outcome
    subject: Subject | None = None
    draft: Draft | None = None
    reason: str = ""


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

    def run(self, path: Path) -> ImportReport:
        """Raises OSError, core.sheet.SheetProblem and core.columns.MappingProblem; then nothing was written."""
        report = ImportReport(digest_of(path))
        with self.database.read() as connection:
            earlier = imports.find(connection, report.digest)
        if earlier is not None and earlier.finished_at is not None:
            report.same_file_as = earlier.finished_at
            report.counts[Outcome.ALREADY_KNOWN] = sum(earlier.counts.values())
            return report
        with path.open("rb") as file:
            sheet = open_sheet(file, self._conventions(), mapping=self.mapping)
            report.encoding, report.delimiter = sheet.encoding, sheet.delimiter
            if earlier is None:
                self.database.run(lambda c: imports.begin(c, report.digest, path.name, self.attested_by, self.now))
            else:
                report.counts.update(earlier.counts)
            self._import(sheet, report, path, after=earlier.rows_done if earlier else 0)
        return report

    def _conventions(self) -> Conventions:
        return Conventions(now=self.now, zone=ZoneInfo(self.settings.time_zone), region=self.settings.region)

    def _import(self, sheet: Sheet, report: ImportReport, path: Path, after: int) -> None:
        rejects = _RejectsFile(self.rejects_path or _beside(path), Rejects(sheet, self.settings.language), bool(after))
        with self.database.read() as connection:
            texts = {(t.id, t.version, t.locale): t for t in ledger.texts(connection)}
        rows = (row for row in sheet.rows if row.line > after)
        for batch in _batches(rows, BATCH_ROWS):
            judged = self.database.run(lambda c, batch=batch: self._write(c, batch, texts, report))  # type: ignore[misc]
            self._report(judged, report, rejects)
            self.on_progress(len(batch))
        self.database.run(lambda c: imports.finish(c, report.digest, report.counts, self.now))
        report.rejects_file = rejects.close()

    def _write(
        self,
        connection: Connection,
        batch: Sequence[OptInRow],
        texts: Mapping[tuple[str, str, str], ConsentText],
        report: ImportReport,
    ) -> list[_Judged]:
        judged = self._judge(connection, batch, texts, report.digest)
        people = [_person(j) for j in judged if j.subject is not None and j.outcome is not Outcome.REJECTED]
        contacts.add(connection, list({p.subject_id: p for p in people}.values()), self.now)
        granting = [(j.subject, j.draft, j.row) for j in judged if j.subject is not None and j.draft is not None]
        commitments = vault.keep_evidence(
            connection, [(s, self._evidence(row, report.digest)) for s, _, row in granting], self.now
        )
        drafts = [(s, replace(draft, evidence=c)) for (s, draft, _), c in zip(granting, commitments, strict=True)]
        ledger.append(connection, drafts, self.now)
        counts = report.counts + Counter(j.outcome.value for j in judged)
        imports.note(connection, report.digest, batch[-1].line, counts)
        return judged

    def _judge(
        self,
        connection: Connection,
        batch: Sequence[OptInRow],
        texts: Mapping[tuple[str, str, str], ConsentText],
        digest: str,
    ) -> list[_Judged]:
        wanted = [identifier_of(a) for row in batch if not row.problems for a in row.addresses]
        known = vault.find(connection, wanted)
        silent = self._suppressed(connection, wanted)
        standings = ledger.standings_of(connection, sorted({s.id for s in known.values()}))
        met_before = contacts.known(connection, [s.id for s in known.values()])
        judged: list[_Judged] = []
        newcomers = [row for row in batch if not row.problems and not _owners(row, known) and not _any(row, silent)]
        known |= vault.meet(connection, [identifier_of(row.addresses[0]) for row in newcomers], self.now)
        seen: set[int] = set()
        for row in batch:
            owner = None if _any(row, silent) else next(iter(_owners(row, known)), None)
            if row.problems or owner is None:
                judged.append(
                    _Judged(
                        row, Outcome.REJECTED, reason=ERASED.say(self.settings.language) if not row.problems else ""
                    )
                )
                continue
            self._attach(connection, row, owner, known)
            repeated = owner.id in seen
            seen.add(owner.id)
            judged.append(
                self._one(row, owner, standings.get(owner.id, NOBODY), texts, digest, repeated, owner.id in met_before)
            )
        return judged

    def _one(
        self,
        row: OptInRow,
        owner: Subject,
        standings: Standings,
        texts: Mapping[tuple[str, str, str], ConsentText],
        digest: str,
        repeated: bool,
        met: bool,
    ) -> _Judged:
        if repeated:
            return _Judged(row, Outcome.ALREADY_KNOWN, owner)
        if not row.is_proven or self.attested_by is None:
            asked = standings.of(MARKETING).at(self.now).state.value != "none" or met
            return _Judged(row, Outcome.ALREADY_KNOWN if asked else Outcome.NEEDS_CONFIRMATION, owner)
        text = _text_for(row, texts, self.settings.language)
        if text is None:
            sentence = UNKNOWN_TEXT.say(self.settings.language).format(id=row.text_id, version=row.text_version)
            return _Judged(row, Outcome.REJECTED, owner, reason=sentence)
        draft = self._draft(row, owner, text.ref, digest)
        match verdict(standings, draft, self.now):
            case Accept(changes=True):
                return _Judged(row, Outcome.ADDED, owner, draft)
            case Reject() as no if no.why.value not in ("already_granted", "proof_not_newer"):
                return _Judged(row, Outcome.REJECTED, owner, reason=no.sentence(self.settings.language))
            case _:
                return _Judged(row, Outcome.ALREADY_KNOWN, owner)

    def _draft(self, row: OptInRow, owner: Subject, text: TextRef, digest: str) -> Draft:
        assert row.consent_at is not None
        return Draft(
            subject=owner.ref,
            purpose=MARKETING,
            type=EventType.GRANTED_BY_IMPORT,
            occurred_at=row.consent_at,
            actor=Actor(ActorKind.IMPORT, f"{digest[:16]} by {self.attested_by}"),
            source=row.consent_source,
            method="list",
            idem=f"csv:{digest}#{row.line}",
            text=text,
            evidence=EVIDENCE_FOLLOWS,
        )

    def _evidence(self, row: OptInRow, digest: str) -> dict[str, object]:
        """What proves the row: the file, its row, and its cells as they stood."""
        return {
            "file_sha256": digest,
            "row": row.line,
            "cells": list(row.cells),
            "proof": row.proof,
            "attested_by": self.attested_by,
        }

    def _attach(self, connection: Connection, row: OptInRow, owner: Subject, known: dict[Identifier, Subject]) -> None:
        """A second number in a row belongs to the same person, unless it is known to be somebody else's."""
        more = [i for i in map(identifier_of, row.addresses) if i not in known]
        vault.attach(connection, owner, more, self.now)
        known.update(dict.fromkeys(more, owner))

    def _suppressed(self, connection: Connection, wanted: Sequence[Identifier]) -> set[Identifier]:
        """Numbers of erased people: they cannot be imported back, also when somebody wrote from them since."""
        keys = SuppressionKeys.read(self.settings.suppression_key)
        silent = vault.silenced(connection, keys, [i.value for i in wanted])
        return {i for i in wanted if i.value in silent}

    def _report(self, judged: Sequence[_Judged], report: ImportReport, rejects: _RejectsFile) -> None:
        report.counts.update(j.outcome.value for j in judged)
        for one in judged:
            if one.outcome is Outcome.REJECTED:
                rejects.add(one.row, one.reason)
                if len(report.problems) < PROBLEMS_KEPT:
                    report.problems += [p.sentence(self.settings.language) for p in one.row.problems]
                    if one.reason:
                        place = ROW.say(self.settings.language).format(line=one.row.line)
                        report.problems.append(f"{place}: {one.reason}")


ROW = Wording("{line}. satır", "Row {line}")
ERASED = Wording(
    "Bu kişinin verisi silinmiş ve bir daha yazılmaması istenmiş; dosyayla geri gelemez.",
    "This person's data was erased and they are not to be written to; a file cannot bring them back.",
)
UNKNOWN_TEXT = Wording(
    "“{id}” metninin {version} sürümü kayıtlı değil; `izin texts add` ile ekleyin.",
    "The consent text “{id}” version {version} is not known here; add it with `izin texts add`.",
)


class _RejectsFile:
    """Written only when there is something to write."""

    def __init__(self, path: Path, writer: Rejects, resumed: bool) -> None:
        self._path, self._writer, self._resumed = path, writer, resumed
        self._lines = 0

    def add(self, row: OptInRow, reason: str) -> None:
        begins = self._lines == 0 and not self._resumed
        with self._path.open("w" if begins else "a", encoding=ENCODING if begins else "utf-8", newline="") as file:
            if begins:
                file.write(self._writer.heading())
            file.write(self._writer.line(row, *([reason] if reason else [])))
        self._lines += 1

    def close(self) -> Path | None:
        return self._path if self._lines else None


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.stem}.rejected.csv")


def _batches(rows: Iterator[OptInRow], size: int) -> Iterator[list[OptInRow]]:
    while batch := list(islice(rows, size)):
        yield batch


def _owners(row: OptInRow, known: Mapping[Identifier, Subject]) -> list[Subject]:
    return list(dict.fromkeys(known[i] for i in map(identifier_of, row.addresses) if i in known))


def _any(row: OptInRow, silent: set[Identifier]) -> bool:
    return any(identifier_of(address) in silent for address in row.addresses)


def _text_for(
    row: OptInRow, texts: Mapping[tuple[str, str, str], ConsentText], house_language: str
) -> ConsentText | None:
    for locale in (row.language, row.language.partition("_")[0], house_language):
        if locale and (found := texts.get((row.text_id, row.text_version, locale))):
            return found
    same = [t for (id_, version, _), t in texts.items() if (id_, version) == (row.text_id, row.text_version)]
    return same[0] if len(same) == 1 else None


def _person(judged: _Judged) -> NewPerson:
    row, subject = judged.row, judged.subject
    assert subject is not None
    address: Address = row.addresses[0]
    return NewPerson(
        subject_id=subject.id,
        name=row.name or None,
        language=row.language or None,
        zone=row.zone or None,
        zones=zones_of(address),
        region=region_of(address) or None,
        source=row.consent_source or "import",
        attributes=row.attributes,
        tags=tuple(sorted(row.tags)),
    )
