"""The vectors in docs/formats/ledger.md, checked twice: by a small verifier written from the document, and by ours."""

from __future__ import annotations

import base64
import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from consent.events import EventType, canonical, from_mapping, hash_of
from consent.proof.chain import Chain
from consent.proof.checkpoint import new_signing_key, read_note, read_verifier_key
from consent.proof.evidence import opened_commitment
from consent.proof.merkle import Tree
from consent.proof.spelling import is_canonical
from consent.texts import text_from

DOCUMENT = (Path(__file__).parents[3] / "docs" / "formats" / "ledger.md").read_text(encoding="utf-8")
VECTORS: dict[str, Any] = json.loads(DOCUMENT.split("```json\n")[1].split("```")[0])
EVENTS = VECTORS["events"]


def test_the_events_hash_and_hang_together_as_written() -> None:
    before = "0" * 64
    for number, one in enumerate(EVENTS, start=1):
        body = one["canonical"].encode()
        parsed = json.loads(body)
        assert rfc8785.dumps(parsed) == body
        assert (parsed["seq"], parsed["prev_hash"]) == (number, before)
        before = sha256(b"consent-ledger/1\n" + body).hexdigest()
        assert one["hash"] == before


def test_the_text_hashes_as_written() -> None:
    body = VECTORS["text"]["canonical"].encode()
    assert rfc8785.dumps(json.loads(body)) == body
    assert sha256(b"consent-text/1\n" + body).hexdigest() == VECTORS["text"]["sha256"]
    assert json.loads(EVENTS[0]["canonical"])["text"]["sha256"] == VECTORS["text"]["sha256"]


def test_the_tree_is_as_written() -> None:
    leaves = [sha256(b"\x00" + bytes.fromhex(one["hash"])).digest() for one in EVENTS]
    pair = sha256(b"\x01" + leaves[0] + leaves[1]).digest()
    root = sha256(b"\x01" + pair + leaves[2]).digest()
    tree = VECTORS["merkle"]
    assert tree["leaves"] == [leaf.hex() for leaf in leaves]
    assert tree["roots"] == [one.hex() for one in (sha256(b"").digest(), leaves[0], pair, root)]
    assert tree["inclusion_of_index_1_in_3"] == [leaves[0].hex(), leaves[2].hex()]
    assert tree["consistency_2_to_3"] == [leaves[2].hex()]


def test_the_checkpoint_is_signed_as_written() -> None:
    body, signature = VECTORS["checkpoint"].split("\n\n")
    name, key_id, public = VECTORS["key"]["verifier"].split("+", 2)
    raw = base64.b64decode(public)
    dash, signer, encoded = signature.removesuffix("\n").split(" ")
    assert (dash, signer) == ("\N{EM DASH}", name)
    assert sha256(name.encode() + b"\n" + raw).digest()[:4].hex() == key_id == base64.b64decode(encoded)[:4].hex()
    Ed25519PublicKey.from_public_bytes(raw[1:]).verify(base64.b64decode(encoded)[4:], (body + "\n").encode())
    assert body.split("\n")[1:3] == ["3", base64.b64encode(bytes.fromhex(VECTORS["merkle"]["roots"][3])).decode()]


def test_the_evidence_opens_as_written() -> None:
    one = VECTORS["evidence"]
    assert sha256(bytes.fromhex(one["salt"]) + base64.b64decode(one["body"])).hexdigest() == one["commitment"]
    assert json.loads(EVENTS[1]["canonical"])["evidence"]["commitment"] == one["commitment"]


def test_our_own_code_agrees_with_the_document() -> None:
    chain = Chain()
    chain.follow((one["canonical"].encode(), one["hash"].encode()) for one in EVENTS)
    assert chain.findings.holds
    assert [chain.tree.root(size).hex() for size in range(4)] == VECTORS["merkle"]["roots"]
    for one in EVENTS:
        event = from_mapping(json.loads(one["canonical"]), one["hash"])
        assert canonical(event).decode() == one["canonical"]
        assert hash_of(canonical(event)) == one["hash"]
    assert text_from(json.loads(VECTORS["text"]["canonical"])).digest == VECTORS["text"]["sha256"]
    assert opened_commitment(VECTORS["evidence"]) == VECTORS["evidence"]["commitment"]
    key = new_signing_key("izin.example/ledger", bytes.fromhex(VECTORS["key"]["seed"]))
    assert str(key.verifier) == VECTORS["key"]["verifier"]
    assert read_note(VECTORS["checkpoint"]).signers([read_verifier_key(VECTORS["key"]["verifier"])]) == [key.verifier]
    assert Tree(bytes.fromhex(one["hash"]) for one in EVENTS).root() == read_note(VECTORS["checkpoint"]).checkpoint.root


def test_the_document_names_every_type_and_every_key_of_an_event() -> None:
    table = DOCUMENT.split("## 2. Chain")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == sorted(json.loads(EVENTS[0]["canonical"]))
    types = re.search(r"\| `type` \| one of `([^`]+)`", table)
    assert types is not None
    assert types[1].split() == [one.value for one in EventType]


@pytest.mark.parametrize("change", [('"seq":1', '"seq": 1'), ("requested", "invented")])
def test_the_document_leaves_no_second_spelling(change: tuple[str, str]) -> None:
    assert is_canonical(EVENTS[0]["canonical"].encode())
    assert not is_canonical(EVENTS[0]["canonical"].replace(*change).encode())
