"""How fast one number may send, and who goes next. Time comes in as seconds of a clock that never goes back.

The schedule is virtual (GCRA): every message books the next slot, slots lie 1/rate apart, and a late caller may
catch up by at most `CATCH_UP_SECONDS`. Beside it every message of the last second is counted, from when it may leave
until a second after it was written, so that no one-second window ever holds more than the limit, however late we were
or much was caught up. A token bucket doubles the limit and a `sleep` between messages loses 12 to 47 % of it
(reference/performance.md 1.6).
Limits: M:throughput@2026-09 and M:about-the-platform@2026-09. Meta counts messages in and out together;
what people write is not seen here in time, so a flood of it shows as 130429, which `slow` answers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

CATCH_UP_SECONDS = 0.050
"""A loop that shares its process with a thread that writes is late by up to 40 ms, some times a second."""
RESTED_SECONDS = 1.0
AIM = 0.98
"""The share of the limit aimed at. What is left is for the way to Meta, on which messages may draw closer together."""
CROWD = 0.985
"""The share of the limit that one second may hold, as it was written, after something was caught up."""

LEAVING_SECONDS = 0.005
"""How soon to look again when all that a second may hold is on its way out."""

REPLY_SHARE = 0.10
REPLY_MEMORY_SECONDS = 1.0
"""After a reply the share for replies is kept free this long; then campaigns have it."""

REFUSAL_COSTS = 5.0  # messages a second that one 130429 takes from the rate
CUT = 0.7  # the least that a burst of them leaves of it
BURST_SECONDS = 1.0
RECOVERY_PER_SECOND = 0.02  # of the full rate, added back
SLOWEST = 0.1

PAIR_INTERVAL_SECONDS = 6.0
PAIR_BURST = 10  # Meta allows 45 borrowed from later quota; fewer leaves room for a person's own conversation
PAIRS_REMEMBERED_MAX = 200_000


class Lane(StrEnum):
    REPLY = "reply"  # acknowledgements, confirmations, answers
    CAMPAIGN = "campaign"


@dataclass(slots=True)
class Schedule:
    """Slots 1/rate apart. `free_at` is the moment of the next free slot."""

    free_at: float = float("-inf")

    def wait(self, now: float) -> float:
        """Seconds until the next slot; 0 or less when it is open."""
        return self.free_at - now

    def book(self, now: float, rate: float, slots: int = 1) -> None:
        self.free_at = self._start(now) + slots / rate

    def open(self, now: float, rate: float) -> int:
        """How many slots are open now."""
        start = self._start(now)
        return int((now - start) * rate + 1e-9) + 1 if start <= now else 0

    def _start(self, now: float) -> float:
        """From where slots are counted: who is late catches up, who comes after a rest has missed nothing."""
        return now if now - self.free_at > RESTED_SECONDS else max(self.free_at, now - CATCH_UP_SECONDS)


@dataclass(slots=True)
class LastSecond:
    """What left in the second up to now, and what is on its way out: booked, and not written yet."""

    count: int = 0
    _leaving: int = 0
    _left: deque[tuple[float, int]] = field(default_factory=deque)

    def add(self, messages: int) -> None:
        self._leaving += messages
        self.count += messages

    def written(self, now: float, still_leaving: int) -> None:
        gone = self._leaving - still_leaving
        if gone > 0:
            self._left.append((now, gone))
            self._leaving = still_leaving

    def forget(self, now: float) -> None:
        while self._left and self._left[0][0] + 1.0 <= now:
            self.count -= self._left.popleft()[1]

    def wait(self, now: float) -> float:
        """Seconds until the oldest of them is a second old."""
        return self._left[0][0] + 1.0 - now if self._left else LEAVING_SECONDS


@dataclass(slots=True)
class Pacer:
    """One sending number's pace. `limit` is its real ceiling in messages a second: 20, 80 or 1,000.

    Ask `take` right before POSTs: as many may go now, and their slots are booked. Tell `written` right after them: what
    was taken counts until a second has passed since then. When it is none, `wait` is how long to sleep before asking
    again. `slow` answers a 130429.
    """

    limit: float
    reply_share: float = REPLY_SHARE
    _all: Schedule = field(default_factory=Schedule)
    _campaigns: Schedule = field(default_factory=Schedule)
    _last: LastSecond = field(default_factory=LastSecond)
    _replied_at: float = float("-inf")
    _cut_to: float = 1.0
    _cut_at: float = float("-inf")
    _burst_at: float = float("-inf")
    _burst_leaves: float = SLOWEST

    def __post_init__(self) -> None:
        if not self.limit > 0:
            raise ValueError(f"a number's limit is more than 0 messages a second, not {self.limit}")
        if not 0 <= self.reply_share < 1:
            raise ValueError(f"the share for replies is from 0 up to 1, not {self.reply_share}")

    def share(self, now: float) -> float:
        """The part of the full rate in use: 1 unless slowed, growing back with time."""
        if self._cut_to >= 1:
            return 1.0
        return min(1.0, self._cut_to + RECOVERY_PER_SECOND * max(0.0, now - self._cut_at))

    def rate(self, now: float) -> float:
        """Messages a second aimed at now, all lanes together."""
        return self.limit * AIM * self.share(now)

    def take(self, now: float, lane: Lane = Lane.CAMPAIGN, most: int = 1) -> int:
        """Book the slots that are open now, `most` at most. Returns how many they are."""
        if lane is Lane.REPLY:
            self._replied_at = now
        schedules = self._schedules(now, lane)
        taken = min(most, self._room(now), *(schedule.open(now, rate) for schedule, rate in schedules))
        if taken <= 0:
            return 0
        for schedule, rate in schedules:
            schedule.book(now, rate, taken)
        self._last.add(taken)
        return taken

    def written(self, now: float, still_leaving: int = 0) -> None:
        """What was taken has been written to the network by now, but for so many that wait for a connection."""
        self._last.written(now, still_leaving)

    def wait(self, now: float, lane: Lane = Lane.CAMPAIGN) -> float:
        """Seconds until the next slot opens; 0 or less when one is open. Books nothing."""
        longest = max(schedule.wait(now) for schedule, _ in self._schedules(now, lane))
        return longest if self._room(now) > 0 else max(longest, self._last.wait(now))

    def _room(self, now: float) -> int:
        """How many more the last second may hold."""
        self._last.forget(now)
        return int(self.limit * CROWD * self.share(now)) + 1 - self._last.count

    def slow(self, now: float) -> bool:
        """Meta said 130429: a few that a jam on the way pushed together cost little, a real limit below ours much.

        Recovery is additive and needs no call. Returns whether this was the first of a burst.
        """
        share, is_first = self.share(now), now - self._burst_at >= BURST_SECONDS
        if is_first:
            self._burst_at, self._burst_leaves = now, max(SLOWEST, share * CUT)
        self._cut_to = max(self._burst_leaves, share * (1 - REFUSAL_COSTS / max(self.limit, REFUSAL_COSTS)))
        self._cut_at = now
        return is_first

    def change_limit(self, limit: float) -> None:
        """Meta raised or lowered the number's throughput. Raises ValueError for a limit of 0 or less."""
        if not limit > 0:
            raise ValueError(f"a number's limit is more than 0 messages a second, not {limit}")
        self.limit = limit

    def _schedules(self, now: float, lane: Lane) -> list[tuple[Schedule, float]]:
        rate = self.rate(now)
        schedules = [(self._all, rate)]
        if lane is Lane.CAMPAIGN and now - self._replied_at < REPLY_MEMORY_SECONDS:
            schedules.append((self._campaigns, rate * (1 - self.reply_share)))
        return schedules


