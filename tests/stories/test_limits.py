"""Caps, quiet hours and windows as people feel them, on both databases and under many workers."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import OperationalError

from consent.tables import table_of
from gateway.actions.dry_run import WOULD_LEAVE, dry_run
from gateway.actions.keep_budget import DailyLimit
from gateway.actions.policies import Policies
from gateway.actions.release_messages import release_messages
from gateway.actions.request_optin import request_optins
from gateway.actions.run_campaign import schedule_campaign
from gateway.core.message import State
from gateway.storage import contacts, templates
from gateway.storage.tables import PersonRow
from gateway.storage.templates import SendingNumber
from gateway.whatsapp.messenger import Failed
from tests.given import NUMBER_ID, TUESDAY, Given

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NUMBERS = (NUMBER_ID, "2000", "3000", "4000")


def obey(gateway: Given, **settings: Any) -> None:
    gateway.settings = replace(gateway.settings, **settings)
    gateway.policies = Policies(gateway.settings)


# Under many workers


def released_by_many(gateway: Given, rounds: int = 6, people_per_day: int | None = None) -> list[int]:
    """Everybody whom four workers, each with a number of its own, let a message go to at the same moment."""
    start = Barrier(len(NUMBERS))

    def work(number: str) -> list[int]:
        start.wait()
        found: list[int] = []
        daily_limit = None if people_per_day is None else DailyLimit(people_per_day)
        for _ in range(rounds):
            policies = Policies(gateway.settings)
            released = gateway.database.run(
                lambda c, p=policies: release_messages(c, number, p, gateway.now, 7, None, daily_limit)  # type: ignore[misc]
            )
            found += [outgoing.subject_id for outgoing in released.outgoing]
        return found

    with ThreadPoolExecutor(len(NUMBERS)) as workers:
        return [subject for found in workers.map(work, NUMBERS) for subject in found]


def campaigns_on_every_number(gateway: Given) -> None:
    with gateway.database.write() as connection:
        known = [SendingNumber(number, None, "GREEN", 80) for number in NUMBERS]
        templates.add_numbers(connection, known, gateway.now)
    for place, number in enumerate(NUMBERS):
        gateway.campaign(f"campaign {place}", number=number, expires="9 days")
    gateway.launch()


def settle_all(gateway: Given) -> None:
    """Meta took everything that is under way."""
    with gateway.database.write() as connection:
        connection.execute(text("UPDATE message SET state = 'accepted' WHERE state = 'sending'"))


@pytest.mark.parametrize(("caps", "each"), [("1/day", 1), ("2/day", 2), ("1/day, 2/week", 1)])
def test_no_cap_is_passed_by_any_number_of_workers(gateway: Given, caps: str, each: int) -> None:
    obey(gateway, caps=caps)
    people = {gateway.person().subject.id for _ in range(12)}
    campaigns_on_every_number(gateway)
    sent: Counter[int] = Counter()
    for _ in range(4):
        round_of = Counter(released_by_many(gateway))
        assert max(round_of.values(), default=0) <= 1, "two messages to one person were under way together"
        sent += round_of
        settle_all(gateway)
        with gateway.database.write() as connection:  # whoever waited for the other message is looked at again
            connection.execute(
                text("UPDATE message SET due_at = queued_at WHERE state = 'queued' AND reason = 'message_in_flight'")
            )
    assert set(sent) == people
    assert set(sent.values()) == {each}


def test_the_daily_limit_is_one_for_all_numbers_and_workers(gateway: Given) -> None:
    for _ in range(20):
        gateway.person()
    campaigns_on_every_number(gateway)
    reached = released_by_many(gateway, people_per_day=10)
    assert len(reached) == len(set(reached)) == 10


def test_near_the_daily_limit_two_releases_do_not_count_at_once(gateway: Given) -> None:
    if gateway.database.is_sqlite:
        pytest.skip("SQLite has one writer anyway")
    with gateway.database.write() as one, gateway.database.write() as other:
        DailyLimit(10).left(one, gateway.now)
        other.execute(text("SET LOCAL lock_timeout = '1ms'"))
        with pytest.raises(OperationalError, match="lock timeout"):
            DailyLimit(10).left(other, gateway.now)
        other.rollback()


def test_confirmations_may_spend_the_reserve_and_stop_at_the_daily_limit(gateway: Given) -> None:
    ayse = gateway.person()
    gateway.campaign()
    gateway.launch()
    strangers = [gateway.person(opted_in=None).subject.id for _ in range(45)]
    gateway.database.run(lambda c: request_optins(c, strangers, gateway.settings, gateway.now, "deniz"))
    limit = DailyLimit(40)

    def leaves() -> Counter[str]:
        released = gateway.database.run(
            lambda c: release_messages(c, NUMBER_ID, gateway.policies, gateway.now, 30, None, limit)
        )
        return Counter(outgoing.template or "an answer" for outgoing in released.outgoing)

    together = leaves() + leaves() + leaves()
    assert together == {"confirm_optin": 39, "spring_offer": 1}
    gateway.says(ayse, "dur")
    gateway.drain()
    assert leaves() == {"an answer": 1}


def test_a_place_is_given_back_when_a_message_fails(gateway: Given) -> None:
    ayse = gateway.person()
    gateway.meta.answer = lambda outgoing: Failed(131_026, "undeliverable")
    gateway.campaign("first")
    gateway.work()
    gateway.meta.answer = None
    gateway.campaign("second")
    gateway.work()
    assert len(gateway.told(ayse)) == 2


def test_of_two_campaigns_the_more_important_takes_the_place(gateway: Given) -> None:
    ayse = gateway.person()
    lesser, greater = gateway.campaign("lesser"), gateway.campaign("greater", priority=10)
    gateway.work()
    assert gateway.message(ayse, greater).state is State.ACCEPTED
    assert gateway.message(ayse, lesser).reason == "frequency_cap"


# Caps of a tag


def test_a_tags_cap_counts_only_messages_with_the_tag(gateway: Given) -> None:
    obey(gateway, caps="5/day", tag_caps="newsletter 1/week")
    ayse = gateway.person()
    first = gateway.campaign("first", tags=["newsletter"], expires="10 days")
    gateway.work()
    second = gateway.campaign("second", tags=["newsletter", "spring"], expires="10 days")
    other = gateway.campaign("other", tags=["spring"], expires="10 days")
    gateway.clock.moment += HOUR
    gateway.work()
    assert gateway.message(ayse, first).state is State.ACCEPTED
    assert gateway.message(ayse, other).state is State.ACCEPTED
    assert gateway.message(ayse, second).reason == "frequency_cap"
    gateway.run_until(TUESDAY + 8 * DAY)
    assert gateway.message(ayse, second).state is State.ACCEPTED


# Quiet hours


ISTANBUL_MORNING = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)


def test_a_campaign_can_only_narrow_the_hours(gateway: Given) -> None:
    ayse = gateway.person(zone="Europe/Istanbul")
    gateway.clock.moment = TUESDAY.replace(hour=17, minute=30)  # 20:30
    spring = gateway.campaign(quiet_hours="00:00-24:00")
    gateway.work()
    told = gateway.message(ayse, spring)
    assert (told.reason, told.due_at) == ("quiet_hours", ISTANBUL_MORNING)


@pytest.mark.parametrize(
    ("settings", "opens"),
    [
        ({}, datetime(2026, 10, 30, 6, tzinfo=UTC)),
        ({"rest_days": (("TR", "11:00-18:00"),)}, datetime(2026, 10, 28, 11, tzinfo=UTC)),
    ],
)
def test_a_turkish_half_holiday_rests_from_one_oclock_unless_rest_days_are_opened(
    gateway: Given, settings: dict[str, Any], opens: datetime
) -> None:
    """28 October is half a holiday, 29 October a whole one (Law 2429)."""
    obey(gateway, **settings)
    ayse = gateway.person(zone="Europe/Istanbul", since=datetime(2026, 9, 1, tzinfo=UTC))
    gateway.clock.moment = datetime(2026, 10, 28, 11, tzinfo=UTC)  # 14:00
    spring = gateway.campaign(expires="5 days")
    gateway.work()
    gateway.run_until(gateway.now + 4 * DAY)
    accepted = gateway.message(ayse, spring).accepted_at
    assert accepted == opens


@pytest.mark.parametrize(("kept", "reason"), [(True, "quiet_hours"), (False, None)])
def test_ramadan_is_kept_only_where_asked_for(gateway: Given, kept: bool, reason: str | None) -> None:
    gateway.clock.moment = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)  # 09:30 in the fasting month
    obey(gateway, ramadan=kept)
    ayse = gateway.person(zone="Europe/Istanbul", since=datetime(2026, 1, 1, tzinfo=UTC))
    spring = gateway.campaign()
    gateway.work()
    assert gateway.message(ayse, spring).reason == reason


# Utility


def utility_campaign(gateway: Given) -> Any:
    """A utility campaign of the practice world's template, whatever its holes are called."""
    with gateway.database.read() as connection:
        stored = next(t for t in templates.all_templates(connection) if t.category == "UTILITY")
    from gateway.core.template import Template, from_meta, placeholders

    template = from_meta({**stored.definition, "status": "APPROVED", "category": "UTILITY"})
    assert isinstance(template, Template)
    parameters = {hole.key: "1" for hole in placeholders(template) if hole.required}
    return gateway.plan("order", template={"name": stored.name, "languages": [stored.language]},
                        parameters=parameters, link=None)  # fmt: skip


