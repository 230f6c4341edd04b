"""The Merkle tree of RFC 6962, section 2.1, over the ledger's events.

An entry of the tree is the 32 raw bytes of an event's hash, so one event can be proved without showing another.
A hash here is always 32 raw bytes; `size` is a number of leaves and `index` counts from 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

try:  # for two short blocks OpenSSL takes longer to set up than to hash
    from _sha256 import sha256  # type: ignore[import-not-found,unused-ignore]
except ImportError:
    from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()

KEPT_FROM = 5
"""The lowest level of subtrees that a tree keeps: 34 bytes a leaf instead of 64, and 31 hashes for any node below."""

_AT_ONCE = 1 << 15
"""Leaves that are hashed before they are put together: a list of hashes is twice as large as the hashes."""


def leaf_hash(entry: bytes) -> bytes:
    return bytes(sha256(b"\x00" + entry).digest())


def node_hash(left: bytes, right: bytes) -> bytes:
    return bytes(sha256(b"\x01" + left + right).digest())


def _split(size: int) -> int:
    """The largest power of two smaller than `size`: where RFC 6962 divides a tree."""
    return 1 << ((size - 1).bit_length() - 1)


def _paired(nodes: bytes | bytearray) -> bytes:
    """The level above: its nodes, of these two by two."""
    return b"".join([sha256(b"\x01" + nodes[at : at + 64]).digest() for at in range(0, len(nodes), 2 * HASH_BYTES)])


class Tree:
    """A tree that grows by appending. Keeps its larger complete subtrees, so that proofs cost O(log size)."""

    def __init__(self, entries: Iterable[bytes] = ()) -> None:
        self._leaves = bytearray()
        self._above: list[bytearray] = [bytearray()]
        self.append(entries)

    @property
    def size(self) -> int:
        return len(self._leaves) // HASH_BYTES

    def append(self, entries: Iterable[bytes]) -> None:
        self._leaves += b"".join([sha256(b"\x00" + entry).digest() for entry in entries])

    def extend(self, following: Tree) -> None:
        """Append every leaf of another tree, and with them what it has hashed wherever its subtrees are ours too."""
        self.grow()
        size = self.size
        self._leaves += following._leaves
        for level, nodes in enumerate(following._above):
            if size % (1 << (KEPT_FROM + level)):
                break
            if level == len(self._above):
                self._above.append(bytearray())
            self._above[level] += nodes

    def leaf(self, index: int) -> bytes:
        """The leaf hash at `index`. Raises IndexError outside the tree."""
        if not 0 <= index < self.size:
            raise IndexError(f"the tree has {self.size} leaves and none at {index}")
        return self._node(0, index)

    def root(self, size: int | None = None) -> bytes:
        """The root over the first `size` leaves (all by default). Raises ValueError beyond the tree."""
        size = self._within(size)
        return self._root_of(0, size) if size else EMPTY_ROOT

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """The audit path of a leaf, lowest first (RFC 6962, 2.1.1). Raises ValueError outside the tree."""
        size = self._within(size)
        if not 0 <= index < size:
            raise ValueError(f"a tree of {size} leaves has none at {index}")
        return list(self._path(index, 0, size))

    def consistency(self, first: int, size: int | None = None) -> list[bytes]:
        """The proof that the tree of `first` leaves is a prefix (RFC 6962, 2.1.2). Raises ValueError when it is not."""
        size = self._within(size)
        if not 0 < first <= size:
            raise ValueError(f"a tree of {size} leaves has no prefix of {first}")
        return list(self._subproof(first, 0, size, True))

    def subtree(self, level: int, index: int) -> bytes:
        """The root of the complete subtree of 2^level leaves at `index`. Raises ValueError when it is not complete."""
        start = index << level
        self._within(start + (1 << level))
        return self._root_of(start, start + (1 << level))

    def _within(self, size: int | None) -> int:
        if size is None:
            return self.size
        if not 0 <= size <= self.size:
            raise ValueError(f"the tree has {self.size} leaves, not {size}")
        return size

    def _node(self, level: int, index: int) -> bytes:
        if 0 < level < KEPT_FROM:
            return node_hash(self._node(level - 1, 2 * index), self._node(level - 1, 2 * index + 1))
        nodes = self._above[level - KEPT_FROM] if level else self._leaves
        return bytes(nodes[index * HASH_BYTES : (index + 1) * HASH_BYTES])

    def grow(self) -> None:
        """Hash every complete subtree that is new since the last time, level by level."""
        block = HASH_BYTES << KEPT_FROM
        start, complete = len(self._above[0]) << KEPT_FROM, len(self._leaves) // block * block
        for at in range(start, complete, _AT_ONCE * HASH_BYTES):
            nodes: bytes | bytearray = self._leaves[at : min(at + _AT_ONCE * HASH_BYTES, complete)]
            for _ in range(KEPT_FROM):
                nodes = _paired(nodes)
            self._above[0] += nodes
        for level, below in enumerate(self._above):
            if len(below) < 2 * HASH_BYTES:
                break
            if level + 1 == len(self._above):
                self._above.append(bytearray())
            above = self._above[level + 1]
            above += _paired(below[2 * len(above) : len(below) - len(below) % (2 * HASH_BYTES)])

    def _root_of(self, start: int, end: int) -> bytes:
        self.grow()
        width = end - start
        if width & (width - 1) == 0:
            level = width.bit_length() - 1
            return self._node(level, start >> level)
        middle = start + _split(width)
        return node_hash(self._root_of(start, middle), self._root_of(middle, end))

    def _path(self, index: int, start: int, end: int) -> Iterator[bytes]:
        if end - start == 1:
            return
        middle = start + _split(end - start)
        if index < middle:
            yield from self._path(index, start, middle)
            yield self._root_of(middle, end)
        else:
            yield from self._path(index, middle, end)
            yield self._root_of(start, middle)

    def _subproof(self, first: int, start: int, end: int, whole: bool) -> Iterator[bytes]:
        if first == end:
            if not whole:
                yield self._root_of(start, end)
            return
        middle = start + _split(end - start)
        if first <= middle:
            yield from self._subproof(first, start, middle, whole)
            yield self._root_of(middle, end)
        else:
            yield from self._subproof(first, middle, end, False)
            yield self._root_of(start, middle)


def root_from_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that an audit path leads to (RFC 9162, 2.1.3.2). Raises ValueError when the path cannot belong here."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has none at {index}")
    at, last, now = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise ValueError("the proof is longer than the tree is high")
        if at & 1 or at == last:
            now = node_hash(sibling, now)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            now = node_hash(now, sibling)
        at, last = at >> 1, last >> 1
    if last:
        raise ValueError("the proof is shorter than the tree is high")
    return now


def includes(root: bytes, leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bool:
    """Whether the audit path proves that `leaf` stands at `index` in the tree of `size` leaves with this root."""
    try:
        return root_from_inclusion(leaf, index, size, path) == root
    except ValueError:
        return False


def is_prefix(first: int, first_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the tree of `first` leaves grew into the tree of `size` (RFC 9162, 2.1.4.2)."""
    if not 0 < first <= size or any(len(one) != HASH_BYTES for one in proof):
        return False
    if first == size:
        return not proof and first_root == root
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    if not path:
        return False
    at, last = first - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    return _grew(path, at, last) == (first_root, root)


def _grew(path: Sequence[bytes], at: int, last: int) -> tuple[bytes, bytes] | None:
    """The two roots that a consistency proof leads to; None when it is too long or too short."""
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if at & 1 or at == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        at, last = at >> 1, last >> 1
    return (before, after) if last == 0 else None
