"""Which of a million values occur twice, for eight bytes each."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from itertools import pairwise

_SHARES = 8


class Repeats:
    """Hashes of values (Python's, which differ between processes that are not forks of one another)."""

    def __init__(self) -> None:
        self._shares = [array("q") for _ in range(_SHARES)]

    def add(self, values: Iterable[bytes]) -> None:
        put = [share.append for share in self._shares]
        for one in map(hash, values):
            put[one & 7](one)

    def extend(self, others: Repeats) -> None:
        for share, more in zip(self._shares, others._shares, strict=True):
            share += more

    def suspects(self) -> set[int]:
        """Hashes that occur twice: of a value that does, or of two that collide. A share at a time, to spare memory."""
        found: set[int] = set()
        for share in self._shares:
            if len(set(share)) != len(share):
                found.update(one for one, following in pairwise(sorted(share)) if one == following)
        return found
