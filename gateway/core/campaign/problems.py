"""What is wrong in a campaign file: which field, on which line, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.core.wording import Wording


@dataclass(frozen=True, slots=True)
class CampaignProblem:
    """`field` is the dotted path of the key (empty for the file as a whole); `line` counts from 1, None if unknown."""

    field: str
    wording: Wording
    line: int | None = None

    def sentence(self, language: str = "en") -> str:
        """The whole sentence with its place: "line 4, caps: ..."."""
        line = Wording(f"{self.line}. satır", f"line {self.line}").say(language) if self.line else ""
        place = ", ".join(part for part in (line, self.field) if part)
        said = self.wording.say(language)
        return f"{place}: {said}" if place else said
