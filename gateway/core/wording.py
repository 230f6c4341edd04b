"""A sentence in the two languages that İzin speaks."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Wording:
    """The same sentence in Turkish and English; any other language tag is answered in English."""

    tr: str
    en: str

    def say(self, language: str = "en") -> str:
        return self.tr if language.casefold().startswith("tr") else self.en


def did_you_mean(word: str, known: Iterable[str]) -> Wording:
    """An empty wording when nothing known is near enough to be worth offering."""
    written = {one.casefold(): one for one in known}
    near = [written[one] for one in get_close_matches(word.casefold(), written, n=1, cutoff=0.6)]
    if not near:
        return Wording("", "")
    return Wording(f" “{near[0]}” mi demek istediniz?", f" Did you mean “{near[0]}”?")
