"""Questions about items that more than one action asks."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from gateway.whatsapp.payload.account import AccountUpdate, NumberQuality, TemplateStatus
from gateway.whatsapp.payload.identifiers import Identifiers
from gateway.whatsapp.payload.items import (
    IdentityUpdate,
    InboundMessage,
    Item,
    Other,
    PreferenceChange,
    StatusUpdate,
    people_in,
)

OPT_OUT_CODES: Final = frozenset({131050})
"""The person stopped this business's marketing on WhatsApp itself (whatsapp-cloud-api.md, 2.5)."""

PAST_FIELDS: Final = frozenset({"history"})
"""Old conversations, thousands in a body: drained later, as they are not news."""


def bears_consent(item: Item, opt_out_codes: Collection[int] = OPT_OUT_CODES) -> bool:
    """Whether this can change what a person may be sent, and so must be in the ledger before the webhook's 200."""
    match item:
        case InboundMessage():
            return not item.by_business and item.field not in PAST_FIELDS
        case PreferenceChange() | IdentityUpdate():
            return True
        case StatusUpdate():
            return any(error.code in opt_out_codes for error in item.errors)
    return False


def links(found: Iterable[Item]) -> list[Identifiers]:
    """Everyone of whom these items show two or more identifiers, each set once, in the order of appearance."""
    seen: dict[Identifiers, None] = {}
    for item in found:
        for person in (*people_in(item), *item.origin.people):
            if person.is_link:
                seen.setdefault(person)
    return list(seen)


LABEL_CHARS_MAX: Final = 100
"""What kinds are called is Meta's, or whoever's wrote in its place: no index takes a name without end."""


def label(item: Item) -> str:
    """What kind of thing this is, for counting: `InboundMessage:text`, `StatusUpdate:read`, `Other:calls`."""
    return f"{type(item).__name__}:{_detail(item)}"[:LABEL_CHARS_MAX]


def status_label(status: str) -> str:
    """As `label`, for a status known by its word alone."""
    return f"{StatusUpdate.__name__}:{status}"[:LABEL_CHARS_MAX]


def _detail(item: Item) -> str:
    match item:
        case InboundMessage():
            return f"echo_{item.kind}" if item.by_business else item.kind
        case StatusUpdate():
            return item.status
        case PreferenceChange():
            return item.preference.value
        case TemplateStatus() | AccountUpdate() | NumberQuality():
            return item.event or ""
        case Other():
            return item.field
    return item.field
