"""Load the business's own words for stop, start and help, which are heard besides ours.

Trigger: start-up of the web process, `izin replies`, and every inbound message (then from memory).
Reads:   the file at IZIN_OWN_WORDS.
Writes:  nothing.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from consent.replies import Additions
from consent.replies.additions import additions
from gateway.settings import Settings


def own_words(settings: Settings) -> Additions:
    """Raises OSError when the file cannot be read, and EntryProblem (a ValueError) in words for a bad line."""
    return _read(settings.own_words) if settings.own_words else Additions()


@cache
def _read(file: Path) -> Additions:
    return additions(file.read_text(encoding="utf-8"), file.name)
