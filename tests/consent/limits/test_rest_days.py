from __future__ import annotations

import sys
from datetime import date

import pytest

from consent.limits.rest_days import first_day_of, rest_day

TURKEY_2026 = [
    *["2026-01-01", "2026-03-20", "2026-03-21", "2026-03-22", "2026-04-23", "2026-05-01", "2026-05-19"],
    *["2026-05-27", "2026-05-28", "2026-05-29", "2026-05-30", "2026-07-15", "2026-08-30", "2026-10-29"],
]
TURKEY_2027 = [
    *["2027-01-01", "2027-03-09", "2027-03-10", "2027-03-11", "2027-04-23", "2027-05-01", "2027-05-16"],
    *["2027-05-17", "2027-05-18", "2027-05-19", "2027-07-15", "2027-08-30", "2027-10-29"],
]
TURKEY_HALF = ["2026-03-19", "2026-05-26", "2026-10-28", "2027-03-08", "2027-05-15", "2027-10-28"]


@pytest.mark.parametrize("day", TURKEY_2026 + TURKEY_2027)
def test_turkey_rests_on_its_official_holidays(day: str) -> None:
    holiday = rest_day("TR", date.fromisoformat(day))
    assert holiday is not None
    assert not holiday.half


@pytest.mark.parametrize("day", TURKEY_HALF)
def test_turkey_rests_half_a_day_on_the_eves(day: str) -> None:
    holiday = rest_day("TR", date.fromisoformat(day))
    assert holiday is not None
    assert holiday.half


def test_turkey_has_no_other_holidays_in_these_years() -> None:
    days = [date.fromordinal(day) for day in range(date(2026, 1, 1).toordinal(), date(2028, 1, 1).toordinal())]
    found = {str(day) for day in days if rest_day("TR", day)}
    assert found == {*TURKEY_2026, *TURKEY_2027, *TURKEY_HALF}


@pytest.mark.parametrize(
    ("region", "day", "is_holiday"),
    [
        ("FR", "2026-07-14", True),
        ("FR", "2026-07-15", False),
        ("US-AL", "2026-07-04", True),
        ("US-QQ", "2026-12-25", True),
        ("QQ", "2026-01-01", False),
    ],
)
def test_other_regions_rest_on_their_own_days(region: str, day: str, is_holiday: bool) -> None:
    assert (rest_day(region, date.fromisoformat(day)) is not None) is is_holiday


def test_a_lunar_feast_far_ahead_is_marked_as_estimated() -> None:
    near, far = rest_day("TR", date(2026, 3, 20)), rest_day("TR", date(2034, 12, 12))
    assert near is not None
    assert not near.estimated
    assert far is not None
    assert far.estimated


def test_names_do_not_follow_the_machines_language(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("LANGUAGE", "LC_ALL", "LANG"):
        monkeypatch.setenv(variable, "tr_TR.UTF-8")
    assert first_day_of("Eid al-Fitr", "TR", 2031) == (date(2031, 1, 24),)


@pytest.mark.parametrize(
    ("year", "first_days"),
    [(2026, ["2026-03-20"]), (2027, ["2027-03-09"]), (2033, ["2033-01-02", "2033-12-23"])],
)
def test_a_lunar_feast_may_come_twice_a_year(year: int, first_days: list[str]) -> None:
    assert [str(day) for day in first_day_of("Eid al-Fitr", "TR", year)] == first_days


def test_one_country_is_asked_for_without_importing_all_of_them() -> None:
    assert rest_day("TR", date(2026, 10, 29)) is not None
    assert "holidays.countries.turkey" in sys.modules
    assert not hasattr(sys.modules["holidays.countries"], "Turkey")
