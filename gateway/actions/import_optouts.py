"""Import a list of people who want no messages: each of them is revoked, for every purpose. It never grants.

Trigger: `izin optouts import FILE`.
Reads:   the file as a stream.
Writes:  a revocation for each address, a bounded batch in each transaction; a file of rejected rows. Numbers that
         nobody knows get a subject of their own, so that their stop binds on the day they become known.
Repeat:  harmless, by the file's digest and the row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from consent import first_grants, ledger, vault
from consent.events import EVERY_PURPOSE, Actor, ActorKind, Commitment, Draft, EventType
from consent.first_grants import FirstGrant, Pattern
from consent.vault import Subject, identifier_from
from gateway.actions.import_optins import TRIES_MAX, ImportReport, digest_of
from gateway.actions.read_optins import Batch, Reading, reading
from gateway.actions.rejects_file import RejectsFile, rejects_beside
from gateway.actions.write_optins import KEY_DIGITS
from gateway.core.prepared import Prepared
from gateway.core.rows import Conventions
from gateway.settings import Settings
from gateway.storage.database import Database

STEP_ROWS = 1_000
"""People with a past, whose standings are folded anew, in one transaction."""
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
    _patterns: dict[str, Pattern] = field(default_factory=dict)

    def run(self, path: Path) -> ImportReport:
        """Raises OSError, core.sheet.SheetProblem and core.columns.MappingProblem; then nothing was written."""
        report = ImportReport(digest_of(path))
        zone = ZoneInfo(self.settings.time_zone)
        conventions = Conventions(now=self.now, zone=zone, region=self.settings.region, stops=True)
        proof = {"file_sha256": report.digest, "listed_by": self.by}
        how = Reading(path, conventions, self.settings.language, proof, self.mapping)
        with reading(how) as (opening, batches):
            report.encoding, report.delimiter = opening.encoding, opening.delimiter
            rejects = rejects_beside(path, self.rejects_path, opening, self.settings.language, resumed=False)
            for batch in batches:
                self._write(batch, report, rejects)
                self.on_progress(batch.rows)
        report.rejects_file = rejects.close()
        return report

    def _write(self, batch: Batch, report: ImportReport, rejects: RejectsFile) -> None:
        listed = {value: row for row in batch.people().rows() for value in row.addresses}
        known = list(self._met(listed, report.digest).items())
        for start in range(0, len(known), STEP_ROWS):
            some = known[start : start + STEP_ROWS]
            self.database.run(lambda c, some=some: self._stop(c, some, listed, report.digest))  # type: ignore[misc]
        report.counts[STOPPED] += batch.good
        for one in batch.rejected:
            rejects.add(one.line, one.cells, one.columns, one.why)
            report.counts[REJECTED] += 1
            report.note(one.sentences)

    def _met(self, listed: Mapping[str, Prepared], digest: str) -> dict[str, Subject]:
        """Stop everybody whom nobody knows yet; returns the others."""
        for _ in range(TRIES_MAX - 1):
            try:
                return self.database.run(lambda c: self._stop_strangers(c, listed, digest))
            except IntegrityError:  # one of them has just become known by another way
                continue
        return self.database.run(lambda c: self._stop_strangers(c, listed, digest))

    def _stop_strangers(
        self, connection: Connection, listed: Mapping[str, Prepared], digest: str
    ) -> dict[str, Subject]:
        known = vault.find_addresses(connection, list(listed))
        strangers = [(value, row) for value, row in listed.items() if value not in known]
        if strangers:
            made = vault.add(connection, [identifier_from(value) for value, _ in strangers], self.now)
            met = [(subject, value, row) for subject, (value, row) in zip(made, strangers, strict=True)]
            _keep_evidence(connection, [(subject, row) for subject, _, row in met], self.now)
            stops = [
                (self._pattern(row, digest), FirstGrant(id_, ref, self.now, _place(row, value), row.commitment))
                for (id_, ref), value, row in met
            ]
            first_grants.append(connection, stops, self.now)
        return known

    def _pattern(self, row: Prepared, digest: str) -> Pattern:
        """How a stranger's stop is written: all but the person is the same for everybody of one source."""
        if row.source not in self._patterns:
            draft = self._draft("", row, digest)
            self._patterns[row.source] = Pattern(replace(draft, idem=_key(digest)))
        return self._patterns[row.source]

    def _stop(
        self, connection: Connection, known: Sequence[tuple[str, Subject]], listed: Mapping[str, Prepared], digest: str
    ) -> None:
        """People with a past: whatever they said before, they are stopped now."""
        keys = {value: _key(digest) + _place(listed[value], value) for value, _ in known}
        repeated = ledger.known_keys(connection, list(keys.values()))
        new = [(subject, value, listed[value]) for value, subject in known if keys[value] not in repeated]
        _keep_evidence(connection, [(subject, row) for subject, _, row in new], self.now)
        stops = [
            (self._pattern(row, digest), FirstGrant(id_, ref, self.now, _place(row, value), row.commitment))
            for (id_, ref), value, row in new
        ]
        first_grants.append_to_known(connection, stops, self.now)

    def _draft(self, ref: str, row: Prepared, digest: str) -> Draft:
        return Draft(
            subject=ref,
            purpose=EVERY_PURPOSE,
            type=EventType.REVOKED,
            occurred_at=self.now,
            actor=Actor(ActorKind.IMPORT, f"{digest[:16]} by {self.by}"),
            source=row.source or "suppression_list",
            method="list",
            idem="",
            evidence=Commitment(1, row.commitment),
        )


def _key(digest: str) -> str:
    return f"stop:{digest[:KEY_DIGITS]}#"


def _place(row: Prepared, value: str) -> str:
    """Where an address stands in the file: an event's own part of its key."""
    return f"{row.line}.{row.addresses.index(value)}"


def _keep_evidence(connection: Connection, proven: Sequence[tuple[Subject, Prepared]], now: datetime) -> None:
    """Once for each person, of whom a row may name several addresses."""
    rows = {(s.id, row.commitment): (s.id, row.commitment, row.salt, row.evidence) for s, row in proven}
    vault.keep_sealed(connection, list(rows.values()), now)
