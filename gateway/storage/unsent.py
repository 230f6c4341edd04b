"""What was released on this machine and has not begun to leave, so that a killed worker leaves little in doubt.

A release is committed up to a fifth of a second before its POSTs begin. From the rows alone nobody could tell a
message that was on its way from one that still waited. One small file a number tells: a release enters a slip into it
before the commit, and a slip is torn right before its message's POST begins. What has a slip was never sent.

A kill loses nothing of the file: its pages are the system's, not the process's. A crash of the machine may, so the file
names the boot that it was written in, and says nothing in another one. docs/decisions/025-slips-of-the-unsent.md
"""

from __future__ import annotations

import fcntl
import logging
import mmap
import os
import struct
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from gateway.storage.statements import as_number

SLOTS = 16_384
"""Far more than a sender holds ready. A message's slot follows from its id; one that needs the slot of another takes
it, and the other one merely has no slip any more."""

_SLIP = struct.Struct("<qq")
"""The message's id and the moment of its release in microseconds, as its row has it: no other release has both."""
_TORN = bytes(8)
_HEADER_BYTES = 64
_SIZE = _HEADER_BYTES + SLOTS * _SLIP.size
_BOOT_FILE = Path("/proc/sys/kernel/random/boot_id")

log = logging.getLogger(__name__)

Slip = tuple[int, int]


def boot_id() -> str | None:
    """What names this machine and its present boot; None where the system does not say."""
    try:
        return _BOOT_FILE.read_text(encoding="ascii").strip() or None
    except (OSError, ValueError):
        return None


def _memory() -> mmap.mmap:
    return mmap.mmap(-1, _SIZE)


@dataclass
class Unsent:
    """The slips of one number's sender. `left` are those that the number's last sender on this machine left behind.

    Made without a file it does the same and leaves nothing behind.
    """

    left: frozenset[Slip] = frozenset()
    _header: bytes = b""
    _file: int | None = None
    _slips: mmap.mmap = field(default_factory=_memory)

    def begin(self) -> None:
        """Forget what was left, once it has been dealt with."""
        self.left = frozenset()
        self._slips[_HEADER_BYTES:] = bytes(_SIZE - _HEADER_BYTES)
        self._slips[:_HEADER_BYTES] = self._header.ljust(_HEADER_BYTES, b"\0")  # only now do the slips count

    def enter(self, message_ids: Iterable[int], released_at: datetime) -> None:
        """Before the release is committed: a slip without a release harms nobody."""
        moment = as_number(released_at)
        for message_id in message_ids:
            _SLIP.pack_into(self._slips, _place(message_id), message_id, moment)

    def tear(self, message_id: int) -> None:
        """Before the message's POST begins."""
        place = _place(message_id)
        self._slips[place : place + 8] = _TORN

    def close(self) -> None:
        """Only when nothing can leave any more: from now on the next sender believes the file."""
        self._slips.close()
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _place(message_id: int) -> int:
    return _HEADER_BYTES + message_id % SLOTS * _SLIP.size


def open_unsent(path: Path, boot: str | None) -> Unsent:
    """The slips in a file that this process alone holds, from now until `close` or its end.

    Without a file, and so without any claim, where the boot has no name, the file cannot be had, or somebody holds it:
    a worker that has lost its number may still be sending for it.
    """
    if boot is None:
        return Unsent()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as problem:
        return _without(problem)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        header = f"izin unsent 1 {boot}".encode()
        left = _read(os.pread(file, _SIZE, 0), header)
        os.ftruncate(file, _SIZE)
        os.posix_fallocate(file, 0, _SIZE)  # a page that finds no room on the disk later would end the process
        return Unsent(left, header, file, mmap.mmap(file, _SIZE))
    except OSError as problem:
        with suppress(OSError):
            os.close(file)
        return _without(problem)


def _without(problem: OSError) -> Unsent:
    log.info("what is released is not noted on this machine: %s", type(problem).__name__)
    return Unsent()


def _read(written: bytes, header: bytes) -> frozenset[Slip]:
    """Nothing, unless the file is whole and of this boot."""
    if len(written) != _SIZE or written[:_HEADER_BYTES].rstrip(b"\0") != header:
        return frozenset()
    return frozenset(slip for slip in _SLIP.iter_unpack(written[_HEADER_BYTES:]) if slip[0])
