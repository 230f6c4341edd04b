"""One value against one placeholder: what it becomes on the wire, or why it does not fit."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from gateway.core.template.definition import CODE_CHARS_MAX, chars
from gateway.core.template.holes import HoleKind, Placeholder
from gateway.core.template.problems import FillProblem, FillReason
from gateway.core.template.values import FlowStart, Location, Media, Money, Product, Sections, Value
from gateway.core.wording import Wording

Parameter = dict[str, Any]

SECTIONS_MAX = 10
PRODUCTS_MAX = 30
PAYLOAD_CHARS_MAX = 256  # Meta's limit for reply ids; the template page names none
SECTION_TITLE_CHARS_MAX = 24

_BAD_SPACING = re.compile(r"[\r\n\t\v\f\x85\u2028\u2029]| {4,}")
_UNFILLED = re.compile(r"\{\{.*?\}\}")
_FITS_A_URL = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:/?%#]+")
_PERSONAL = re.compile(r"@|%40|\+\d{8,}|%2B\d{8,}", re.IGNORECASE)
_CODE = re.compile(r"[A-Za-z0-9\-]+")


def accept(hole: Placeholder, value: Value) -> Parameter | FillProblem:
    """The wire parameter for a value that is there, or the problem. Strings are stripped at both ends."""
    if isinstance(value, str):
        value = value.strip()
        if not value:
            return FillProblem(FillReason.MISSING, hole.key, hole.place)
    return _ACCEPT[hole.kind](hole, value)


def _wrong(hole: Placeholder, tr: str, en: str) -> FillProblem:
    return FillProblem(FillReason.WRONG_KIND, hole.key, hole.place, wanted=Wording(tr, en))


def _text(hole: Placeholder, value: Value) -> Parameter | FillProblem:
    if isinstance(value, Money):
        money = {"fallback_value": value.fallback, "code": value.code, "amount_1000": value.amount_1000}
        return {"type": "currency", "currency": money}
    if not isinstance(value, str | int) or isinstance(value, bool):
        return _wrong(hole, "bir metin", "a text")
    return _refused_text(hole, str(value)) or {"type": "text", "text": str(value)}


def _refused_text(hole: Placeholder, text: str) -> FillProblem | None:
    if _BAD_SPACING.search(text):
        return FillProblem(FillReason.BAD_SPACING, hole.key, hole.place)
    if _UNFILLED.search(text):
        return FillProblem(FillReason.UNFILLED, hole.key, hole.place)
    return None


def _media(hole: Placeholder, value: Value) -> Parameter | FillProblem:
    if isinstance(value, str):
        value = Media(id=value) if value.isdecimal() else Media(link=value)
    if not isinstance(value, Media) or not (value.id.isdecimal() or value.link.startswith("https://")):
        return _wrong(hole, "bir medya kimliği ya da https bağlantısı", "a media id or an https link")
    kind = hole.kind.value  # a GIF goes as "gif", as pywa's HeaderGIF sends it; Meta's OpenAPI leaves it open
    return {"type": kind, kind: value.on_the_wire()}


def _location(hole: Placeholder, value: Value) -> Parameter | FillProblem:
    fits = isinstance(value, Location) and abs(value.latitude) <= 90 and abs(value.longitude) <= 180
    if not fits or not isinstance(value, Location) or not (value.name and value.address):
        return _wrong(hole, "enlem, boylam, ad ve adres", "latitude, longitude, name and address")
    return {"type": "location", "location": value.on_the_wire()}


def _product(hole: Placeholder, value: Value) -> Parameter | FillProblem:
    if not isinstance(value, Product):
        return _wrong(hole, "katalog ve ürün kimliği", "a catalog id and a product id")
    product = {"catalog_id": value.catalog_id, "product_retailer_id": value.retailer_id}
    return {"type": "product", "product": product}


def _url_suffix(hole: Placeholder, value: Value) -> Parameter | FillProblem:
    text = str(value)
    if not isinstance(value, str | int) or not _FITS_A_URL.fullmatch(text) or _PERSONAL.search(text):
        return FillProblem(FillReason.NOT_FOR_A_URL, hole.key, hole.place)
    return {"type": "text", "text": text}


def _payload(hole: Placeholder, value: Value) -> Parameter | FillProblem:
    if not isinstance(value, str):
        return _wrong(hole, "bir metin", "a text")
    if chars(value) > PAYLOAD_CHARS_MAX:
        return FillProblem(FillReason.TOO_LONG, hole.key, hole.place, chars(value), PAYLOAD_CHARS_MAX)
    return {"type": "payload", "payload": value}


def _code(hole: Placeholder, value: Value) -> Parameter | FillProblem:
    text = str(value)
    if not isinstance(value, str | int) or not _CODE.fullmatch(text):
        return _wrong(hole, "harf ve rakamlardan oluşan bir kod", "a code of letters and digits")
    if chars(text) > CODE_CHARS_MAX:
        return FillProblem(FillReason.TOO_LONG, hole.key, hole.place, chars(text), CODE_CHARS_MAX)
    if hole.kind is HoleKind.COUPON:
        return {"type": "coupon_code", "coupon_code": text}
    return {"type": "text", "text": text}


def _thumbnail(hole: Placeholder, value: Value) -> Parameter | FillProblem:
    if not isinstance(value, str):
        return _wrong(hole, "bir ürün kimliği", "a product id")
    return {"type": "action", "action": {"thumbnail_product_retailer_id": value}}


def _sections(hole: Placeholder, value: Value) -> Parameter | FillProblem:
    if not isinstance(value, Sections) or not _fit(value):
        return _wrong(hole, "en çok 10 bölümde 30 ürün", "at most 30 products in at most 10 sections")
    sections = [
        {"title": section.title, "product_items": [{"product_retailer_id": one} for one in section.retailer_ids]}
        for section in value.sections
    ]
    return {"type": "action", "action": {"thumbnail_product_retailer_id": value.thumbnail, "sections": sections}}


def _fit(value: Sections) -> bool:
    products = sum(len(section.retailer_ids) for section in value.sections)
    titles_fit = all(chars(section.title) <= SECTION_TITLE_CHARS_MAX for section in value.sections)
    return titles_fit and 1 <= len(value.sections) <= SECTIONS_MAX and 1 <= products <= PRODUCTS_MAX


def _flow(hole: Placeholder, value: Value) -> Parameter | FillProblem:
    start = FlowStart(value) if isinstance(value, str) else value
    if not isinstance(start, FlowStart):
        return _wrong(hole, "bir akış belirteci", "a flow token")
    action: dict[str, Any] = {"flow_token": start.token}
    if start.data:
        action["flow_action_data"] = dict(start.data)
    return {"type": "action", "action": action}


def _expiry(hole: Placeholder, value: Value) -> Parameter | FillProblem:
    moment = _moment(value)
    if moment is None or moment.tzinfo is None:
        return _wrong(hole, "saat dilimiyle bir an", "a moment with its zone")
    expiry = {"expiration_time_ms": int(moment.timestamp() * 1000)}
    return {"type": "limited_time_offer", "limited_time_offer": expiry}


def _moment(value: Value) -> datetime | None:
    if isinstance(value, datetime):
        return value
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return None


_ACCEPT: dict[HoleKind, Callable[[Placeholder, Value], Parameter | FillProblem]] = {
    HoleKind.TEXT: _text,
    HoleKind.IMAGE: _media,
    HoleKind.VIDEO: _media,
    HoleKind.GIF: _media,
    HoleKind.DOCUMENT: _media,
    HoleKind.LOCATION: _location,
    HoleKind.PRODUCT: _product,
    HoleKind.URL_SUFFIX: _url_suffix,
    HoleKind.PAYLOAD: _payload,
    HoleKind.COUPON: _code,
    HoleKind.THUMBNAIL: _thumbnail,
    HoleKind.SECTIONS: _sections,
    HoleKind.FLOW: _flow,
    HoleKind.EXPIRY: _expiry,
    HoleKind.CODE: _code,
}
