"""Decide for a million people: once for each group of people who are alike, and one by one only where that differs.

Trigger: dry run.
Reads:   groups of alike people, holds.
Writes:  nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from consent.facts import Facts
from consent.ledger import Stored
from consent.limits.frequency import TICK, ring_opening_at
from consent.policy import Allow, Decision, Wait, decide
from consent.standing import Standing, State
from gateway.actions.weigh_messages import Holds, Weighed, facts_of
from gateway.storage.cut_moments import QUARTER, quarters
from gateway.storage.facts import Alike
from gateway.storage.person_columns import Question
from gateway.storage.recipients import Recipient

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
LONG_AFTER = timedelta(days=40)
"""No cap counts further back than a month, so nothing that opens after the end opens later than this."""

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `decide` says of a group: of those who come first and of those who come last in it."""

    group: Alike
    first: Decision
    last: Decision

    @property
    def agrees(self) -> bool:
        """Whether everybody in the group gets the same answer for the same reason."""
        return type(self.first) is type(self.last) and _reason(self.first) == _reason(self.last)


def _reason(decision: Decision) -> object:
    return None if isinstance(decision, Allow) else decision.reason


def weigh_group(group: Alike, message: Weighed, question: Question, holds: Holds) -> Verdict:
    """The decision at both ends of the group's quarters: rules only get stricter from one to the other."""
    first = decide(_facts(group, message, question, holds, last=False), message.policy)
    if not (group.opens or group.cools or group.consent_ends or group.spoke):
        return Verdict(group, first, first)
    return Verdict(group, first, decide(_facts(group, message, question, holds, last=True), message.policy))


def _facts(group: Alike, message: Weighed, question: Question, holds: Holds, *, last: bool) -> Facts:
    at, policy = question.at, message.policy
    opens = span_of(group.opens, question)
    cools = span_of(group.cools, question)
    ring = ring_opening_at(policy.all_caps or policy.tag_caps, opens[last]) if opens else ()
    person = Recipient(
        zones=frozenset(group.zones.split(",")) if group.zones else frozenset(),
        regions=frozenset(group.region.split(",")) if group.region else frozenset(),
        last_inbound_at=_spoke(group.spoke, at, last),
        free_entry_until=at + HOUR if group.free_entry else None,
        cool_until=cools[last] if cools else None,
        blocked=group.blocked or None,
        reached_at=None,
        sends=ring if policy.all_caps else (),
        iys=group.iys or None,
    )
    stored = Stored(_standing(group, at, last), bool(group.halted), held=False)
    tagged = () if policy.all_caps else ring
    return facts_of(
        message, person, bool(group.reachable), stored, holds, at, in_flight=bool(group.in_flight), tag_recent=tagged
    )


def span_of(cut: int, question: Question) -> Span | None:
    """The first and the last moment that this cut moment may be; None for one that has come."""
    if not cut:
        return None
    count = quarters(question.at, question.ends)
    if cut > count:
        return max(question.ends, question.at + TICK), max(question.ends, question.at) + LONG_AFTER
    begins = question.ends - (count - cut + 1) * QUARTER
    return max(begins, question.at + TICK), begins + QUARTER - TICK


def _spoke(hours: int, at: datetime, last: bool) -> datetime | None:
    if not hours:
        return None
    return at - hours * HOUR + TICK if last else at - (hours - 1) * HOUR


def _standing(group: Alike, at: datetime, last: bool) -> Standing:
    """A standing that ends as theirs do: which ends have come by now, and in what order, is all that counts."""
    deadline = consent_ends = None
    if group.ended:
        deadline = at - (SECOND if group.beneath != 2 else 2 * SECOND)
    elif group.consent_ends:
        day = at + (group.consent_ends - 1) * DAY
        deadline = max(day, at + TICK) if last else day + DAY - TICK
    if group.beneath:
        consent_ends = at - (SECOND if group.beneath == 2 else 2 * SECOND)
    return Standing(
        state=State(group.state),
        deadline=deadline,
        event_seq=1 if group.proven else None,
        event_hash="of the group" if group.proven else None,
        consent_ends=consent_ends,
    )


def waits_of(verdict: Verdict) -> Iterator[datetime]:
    """The first and the last moment for which this group waits, as far as they are known."""
    for decision in (verdict.first, verdict.last):
        if isinstance(decision, Wait) and decision.until is not None:
            yield decision.until
