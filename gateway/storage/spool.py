"""The spool: where webhook bodies go while the inbox cannot be written.

One file for each group of bodies, complete or not there at all: it is written under another name, brought to the disk,
and then renamed. Files are taken in the order of their names, which is the order of arrival.
"""

from __future__ import annotations

import hashlib
import itertools
import logging
import os
import secrets
import struct
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.storage.inbox import Inbox

MAGIC = b"izin-spool/1\n"
SUFFIX = ".spool"
DAMAGED = ".damaged"
FILES_MAX = 500
"""Files taken at once: the caller is never kept for long."""

_LENGTH = struct.Struct(">I")
_DIGEST_BYTES = 32
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

log = logging.getLogger(__name__)


class SpoolDamaged(Exception):
    """A spool file is not what was written."""


class Spool:
    """A folder on this machine. Any number of processes may put into it and take from it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._order = itertools.count()

    @classmethod
    def under(cls, data_dir: Path) -> Spool:
        return cls(data_dir / "spool")

    def waiting(self) -> list[Path]:
        """The files that wait, oldest first."""
        try:
            return sorted(path for path in self.folder.iterdir() if path.suffix == SUFFIX)
        except FileNotFoundError:
            return []

    def put(self, bodies: Sequence[bytes], received_at: datetime) -> None:
        """Durable when it returns. Raises OSError; then nothing was kept."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        moment = (received_at - _EPOCH) // _MICROSECOND
        name = f"{moment:020d}-{next(self._order):08d}-{secrets.token_hex(4)}"
        unfinished, path = self.folder / f"{name}.unfinished", self.folder / f"{name}{SUFFIX}"
        try:
            _write_durably(unfinished, _packed(bodies))
            unfinished.rename(path)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise
        _sync_folder(self.folder)

    def take(self, store: Callable[[Sequence[bytes], datetime], None], limit: int = FILES_MAX) -> int:
        """Hand the oldest files to `store` and remove each one that it kept. Returns how many bodies were moved.

        Raises what `store` raises; that file stays. A crash before the removal moves its bodies twice, which is
        harmless. A file that is not what was written is set aside as `*.damaged`.
        """
        moved = 0
        for path in self.waiting()[:limit]:
            try:
                bodies = list(_bodies_in(path.read_bytes()))
            except FileNotFoundError:
                continue  # somebody else took it
            except SpoolDamaged as problem:
                log.error("the spool file %s is damaged and was set aside: %s", path.name, problem)
                path.rename(path.with_suffix(DAMAGED))
                continue
            store(bodies, _received_at(path))
            path.unlink(missing_ok=True)
            moved += len(bodies)
        return moved


def take_spool(inbox: Inbox, data_dir: Path, limit: int = FILES_MAX) -> int:
    """Move what waits in the spool into the inbox, in order. Returns how many bodies; raises DBAPIError."""
    return Spool.under(data_dir).take(inbox.store, limit)


def _received_at(path: Path) -> datetime:
    return _EPOCH + int(path.name.partition("-")[0]) * _MICROSECOND


def _packed(bodies: Sequence[bytes]) -> bytes:
    packed = MAGIC + b"".join(_LENGTH.pack(len(body)) + body for body in bodies)
    return packed + hashlib.sha256(packed).digest()


def _bodies_in(written: bytes) -> Iterator[bytes]:
    packed, digest = written[:-_DIGEST_BYTES], written[-_DIGEST_BYTES:]
    if not packed.startswith(MAGIC) or hashlib.sha256(packed).digest() != digest:
        raise SpoolDamaged("its digest does not match")
    at = len(MAGIC)
    while at < len(packed):
        (length,) = _LENGTH.unpack_from(packed, at)
        at += _LENGTH.size
        yield packed[at : at + length]
        at += length


def _write_durably(path: Path, content: bytes) -> None:
    # The bodies hold personal data: nobody else on this machine may read them.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """A new name is durable only when its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
