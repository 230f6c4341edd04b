"""The ledger's Merkle tree where the ledger is stored: a checkpoint costs what is new, not what is old.

Complete subtrees of 1,024 events are hashed once and kept. They are a cache like the standings: signing believes them,
`izin ledger verify` compares them with the events, and whoever forges an old event changes nothing that was signed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite

from consent import bulk
from consent.proof.merkle import Tree, node_hash
from consent.tables import EventRow, HeadRow, SubtreeRow, table_of

LEVEL = 10
BLOCK = 1 << LEVEL
BLOCKS_MAX = 64
"""Subtrees read in one look, and kept in one transaction: a third of a second, and a millisecond."""

_event, _head, _subtree = table_of(EventRow), table_of(HeadRow), table_of(SubtreeRow)


def hashes(connection: Connection, after: int, upto: int) -> list[bytes]:
    """The raw hashes of the events after one sequence number, up to and with another."""
    rows = connection.scalars(
        select(_event.c.hash).where(_event.c.seq > after, _event.c.seq <= upto).order_by(_event.c.seq)
    )
    return [bytes.fromhex(hash_) for hash_ in rows]


def missing(connection: Connection, limit: int = BLOCKS_MAX) -> dict[int, bytes]:
    """The roots of the next complete subtrees that nobody has kept yet, at most `limit` of them, by block."""
    size = connection.scalar(select(_head.c.size)) or 0
    done = connection.scalar(select(func.count()).select_from(_subtree)) or 0
    end = min(size // BLOCK, done + limit)
    return {block: Tree(hashes(connection, block * BLOCK, (block + 1) * BLOCK)).root() for block in range(done, end)}


def keep(connection: Connection, found: Mapping[int, bytes]) -> None:
    """Keep these roots. Whoever else keeps the same ones at the same moment has worked out the same."""
    make = sqlite.insert if bulk.is_sqlite(connection) else postgresql.insert
    rows = [{"block": block, "hash": root} for block, root in found.items()]
    connection.execute(make(_subtree).on_conflict_do_nothing(), rows)


def kept(connection: Connection) -> list[bytes]:
    """The roots of the complete subtrees, in order."""
    return [bytes(one) for one in connection.scalars(select(_subtree.c.hash).order_by(_subtree.c.block))]


def _pairs(level: Sequence[bytes]) -> list[bytes]:
    return [node_hash(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]


class StoredTree(Tree):
    """The tree over the first `size` stored events; leaves are read only where a question needs them."""

    def __init__(self, connection: Connection, size: int) -> None:
        super().__init__()
        self._connection, self._stored_size = connection, size
        self._kept: list[list[bytes]] = [kept(connection)]
        while len(self._kept[-1]) > 1:
            self._kept.append(_pairs(self._kept[-1]))
        self._read: dict[int, Tree] = {}

    @property
    def size(self) -> int:
        return self._stored_size

    def grow(self) -> None:
        """Nothing to do: a stored tree does not grow under a question."""

    def _node(self, level: int, index: int) -> bytes:
        if level < LEVEL:
            block, within = divmod(index << level, BLOCK)
            return self._block(block).subtree(level, within >> level)
        if level - LEVEL < len(self._kept) and index < len(self._kept[level - LEVEL]):
            return self._kept[level - LEVEL][index]
        if level == LEVEL:  # complete, but nobody has kept it yet
            return self._block(index).root()
        return node_hash(self._node(level - 1, 2 * index), self._node(level - 1, 2 * index + 1))

    def _block(self, block: int) -> Tree:
        """The leaves of one block, complete or the ledger's tail."""
        if block not in self._read:
            first = block * BLOCK
            self._read[block] = Tree(hashes(self._connection, first, min(first + BLOCK, self._stored_size)))
        return self._read[block]
