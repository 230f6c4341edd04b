"""Whether a template shows the person a way to stop.

The labels are what businesses and Meta's own examples print on opt-out buttons and in footers (reference/consent.md
section 4, reference/whatsapp-cloud-api.md section 1.2); reading a person's free words is consent.replies' work.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from gateway.core.template.definition import Button, ButtonKind, Template

_STOP_WORDS = (
    # Turkish
    r"\bdur\b", r"durdur", r"\bret\b", r"\bred\b", r"iptal", r"listeden c[iı]k", r"abonelikten c[iı]k",
    r"mesaj(lari|lar)? (alma|isteme)", r"istemiyorum",
    # English
    r"\bstop\b", r"unsubscribe", r"opt[ -]?out",
    # German, French, Spanish, Portuguese, Italian, Dutch, Russian, Arabic
    r"abmelden", r"abbestellen", r"\bdesabonner", r"se desinscrire", r"darse de baja", r"\bbaja\b", r"parar",
    r"\bsair\b", r"descadastr", r"disiscriv", r"annulla iscrizione", r"afmelden",
    r"отпис", r"\bстоп\b", r"ايقاف", r"الغاء",
)  # fmt: skip
_STOP = re.compile("|".join(_STOP_WORDS))


_TOLD_HOW = re.compile(
    r"yaz|bas(in|iniz)|dokun|tikla|gonder|cevap|reply|write|send|text|tap|press|click|answer|schreib|antwort|tipp"
    r"|repond|envoy|escrib|respond|toque|clique|scriv|rispond|stuur|напиш|ответ|اكتب|ارسل"
)


def plain(text: str) -> str:
    """Lower case without accents and with one kind of i, so that `Durdur`, `DURDUR` and `ÇIK`/`çık` compare equal."""
    lowered = text.replace("İ", "i").replace("I", "i").casefold().replace("ı", "i")
    marks_apart = unicodedata.normalize("NFKD", lowered)
    return "".join(letter for letter in marks_apart if not unicodedata.combining(letter))


@lru_cache(maxsize=1024)  # asked for every message, of a handful of labels
def is_stop_label(label: str) -> bool:
    """Whether a button with this label is an opt-out button."""
    return bool(_STOP.search(plain(label)))


def is_stop_button(button: Button) -> bool:
    return button.kind is ButtonKind.QUICK_REPLY and is_stop_label(button.text)


def shows_a_way_to_stop(template: Template) -> bool:
    """A stop button, or a line in the footer or the body that names the word to write."""
    if any(is_stop_button(button) for button in template.buttons):
        return True
    return is_stop_label(template.footer) or _tells_how_to_stop(template.body.text)


def _tells_how_to_stop(text: str) -> bool:
    """A body may say "iptal" of an order; only a line that also says what to do is an instruction."""
    return any(is_stop_label(line) and _TOLD_HOW.search(plain(line)) for line in text.splitlines())
