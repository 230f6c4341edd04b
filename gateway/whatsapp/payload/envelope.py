"""From the bytes of a webhook to its items: every entry, every change, every list in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

import orjson

from gateway.whatsapp.payload import conversation
from gateway.whatsapp.payload.changes import FIELDS
from gateway.whatsapp.payload.contacts import Contacts, phone
from gateway.whatsapp.payload.items import Item, Origin, Other, Unreadable
from gateway.whatsapp.payload.reading import Json, mapping, moment, text

NOWHERE: Final = Origin(field="")


def items(body: Mapping[str, object] | bytes | str) -> list[Item]:
    """Everything a webhook body tells, in its order. Pure; never raises, whatever the body is.

    One item for each message, status, user preference, identity update and out-of-band error; one for any other change.
    What is not what its place asks for becomes an `Unreadable`, and its neighbours are read all the same; a body
    that is no JSON at all is one `Unreadable` with the place "body".
    Half surrogates and NUL, which no database takes, become U+FFFD in the items; `raw` has them as they came.
    """
    parsed = dict(body) if isinstance(body, Mapping) else _parsed(body)
    if not isinstance(parsed, dict):
        reason = "This is not JSON." if parsed is _NOT_JSON else "A JSON object was expected here."
        return [Unreadable(origin=NOWHERE, raw=body, where="body", reason=reason)]
    return _in_body(parsed)


_NOT_JSON: Final = object()


def _parsed(body: bytes | str) -> object:
    """orjson is quick and strict. What it refuses (half surrogates, cut UTF-8) the slow way often reads."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _parsed_slowly(body)


def _parsed_slowly(body: bytes | str) -> object:
    written = body if isinstance(body, str) else body.decode("utf-8-sig", "replace")
    try:
        return json.loads(written, strict=False)
    except (ValueError, RecursionError):
        return _NOT_JSON


def _in_body(body: Json) -> list[Item]:
    """A full body; also a bare entry or change, which is how Meta's dashboard shows its samples."""
    found: list[Item] = []
    if "entry" in body:
        for at, entry in conversation.objects(body["entry"], NOWHERE, "entry", found):
            found += _in_entry(entry, f"entry[{at}]")
    elif "changes" in body:
        found += _in_entry(body, "body")
    elif "field" in body:
        found += _in_change(body, {}, "body")
    else:
        found.append(Unreadable(origin=NOWHERE, raw=body, where="body", reason="There is no entry here."))
    return found


def _in_entry(entry: Json, where: str) -> list[Item]:
    found: list[Item] = []
    if "changes" not in entry:
        reason = "There are no changes here."
        return [Unreadable(origin=NOWHERE, raw=entry, where=where, reason=reason)]
    for at, change in conversation.objects(entry["changes"], NOWHERE, f"{where}.changes", found):
        found += _in_change(change, entry, f"{where}.changes[{at}]")
    return found


def _in_change(change: Json, entry: Json, where: str) -> list[Item]:
    field, value = text(change.get("field")) or "", change.get("value")
    if not isinstance(value, dict):
        return [Other(origin=_origin(field, entry, {}, None), raw=value)]
    if reader := FIELDS.get(field):
        return [reader(value, _origin(field, entry, value, None))]
    contacts = Contacts(value)
    origin = _origin(field, entry, value, contacts)
    # The errors of a call are the call's own, not the number's.
    found = [] if "calls" in value else conversation.read(value, origin, contacts, f"{where}.value")
    return found or [Other(origin=origin, raw=value)]


def _origin(field: str, entry: Json, value: Json, contacts: Contacts | None) -> Origin:
    metadata = mapping(value.get("metadata"))
    return Origin(
        field,
        text(entry.get("id")),
        moment(entry.get("time")),
        text(metadata.get("phone_number_id")),
        phone(metadata.get("display_phone_number")),
        contacts.everyone if contacts else (),
    )
