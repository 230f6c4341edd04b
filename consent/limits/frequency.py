"""How often a person may be written to: at most N messages in any window of length W."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

RING_SLOTS = 10
"""How many last sends storage remembers per person and category; no cap may count further."""

TICK = timedelta(microseconds=1)  # the resolution of every stored moment


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `count` messages in any `period`. Raises ValueError for a cap that could never be kept or checked."""

    count: int
    period: timedelta

    def __post_init__(self) -> None:
        if not 1 <= self.count <= RING_SLOTS:
            raise ValueError(
                f"a frequency cap counts 1 to {RING_SLOTS} messages, not {self.count}; "
                "for fewer pause the campaign, for more use a shorter period"
            )
        if self.period <= timedelta(0):
            raise ValueError(f"a frequency cap needs a period longer than nothing, not {self.period}")


DAY, WEEK, MONTH = timedelta(days=1), timedelta(days=7), timedelta(days=30)
DEFAULT_CAPS = (Cap(1, DAY), Cap(2, WEEK), Cap(6, MONTH))  # reference/consent.md section 5
PERIODS = {"day": DAY, "week": WEEK, "month": MONTH}
HARD_CEILING = (Cap(3, DAY),)  # Florida's rule for one subject, kept everywhere; no campaign can lift it


_CAP = re.compile(r"(\d{1,4})/(day|week|month)")


def read_caps(text: str) -> tuple[Cap, ...]:
    """`1/day, 2/week, 6/month` -> caps; a month is 30 days. Raises ValueError in words."""
    return tuple(_read_cap(part.strip()) for part in text.split(","))


def read_tag_caps(text: str) -> dict[str, tuple[Cap, ...]]:
    """`newsletter 1/week, newsletter 2/month, promo 1/day` -> caps by tag. Raises ValueError in words."""
    found: dict[str, tuple[Cap, ...]] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        tag, _, written = part.rpartition(" ")
        if not tag.strip():
            raise ValueError(f"{part!r} is no cap of a tag; write a tag and a cap, such as newsletter 1/week")
        found[tag.strip()] = (*found.get(tag.strip(), ()), _read_cap(written))
    return found


def _read_cap(text: str) -> Cap:
    found = _CAP.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no frequency cap; write it like 1/day, 2/week or 6/month")
    return Cap(int(found[1]), PERIODS[found[2]])


@dataclass(frozen=True, slots=True)
class Threshold:
    """A cap as storage asks it: fine where the `slot`-th newest send (from 1) is absent or earlier than `before`."""

    slot: int
    before: datetime


def next_open(now: datetime, sends: Sequence[datetime], caps: Iterable[Cap]) -> datetime:
    """The first moment from `now` on at which one more message keeps every cap.

    `sends` are the moments of the last messages that count, including slots reserved by messages in flight; a slot
    reserved for a later moment (a campaign with priority) counts from now on. Their order does not matter.
    """
    newest = sorted(sends, reverse=True)
    return max((_opens(newest, cap, now) for cap in caps), default=now)


def _opens(newest: Sequence[datetime], cap: Cap, now: datetime) -> datetime:
    if len(newest) < cap.count:
        return now
    return max(now, newest[cap.count - 1] + cap.period + TICK)


def thresholds(caps: Iterable[Cap], now: datetime) -> tuple[Threshold, ...]:
    """The caps as moments to compare with, one per slot, strictest first wins: "sN < now - W" for all at once."""
    longest: dict[int, timedelta] = {}
    for cap in caps:
        longest[cap.count] = max(cap.period, longest.get(cap.count, cap.period))
    return tuple(Threshold(slot, now - period) for slot, period in sorted(longest.items()))


def ring_opening_at(caps: Iterable[Cap], moment: datetime) -> tuple[datetime, ...]:
    """Last sends that keep these caps shut until exactly `moment`: one ring to stand for everybody with that moment.

    The dry run groups a million people by when their caps open and asks `decide` once a group. Empty without caps.
    """
    longest = max(caps, key=lambda cap: cap.period, default=None)
    return () if longest is None else (moment - longest.period - TICK,) * longest.count
