"""Each field of a campaign file: what its text means."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from consent.events import Purpose
from consent.limits.frequency import RING_SLOTS, Cap
from consent.limits.windows import Windows, intersection, parse_windows
from gateway.core.campaign.house import read_cap
from gateway.core.campaign.parameters import Parameter, pieces_of
from gateway.core.campaign.plan import PERSONS_OWN, Lateness, LateStart, Link, OnUnsure
from gateway.core.campaign.reading import Reading
from gateway.core.campaign.times import read_expires, read_local_start, read_repeating, read_start
from gateway.core.document import Path, Tree
from gateway.core.segment import Segment, SegmentProblem, parse
from gateway.core.spans import parse_span
from gateway.core.template import Location, Media, Product

NAME_CHARS_MAX = 100
PRIORITY_MAX = 100

_LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Za-z]{2,4})?")
_SLUG = re.compile(r"[\w-]{1,50}")
_UTM = ("source", "medium", "campaign", "term", "content", "id")


def _name(reading: Reading, path: Path, value: Tree) -> str | None:
    text = reading.text(path, value)
    if text and len(text) > NAME_CHARS_MAX:
        reading.wrong(path, f"Ad en çok {NAME_CHARS_MAX} karakter olabilir.",
                      f"A name has at most {NAME_CHARS_MAX} characters.")  # fmt: skip
    return text


def _segment(reading: Reading, path: Path, value: Tree) -> Segment | None:
    text = reading.text(path, value)
    segment = parse(text) if text else None
    if isinstance(segment, SegmentProblem):
        reading.wrong(path, segment.pointed("tr"), segment.pointed("en"))
        return None
    return segment


def _template(reading: Reading, path: Path, value: Tree) -> tuple[str | None, tuple[str, ...]]:
    """The template's name and chain of languages; an empty chain when the file names none."""
    if isinstance(value, str):
        return reading.text(path, value), ()
    if not isinstance(value, dict) or "name" not in value:
        reading.wrong(path, "Şablonun adını yazın: “template: spring_offer”.",
                      "Write the template's name: “template: spring_offer”.")  # fmt: skip
        return None, ()
    reading.only(path, value, ("name", "language", "languages"))
    key = "language" if "language" in value else "languages"
    chain = _languages(reading, (*path, key), value[key]) if key in value else ()
    return reading.text((*path, "name"), value["name"]), chain


def _languages(reading: Reading, path: Path, value: Tree) -> tuple[str, ...]:
    chain = tuple(one.replace("-", "_") for one in reading.texts(path, value))
    for one in chain:
        if one != PERSONS_OWN and not _LANGUAGE.fullmatch(one):
            reading.wrong(path, f"“{one}” bir dil kodu değil; tr, en_US ya da person yazın.",
                          f"“{one}” is no language code; write tr, en_US or person.")  # fmt: skip
    return chain


def _parameters(reading: Reading, path: Path, value: Tree) -> tuple[tuple[str, Parameter], ...]:
    if not isinstance(value, dict):
        reading.wrong(path, "Her parametre için “ad: değer” yazın.", "Write “name: value” for each parameter.")
        return ()
    found: list[tuple[str, Parameter]] = []
    for key, inner in value.items():
        if isinstance(inner, dict) and all(_LANGUAGE.fullmatch(one) for one in inner):
            variants = ((one, _parameter(reading, (*path, key, one), text)) for one, text in inner.items())
            found.append((key, Parameter(translations=tuple((one, known) for one, known in variants if known))))
        elif isinstance(inner, dict) and not _PARAMETER_KEYS & inner.keys():  # TOML's dotted keys: offer.expires
            found += [(f"{key}.{rest}", parameter) for rest, parameter in _parameters(reading, (*path, key), inner)]
        elif parameter := _parameter(reading, (*path, key), inner):
            found.append((key, parameter))
    return tuple(found)


