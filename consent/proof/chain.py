"""The hash chain, checked over a stream of canonical events at about five microseconds each.

An event has exactly one spelling (RFC 8785), so one pattern both proves that a line is spelt that way and takes out
what the chain needs; nothing is parsed and written again. The format is docs/formats/ledger.md, sections 1 and 2.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from binascii import hexlify
from collections.abc import Iterable
from hashlib import sha256
from itertools import pairwise

from consent.events import GENESIS_HASH, HASH_PREFIX, ActorKind, EventType
from consent.proof.findings import Doubt, Findings
from consent.proof.merkle import Tree

# A JSON string as RFC 8785 writes it: the short escapes where they exist, \u00xx in small letters where they do not.
_PLAIN = rb'[^"\\\x00-\x1f]*+'
STRING = rb'"' + _PLAIN + rb'(?:\\(?:["\\bfnrt]|u00(?:0[0-7bef]|1[0-9a-f]))' + _PLAIN + rb')*+"'
_HEX = rb'"[0-9a-f]{64}"'
_MOMENT = rb'"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"'
_NUMBER = rb"(?:0|[1-9]\d{0,15})"


def _or_null(pattern: bytes) -> bytes:
    return rb"(?:null|" + pattern + rb")"


def _one_of(words: Iterable[str]) -> bytes:
    return b'"(?:' + b"|".join(word.encode() for word in words) + b')"'


_FIELDS: list[tuple[bytes, bytes]] = [
    (b"actor", rb'\{"kind":' + _one_of(ActorKind) + rb',"ref":' + STRING + rb"\}"),
    (b"basis", STRING),
    (b"causes", rb"\[(?:" + STRING + rb"(?:," + STRING + rb")*+)?\]"),
    (b"channel", STRING),
    (b"event_id", rb"(" + STRING + rb")"),
    (b"evidence", _or_null(rb'\{"commitment":' + _HEX + rb',"count":' + _NUMBER + rb"\}")),
    (b"expires_at", _or_null(_MOMENT)),
    (b"idem", rb"(" + STRING + rb")"),
    (b"jurisdiction", _or_null(STRING)),
    (b"method", STRING),
    (b"occurred_at", _MOMENT),
    (b"prev_hash", rb'"([0-9a-f]{64})"'),
    (b"purpose", STRING),
    (b"recorded_at", rb"(" + _MOMENT + rb")"),
    (b"schema", rb'"consent-event/1"'),
    (b"seq", rb"(" + _NUMBER + rb")"),
    (b"source", STRING),
    (b"subject", rb"(" + STRING + rb")"),
    (
        b"text",
        rb'(null|\{"id":'
        + STRING
        + rb',"locale":'
        + STRING
        + rb',"sha256":'
        + _HEX
        + rb',"version":'
        + STRING
        + rb"\})",
    ),
    (b"type", _one_of(EventType)),
]
EVENT = re.compile(rb"\{" + b",".join(b'"' + key + b'":' + value for key, value in _FIELDS) + rb"\}")
"""Groups: 1 event_id, 2 idem, 3 prev_hash, 4 recorded_at, 5 seq, 6 subject (quoted), 7 text or null."""


def is_canonical(body: bytes) -> bool:
    """Whether these are the bytes of an event, in the one spelling that the ledger knows."""
    return EVENT.fullmatch(body) is not None and (body.isascii() or _is_nfc(body))


def _is_nfc(body: bytes) -> bool:
    try:
        return unicodedata.is_normalized("NFC", body.decode())
    except UnicodeDecodeError:
        return False


class Chain:
    """A chain being followed: its size and head so far, its Merkle tree, and the doubts that it raised."""

    def __init__(self, findings: Findings | None = None) -> None:
        self.findings = Findings() if findings is None else findings
        self.tree = Tree()
        self.head = GENESIS_HASH
        self.seq = 0
        self.texts: set[bytes] = set()
        self._clock = b""
        self._last_id = b""
        self._late_ids: set[bytes] = set()
        self._keys = array("q")

    @property
    def size(self) -> int:
        return self.tree.size

    def follow(self, events: Iterable[tuple[bytes, bytes]]) -> None:
        """Check (canonical bytes, claimed hash in hex) in the order of the chain.

        Goes on after a doubt, from what the doubtful event says of itself, so that one break is told once.
        """
        match, keys, append, texts = EVENT.fullmatch, self._keys, self.tree.append, self.texts
        seq, head, clock, last_id = self.seq, self.head.encode(), self._clock, self._last_id
        for body, claimed in events:
            found = match(body)
            if found is None or not (body.isascii() or _is_nfc(body)):
                self._doubt(Doubt.NOT_CANONICAL, seq + 1, "these are not the bytes of an event in its one spelling")
                continue
            event_id, idem, prev, recorded_at, number, text = found.group(1, 2, 3, 4, 5, 7)
            digest = sha256(HASH_PREFIX + body).digest()
            hash_ = hexlify(digest)
            seq += 1
            if prev != head or int(number) != seq or hash_ != claimed or recorded_at < clock or event_id <= last_id:
                self._explain(found, seq, head, claimed, hash_, clock, last_id)
                seq, head = int(number), claimed
            else:
                head = hash_
            clock = recorded_at if recorded_at > clock else clock
            last_id = event_id if event_id > last_id else last_id
            keys.append(hash(idem))
            texts.add(text)
            append(digest)
        self.seq, self.head, self._clock, self._last_id = seq, head.decode(), clock, last_id

    def _doubt(self, doubt: Doubt, seq: int, sentence: str) -> None:
        self.findings.doubt(doubt, f"event {seq}", sentence)

    def _explain(
        self, found: re.Match[bytes], seq: int, head: bytes, claimed: bytes, hash_: bytes, clock: bytes, last_id: bytes
    ) -> None:
        event_id, _, prev, recorded_at, number = found.groups()[:5]
        if int(number) != seq:
            self._doubt(Doubt.SEQUENCE, seq, f"the next event carries the number {number.decode()}")
        if prev != head:
            self._doubt(Doubt.BROKEN_LINK, seq, f"it does not follow {head.decode()[:16]}, the hash before it")
        if hash_ != claimed:
            self._doubt(Doubt.WRONG_HASH, seq, f"its bytes hash to {hash_.decode()[:16]}, not to what it claims")
        if recorded_at < clock:
            when = recorded_at.decode().strip('"')
            self._doubt(Doubt.CLOCK_RAN_BACKWARDS, seq, f"recorded at {when}, before the event ahead of it")
        if event_id == last_id or event_id in self._late_ids:
            self._doubt(Doubt.REPEATED_EVENT_ID, seq, f"the id {event_id.decode()} was used before")
        elif event_id < last_id:
            self._late_ids.add(event_id)

    def repeated_keys(self) -> set[int]:
        """Python hashes of idempotency keys that occur twice, or that merely collide: look at those once more."""
        return {one for one, following in pairwise(sorted(self._keys)) if one == following}
