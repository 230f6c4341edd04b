"""From the bytes of a webhook to its items: every entry, every change, every list in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from gateway.whatsapp.payload import conversation
from gateway.whatsapp.payload.changes import FIELDS
from gateway.whatsapp.payload.contacts import NO_CONTACTS, Contacts, phone
from gateway.whatsapp.payload.decoding import NOT_JSON, parse
from gateway.whatsapp.payload.items import Item, Origin, Other, Unreadable
from gateway.whatsapp.payload.plain_statuses import PlainStatuses, plain_statuses
from gateway.whatsapp.payload.questions import OPT_OUT_CODES, bears_consent
from gateway.whatsapp.payload.reading import Json, mapping, moment, text
from gateway.whatsapp.payload.short_cut import is_quiet

NOWHERE: Final = Origin(field="")

BARE: Final = {"user_preferences": "value", "user_id_update": "user_id"}
"""Fields whose list bears the same name, and what marks an object that should stand in it."""


def items(body: Mapping[str, object] | bytes | str) -> list[Item]:
    """Everything a webhook body tells. Pure; never raises, whatever the body is.

    One item for each message, status, user preference, identity update and out-of-band error; one for any other change.
    What is not what its place asks for becomes an `Unreadable`, and its neighbours are read all the same; a body
    that is no JSON at all is one `Unreadable` with the place "body".
    Half surrogates and NUL, which no database takes, become U+FFFD, also in `raw`.
    """
    return _read(body, urgent=False)


def urgent_items(
    body: Mapping[str, object] | bytes | str, opt_out_codes: Collection[int] = OPT_OUT_CODES
) -> list[Item]:
    """Those of `items(body)` that bear consent, found many times faster in bytes that hold good news only."""
    if isinstance(body, bytes) and is_quiet(body):
        return []
    return [item for item in _read(body, urgent=True) if bears_consent(item, opt_out_codes)]


def read(body: bytes) -> PlainStatuses | list[Item]:
    """As `items`, but without an item for each status where a body tells of nothing else."""
    parsed = parse(body)
    return plain_statuses(parsed) or _items_in(parsed, body, urgent=False)


def _read(body: Mapping[str, object] | bytes | str, *, urgent: bool) -> list[Item]:
    return _items_in(parse(body), body, urgent=urgent)


def _items_in(parsed: Any, body: Mapping[str, object] | bytes | str, *, urgent: bool) -> list[Item]:
    if isinstance(parsed, dict):
        return _in_body(parsed, urgent)
    return [_unreadable(body, "body", "This is not JSON." if parsed is NOT_JSON else "This is no JSON object.")]


def _in_body(body: Json, urgent: bool) -> list[Item]:
    """A full body; also a bare entry or change, which is how Meta's dashboard shows its samples, or a bare value, as
    providers post it that pass messages on."""
    found: list[Item] = []
    if "entry" in body:
        for entry in conversation.objects(body["entry"], NOWHERE, "entry", found):
            found += _in_entry(entry, urgent)
    elif "changes" in body:
        found += _in_entry(body, urgent)
    elif "field" in body:
        found += _in_change(body, {}, urgent)
    elif not conversation.LISTS.keys().isdisjoint(body):
        found += _in_change({"field": "messages", "value": body}, {}, urgent)
    else:
        found.append(_unreadable(body, "body", "There is no entry here."))
    return found


def _in_entry(entry: Json, urgent: bool) -> list[Item]:
    found: list[Item] = []
    if "changes" not in entry:
        found.append(_unreadable(entry, "entry", "There are no changes here."))
    for change in conversation.objects(entry.get("changes"), NOWHERE, "entry.changes", found):
        found += _in_change(change, entry, urgent)
    return found


def _in_change(change: Json, entry: Json, urgent: bool) -> list[Item]:
    field = text(change.get("field")) or ""
    value = _in_its_list(field, change.get("value"))
    if urgent and not conversation.may_be_urgent(value):
        return []
    if not isinstance(value, dict):
        return [Other(origin=_origin(field, entry, {}, NO_CONTACTS), raw=value)]
    if reader := FIELDS.get(field):
        return [reader(value, _origin(field, entry, value, NO_CONTACTS))]
    contacts = Contacts(value["contacts"]) if "contacts" in value else NO_CONTACTS
    origin = _origin(field, entry, value, contacts)
    # The errors of a call are the call's own, not the number's.
    found = [] if "calls" in value else conversation.read(value, origin, contacts, urgent=urgent)
    return found or [Other(origin=origin, raw=value)]


def _in_its_list(field: str, value: Any) -> Any:
    """A preference or identity that stands in the value itself instead of in its list: a stop all the same."""
    mark = BARE.get(field)
    if mark is None or not isinstance(value, dict) or field in value or mark not in value:
        return value
    return {**value, field: [value]}


def _unreadable(raw: Any, where: str, reason: str) -> Unreadable:
    return Unreadable(origin=NOWHERE, raw=raw, where=where, reason=reason)


def _origin(field: str, entry: Json, value: Json, contacts: Contacts) -> Origin:
    metadata = mapping(value.get("metadata"))
    return Origin(
        field,
        text(entry.get("id")),
        moment(entry.get("time")),
        text(metadata.get("phone_number_id")),
        phone(metadata.get("display_phone_number")),
        contacts,
    )
