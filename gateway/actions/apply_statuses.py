"""Move messages on as Meta's statuses say: in any order, twice or late, never backwards.

Trigger: draining the inbox, and accepting a message whose receipts came first.
Reads:   the messages that the statuses speak of, by our own tracker or by Meta's id.
Writes:  states and moments; consequences of failures; receipts of unknown messages are kept until they are known.
Repeat:  harmless: the table in core/message.py lets nothing happen twice.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from gateway.actions.settle_failure import settle_failure
from gateway.core.failure import UNLISTED, gravest, meaning
from gateway.core.message import State, after_status, read_tracker
from gateway.storage import messages, outbox
from gateway.storage.messages import Known
from gateway.whatsapp.payload import StatusUpdate


@dataclass(frozen=True, slots=True)
class Receipt:
    """One status, reduced to what moves a message."""

    wamid: str
    status: str
    at: datetime
    codes: tuple[int, ...] = ()
    tracker: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {"status": self.status, "at": self.at.isoformat(), "codes": list(self.codes), "tracker": self.tracker}

    @classmethod
    def from_json(cls, wamid: str, body: Mapping[str, Any]) -> Receipt:
        at = datetime.fromisoformat(body["at"])
        return cls(wamid, body["status"], at, tuple(body["codes"]), body["tracker"])


def receipt_of(item: StatusUpdate, now: datetime) -> Receipt | None:
    if not item.wamid or item.is_call:
        return None
    codes = tuple(error.code for error in item.errors if error.code is not None)
    return Receipt(item.wamid, item.status, item.at or now, codes, item.tracker)


def apply_statuses(connection: Connection, receipts: Sequence[Receipt], now: datetime) -> None:
    by_row = _rows_of(receipts)
    known = messages.by_ids(connection, sorted(set(by_row.values())))
    rest = [r.wamid for r in receipts if by_row.get(r) not in known]
    by_wamid = messages.by_wamids(connection, rest) if rest else {}
    current = {k.id: k for k in (*known.values(), *by_wamid.values())}
    for receipt in receipts:
        row = by_row.get(receipt)
        found = known.get(row) if row is not None else None
        found = found or by_wamid.get(receipt.wamid)
        if found is None or _is_a_stranger(found, receipt):
            messages.keep_receipt(connection, receipt.wamid, receipt.status, receipt.as_json(), now)
            continue
        current[found.id] = _apply(connection, current[found.id], receipt, now)


def _is_a_stranger(known: Known, receipt: Receipt) -> bool:
    """Another program on the same account may number its messages as we do: then Meta's id does not fit ours."""
    tracked = read_tracker(receipt.tracker) if receipt.tracker else None
    same_attempt = tracked is not None and tracked[1] == known.attempts
    return same_attempt and known.wamid is not None and known.wamid != receipt.wamid


def _rows_of(receipts: Iterable[Receipt]) -> dict[Receipt, int]:
    """The outbox rows that our own trackers name."""
    rows: dict[Receipt, int] = {}
    for receipt in receipts:
        if receipt.tracker and (read := read_tracker(receipt.tracker)):
            rows[receipt] = read[0]
    return rows


def _apply(connection: Connection, known: Known, receipt: Receipt, now: datetime) -> Known:
    tracked = read_tracker(receipt.tracker) if receipt.tracker else None
    same_attempt = tracked is None or tracked[1] == known.attempts
    if known.wamid is None and same_attempt:
        outbox.note_acceptance(connection, [(known.id, receipt.wamid)], receipt.at)
        known = replace(known, wamid=receipt.wamid)
    then = after_status(known.state, receipt.status, same_attempt=same_attempt)
    if then is None:
        return known
    if then is State.FAILED:
        return _failed(connection, known, receipt, now)
    messages.move(connection, known, then, receipt.at, reason=None)
    return replace(known, state=then)


def _failed(connection: Connection, known: Known, receipt: Receipt, now: datetime) -> Known:
    held = known.state is State.HELD
    failure = gravest(meaning(code, held=held) for code in receipt.codes) if receipt.codes else UNLISTED
    code = receipt.codes[0] if receipt.codes else None
    settle_failure(connection, known, failure, code, now, random.random())
    return messages.by_ids(connection, [known.id])[known.id]


def catch_up(connection: Connection, wamids: Sequence[str], now: datetime) -> None:
    """Apply the receipts that came before we knew these messages."""
    waiting = messages.take_receipts(connection, wamids)
    if waiting:
        apply_statuses(connection, [Receipt.from_json(wamid, body) for wamid, body in waiting], now.astimezone(UTC))
