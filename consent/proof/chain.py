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


def _event_with(string: bytes) -> re.Pattern[bytes]:
    text = rb'\{"id":' + string + rb',"locale":' + string + rb',"sha256":' + _HEX + rb',"version":' + string + rb"\}"
    fields = [
        (b"actor", rb'\{"kind":' + _one_of(ActorKind) + rb',"ref":' + string + rb"\}"),
        (b"basis", string),
        (b"causes", rb"\[(?:" + string + rb"(?:," + string + rb")*+)?\]"),
        (b"channel", string),
        (b"event_id", rb"(" + string + rb")"),
        (b"evidence", _or_null(rb'\{"commitment":' + _HEX + rb',"count":' + _NUMBER + rb"\}")),
        (b"expires_at", _or_null(_MOMENT)),
        (b"idem", rb"(" + string + rb")"),
        (b"jurisdiction", _or_null(string)),
        (b"method", string),
        (b"occurred_at", _MOMENT),
        (b"prev_hash", rb'"([0-9a-f]{64})"'),
        (b"purpose", string),
        (b"recorded_at", rb"(" + _MOMENT + rb")"),
        (b"schema", rb'"consent-event/1"'),
        (b"seq", rb"(" + _NUMBER + rb")"),
        (b"source", string),
        (b"subject", string),
        (b"text", rb"(" + _or_null(text) + rb")"),
        (b"type", _one_of(EventType)),
    ]
    return re.compile(rb"\{" + b",".join(b'"' + key + b'":' + value for key, value in fields) + rb"\}")


EVENT = _event_with(STRING)
"""An event. Groups: 1 event_id, 2 idem, 3 prev_hash, 4 recorded_at, 5 seq, 6 text or null."""

UNESCAPED = _event_with(rb'"' + _PLAIN + rb'"')
"""The same for events without any escape in them, which is nearly all: half the time."""


def is_canonical(body: bytes) -> bool:
    """Whether these are the bytes of an event, in the one spelling that the ledger knows."""
    return EVENT.fullmatch(body) is not None and (body.isascii() or _is_nfc(body))


def _is_nfc(body: bytes) -> bool:
    try:
        return unicodedata.is_normalized("NFC", body.decode())
    except UnicodeDecodeError:
        return False


class Chain:
    """A chain being followed: its size and head so far, its Merkle tree, and the doubts that it raised.

    `after` is the (sequence, hash) to go on from; a ledger begins after (0, GENESIS_HASH).
    """

    def __init__(self, findings: Findings | None = None, after: tuple[int, str] = (0, GENESIS_HASH)) -> None:
        self.findings = Findings() if findings is None else findings
        self.tree = Tree()
        self.seq, self.head = after
        self.clock = b""
        self.texts: set[bytes] = set()
        self._keys = array("q")
        self._ids = array("q")

    @property
    def size(self) -> int:
        return self.tree.size

    def follow(self, events: Iterable[tuple[bytes, bytes]]) -> None:
        """Check (canonical bytes, claimed hash in hex) in the order of the chain.

        Goes on after a doubt, from what the doubtful event says of itself, so that one break is told once.
        """
        match, append, texts = UNESCAPED.fullmatch, self.tree.append, self.texts
        keys, ids = self._keys.append, self._ids.append
        seq, head, clock = self.seq, self.head.encode(), self.clock
        for body, claimed in events:
            found = match(body) or EVENT.fullmatch(body)
            if found is None or not (body.isascii() or _is_nfc(body)):
                self._doubt(Doubt.NOT_CANONICAL, seq + 1, "these are not the bytes of an event in its one spelling")
                continue
            event_id, idem, prev, recorded_at, number, text = found.groups()
            digest = sha256(HASH_PREFIX + body).digest()
            hash_ = hexlify(digest)
            seq += 1
            if prev != head or int(number) != seq or hash_ != claimed or recorded_at < clock:
                self._explain(found, seq, head, claimed, hash_, clock)
                seq, head, clock = int(number), claimed, max(recorded_at, clock)
            else:
                head, clock = hash_, recorded_at
            keys(hash(idem))
            ids(hash(event_id))
            texts.add(text)
            append(digest)
        self.seq, self.head, self.clock = seq, head.decode(), clock

    def _doubt(self, doubt: Doubt, seq: int, sentence: str) -> None:
        self.findings.doubt(doubt, f"event {seq}", sentence)

    def _explain(
        self, found: re.Match[bytes], seq: int, head: bytes, claimed: bytes, hash_: bytes, clock: bytes
    ) -> None:
        _, _, prev, recorded_at, number, _ = found.groups()
        if int(number) != seq:
            self._doubt(Doubt.SEQUENCE, seq, f"the next event carries the number {number.decode()}")
        if prev != head:
            self._doubt(Doubt.BROKEN_LINK, seq, f"it does not follow {head.decode()[:16]}, the hash before it")
        if hash_ != claimed:
            self._doubt(Doubt.WRONG_HASH, seq, f"its bytes hash to {hash_.decode()[:16]}, not to what it claims")
        if recorded_at < clock:
            when = recorded_at.decode().strip('"')
            self._doubt(Doubt.CLOCK_RAN_BACKWARDS, seq, f"recorded at {when}, before the event ahead of it")

    def extend(self, following: Chain) -> None:
        """Go on with a stretch that was followed elsewhere in this process or a fork of it, from this head on."""
        self.tree.extend(following.tree)
        self.seq, self.head, self.clock = following.seq, following.head, following.clock
        self.texts |= following.texts
        self._keys += following._keys
        self._ids += following._ids

    def repeated(self) -> tuple[set[int], set[int]]:
        """Hashes (Python's) of idempotency keys and of event ids that occur twice or that collide: look once more."""
        return _twice(self._keys), _twice(self._ids)


def _twice(hashes: array[int]) -> set[int]:
    """Those that occur twice. An eighth at a time, so that a million of them never stand in memory as one set."""
    found: set[int] = set()
    for eighth in range(8):
        some = [one for one in hashes if one & 7 == eighth]
        if len(set(some)) != len(some):
            found.update(one for one, following in pairwise(sorted(some)) if one == following)
    return found
