"""Compare everybody's standing with what their events say, and put right what differs.

Trigger: once a day (compares and shouts), and `izin ledger rebuild`.
Reads:   every event and every standing.
Writes:  on demand, the standings, folded anew in one transaction.
Repeat:  harmless.
"""

from __future__ import annotations

import logging

from consent import refolding
from gateway.storage.database import Database

log = logging.getLogger(__name__)


def rebuild(database: Database, *, only_compare: bool = False) -> list[int]:
    """The people (by row number) whose stored standing was not what their events say."""
    with database.read() as connection:
        wrong = refolding.stale(connection)
    if wrong and not only_compare:
        database.run(refolding.rebuild)
    return wrong


def compare_standings(database: Database) -> list[int]:
    """The daily check. A difference is a fault of ours or somebody's hand in the database: shouted, not mended."""
    wrong = rebuild(database, only_compare=True)
    if wrong:
        log.critical("%s standings are not what the ledger's events say; run `izin ledger verify`", len(wrong))
    return wrong
