"""When a file says that something happened: dates as Turkish, English and German spreadsheets write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import StrEnum

from gateway.core.contact import folded

YEAR_MIN = 1990
SHORT_YEAR_PIVOT = 70  # "12.05.23" is 2023, "12.05.85" is 1985
SERIAL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  spreadsheets count local days from here
SERIAL_MIN, SERIAL_MAX = 32_874, 73_050  # 1990 to 2099


class MomentProblem(StrEnum):
    UNREADABLE = "date_unreadable"
    IN_FUTURE = "date_in_future"
    TOO_OLD = "date_too_old"


def read_moment(text: str, zone: tzinfo, now: datetime, *, day_first: bool = True) -> datetime | MomentProblem:
    """The moment that `text` names, aware and in UTC.

    A moment without a zone of its own is local to `zone`; one without a time of day is the day's first instant.
    `day_first` settles 05/06/2024 alone: a date that fits only one order is read in that one. A moment after
    `now` (aware) is a problem: nobody has agreed tomorrow.
    """
    local = _plain(text, day_first) or _parsed(text.strip(), day_first)
    if local is None:
        return MomentProblem.UNREADABLE
    if local.year < YEAR_MIN:
        return MomentProblem.TOO_OLD
    moment = (local if local.tzinfo else local.replace(tzinfo=zone)).astimezone(UTC)
    return MomentProblem.IN_FUTURE if moment > now else moment


PLAIN_LENGTHS = frozenset({len("31.12.2025"), len("31.12.2025 14:30"), len("31.12.2025 14:30:59")})


def _plain(text: str, day_first: bool) -> datetime | None:
    """The spelling of most Turkish files, 31.12.2025 14:30, turned round into the one that datetime reads by itself."""
    if len(text) not in PLAIN_LENGTHS or text[2] != "." or text[5] != "." or text[13:14] not in ("", ":"):
        return None
    if not (day_first or text[:2] > "12"):
        return None
    return _iso(f"{text[6:10]}-{text[3:5]}-{text[:2]}{text[10:]}")


def _parsed(text: str, day_first: bool) -> datetime | None:
    try:
        if text[4:5] == "-" and (iso := _iso(text)):
            return iso
        if found := NUMERIC.fullmatch(text):
            return _from_numeric(found, day_first)
        return _from_count(text) if text.replace(",", ".").replace(".", "", 1).isdecimal() else _from_words(text)
    except (ValueError, OverflowError):
        return None


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


CLOCK = (
    r"(?:[\s,T]+(?P<hour>[0-2]?[0-9])[:.](?P<minute>[0-5][0-9])(?:[:.](?P<second>[0-5][0-9])(?:[.,][0-9]+)?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?|[öÖ][öÖsS])?)?\s*(?P<offset>Z|(?:GMT|UTC)?\s*[+-][0-9]{1,2}(?::?[0-9]{2})?|GMT|UTC)?"
)
NUMERIC = re.compile(r"(?P<a>[0-9]{1,4})([./-])\s*(?P<b>[0-9]{1,2})\2\s*(?P<c>[0-9]{2,4})\.?" + CLOCK)
WORDED = re.compile(
    r"(?:(?P<day>[0-9]{1,2})(?:st|nd|rd|th|\.)?[\s-]+(?P<month>[a-z]{3,9})\.?|(?P<month_first>[a-z]{3,9})\.?\s+"
    r"(?P<day_after>[0-9]{1,2})(?:st|nd|rd|th)?),?[\s-]+(?P<year>[0-9]{4})" + CLOCK,
    re.IGNORECASE,
)


def _from_numeric(found: re.Match[str], day_first: bool) -> datetime:
    a, b, c = found["a"], int(found["b"]), found["c"]
    if len(a) == 4:
        return _at(found, int(a), b, int(c))
    if len(a) > 2 or len(c) == 3:
        raise ValueError("no year has three digits")
    first, year = int(a), int(c) if len(c) == 4 else _whole_year(int(c))
    day, month = (first, b) if (day_first or first > 12) and b <= 12 else (b, first)
    return _at(found, year, month, day)


def _whole_year(short: int) -> int:
    return short + (2000 if short < SHORT_YEAR_PIVOT else 1900)


def _at(found: re.Match[str], year: int, month: int, day: int) -> datetime:
    hour, half = int(found["hour"] or 0), folded(found["half"] or "").replace(".", "")
    if half in ("pm", "os"):
        hour = hour % 12 + 12
    elif half in ("am", "oo"):
        hour %= 12
    second = int(found["second"] or 0)
    return datetime(year, month, day, hour, int(found["minute"] or 0), second, tzinfo=_offset(found["offset"]))


def _offset(text: str | None) -> timezone | None:
    if text is None:
        return None
    digits = re.sub(r"[^0-9]", "", text)
    if not digits:
        return UTC
    hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
    length = timedelta(hours=hours, minutes=minutes)
    return timezone(-length if "-" in text else length)


def _from_count(text: str) -> datetime | None:
    """A bare number: yyyymmdd, a spreadsheet's day count, or seconds or milliseconds since 1970."""
    whole = text.replace(",", ".").partition(".")[0]
    if len(whole) in (8, 12, 14) and whole == text:
        return datetime.strptime(text, "%Y%m%d%H%M%S"[: len(text) - 2])  # noqa: DTZ007  local until placed
    if len(whole) == 5 and SERIAL_MIN <= int(whole) < SERIAL_MAX:
        return SERIAL_EPOCH + timedelta(seconds=round(float(text.replace(",", ".")) * 86_400))
    if len(whole) in (10, 13) and whole == text:
        return datetime.fromtimestamp(int(text) / (1000 if len(whole) == 13 else 1), UTC)
    return None


MONTHS: tuple[str, ...] = (
    "ocak oca january januar jan", "subat sub february februar feb", "mart march mar marz mrz", "nisan nis april apr",
    "mayis may mai", "haziran haz june juni jun", "temmuz tem july juli jul", "agustos agu august aug",
    "eylul eyl september sept sep", "ekim eki october oktober oct okt", "kasim kas november nov",
    "aralik ara december dezember dec dez",
)  # fmt: skip
MONTH_OF = {word: number for number, words in enumerate(MONTHS, start=1) for word in words.split()}
WEEKDAY = re.compile(
    r",?\s*\b(?:pazartesi|sali|carsamba|persembe|cuma(?:rtesi)?|pazar|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|mon|tue|wed|thu|fri|sat|sun)\b,?\s*"
)


def _from_words(text: str) -> datetime | None:
    found = WORDED.fullmatch(WEEKDAY.sub(" ", folded(text).replace(" saat", "")).strip())
    if found is None:
        return None
    month = MONTH_OF.get(found["month"] or found["month_first"])
    return _at(found, int(found["year"]), month, int(found["day"] or found["day_after"])) if month else None
