"""Meta's two limits on sending: messages a second per number, and messages to one person per number."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

WINDOW_S = 1.0
KEPT_S = 5.0
"""For so long a moment may be told after later ones and is still counted rightly."""
FORGOTTEN_EVERY = 1024
PAIR_EVERY_S = 6.0  # one message per six seconds to one person (about-the-platform page, 2026-09)
PAIR_BURST = 45  # up to 45 at once, borrowed from the quota that follows
PAIRS_SWEPT_AT = 50_000


@dataclass(slots=True)
class Crowd:
    """Moments in seconds, told nearly in their order, and the most of them that lay within one second."""

    peak: int = 0
    _moments: list[float] = field(default_factory=list)

    def within(self, at: float) -> int:
        """How many lie in the second that ends with this moment."""
        return bisect_right(self._moments, at) - bisect_right(self._moments, at - WINDOW_S)

    def add(self, at: float) -> None:
        moments = self._moments
        place = bisect_right(moments, at)
        moments.insert(place, at)
        for end in range(place, len(moments)):  # one, unless it comes after later ones
            if moments[end] - WINDOW_S >= at:
                break
            self.peak = max(self.peak, end + 1 - bisect_right(moments, moments[end] - WINDOW_S))
        if len(moments) % FORGOTTEN_EVERY == 0:
            del moments[: bisect_right(moments, moments[-1] - KEPT_S)]


@dataclass(slots=True)
class Throughput:
    """Messages a second of one number over a sliding window, and the most it ever saw.

    `limit` is in messages per second. A refused attempt takes no place in the window. Moments are those of arrival, so
    that a server that gets to read late does not take for a crowd what came one after the other.
    """

    limit: int
    accepted: int = 0
    refused: int = 0
    first_at: float = 0.0
    last_at: float = 0.0
    _accepted: Crowd = field(default_factory=Crowd)
    _attempted: Crowd = field(default_factory=Crowd)

    @property
    def accepted_peak(self) -> int:
        return self._accepted.peak

    @property
    def attempted_peak(self) -> int:
        return self._attempted.peak

    def has_room(self, arrived: float) -> bool:
        """Whether one more message may go that arrived at this moment (seconds on a clock that only runs forward)."""
        self._attempted.add(arrived)
        if self._accepted.within(arrived) >= self.limit:
            self.refused += 1
            return False
        return True

    def take(self, arrived: float) -> None:
        """One message went."""
        self._accepted.add(arrived)
        self.accepted += 1
        self.first_at = self.first_at or arrived
        self.last_at = max(self.last_at, arrived)


@dataclass(slots=True)
class PairLimit:
    """The limit between one business number and one person, kept as the moment at which their quota is whole again."""

    _whole_at: dict[tuple[str, str], float] = field(default_factory=dict)

    def admit(self, number_id: str, person: str, now: float) -> bool:
        pair = (number_id, person)
        whole_at = max(self._whole_at.get(pair, now), now) + PAIR_EVERY_S
        if whole_at - now > PAIR_BURST * PAIR_EVERY_S:
            return False
        if len(self._whole_at) >= PAIRS_SWEPT_AT and pair not in self._whole_at:
            self._sweep(now)
        self._whole_at[pair] = whole_at
        return True

    def _sweep(self, now: float) -> None:
        if len(self._whole_at) % PAIRS_SWEPT_AT == 0:  # seldom, or a large load would sweep at every send
            self._whole_at = {pair: at for pair, at in self._whole_at.items() if at > now}
