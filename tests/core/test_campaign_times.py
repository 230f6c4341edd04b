"""A campaign's times in its file: the start on each person's own clock, and coming round again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from gateway.core.campaign import CampaignPlan, edition, first_start, parse_campaign, restored, scheduled

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LEAST = {"name": "Bülten", "segment": "everyone", "template": "spring_offer", "expires": "3 days"}
MONDAYS = "0 0 * * mon Europe/Istanbul"


def plan(**fields: Any) -> CampaignPlan:
    made = parse_campaign(json.dumps(LEAST | fields, ensure_ascii=False), "yaml", now=NOW)
    assert isinstance(made, CampaignPlan), [problem.sentence() for problem in made]
    return made


def wrong(language: str = "en", **fields: Any) -> str:
    made = parse_campaign(json.dumps(LEAST | fields, ensure_ascii=False), "yaml", now=NOW)
    assert isinstance(made, list)
    return " ".join(problem.sentence(language) for problem in made)


def test_a_start_on_each_persons_own_clock_begins_where_the_day_begins() -> None:
    made = plan(local_start="2026-12-01 10:00")
    assert made.local_start == datetime(2026, 12, 1, 10)
    assert made.start == datetime(2026, 11, 30, 20, tzinfo=UTC)  # 10:00 in UTC+14
    assert restored(made.written) == made


def test_a_start_that_is_given_stays_beside_it() -> None:
    made = plan(local_start="2026-12-01T10:00", start="2026-12-01 09:00 Europe/Istanbul")
    assert made.start == datetime(2026, 12, 1, 6, tzinfo=UTC)


def test_one_that_has_begun_in_the_east_starts_now() -> None:
    assert plan(local_start="2026-11-22 12:00").start == NOW


@pytest.mark.parametrize("written", ["2026-12-01 10:00+03:00", "2026-12-01", "tomorrow", "10 Europe/Istanbul", "25:00"])
def test_it_is_a_wall_clock_without_zone(written: str) -> None:
    assert "each person's own clock" in wrong(local_start=written)
    assert "saatiyle" in wrong("tr", local_start=written)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"local_start": "2026-11-20 10:00"}, "in the past wherever people are"),
        ({"local_start": "2026-12-01 10:00", "expires": "20 hours"}, "at least 27 hours"),
        ({"local_start": "2026-12-01 10:00", "expires": "2026-12-01T12:00Z"}, "at least 27 hours"),
        ({"local_start": "10:00"}, "Write the day too"),
        ({"local_start": "2026-12-01 10:00", "repeats": MONDAYS}, "write the time alone"),
        ({"repeats": MONDAYS, "expires": "2026-12-01T12:00Z"}, "how long each edition lasts"),
        ({"repeats": MONDAYS, "name": "x" * 81}, "at most 80 characters"),
        ({"repeats": "every monday"}, "Write “minute hour day month weekday zone”"),
    ],
)
def test_times_that_do_not_go_together_are_named(fields: dict[str, Any], says: str) -> None:
    assert says in wrong(**fields)


def test_a_recurring_plan_is_read_back_as_it_was() -> None:
    made = plan(repeats=MONDAYS, local_start="10:00")
    assert made.local_start == time(10)
    assert restored(made.written) == made


def test_each_edition_is_a_plan_of_its_own_that_reads_back() -> None:
    made = plan(repeats=MONDAYS, local_start="10:00")
    occurrence = first_start(made, NOW)
    assert occurrence == datetime(2026, 11, 22, 21, tzinfo=UTC)  # Monday begins in Istanbul
    one = edition(made, occurrence)
    assert (one.name, one.start, one.repeats) == ("Bülten 2026-11-23 00:00", occurrence, None)
    assert one.local_start == datetime(2026, 11, 23, 10)
    assert one.expiry(occurrence) == occurrence + timedelta(days=3)
    assert restored(one.written) == one


def test_a_plan_that_does_not_repeat_is_its_own_edition() -> None:
    made = plan(start="in 2 h")
    assert edition(made, NOW) == made
    assert first_start(made, NOW) == NOW


def test_scheduling_keeps_the_rest_of_a_recurring_plan() -> None:
    made = plan(repeats=MONDAYS)
    later = NOW + timedelta(days=30)
    assert replace(scheduled(made, later), start=None) == made
