"""Who is who in one change: the contacts[] beside messages, statuses and preferences.

A contact lends its identifiers to an item only when they name the same person: bodies exist in which contacts[] and the
item speak of two people (Meta's own samples among them), and a wrong link would carry one person's refusal to another.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from gateway.whatsapp.payload.identifiers import NOBODY, Identifiers
from gateway.whatsapp.payload.reading import Json, mapping, mappings, text


def phone(value: object) -> str | None:
    """A wa_id: Meta writes digits, people's samples sometimes a plus before them."""
    digits = text(value)
    return digits.removeprefix("+") or None if digits else None


@dataclass(frozen=True, slots=True)
class Contact:
    ids: Identifiers
    name: str | None


NO_CONTACT: Final = Contact(NOBODY, None)


class Contacts:
    """The contacts of one change, found by any of their identifiers.

    Read only when asked: most items of a large batch are statuses that name their recipient in full.
    """

    __slots__ = ("_all", "_by_id", "_raw")

    def __init__(self, raw: object) -> None:
        self._raw = raw
        self._all: tuple[Contact, ...] | None = None
        self._by_id: dict[str, Contact] = {}

    def match(self, wa_id: str | None, user_id: str | None, parent_id: str | None) -> Contact:
        """The person whom these name, with what the contact adds; unnamed, they are the one contact there is."""
        contact = self._find((wa_id, user_id, parent_id))
        more = contact.ids
        ids = Identifiers(wa_id or more.wa_id, user_id or more.user_id, parent_id or more.parent_user_id, more.username)
        return Contact(ids, contact.name or self._only.name)

    def person(self, wa_id: str | None, user_id: str | None, parent_id: str | None) -> Identifiers:
        """As `match`, without name and username, which makes looking needless for whoever is named twice."""
        if (wa_id and user_id) or self._raw is None:
            return Identifiers(wa_id, user_id, parent_id)
        return self.match(wa_id, user_id, parent_id).ids

    @property
    def everyone(self) -> tuple[Identifiers, ...]:
        return tuple(contact.ids for contact in self._contacts())

    @property
    def _only(self) -> Contact:
        contacts = self._contacts()
        return contacts[0] if len(contacts) == 1 else NO_CONTACT

    def _contacts(self) -> tuple[Contact, ...]:
        if self._all is None:
            self._all = tuple(_contact(each) for each in mappings(self._raw))
            self._by_id = {known: each for each in reversed(self._all) for known in each.ids.known}
        return self._all

    def _find(self, told: Iterable[str | None]) -> Contact:
        given = [each for each in told if each]
        if not given:
            return self._only
        self._contacts()
        return next((self._by_id[each] for each in given if each in self._by_id), NO_CONTACT)


NO_CONTACTS: Final = Contacts(None)


def _contact(raw: Json) -> Contact:
    profile = mapping(raw.get("profile"))
    return Contact(
        Identifiers(
            phone(raw.get("wa_id")),
            text(raw.get("user_id")),
            text(raw.get("parent_user_id")),
            text(profile.get("username")),
        ),
        text(profile.get("name")),
    )
