"""How long to wait before trying again. Chance comes in as `dice`, a number in [0, 1) rolled by the caller."""

from __future__ import annotations

from datetime import timedelta

FIRST_DELAY = timedelta(seconds=1)
DELAY_MAX = timedelta(minutes=15)
PAIR_DELAY_MAX = timedelta(hours=1)
_DOUBLINGS_MAX = 30  # beyond any cap; keeps the power small however many attempts there were
_PAIR_STEPS_MAX = 6


def backoff(attempt: int, dice: float, *, first: timedelta = FIRST_DELAY, most: timedelta = DELAY_MAX) -> timedelta:
    """Doubling from `first`, never more than `most`, spread over the upper half so that failures do not return
    in step. `attempt` counts from 1. Raises ValueError below 1 or for dice outside [0, 1)."""
    _check(attempt, dice)
    whole = min(first * (1 << min(attempt - 1, _DOUBLINGS_MAX)), most)
    return whole * (0.5 + 0.5 * dice)


def at_least(least: timedelta, dice: float, *, spread: timedelta) -> timedelta:
    """`least` and up to `spread` more: where somebody else names the shortest wait, chance may only lengthen it."""
    _check(1, dice)
    return least + spread * dice


def pair_delay(attempt: int) -> timedelta:
    """4^n seconds, n = 0, 1, 2 ...: Meta's own rule for error 131056 (M:about-the-platform@2026-09)."""
    _check(attempt, 0)
    return min(timedelta(seconds=4 ** min(attempt - 1, _PAIR_STEPS_MAX)), PAIR_DELAY_MAX)


def _check(attempt: int, dice: float) -> None:
    if attempt < 1:
        raise ValueError(f"attempts count from 1, not {attempt}")
    if not 0 <= dice < 1:
        raise ValueError(f"dice is a number from 0 up to 1, not {dice}")
