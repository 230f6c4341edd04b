"""The rules of the send gate, one small function each, in the order in which they are asked.

Refusals come first and are final; then the rules that can only make a message wait. Each is asked about a moment `at`:
the moment of the decision, or a later one that a wait would lead to. Sources: reference/consent.md
sections 3.2, 3.3 and 5; whatsapp-cloud-api.md sections 2 and 4.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from consent.events import Purpose
from consent.facts import FOREVER, MISSING, AddressState, CampaignState, Demands, Facts, Hold, Policy
from consent.limits import frequency, window
from consent.limits.countries import regions_known
from consent.limits.zones import reaches, zones_known
from consent.reasons import Group, Reason, RuleName, group_of

CUSTOM_PREFIX = "custom:"
EXEMPT_PURPOSES = frozenset({Purpose.UTILITY.value, Purpose.AUTHENTICATION.value, Purpose.SERVICE.value})


class Course(StrEnum):
    """Which set of rules a message runs through."""

    ACKNOWLEDGEMENT = "acknowledgement"
    REPLY = "reply"
    SERVICE = "service"
    AUTHENTICATION = "authentication"
    UTILITY = "utility"
    MARKETING = "marketing"


def course_of(facts: Facts) -> Course:
    """Marketing, and any purpose of the business's own, runs the full course whatever else the facts claim."""
    if facts.purpose not in EXEMPT_PURPOSES:
        return Course.MARKETING
    if facts.is_acknowledgement:
        return Course.ACKNOWLEDGEMENT
    return Course.REPLY if facts.is_reply else Course(facts.purpose)


class Objection(NamedTuple):
    """A wait: `until` None is "until something happens". A reason of the group refused makes it final."""

    reason: Reason
    until: datetime | None


Refuses = Callable[[Facts, Policy, datetime], Reason | None]
Delays = Callable[[Facts, Policy, datetime], Objection | None]
Binds = Callable[[Course, Demands], bool]


# Refusals


def purpose_unknown(facts: Facts, policy: Policy, at: datetime) -> Reason | None:
    custom = facts.purpose.startswith(CUSTOM_PREFIX) and len(facts.purpose) > len(CUSTOM_PREFIX)
    known = custom or facts.purpose == Purpose.MARKETING or facts.purpose in EXEMPT_PURPOSES
    return None if known else Reason.PURPOSE_UNKNOWN


def campaign_cancelled(facts: Facts, policy: Policy, at: datetime) -> Reason | None:
    going_on = (CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.NONE)
    return None if facts.campaign in going_on else Reason.CAMPAIGN_CANCELLED


def expired(facts: Facts, policy: Policy, at: datetime) -> Reason | None:
    if facts.expires_at is None:
        return None if facts.campaign == CampaignState.NONE else Reason.FACTS_MISSING  # every campaign has an end
    return Reason.EXPIRED if at >= facts.expires_at else None


def suppressed(facts: Facts, policy: Policy, at: datetime) -> Reason | None:
    return Reason.SUPPRESSED if facts.suppressed else None


WITHOUT_GRANT = {
    "none": Reason.NO_CONSENT,
    "pending": Reason.CONSENT_PENDING,
    "declined": Reason.CONSENT_DECLINED,
    "lapsed": Reason.CONSENT_LAPSED,
    "paused": Reason.CONSENT_PAUSED,
    "revoked": Reason.CONSENT_REVOKED,
    "expired": Reason.CONSENT_EXPIRED,
    "erased": Reason.ERASED,
}
"""What each standing but `granted` refuses a message that needs consent with."""

NEVER_ASKED = frozenset({"none", "pending", "lapsed", "expired", "granted"})
"""Standings in which an exempt purpose may still be written about: nobody said no to it."""


def not_granted(facts: Facts, policy: Policy, at: datetime) -> Reason | None:
    if facts.standing != "granted":
        return WITHOUT_GRANT.get(str(facts.standing), Reason.STANDING_UNKNOWN)
    run_out = facts.standing_deadline is not None and at >= facts.standing_deadline
    return Reason.CONSENT_EXPIRED if run_out else None