MEDIA_KEYS = ("image", "video", "document", "media")
_PARAMETER_KEYS = {"value", "fallback", "latitude", "longitude", "catalog", *MEDIA_KEYS}


def _parameter(reading: Reading, path: Path, value: Tree) -> Parameter | None:
    if isinstance(value, dict) and not {"value", "fallback"} & value.keys():
        return _fixed(reading, path, value)
    fallback: str | None = None
    if isinstance(value, dict):
        reading.only(path, value, ("value", "fallback"))
        fallback = reading.text((*path, "fallback"), value["fallback"]) if "fallback" in value else None
        value = value.get("value", "")
    text = reading.text(path, value)
    pieces = pieces_of(text) if text else None
    if text and pieces is None:
        roots = "{person.…}, {campaign.…}, {event.NAME.PROPERTY}"
        reading.wrong(path, f"Süslü ayraçlar yalnızca alanlar içindir: {roots}.",
                      f"Curly brackets are for fields only: {roots}.")  # fmt: skip
    return Parameter(pieces, fallback) if pieces else None


def _fixed(reading: Reading, path: Path, value: dict[str, Tree]) -> Parameter | None:
    texts = {key: one.strip() for key, one in value.items() if isinstance(one, str)}
    if media := next((key for key in MEDIA_KEYS if key in texts), None):
        reading.only(path, value, (media, "filename", "digest"))
        where = {"id": texts[media]} if texts[media].isdecimal() else {"link": texts[media]}
        return Parameter(fixed=Media(**where, filename=texts.get("filename", ""), digest=texts.get("digest", "")))
    if "catalog" in texts:
        reading.only(path, value, ("catalog", "product"))
        return Parameter(fixed=Product(texts["catalog"], texts.get("product", "")))
    reading.only(path, value, ("latitude", "longitude", "name", "address"))
    try:
        place = Location(float(texts["latitude"]), float(texts["longitude"]), texts["name"], texts["address"])
    except (KeyError, ValueError):
        reading.wrong(path, "Bir yer için latitude, longitude, name ve address gerekir.",
                      "A place needs latitude, longitude, name and address.")  # fmt: skip
        return None
    return Parameter(fixed=place)


def _caps(reading: Reading, path: Path, value: Tree) -> tuple[Cap, ...]:
    caps = [_cap(reading, path, one) for one in reading.texts(path, value)]
    return tuple(cap for cap in caps if cap is not None)


def _cap(reading: Reading, path: Path, text: str) -> Cap | None:
    cap = read_cap(text)
    if cap is None:
        reading.wrong(path, f"“{text}” anlaşılmadı; “1 per day” ya da “2 per 5d” gibi, en çok {RING_SLOTS} ile yazın.",
                      f"“{text}” is no cap; write “1 per day” or “2 per 5d”, with at most {RING_SLOTS}.")  # fmt: skip
    elif reading.house and any(mine.count <= cap.count and mine.period >= cap.period for mine in reading.house.caps):
        reading.wrong(path, f"“{text}” hiçbir şeyi değiştirmez: genel sınır zaten bu kadar ya da daha dar.",
                      f"“{text}” changes nothing: the house's own caps are as narrow or narrower.")  # fmt: skip
    return cap


def _quiet_hours(reading: Reading, path: Path, value: Tree) -> Windows | None:
    text = reading.text(path, value)
    if not text:
        return None
    try:
        hours = parse_windows(text)
    except ValueError as problem:
        reading.wrong(path, "Gönderim yapılabilecek saatleri yazın: “10:00-19:00”.",
                      f"Write the hours in which messages may go, such as “10:00-19:00” ({problem}).")  # fmt: skip
        return None
    if reading.house and intersection(hours, reading.house.quiet_hours) != hours:
        reading.wrong(path, "Bir kampanya genel saatleri daraltabilir, genişletemez.",
                      "A campaign can narrow the house's hours, not widen them.")  # fmt: skip
    if not hours:
        reading.wrong(path, "Bu saatlerle hiçbir mesaj gidemez.", "With these hours no message could ever go.")
    return hours


