"""The planner against a clock that goes minute by minute and knows nothing but the rules as they are written.

The oracle shares no code with consent/limits: it counts messages, reads wall clocks and looks holidays up in a list.
Only the minute of sunset is taken from there; limits/test_ramadan.py holds that against an almanac.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from consent.facts import Facts, Policy
from consent.limits.countries import country_rules, fasts, with_rest_days
from consent.limits.frequency import Cap
from consent.limits.quiet_hours import QuietHours
from consent.limits.ramadan import sunset_minutes
from consent.policy import Allow, Refuse, Wait, decide
from consent.reasons import Reason
from tests.consent.facts_given import a_message

MINUTE = timedelta(minutes=1)

HOUSE_HOURS = {
    # region: (weekdays, Saturday, Sunday), hours of the wall clock
    "TR": ((9, 20), (9, 20), None),
    "FR": ((8, 22), (8, 22), None),
    "DE": ((8, 20), (8, 20), (8, 20)),
    "US-FL": ((8, 20), (8, 20), (8, 20)),
    "US-TX": ((9, 21), (9, 21), (12, 21)),
    "AU": ((8, 20), (8, 20), (8, 20)),
    "KZ": ((9, 20), (9, 20), (9, 20)),
}
HOLIDAYS = {
    "TR": {
        *["2026-03-20", "2026-03-21", "2026-03-22", "2026-04-23", "2026-05-01", "2026-05-19", "2026-05-27"],
        *["2026-05-28", "2026-05-29", "2026-05-30", "2026-07-15", "2026-08-30", "2026-10-29", "2027-01-01"],
        *["2027-03-09", "2027-03-10", "2027-03-11", "2026-01-01"],
    },
    "FR": {
        *["2026-01-01", "2026-04-06", "2026-05-01", "2026-05-08", "2026-05-14", "2026-05-25", "2026-07-14"],
        *["2026-08-15", "2026-11-01", "2026-11-11", "2026-12-25", "2027-01-01", "2027-03-29"],
    },
}
AFTERNOONS_OFF = {"TR": {"2026-03-19", "2026-05-26", "2026-10-28", "2027-03-08"}}

RAMADAN = [("2026-02-18", "2026-03-19"), ("2027-02-07", "2027-03-08")]
"""The months as kept here: nothing before 11:00, or from 30 minutes before sunset until 60 after it."""

SUNSETS = {
    str(day): sunset_minutes(next(fast for fast in fasts() if fast.region == "TR"), day)
    for day in (date(2026, 2, 10) + timedelta(days=ahead) for ahead in range(400))
}
"""When the sun sets first and last in the country, in minutes of its day."""

REST_HOURS = (11, 18)
RESTING = QuietHours(rules=with_rest_days(country_rules(), "TR", "11:00-18:00"))
FASTING = QuietHours(keep_ramadan=True)
BOTH = QuietHours(rules=RESTING.rules, keep_ramadan=True)

PLACES = [
    (("Europe/Istanbul",), "TR"),
    (("Europe/Paris",), "FR"),
    (("Europe/Berlin",), "DE"),
    (("America/New_York", "America/Chicago"), "US-FL"),
    (("America/Chicago", "America/Denver"), "US-TX"),
    (("Australia/Lord_Howe", "Australia/Perth"), "AU"),
    (("Europe/Kaliningrad", "Asia/Yekaterinburg", "Asia/Kamchatka"), "KZ"),
]
EVENTFUL_DAYS = [
    *["2026-03-06", "2026-03-18", "2026-03-27", "2026-04-03", "2026-05-25", "2026-07-13", "2026-10-02"],
    *["2026-02-16", "2026-10-23", "2026-10-27", "2026-10-30", "2026-11-24", "2026-12-30", "2027-01-30", "2027-03-07"],
]


def awake(moment: datetime, zone: str, region: str, house: QuietHours) -> bool:
    wall = moment.astimezone(ZoneInfo(zone))
    if house.keep_ramadan and region == "TR" and fasting(wall):
        return False
    hours = hours_of(wall, region, REST_HOURS if region == "TR" and house in (RESTING, BOTH) else None)
    return hours is not None and hours[0] <= wall.hour < hours[1]


def hours_of(wall: datetime, region: str, resting: tuple[int, int] | None) -> tuple[int, int] | None:
    """The hours that count at this moment of that region's clock; `resting` stands in for its Sundays and holidays."""
    day = str(wall.date())
    weekdays, saturday, sunday = HOUSE_HOURS[region]
    if day in HOLIDAYS.get(region, ()) or (day in AFTERNOONS_OFF.get(region, ()) and wall.hour >= 13):
        return resting
    if wall.weekday() == 6:
        return resting or sunday
    return saturday if wall.weekday() == 5 else weekdays


