from __future__ import annotations

from datetime import date

import pytest

from consent.limits.countries import (
    ELSEWHERE,
    binding_rules,
    country_rules,
    day_hours,
    fasts,
    regions_known,
    with_rest_days,
)
from consent.limits.windows import CLOSED, in_words, parse_windows

MARKS = {"C", "S", "U", "custom"}


def test_every_row_says_where_it_comes_from_and_when_it_was_read() -> None:
    for rule in country_rules():
        assert rule.source, rule.region
        assert rule.mark in MARKS, rule.region
        assert rule.basis in {"law", "guideline", "practice", "house"}, rule.region
        assert date(2026, 1, 1) <= rule.read_on <= date(2026, 12, 31), rule.region


def test_no_region_has_two_rows_and_everywhere_else_has_one() -> None:
    regions = [rule.region for rule in country_rules()]
    assert len(regions) == len(set(regions))
    assert ELSEWHERE in regions


@pytest.mark.parametrize(
    ("region", "weekdays", "saturday", "sunday", "holidays"),
    [
        ("*", "09:00-20:00", "09:00-20:00", "09:00-20:00", None),
        ("TR", "09:00-20:00", "09:00-20:00", "closed", "closed"),
        ("US", "08:00-21:00", "08:00-21:00", "08:00-21:00", None),
        ("US-FL", "08:00-20:00", "08:00-20:00", "08:00-20:00", None),
        ("US-AL", "08:00-20:00", "08:00-20:00", "closed", None),
        ("US-CT", "09:00-20:00", "09:00-20:00", "09:00-20:00", None),
        ("US-KY", "10:00-21:00", "10:00-21:00", "10:00-21:00", None),
        ("US-CA", "09:00-21:00", "09:00-21:00", "09:00-21:00", None),
        ("US-TX", "09:00-21:00", "09:00-21:00", "12:00-21:00", None),
        ("US-RI", "09:00-18:00", "10:00-17:00", "10:00-17:00", None),
        ("FR", "08:00-22:00", "08:00-22:00", "closed", "closed"),
        ("AE", "07:00-21:00", "07:00-21:00", "07:00-21:00", None),
        ("IN", "10:00-21:00", "10:00-21:00", "10:00-21:00", None),
        ("GB", "08:00-20:00", "08:00-20:00", "08:00-20:00", None),
        ("BR", "09:00-21:00", "09:00-21:00", "09:00-21:00", None),
    ],
)
def test_the_hours_are_those_of_the_reference(
    region: str, weekdays: str, saturday: str, sunday: str, holidays: str | None
) -> None:
    hours = next(rule.hours for rule in country_rules() if rule.region == region)
    assert hours.weekdays == parse_windows(weekdays)
    assert hours.saturday == parse_windows(saturday)
    assert hours.sunday == parse_windows(sunday)
    assert hours.holidays == (None if holidays is None else parse_windows(holidays))


@pytest.mark.parametrize(
    ("region", "binding"),
    [
        ("TR", {"TR"}),
        ("US-FL", {"US", "US-FL"}),
        ("US-WY", {"US"}),
        ("MX", {"*"}),
        ("CA", {"CA"}),
        ("CA-ON", {"CA"}),
    ],
)
def test_a_state_stands_under_its_country_and_the_rest_under_the_common_row(region: str, binding: set[str]) -> None:
    assert {rule.region for rule in binding_rules(country_rules(), region)} == binding


def test_a_country_without_a_known_state_stands_under_all_its_states() -> None:
    binding = {rule.region for rule in binding_rules(country_rules(), "US")}
    assert {"US", "US-FL", "US-KY", "US-RI"} <= binding
    assert "*" not in binding


def test_a_business_may_open_its_own_rest_days() -> None:
    turkey = next(rule for rule in with_rest_days(country_rules(), "TR", "11:00-18:00") if rule.region == "TR")
    assert in_words(turkey.hours.sunday) == "11:00-18:00"
    assert turkey.hours.holidays == turkey.hours.sunday
    assert in_words(turkey.hours.weekdays) == "09:00-20:00"


@pytest.mark.parametrize(
    ("region", "complaint"), [("FR", "are law"), ("US-AL", "are law"), ("MX", "no hours for region")]
)
def test_a_business_may_not_open_what_is_law_or_unwritten(region: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        with_rest_days(country_rules(), region, "11:00-18:00")


def test_weekends_are_like_weekdays_unless_said() -> None:
    hours = day_hours("10:00-18:00", sunday="closed")
    assert (hours.saturday, hours.sunday, hours.holidays) == (parse_windows("10:00-18:00"), CLOSED, None)
    assert hours.on(date(2026, 11, 22)) == CLOSED
    assert hours.on(date(2026, 11, 21)) == hours.on(date(2026, 11, 23)) == parse_windows("10:00-18:00")


@pytest.mark.parametrize(
    ("regions", "known"),
    [
        ({"TR"}, True),
        ({"US-FL"}, True),
        ({"RU", "KZ"}, True),
        (set(), False),
        ({"ZZ"}, False),
        ({"001"}, False),
        ({"tr"}, False),
        ({"TR", ""}, False),
        ({"Turkey"}, False),
    ],
)
def test_a_region_is_a_country_or_a_state(regions: set[str], known: bool) -> None:
    assert regions_known(frozenset(regions)) is known


def test_the_fast_is_kept_in_turkey() -> None:
    fast = next(fast for fast in fasts() if fast.region == "TR")
    assert (fast.not_before, fast.minutes_before_sunset, fast.minutes_after_sunset) == (660, 30, 60)
