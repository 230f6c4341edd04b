"""The dry run is the run: what it says of each reason is what then happens, on both databases."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.actions.dry_run import WOULD_LEAVE, DryRun, dry_run
from gateway.actions.policies import Policies
from gateway.actions.run_campaign import cancel_campaign
from gateway.core.message import State
from gateway.storage import contacts
from gateway.storage.campaigns import Campaign
from tests.given import Given, Person

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def rehearsed(gateway: Given, campaign: Campaign) -> DryRun:
    with gateway.database.read() as connection:
        return dry_run(connection, campaign, gateway.policies, gateway.now)


def first_pass(gateway: Given, campaign: Campaign) -> dict[str, int]:
    """What became of each person at the campaign's first moment, by reason."""
    counted: dict[str, int] = {}
    for name, count in gateway.counts(campaign).items():
        state, _, reason = name.partition(":")
        key = WOULD_LEAVE if state in ("accepted", "sent") else reason
        counted[key] = counted.get(key, 0) + count
    return counted


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


SEGMENTS = (
    "everyone",
    "tag:vip",
    "not tag:vip",
    "consent(marketing) is granted",
    "country = TR or tag:vip",
    'store in ("Moda", "Kadıköy")',
    "store is known and language != en",
    "consent(marketing) is none",
    "bucket(2) = 0",
    "added within 2d",
)
"""The last two cannot be said in SQL here, and take the way person by person."""


@pytest.mark.parametrize("seed", range(25))
def test_in_any_world_the_run_equals_the_dry_run(gateway: Given, seed: int) -> None:
    chance = random.Random(seed)
    house_rules(gateway, chance)
    people = [somebody(gateway, chance) for _ in range(chance.randint(8, 16))]
    for earlier in range(chance.randint(0, 2)):
        before = gateway.campaign(f"earlier {earlier}", segment=chance.choice(SEGMENTS[:3]), tags=["promo"])
        gateway.work()
        gateway.clock.moment += timedelta(minutes=chance.randint(1, 3000))
        abandon(gateway, before)
    upset(gateway, chance, people)
    narrow = {"quiet_hours": "10:00-18:30"} if chance.random() < 0.4 else {}
    campaign = gateway.campaign(
        "last",
        segment=chance.choice(SEGMENTS),
        expires=chance.choice(["8 hours", "1 days", "3 days", "10 days"]),
        tags=chance.choice([[], ["promo"]]),
        **narrow,
    )
    run = rehearsed(gateway, campaign)
    gateway.work()
    assert run.by_reason == first_pass(gateway, campaign)
    waits = run.by_outcome["waits"]
    gateway.run_until(campaign.expires_at + HOUR)
    left = sum(n for name, n in gateway.counts(campaign).items() if name.partition(":")[0] == State.ACCEPTED)
    assert left == run.by_reason[WOULD_LEAVE] + waits


def house_rules(gateway: Given, chance: random.Random) -> None:
    rules: dict[str, Any] = {
        "tag_caps": chance.choice(["", "", "promo 1/week"]),
        "caps": chance.choice(["1/day, 2/week, 6/month", "2/day"]),
        "rest_days": chance.choice([(), (("TR", "closed"),)]),
        "ramadan": chance.random() < 0.2,
        "iys_required": chance.random() < 0.05,
    }
    gateway.settings = replace(gateway.settings, **rules)
    gateway.policies = Policies(gateway.settings)


def abandon(gateway: Given, campaign: Campaign) -> None:
    """What still waits would compete with the campaign in question for the same caps: a difference by itself."""
    stored = gateway.stored(campaign)
    if stored.state in ("running", "launching"):
        with gateway.database.write() as connection:
            cancel_campaign(connection, stored, gateway.now)


def somebody(gateway: Given, chance: random.Random) -> Person:
    phone, number = None, chance.randint(0, 99_999_999)
    if chance.random() < 0.4:
        country = chance.choice(["+1202555{:04}", "+447700900{:03}", "+6149157{:04}", "+4930231{:05}"])
        phone = country.format(number % 100)
    own: dict[str, Any] = {"store": chance.choice(["Moda", "Kadıköy", ""])} if chance.random() < 0.5 else {}
    return gateway.person(
        chance.choice(["marketing", "marketing", "marketing", None, "custom:news"]),
        phone=phone if phone and not taken(gateway, phone) else None,
        zone=chance.choice([None, None, "Europe/Istanbul", "Asia/Tokyo"]),
        name=chance.choice(["Ayşe Yılmaz", None, "x" * 60]),
        language=chance.choice(["tr", "en", "de"]),
        tags=["vip"] if chance.random() < 0.5 else [],
        **own,
    )


def taken(gateway: Given, phone: str) -> bool:
    from consent import vault
    from consent.vault import Identifier, IdentifierKind

    with gateway.database.read() as connection:
        return bool(vault.find(connection, [Identifier(IdentifierKind.PHONE, phone)]))


def upset(gateway: Given, chance: random.Random, people: list[Person]) -> None:
    """Things that happen to people: stops, blocks, breaks that Meta asked for, messages of theirs."""
    for person in people:
        if chance.random() < 0.1:
            gateway.says(person, "DUR")
        if chance.random() < 0.1:
            gateway.says(person, "Merhaba")
        with gateway.database.write() as connection:
            if chance.random() < 0.1:
                contacts.block(connection, person.subject.id, chance.choice(["blocked", contacts.NOT_ON_WHATSAPP]))
            if chance.random() < 0.15:
                contacts.cool(connection, person.subject.id, gateway.now + timedelta(minutes=chance.randint(-60, 6000)))
    gateway.drain()
