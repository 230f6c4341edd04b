"""A stretch of sound event lines, followed at the cost of hashing and comparing them.

Each line must be of a known shape: equal to it in every byte but those of its values. What the values must be is asked
once for all lines of the stretch: that they have the form of their places, and continue one another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import le
from typing import Any

from consent.proof.shapes import Shapes, hexadecimal, moments, plain


@dataclass(slots=True)
class Stretch:
    """What a chain takes over from sound events: where they end, and what must not occur again."""

    seq: int
    head: bytes
    clock: bytes
    digests: Sequence[bytes]
    keys: Sequence[bytes]
    ids: Sequence[bytes]


def sound(lines: Sequence[bytes], shapes: Shapes, seq: int, head: bytes, clock: bytes) -> Stretch | None:
    """The stretch after the event of this number, hash (hex) and moment; None as soon as one line may not be sound."""
    rows, digests = _taken_out(lines, shapes)
    if not rows:
        return None
    causes, ids, commitments, expires, keys, occurred, links, recorded, numbers, subjects, claimed = zip(
        *rows, strict=True
    )
    holds = (
        b"".join(digests).hex().encode() == b"".join(claimed)
        and links == (head, *claimed[:-1])
        and numbers == tuple([b"%d" % number for number in range(seq + 1, seq + 1 + len(lines))])
        and clock <= recorded[0]
        and all(map(le, recorded, recorded[1:]))
        and all(map(plain, (keys, ids, causes, subjects)))
        and hexadecimal(commitments)
        and all(map(moments, (expires, occurred, recorded)))
    )
    return Stretch(seq + len(lines), claimed[-1], recorded[-1], digests, keys, ids) if holds else None


def _taken_out(lines: Sequence[bytes], shapes: Shapes) -> tuple[list[tuple[Any, ...]], list[bytes]]:
    """The values of every line, and the hash of its event; nothing at all as soon as one line is of no shape."""
    rows: list[tuple[Any, ...]] = []
    digests: list[bytes] = []
    size, shape = 0, None
    for line in lines:
        if len(line) != size:
            size, shape = len(line), shapes.of(line)
        while shape is not None and shape.rest(line) != shape.between:
            shape = shapes.another(line, shape)
        if shape is None:
            return [], []
        rows.append(shape.values(line))
        hashed = shape.begun.copy()
        hashed.update(line[shape.unhashed])
        digests.append(hashed.digest())
    return rows, digests
