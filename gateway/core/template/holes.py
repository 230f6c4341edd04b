"""What a message from a template must, or may, bring along: every placeholder and the key of its value.

Keys: `first_name` or `1` (body), the same name or `header.1` (header text), `header` (media, place, product),
`button.0` (a button's part, counted from 0 as on the wire), `code` (one-time password), `offer.expires`,
`card.0.1`, `card.0.header`, `card.0.button.1` (carousel).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from gateway.core.template.definition import (
    MEDIA_FORMATS,
    Button,
    ButtonKind,
    Header,
    HeaderFormat,
    Template,
    Text,
)
from gateway.core.template.stopping import is_stop_button
from gateway.core.wording import Wording


class HoleKind(StrEnum):
    TEXT = "text"
    IMAGE = "image"
    VIDEO = "video"
    GIF = "gif"
    DOCUMENT = "document"
    LOCATION = "location"
    PRODUCT = "product"
    URL_SUFFIX = "url_suffix"
    PAYLOAD = "payload"
    COUPON = "coupon"
    THUMBNAIL = "thumbnail"
    SECTIONS = "sections"
    FLOW = "flow"
    EXPIRY = "expiry"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One value of a message: its key in the values, what it must be, where it appears, Meta's sample of it."""

    key: str
    kind: HoleKind
    place: Wording
    required: bool = True
    sample: str = ""


@lru_cache(maxsize=512)
def placeholders(template: Template) -> tuple[Placeholder, ...]:
    """Everything that can be filled, in the order in which it appears on the phone; each key once."""
    found: dict[str, Placeholder] = {}
    for hole in _all(template):
        found.setdefault(hole.key, hole)
    return tuple(found.values())


def _all(template: Template) -> Iterator[Placeholder]:
    yield from _in_header(template.header, "header", _HEADER)
    if template.offer and template.offer.has_expiration:
        yield Placeholder("offer.expires", HoleKind.EXPIRY, Wording("teklif bitişi", "offer expiry"))
    if template.carries_a_code:
        yield Placeholder("code", HoleKind.CODE, Wording("doğrulama kodu", "one-time code"))
    else:
        yield from _in_text(template.body, "", _BODY)
    for index, card in enumerate(template.cards):
        place = Wording(f"{index + 1}. kart", f"card {index + 1}")
        yield from _in_header(card.header, f"card.{index}.header", place)
        if card.body:
            yield from _in_text(card.body, f"card.{index}.", place)
        yield from _in_buttons(card.buttons, f"card.{index}.button.")
    yield from _in_buttons(template.buttons, "button.")


_HEADER = Wording("başlık", "header")
_BODY = Wording("gövde", "body")


def text_key(prefix: str, hole: str) -> str:
    """The key of a hole in a text. Named holes of header and body share one value; numbers count anew in each."""
    if prefix == "header" or prefix.endswith(".header"):
        return f"{prefix}.{hole}" if hole.isdigit() else prefix.removesuffix("header") + hole
    return prefix + hole


def _in_text(text: Text, prefix: str, place: Wording) -> Iterator[Placeholder]:
    for hole in text.holes:
        yield Placeholder(text_key(prefix, hole), HoleKind.TEXT, place, sample=text.sample(hole))


def _in_header(header: Header | None, key: str, place: Wording) -> Iterator[Placeholder]:
    if header is None:
        return
    if header.text:
        yield from _in_text(header.text, key, place)
    elif header.format in MEDIA_FORMATS | {HeaderFormat.LOCATION, HeaderFormat.PRODUCT}:
        yield Placeholder(key, HoleKind(header.format.value.lower()), place)


_BUTTON_HOLES: dict[ButtonKind, tuple[HoleKind, bool]] = {
    ButtonKind.QUICK_REPLY: (HoleKind.PAYLOAD, False),
    ButtonKind.COPY_CODE: (HoleKind.COUPON, True),
    ButtonKind.CATALOG: (HoleKind.THUMBNAIL, False),
    ButtonKind.MPM: (HoleKind.SECTIONS, True),
    ButtonKind.FLOW: (HoleKind.FLOW, False),
}


def _in_buttons(buttons: tuple[Button, ...], prefix: str) -> Iterator[Placeholder]:
    for index, button in enumerate(buttons):
        place = Wording(f"{index + 1}. düğme", f"button {index + 1}")
        if is_stop_button(button):
            continue  # its payload is ours: no campaign may turn a STOP into something else
        if button.is_dynamic:
            yield Placeholder(f"{prefix}{index}", HoleKind.URL_SUFFIX, place, sample=button.sample)
        elif button.kind in _BUTTON_HOLES:
            kind, required = _BUTTON_HOLES[button.kind]
            yield Placeholder(f"{prefix}{index}", kind, place, required, button.sample)
