"""Whether any of a million values occurs twice: not if they rise, and else for eight bytes each."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import pairwise
from operator import lt

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


class Rising:
    """Values each of which should be greater than the one before: then none is there twice, and none need be kept."""

    def __init__(self) -> None:
        self.always = True
        self._first: bytes | None = None
        self._last = b""

    def add(self, values: Sequence[bytes]) -> None:
        if not values:
            return
        if self._first is None:
            self._first = values[0]
        else:
            self.always &= self._last < values[0]
        self.always &= all(map(lt, values, values[1:]))
        self._last = values[-1]

    def extend(self, others: Rising) -> None:
        if others._first is None:
            return
        self.add([others._first])
        self.always &= others.always
        self._last = others._last
