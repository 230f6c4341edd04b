"""A ledger of a million events: appended in import batches, signed, exported, verified offline, and folded anew.

The verifier is a process of its own, run as an auditor runs it; its memory is the PSS of all its processes together, in
which a page that several of them share counts once.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from consent import first_grants, ledger, refolding, vault
from consent.events import Actor, ActorKind, Commitment, Draft, EventType
from consent.first_grants import FirstGrant, Pattern
from consent.proof.checkpoint import new_signing_key
from consent.vault import Identifier, IdentifierKind, Subject
from gateway.actions.export_ledger import export_ledger
from gateway.actions.sign_checkpoint import sign_checkpoint
from gateway.storage.database import Database
from gateway.storage.migrations import upgrade
from tests.bench.house import ROOT
from tests.bench.measuring import MEBIBYTE, Result, Target
from tests.given import TUESDAY, consent_text

EVENTS = 1_000_000
BATCH = 5_000
KEY = new_signing_key("izin.example/ledger", bytes(32))
TARGETS = {
    "append_import_events_s": Target(30_000),
    "verify_s": Target(6, at_most=True),
    "verify_peak_mb": Target(200, at_most=True),
}
DRAFT = Draft(
    subject="",
    purpose="marketing",
    type=EventType.GRANTED_BY_IMPORT,
    occurred_at=TUESDAY - timedelta(days=30),
    actor=Actor(ActorKind.IMPORT, "0123456789abcdef by Ada"),
    source="web",
    method="list",
    idem="csv:0123456789abcdef#",
    text=consent_text("tr").ref,
    evidence=Commitment(1, "0" * 64),
)


def run(quick: bool) -> Result:
    count = 60_000 if quick else EVENTS
    with TemporaryDirectory(prefix="izin-ledger-") as folder:
        database = Database(f"sqlite:///{folder}/izin.db")
        upgrade(database)
        try:
            figures = _figures(database, Path(folder), count)
        finally:
            database.close()
    return Result(figures, TARGETS, claims=not quick)


def _figures(database: Database, folder: Path, count: int) -> dict[str, Any]:
    general = min(count // 10, 50_000)
    with database.write() as connection:
        ledger.add_text(connection, consent_text("tr"), TUESDAY)
    figures: dict[str, Any] = {"events": count, "batch": BATCH}
    figures |= _appended("append_import", database, count - general, _grants, first_grants.append)
    figures |= _appended("append_general", database, general, _drafts, ledger.append)
    figures["rebuild_check_s"], wrong = _timed(lambda: _stale(database))
    figures["standings_that_differ"] = len(wrong)
    figures["first_checkpoint_s"], signed = _timed(lambda: sign_checkpoint(database, KEY, folder, TUESDAY))
    later = _people(database, 1_000, count)
    database.run(lambda c: ledger.append(c, _drafts(later), TUESDAY))
    figures["next_checkpoint_ms"], signed = _timed(
        lambda: sign_checkpoint(database, KEY, folder, TUESDAY + timedelta(hours=1))
    )
    figures["next_checkpoint_ms"] = round(figures["next_checkpoint_ms"] * 1000, 1)
    assert signed is not None
    file = folder / "ledger.jsonl"
    figures["export_s"], _ = _timed(lambda: _export(database, file, signed))
    figures["export_mb"] = round(file.stat().st_size / MEBIBYTE, 1)
    return figures | _verified(file)


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    found = work()
    return round(time.perf_counter() - began, 2), found


def _people(database: Database, count: int, first: int) -> list[Subject]:
    numbers = [Identifier(IdentifierKind.PHONE, f"+90555{first + n:07}") for n in range(count)]
    return database.run(lambda c: vault.add(c, numbers, TUESDAY))


def _appended(
    name: str,
    database: Database,
    count: int,
    given: Callable[[list[Subject]], list[Any]],
    append: Callable[[Any, list[Any], datetime], object],
) -> dict[str, Any]:
    """Only the ledger's own part is timed: events, chain and standings, with their commits."""
    spent = cpu = 0.0
    done = 0
    while done < count:
        people = _people(database, min(BATCH, count - done), _taken(database))
        drafts = given(people)
        began, began_cpu = time.perf_counter(), time.process_time()
        with database.write() as connection:
            append(connection, drafts, TUESDAY)
        spent, cpu = spent + time.perf_counter() - began, cpu + time.process_time() - began_cpu
        done += len(people)
    return {f"{name}_events_s": round(done / spent), f"{name}_cpu_us_an_event": round(cpu / done * 1e6, 1)}


def _taken(database: Database) -> int:
    with database.read() as connection:
        return ledger.head(connection)[0]


def _grants(people: list[Subject]) -> list[tuple[Pattern, FirstGrant]]:
    pattern = Pattern(DRAFT)
    return [(pattern, FirstGrant(s.id, s.ref, _agreed(s), s.id, f"{s.id:064x}")) for s in people]


def _agreed(subject: Subject) -> datetime:
    """On one of a thousand days, as a file's column says it."""
    return DRAFT.occurred_at - timedelta(days=subject.id % 1_000)


def _drafts(people: list[Subject]) -> list[tuple[Subject, Draft]]:
    return [(s, replace(DRAFT, subject=s.ref, idem=f"{DRAFT.idem}{s.id}")) for s in people]


def _stale(database: Database) -> list[int]:
    with database.read() as connection:
        return refolding.stale(connection)


def _export(database: Database, file: Path, signed: Any) -> None:
    with database.read() as connection, file.open("wb") as out:
        out.writelines(export_ledger(connection, signed))


def _verified(file: Path) -> dict[str, Any]:
    """Seconds of the clock and of the CPU, and the most memory that its processes held at one moment."""
    command = [sys.executable, "-m", "consent.proof", str(file), "--key", str(KEY.verifier)]
    before = os.times()
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    peak = 0
    while process.poll() is None:
        peak = max(peak, _held(process.pid))
        time.sleep(0.05)
    spent, after = time.perf_counter() - began, os.times()
    assert process.stdout is not None
    report = process.stdout.read()
    assert process.returncode == 0, report
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return {"verify_s": round(spent, 2), "verify_cpu_s": round(cpu, 2), "verify_peak_mb": round(peak / MEBIBYTE, 1)}


def _held(pid: int) -> int:
    """PSS over the process and its children: each page once, shared ones by their share."""
    total = 0
    try:
        parent = psutil.Process(pid)
        for one in (parent, *parent.children(recursive=True)):
            total += one.memory_full_info().pss
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return total
    return total
