"""What is handed to an auditor: a whole ledger as JSON lines, or the proof of a few events as one JSON object.

Both are written here and read in verify.py; docs/formats/ledger.md, sections 6 and 7, is their description. Nothing in
them names a person, except evidence that was opened on purpose.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from consent.events import canonical_json, moment_text
from consent.proof.event_lines import event_line
from consent.proof.merkle import Tree
from consent.texts import ConsentText, text_mapping

LEDGER_FORMAT = "izin-ledger/1"
PROOF_FORMAT = "izin-proof/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMessage:
    """One message that was released, with the ledger event that allowed it. `recipient` facts are not part of it.

    `event_seq` and `event_hash` are None only for purposes that need no consent (utility, service, authentication).
    """

    id: str
    subject: str
    purpose: str
    released_at: datetime
    state: str
    event_seq: int | None
    event_hash: str | None
    channel: str = "whatsapp"
    campaign: str | None = None
    template: str | None = None

    def mapping(self) -> dict[str, Any]:
        return {
            "campaign": self.campaign,
            "channel": self.channel,
            "event_hash": self.event_hash,
            "event_seq": self.event_seq,
            "id": self.id,
            "purpose": self.purpose,
            "released_at": moment_text(self.released_at),
            "state": self.state,
            "subject": self.subject,
            "template": self.template,
        }


@dataclass(frozen=True, slots=True)
class OpenedEvidence:
    """Evidence with the salt that opens its commitment: sha256(salt || body)."""

    salt: bytes
    body: bytes

    @property
    def commitment(self) -> str:
        return sha256(self.salt + self.body).hexdigest()

    def mapping(self) -> dict[str, Any]:
        body = base64.b64encode(self.body).decode()
        return {"body": body, "commitment": self.commitment, "salt": self.salt.hex()}


def _line(kind: str, fields: Mapping[str, Any]) -> bytes:
    return canonical_json({"kind": kind, **fields}) + b"\n"


def ledger_lines(
    *,
    origin: str,
    exported_at: datetime,
    size: int,
    head: str,
    texts: Iterable[ConsentText],
    events: Iterable[tuple[bytes, str]],
    checkpoints: Iterable[str],
    messages: Iterable[SentMessage] = (),
    evidence: Iterable[OpenedEvidence] = (),
) -> Iterator[bytes]:
    """The whole ledger, line by line, as it streams out of the database.

    `events` are (canonical bytes, hash) in the order of the chain, `size` and `head` what the ledger says of itself,
    and `checkpoints` signed notes; the last of them should cover the whole ledger. Read it in one transaction.
    """
    counts: Counter[str] = Counter()
    digest = sha256()  # over what is not an event: events are held by the chain

    def counted(kind: str, line: bytes) -> bytes:
        counts[kind] += 1
        if kind != "event":
            digest.update(line)
        return line

    about = {"exported_at": moment_text(exported_at), "format": LEDGER_FORMAT, "head": head, "origin": origin}
    yield counted("header", _line("header", about | {"size": size}))
    for text in texts:
        yield counted("text", _line("text", {"sha256": text.digest, "text": text_mapping(text)}))
    for body, hash_ in events:
        yield counted("event", event_line(body, hash_))
    for note in checkpoints:
        yield counted("checkpoint", _line("checkpoint", {"note": note}))
    for message in messages:
        yield counted("message", _line("message", {"message": message.mapping()}))
    for one in evidence:
        yield counted("evidence", _line("evidence", one.mapping()))
    yield _line("end", {"counts": dict(counts), "sha256": digest.hexdigest()})


def proof_of(
    *,
    tree: Tree,
    checkpoint: str,
    size: int,
    events: Sequence[tuple[int, bytes, str]],
    texts: Sequence[ConsentText] = (),
    message: SentMessage | None = None,
    evidence: Sequence[OpenedEvidence] = (),
) -> bytes:
    """One JSON object that proves these events (sequence, canonical bytes, hash) against a checkpoint of `size`.

    For a message, give the authorising event and, better, every event of the subject up to the checkpoint: then the
    standing at the moment of release is shown too. Raises ValueError when an event lies beyond the checkpoint.
    """
    proof = {
        "checkpoint": checkpoint,
        "events": [_proved(tree, size, *one) for one in events],
        "evidence": [one.mapping() for one in evidence],
        "format": PROOF_FORMAT,
        "message": None if message is None else message.mapping(),
        "texts": [{"sha256": text.digest, "text": text_mapping(text)} for text in texts],
    }
    return json.dumps(proof, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"


def _proved(tree: Tree, size: int, seq: int, body: bytes, hash_: str) -> dict[str, Any]:
    path = [base64.b64encode(one).decode() for one in tree.inclusion(seq - 1, size)]
    return {"event": json.loads(body), "hash": hash_, "inclusion": path}
