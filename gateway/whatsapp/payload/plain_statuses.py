"""Bodies that tell only how messages of ours fare: read straight into receipts, without an item for each.

Nearly every body is such a one, and making its items costs more than everything else that the drain does with them.
What is at all unusual is left to `items`; a test holds the two ways equal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from gateway.whatsapp.payload.contacts import NO_CONTACTS, Contacts, phone
from gateway.whatsapp.payload.reading import Json, mappings, moment, text

_FIELD: Final = "messages"
_VALUE_KEYS: Final = frozenset({"messaging_product", "metadata", "contacts", "statuses"})
_NOT_OF_MESSAGES: Final = ("call", "payment")
_TEXT_OR_NONE: Final = frozenset({str, type(None)})


class Receipt(NamedTuple):
    """One status, reduced to what moves a message. `at` is None where Meta's moment cannot be read."""

    wamid: str
    status: str
    at: datetime | None
    tracker: str | None = None
    codes: tuple[int, ...] = ()


Names = tuple[str | None, str | None, str | None]
"""What a person is called: wa_id, business-scoped user id, and that of the parent. Any may be None."""


@dataclass(frozen=True, slots=True)
class PlainStatuses:
    """All that such bodies tell: their statuses in order, and everyone called by two names or more."""

    receipts: list[Receipt] = field(default_factory=list)
    people: dict[Names, None] = field(default_factory=dict)


def plain_statuses(parsed: Any) -> PlainStatuses | None:
    """What a parsed body tells if it holds plain statuses alone, else None."""
    found = PlainStatuses()
    entries = parsed.get("entry") if type(parsed) is dict else None
    if type(entries) is not list:
        return None
    for entry in entries:
        changes = entry.get("changes") if type(entry) is dict else None
        if type(changes) is not list:
            return None
        for change in changes:
            if type(change) is not dict or change.get("field") != _FIELD or not _take(change.get("value"), found):
                return None
    return found


def _take(value: Any, found: PlainStatuses) -> bool:
    """Add what a change tells. False when it tells anything else; then nothing of the body counts."""
    if type(value) is not dict or not value.keys() <= _VALUE_KEYS:
        return False
    statuses = value.get("statuses")
    if type(statuses) is not list or not statuses:
        return False
    contacts = NO_CONTACTS
    if (beside := value.get("contacts")) is not None:
        contacts = Contacts(beside)
        for contact in mappings(beside):
            _meet(_names_of(contact), found)
    return all(_read(raw, contacts, found) for raw in statuses)


def _read(raw: Any, contacts: Contacts, found: PlainStatuses) -> bool:
    if type(raw) is not dict or "errors" in raw:
        return False
    if raw.get("type") in _NOT_OF_MESSAGES or raw.get("recipient_type") == "group":
        return False
    get = raw.get
    wamid, status, tracker, timestamp = get("id"), get("status"), get("biz_opaque_callback_data"), get("timestamp")
    wa_id, user_id, parent_id = get("recipient_id"), get("recipient_user_id"), get("recipient_parent_user_id")
    if type(wamid) is not str or type(status) is not str or type(timestamp) is not str or not (wamid and status):
        return False
    if not {type(tracker), type(wa_id), type(user_id), type(parent_id)} <= _TEXT_OR_NONE:
        return False
    if wa_id and wa_id[0] == "+":
        wa_id = wa_id[1:]
    names = (wa_id or None, user_id or None, parent_id or None)
    if contacts is not NO_CONTACTS and not (wa_id and user_id):
        person = contacts.person(*names)
        names = (person.wa_id, person.user_id, person.parent_user_id)
    _meet(names, found)
    found.receipts.append(Receipt(wamid, status.lower(), _moment_of(timestamp), tracker or None))
    return True


def _meet(names: Names, found: PlainStatuses) -> None:
    if names.count(None) < 2:
        found.people[names] = None


def _names_of(contact: Json) -> Names:
    return phone(contact.get("wa_id")), text(contact.get("user_id")), text(contact.get("parent_user_id"))


@lru_cache(maxsize=4_096)  # the statuses of a batch share few seconds
def _moment_of(written: str) -> datetime | None:
    return moment(written)
