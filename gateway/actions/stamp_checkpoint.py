"""Have an authority that is not us say when it saw the newest checkpoint (RFC 3161).

Trigger: every five minutes until the newest checkpoint has its time-stamp, and `izin ledger checkpoint`.
Reads:   the newest note in the folder of checkpoints.
Writes:  the authority's answer beside it, or one incident for each checkpoint that it left waiting.
Repeat:  harmless: a checkpoint that has its time-stamp is not stamped again.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

import httpx
from cryptography.x509 import Certificate

from consent import checkpoints
from consent.proof.timestamp import Stamp, StampProblem, check_stamp, read_certificates, read_stamp, request_for
from gateway.settings import Settings
from gateway.storage import incidents
from gateway.storage.database import Database
from gateway.storage.incidents import Incident, Severity

ANSWER_SECONDS_MAX = 10.0
ANSWER_BYTES_MAX = 1_000_000
_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
log = logging.getLogger(__name__)


def stamp_newest(database: Database, settings: Settings, now: datetime) -> Stamp | None:
    """The new time-stamp of the newest checkpoint; None when it has one, none is wanted, or the authority is away."""
    note = checkpoints.newest_path(settings.checkpoints) if settings.timestamp_url else None
    if note is None or checkpoints.stamp_path(note).exists():
        return None
    try:
        answer, stamp = ask(settings.timestamp_url, note.read_bytes(), authority(settings))
        checkpoints.keep_stamp(note, answer)
    except (StampProblem, httpx.HTTPError, OSError) as problem:
        _shout(database, note, f"{type(problem).__name__}: {problem}", now)
        return None
    return stamp


def authority(settings: Settings) -> list[Certificate]:
    """The certificates in IZIN_TIMESTAMP_CERTIFICATE. Raises StampProblem when they cannot be read."""
    path = settings.timestamp_certificate
    if path is None:
        return []
    try:
        return read_certificates(path.read_bytes())
    except (OSError, ValueError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else problem
        raise StampProblem(f"IZIN_TIMESTAMP_CERTIFICATE: {path} holds no certificate ({why})") from None


def ask(url: str, note: bytes, trusted: list[Certificate]) -> tuple[bytes, Stamp]:
    """The authority's answer for these bytes, as it came and as read. Raises StampProblem and httpx.HTTPError."""
    request, nonce = request_for(note)
    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    answer = httpx.post(url, content=request, headers=headers, timeout=ANSWER_SECONDS_MAX).raise_for_status().content
    if len(answer) > ANSWER_BYTES_MAX:
        raise StampProblem(f"the authority answered with {len(answer):,} bytes")
    stamp = read_stamp(answer)
    if trusted:
        check_stamp(stamp, note, trusted, nonce)
    elif not stamp.is_of(note):
        raise StampProblem("the authority stamped other bytes than these")
    return answer, stamp


def _shout(database: Database, note: Path, problem: str, now: datetime) -> None:
    log.warning("checkpoint %s has no time-stamp yet: %s", note.name, problem)
    key = incidents.digest_of("timestamp_missing", note.name, _ONCE)
    incident = Incident(
        kind="timestamp_missing", severity=Severity.WARNING, about=note.name, detail=problem[:300], at=now
    )
    database.run(lambda connection: incidents.record(connection, key, incident))
