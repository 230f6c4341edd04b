"""What the practice world really received: the evidence that nobody was written to twice and nobody was lost."""

from __future__ import annotations

import base64
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

PAGE_MAX = 10_000
NAMED_MAX = 100


class Received(NamedTuple):
    """One accepted message. `ending` says how its request ended for the sender; `at_s` is Unix time of the world."""

    key: str
    tracker: str
    kind: str
    template: str
    category: str
    number_id: str
    ending: str
    at_s: float


def wamid_of(key: str, sequence: int) -> str:
    """A message id of Meta's look, worked out from recipient and sequence so that it needs no memory."""
    raw = b"\x1d\x0c" + key.encode() + b"\x15\x02\x00\x11\x18\x12" + b"%018X" % sequence + b"\x00"
    return "wamid." + base64.b64encode(raw).decode()


@dataclass(slots=True)
class Record:
    log: list[Received] = field(default_factory=list)
    refused: Counter[int] = field(default_factory=Counter)
    not_accepted: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    failed: Counter[int] = field(default_factory=Counter)
    inbound: Counter[str] = field(default_factory=Counter)
    clicks: int = 0
    read_marks: int = 0
    _told: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def accept(self, received: Received) -> str:
        """Write down one accepted message; the answer is its id."""
        self.log.append(received)
        return wamid_of(received.key, len(self.log))

    def tell(self, key: str, what: dict[str, Any]) -> None:
        """Keep what one person was told, in order."""
        self._told[key].append(what)

    def told(self, key: str) -> list[dict[str, Any]]:
        return list(self._told.get(key, ()))

    def page(self, after: int, most: int) -> dict[str, Any]:
        """Accepted messages in order; `after` is the sequence of the last one already seen, 0 at first."""
        rows = self.log[after : after + min(most, PAGE_MAX)]
        shown = [
            {"sequence": after + place, "id": wamid_of(row.key, after + place), **row._asdict()}
            for place, row in enumerate(rows, start=1)
        ]
        return {"messages": shown, "next_after": after + len(rows) if len(rows) else None}

    def people(self, after: str, most: int) -> dict[str, Any]:
        """Messages per person in order of key; `after` is the last key already seen."""
        counts = Counter(row.key for row in self.log)
        keys = sorted(key for key in counts if key > after)[: min(most, PAGE_MAX)]
        return {"people": {key: counts[key] for key in keys}, "next_after": keys[-1] if keys else None}

    def trackers(self, after: str, most: int) -> dict[str, Any]:
        """Messages per tracker in order of tracker; `after` is the last one already seen."""
        counts = Counter(row.tracker for row in self.log if row.tracker)
        chosen = sorted(tracker for tracker in counts if tracker > after)[: min(most, PAGE_MAX)]
        return {"trackers": {one: counts[one] for one in chosen}, "next_after": chosen[-1] if chosen else None}

    def totals(self) -> dict[str, Any]:
        trackers = Counter(row.tracker for row in self.log if row.tracker)
        pairs = Counter((row.key, row.template) for row in self.log if row.category == "MARKETING")
        return {
            "accepted": len(self.log),
            "accepted_without_tracker": sum(not row.tracker for row in self.log),
            "people": len({row.key for row in self.log}),
            "trackers": len(trackers),
            "trackers_doubled": _doubled(trackers),
            "marketing_doubled": [list(pair) for pair in _doubled(pairs)],
            "by_number": Counter(row.number_id for row in self.log),
            "by_template": Counter(row.template for row in self.log if row.template),
            "by_kind": Counter(row.kind for row in self.log),
            "by_ending": Counter(row.ending for row in self.log),
            "refused": {str(code): times for code, times in self.refused.items()},
            "not_accepted": self.not_accepted,
            "statuses": self.statuses,
            "failed": {str(code): times for code, times in self.failed.items()},
            "inbound": self.inbound,
            "clicks": self.clicks,
            "read_marks": self.read_marks,
        }


def _doubled(counts: Counter[Any]) -> list[Any]:
    return list(_first(key for key, times in counts.items() if times > 1))


def _first(found: Iterator[Any]) -> Iterator[Any]:
    for _, one in zip(range(NAMED_MAX), found, strict=False):
        yield one
