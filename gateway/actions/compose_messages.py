"""Turn a person into a message of a campaign: choose the language, fill the template, or say why it cannot be.

Trigger: dry run and launch; both come here, so what they say agrees.
Reads:   the campaign's plan and the language versions of its template; people's latest events where it names any.
Writes:  nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

import orjson
from sqlalchemy import Connection

from consent.reasons import Reason
from gateway.core.campaign import CampaignPlan, Happened, choose_language, events_in, parameter_values, person_fields
from gateway.core.campaign.parameters import PERSON
from gateway.core.template import (
    STOP_PAYLOAD,
    Category,
    Filled,
    FillReason,
    HoleKind,
    Template,
    Value,
    fill,
    is_stop_button,
    placeholders,
)
from gateway.storage import person_events
from gateway.storage.audience_rows import AudienceRow
from gateway.storage.contacts import PersonState
from gateway.storage.outbox import Planned

_COLUMNS = frozenset({"name", "language", "country", "source"})
"""Fields that parameters may name and that have a column of their own; every other one may be an attribute."""
_ROW_FIELDS = {"name": "name", "region": "country", "source": "source"}
"""Where a person's row keeps them, but for the language."""

TOKEN_BYTES = 9
TOKEN_LETTERS = TOKEN_BYTES * 4 // 3
"""Twelve letters in a link: too many to guess, few enough to show."""
TOKENS_AT_ONCE = 4_000
TOKEN_HEAD = 2
"""Letters that tokens made together have in common."""

_REASONS = {FillReason.MISSING: Reason.PARAMETER_MISSING, FillReason.TOO_LONG: Reason.PARAMETER_TOO_LONG}


@dataclass(frozen=True, slots=True)
class Composed:
    """A message's contents, or the reason why there are none and what it concerns."""

    content: Mapping[str, Any]
    token: str | None = None
    problem: Reason | None = None
    detail: str = ""


def _unfit(problem: Reason, detail: str) -> Composed:
    # Kept with the message, not acted on: whether this or a missing consent is the reason is decide's to say.
    return Composed({"kind": "template", "problem": problem.value, "detail": detail}, None, problem, detail)


class Composer:
    """Composes one campaign's messages; the parts that are the same for everybody are worked out once."""

    def __init__(self, plan: CampaignPlan, versions: Mapping[str, Template]) -> None:
        self._plan = plan
        self._versions = versions
        self._campaign = {"name": plan.name}
        self._events = events_in(plan.parameters)
        self._languages: dict[str | None, str | None] = {}
        self._suffixes = {
            language: [h.key for h in placeholders(t) if h.kind is HoleKind.URL_SUFFIX]
            for language, t in versions.items()
        }
        self._stops = {language: _stop_payloads(t) for language, t in versions.items()}

    def happened(self, connection: Connection, subject_ids: Sequence[int], now: datetime) -> Mapping[int, Happened]:
        """What the parameters want of these people's latest events, for `compose` and `values_of`."""
        return person_events.latest(connection, subject_ids, self._events, now) if self._events else {}

    def said_of_people(self) -> Callable[[AudienceRow], tuple[object, ...]]:
        """Reads what a message can say of a person off their row: where that is the same, so is the message."""
        parameters = [
            p for _, written in self._plan.parameters for p in (written, *(t for _, t in written.translations))
        ]
        named = {piece.name for p in parameters for piece in p.pieces if piece.source == PERSON}
        fields = ["language", *(f for f, column in _ROW_FIELDS.items() if column in named)]
        if named - _COLUMNS:  # an attribute may also be called first_name
            fields.append("attributes")
        # Two fields at least, so that it always gives a tuple.
        of_row: Callable[[AudienceRow], tuple[object, ...]] = attrgetter("language", *fields)
        if "name" in named or "first_name" not in named:
            return of_row
        return lambda person: (*of_row(person), _first_word(person.name))

    def compose(self, person: PersonState, happened: Happened | None = None) -> Composed:
        language = self.language_of(person.language)
        values = {} if language is None else self._values(_row_of(person), person.attributes, language, happened)
        return self.filled(language, values, person.language)

    def language_of(self, own: str | None) -> str | None:
        """The template's language for a person, None when it has none for them."""
        if own not in self._languages:
            self._languages[own] = choose_language(self._plan, own, self._versions)
        return self._languages[own]

    def values_of(self, person: AudienceRow, language: str, happened: Happened | None = None) -> dict[str, Value]:
        """What a person's message says that others' may not."""
        attributes = orjson.loads(person.attributes) if person.attributes else {}
        return self._values(person, attributes, language, happened)

    def filled(self, language: str | None, values: Mapping[str, Value], own: str | None) -> Composed:
        """The template filled with these values, `own` being the person's language."""
        if language is None:
            return _unfit(Reason.TEMPLATE_LANGUAGE_MISSING, own or "")
        template, values = self._versions[language], dict(values) | self._stops[language]
        token = None
        open_suffixes = [key for key in self._suffixes[language] if key not in values]
        if self._plan.link is not None and open_suffixes:
            token = secrets.token_urlsafe(TOKEN_BYTES)
            values |= dict.fromkeys(open_suffixes, token)  # on every card the same: all lead to the campaign's target
        filled = fill(template, values)
        if not isinstance(filled, Filled):
            problem = filled[0]
            return _unfit(_REASONS.get(problem.reason, Reason.PARAMETER_INVALID), problem.key)
        content: dict[str, Any] = {"kind": "template", "template": filled.name, "language": filled.language}
        if template.category is Category.MARKETING:
            content["marketing"] = True  # whatever the campaign's purpose: only these go by the marketing endpoint
        return Composed({**content, "components": filled.components}, token)

    def _values(
        self, person: AudienceRow, attributes: Mapping[str, str], language: str, happened: Happened | None
    ) -> dict[str, Value]:
        fields = person_fields(
            person.name, attributes, language=person.language, country=person.region, source=person.source
        )
        return parameter_values(self._plan.parameters, fields, language, self._campaign, happened)


