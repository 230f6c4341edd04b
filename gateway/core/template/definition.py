"""A message template as Meta keeps it: its components, its holes, its purpose.

Shapes and limits: reference/whatsapp-cloud-api.md sections 1.2 and 5.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any

from consent.events import Purpose

HEADER_CHARS_MAX = 60
BODY_CHARS_MAX = 1024
OFFER_BODY_CHARS_MAX = 600
CARD_BODY_CHARS_MAX = 160
FOOTER_CHARS_MAX = 60
LABEL_CHARS_MAX = 25
URL_CHARS_MAX = 2000
PHONE_CHARS_MAX = 20
CODE_CHARS_MAX = 15
OFFER_TEXT_CHARS_MAX = 16
NAME_CHARS_MAX = 512
CARDS_MIN, CARDS_MAX = 2, 10
CARD_BUTTONS_MAX = 2
BUTTONS_MAX = 10

HOLE = re.compile(r"\{\{(\w+)\}\}")


@lru_cache(maxsize=1024)  # asked for every message, of a handful of texts
def holes_of(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(HOLE.findall(text)))


class Category(StrEnum):
    MARKETING = "MARKETING"
    UTILITY = "UTILITY"
    AUTHENTICATION = "AUTHENTICATION"


class ParameterFormat(StrEnum):
    POSITIONAL = "POSITIONAL"
    NAMED = "NAMED"


class HeaderFormat(StrEnum):
    TEXT = "TEXT"
    IMAGE = "IMAGE"
    VIDEO = "VIDEO"
    GIF = "GIF"
    DOCUMENT = "DOCUMENT"
    LOCATION = "LOCATION"
    PRODUCT = "PRODUCT"


MEDIA_FORMATS = frozenset({HeaderFormat.IMAGE, HeaderFormat.VIDEO, HeaderFormat.GIF, HeaderFormat.DOCUMENT})


class ButtonKind(StrEnum):
    QUICK_REPLY = "QUICK_REPLY"
    URL = "URL"
    PHONE_NUMBER = "PHONE_NUMBER"
    COPY_CODE = "COPY_CODE"
    CATALOG = "CATALOG"
    MPM = "MPM"
    SPM = "SPM"
    FLOW = "FLOW"
    OTP = "OTP"
    VOICE_CALL = "VOICE_CALL"
    REQUEST_CONTACT_INFO = "REQUEST_CONTACT_INFO"


class TemplateStatus(StrEnum):
    """Only APPROVED sends. DRAFT is ours: a template that exists only in the user's file."""

    DRAFT = "DRAFT"
    APPROVED = "APPROVED"
    PENDING = "PENDING"
    REJECTED = "REJECTED"
    PAUSED = "PAUSED"
    DISABLED = "DISABLED"
    IN_APPEAL = "IN_APPEAL"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    FLAGGED = "FLAGGED"
    REINSTATED = "REINSTATED"
    LOCKED = "LOCKED"
    ARCHIVED = "ARCHIVED"
    PENDING_DELETION = "PENDING_DELETION"
    DELETED = "DELETED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Text:
    """Text with holes such as {{1}} or {{first_name}}; `samples` pairs each hole's name with its sample."""

    text: str
    samples: tuple[tuple[str, str], ...] = ()

    @property
    def holes(self) -> tuple[str, ...]:
        """Names of the holes in order of first appearance, each once."""
        return holes_of(self.text)

    def sample(self, hole: str) -> str:
        return dict(self.samples).get(hole, "")

    def filled(self, values: Mapping[str, str]) -> str:
        """Raises KeyError when a hole has no value: an empty hole must never leave the house."""
        return HOLE.sub(lambda found: values[found[1]], self.text)


@dataclass(frozen=True, slots=True)
class Header:
    """`sample` is the upload handle of a media header's sample; `text` is set for TEXT only."""

    format: HeaderFormat
    text: Text | None = None
    sample: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """One button. `sample` is the example of a dynamic URL or of a coupon code.

    `rest` keeps the remaining keys of Meta's object (flow_id, otp_type, supported_apps, ...) so that nothing is lost
    when a template is pushed back.
    """

    kind: ButtonKind
    text: str = ""
    url: str = ""
    phone_number: str = ""
    sample: str = ""
    rest: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def is_dynamic(self) -> bool:
        """Whether the URL ends in a variable that each message must fill."""
        return self.kind is ButtonKind.URL and bool(HOLE.search(self.url))


@dataclass(frozen=True, slots=True)
class Card:
    """One card of a carousel."""

    header: Header | None = None
    body: Text | None = None
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """The limited-time offer's strip above the body."""

    text: str
    has_expiration: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template in one language. (name, language) is unique in a WhatsApp account.

    `unknown` lists component types that this version cannot fill; such a template is kept but never sent.
    `ttl_seconds` is Meta's message_send_ttl_seconds; None means the category's default.
    """

    name: str
    language: str
    category: Category
    body: Text
    header: Header | None = None
    footer: str = ""
    buttons: tuple[Button, ...] = ()
    cards: tuple[Card, ...] = ()
    offer: Offer | None = None
    parameter_format: ParameterFormat = ParameterFormat.POSITIONAL
    status: TemplateStatus = TemplateStatus.DRAFT
    id: str = ""
    quality: str = ""
    rejected_reason: str = ""
    ttl_seconds: int | None = None
    security_recommendation: bool = False
    code_expiration_minutes: int | None = None
    unknown: tuple[str, ...] = ()

    @property
    def purpose(self) -> Purpose:
        """What consent a message from this template needs. Mixed or unclear content is MARKETING with Meta too."""
        return Purpose(self.category.value.lower())

    @property
    def is_sendable(self) -> bool:
        return self.status is TemplateStatus.APPROVED and not self.unknown

    @property
    def carries_a_code(self) -> bool:
        """A one-time password: one value fills both the body and the button."""
        return any(button.kind is ButtonKind.OTP for button in self.buttons)

    def texts(self) -> Iterator[tuple[str, Text]]:
        """Every text with holes, under the path that names its place: header, body, card.0.body, ..."""
        if self.header and self.header.text:
            yield "header", self.header.text
        yield "body", self.body
        for index, card in enumerate(self.cards):
            if card.body:
                yield f"card.{index}.body", card.body


def chars(text: str) -> int:
    """Length in UTF-16 units. Meta does not publish how it counts; this is never less than any other way."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


STOP_PAYLOAD = "OPTOUT"
"""What our opt-out buttons send back when pressed; the webhook reads it as STOP whatever the label says."""
