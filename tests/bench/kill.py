"""Workers and webs killed with SIGKILL at a thousand random moments while campaigns launch, leave and are answered.

The practice world counts what it really received. Lost, doubled and contradicted must be 0 and the sums equal.
"""

from __future__ import annotations

from dataclasses import asdict

from tests.bench.killing import kill_at_random
from tests.bench.measuring import Result, Target

KILLS = 1_000
WITHIN_S = 1_500
"""Long enough for all of them on a slow machine; the ending and the counting take a minute more."""
TARGETS = {
    "lost": Target(0, at_most=True),
    "doubled": Target(0, at_most=True),
    "unsure_received": Target(0, at_most=True),
    "reached_not_received": Target(0, at_most=True),
    "sums_equal": Target(1),
    "kills": Target(KILLS),
}
SACRED = frozenset(TARGETS) - {"kills"}


def run(quick: bool) -> Result:
    toll = kill_at_random(12 if quick else KILLS, alive_s=0.1, within_s=WITHIN_S)
    return Result(asdict(toll) | {"sums_equal": int(toll.sums_equal)}, TARGETS, sacred=SACRED)
