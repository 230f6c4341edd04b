"""Sign where the ledger stands: its size and Merkle root, for whoever keeps it out of our reach.

Trigger: every hour, `izin ledger checkpoint`, and whenever a proof or an export needs a newer one.
Reads:   the events since the last checkpoint, the subtrees before it, and the newest note in the folder.
Writes:  new subtrees, the signed note into the database and into the folder.
Repeat:  harmless: a ledger that has not grown is not signed again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from consent import checkpoints, ledger, subtrees
from consent.checkpoints import Signed
from consent.proof.chain import Chain
from consent.proof.checkpoint import Checkpoint, Note, SigningKey, read_signing_key, rotate, sign
from consent.proof.merkle import EMPTY_ROOT
from consent.subtrees import StoredTree
from gateway.settings import Settings
from gateway.storage.database import Database

SIGN_EVERY = timedelta(hours=1)
log = logging.getLogger(__name__)


class CannotSign(Exception):
    """There is no key, or the key does not fit; the sentence says what to do."""


class LedgerInDoubt(Exception):
    """The ledger is not the one that was signed before. Nothing is signed until a person has looked."""


def signing_key(settings: Settings) -> SigningKey:
    """Raises CannotSign when none is set."""
    if not settings.signing_key:
        raise CannotSign(
            "No signing key is set. Make one with `izin ledger key new`, keep it outside the database, and name its "
            "file in IZIN_SIGNING_KEY_FILE."
        )
    return read_signing_key(settings.signing_key)


def sign_checkpoint(database: Database, key: SigningKey, folder: Path, now: datetime) -> Signed | None:
    """The newest checkpoint, signed now if the ledger has grown; None while the ledger is empty.

    Raises LedgerInDoubt, CannotSign, and OSError when the folder cannot be written.
    """
    last, point = _where_it_stands(database, key.name, folder)
    if last is not None and last.size == point.size:
        return last
    if not point.size:
        return None
    return _publish(database, folder, Signed(point.size, sign(point, [key], now), now), [key])


def sign_due(database: Database, settings: Settings, now: datetime) -> Signed | None:
    """The tick: sign when the newest checkpoint is an hour old. What stands in the way is shouted, not raised."""
    if not settings.signing_key:
        return None
    with database.read() as connection:
        last = checkpoints.newest(connection)
    if last is not None and now - last.signed_at < SIGN_EVERY:
        return last
    try:
        return sign_checkpoint(database, signing_key(settings), settings.checkpoints, now)
    except LedgerInDoubt as problem:
        log.critical("the ledger is in doubt and was not signed: %s; run `izin ledger verify`", problem)
    except (CannotSign, OSError) as problem:
        log.error("no checkpoint could be signed: %s", problem)
    return None


def change_key(database: Database, old: SigningKey, new: SigningKey, folder: Path, now: datetime) -> Signed:
    """Hand over from one key to the next: both sign, so whoever trusts the old one may trust the new one.

    Raises CannotSign when they are not two keys of one ledger, and as `sign_checkpoint`.
    """
    if old.name != new.name:
        raise CannotSign(f"The new key is called {new.name}, the ledger {old.name}; make it with --name {old.name}.")
    if old.verifier == new.verifier:
        raise CannotSign("The new key is the old one.")
    _, point = _where_it_stands(database, old.name, folder)
    return _publish(database, folder, Signed(point.size, rotate(point, old, new, now), now), [old, new])


def _where_it_stands(database: Database, origin: str, folder: Path) -> tuple[Signed | None, Checkpoint]:
    _keep_subtrees(database)
    with database.read() as connection:
        last = checkpoints.newest(connection)
        size = _checked_size(connection, last)
        tree = StoredTree(connection, size)
        for note in (last.read() if last else None, checkpoints.newest_published(folder)):
            _must_continue(note, tree, origin)
        return last, Checkpoint(origin, size, tree.root() if size else EMPTY_ROOT)


def _keep_subtrees(database: Database) -> None:
    """Read and hash first, then write: nobody's stop waits while a hundred thousand events are hashed."""
    while found := _missing(database):
        database.run(partial(subtrees.keep, found=found))


def _missing(database: Database) -> dict[int, bytes]:
    with database.read() as connection:
        return subtrees.missing(connection)


def _checked_size(connection: Connection, last: Signed | None) -> int:
    """The ledger's size, once every event since the last checkpoint has been followed."""
    size, head = ledger.head(connection)
    after = last.size if last else 0
    before = ledger.event_at(connection, after) if after else None
    chain = Chain(after=(after, before.hash)) if before else Chain()
    chain.follow((body, hash_.encode()) for _, body, hash_ in ledger.walk(connection, chain.seq))
    if not chain.findings.holds:
        raise LedgerInDoubt(str(chain.findings.doubts[0]))
    if (chain.seq, chain.head) != (size, head):
        raise LedgerInDoubt(f"the chain ends at event {chain.seq}, the head says {size}")
    return size


def _must_continue(note: Note | None, tree: StoredTree, origin: str) -> None:
    """The ledger must be a continuation of what was signed before, here or in the folder."""
    if note is None:
        return
    point = note.checkpoint
    if point.origin != origin:
        raise CannotSign(f"The checkpoints so far are of {point.origin}, the key is of {origin}; keep the name.")
    if point.size > tree.size:
        raise LedgerInDoubt(
            f"a checkpoint of {point.size} events was signed, and there are only {tree.size}: the end was cut off, or "
            "an old backup was restored"
        )
    if point.size and tree.root(point.size) != point.root:
        raise LedgerInDoubt(f"the first {point.size} events are not those that were signed")


def _publish(database: Database, folder: Path, signed: Signed, keys: Sequence[SigningKey]) -> Signed:
    database.run(lambda connection: checkpoints.keep(connection, signed))
    checkpoints.publish(folder, signed, [key.verifier for key in keys])
    return signed
