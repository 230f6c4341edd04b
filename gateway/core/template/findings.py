"""What a look over a template finds: where, what, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gateway.core.wording import Wording


class Severity(StrEnum):
    """ERROR: Meta or the law refuses it. WARNING: it will cost something. NOTE: it could be better."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """`rule` is a stable name for scripts; `fix` says what to do."""

    rule: str
    severity: Severity
    place: Wording
    sentence: Wording
    fix: Wording

    def say(self, language: str = "en") -> str:
        """ "error, body: ... Fix: ..." in one line."""
        severity = _SEVERITIES[self.severity].say(language)
        return f"{severity}, {self.place.say(language)}: {self.sentence.say(language)} {self.fix.say(language)}"


_SEVERITIES = {
    Severity.ERROR: Wording("hata", "error"),
    Severity.WARNING: Wording("uyarı", "warning"),
    Severity.NOTE: Wording("not", "note"),
}

NAME = Wording("ad", "name")
HEADER = Wording("başlık", "header")
BODY = Wording("gövde", "body")
FOOTER = Wording("alt bilgi", "footer")
BUTTONS = Wording("düğmeler", "buttons")
OFFER = Wording("süreli teklif", "limited-time offer")
CAROUSEL = Wording("kartlar", "carousel")
WHOLE = Wording("şablon", "template")


def error(rule: str, place: Wording, sentence: tuple[str, str], fix: tuple[str, str]) -> Finding:
    return Finding(rule, Severity.ERROR, place, Wording(*sentence), Wording(*fix))


def warning(rule: str, place: Wording, sentence: tuple[str, str], fix: tuple[str, str]) -> Finding:
    return Finding(rule, Severity.WARNING, place, Wording(*sentence), Wording(*fix))


def note(rule: str, place: Wording, sentence: tuple[str, str], fix: tuple[str, str]) -> Finding:
    return Finding(rule, Severity.NOTE, place, Wording(*sentence), Wording(*fix))


def too_long(place: Wording, length: int, most: int) -> Finding:
    return error(
        "too_long",
        place,
        (f"{length} karakter; en çok {most} olabilir.", f"{length} characters; at most {most} are allowed."),
        ("Kısaltın.", "Shorten it."),
    )


def button_place(index: int, label: str) -> Wording:
    said = f" “{label}”" if label else ""
    return Wording(f"{index + 1}. düğme{said}", f"button {index + 1}{said}")


def card_place(index: int) -> Wording:
    return Wording(f"{index + 1}. kart", f"card {index + 1}")
