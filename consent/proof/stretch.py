"""A stretch of sound event lines, followed at the cost of hashing and comparing them.

Each line is put together anew from its shape, its own values and what the event before it demands, and must then be
exactly what is there. Whether the values have the form of their places is asked once for all lines of the stretch.
"""

from __future__ import annotations

from binascii import hexlify
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from consent.events import HASH_PREFIX
from consent.proof.event_lines import EVENT_LINE_END, EVENT_LINE_START, EVENT_MIDDLE
from consent.proof.shapes import NO_SHAPE, Shape, Shapes, hexadecimal, moments, plain

_PREFIX = len(HASH_PREFIX)


@dataclass(slots=True)
class Stretch:
    """What a chain takes over from sound events: where they end, and what must not occur again."""

    seq: int
    head: bytes
    clock: bytes
    digests: list[bytes] = field(default_factory=list)
    keys: list[bytes] = field(default_factory=list)
    ids: list[bytes] = field(default_factory=list)


def sound(lines: Sequence[bytes], shapes: Shapes, seq: int, head: bytes, clock: bytes) -> Stretch | None:
    """The stretch after the event of this number, hash (hex) and moment; None as soon as one line may not be sound."""
    digests, keys, ids = [], [], []
    strings: list[bytes] = []
    hashes: list[bytes] = []
    times: list[bytes] = []
    join, size = b"".join, 0
    shape: Shape | None = None
    placed = NO_SHAPE
    for line in lines:
        seq += 1
        if len(line) != size:
            size, shape = len(line), shapes.of(line)
        while True:
            if shape is not placed:
                if shape is None:
                    return None
                (a, b, c, d, e, f, g, h), (c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10) = shape
                placed = shape
            cause, event_id, commitment, expires = line[a], line[b], line[c], line[d]
            idem, occurred, recorded, subject = line[e], line[f], line[g], line[h]
            hashed = join((
                c0, cause, c1, event_id, c2, commitment, c3, expires, c4, idem, c5, occurred,
                c6, head, c7, recorded, c8, b"%d" % seq, c9, subject, c10,
            ))  # fmt: skip
            digest = sha256(hashed).digest()
            hash_ = hexlify(digest)
            if line == join((EVENT_LINE_START, hashed[_PREFIX:], EVENT_MIDDLE, hash_, EVENT_LINE_END)):
                break
            shape = shapes.another(line, shape)
        if recorded < clock:
            return None
        head, clock = hash_, recorded
        digests.append(digest)
        keys.append(idem)
        ids.append(event_id)
        strings += cause, subject
        hashes.append(commitment)
        times += expires, occurred, recorded
    if plain(keys) and plain(ids) and plain(strings) and hexadecimal(hashes) and moments(times):
        return Stretch(seq, head, clock, digests, keys, ids)
    return None
