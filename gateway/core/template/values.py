"""The values that fill a template, besides plain text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Media:
    """An uploaded file by Meta's media id, or an https link. Ids are advised for many messages.

    `digest` is the SHA-256 of the file that we uploaded, kept so that it can be uploaded again.
    """

    id: str = ""
    link: str = ""
    filename: str = ""
    digest: str = ""

    def on_the_wire(self) -> dict[str, str]:
        where = {"id": self.id} if self.id else {"link": self.link}
        return where | ({"filename": self.filename} if self.filename else {})


@dataclass(frozen=True, slots=True)
class Location:
    """A place for a location header; degrees as decimal numbers."""

    latitude: float
    longitude: float
    name: str
    address: str

    def on_the_wire(self) -> dict[str, Any]:
        return {
            "latitude": self.latitude,
            "longitude": self.longitude,
            "name": self.name,
            "address": self.address,
        }


@dataclass(frozen=True, slots=True)
class Product:
    """A catalog product for a product header."""

    catalog_id: str
    retailer_id: str


@dataclass(frozen=True, slots=True)
class Money:
    """A currency parameter; `amount_1000` is the amount in thousandths, `fallback` the text that phones show."""

    fallback: str
    code: str
    amount_1000: int


@dataclass(frozen=True, slots=True)
class Section:
    """A titled group of products (multi-product message)."""

    title: str
    retailer_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sections:
    """The products of a multi-product message: at most 10 sections and 30 products in all."""

    thumbnail: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class FlowStart:
    """How a flow button starts its flow: an opaque token, and data for the first screen."""

    token: str
    data: Mapping[str, Any] = field(default_factory=dict, hash=False)


Value = str | int | datetime | Media | Location | Product | Money | Sections | FlowStart
