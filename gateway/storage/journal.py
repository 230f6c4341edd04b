"""The erasure journal: the references of erased people, outside the database, for the day an old backup comes back.

One line a person: `<moment> <reference>`. The reference is random and names nobody.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path


def note(path: Path, refs: Sequence[str], now: datetime) -> None:
    """Durable when it returns. Raises OSError; then nobody may be erased, since a backup would bring them back."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="ascii") as file:
        file.writelines(f"{now:%Y-%m-%dT%H:%M:%SZ} {ref}\n" for ref in refs)
        file.flush()
        os.fsync(file.fileno())


def references(path: Path) -> list[str]:
    """Everybody who was erased, in that order, each once. A line cut off by a crash is left out."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    return list(dict.fromkeys(parts[1] for line in lines if len(parts := line.split()) == 2))
