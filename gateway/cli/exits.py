"""What the shell sees when a command ends."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """2 is the shell's own: the command was called wrongly."""

    OK = 0
    REFUSED = 1
    USAGE = 2
    BROKEN = 3
    AWAY = 4


EXIT_CODES = """\b
Exit codes:
  0  done
  1  refused: something in what you gave is wrong; nothing was written
  2  called wrongly: see --help
  3  broken: a check failed (ledger, promise)
  4  away: the database or Meta cannot be reached
"""
