"""Move messages on as Meta's statuses say: in any order, twice or late, never backwards.

Trigger: draining the inbox, and accepting a message whose receipts came first.
Reads:   the messages that the statuses speak of, by our own tracker or by Meta's id.
Writes:  states and moments; consequences of failures; receipts of unknown messages are kept until they are known.
Repeat:  harmless: the table in core/message.py lets nothing happen twice.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from gateway.actions.settle_failure import settle_failure
from gateway.core.failure import gravest, meaning
from gateway.core.message import State, after_status, read_tracker
from gateway.storage import messages
from gateway.storage import receipts as stored
from gateway.storage.receipts import Seen
from gateway.whatsapp.payload import Receipt, StatusUpdate


def receipt_of(item: StatusUpdate) -> Receipt | None:
    if not item.wamid or item.is_call or item.is_payment:
        return None
    codes = tuple(error.code for error in item.errors if error.code is not None)
    return Receipt(item.wamid, item.status, item.at, item.tracker, codes)


def _as_json(receipt: Receipt, now: datetime) -> dict[str, Any]:
    at = receipt.at or now
    codes = list(receipt.codes)
    return {"status": receipt.status, "at": at.isoformat(), "codes": codes, "tracker": receipt.tracker}


def _from_json(wamid: str, body: Mapping[str, Any]) -> Receipt:
    at = datetime.fromisoformat(body["at"])
    return Receipt(wamid, body["status"], at, body["tracker"], tuple(body["codes"]))


def apply_statuses(connection: Connection, receipts: Sequence[Receipt], now: datetime) -> None:
    """Each in its turn, in memory; what they came to is written once for all, before and after each failure."""
    trackers = [read_tracker(receipt.tracker) if receipt.tracker else None for receipt in receipts]
    batch = _Batch.of(connection, receipts, trackers)
    unknown: list[Receipt] = []
    for receipt, tracked in zip(receipts, trackers, strict=True):
        found = batch.message(receipt, tracked)
        attempt = None if tracked is None else tracked[1]
        if found is None or _is_a_stranger(found, receipt, attempt):
            unknown.append(receipt)
        elif _moves_to(found, receipt, attempt, now) is State.FAILED:
            _failed(connection, found, receipt, now)
    stored.advance(connection, batch.every)
    stored.keep(connection, [(r.wamid, r.status, _as_json(r, now)) for r in unknown], now)


Tracked = tuple[int, int] | None
"""The outbox row and the attempt that our own tracker names."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """The messages that some receipts speak of."""

    by_row: Mapping[int, Seen]
    by_wamid: Mapping[str, Seen]

    @classmethod
    def of(cls, connection: Connection, receipts: Sequence[Receipt], trackers: Sequence[Tracked]) -> _Batch:
        by_row = stored.by_ids(connection, sorted({tracked[0] for tracked in trackers if tracked is not None}))
        together = zip(receipts, trackers, strict=True)
        rest = {r.wamid for r, tracked in together if tracked is None or tracked[0] not in by_row}
        found = stored.by_wamids(connection, sorted(rest))
        return cls(by_row, {wamid: by_row.get(one.id, one) for wamid, one in found.items()})

    def message(self, receipt: Receipt, tracked: Tracked) -> Seen | None:
        found = None if tracked is None else self.by_row.get(tracked[0])
        return found or self.by_wamid.get(receipt.wamid)

    @property
    def every(self) -> Iterable[Seen]:
        return {one.id: one for one in (*self.by_row.values(), *self.by_wamid.values())}.values()


def _is_a_stranger(known: Seen, receipt: Receipt, attempt: int | None) -> bool:
    """Another program on the same account may number its messages as we do, and so did we, where an older backup of the
    database was restored. Then Meta's id does not fit ours, or the attempt that it names has not been made."""
    if attempt is not None and attempt > known.attempts:
        return True
    return known.wamid != receipt.wamid and known.wamid is not None and attempt == known.attempts


def _moves_to(known: Seen, receipt: Receipt, attempt: int | None, now: datetime) -> State | None:
    """Where this takes the message, None for nowhere. A failure is left to `settle_failure`; anything else is noted."""
    same_attempt = attempt is None or attempt == known.attempts
    if known.wamid is None and same_attempt:
        known.wamid, known.accepted_at = receipt.wamid, receipt.at or now
    then = after_status(known.state, receipt.status, same_attempt=same_attempt)
    if then is not None and then is not State.FAILED:
        known.state = then
        known.stamps[then] = receipt.at or now
    return then


def _failed(connection: Connection, known: Seen, receipt: Receipt, now: datetime) -> None:
    """What this batch knows of the message is stored first, since the failure's consequence reads and writes it."""
    stored.advance(connection, [known])
    held = known.state is State.HELD
    meant = {meaning(code, held=held): code for code in reversed(receipt.codes)}
    failure = gravest(meant)
    code = meant.get(failure)
    whole = messages.by_ids(connection, [known.id])[known.id]
    settle_failure(connection, whole, failure, code, now, random.random())
    after = messages.by_ids(connection, [known.id])[known.id]
    known.state = known.seen = after.state
    known.wamid = known.known_as = after.wamid
    known.accepted_at = None
    known.stamps.clear()


def catch_up(connection: Connection, wamids: Sequence[str], now: datetime) -> None:
    """Apply the receipts that came before we knew these messages."""
    waiting = messages.take_receipts(connection, wamids)
    if waiting:
        apply_statuses(connection, [_from_json(wamid, body) for wamid, body in waiting], now.astimezone(UTC))
