"""Compose for people who are alike: what of a template can fail for a person is known before any person is looked at.

Trigger: dry run.
Reads:   the campaign's plan and the language versions of its template.
Writes:  nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.actions.compose_messages import Composed, Composer
from gateway.core.campaign import CampaignPlan, Happened
from gateway.core.campaign.parameters import EVENT, PERSON, Parameter, Piece
from gateway.core.template import Template
from gateway.storage.contacts import PersonState

ORDINARY_CHARS = 40
"""A longer name or attribute is tried by itself; fallbacks that are longer raise this."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Needs:
    """What a template asks of each person: `required` fields have no fallback somewhere, `used` are all."""

    required: tuple[str, ...]
    used: tuple[str, ...]
    safe_chars: int


def needs_of(plan: CampaignPlan) -> Needs:
    required: dict[str, None] = {}
    used: dict[str, None] = {}
    longest = ORDINARY_CHARS
    for parameter, piece in _personal(plan):
        longest = max(longest, len(piece.fallback or ""), len(parameter.fallback or ""))
        if piece.source == PERSON:
            used[piece.name] = None
        if piece.source == PERSON and piece.fallback is None and parameter.fallback is None:
            required[piece.name] = None
    return Needs(tuple(required), tuple(used), longest)


def _personal(plan: CampaignPlan) -> Iterator[tuple[Parameter, Piece]]:
    for _, written in plan.parameters:
        for parameter in (written, *(one for _, one in written.translations)):
            yield from ((parameter, piece) for piece in parameter.pieces if piece.source in (PERSON, EVENT))


class GroupComposer:
    """Composes for one stand-in of each group, once for each language and set of missing fields.

    Groups are of people who did none of what the parameters speak of; the others are for `Composer`, one by one.
    """

    def __init__(self, plan: CampaignPlan, versions: Mapping[str, Template]) -> None:
        self.needs = needs_of(plan)
        self._composer = Composer(plan, versions)
        self._versions = versions
        self._events = [piece for _, piece in _personal(plan) if piece.source == EVENT]
        self._known: dict[tuple[str, int], Composed] = {}

    def compose(self, language: str, has: int) -> Composed:
        """`has` holds one bit for each required field, in their order."""
        if (language, has) not in self._known:
            self._known[language, has] = self._composer.compose(self._stand_in(language, has))
        return self._known[language, has]

    @property
    def fits_ordinary_values(self) -> bool:
        """Whether values up to `safe_chars` fit into every version; if not, only people themselves can tell."""
        everything = 2 ** len(self.needs.required) - 1
        tried = [self._composer.compose(self._stand_in(one, everything), self._did_all()) for one in self._versions]
        return all(composed.problem is None for composed in tried)

    def _did_all(self) -> Happened:
        happened: dict[str, dict[str, str]] = {}
        for piece in self._events:
            happened.setdefault(piece.event, {})[piece.name] = "x" * self.needs.safe_chars
        return happened

    def _stand_in(self, language: str, has: int) -> PersonState:
        text = "x" * self.needs.safe_chars
        missing = {name for bit, name in enumerate(self.needs.required) if not has >> bit & 1}
        own = {name: "" if name in missing else text for name in self.needs.used if name not in ("language", "name")}
        name = None if "name" in missing else text
        return PersonState(
            0, name, language or None, None, frozenset(), own.get("country") or None, own.get("source") or None, _EPOCH,
            own, None, None, None, None, (),
        )  # fmt: skip
