"""Each wait by itself, and several together: the moment is the first at which everybody agrees."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from consent.facts import AddressState, CampaignState, Hold, Policy
from consent.limits.countries import day_hours
from consent.limits.frequency import DAY, TICK, WEEK, Cap, Threshold, thresholds
from consent.limits.quiet_hours import QuietHours
from consent.policy import Allow, Refuse, Wait, decide
from consent.reasons import Reason
from tests.consent.facts_given import ANY_TIME, HOUSE, NOON, a_message, a_reply, ago, at, capped

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("spoilt", "until", "reason"),
    [
        ({"campaign": CampaignState.PAUSED}, None, Reason.CAMPAIGN_PAUSED),
        ({"template_hold": Hold(Reason.TEMPLATE_HELD)}, None, Reason.TEMPLATE_HELD),
        ({"template_hold": Hold(Reason.TEMPLATE_HELD, NOON + HOUR)}, NOON + HOUR, Reason.TEMPLATE_HELD),
        ({"template_hold": Hold(Reason.TEMPLATE_NOT_APPROVED)}, None, Reason.TEMPLATE_NOT_APPROVED),
        ({"number_hold": Hold(Reason.NUMBER_HELD, NOON + HOUR)}, NOON + HOUR, Reason.NUMBER_HELD),
        ({"number_hold": Hold(Reason.BUDGET_SPENT, NOON + 2 * HOUR)}, NOON + 2 * HOUR, Reason.BUDGET_SPENT),
        ({"blocked_until": NOON + HOUR}, NOON + HOUR, Reason.BLOCKED),
        ({"cool_until": NOON + 2 * HOUR}, NOON + 2 * HOUR, Reason.COOLING_OFF),
        ({"open_message": True}, None, Reason.MESSAGE_IN_FLIGHT),
        ({"recent": (ago(hours=23),)}, NOON + HOUR + TICK, Reason.FREQUENCY_CAP),
        ({"recent": (ago(hours=6 * 24 + 22), ago(days=2))}, NOON + 2 * HOUR + TICK, Reason.FREQUENCY_CAP),
        ({"now": at("2026-11-24 17:00")}, at("2026-11-25 06:00"), Reason.QUIET_HOURS),
        ({"now": at("2026-11-21 17:00")}, at("2026-11-23 06:00"), Reason.QUIET_HOURS),
    ],
)
def test_one_spoilt_fact_waits_for_its_own_moment(
    spoilt: dict[str, Any], until: datetime | None, reason: Reason
) -> None:
    assert decide(a_message(**spoilt), HOUSE) == Wait(until, reason)


@pytest.mark.parametrize(
    ("policy", "until", "reason"),
    [
        (Policy(earliest_start=NOON + HOUR), NOON + HOUR, Reason.NOT_STARTED),
        (Policy(local_start=datetime(2026, 11, 24, 15, 0)), at("2026-11-24 12:00"), Reason.LOCAL_START),
        (Policy(local_start=datetime(2026, 11, 24, 21, 0)), at("2026-11-25 06:00"), Reason.LOCAL_START),
        (Policy(quiet_hours=QuietHours(narrowing=(day_hours("14:00-18:00"),))), NOON + 2 * HOUR, Reason.QUIET_HOURS),
    ],
)
def test_one_wish_of_the_campaign_waits_for_its_own_moment(policy: Policy, until: datetime, reason: Reason) -> None:
    assert decide(a_message(), policy) == Wait(until, reason)


def test_ten_oclock_where_they_are_is_ten_oclock_in_every_place_where_they_may_be() -> None:
    policy = Policy(local_start=datetime(2026, 11, 24, 10, 0))
    here_or_there = frozenset({"Europe/Istanbul", "Europe/London"})
    facts = a_message(now=at("2026-11-24 06:30"), zones=here_or_there)
    assert decide(facts, policy) == Wait(at("2026-11-24 10:00"), Reason.LOCAL_START)


def test_an_hour_where_they_are_needs_to_know_where_even_for_utility() -> None:
    policy = Policy(local_start=datetime(2026, 11, 24, 10, 0))
    assert decide(a_message(purpose="utility", zones=frozenset()), policy) == Refuse(Reason.ZONE_UNKNOWN)


def test_the_cap_opens_at_night_so_the_message_waits_for_the_morning() -> None:
    evening = at("2026-11-24 16:30")
    facts = a_message(now=evening, recent=(evening - 22 * HOUR,))
    assert decide(facts, HOUSE) == Wait(at("2026-11-25 06:00"), Reason.FREQUENCY_CAP)


def test_the_first_rule_in_order_names_the_wait_and_the_last_to_agree_its_end() -> None:
    night = at("2026-11-24 20:00")
    both = a_message(now=night, cool_until=night + 2 * HOUR)
    assert decide(both, HOUSE) == Wait(at("2026-11-25 06:00"), Reason.COOLING_OFF)
    longer = a_message(now=night, cool_until=night + 20 * HOUR)
    assert decide(longer, HOUSE) == Wait(night + 20 * HOUR, Reason.COOLING_OFF)


def test_a_wait_without_an_end_outlasts_one_with_an_end() -> None:
    night = at("2026-11-24 20:00")
    assert decide(a_message(now=night, open_message=True), HOUSE) == Wait(None, Reason.MESSAGE_IN_FLIGHT)
    held = Hold(Reason.TEMPLATE_HELD)
    waits_on_both = a_message(now=night, template_hold=held, recent=(night,))
    assert decide(waits_on_both, HOUSE) == Wait(None, Reason.TEMPLATE_HELD)


@pytest.mark.parametrize(
    ("spoilt", "because"),
    [
        ({"now": at("2026-11-24 18:00"), "expires_at": at("2026-11-25 06:00")}, Reason.QUIET_HOURS),
        ({"recent": (NOON,), "expires_at": NOON + 3 * HOUR}, Reason.FREQUENCY_CAP),
        ({"cool_until": NOON + 24 * HOUR, "expires_at": NOON + 24 * HOUR}, Reason.COOLING_OFF),
        # the cap alone would be in time; the night that follows is not
        ({"recent": (ago(hours=15),), "expires_at": NOON + 12 * HOUR}, Reason.QUIET_HOURS),
        # the hold has no end, the cap's is too late already
        ({"open_message": True, "recent": (NOON,), "expires_at": NOON + 3 * HOUR}, Reason.FREQUENCY_CAP),
    ],
)
def test_a_wait_beyond_the_campaigns_end_is_expired_at_once_and_says_why(
    spoilt: dict[str, Any], because: Reason
) -> None:
    assert decide(a_message(**spoilt), HOUSE) == Refuse(Reason.EXPIRED, because=because)


def test_a_wait_that_ends_just_before_the_campaign_does_is_still_a_wait() -> None:
    facts = a_message(now=at("2026-11-24 18:00"), expires_at=at("2026-11-25 06:00") + TICK)
    assert decide(facts, HOUSE) == Wait(at("2026-11-25 06:00"), Reason.QUIET_HOURS)


def test_a_wait_beyond_the_consents_end_is_refused_and_says_why() -> None:
    facts = a_message(recent=(NOON,), standing_deadline=NOON + 3 * HOUR)
    assert decide(facts, HOUSE) == Refuse(Reason.CONSENT_EXPIRED, because=Reason.FREQUENCY_CAP)


def test_a_wait_beyond_the_windows_end_is_refused_and_says_why() -> None:
    facts = a_message(free_form=True, last_inbound_at=ago(hours=20), cool_until=NOON + 5 * HOUR)
    assert decide(facts, HOUSE) == Refuse(Reason.WINDOW_CLOSED, because=Reason.COOLING_OFF)


@pytest.mark.parametrize("purpose", ["utility", "authentication", "service"])
@pytest.mark.parametrize(
    "spoilt", [{"now": at("2026-11-24 20:00")}, {"recent": (NOON, NOON, NOON)}, {"cool_until": NOON + HOUR}]
)
def test_limits_on_marketing_bind_nothing_else(purpose: str, spoilt: dict[str, Any]) -> None:
    assert isinstance(decide(a_message(purpose=purpose, **spoilt), HOUSE), Allow)
    assert isinstance(decide(a_message(**spoilt), HOUSE), Wait)
    assert isinstance(decide(a_message(purpose="custom:birthday", **spoilt), HOUSE), Wait)


@pytest.mark.parametrize(
    ("policy", "spoilt", "reason"),
    [
        (Policy(utility_obeys_quiet_hours=True), {"now": at("2026-11-24 20:00")}, Reason.QUIET_HOURS),
        (Policy(utility_obeys_caps=True), {"recent": (NOON,)}, Reason.FREQUENCY_CAP),
    ],
)
def test_utility_can_be_held_to_the_limits(policy: Policy, spoilt: dict[str, Any], reason: Reason) -> None:
    decision = decide(a_message(purpose="utility", **spoilt), policy)
    assert isinstance(decision, Wait)
    assert decision.reason is reason


def test_an_acknowledgement_waits_for_its_number_and_for_nothing_else() -> None:
    night = at("2026-11-24 23:00")
    at_night = {"now": night, "last_inbound_at": night}
    assert isinstance(decide(a_reply(**at_night), HOUSE), Allow)
    held = a_reply(**at_night, number_hold=Hold(Reason.NUMBER_HELD, night + HOUR))
    assert decide(held, HOUSE) == Wait(night + HOUR, Reason.NUMBER_HELD)


def test_a_campaigns_tag_has_its_own_caps() -> None:
    policy = Policy(caps=(), tag_caps=(Cap(1, WEEK),))
    assert isinstance(decide(a_message(recent=(ago(days=2),)), policy), Allow)
    tagged = a_message(recent=(ago(days=2),), tag_recent=(ago(days=2),))
    assert decide(tagged, policy) == Wait(at("2026-11-30 06:00"), Reason.FREQUENCY_CAP)  # over the Sunday


def test_no_campaign_lifts_the_ceiling() -> None:
    generous = capped(10, days=1)
    facts = a_message(recent=(ago(hours=1), ago(hours=2), ago(hours=20)))
    assert decide(facts, generous) == Wait(NOON + 4 * HOUR + TICK, Reason.FREQUENCY_CAP)
    assert isinstance(decide(facts, ANY_TIME), Allow)


def test_the_policy_tells_storage_what_to_compare_the_ring_with() -> None:
    assert thresholds(HOUSE.all_caps, NOON) == (
        Threshold(1, NOON - DAY),
        Threshold(2, NOON - WEEK),
        Threshold(3, NOON - DAY),
        Threshold(6, NOON - 30 * DAY),
    )


def test_a_refusal_outweighs_every_wait() -> None:
    waiting = a_message(now=at("2026-11-24 20:00"), recent=(NOON,), open_message=True, address=AddressState.NONE)
    assert decide(waiting, HOUSE) == Refuse(Reason.NO_ADDRESS)
