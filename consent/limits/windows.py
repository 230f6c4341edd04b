"""Windows of a day: minutes from midnight on the wall clock, as sorted (start, end) pairs, end excluded."""

from __future__ import annotations

import re

Windows = tuple[tuple[int, int], ...]

DAY_MINUTES = 24 * 60
ALL_DAY: Windows = ((0, DAY_MINUTES),)
CLOSED: Windows = ()

_CLOCK = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)")


def parse_clock(text: str) -> int:
    """ "HH:MM" as minutes from midnight, 24:00 being the end of the day. Raises ValueError in words."""
    match = _CLOCK.fullmatch(text.strip())
    minutes = int(match[1]) * 60 + int(match[2]) if match else -1
    if not 0 <= minutes <= DAY_MINUTES:
        raise ValueError(f"{text.strip()!r} is not a time of day; write it like 09:00")
    return minutes


def parse_windows(text: str) -> Windows:
    """ "09:00-20:00", several with commas, or "closed". Raises ValueError in words."""
    if text.strip().lower() == "closed":
        return CLOSED
    return _joined(sorted(_parse_window(part) for part in text.split(",")))


def _parse_window(text: str) -> tuple[int, int]:
    ends = text.split("-")
    if len(ends) != 2:
        raise ValueError(f'{text.strip()!r} is not a window of hours; write it like 09:00-20:00, or "closed"')
    start, end = parse_clock(ends[0]), parse_clock(ends[1])
    if start >= end:
        raise ValueError(f"the window {text.strip()} must end after it starts; split a night at 24:00")
    return start, end


def _joined(spans: list[tuple[int, int]]) -> Windows:
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def intersection(left: Windows, right: Windows) -> Windows:
    """What lies in both."""
    both = ((max(a, c), min(b, d)) for a, b in left for c, d in right)
    return tuple(sorted((start, end) for start, end in both if start < end))


def without(windows: Windows, start: int, end: int) -> Windows:
    """What is left when the minutes from `start` to `end` are taken out."""
    return intersection(windows, tuple(span for span in ((0, start), (end, DAY_MINUTES)) if span[0] < span[1]))


def changing_at(before: Windows, after: Windows, minute: int) -> Windows:
    """`before` until that minute of the day, `after` from then on."""
    early = intersection(before, ((0, minute),)) if minute > 0 else CLOSED
    late = intersection(after, ((minute, DAY_MINUTES),)) if minute < DAY_MINUTES else CLOSED
    return _joined([*early, *late])


def in_words(windows: Windows) -> str:
    """The spelling that `parse_windows` reads."""
    return ", ".join(f"{_clock(start)}-{_clock(end)}" for start, end in windows) or "closed"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