def withdrawn(facts: Facts, policy: Policy, at: datetime) -> Reason | None:
    if facts.standing in NEVER_ASKED:
        return None
    return WITHOUT_GRANT.get(str(facts.standing), Reason.STANDING_UNKNOWN)


def no_proof(facts: Facts, policy: Policy, at: datetime) -> Reason | None:
    granted = facts.standing == "granted"  # without it the newest event is the refusal, which proves no consent
    proven = granted and facts.event_seq is not None and bool(facts.event_hash)
    return None if proven else Reason.NO_AUTHORISING_EVENT


def registry_says_no(facts: Facts, policy: Policy, at: datetime) -> Reason | None:
    if facts.iys is None or facts.iys == "onay":
        return None
    return Reason.REGISTRY_REFUSED if facts.iys == "ret" else Reason.REGISTRY_UNPROVEN


UNREACHABLE: dict[AddressState | None, Reason] = {
    AddressState.INVALID: Reason.ADDRESS_INVALID,
    AddressState.SUSPECT: Reason.NOT_ON_WHATSAPP,
}


def unreachable(facts: Facts, policy: Policy, at: datetime) -> Reason | None:
    if facts.address == AddressState.REACHABLE:
        return None
    return UNREACHABLE.get(facts.address, Reason.NO_ADDRESS)


def blocked_for_good(facts: Facts, policy: Policy, at: datetime) -> Reason | None:
    return Reason.BLOCKED_BY_US if facts.blocked_until is not None and facts.blocked_until >= FOREVER else None


def country_not_served(facts: Facts, policy: Policy, at: datetime) -> Reason | None:
    if not policy.unserved_countries or not facts.regions:
        return None
    unserved = all(region[:2] in policy.unserved_countries for region in facts.regions)
    return Reason.COUNTRY_NOT_SERVED if unserved else None


def place_unknown(facts: Facts, policy: Policy, at: datetime) -> Reason | None:
    if not zones_known(facts.zones):
        return Reason.ZONE_UNKNOWN
    return None if regions_known(facts.regions) else Reason.REGION_UNKNOWN


def free_form_outside_window(facts: Facts, policy: Policy, at: datetime) -> Reason | None:
    return outside_window(facts, policy, at) if facts.free_form else None


def outside_window(facts: Facts, policy: Policy, at: datetime) -> Reason | None:
    return None if window.is_open(at, facts.last_inbound_at) else Reason.WINDOW_CLOSED


def held_for_good(facts: Facts, policy: Policy, at: datetime) -> Reason | None:
    for hold in (facts.template_hold, facts.number_hold):
        if hold is not None and hold is not MISSING and group_of(hold.reason) is Group.REFUSED:
            return hold.reason
    return None


def parameter_problem(facts: Facts, policy: Policy, at: datetime) -> Reason | None:
    return facts.parameter_problem


# Waits


def campaign_paused(facts: Facts, policy: Policy, at: datetime) -> Objection | None:
    return Objection(Reason.CAMPAIGN_PAUSED, None) if facts.campaign == CampaignState.PAUSED else None


def not_started(facts: Facts, policy: Policy, at: datetime) -> Objection | None:
    return _until(at, policy.earliest_start, Reason.NOT_STARTED)


def not_started_there(facts: Facts, policy: Policy, at: datetime) -> Objection | None:
    if policy.local_start is None:
        return None
    start = policy.local_start
    return _until(at, max(reaches(start, zone) for zone in facts.zones), Reason.LOCAL_START)


def template_held(facts: Facts, policy: Policy, at: datetime) -> Objection | None:
    return _held(at, facts.template_hold)


def number_held(facts: Facts, policy: Policy, at: datetime) -> Objection | None:
    return _held(at, facts.number_hold)


def blocked(facts: Facts, policy: Policy, at: datetime) -> Objection | None:
    return _until(at, facts.blocked_until, Reason.BLOCKED)


def cooling_off(facts: Facts, policy: Policy, at: datetime) -> Objection | None:
    return _until(at, facts.cool_until, Reason.COOLING_OFF)


def in_flight(facts: Facts, policy: Policy, at: datetime) -> Objection | None:
    return Objection(Reason.MESSAGE_IN_FLIGHT, None) if facts.open_message else None


