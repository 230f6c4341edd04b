"""What every part of the practice world may ask at any time: how it is set just now, and what time it is."""

from __future__ import annotations

from gateway.clock import Clock
from gateway.practice.settings import PracticeSettings


class World:
    __slots__ = ("_clock", "settings")

    def __init__(self, settings: PracticeSettings, clock: Clock) -> None:
        self.settings = settings
        self._clock = clock

    def now_s(self) -> float:
        """Unix time in seconds, as this world's clock has it."""
        return self._clock.now().timestamp() + self.settings.clock_offset_s
