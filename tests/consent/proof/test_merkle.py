"""The Merkle tree, against the vectors published with Certificate Transparency and against RFC 6962 read literally."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.proof.merkle import EMPTY_ROOT, Tree, includes, is_prefix, leaf_hash, node_hash, root_from_inclusion

# The reference tree of the Certificate Transparency project (merkle_tree_test).
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
A = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
B = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
C = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
D = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
E = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
F = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
INCLUSIONS = [
    (0, 1, []),
    (0, 8, [A, B, C]),
    (5, 8, [D, E, ROOTS[4]]),
    (2, 3, [ROOTS[2]]),
    (1, 5, [ROOTS[1], B, D]),
]
CONSISTENCIES = [(1, 1, []), (1, 8, [A, B, C]), (6, 8, [F, E, ROOTS[4]]), (2, 5, [B, D])]


def hexes(hashes: list[bytes]) -> list[str]:
    return [one.hex() for one in hashes]


@pytest.mark.parametrize("size", range(9))
def test_the_published_roots(size: int) -> None:
    assert Tree(LEAVES[:size]).root().hex() == ROOTS[size]
    assert Tree(LEAVES).root(size).hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size", "path"), INCLUSIONS)
def test_the_published_inclusion_proofs(index: int, size: int, path: list[str]) -> None:
    assert hexes(Tree(LEAVES).inclusion(index, size)) == path
    proof = [bytes.fromhex(one) for one in path]
    assert includes(bytes.fromhex(ROOTS[size]), leaf_hash(LEAVES[index]), index, size, proof)


@pytest.mark.parametrize(("first", "size", "proof"), CONSISTENCIES)
def test_the_published_consistency_proofs(first: int, size: int, proof: list[str]) -> None:
    assert hexes(Tree(LEAVES).consistency(first, size)) == proof
    hashes = [bytes.fromhex(one) for one in proof]
    assert is_prefix(first, bytes.fromhex(ROOTS[first]), size, bytes.fromhex(ROOTS[size]), hashes)


def test_an_empty_tree_has_the_hash_of_nothing() -> None:
    assert Tree().root() == EMPTY_ROOT == sha256(b"").digest()


def literal_root(entries: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return leaf_hash(entries[0])
    k = 1
    while k * 2 < len(entries):
        k *= 2
    return node_hash(literal_root(entries[:k]), literal_root(entries[k:]))


ENTRIES = st.integers(1, 70).map(lambda count: [bytes([n]) * 32 for n in range(count)])


@given(ENTRIES, st.data())
@settings(max_examples=60, deadline=None)
def test_every_proof_holds_and_no_other_leaf_passes(entries: list[bytes], data: st.DataObject) -> None:
    tree = Tree(entries)
    assert tree.root() == literal_root(entries)
    index = data.draw(st.integers(0, len(entries) - 1))
    path = tree.inclusion(index)
    assert includes(tree.root(), tree.leaf(index), index, tree.size, path)
    assert not includes(tree.root(), leaf_hash(b"other"), index, tree.size, path)
    assert not includes(tree.root(), tree.leaf(index), index, tree.size, [*path, b"\0" * 32])
    first = data.draw(st.integers(1, len(entries)))
    proof = tree.consistency(first)
    assert tree.root(first) == literal_root(entries[:first])
    assert is_prefix(first, tree.root(first), tree.size, tree.root(), proof)
    assert not is_prefix(first, leaf_hash(b"other"), tree.size, tree.root(), proof)


@given(st.lists(st.integers(0, 40), max_size=8))
@settings(max_examples=60, deadline=None)
def test_a_tree_asked_while_growing_equals_one_built_at_once(pauses: list[int]) -> None:
    tree = Tree()
    entries: list[bytes] = []
    for pause in pauses:
        for _ in range(pause):
            entries.append(len(entries).to_bytes(32, "big"))
            tree.append(entries[-1:])
        assert tree.root() == literal_root(entries)


def test_what_is_not_in_the_tree_is_not_proved() -> None:
    tree = Tree(LEAVES)
    with pytest.raises(ValueError, match="none at 8"):
        tree.inclusion(8)
    with pytest.raises(ValueError, match="8 leaves, not 9"):
        tree.root(9)
    with pytest.raises(ValueError, match="no prefix of 0"):
        tree.consistency(0)
    with pytest.raises(IndexError, match="none at 8"):
        tree.leaf(8)


@pytest.mark.parametrize(
    ("index", "size", "count"), [(8, 8, 3), (0, 8, 2), (0, 8, 4), (0, 1, 1), (-1, 8, 3), (0, 0, 0)]
)
def test_a_path_that_cannot_belong_is_refused(index: int, size: int, count: int) -> None:
    with pytest.raises(ValueError, match=r"leaves has none|longer|shorter"):
        root_from_inclusion(bytes(32), index, size, [bytes(32)] * count)


@pytest.mark.parametrize(("first", "size", "count"), [(0, 8, 3), (9, 8, 3), (8, 8, 1), (3, 8, 0), (4, 8, 9), (6, 8, 1)])
def test_a_proof_of_growth_that_cannot_belong_is_refused(first: int, size: int, count: int) -> None:
    assert not is_prefix(first, bytes(32), size, bytes(32), [bytes(32)] * count)


@pytest.mark.parametrize("first", [0, 1, 31, 32, 33, 64, 100, 256])
@pytest.mark.parametrize("more", [0, 1, 32, 200])
def test_trees_put_together_are_the_tree_of_all_their_leaves(first: int, more: int) -> None:
    entries = [bytes([n % 256, n // 256]) for n in range(first + more)]
    whole, one, other = Tree(entries), Tree(entries[:first]), Tree(entries[first:])
    other.grow()
    one.extend(other)
    one.append([b"last"])
    whole.append([b"last"])
    for size in {0, 1, first, first + more // 2, first + more, first + more + 1}:
        assert one.root(size) == whole.root(size)
    assert one.inclusion(first + more) == whole.inclusion(first + more)