@dataclass(slots=True)
class PairPacer:
    """One person's pace from one number: a message per 6 s, a few at once borrowed from later (error 131056)."""

    _free_at: dict[str, float] = field(default_factory=dict)

    def wait(self, pair: str, now: float) -> float:
        """0.0 books the message; otherwise the seconds until one may go to this pair."""
        booked = max(self._free_at.get(pair, now), now)
        wait = booked - now - PAIR_INTERVAL_SECONDS * (PAIR_BURST - 1)
        if wait > 0:
            return wait
        self._remember(pair, booked + PAIR_INTERVAL_SECONDS, now)
        return 0.0

    def refused(self, pair: str, now: float, delay_seconds: float) -> None:
        """Meta said 131056: nothing to this pair for `delay_seconds` (retry.pair_delay)."""
        until = now + delay_seconds + PAIR_INTERVAL_SECONDS * (PAIR_BURST - 1)
        self._remember(pair, max(until, self._free_at.get(pair, until)), now)

    def _remember(self, pair: str, free_at: float, now: float) -> None:
        if len(self._free_at) >= PAIRS_REMEMBERED_MAX:
            self._free_at = {pair: at for pair, at in self._free_at.items() if at > now}
        self._free_at[pair] = free_at


@dataclass(frozen=True, slots=True)
class Waiting:
    """A campaign's claim on the next slots: `queued` messages, and a weight above 0 (its priority)."""

    queued: int
    weight: float = 1.0


