"""A fact that nobody looked up refuses; a value that cannot be meant is told in words."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.facts import MISSING, Facts, Hold, Policy
from consent.limits.frequency import DAY, Cap
from consent.policy import Allow, Refuse, decide
from consent.reasons import Reason
from tests.consent.facts_given import HOUSE, NOON, a_message, a_reply

MARKETING_NEEDS = [
    *["purpose", "standing", "standing_deadline", "event_seq", "event_hash", "suppressed", "address", "blocked_until"],
    *["cool_until", "zones", "regions", "recent", "open_message", "free_form", "campaign", "expires_at"],
    *["template_hold", "number_hold", "parameter_problem"],
]
UNUSED_BY_MARKETING = [
    *["is_reply", "is_acknowledgement", "iys", "tag_recent", "last_inbound_at", "free_entry_until", "parameter_name"],
]
DEFAULTS = {field.name: field.default for field in fields(Facts)}


def test_nothing_known_is_nothing_sent() -> None:
    for purpose in ("", "marketing", "utility", "authentication", "service", "custom:birthday"):
        decision = decide(Facts(now=NOON, purpose=purpose), HOUSE)
        assert isinstance(decision, Refuse)
        assert decision.reason is Reason.FACTS_MISSING
        assert decision.detail


@pytest.mark.parametrize("name", MARKETING_NEEDS)
def test_marketing_is_refused_while_this_fact_is_missing(name: str) -> None:
    assert isinstance(decide(a_message(**{name: DEFAULTS[name]}), HOUSE), Refuse)


@pytest.mark.parametrize("name", UNUSED_BY_MARKETING)
def test_marketing_leaves_without_this_fact(name: str) -> None:
    assert isinstance(decide(a_message(**{name: DEFAULTS[name]}), HOUSE), Allow)


def test_every_fact_is_on_one_of_the_two_lists() -> None:
    assert {*MARKETING_NEEDS, *UNUSED_BY_MARKETING, "now"} == set(DEFAULTS)


@given(st.sets(st.sampled_from(MARKETING_NEEDS), min_size=1), st.sampled_from(["marketing", "custom:birthday"]))
def test_any_facts_missing_together_refuse(names: set[str], purpose: str) -> None:
    forgotten = {"purpose": purpose} | {name: DEFAULTS[name] for name in names}
    assert isinstance(decide(a_message(**forgotten), HOUSE), Refuse)


@pytest.mark.parametrize(
    ("policy", "spoilt"),
    [
        (Policy(tag_caps=(Cap(1, DAY),)), {"tag_recent": None}),
        (Policy(utility_obeys_caps=True), {"purpose": "utility", "recent": None}),
        (Policy(utility_needs_grant=True), {"purpose": "utility", "standing_deadline": MISSING}),
    ],
)
def test_a_policy_that_asks_more_needs_more(policy: Policy, spoilt: dict[str, Any]) -> None:
    assert decide(a_message(**spoilt), policy) == Refuse(
        Reason.FACTS_MISSING, detail=next(name for name in spoilt if name != "purpose")
    )
    assert isinstance(decide(a_message(**spoilt), HOUSE), Allow)


@pytest.mark.parametrize("name", ["address", "blocked_until", "number_hold"])
def test_even_an_acknowledgement_needs_to_know_where_it_goes(name: str) -> None:
    assert decide(a_reply(**{name: DEFAULTS[name]}), HOUSE) == Refuse(Reason.FACTS_MISSING, detail=name)


def test_a_moment_without_a_zone_is_no_moment() -> None:
    with pytest.raises(ValueError, match="naive"):
        Facts(now=datetime(2026, 11, 24, 9, 0))


def test_a_start_has_a_zone_or_is_on_everybodys_own_clock() -> None:
    with pytest.raises(ValueError, match="local_start"):
        Policy(earliest_start=datetime(2026, 11, 24, 9, 0))
    with pytest.raises(ValueError, match="earliest_start"):
        Policy(local_start=NOON)


def test_a_hold_needs_a_reason_to_hold() -> None:
    with pytest.raises(ValueError, match="tells how a message ended"):
        Hold(Reason.FAILED_AT_META, NOON + timedelta(hours=1))
