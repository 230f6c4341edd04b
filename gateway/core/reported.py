"""What customer-data tools report: `identify` and `track` items in the JSON that they already send.

The shape is Segment's Spec (segment.com/docs/connections/spec), which RudderStack, Jitsu and shops' plug-ins share:
`userId`, `messageId`, `timestamp`, `traits` or `event` and `properties`. Unknown fields are left alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Any

from consent.address import Address, AddressProblem, read_cell
from gateway.core.columns import WEAK_ADDRESSES, Field, attribute_key, field_of, header_key
from gateway.core.wording import Wording

NAME_CHARS_MAX = 100
VALUE_CHARS_MAX = 1_000
PROPERTIES_MAX = 50
AHEAD_MAX = timedelta(days=1)
"""A clock may be wrong by that much: what is reported from the future happened now. More is another mistake."""

ABOUT = ("about", "product_name", "product", "name", "title", "sku", "product_id")
"""Properties that say which thing an event is about, the plainest first."""

ABOUT_FOLDED = ("about", "productname", "product", "urunadi", "urun")
"""The same as a table's headers spell them, in both languages: "Ürün Adı"."""

PASSED_OVER = frozenset({"page", "screen", "alias", "group"})
"""What these tools send besides, of which nothing is kept."""


class ItemCode(StrEnum):
    NOT_AN_OBJECT = "not_an_object"
    TYPE_UNKNOWN = "type_unknown"
    NAME_MISSING = "name_missing"
    NOBODY = "nobody"
    PHONE_UNREADABLE = "phone_unreadable"
    TIME_UNREADABLE = "time_unreadable"
    PERSON_UNKNOWN = "person_unknown"
    PERSON_ERASED = "person_erased"


SENTENCES: Mapping[ItemCode, Wording] = {
    ItemCode.NOT_AN_OBJECT: Wording("Öğe bir JSON nesnesi olmalı.", "The item must be a JSON object."),
    ItemCode.TYPE_UNKNOWN: Wording("“type” identify ya da track olmalı.", "“type” must be identify or track."),
    ItemCode.NAME_MISSING: Wording(
        f"“event” en çok {NAME_CHARS_MAX} karakterlik bir ad olmalı.",
        f"“event” must be a name of at most {NAME_CHARS_MAX} characters.",
    ),
    ItemCode.NOBODY: Wording(
        "Kişi belli değil: userId ya da telefon verin.", "Nobody is named: give a userId or a phone number."
    ),
    ItemCode.PHONE_UNREADABLE: Wording("Telefon numarası okunamadı.", "The phone number cannot be read."),
    ItemCode.TIME_UNREADABLE: Wording(
        "“timestamp” okunamadı; 2026-11-22T10:00:00Z gibi yazın.",
        "“timestamp” cannot be read; write it like 2026-11-22T10:00:00Z.",
    ),
    ItemCode.PERSON_UNKNOWN: Wording(
        "Bu kişi tanınmıyor; önce telefonuyla identify gönderin.",
        "This person is not known; send an identify with their phone number first.",
    ),
    ItemCode.PERSON_ERASED: Wording("Bu kişinin verisi silinmiş.", "This person's data was erased."),
}


@dataclass(frozen=True, slots=True)
class Identify:
    """Who somebody is. `fields` and `attributes` are named as imports name them."""

    user_id: str
    address: Address | None
    fields: Mapping[Field, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PassedOver:
    """An item of a kind of which nothing is kept."""


@dataclass(frozen=True, slots=True)
class Track:
    """What somebody did. `key` is 16 bytes, the same for a report that comes twice; `at` aware, UTC."""

    user_id: str
    address: Address | None
    name: str
    at: datetime
    key: bytes
    about: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)


