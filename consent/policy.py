"""May this message to this person leave now? One pure answer for the release, the dry run and `izin why`.

The default is no: a fact that nobody looked up refuses, and one refusal outweighs everything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from consent.facts import (
    FOREVER,
    MISSING,
    AddressState,
    CampaignState,
    Demands,
    Facts,
    Hold,
    Missing,
    Policy,
)
from consent.limits import window
from consent.limits.frequency import Cap
from consent.limits.quiet_hours import QuietHours
from consent.reasons import Group, Reason, RuleName, group_of
from consent.rules import Course, Delay, Objection, Refusal, Rulebook, course_of, place_unknown, rulebook, unset

__all__ = [
    "FOREVER",
    "MISSING",
    "AddressState",
    "Allow",
    "Basis",
    "CampaignState",
    "Cap",
    "Course",
    "Decision",
    "Demands",
    "Facts",
    "Finding",
    "Hold",
    "Missing",
    "Policy",
    "QuietHours",
    "Refuse",
    "Verdict",
    "Wait",
    "decide",
    "explain",
]


class Basis(StrEnum):
    """What a message rests on: the person's consent, or the kind of message it is."""

    CONSENT = "consent"
    ACKNOWLEDGEMENT = "acknowledgement"
    REPLY = "reply"
    SERVICE = "service"
    AUTHENTICATION = "authentication"
    UTILITY = "utility"


@dataclass(frozen=True, slots=True)
class Allow:
    """It may leave now. With basis `consent` the ledger event that allows it is always named.

    `in_window` and `free_entry` tell what Meta will charge: whether the service window or a free entry point is open.
    """

    basis: Basis
    event_seq: int | None = None
    event_hash: str | None = None
    in_window: bool = False
    free_entry: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """It may leave at `until` and not before, if nothing else changes; None: not before something changes.

    `reason` is the first rule, in the fixed order, that stands in the way now.
    """

    until: datetime | None
    reason: Reason


@dataclass(frozen=True, slots=True)
class Refuse:
    """It will not leave. `because` is the wait that would have lasted too long, `detail` the fact in question."""

    reason: Reason
    because: Reason | None = None
    detail: str = ""


Decision = Allow | Wait | Refuse


def decide(facts: Facts, policy: Policy) -> Decision:
    """Allow, Wait or Refuse, with one primary reason in the fixed order of consent.rules.

    Refusals come first and are final; `Wait.until` (UTC) is the first moment at which all rules agree. A fact that the
    message's kind needs and that nobody looked up refuses with `facts_missing`, its name in `detail`. Raises nothing.
    """
    course = course_of(facts)
    book = rulebook(course, policy.demands)
    if missing := book.missing(facts):
        return Refuse(Reason.FACTS_MISSING, detail=missing)
    if reason := _refusal(facts, policy, book, facts.now):
        return Refuse(reason, detail=_detail(reason, facts))
    return _first_moment(facts, policy, book) or _allowed(facts, course)


def _refusal(facts: Facts, policy: Policy, book: Rulebook, at: datetime) -> Reason | None:
    for rule in book.refusals:
        if reason := rule.ask(facts, policy, at):
            return reason
    return None


def _first_moment(facts: Facts, policy: Policy, book: Rulebook) -> Wait | Refuse | None:
    """The least moment that satisfies every rule: each names its own first one, and we go to the latest of them.

    A rule never opens earlier when asked later, so no moment in between can satisfy all. The refusals are asked again
    at each moment: by then the campaign may have ended, or consent run out.
    """
    at, open_ended = facts.now, False
    reason: Reason | None = None
    while objections := _objections(facts, policy, book, at):
        reason = reason or objections[0].reason
        if final := _final(objections):
            return Refuse(final)
        open_ended = open_ended or any(objection.until is None for objection in objections)
        latest = _latest(objections)
        if latest is None or latest.until is None:
            break
        at = latest.until
        if ended := _refusal(facts, policy, book, at):
            return Refuse(ended, because=latest.reason)
    return None if reason is None else Wait(None if open_ended else at, reason)


def _objections(facts: Facts, policy: Policy, book: Rulebook, at: datetime) -> list[Objection]:
    return [objection for rule in book.delays if (objection := rule.ask(facts, policy, at))]


def _final(objections: Sequence[Objection]) -> Reason | None:
    return next((o.reason for o in objections if group_of(o.reason) is Group.REFUSED), None)


def _latest(objections: Sequence[Objection]) -> Objection | None:
    """The longest of the waits whose end is known; of two equal ones the first."""
    latest: Objection | None = None
    for objection in objections:
        if objection.until and (latest is None or latest.until is None or objection.until > latest.until):
            latest = objection
    return latest


def _allowed(facts: Facts, course: Course) -> Allow:
    proven = facts.standing == "granted" and facts.event_seq is not None and bool(facts.event_hash)
    return Allow(
        Basis.CONSENT if proven or course is Course.MARKETING else Basis(course.value),
        facts.event_seq if proven else None,
        facts.event_hash if proven else None,
        in_window=window.is_open(facts.now, facts.last_inbound_at),
        free_entry=facts.free_entry_until is not None and facts.now < facts.free_entry_until,
    )


def _detail(reason: Reason, facts: Facts) -> str:
    match reason:
        case Reason.PARAMETER_MISSING | Reason.PARAMETER_TOO_LONG | Reason.PARAMETER_INVALID:
            return facts.parameter_name
        case Reason.TEMPLATE_LANGUAGE_MISSING:
            return facts.parameter_name
        case Reason.PURPOSE_UNKNOWN:
            return facts.purpose
        case Reason.FACTS_MISSING:
            return "expires_at"  # the only rule that says so itself: a campaign without an end
        case _:
            return ""


class Verdict(StrEnum):
    PASSES = "passes"
    WAITS = "waits"
    REFUSES = "refuses"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says by itself: the facts it looked at, its verdict, and the moment from which it would pass."""

    rule: RuleName
    looked_at: tuple[tuple[str, object], ...]
    verdict: Verdict
    reason: Reason | None = None
    until: datetime | None = None


def explain(facts: Facts, policy: Policy) -> tuple[Finding, ...]:
    """Every rule that binds this message, each asked alone at `facts.now`, in the order of `decide`."""
    book = rulebook(course_of(facts), policy.demands)
    rules: tuple[Refusal | Delay, ...] = (*book.refusals, *book.delays)
    return tuple(_finding(rule, facts, policy) for rule in rules)


def _finding(rule: Refusal | Delay, facts: Facts, policy: Policy) -> Finding:
    looked_at = tuple((name, getattr(facts, name)) for name in rule.looks_at)
    if isinstance(rule, Delay) and "zones" in rule.looks_at and (unknown := place_unknown(facts, policy, facts.now)):
        return Finding(rule.name, looked_at, Verdict.REFUSES, unknown)
    if any(unset(name, value) for name, value in looked_at):
        return Finding(rule.name, looked_at, Verdict.REFUSES, Reason.FACTS_MISSING)
    return _asked(rule, looked_at, rule.ask(facts, policy, facts.now))


def _asked(
    rule: Refusal | Delay, looked_at: tuple[tuple[str, object], ...], answer: Reason | Objection | None
) -> Finding:
    match answer:
        case None:
            return Finding(rule.name, looked_at, Verdict.PASSES)
        case Reason():
            return Finding(rule.name, looked_at, Verdict.REFUSES, answer)
        case Objection(reason, until):
            final = group_of(reason) is Group.REFUSED
            return Finding(rule.name, looked_at, Verdict.REFUSES if final else Verdict.WAITS, reason, until)
