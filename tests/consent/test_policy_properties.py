"""What must hold whatever the facts are."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from consent.facts import AddressState, CampaignState, Facts, Hold, Policy
from consent.limits.countries import day_hours
from consent.limits.frequency import TICK, Cap
from consent.limits.quiet_hours import QuietHours
from consent.policy import Allow, Decision, Refuse, Wait, decide
from consent.reasons import Group, Reason, group_of
from tests.consent.facts_given import NOON, a_message

PLACES = [
    (frozenset({"Europe/Istanbul"}), frozenset({"TR"})),
    (frozenset({"Europe/Berlin"}), frozenset({"DE"})),
    (frozenset({"America/New_York", "America/Chicago"}), frozenset({"US-FL"})),
    (frozenset({"Australia/Lord_Howe"}), frozenset({"AU"})),
    (frozenset({"Europe/Kaliningrad", "Asia/Kamchatka"}), frozenset({"RU"})),
]
CLOCK_CHANGES = ["2026-03-08", "2026-11-01", "2026-03-29", "2026-10-25", "2026-04-04", "2026-10-03", "2026-10-28"]
MOMENTS = st.one_of(
    st.integers(0, 60 * 24 * 365).map(lambda minutes: NOON + timedelta(minutes=minutes)),
    st.tuples(st.sampled_from(CLOCK_CHANGES), st.integers(-1440, 1440)).map(
        lambda day: (
            NOON.replace(hour=0) + (datetime.fromisoformat(day[0]) - datetime(2026, 11, 24)) + timedelta(minutes=day[1])
        )
    ),
)
DISTANCES = st.integers(-60 * 24 * 8, 60 * 24 * 3).map(lambda minutes: timedelta(minutes=minutes))
STANDINGS = st.sampled_from(
    ["granted"] * 12 + ["none", "pending", "declined", "lapsed", "paused", "revoked", "expired", "erased"]
)
PURPOSES = st.sampled_from(["marketing"] * 4 + ["custom:birthday", "utility", "authentication", "service"])
RECENT = st.lists(st.integers(0, 60 * 24 * 35).map(lambda minutes: timedelta(minutes=minutes)), max_size=10)


@st.composite
def welcome_messages(draw: st.DrawFn) -> Facts:
    """Messages that only time stands in the way of."""
    now = draw(MOMENTS)
    zones, regions = draw(st.sampled_from(PLACES))
    return a_message(
        now=now,
        purpose=draw(PURPOSES),
        standing_deadline=draw(st.one_of(st.none(), st.none(), DISTANCES.map(lambda d: now + abs(d) * 4))),
        zones=zones,
        regions=regions,
        recent=tuple(now - age for age in draw(RECENT)),
        cool_until=draw(st.one_of(st.none(), DISTANCES.map(lambda d: now + d))),
        blocked_until=draw(st.one_of(st.none(), st.none(), DISTANCES.map(lambda d: now + d))),
        number_hold=draw(st.one_of(st.none(), DISTANCES.map(lambda d: Hold(Reason.NUMBER_HELD, now + d)))),
        expires_at=now + abs(draw(DISTANCES)) * 6 + TICK,
    )


@st.composite
def messages(draw: st.DrawFn) -> Facts:
    """Messages that anything may stand in the way of."""
    welcome = draw(welcome_messages())
    return replace(
        welcome,
        standing=draw(STANDINGS),
        suppressed=draw(st.sampled_from([False] * 9 + [True])),
        open_message=draw(st.sampled_from([False] * 9 + [True])),
        number_hold=draw(st.one_of(st.just(welcome.number_hold), st.just(Hold(Reason.NUMBER_HELD)))),
        free_form=draw(st.sampled_from([False] * 4 + [True])),
        last_inbound_at=draw(st.one_of(st.none(), DISTANCES.map(lambda d: welcome.now + d))),
    )


CAPS = st.lists(
    st.builds(Cap, st.integers(1, 8), st.integers(1, 20).map(lambda half: timedelta(hours=12 * half))), max_size=3
).map(tuple)
NARROWING = st.builds(
    lambda start, length: day_hours(f"{start:02}:00-{min(24, start + length):02}:00", sunday="closed"),
    st.integers(0, 20),
    st.integers(3, 24),
)
POLICIES = st.builds(
    lambda caps, narrow, strict, start: Policy(
        caps=caps,
        quiet_hours=QuietHours(narrowing=narrow),
        utility_obeys_quiet_hours=strict,
        utility_obeys_caps=strict,
        earliest_start=start,
    ),
    CAPS,
    st.lists(NARROWING, max_size=1).map(tuple),
    st.booleans(),
    st.one_of(st.none(), MOMENTS),
)


def later(facts: Facts, moment: datetime) -> Facts:
    return replace(facts, now=moment)


def allowed(decision: Decision) -> bool:
    return isinstance(decision, Allow)


@given(welcome_messages(), POLICIES, st.lists(st.integers(0, 999), max_size=12))
def test_the_promised_moment_is_open_and_no_earlier_one_is(facts: Facts, policy: Policy, samples: list[int]) -> None:
    until = promised(decide(facts, policy))
    assume(until is not None)
    assert until is not None
    assert allowed(decide(later(facts, until), policy))
    for moment in [until - TICK, *(facts.now + (until - facts.now) * thousandth // 1000 for thousandth in samples)]:
        assert promised(decide(later(facts, moment), policy)) == until


def promised(decision: Decision) -> datetime | None:
    return decision.until if isinstance(decision, Wait) else None


@given(welcome_messages(), POLICIES, st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_what_is_expired_could_never_have_left(facts: Facts, policy: Policy, samples: list[float]) -> None:
    decision = decide(facts, policy)
    assume(isinstance(decision, Refuse) and decision.reason is Reason.EXPIRED)
    assert facts.expires_at is not None
    length = max(facts.expires_at - facts.now, timedelta(0)) + timedelta(days=1)
    assert not any(allowed(decide(later(facts, facts.now + length * part), policy)) for part in samples)


@given(messages(), POLICIES, DISTANCES)
def test_a_refusal_never_turns_into_a_yes_by_waiting(facts: Facts, policy: Policy, distance: timedelta) -> None:
    assume(isinstance(decide(facts, policy), Refuse))
    assert isinstance(decide(later(facts, facts.now + abs(distance)), policy), Refuse)


@given(messages(), POLICIES, st.sampled_from(["revoked", "declined", "paused", "erased"]), st.booleans())
def test_after_a_withdrawal_the_answer_is_always_no(
    facts: Facts, policy: Policy, standing: str, is_reply: bool
) -> None:
    assert isinstance(decide(replace(facts, standing=standing, is_reply=is_reply), policy), Refuse)


@given(messages(), POLICIES)
def test_marketing_never_leaves_without_naming_its_permission(facts: Facts, policy: Policy) -> None:
    decision = decide(facts, policy)
    if allowed(decision) and facts.purpose in {"marketing", "custom:birthday"}:
        assert isinstance(decision, Allow)
        assert facts.standing == "granted"
        assert (decision.event_seq, decision.event_hash) == (facts.event_seq, facts.event_hash)


@given(messages(), CAPS, NARROWING, CAPS)
def test_a_narrower_policy_never_allows_more(
    facts: Facts, caps: tuple[Cap, ...], narrow: object, further: tuple[Cap, ...]
) -> None:
    wide = Policy(caps=caps)
    narrowed = Policy(caps=caps + further, quiet_hours=QuietHours(narrowing=(narrow,)))  # type: ignore[arg-type]
    first, second = decide(facts, wide), decide(facts, narrowed)
    if allowed(second):
        assert allowed(first)
    if isinstance(second, Wait) and isinstance(first, Wait) and first.until and second.until:
        assert second.until >= first.until


@given(messages(), POLICIES, st.randoms(use_true_random=False))
def test_the_order_of_the_last_sends_does_not_matter(facts: Facts, policy: Policy, dice: object) -> None:
    assert facts.recent is not None
    shuffled = list(facts.recent)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert decide(replace(facts, recent=tuple(shuffled)), policy) == decide(facts, policy)


@given(messages(), POLICIES)
def test_the_same_facts_give_the_same_answer_of_the_right_group(facts: Facts, policy: Policy) -> None:
    decision = decide(facts, policy)
    assert decision == decide(facts, policy)
    if isinstance(decision, Wait):
        assert group_of(decision.reason) is Group.WAITING
    if isinstance(decision, Refuse):
        assert group_of(decision.reason) is Group.REFUSED
        assert decision.because is None or group_of(decision.because) is Group.WAITING


@given(messages(), POLICIES, st.sampled_from([AddressState.NONE, AddressState.INVALID, AddressState.SUSPECT]))
def test_nobody_is_written_to_where_they_cannot_be_reached(facts: Facts, policy: Policy, address: AddressState) -> None:
    assert isinstance(decide(replace(facts, address=address), policy), Refuse)
    assert isinstance(decide(replace(facts, campaign=CampaignState.CANCELLED), policy), Refuse)