@dataclass(slots=True)
class Turns:
    """Who goes next among campaigns: by weight over time, no campaign with messages waiting is ever starved."""

    _credit: dict[int, float] = field(default_factory=dict)

    def divide(self, slots: int, waiting: Mapping[int, Waiting]) -> dict[int, int]:
        """How many of the slots each campaign gets; all are used while anything waits.

        Smooth weighted round robin; what a small weight did not get in this batch it gets in a later one.
        """
        left = {campaign: claim.queued for campaign, claim in waiting.items() if claim.queued > 0}
        self._credit = {campaign: self._credit.get(campaign, 0.0) for campaign in left}
        given = dict.fromkeys(left, 0)
        while left and (slots_left := slots - sum(given.values())) > 0:
            if len(left) == 1:
                only, queued = next(iter(left.items()))
                given[only] += min(queued, slots_left)
                break
            chosen = self._choose({campaign: waiting[campaign].weight for campaign in left})
            given[chosen] += 1
            left[chosen] -= 1
            if not left[chosen]:
                del left[chosen]
        return given

    def _choose(self, weights: Mapping[int, float]) -> int:
        for campaign, weight in weights.items():
            self._credit[campaign] += weight
        chosen = max(weights, key=lambda campaign: (self._credit[campaign], -campaign))
        self._credit[chosen] -= sum(weights.values())
        return chosen


@dataclass(frozen=True, slots=True)
class Budget:
    """The portfolio's unique people in a moving 24 h outside service windows (M:messaging-limits@2026-09).

    Meta documents no error for exceeding it, so we keep to it ourselves. `limit` None is unlimited; `reached`
    counts the people written to in the last 24 h; `reserve_share` is kept from campaigns for confirmations.
    """

    limit: int | None
    reached: int
    reserve_share: float = 0.05

    def left(self, *, reserved: bool = False) -> int | None:
        """New people who may still be written to, or None when unlimited. `reserved` may use the reserve."""
        if self.limit is None:
            return None
        usable = self.limit if reserved else self.limit - int(self.limit * self.reserve_share)
        return max(0, usable - self.reached)


_TIERS: Mapping[str, int | None] = {
    "TIER_50": 50,
    "TIER_250": 250,
    "TIER_1K": 1_000,
    "TIER_2K": 2_000,
    "TIER_10K": 10_000,
    "TIER_100K": 100_000,
    "TIER_UNLIMITED": None,
}
SMALLEST_TIER = 250

_LEVELS: Mapping[str, int] = {"STANDARD": 80, "HIGH": 1_000}
COEXISTENCE_LIMIT = 20


def people_per_day(tier: str | int) -> int | None:
    """Unique people in 24 h behind Meta's tier, which comes as a name or a number; None is unlimited.

    Anything unknown (TIER_NOT_SET, a new name) counts as the smallest tier of today.
    """
    if isinstance(tier, int) or tier.isdecimal():
        return None if int(tier) < 0 else int(tier)
    return _TIERS.get(tier, SMALLEST_TIER)


def messages_per_second(level: str, *, shared_with_app: bool = False) -> int:
    """The number's ceiling behind `throughput.level`; unknown levels count as STANDARD."""
    return COEXISTENCE_LIMIT if shared_with_app else _LEVELS.get(level, _LEVELS["STANDARD"])
