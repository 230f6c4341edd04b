"""What a bench reports, and what it needs to know of processes and of the machine."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure has to reach: at least or at most `bound`."""

    bound: float
    at_most: bool = False

    def met(self, figure: Any) -> bool:
        if not isinstance(figure, int | float):
            return False
        return figure <= self.bound if self.at_most else figure >= self.bound

    def words(self) -> str:
        return f"{'<=' if self.at_most else '>='} {self.bound:g}"


@dataclass(slots=True)
class Result:
    """Figures by name, and the targets of some of them. `claims` is False for a run too small to claim anything;
    `sacred` names the targets that such a run must meet all the same, because they are not a question of size."""

    figures: dict[str, Any]
    targets: Mapping[str, Target]
    claims: bool = True
    notes: list[str] = field(default_factory=list)
    sacred: frozenset[str] = frozenset()

    @property
    def broken(self) -> list[str]:
        return [name for name in sorted(self.sacred) if not self.targets[name].met(self.figures.get(name))]

    @property
    def met(self) -> bool:
        return self.claims and all(target.met(self.figures.get(name)) for name, target in self.targets.items())

    def as_json(self, name: str, command: str) -> dict[str, Any]:
        return {
            "name": name,
            "figures": self.figures,
            "targets": {name: target.words() for name, target in self.targets.items()},
            "met": self.met,
            "claims": self.claims,
            "broken": self.broken,
            "notes": self.notes,
            "command": command,
            "machine": machine(),
        }


def peak_mb() -> float:
    """The most memory that this process has held, in MiB.

    Not `getrusage`: its figure outlives exec, so that a child would answer for the parent that started it.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    kibibytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return round(int(kibibytes) * 1024 / MEBIBYTE, 1)


def machine() -> dict[str, Any]:
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / (1 << 30), 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "load_before": [round(load, 2) for load in psutil.getloadavg()],
    }


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU seconds used so far and resident bytes now."""

    cpu_s: float
    rss: int


def usage(process: psutil.Process) -> Usage:
    times = process.cpu_times()
    return Usage(times.user + times.system, process.memory_info().rss)


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which this share of an ordered sequence lies."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0
