"""Checkpoints as they were signed: in the database, and in a folder that can be kept where nobody here rewrites it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, insert, select

from consent.proof import timestamp
from consent.proof.checkpoint import Note, NoteProblem, VerifierKey, read_note, read_verifier_key
from consent.tables import CheckpointRow, table_of

_checkpoint = table_of(CheckpointRow)

SUFFIX = ".checkpoint.txt"
KEYS = "verifier-keys.txt"


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed note and the moment at which it was signed."""

    size: int
    note: str
    signed_at: datetime

    def read(self) -> Note:
        """Raises NoteProblem when somebody has damaged it."""
        return read_note(self.note)


_NEWEST_FIRST = select(_checkpoint.c.size, _checkpoint.c.note, _checkpoint.c.signed_at).order_by(
    _checkpoint.c.id.desc()
)


def keep(connection: Connection, signed: Signed) -> None:
    connection.execute(insert(_checkpoint).values(size=signed.size, note=signed.note, signed_at=signed.signed_at))


def newest(connection: Connection) -> Signed | None:
    row = connection.execute(_NEWEST_FIRST.limit(1)).one_or_none()
    return None if row is None else Signed(**row._mapping)


def everything(connection: Connection) -> list[Signed]:
    """Every checkpoint, oldest first."""
    return [Signed(**row._mapping) for row in connection.execute(_NEWEST_FIRST)][::-1]


def publish(folder: Path, signed: Signed, keys: Sequence[VerifierKey]) -> Path:
    """Write a note into the folder, complete or not at all, and who signed it. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{signed.size:012d}-{signed.signed_at:%Y%m%dT%H%M%S%f}Z{SUFFIX}"
    _write(path, signed.note.encode())
    known = verifier_keys(folder)
    if more := [key for key in keys if key not in known]:
        _write(folder / KEYS, "".join(f"{key}\n" for key in [*known, *more]).encode())
    return path


def _write(path: Path, content: bytes) -> None:
    unfinished = path.with_name(f".{path.name}.unfinished")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)


def verifier_keys(folder: Path) -> list[VerifierKey]:
    """The keys that have signed so far, oldest first, as far as the folder tells. Raises NoteProblem, OSError."""
    path = folder / KEYS
    if not path.exists():
        return []
    return [read_verifier_key(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def published(folder: Path) -> Iterator[tuple[Path, Note | NoteProblem]]:
    """Every note in the folder, smallest ledger first, or what is wrong with a file."""
    for path in sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else ():
        try:
            yield path, read_note(path.read_bytes().decode())
        except NoteProblem as problem:
            yield path, problem
        except UnicodeDecodeError:
            yield path, NoteProblem("it is not text")


def newest_published(folder: Path) -> Note | None:
    """The note of the largest ledger that the folder knows; damaged files are left to `verify`."""
    notes = [note for _, note in published(folder) if isinstance(note, Note)]
    return max(notes, key=lambda note: note.checkpoint.size, default=None)


def newest_path(folder: Path) -> Path | None:
    """The file of the largest and latest checkpoint."""
    return max(folder.glob(f"*{SUFFIX}"), default=None) if folder.is_dir() else None


def stamp_path(note: Path) -> Path:
    """Where the time-stamp of this note stands, if it has one."""
    return note.with_suffix(timestamp.SUFFIX)


def keep_stamp(note: Path, answer: bytes) -> None:
    """Write an authority's answer beside the note that it stamps, complete or not at all. Raises OSError."""
    _write(stamp_path(note), answer)


def stamps(folder: Path) -> list[tuple[str, bytes]]:
    """The name and content of every time-stamp in the folder. Raises OSError."""
    found = sorted(folder.glob(f"*{timestamp.SUFFIX}")) if folder.is_dir() else []
    return [(path.name, path.read_bytes()) for path in found]
