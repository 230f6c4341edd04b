"""Moments as people write them in a campaign file."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gateway.core.spans import parse_span
from gateway.core.wording import Wording

_ZONED = re.compile(r"(?P<local>\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?)\s+(?P<zone>[A-Za-z]+(?:/[\w+-]+)+|UTC)")


def parse_moment(text: str, now: datetime | None) -> datetime | Wording:
    """The moment in UTC, or why it is none.

    Accepted: "2026-03-01T10:00+03:00", "2026-03-01 10:00 Europe/Istanbul", "now", "in 5 s". The last two need `now`.
    """
    text = text.strip()
    if now is not None and text.casefold() in ("now", "şimdi"):
        return now
    if now is not None and text.casefold().startswith("in "):
        span = parse_span(text[3:])
        return _NOT_A_SPAN if span is None else now + span
    if zoned := _ZONED.fullmatch(text):
        return _in_zone(zoned["local"], zoned["zone"])
    return _iso(text)


_NOT_A_SPAN = Wording("“in” sözcüğünden sonra 5 s, 2 h ya da 1 d gibi bir süre yazın.",
                      "Write a span such as 5 s, 2 h or 1 d after “in”.")  # fmt: skip
_NOT_A_MOMENT = Wording(
    "An anlaşılmadı; “2026-03-01 10:00 Europe/Istanbul”, “2026-03-01T10:00+03:00”, “in 2 h” ya da “now” yazın.",
    "This is no moment; write “2026-03-01 10:00 Europe/Istanbul”, “2026-03-01T10:00+03:00”, “in 2 h” or “now”.",
)
_NO_ZONE = Wording(
    "Saat dilimi eksik; sonuna “Europe/Istanbul” ya da “+03:00” ekleyin.",
    "The zone is missing; add “Europe/Istanbul” or “+03:00” at the end.",
)


def _iso(text: str) -> datetime | Wording:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _NOT_A_MOMENT
    return _NO_ZONE if moment.tzinfo is None else moment.astimezone(UTC)


def _in_zone(local: str, zone: str) -> datetime | Wording:
    try:
        place = ZoneInfo(zone)
        wall = datetime.fromisoformat(local)
    except (ZoneInfoNotFoundError, ValueError):
        return Wording(f"“{local} {zone}” geçerli bir an değil; tarihi ve saat dilimini denetleyin.",
                       f"“{local} {zone}” does not exist; check the date and the zone.")  # fmt: skip
    moment = wall.replace(tzinfo=place).astimezone(UTC)
    if moment.astimezone(place).replace(tzinfo=None) != wall:
        return Wording(f"{zone} saatinde {local} yok; o gece saatler ileri alınıyor.",
                       f"{local} does not exist in {zone}: the clocks go forward over it.")  # fmt: skip
    return moment
