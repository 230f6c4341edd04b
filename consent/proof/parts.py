"""A long ledger followed by several processes, each a stretch of it.

Only a sound ledger is worth the hurry: as soon as a stretch raises a doubt, or two stretches do not meet exactly, the
answer is None, and the caller reads the file from its beginning and tells every doubt with its place.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_all_start_methods, get_context
from pathlib import Path
from typing import BinaryIO

from consent.proof.chain import Chain
from consent.proof.event_lines import BODY, EVENT_LINE_START
from consent.proof.findings import Findings
from consent.proof.spelling import spelt

PART_BYTES_MIN = 32_000_000
"""Below this, starting a process costs more than it saves."""

PROCESSES_MAX = 4
READ_BYTES = 1 << 20
BUFFER_BYTES = 1 << 16
"""Of Python's own eight thousand, every ninth line would be put together from two."""

ALIGNED_TO = 1 << 12
"""Parts begin after a multiple of so many events, so that the subtrees that each hashes are subtrees of the whole."""


@dataclass(slots=True)
class Part:
    """A stretch of the chain that holds in itself, and what its neighbours must agree with."""

    first: tuple[int, str, bytes]
    """Sequence, previous hash and moment of its first event."""
    chain: Chain


def follow_in_parts(path: Path, findings: Findings) -> tuple[Chain, int, int] | None:
    """The chain of all event lines of a file, and where they begin and end in bytes.

    None when the file is too short to be worth it, or when it is not plainly sound.
    """
    if "fork" not in get_all_start_methods():
        return None  # the hashes of repeated keys must be comparable between the processes
    with path.open("rb") as file:
        begin, end = _stretch(file)
        cuts = _cuts(file, begin, end)
    if len(cuts) < 3:
        return None
    try:
        with ProcessPoolExecutor(len(cuts) - 1, get_context("fork")) as pool:
            chain = _joined(pool.map(follow_part, [path] * len(cuts), cuts[:-1], cuts[1:]), findings)
    except (BrokenProcessPool, OSError):
        return None
    return None if chain is None else (chain, begin, end)


def _cuts(file: BinaryIO, begin: int, end: int) -> list[int]:
    """Where each part begins, and the end of the last."""
    count = min(PROCESSES_MAX, os.cpu_count() or 1, (end - begin) // PART_BYTES_MIN)
    aligned = (_aligned_after(file, begin + (end - begin) * n // count) for n in range(1, count))
    return [begin, *sorted({cut for cut in aligned if cut < end}), end]


def _aligned_after(file: BinaryIO, offset: int) -> int:
    """The start of the first event line at `offset` or later where a part may begin; the end, if there is none."""
    start = _line_after(file, offset)
    file.seek(start)
    found = spelt(file.readline()[BODY])
    if found is not None:
        file.seek(start)
        for _ in range(-(int(found["seq"]) - 1) % ALIGNED_TO):
            start += len(file.readline())
    return start


def _joined(parts: Iterable[Part | None], findings: Findings) -> Chain | None:
    chain = Chain(findings)
    for part in parts:
        if part is None or not _meets(chain, part):
            return None
        chain.extend(part.chain)
    return chain


def follow_part(path: Path, begin: int, end: int) -> Part | None:
    """One stretch, from byte to byte; None when anything in it is not as it should be."""
    with path.open("rb", BUFFER_BYTES) as file:
        file.seek(begin)
        found = spelt(file.readline()[BODY])
        if found is None:
            return None
        prev, recorded_at, seq = found.group("prev_hash", "recorded_at", "seq")
        chain = Chain(after=(int(seq) - 1, prev.decode()))
        file.seek(begin)
        while begin < end:
            lines = file.readlines(min(end - begin, READ_BYTES) - 1)  # it stops when it has read more than this
            begin += sum(map(len, lines))
            chain.follow_lines(lines)
            if not (lines and chain.findings.holds):
                return None
    chain.tree.grow()
    return Part((int(seq), prev.decode(), recorded_at), chain) if begin == end else None


def _meets(chain: Chain, part: Part) -> bool:
    seq, prev, recorded_at = part.first
    return (seq, prev) == (chain.seq + 1, chain.head) and recorded_at >= chain.clock


def _stretch(file: BinaryIO) -> tuple[int, int]:
    """Where the event lines begin and end, if they stand together as the format says."""
    begin = 0
    for line in file:
        if line.startswith(EVENT_LINE_START):
            break
        begin += len(line)
    low, high = begin, file.seek(0, os.SEEK_END)
    while low < high:
        middle = _line_after(file, (low + high) // 2)
        if middle < high and _starts_event(file, middle):
            low = middle + 1
        else:
            high = (low + high) // 2
    return begin, _line_after(file, low)


def _line_after(file: BinaryIO, offset: int) -> int:
    """The start of the first line that begins at `offset` or later."""
    if offset == 0:
        return 0
    file.seek(offset - 1)
    return offset - 1 + len(file.readline())


def _starts_event(file: BinaryIO, offset: int) -> bool:
    file.seek(offset)
    return file.read(len(EVENT_LINE_START)) == EVENT_LINE_START
