"""The hash chain, checked over a stream of event lines.

Sound lines pass at the cost of hashing and comparing them. As soon as a stretch of them might not be sound, it is
examined event by event, and every doubt is told with its place. The format is docs/formats/ledger.md, sections 1 and 2.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import islice

from consent.events import GENESIS_HASH, HASH_PREFIX
from consent.proof.event_lines import (
    BODY,
    CLAIMED,
    EVENT_LINE_END,
    EVENT_LINE_START,
    EVENT_MIDDLE,
    HASH_DIGITS,
    is_event_line,
)
from consent.proof.findings import Doubt, Findings
from consent.proof.merkle import Tree
from consent.proof.repeats import Repeats, Rising
from consent.proof.shapes import Shapes
from consent.proof.spelling import spelt
from consent.proof.stretch import sound

BATCH = 1_000


class Chain:
    """A chain being followed: its size and head so far, its Merkle tree, and the doubts that it raised.

    `after` is the (sequence, hash) to go on from; a ledger begins after (0, GENESIS_HASH).
    """

    def __init__(self, findings: Findings | None = None, after: tuple[int, str] = (0, GENESIS_HASH)) -> None:
        self.findings = Findings() if findings is None else findings
        self.tree = Tree()
        self.seq, self.head = after
        self.clock = b""
        """When the last event was recorded, as it is written."""
        self.keys = Repeats()
        self.ids = Rising()
        self._shapes = Shapes()

    @property
    def size(self) -> int:
        return self.tree.size

    @property
    def texts(self) -> set[bytes]:
        """The consent texts that the events name, as canonical JSON or null."""
        return self._shapes.texts

    def follow(self, events: Iterable[tuple[bytes, bytes]]) -> None:
        """Check (canonical bytes, claimed hash in hex) in the order of the chain.

        Goes on after a doubt, from what the doubtful event says of itself, so that one break is told once.
        """
        rest = iter(events)
        while batch := list(islice(rest, BATCH)):
            framed = [EVENT_LINE_START + body + EVENT_MIDDLE + claimed + EVENT_LINE_END for body, claimed in batch]
            if any(len(claimed) != HASH_DIGITS for _, claimed in batch) or not self._pass(framed):
                for body, claimed in batch:
                    self._examine(body, claimed)

    def follow_lines(self, lines: Iterable[bytes]) -> None:
        """The same over lines of an export that begin as those of events do."""
        rest = iter(lines)
        while batch := list(islice(rest, BATCH)):
            if not self._pass(batch):
                for line in batch:
                    self._examine_line(line)

    def _pass(self, lines: Sequence[bytes]) -> bool:
        """Take over sound lines. False, and the chain is where it was, as soon as one of them might not be."""
        stretch = sound(lines, self._shapes, self.seq, self.head.encode(), self.clock)
        if stretch is None:
            return False
        self.seq, self.head, self.clock = stretch.seq, stretch.head.decode(), stretch.clock
        self.keys.add(stretch.keys)
        self.ids.add(stretch.ids)
        self.tree.append(stretch.digests)
        return True

    def _examine_line(self, line: bytes) -> None:
        if is_event_line(line):
            self._examine(line[BODY], line[CLAIMED])
        else:
            self._doubt(Doubt.UNREADABLE, self.seq + 1, "its line holds the event, its hash, its kind, no more")

    def _examine(self, body: bytes, claimed: bytes) -> None:
        found = spelt(body)
        if found is None:
            sentence = "these are not the bytes of an event in its one spelling"
            self._doubt(Doubt.NOT_CANONICAL, self.seq + 1, sentence)
            return
        hash_ = sha256(HASH_PREFIX + body)
        self._compare(found, claimed, hash_.hexdigest().encode())
        self.keys.add([found["idem"]])
        self.ids.add([found["event_id"]])
        self._shapes.texts.add(found["text"])
        self.tree.append([hash_.digest()])

    def _compare(self, found: re.Match[bytes], claimed: bytes, hash_: bytes) -> None:
        """Doubt what does not continue the chain, and go on from what the event says of itself."""
        seq, number, prev, recorded_at = self.seq + 1, int(found["seq"]), found["prev_hash"], found["recorded_at"]
        if number != seq:
            self._doubt(Doubt.SEQUENCE, seq, f"the next event carries the number {number}")
        if prev != self.head.encode():
            self._doubt(Doubt.BROKEN_LINK, seq, f"it does not follow {self.head[:16]}, the hash before it")
        if hash_ != claimed:
            self._doubt(Doubt.WRONG_HASH, seq, f"its bytes hash to {hash_.decode()[:16]}, not to what it claims")
        if recorded_at < self.clock:
            when = recorded_at.decode()
            self._doubt(Doubt.CLOCK_RAN_BACKWARDS, seq, f"recorded at {when}, before the event ahead of it")
        self.seq, self.head = number, claimed.decode(errors="replace")
        self.clock = max(recorded_at, self.clock)

    def _doubt(self, doubt: Doubt, seq: int, sentence: str) -> None:
        self.findings.doubt(doubt, f"event {seq}", sentence)

    def extend(self, following: Chain) -> None:
        """Go on with a stretch that was followed elsewhere in this process or a fork of it, from this head on."""
        self.tree.extend(following.tree)
        self.seq, self.head, self.clock = following.seq, following.head, following.clock
        self._shapes.texts |= following.texts
        self.keys.extend(following.keys)
        self.ids.extend(following.ids)
