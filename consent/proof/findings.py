"""What a verification found: every doubt with its place, what was checked, and what the material cannot show."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

SHOWN_MAX = 50
"""Doubts of each kind kept in full; of the rest only their number, so that a broken ledger cannot fill memory."""


class Doubt(StrEnum):
    UNREADABLE = "unreadable"
    NOT_CANONICAL = "not_canonical"
    WRONG_HASH = "wrong_hash"
    BROKEN_LINK = "broken_link"
    SEQUENCE = "sequence"
    CLOCK_RAN_BACKWARDS = "clock_ran_backwards"
    REPEATED_KEY = "repeated_key"
    REPEATED_EVENT_ID = "repeated_event_id"
    WRONG_TEXT = "wrong_text"
    MISSING_TEXT = "missing_text"
    BAD_CHECKPOINT = "bad_checkpoint"
    BAD_TIMESTAMP = "bad_timestamp"
    UNTRUSTED_CHECKPOINT = "untrusted_checkpoint"
    WRONG_ROOT = "wrong_root"
    FORK = "fork"
    TRUNCATED = "truncated"
    UNCOVERED = "uncovered"
    NO_KEY = "no_key"
    NOT_INCLUDED = "not_included"
    UNKNOWN_EVENT = "unknown_event"
    WRONG_EVENT = "wrong_event"
    NOT_CONSENTED = "not_consented"
    WRONG_EVIDENCE = "wrong_evidence"
    NOT_ERASED = "not_erased"
    INCOMPLETE = "incomplete"
    REPEATED_MESSAGE = "repeated_message"


@dataclass(frozen=True, slots=True)
class Finding:
    """One doubt: of what kind, where, and in words."""

    doubt: Doubt
    where: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.where}: {self.sentence}"


@dataclass(slots=True)
class Findings:
    """Everything one verification has to say. It holds only when there is no doubt at all."""

    doubts: list[Finding] = field(default_factory=list)
    checked: list[str] = field(default_factory=list)
    not_shown: list[str] = field(default_factory=list)
    counts: Counter[Doubt] = field(default_factory=Counter)

    def doubt(self, doubt: Doubt, where: str, sentence: str) -> None:
        self.counts[doubt] += 1
        if self.counts[doubt] <= SHOWN_MAX:
            self.doubts.append(Finding(doubt, where, sentence))

    @property
    def holds(self) -> bool:
        return not self.counts

    def kinds(self) -> set[Doubt]:
        return set(self.counts)

    def lines(self) -> list[str]:
        """The report, a line each: what was checked, what it does not show, every doubt."""
        hidden = [
            f"DOUBT  ... and {count - SHOWN_MAX} more of kind {doubt}"
            for doubt, count in self.counts.items()
            if count > SHOWN_MAX
        ]
        return [
            *(f"checked  {line}" for line in self.checked),
            *(f"not shown  {line}" for line in self.not_shown),
            *(f"DOUBT  {finding} [{finding.doubt}]" for finding in self.doubts),
            *hidden,
        ]
