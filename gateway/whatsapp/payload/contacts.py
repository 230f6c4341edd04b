"""Who is who in one change: the contacts[] beside messages, statuses and preferences.

A contact lends its identifiers to an item only when they name the same person: bodies exist in which contacts[] and the
item speak of two people (Meta's own samples among them), and a wrong link would carry one person's refusal to another.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.whatsapp.payload.items import NOBODY, Identifiers
from gateway.whatsapp.payload.reading import Json, mapping, mappings, text


def phone(value: object) -> str | None:
    """A wa_id: Meta writes digits, people's samples sometimes a plus before them."""
    digits = text(value)
    return digits.removeprefix("+") or None if digits else None


@dataclass(frozen=True, slots=True)
class Contact:
    ids: Identifiers
    name: str | None


NO_CONTACT = Contact(NOBODY, None)


class Contacts:
    """The contacts of one change, found by any of their identifiers."""

    __slots__ = ("_by_id", "_only", "everyone")

    def __init__(self, value: Json) -> None:
        contacts = [_contact(each) for each in mappings(value.get("contacts"))]
        self.everyone = tuple(contact.ids for contact in contacts)
        self._only = contacts[0] if len(contacts) == 1 else NO_CONTACT
        self._by_id = {known: contact for contact in reversed(contacts) for known in contact.ids.known}

    def match(self, wa_id: str | None, user_id: str | None, parent_id: str | None) -> Contact:
        """The person whom these name, with what the contact adds; unnamed, they are the one contact there is."""
        contact = self._find((wa_id, user_id, parent_id))
        more = contact.ids
        return Contact(
            Identifiers(
                wa_id or more.wa_id,
                user_id or more.user_id,
                parent_id or more.parent_user_id,
                more.username,
            ),
            contact.name or self._only.name,
        )

    def _find(self, told: Iterable[str | None]) -> Contact:
        given = [each for each in told if each]
        if not given:
            return self._only
        return next((self._by_id[each] for each in given if each in self._by_id), NO_CONTACT)


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
