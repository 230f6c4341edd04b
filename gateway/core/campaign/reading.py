"""The file while it is being read: where we are in it, and every mistake found so far."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from gateway.core.campaign.house import HouseRules
from gateway.core.campaign.problems import CampaignProblem
from gateway.core.document import Document, Path, Tree
from gateway.core.wording import Wording, did_you_mean

E = TypeVar("E", bound=StrEnum)


@dataclass(slots=True)
class Reading:
    """Collects problems instead of stopping at the first. `now` None reads a stored plan: no check against a clock."""

    document: Document
    now: datetime | None
    house: HouseRules | None
    problems: list[CampaignProblem] = field(default_factory=list)

    def wrong(self, path: Path, tr: str, en: str) -> None:
        self.problems.append(CampaignProblem(".".join(path), Wording(tr, en), self.document.line_of(path)))

    def text(self, path: Path, value: Tree) -> str | None:
        """The value as one non-empty line of text, else a problem."""
        if isinstance(value, str) and value.strip():
            return value.strip()
        self.wrong(path, "Burada bir metin olmalı.", "This must be a text.")
        return None

    def texts(self, path: Path, value: Tree) -> tuple[str, ...]:
        """A list of texts, also accepted as one text with commas."""
        listed = value.split(",") if isinstance(value, str) else value
        if not isinstance(listed, list):
            self.wrong(path, "Burada bir liste olmalı.", "This must be a list.")
            return ()
        found = [self.text(path, one) for one in listed]
        return tuple(one for one in found if one is not None)

    def whole(self, path: Path, value: Tree, least: int, most: int) -> int | None:
        text = value if isinstance(value, str) else ""
        if text.strip().isdecimal() and len(text) < 10 and least <= int(text) <= most:
            return int(text)
        self.wrong(path, f"{least} ile {most} arasında bir tam sayı yazın.",
                   f"Write a whole number from {least} to {most}.")  # fmt: skip
        return None

    def choice(self, path: Path, value: Tree, kind: type[E]) -> E | None:
        text = value.strip() if isinstance(value, str) else ""
        if text in kind.__members__.values():
            return kind(text)
        known = [member.value for member in kind]
        hint, listed = did_you_mean(text, known), ", ".join(known)
        self.wrong(path, f"Şunlardan biri olmalı: {listed}.{hint.tr}", f"This must be one of: {listed}.{hint.en}")
        return None

    def only(self, path: Path, value: dict[str, Tree], known: Collection[str]) -> None:
        """Every key that is not known is a problem, with the nearest known one offered."""
        for key in value:
            if key not in known:
                hint, listed = did_you_mean(key, known), ", ".join(sorted(known))
                self.wrong((*path, key), f"“{key}” diye bir alan yok.{hint.tr or f' Alanlar: {listed}.'}",
                           f"There is no field “{key}”.{hint.en or f' The fields are: {listed}.'}")  # fmt: skip
