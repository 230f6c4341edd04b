"""Learn which identifiers are one person from what a batch of webhooks shows in passing, mostly beside statuses.

Trigger: draining the inbox.
Reads:   the vault, once for the whole batch.
Writes:  identifiers of people we know; whatever is less simple goes person by person through `know`.
Repeat:  harmless: what is known is not learnt again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Connection

from consent import vault
from consent.vault import Identifier, IdentifierKind, Subject
from gateway.actions.know_people import identifiers_in, know
from gateway.whatsapp.payload import Identifiers


@dataclass(frozen=True, slots=True)
class News:
    """A person of whom something is new to us: what they are called, and to whom those names belong so far."""

    person: Identifiers
    identifiers: Sequence[Identifier]
    owners: frozenset[Subject]


def news_in(connection: Connection, people: Sequence[Identifiers]) -> list[News]:
    """Those of these people whom we know under some of their identifiers, but not under all of them as one.

    People we do not know at all stay unknown.
    """
    wanted = {person: _identifiers(person) for person in people}
    values: dict[IdentifierKind, list[str]] = defaultdict(list)
    for identifiers in wanted.values():
        for one in identifiers:
            values[one.kind].append(one.value)
    known = {kind: vault.find_values(connection, kind, them) for kind, them in values.items()}
    found = []
    for person, identifiers in wanted.items():
        owned = [(one, known[one.kind].get(one.value)) for one in identifiers]
        owners = {owner for _, owner in owned if owner is not None}
        if owners and (len(owners) > 1 or None in (owner for _, owner in owned)):
            found.append(News(person, [one for one, owner in owned if owner is None], frozenset(owners)))
    return found


# A message's three receipts name the same person within minutes, and reading a phone number costs more than the rest.
_identifiers = lru_cache(maxsize=8_192)(identifiers_in)


def learn_links(connection: Connection, people: Sequence[Identifiers], now: datetime) -> None:
    news = news_in(connection, people)
    simple = _simple(connection, news)
    vault.attach_all(connection, [(owner, i) for owner, one in simple for i in one.identifiers], now)
    done = {one.person for _, one in simple}
    for one in news:
        if one.person not in done:
            know(connection, one.person, now)


def _simple(connection: Connection, news: Sequence[News]) -> list[tuple[Subject, News]]:
    """Those of whom we only learn a further name: one owner, nobody else in the batch with it, no second BSUID."""
    owners = [next(iter(one.owners)) for one in news if len(one.owners) == 1]
    theirs = vault.identifiers_of(connection, sorted({owner.id for owner in owners}))
    told = Counter(identifier for one in news for identifier in one.identifiers)
    told_of = Counter(owner for one in news for owner in one.owners)
    found = []
    for one in news:
        owner = next(iter(one.owners))
        alone = len(one.owners) == 1 and told_of[owner] == 1 and all(told[i] == 1 for i in one.identifiers)
        if alone and not _may_be_another(one.identifiers, theirs, owner):
            found.append((owner, one))
    return found


def _may_be_another(told: Sequence[Identifier], theirs: Mapping[int, Sequence[Identifier]], owner: Subject) -> bool:
    """A second business-scoped id under one number is the mark of a number that changed hands."""
    kinds = {identifier.kind for identifier in theirs.get(owner.id, ())}
    return IdentifierKind.BSUID in kinds and any(i.kind is IdentifierKind.BSUID for i in told)