def fasting(wall: datetime) -> bool:
    if not any(first <= str(wall.date()) <= last for first, last in RAMADAN):
        return False
    minute, (first, last) = wall.hour * 60 + wall.minute, SUNSETS[str(wall.date())]
    return wall.hour < 11 or first - 30 <= minute < last + 60


def may_leave(facts: Facts, policy: Policy, moment: datetime) -> bool:
    """Everything that an allowed moment has to satisfy, spelt out."""
    assert facts.recent is not None
    for cap in policy.caps + policy.ceilings:
        if sum(moment - cap.period <= send for send in facts.recent) >= cap.count:
            return False
    if facts.cool_until is not None and moment < facts.cool_until:
        return False
    if policy.earliest_start is not None and moment < policy.earliest_start:
        return False
    if policy.local_start is not None and any(
        moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) < policy.local_start for zone in facts.zones
    ):
        return False
    return all(awake(moment, zone, region, policy.quiet_hours) for zone in facts.zones for region in facts.regions)


def first_minute(facts: Facts, policy: Policy) -> datetime | None:
    """The first whole minute before the campaign's end at which the message may leave."""
    assert facts.expires_at is not None
    minute = facts.now
    while minute < facts.expires_at:
        if may_leave(facts, policy, minute):
            return minute
        minute += MINUTE
    return None


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Facts, Policy]:
    zones, region = draw(st.sampled_from(PLACES))
    day = date.fromisoformat(draw(st.sampled_from(EVENTFUL_DAYS)))
    now = datetime(day.year, day.month, day.day, tzinfo=UTC) + draw(st.integers(0, 1439)) * MINUTE
    ages = draw(st.lists(st.integers(0, 60 * 24 * 8), max_size=7))
    facts = a_message(
        now=now,
        zones=frozenset(zones),
        regions=frozenset({region}),
        recent=tuple(now - age * MINUTE for age in ages),
        cool_until=draw(st.one_of(st.none(), st.integers(-60, 60 * 40).map(lambda ahead: now + ahead * MINUTE))),
        expires_at=now + draw(st.integers(1, 60 * 24 * 6)) * MINUTE,
    )
    return facts, draw(policies(now))


def policies(now: datetime) -> st.SearchStrategy[Policy]:
    ahead = st.integers(-60 * 6, 60 * 30).map(lambda minutes: minutes * MINUTE)
    return st.builds(
        lambda hours, caps, start, local: Policy(quiet_hours=hours, caps=caps, earliest_start=start, local_start=local),
        st.sampled_from([QuietHours(), RESTING, FASTING, BOTH]),
        st.sampled_from([(Cap(1, timedelta(days=1)), Cap(2, timedelta(days=7))), (Cap(2, timedelta(hours=30)),), ()]),
        st.one_of(st.none(), ahead.map(lambda length: now + length)),
        st.one_of(st.none(), ahead.map(lambda length: now.replace(tzinfo=None) + length)),
    )


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_the_planner_keeps_every_rule_and_is_never_a_minute_late(world: tuple[Facts, Policy]) -> None:
    facts, policy = world
    best = first_minute(facts, policy)
    match decide(facts, policy):
        case Allow():
            assert best == facts.now
        case Wait(until, _):
            assert until is not None
            assert until > facts.now
            assert may_leave(facts, policy, until)
            assert best is None or timedelta(0) <= best - until < MINUTE  # the oracle knows whole minutes only
            assert best is not None or facts.expires_at is None or facts.expires_at - until < MINUTE
        case Refuse(reason, _):
            assert reason is Reason.EXPIRED
            assert best is None