@pytest.mark.parametrize(
    ("rules", "reason"),
    [((), None), (("hours",), "quiet_hours"), (("consent",), "no_consent"), (("window",), "window_closed")],
)
def test_utility_obeys_what_the_house_says(gateway: Given, rules: tuple[str, ...], reason: str | None) -> None:
    obey(gateway, utility_obeys=rules)
    ayse = gateway.person(None, zone="Asia/Tokyo")
    planned = utility_campaign(gateway)
    with gateway.database.write() as connection:
        schedule_campaign(connection, planned, None, gateway.now)
    gateway.work()
    assert gateway.message(ayse, planned).reason == reason


# The registry


def test_people_whom_the_registry_has_not_proven_are_refused_where_that_is_required(gateway: Given) -> None:
    obey(gateway, iys_required=True)
    ayse = gateway.person()
    spring = gateway.campaign()
    gateway.work()
    assert gateway.message(ayse, spring).reason == "registry_unproven"


@pytest.mark.parametrize(("required", "verdict"), [(False, "ret"), (True, "ret"), (True, "onay")])
def test_a_verdict_of_the_registry_counts_whatever_is_required(gateway: Given, required: bool, verdict: str) -> None:
    obey(gateway, iys_required=required)
    ayse = gateway.person(zone="Europe/Istanbul")
    with gateway.database.write() as connection:
        connection.execute(update(table_of(PersonRow)).values(iys=verdict))
    spring = gateway.campaign()
    with gateway.database.read() as connection:
        run = dry_run(connection, spring, gateway.policies, gateway.now)
    gateway.work()
    refused = verdict == "ret"
    assert run.by_reason == {"registry_refused" if refused else WOULD_LEAVE: 1}
    assert gateway.message(ayse, spring).reason == ("registry_refused" if refused else None)


# A late start


@pytest.mark.parametrize(("late", "starts"), [("start", True), ("cancel", False), ("cancel after 3 h", True)])
def test_a_start_that_was_missed_follows_the_campaigns_word(gateway: Given, late: str, starts: bool) -> None:
    ayse = gateway.person(zone="Europe/Istanbul")
    gateway.campaign(late_start=late)
    gateway.clock.moment += 2 * HOUR
    gateway.work()
    assert bool(gateway.told(ayse)) is starts


def test_a_break_that_meta_asked_for_is_kept(gateway: Given) -> None:
    ayse = gateway.person(zone="Europe/Istanbul")
    with gateway.database.write() as connection:
        contacts.cool(connection, ayse.subject.id, gateway.now + 2 * HOUR)
    spring = gateway.campaign()
    gateway.work()
    assert gateway.message(ayse, spring).reason == "cooling_off"
    gateway.run_until(gateway.now + 2 * HOUR)
    assert gateway.message(ayse, spring).state is State.ACCEPTED
