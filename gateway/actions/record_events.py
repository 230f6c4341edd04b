"""Record what customer-data tools report: who people are, and what they did. Never a consent.

Trigger: POST /v1/identify, /v1/track, /v1/batch, and `izin events import FILE`.
Reads:   who is known, by number or by the business's own id.
Writes:  people and their ids (identify), events (track).
Repeat:  harmless, by each item's messageId.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection

from consent import vault
from consent.address import Address, region_of, zones_of
from consent.suppression import SuppressionKeys
from consent.vault import Identifier, IdentifierKind, Subject, identifier_of
from gateway.core.cells import read_zone
from gateway.core.columns import Field
from gateway.core.contact import normalise_language
from gateway.core.reported import Identify, ItemCode, PassedOver, Track, read_item
from gateway.settings import Settings
from gateway.storage import contacts, person_events
from gateway.storage.contacts import NewPerson
from gateway.storage.person_events import NewEvent

ITEMS_MAX = 2_000
"""Items of one transaction."""


@dataclass
class Recorded:
    """What became of the items: `problems` by their place in the list, from 0; `passed_over` are of kinds not kept."""

    people: int = 0
    events: int = 0
    repeated: int = 0
    passed_over: int = 0
    problems: dict[int, ItemCode] = field(default_factory=dict)


def record_events(
    connection: Connection, items: Sequence[Any], settings: Settings, now: datetime, kind: str = ""
) -> Recorded:
    """Record at most ITEMS_MAX items in their order. `kind` is their type where the door says so."""
    recorded = Recorded()
    read = [read_item(item, now, settings.region, kind) for item in items]
    recorded.problems.update((n, found) for n, found in enumerate(read) if isinstance(found, ItemCode))
    recorded.passed_over = sum(isinstance(found, PassedOver) for found in read)
    known = _Known(connection, settings, now, [one for one in read if isinstance(one, Identify | Track)])
    events: list[NewEvent] = []
    for place, one in enumerate(read):
        if isinstance(one, ItemCode | PassedOver):
            continue
        subject = known.subject_of(one)
        if isinstance(subject, ItemCode):
            recorded.problems[place] = subject
        elif isinstance(one, Track):
            events.append(_event(subject, one))
        else:
            recorded.people += 1
    known.keep_people()
    recorded.events = person_events.add(connection, events)
    recorded.repeated = len(events) - recorded.events
    return recorded


def _event(subject: Subject, one: Track) -> NewEvent:
    properties = orjson.dumps(one.properties).decode() if one.properties else None
    return NewEvent(subject.id, one.name, one.at, one.key, one.about or None, properties)


class _Known:
    """Who the items speak of, looked up at once."""

    def __init__(
        self, connection: Connection, settings: Settings, now: datetime, items: Sequence[Identify | Track]
    ) -> None:
        self._connection, self._now = connection, now
        wanted = {identifier_of(one.address) for one in items if one.address}
        wanted |= {_external(one.user_id) for one in items if one.user_id}
        self._subjects = vault.find(connection, sorted(wanted, key=lambda i: i.value))
        keys = SuppressionKeys.read(settings.suppression_key)
        self._silent = vault.silenced(connection, keys, [one.address.value for one in items if one.address])
        self._people: dict[int, NewPerson] = {}

    def subject_of(self, one: Identify | Track) -> Subject | ItemCode:
        """The number tells before the business's own id does. Only an identify makes somebody known."""
        if one.address is not None and one.address.value in self._silent:
            return ItemCode.PERSON_ERASED
        subject = self._subjects.get(identifier_of(one.address)) if one.address else None
        subject = subject or (self._subjects.get(_external(one.user_id)) if one.user_id else None)
        if isinstance(one, Identify):
            return self._identified(one, subject)
        return subject or ItemCode.PERSON_UNKNOWN

    def _identified(self, one: Identify, subject: Subject | None) -> Subject | ItemCode:
        if subject is None:
            if one.address is None:
                return ItemCode.PERSON_UNKNOWN
            subject = self._learn(vault.add(self._connection, [identifier_of(one.address)], self._now)[0], one.address)
        new = [_external(one.user_id)] if one.user_id else []
        new += [identifier_of(one.address)] if one.address else []
        strange = [identifier for identifier in new if identifier not in self._subjects]
        vault.attach(self._connection, subject, strange, self._now)
        self._subjects.update(dict.fromkeys(strange, subject))
        self._people[subject.id] = _person(subject, one)
        return subject

    def _learn(self, subject: Subject, address: Address) -> Subject:
        self._subjects[identifier_of(address)] = subject
        return subject

    def keep_people(self) -> None:
        contacts.add(self._connection, list(self._people.values()), self._now)


def _external(user_id: str) -> Identifier:
    return Identifier(IdentifierKind.EXTERNAL, user_id)


def _person(subject: Subject, one: Identify) -> NewPerson:
    fields: Mapping[Field, str] = one.fields
    full = f"{fields.get(Field.FIRST_NAME, '')} {fields.get(Field.LAST_NAME, '')}".strip()
    first = {"first_name": fields[Field.FIRST_NAME]} if Field.FIRST_NAME in fields else {}
    return NewPerson(
        subject_id=subject.id,
        name=fields.get(Field.NAME) or full or None,
        language=normalise_language(fields.get(Field.LANGUAGE, "")),
        zone=read_zone(fields.get(Field.ZONE, "")),
        zones=zones_of(one.address) if one.address else frozenset(),
        region=region_of(one.address) or None if one.address else None,
        source="identify",
        attributes={**one.attributes, **first},
    )
