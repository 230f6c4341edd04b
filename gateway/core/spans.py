"""Lengths of time as people write and read them: "30d", "2 h", "90 gün"."""

from __future__ import annotations

import re
from datetime import timedelta

from gateway.core.wording import Wording

_SECOND, _MINUTE, _HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
_DAY, _WEEK = timedelta(days=1), timedelta(weeks=1)

UNITS: dict[str, timedelta] = {
    **dict.fromkeys(("s", "sec", "second", "seconds", "sn", "saniye"), _SECOND),
    **dict.fromkeys(("m", "min", "minute", "minutes", "dk", "dakika"), _MINUTE),
    **dict.fromkeys(("h", "hour", "hours", "sa", "saat"), _HOUR),
    **dict.fromkeys(("d", "day", "days", "gün", "gun"), _DAY),
    **dict.fromkeys(("w", "week", "weeks", "hafta"), _WEEK),
}
"""Every accepted unit. There is no month: months differ in length, so say 30d."""

SPAN_MAX = timedelta(days=3660)

_SPAN = re.compile(r"(\d{1,9})\s*([^\W\d]+)")


def parse_span(text: str) -> timedelta | None:
    """ "30d", "2 hours", "1 h 30 min"; None when it is no length of time, or longer than ten years."""
    text = text.strip().casefold()
    parts = _SPAN.findall(text)
    if not parts or _SPAN.sub("", text).strip() or any(unit not in UNITS for _, unit in parts):
        return None
    whole = sum(int(count) * (UNITS[unit] / _SECOND) for count, unit in parts)
    return timedelta(seconds=whole) if whole <= SPAN_MAX / _SECOND else None


_SAID: tuple[tuple[str, timedelta, str, str], ...] = (
    ("d", _DAY, "gün", "day"),
    ("h", _HOUR, "saat", "hour"),
    ("min", _MINUTE, "dakika", "minute"),
    ("s", _SECOND, "saniye", "second"),
)


def _parts(span: timedelta) -> list[tuple[int, tuple[str, timedelta, str, str]]]:
    """Largest units first, days at most: "30 days" is how people think, not "4 weeks 2 days"."""
    found = []
    for unit in _SAID:
        count, span = divmod(span, unit[1])
        if count:
            found.append((count, unit))
    return found


def write_span(span: timedelta) -> str:
    """The shortest text that `parse_span` reads back; whole seconds only, at least "0s"."""
    return " ".join(f"{count}{unit[0]}" for count, unit in _parts(span)) or "0s"


def say_span(span: timedelta) -> Wording:
    """ "30 gün" / "30 days"."""
    parts = _parts(span)
    return Wording(
        " ".join(f"{count} {unit[2]}" for count, unit in parts) or "0 saniye",
        " ".join(f"{count} {unit[3]}{'' if count == 1 else 's'}" for count, unit in parts) or "0 seconds",
    )