def read_item(item: Any, now: datetime, region: str, kind: str = "") -> Identify | Track | PassedOver | ItemCode:
    """One reported item. `kind` is its type where the door it came through says so. `now` is aware."""
    if not isinstance(item, dict):
        return ItemCode.NOT_AN_OBJECT
    kind = kind or str(item.get("type", ""))
    if kind in PASSED_OVER:
        return PassedOver()
    if kind not in ("identify", "track"):
        return ItemCode.TYPE_UNKNOWN
    traits = {**_mapping(item, "context", "traits"), **_mapping(item, "traits")}  # RudderStack's stand in the context
    properties = traits if kind == "identify" else _mapping(item, "properties")
    address = _address(item, properties, traits, region)
    if isinstance(address, ItemCode):
        return address
    user_id = str(item.get("userId") or "")[:NAME_CHARS_MAX]
    if address is None and not user_id:
        return ItemCode.NOBODY
    if kind == "identify":
        return _identify(user_id, address, properties)
    return _track(item, user_id, address, properties, now)


def _mapping(item: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    found: Any = item
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _address(
    item: Mapping[str, Any], properties: Mapping[str, Any], traits: Mapping[str, Any], region: str
) -> Address | ItemCode | None:
    """The number under `phone`, wherever that stands, or under a trait that is called like a column of numbers."""
    written = properties.get("phone") or traits.get("phone") or item.get("phone")
    written = written or next((value for name, value in traits.items() if value and _names_a_number(name)), None)
    if not written:
        return None
    found = read_cell(str(written), region)
    return ItemCode.PHONE_UNREADABLE if isinstance(found, AddressProblem) else found[0]


def _names_a_number(name: str) -> bool:
    return field_of(name) is Field.ADDRESS and header_key(name) not in WEAK_ADDRESSES


KEPT_FIELDS = (Field.NAME, Field.FIRST_NAME, Field.LAST_NAME, Field.LANGUAGE, Field.ZONE)


def _identify(user_id: str, address: Address | None, traits: Mapping[str, Any]) -> Identify:
    fields: dict[Field, str] = {}
    attributes: dict[str, str] = {}
    for name, text in _texts(traits).items():
        known = field_of(name)
        if known in KEPT_FIELDS and known is not None:
            fields.setdefault(known, text)
        elif known is None and (key := attribute_key(name)):
            attributes[key] = text
    return Identify(user_id, address, fields, attributes)


def _track(
    item: Mapping[str, Any], user_id: str, address: Address | None, properties: Mapping[str, Any], now: datetime
) -> Track | ItemCode:
    name = item.get("event")
    if not isinstance(name, str) or not 0 < len(name.strip()) <= NAME_CHARS_MAX:
        return ItemCode.NAME_MISSING
    at = _moment(item, now)
    if at is None:
        return ItemCode.TIME_UNREADABLE
    texts = _texts(properties)
    texts.pop("phone", None)
    return Track(user_id, address, _clean(name.strip()), at, _key(item), _about(texts), texts)


def _about(properties: Mapping[str, str]) -> str:
    for name in ABOUT:
        if about := properties.get(name):
            return about
    spelt = {header_key(name): text for name, text in properties.items()}
    return next((spelt[name] for name in ABOUT_FOLDED if spelt.get(name)), "")


def _moment(item: Mapping[str, Any], now: datetime) -> datetime | None:
    written = item.get("timestamp") or item.get("originalTimestamp")
    if written is None:
        return now
    try:
        at = datetime.fromisoformat(str(written))
        at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return None if at > now + AHEAD_MAX else min(at, now)


def _key(item: Mapping[str, Any]) -> bytes:
    """128 bits of the digest of the report's own id, or of the whole report where it has none."""
    own = item.get("messageId")
    written = f"id {own}".encode("utf-8", "replace") if own else json.dumps(item, sort_keys=True).encode()
    return hashlib.sha256(written).digest()[:16]


def _texts(values: Mapping[str, Any], before: str = "") -> dict[str, str]:
    """Plain values as text, those of objects inside under both names: {"size": {"eu": 38}} is size.eu = 38."""
    found: dict[str, str] = {}
    for name, value in islice(values.items(), PROPERTIES_MAX):
        if isinstance(value, dict) and not before:
            found |= _texts(value, f"{name}.")
        elif (text := _text(value)) is not None:
            found[_clean(f"{before}{name}"[:NAME_CHARS_MAX])] = text
    return found


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return _clean(value)[:VALUE_CHARS_MAX] if value else None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    return str(value) if isinstance(value, int) else None


def _clean(text: str) -> str:
    """Without what no database stores: NUL, and halves of surrogate pairs."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "").encode("utf-8", "replace").decode()
