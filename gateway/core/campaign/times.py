"""When a campaign happens: its start, the start on each person's own clock, how it comes round, and its end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from gateway.core.campaign.moments import parse_moment
from gateway.core.campaign.reading import Reading
from gateway.core.campaign.repeats import Repeats, read_repeats
from gateway.core.document import Path, Tree
from gateway.core.spans import parse_span
from gateway.core.wording import Wording

EASTERNMOST, WESTERNMOST = timedelta(hours=14), timedelta(hours=-12)
"""The clocks that are first and last to show a time (tzdata: Pacific/Kiritimati, Etc/GMT+12)."""

SERIES_NAME_CHARS_MAX = 80


def read_start(reading: Reading, path: Path, value: Tree) -> datetime | None:
    moment = _moment(reading, path, value)
    if moment and reading.now and moment < reading.now:
        reading.wrong(path, "Başlangıç geçmişte kaldı.", "The start lies in the past.")
    return moment


def _moment(reading: Reading, path: Path, value: Tree) -> datetime | None:
    text = reading.text(path, value)
    moment = parse_moment(text, reading.now) if text else None
    if isinstance(moment, Wording):
        reading.wrong(path, moment.tr, moment.en)
        return None
    return moment


def read_expires(reading: Reading, path: Path, value: Tree) -> datetime | timedelta | None:
    text = reading.text(path, value)
    span = parse_span(text.removeprefix("after ")) if text else None
    if span == timedelta(0):
        reading.wrong(path, "Süre sıfırdan uzun olmalı.", "The span must be longer than nothing.")
    return span if span is not None else _moment(reading, path, value)


def read_local_start(reading: Reading, path: Path, value: Tree) -> datetime | time | None:
    """A day and a time of day without zone, or a time of day alone for a campaign that repeats."""
    text = reading.text(path, value)
    if text is None:
        return None
    found = _wall_clock(text)
    if found is None:
        reading.wrong(path, "Kişinin kendi saatiyle bir an yazın: “2027-03-01 10:00”; yinelenen kampanyada “10:00”.",
                      "Write a moment of each person's own clock, such as “2027-03-01 10:00”, without a zone;"
                      " where the campaign repeats, “10:00”.")  # fmt: skip
    return found


def _wall_clock(text: str) -> datetime | time | None:
    for kind in (time, datetime):
        try:
            found = kind.fromisoformat(text)
        except ValueError:
            continue
        if found.tzinfo is None and ":" in text:
            return found
    return None


def read_repeating(reading: Reading, path: Path, value: Tree) -> Repeats | None:
    text = reading.text(path, value)
    found = read_repeats(text) if text else None
    if isinstance(found, Wording):
        reading.wrong(path, found.tr, found.en)
        return None
    return found


def reached_first(local_start: datetime) -> datetime:
    """When the first clock on earth shows this."""
    return local_start.replace(tzinfo=UTC) - EASTERNMOST


def reached_everywhere(local_start: datetime) -> datetime:
    return local_start.replace(tzinfo=UTC) - WESTERNMOST


def check_times(reading: Reading, found: dict[str, Any]) -> None:
    """What the times say together. Fills in a start that follows from the others."""
    _settle_start(reading, found)
    _check_end(reading, found)
    _check_local_start(reading, found)
    if found.get("repeats") and len(found.get("name") or "") > SERIES_NAME_CHARS_MAX:
        reading.wrong(("name",), f"Yinelenen kampanyanın adı en çok {SERIES_NAME_CHARS_MAX} karakter olabilir.",
                      f"The name of a campaign that repeats has at most {SERIES_NAME_CHARS_MAX} characters:"
                      " each edition's day is added.")  # fmt: skip
    if found.get("repeats") and isinstance(found.get("expires"), datetime):
        reading.wrong(("expires",), "Yinelenen kampanyada her seferin süresini yazın: “1 day”.",
                      "Where the campaign repeats, write how long each edition lasts, such as “1 day”.")  # fmt: skip


def _settle_start(reading: Reading, found: dict[str, Any]) -> None:
    local, now = found.get("local_start"), reading.now
    if found.get("start") is None and now is not None and isinstance(local, datetime):
        found["start"] = max(now, reached_first(local))


def _check_end(reading: Reading, found: Mapping[str, Any]) -> None:
    start, expires = found.get("start") or reading.now, found.get("expires")
    if isinstance(expires, datetime) and start and expires <= start:
        reading.wrong(("expires",), "Bitiş başlangıçtan sonra olmalı.", "The end must come after the start.")


def _check_local_start(reading: Reading, found: Mapping[str, Any]) -> None:
    local, path = found.get("local_start"), ("local_start",)
    if isinstance(local, time) and not found.get("repeats"):
        reading.wrong(path, "Günü de yazın: “2027-03-01 10:00”.", "Write the day too, such as “2027-03-01 10:00”.")
    if not isinstance(local, datetime):
        return
    if found.get("repeats"):
        reading.wrong(path, "Yinelenen kampanyada yalnızca saati yazın: “10:00”.",
                      "Where the campaign repeats, write the time alone, such as “10:00”.")  # fmt: skip
    if reading.now and reached_everywhere(local) < reading.now:
        reading.wrong(path, "Bu an her yerde geçmişte kaldı.", "This lies in the past wherever people are.")
    start, expires = found.get("start"), found.get("expires")
    ends = start + expires if isinstance(expires, timedelta) and start else expires
    if reading.now and isinstance(ends, datetime) and ends <= reached_everywhere(local):
        reading.wrong(("expires",), "Bitiş, bu saat her yerde gelmeden önce; en az 27 saat verin.",
                      "The end comes before this time has come everywhere; give it at least 27 hours.")  # fmt: skip
