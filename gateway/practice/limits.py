"""Meta's two limits on sending: messages a second per number, and messages to one person per number."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

WINDOW_S = 1.0
PAIR_EVERY_S = 6.0  # one message per six seconds to one person (about-the-platform page, 2026-09)
PAIR_BURST = 45  # up to 45 at once, borrowed from the quota that follows
PAIRS_SWEPT_AT = 50_000


@dataclass(slots=True)
class Throughput:
    """Messages a second of one number over a sliding window, and the most it ever saw.

    `limit` is in messages per second. A refused attempt takes no place in the window.
    """

    limit: int
    accepted: int = 0
    refused: int = 0
    accepted_peak: int = 0
    attempted_peak: int = 0
    first_at: float = 0.0
    last_at: float = 0.0
    _window: deque[float] = field(default_factory=deque)
    _attempts: deque[float] = field(default_factory=deque)

    def has_room(self, now: float) -> bool:
        """Whether one more message may go at this moment (seconds on a clock that only runs forward)."""
        self.attempted_peak = max(self.attempted_peak, _counted(self._attempts, now))
        window = self._window
        while window and window[0] <= now - WINDOW_S:
            window.popleft()
        if len(window) >= self.limit:
            self.refused += 1
            return False
        return True

    def take(self, now: float) -> None:
        """One message went."""
        window = self._window
        window.append(now)
        self.accepted += 1
        self.first_at = self.first_at or now
        self.last_at = now
        if len(window) > self.accepted_peak:
            self.accepted_peak = len(window)


def _counted(times: deque[float], now: float) -> int:
    while times and times[0] <= now - WINDOW_S:
        times.popleft()
    times.append(now)
    return len(times)


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
