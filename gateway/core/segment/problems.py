"""What is wrong with a segment's text, and at which character."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.core.wording import Wording


@dataclass(frozen=True, slots=True)
class SegmentProblem:
    """`position` counts characters of `text` from 0; at the end of the text it equals its length."""

    text: str
    position: int
    wording: Wording

    def sentence(self, language: str = "en") -> str:
        return self.wording.say(language)

    def pointed(self, language: str = "en") -> str:
        """The sentence, the line with the mistake, and a caret under the character."""
        start = self.text.rfind("\n", 0, self.position) + 1
        line = self.text[start:].partition("\n")[0].replace("\t", " ")
        return f"{self.sentence(language)}\n  {line}\n  {' ' * (self.position - start)}^"


class Stumble(Exception):
    """Raised inside the reader, caught at its door; never leaves this package."""

    def __init__(self, position: int, tr: str, en: str) -> None:
        super().__init__(en)
        self.position = position
        self.wording = Wording(tr, en)