def too_often(facts: Facts, policy: Policy, at: datetime) -> Objection | None:
    if not facts.recent:
        return None
    opens = frequency.next_open(at, facts.recent, policy.all_caps)
    return _until(at, opens, Reason.FREQUENCY_CAP)


def tag_too_often(facts: Facts, policy: Policy, at: datetime) -> Objection | None:
    opens = frequency.next_open(at, facts.tag_recent or (), policy.tag_caps)
    return _until(at, opens, Reason.FREQUENCY_CAP)


def quiet(facts: Facts, policy: Policy, at: datetime) -> Objection | None:
    opens = policy.openings.next_open(at, facts.zones, facts.regions)
    return Objection(Reason.NO_COMMON_HOUR, None) if opens is None else _until(at, opens, Reason.QUIET_HOURS)


def _held(at: datetime, hold: Hold | None) -> Objection | None:
    if hold is None:
        return None
    return Objection(hold.reason, None) if hold.until is None else _until(at, hold.until, hold.reason)


def _until(at: datetime, until: datetime | None, reason: Reason) -> Objection | None:
    return None if until is None or until <= at else Objection(reason, until)


# Which rule binds whom


def always(course: Course, demands: Demands) -> bool:
    return True


def unless_acknowledging(course: Course, demands: Demands) -> bool:
    return course is not Course.ACKNOWLEDGEMENT


def unless_in_dialogue(course: Course, demands: Demands) -> bool:
    return course not in {Course.ACKNOWLEDGEMENT, Course.REPLY}


def needing_window(course: Course, demands: Demands) -> bool:
    return not unless_in_dialogue(course, demands) or (course is Course.UTILITY and demands.utility_window)


def template_may_do(course: Course, demands: Demands) -> bool:
    return not needing_window(course, demands)


def marketing(course: Course, demands: Demands) -> bool:
    return course is Course.MARKETING


def needing_grant(course: Course, demands: Demands) -> bool:
    return course is Course.MARKETING or (course is Course.UTILITY and demands.utility_grant)


def exempt_from_grant(course: Course, demands: Demands) -> bool:
    return unless_acknowledging(course, demands) and not needing_grant(course, demands)


def obeying_hours(course: Course, demands: Demands) -> bool:
    return course is Course.MARKETING or (course is Course.UTILITY and demands.utility_hours)


def starting_locally(course: Course, demands: Demands) -> bool:
    return demands.local_start and unless_in_dialogue(course, demands)


def needing_place(course: Course, demands: Demands) -> bool:
    return obeying_hours(course, demands) or starting_locally(course, demands)


def obeying_caps(course: Course, demands: Demands) -> bool:
    return course is Course.MARKETING or (course is Course.UTILITY and demands.utility_caps)


def obeying_tag_caps(course: Course, demands: Demands) -> bool:
    return demands.tags and obeying_caps(course, demands)


@dataclass(frozen=True, slots=True)
class Refusal:
    """`looks_at` names the facts that the rule reads, for explanations and to know which must not be missing."""

    name: RuleName
    looks_at: tuple[str, ...]
    binds: Binds
    ask: Refuses


@dataclass(frozen=True, slots=True)
class Delay:
    name: RuleName
    looks_at: tuple[str, ...]
    binds: Binds
    ask: Delays


