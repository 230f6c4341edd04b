"""Proof that one checkpoint grew out of another: what was signed then is the beginning of what is signed now.

Whoever keeps an old checkpoint needs neither the events nor the ledger for it, only a few hashes (RFC 6962, 2.1.2). The
format is docs/formats/ledger.md, section 7.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from consent.proof.checkpoint import Note, read_note
from consent.proof.findings import Doubt, Findings
from consent.proof.merkle import Tree, is_prefix

GROWTH_FORMAT = "izin-growth/1"


def growth_of(tree: Tree, older: Note, newer: Note) -> bytes:
    """One JSON object that proves it. Raises ValueError when the older is of no prefix, or of none of this tree."""
    first, size = older.checkpoint.size, newer.checkpoint.size
    proof = tree.consistency(first, size)
    if not is_prefix(first, older.checkpoint.root, size, newer.checkpoint.root, proof):
        raise ValueError(f"the first {first} events of {size} are not those that were signed in the older checkpoint")
    written = {
        "format": GROWTH_FORMAT,
        "newer": newer.text.decode(),
        "older": older.text.decode(),
        "proof": [base64.b64encode(one).decode() for one in proof],
    }
    return json.dumps(written, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"


def check_growth(where: str, written: Mapping[str, Any], findings: Findings) -> list[Note]:
    """Doubt it unless it holds. Returns both checkpoints, whose signatures are still to be verified.

    Raises KeyError, TypeError or ValueError on a broken file.
    """
    older, newer = read_note(written["older"]), read_note(written["newer"])
    proof = [base64.b64decode(one, validate=True) for one in written["proof"]]
    before, after = older.checkpoint, newer.checkpoint
    if before.origin != after.origin:
        sentence = f"one checkpoint is of {before.origin!r}, the other of {after.origin!r}"
        findings.doubt(Doubt.BAD_CHECKPOINT, where, sentence)
    elif not is_prefix(before.size, before.root, after.size, after.root, proof):
        sentence = f"the ledger of {after.size} events is not shown to begin with the {before.size} signed before"
        findings.doubt(Doubt.WRONG_ROOT, where, sentence)
    else:
        sentence = f"the ledger of {after.size} events begins with the {before.size} signed before"
        findings.checked.append(f"{where}: {sentence}")
    findings.not_shown.append(f"{where}: the events themselves; only the whole ledger shows them")
    return [older, newer]


def name_unmet(where: str, shown: Sequence[Note], kept: Sequence[Note], findings: Findings) -> None:
    """Name the checkpoints kept elsewhere of which such a proof says nothing."""
    points = {(one.checkpoint.origin, one.checkpoint.size, one.checkpoint.root) for one in shown}
    for one in kept:
        if (one.checkpoint.origin, one.checkpoint.size, one.checkpoint.root) not in points:
            findings.not_shown.append(f"{where}: how the kept checkpoint of size {one.checkpoint.size} fits it")
