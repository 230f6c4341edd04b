"""What a person's words were taken to mean, and which rule said so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What the person wants. Everything that is none of the first five is `other` and changes no consent."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    CONFIRM = "confirm"
    DECLINE = "decline"
    OTHER = "other"


class Certainty(StrEnum):
    """How sure the rule is. A `likely` stop pauses at once and waits for a person; a `certain` one revokes."""

    CERTAIN = "certain"
    LIKELY = "likely"


class Scope(StrEnum):
    """How far a stop reaches: the brand's marketing, or every purpose ("STOP ALL", "HEPSİ", "TÜMÜ")."""

    MARKETING = "marketing"
    EVERYTHING = "everything"


@dataclass(frozen=True, slots=True)
class Reading:
    """One message, read.

    kind, certainty -- what it means and how sure that is; for `other` the certainty is always certain
    rule            -- id and version of the rule that fired, such as "tr.keyword.dur/1"; kept in the ledger
    scope           -- how far a stop reaches; of no meaning for the other kinds
    code            -- the confirmation code in "ONAY 7F3K9Q", upper case, or None
    """

    kind: Kind
    certainty: Certainty
    rule: str
    scope: Scope = Scope.MARKETING
    code: str | None = None


NOTHING = Reading(Kind.OTHER, Certainty.CERTAIN, "none/1")
