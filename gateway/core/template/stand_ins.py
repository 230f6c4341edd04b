"""Values that fill a template when nobody's are at hand: Meta's samples, and placeholders for what has none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from gateway.core.template.definition import HOLE, Button, Template
from gateway.core.template.holes import HoleKind, Placeholder, placeholders
from gateway.core.template.values import FlowStart, Location, Media, Product, Section, Sections, Value

TOKEN = "k3JdQ9xTz41a"  # noqa: S105  what a link's end looks like, nobody's

_OTHERS: dict[HoleKind, Value] = {
    HoleKind.IMAGE: Media(id="1"),
    HoleKind.VIDEO: Media(id="1"),
    HoleKind.GIF: Media(id="1"),
    HoleKind.DOCUMENT: Media(id="1", filename="document.pdf"),
    HoleKind.LOCATION: Location(41.0, 29.0, "…", "…"),
    HoleKind.PRODUCT: Product("1", "1"),
    HoleKind.THUMBNAIL: "1",
    HoleKind.SECTIONS: Sections("1", (Section("…", ("1",)),)),
    HoleKind.FLOW: FlowStart("1"),
    HoleKind.EXPIRY: datetime(2030, 1, 1, tzinfo=UTC),
    HoleKind.CODE: "123456",
    HoleKind.COUPON: "CODE",
    HoleKind.PAYLOAD: "payload",
    HoleKind.URL_SUFFIX: TOKEN,
}


def stand_ins(template: Template) -> dict[str, Value]:
    """A value for every placeholder that a campaign would fill; texts without a sample stay out."""
    found = ((hole.key, _value(template, hole)) for hole in placeholders(template))
    return {key: value for key, value in found if value is not None}


def silent_stand_ins(template: Template) -> dict[str, Value]:
    """Only for what the phone shows the same whatever the value: media, links, products, payloads; not texts."""
    spoken = (HoleKind.TEXT, HoleKind.CODE)
    return {hole.key: _OTHERS[hole.kind] for hole in placeholders(template) if hole.kind not in spoken}


def _value(template: Template, hole: Placeholder) -> Value | None:
    read = _SAMPLED.get(hole.kind)
    return (read(template, hole) if read else None) or _OTHERS.get(hole.kind)


def _url_end(template: Template, hole: Placeholder) -> Value | None:
    """The sample is the whole address; only its end fills the hole."""
    start = HOLE.split(_button(template, hole.key).url)[0]
    return hole.sample.removeprefix(start) if hole.sample.startswith(start) else None


def _button(template: Template, key: str) -> Button:
    parts = key.split(".")
    buttons = template.buttons if parts[0] == "button" else template.cards[int(parts[1])].buttons
    return buttons[int(parts[-1])]


_SAMPLED: Mapping[HoleKind, Callable[[Template, Placeholder], Value | None]] = {
    HoleKind.TEXT: lambda _, hole: hole.sample or None,
    HoleKind.COUPON: lambda _, hole: hole.sample or None,
    HoleKind.URL_SUFFIX: _url_end,
}