REFUSALS = (
    Refusal(RuleName.PURPOSE, ("purpose",), always, purpose_unknown),
    Refusal(RuleName.CAMPAIGN, ("campaign",), unless_in_dialogue, campaign_cancelled),
    Refusal(RuleName.SUPPRESSION, ("suppressed",), unless_acknowledging, suppressed),
    Refusal(RuleName.STANDING, ("standing", "standing_deadline"), needing_grant, not_granted),
    Refusal(RuleName.STANDING, ("standing",), exempt_from_grant, withdrawn),
    Refusal(RuleName.PROOF, ("standing", "event_seq", "event_hash"), needing_grant, no_proof),
    Refusal(RuleName.REGISTRY, ("iys",), needing_grant, registry_says_no),
    Refusal(RuleName.ADDRESS, ("address",), always, unreachable),
    Refusal(RuleName.BLOCK, ("blocked_until",), always, blocked_for_good),
    Refusal(RuleName.COUNTRY, ("regions",), marketing, country_not_served),
    Refusal(RuleName.PLACE, ("zones", "regions"), needing_place, place_unknown),
    Refusal(RuleName.WINDOW, ("last_inbound_at",), needing_window, outside_window),
    Refusal(RuleName.WINDOW, ("free_form", "last_inbound_at"), template_may_do, free_form_outside_window),
    Refusal(RuleName.HOLDS, ("template_hold", "number_hold"), unless_in_dialogue, held_for_good),
    Refusal(RuleName.PARAMETERS, ("parameter_problem", "parameter_name"), unless_in_dialogue, parameter_problem),
    Refusal(RuleName.EXPIRY, ("expires_at", "campaign"), unless_in_dialogue, expired),
)

DELAYS = (
    Delay(RuleName.CAMPAIGN, ("campaign",), unless_in_dialogue, campaign_paused),
    Delay(RuleName.START, (), unless_in_dialogue, not_started),
    Delay(RuleName.LOCAL_START, ("zones",), starting_locally, not_started_there),
    Delay(RuleName.HOLDS, ("template_hold",), unless_in_dialogue, template_held),
    Delay(RuleName.HOLDS, ("number_hold",), always, number_held),
    Delay(RuleName.BLOCK, ("blocked_until",), always, blocked),
    Delay(RuleName.COOL_OFF, ("cool_until",), marketing, cooling_off),
    Delay(RuleName.IN_FLIGHT, ("open_message",), unless_in_dialogue, in_flight),
    Delay(RuleName.FREQUENCY, ("recent",), obeying_caps, too_often),
    Delay(RuleName.FREQUENCY, ("tag_recent",), obeying_tag_caps, tag_too_often),
    Delay(RuleName.QUIET_HOURS, ("zones", "regions"), obeying_hours, quiet),
)

MAY_STAY_EMPTY = frozenset(
    {"purpose", "event_seq", "event_hash", "iys", "zones", "regions", "last_inbound_at", "parameter_name"}
)
"""Facts whose default some rule itself refuses with a better word than "missing", or which may rightly be unset."""

NONE_IS_MISSING = frozenset(
    {"standing", "suppressed", "address", "recent", "tag_recent", "open_message", "free_form", "campaign"}
)


def unset(name: str, value: object) -> bool:
    """Whether this value of that fact means that nobody looked it up."""
    return value is MISSING or (value is None and name in NONE_IS_MISSING)


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The rules that bind one course under one policy, and the facts that they cannot do without."""

    refusals: tuple[Refusal, ...]
    delays: tuple[Delay, ...]
    needs: tuple[str, ...]
    read_never_none: Callable[[Facts], tuple[Any, ...]]
    read_maybe_none: Callable[[Facts], tuple[Any, ...]]

    def missing(self, facts: Facts) -> str:
        """The name of the first needed fact that nobody looked up, or nothing."""
        if None not in self.read_never_none(facts) and MISSING not in self.read_maybe_none(facts):
            return ""
        return next((name for name in self.needs if unset(name, getattr(facts, name))), "")


@lru_cache(maxsize=256)
def rulebook(course: Course, demands: Demands) -> Rulebook:
    refusals = tuple(rule for rule in REFUSALS if rule.binds(course, demands))
    delays = tuple(rule for rule in DELAYS if rule.binds(course, demands))
    bound: tuple[Refusal | Delay, ...] = (*refusals, *delays)
    looked_at = dict.fromkeys(name for rule in bound for name in rule.looks_at)
    needs = tuple(name for name in looked_at if name not in MAY_STAY_EMPTY)
    return Rulebook(
        refusals,
        delays,
        needs,
        _reader([name for name in needs if name in NONE_IS_MISSING]),
        _reader([name for name in needs if name not in NONE_IS_MISSING]),
    )


def _reader(names: list[str]) -> Callable[[Facts], tuple[Any, ...]]:
    """Reads several facts at once. attrgetter gives a tuple only for two names or more, so `purpose` goes along."""
    return attrgetter("purpose", "purpose", *names)
