"""Two subjects who turn out to be one person: the stricter standing wins, and a refusal of either binds both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from consent.events import EVERY_PURPOSE, EventType
from consent.standing import Mark, Standing, Standings, State


@dataclass(frozen=True, slots=True)
class Carried:
    """An event to be written: `causes` is the other subject's event that it carries over."""

    purpose: str
    type: EventType
    causes: str


_STRICTNESS = {
    State.NONE: 0, State.GRANTED: 1, State.PENDING: 2, State.LAPSED: 3, State.EXPIRED: 4, State.PAUSED: 5,
    State.DECLINED: 6, State.REVOKED: 7, State.ERASED: 8,
}  # fmt: skip


def merge(one: Standings, other: Standings, moment: datetime) -> Standings:
    """Two subjects turned out to be one person: for each purpose the stricter standing wins, and every flag stays.

    `none` says nothing, so the other side stands. A suppression, a hold or a refusal on either side holds for both.
    """
    one, other = one.at(moment), other.at(moment)
    every = _stricter(one.every, other.every)
    purposes = {p: _stricter(one.of(p), other.of(p)) for p in {*one.purposes, *other.purposes}}
    return Standings(
        purposes=dict(sorted(purposes.items())),
        every=every,
        suppressed=_earlier(one.suppressed, other.suppressed),
        held=_earlier(one.held, other.held),
        erased=_earlier(one.erased, other.erased),
        last_at=max((at for at in (one.last_at, other.last_at) if at is not None), default=None),
    )


def _stricter(one: Standing, other: Standing) -> Standing:
    def strictness(standing: Standing) -> tuple[int, float, float, str]:
        ends = float("-inf") if standing.deadline is None else -standing.deadline.timestamp()
        since = 0.0 if standing.since is None else standing.since.timestamp()
        return _STRICTNESS[standing.state], ends, since, standing.event_id or ""

    return replace(max(one, other, key=strictness), refused=one.refused or other.refused)


def _earlier(one: Mark | None, other: Mark | None) -> Mark | None:
    marks = [mark for mark in (one, other) if mark is not None]
    return min(marks, key=lambda mark: (mark.at, mark.event_id), default=None)


def refusals_to_carry(kept: Standings, other: Standings, moment: datetime) -> list[Carried]:
    """What must be written to `kept` when `other` is the same person.

    After these events every refusal of `other` binds `kept` too; an erased `other` carries a suppression. The same
    list carries refusals forward when a person's number or user id changes.
    """
    kept, other = kept.at(moment), other.at(moment)
    carried: list[Carried] = []
    silent = other.suppressed or other.erased
    if silent is not None and kept.suppressed is None and kept.erased is None:
        carried.append(Carried(EVERY_PURPOSE, EventType.SUPPRESSED, silent.event_id))
    if other.held is not None and kept.held is None:
        carried.append(Carried(EVERY_PURPOSE, EventType.HELD, other.held.event_id))
    if carried:
        return carried
    if whole := _carried(EVERY_PURPOSE, kept.every, other.every):
        carried.append(whole)
    named = (_carried(p, kept.of(p), other.of(p)) for p in sorted({*kept.purposes, *other.purposes}))
    return carried + [one for one in named if one is not None]


def _carried(purpose: str, ours: Standing, theirs: Standing) -> Carried | None:
    if ours.state is State.ERASED or not theirs.refused:
        return None
    if ours.refused and _STRICTNESS[ours.state] >= _STRICTNESS[theirs.state]:
        return None
    return Carried(purpose, _CARRIED_AS.get(theirs.state, EventType.DECLINED), theirs.event_id or "")


_CARRIED_AS = {State.PAUSED: EventType.PAUSED, State.REVOKED: EventType.REVOKED}