def _first_word(name: str | None) -> str | None:
    words = (name or "").split(None, 1)
    return words[0] if words else None


def _row_of(p: PersonState) -> AudienceRow:
    return AudienceRow(p.subject_id, p.name, p.language, p.region, p.source, None)


def tokens() -> Iterator[str]:
    """Random tokens without end, made many at a time: asking the system costs more.

    Those made together begin alike and so lie together in their index; a million that lay anywhere would rewrite
    almost all of it with every batch. The other letters hold 60 bits of chance.
    """
    own = TOKEN_LETTERS - TOKEN_HEAD
    while True:
        head = secrets.token_urlsafe(TOKEN_HEAD)[:TOKEN_HEAD]
        letters = secrets.token_urlsafe(own * TOKENS_AT_ONCE * 3 // 4)
        for at in range(0, len(letters), own):
            yield head + letters[at : at + own]


CACHED_MAX = 8_000


_Pieces = list[str]
"""A content as JSON text, cut where its token stands; whole if it has no link."""


class Press:
    """Composes one campaign's messages by the million: people with the same values share one content, as JSON text.

    Only the token in a link differs between them; it always has the same length, so it never changes what fits.
    """

    def __init__(self, composer: Composer) -> None:
        self._composer = composer
        self._known: dict[tuple[object, ...], _Pieces] = {}
        self._said = composer.said_of_people()
        self._tokens = tokens()

    def happened(self, connection: Connection, people: Sequence[AudienceRow], now: datetime) -> Mapping[int, Happened]:
        """What the messages want of these people's latest events, for `planned`: asked once for all of them."""
        return self._composer.happened(connection, [person.subject_id for person in people], now)

    def planned(self, people: Sequence[AudienceRow], happened: Mapping[int, Happened]) -> list[Planned]:
        """A message for each."""
        if happened:
            found = [self._pieces_of(person, happened.get(person.subject_id)) for person in people]
        else:
            said = list(map(self._said, people))
            alike = {key: self._pieces_of(person, None) for key, person in dict(zip(said, people, strict=True)).items()}
            found = list(map(alike.__getitem__, said))
        return [
            Planned(person.subject_id, pieces[0], None) if len(pieces) == 1 else self._linked(person.subject_id, pieces)
            for person, pieces in zip(people, found, strict=True)
        ]

    def _linked(self, subject_id: int, pieces: _Pieces) -> Planned:
        token = next(self._tokens)
        return Planned(subject_id, token.join(pieces), token)

    def _pieces_of(self, person: AudienceRow, happened: Happened | None) -> _Pieces:
        if happened:
            return self._pieces(person, happened)
        said = self._said(person)
        if said not in self._known:
            if len(self._known) >= CACHED_MAX:
                self._known.clear()
            self._known[said] = self._pieces(person, None)
        return self._known[said]

    def _pieces(self, person: AudienceRow, happened: Happened | None) -> _Pieces:
        composer = self._composer
        language = composer.language_of(person.language)
        values = {} if language is None else composer.values_of(person, language, happened)
        composed = composer.filled(language, values, person.language)
        written = orjson.dumps(composed.content).decode()
        return [written] if composed.token is None else written.split(composed.token)


def _stop_payloads(template: Template) -> dict[str, Value]:
    """Our own payload on each button that says stop, so that a tap is heard whatever its title says."""
    return {f"button.{index}": STOP_PAYLOAD for index, button in enumerate(template.buttons) if is_stop_button(button)}
