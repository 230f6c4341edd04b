"""Import a list of people who want no messages: each of them is revoked, for every purpose. It never grants.

Trigger: `izin optouts import FILE`.
Reads:   the file as a stream.
Writes:  a revocation for each address, a bounded batch in each transaction; a file of rejected rows. Numbers that
         nobody knows get a subject of their own, so that their stop binds on the day they become known.
Repeat:  harmless, by the file's digest and the row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from consent import ledger, vault
from consent.events import EVERY_PURPOSE, Actor, ActorKind, Commitment, Draft, EventType
from consent.vault import Identifier, IdentifierKind, Subject
from gateway.actions.import_optins import ImportReport, digest_of
from gateway.actions.read_optins import Batch, Reading, reading
from gateway.actions.rejects_file import RejectsFile
from gateway.actions.write_optins import KEY_DIGITS
from gateway.core.prepared import Prepared
from gateway.core.rejects import Rejects
from gateway.core.rows import Conventions
from gateway.settings import Settings
from gateway.storage.database import Database

STEP_ROWS = 1_000
"""People whose standings are folded anew in one transaction."""
STOPPED, REJECTED = "stopped", "rejected"


@dataclass
class OptOutImport:
    """One run over one file. Bad rows never hold the good ones back: a stop that can be read binds at once."""

    database: Database
    settings: Settings
    now: datetime
    by: str
    mapping: Mapping[str, str] | None = None
    rejects_path: Path | None = None
    on_progress: Callable[[int], None] = lambda _rows: None

    def run(self, path: Path) -> ImportReport:
        """Raises OSError, core.sheet.SheetProblem and core.columns.MappingProblem; then nothing was written."""
        report = ImportReport(digest_of(path))
        conventions = Conventions(now=self.now, zone=ZoneInfo(self.settings.time_zone), region=self.settings.region)
        proof = {"file_sha256": report.digest, "listed_by": self.by}
        how = Reading(path, conventions, self.settings.language, proof, self.mapping)
        with reading(how) as (opening, batches):
            report.encoding, report.delimiter = opening.encoding, opening.delimiter
            beside = self.rejects_path or path.with_name(f"{path.stem}.rejected.csv")
            rejects = RejectsFile(beside, Rejects(opening.columns, opening.delimiter, self.settings.language), False)
            for batch in batches:
                self._write(batch, report, rejects)
                self.on_progress(batch.rows)
        report.rejects_file = rejects.close()
        return report

    def _write(self, batch: Batch, report: ImportReport, rejects: RejectsFile) -> None:
        for start in range(0, len(batch.people), STEP_ROWS):
            rows = batch.people[start : start + STEP_ROWS]
            self.database.run(lambda c, rows=rows: self._stop(c, rows, report.digest))  # type: ignore[misc]
            report.counts[STOPPED] += len(rows)
        for one in batch.rejected:
            rejects.add(one.line, one.cells, one.columns, one.why)
            report.counts[REJECTED] += 1
            report.note(one.sentences)

    def _stop(self, connection: Connection, rows: Sequence[Prepared], digest: str) -> None:
        listed = {_identifier(value): row for row in rows for value in row.addresses}
        people = vault.meet(connection, list(listed), self.now)
        drafts = [(people[one], self._draft(people[one], row, digest, one)) for one, row in listed.items()]
        known = ledger.known_keys(connection, [draft.idem for _, draft in drafts])
        new = [(subject, draft) for subject, draft in drafts if draft.idem not in known]
        bodies = {draft.idem: listed[one].evidence for (_, draft), one in zip(drafts, listed, strict=True)}
        kept = vault.keep_bodies(connection, [s.id for s, _ in new], [bodies[d.idem] for _, d in new], self.now)
        ledger.append(connection, [(s, _proven(draft, c)) for (s, draft), c in zip(new, kept, strict=True)], self.now)

    def _draft(self, subject: Subject, row: Prepared, digest: str, one: Identifier) -> Draft:
        position = row.addresses.index(one.value)
        return Draft(
            subject=subject.ref,
            purpose=EVERY_PURPOSE,
            type=EventType.REVOKED,
            occurred_at=self.now,
            actor=Actor(ActorKind.IMPORT, f"{digest[:16]} by {self.by}"),
            source=row.source or "suppression_list",
            method="list",
            idem=f"stop:{digest[:KEY_DIGITS]}#{row.line}.{position}",
        )


def _proven(draft: Draft, commitment: str) -> Draft:
    return replace(draft, evidence=Commitment(1, commitment))


def _identifier(value: str) -> Identifier:
    return Identifier(IdentifierKind.PHONE if value[0] == "+" else IdentifierKind.BSUID, value)