def _priority(reading: Reading, path: Path, value: Tree) -> int | None:
    return reading.whole(path, value, 0, PRIORITY_MAX)


def _tags(reading: Reading, path: Path, value: Tree) -> tuple[str, ...]:
    tags = reading.texts(path, value)
    for tag in tags:
        if not _SLUG.fullmatch(tag):
            reading.wrong(path, f"“{tag}” etiketi yalnızca harf, rakam, - ve _ içerebilir.",
                          f"The tag “{tag}” may hold letters, digits, - and _ only.")  # fmt: skip
    return tuple(dict.fromkeys(tags))


def _purpose(reading: Reading, path: Path, value: Tree) -> str | None:
    text = value.strip() if isinstance(value, str) else ""
    if text.startswith("custom:") and _SLUG.fullmatch(text.removeprefix("custom:")):
        return text
    return reading.choice(path, value, Purpose)


def _late_start(reading: Reading, path: Path, value: Tree) -> Lateness | None:
    text = (value if isinstance(value, str) else "").strip().casefold()
    if text in (LateStart.START, LateStart.CANCEL):
        return Lateness(LateStart(text))
    grace = parse_span(text.removeprefix("cancel after ")) if text.startswith("cancel after ") else None
    if grace is None:
        reading.wrong(path, "“start”, “cancel” ya da “cancel after 2 h” yazın.",
                      "Write “start”, “cancel” or “cancel after 2 h”.")  # fmt: skip
        return None
    return Lateness(LateStart.CANCEL, grace)


def _on_unsure(reading: Reading, path: Path, value: Tree) -> OnUnsure | None:
    return reading.choice(path, value, OnUnsure)


def _link(reading: Reading, path: Path, value: Tree) -> Link | None:
    value = {"target": value} if isinstance(value, str) else value
    if not isinstance(value, dict) or "target" not in value:
        reading.wrong(path, "Bağlantının hedefini yazın: “target: https://…”.",
                      "Write where the link leads: “target: https://…”.")  # fmt: skip
        return None
    reading.only(path, value, ("target", "utm"))
    target = reading.text((*path, "target"), value["target"])
    if target and not _is_web_address(target):
        reading.wrong((*path, "target"), "Hedef sabit bir https:// adresi olmalı, kişisel alan içermemeli.",
                      "The target must be a fixed https:// address, without personal fields.")  # fmt: skip
    return Link(target or "", _utm(reading, (*path, "utm"), value.get("utm", {})))


def _is_web_address(target: str) -> bool:
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    plain = not re.search(r"[\s{}\\@]", target)
    return parts.scheme == "https" and bool(parts.hostname) and plain


def _utm(reading: Reading, path: Path, value: Tree) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict):
        reading.wrong(path, "utm altında source, medium, campaign gibi satırlar olmalı.",
                      "Under utm there must be lines such as source, medium, campaign.")  # fmt: skip
        return ()
    reading.only(path, value, _UTM)
    texts = ((name, reading.text((*path, name), text)) for name, text in value.items())
    return tuple((name, text) for name, text in texts if text)


def _number(reading: Reading, path: Path, value: Tree) -> str | None:
    return reading.text(path, value)


FIELDS: dict[str, Callable[[Reading, Path, Tree], Any]] = {
    "name": _name,
    "segment": _segment,
    "template": _template,
    "parameters": _parameters,
    "start": read_start,
    "local_start": read_local_start,
    "repeats": read_repeating,
    "expires": read_expires,
    "caps": _caps,
    "quiet_hours": _quiet_hours,
    "priority": _priority,
    "tags": _tags,
    "purpose": _purpose,
    "number": _number,
    "late_start": _late_start,
    "on_unsure": _on_unsure,
    "link": _link,
}
"""Every field that a campaign file may have, and what reads it."""

REQUIRED = ("name", "segment", "template", "expires")
