"""The dry run is the run: what it says of each reason is what then happens, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.actions.dry_run import WOULD_LEAVE
from tests.given import Given
from tests.random_worlds import first_pass, in_a_world, rehearsed

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def test_the_sums_are_the_audience(gateway: Given) -> None:
    for opted_in in ("marketing", "marketing", None):
        gateway.person(opted_in)
    run = rehearsed(gateway, gateway.plan())
    assert run.audience == sum(run.by_reason.values()) == sum(run.by_outcome.values()) == 3
    assert run.by_reason == {WOULD_LEAVE: 2, "no_consent": 1}


def test_nothing_is_written(gateway: Given) -> None:
    ayse = gateway.person()
    planned = gateway.plan()
    rehearsed(gateway, planned)
    assert gateway.counts(planned) == {}
    assert gateway.told(ayse) == []


def test_a_shut_cap_says_when_it_opens(gateway: Given) -> None:
    ayse = gateway.person(zone="Europe/Istanbul")
    gateway.campaign("first")
    gateway.work()
    second = gateway.plan("second")
    run = rehearsed(gateway, second)
    assert run.by_reason == {"frequency_cap": 1}
    assert run.samples == {"frequency_cap": [ayse.subject.id]}
    assert gateway.now + DAY - timedelta(minutes=15) <= run.first_wait["frequency_cap"]
    assert run.last_wait["frequency_cap"] <= gateway.now + DAY + timedelta(minutes=15)


def test_a_cap_that_opens_after_the_end_expires(gateway: Given) -> None:
    gateway.person()
    gateway.campaign("first")
    gateway.work()
    short = gateway.plan("second", expires="20 hours")
    assert rehearsed(gateway, short).by_reason == {"expired": 1}


def test_a_quarter_in_which_the_answer_changes_is_looked_at_person_by_person(gateway: Given) -> None:
    """The cap opens for one just before quiet hours begin, for the other just after them, and then it is over."""
    gateway.clock.moment = gateway.now.replace(hour=16, minute=50)
    early = gateway.person(zone="Europe/Istanbul")
    gateway.campaign("first")
    gateway.work()
    late = gateway.person(zone="Europe/Istanbul")
    gateway.clock.moment += timedelta(minutes=8)
    gateway.campaign("for the other")
    gateway.work()
    assert gateway.told(late) == ["spring_offer"]
    gateway.clock.moment += HOUR
    last = gateway.campaign("second", expires="23 hours", quiet_hours="09:00-19:55")
    run = rehearsed(gateway, last)
    gateway.work()
    assert run.by_reason == first_pass(gateway, last)
    assert early != late


def test_a_missing_field_without_fallback_is_counted(gateway: Given) -> None:
    gateway.person(store="Moda")
    gateway.person(name=None)
    parameters = {
        "season": {"tr": "Bahar", "en": "spring"},
        "first_name": "{person.first_name}",
        "store": "{person.store}",
    }
    run = rehearsed(gateway, gateway.plan(parameters=parameters))
    assert run.by_reason == {WOULD_LEAVE: 1, "parameter_missing": 1}


def test_a_value_that_is_far_too_long_is_found_for_the_one_person(gateway: Given) -> None:
    for _ in range(3):
        gateway.person()
    gateway.person(store="x" * 1100)
    run = rehearsed(gateway, gateway.plan())
    assert run.by_reason == {WOULD_LEAVE: 3, "parameter_too_long": 1}
    assert run.one_by_one == 1


def test_a_stop_in_between_is_the_difference_and_has_its_name(gateway: Given) -> None:
    people = [gateway.person() for _ in range(3)]
    spring = gateway.campaign()
    run = rehearsed(gateway, spring)
    gateway.launch()
    gateway.says(people[0], "DUR")
    gateway.work()
    assert run.by_reason == {WOULD_LEAVE: 3}
    assert gateway.message(people[0], spring).reason == "consent_revoked"
    assert first_pass(gateway, spring) == {WOULD_LEAVE: 2, "consent_revoked": 1}


@pytest.mark.parametrize("seed", range(10))
def test_in_any_world_the_run_equals_the_dry_run(gateway: Given, seed: int) -> None:
    """A thousand of them: `python -m tests.bench worlds`."""
    assert in_a_world(gateway, seed).unnamed == []
