"""Random worlds: house rules, people, their past and a campaign. Is the campaign's run what its dry run said?

A number makes a world, always the same one. Somebody may stop between the dry run and the run: then the second dry run,
made after the stop, has to be the run, and what the first one says otherwise has to be that stop.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from consent import vault
from consent.vault import Identifier, IdentifierKind
from gateway.actions.dry_run import WOULD_LEAVE, DryRun, dry_run
from gateway.actions.policies import Policies
from gateway.actions.run_campaign import cancel_campaign
from gateway.core.message import State
from gateway.storage import contacts
from gateway.storage.campaigns import Campaign
from tests.given import Given, Person

HOUR = timedelta(hours=1)
STOPPED = {"consent_revoked", "consent_declined", "suppressed"}
"""The reasons under which people are counted who stopped after the dry run."""

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


@dataclass(frozen=True, slots=True)
class Compared:
    """Counts by reason: foretold before anybody stopped, foretold after it, and what happened at the first moment.

    `left` is how many messages left until the end, `expected_to_leave` how many were to.
    """

    foretold: Counter[str]
    foretold_after: Counter[str]
    happened: Counter[str]
    stopped: int
    expected_to_leave: int
    left: int

    @property
    def unnamed(self) -> list[str]:
        """Differences that have no name. There must be none."""
        found = []
        if self.happened != self.foretold_after:
            found.append(f"foretold {dict(self.foretold_after)}, happened {dict(self.happened)}")
        if self.left != self.expected_to_leave:
            found.append(f"{self.expected_to_leave} were to leave in the end, {self.left} did")
        added = self.foretold_after - self.foretold
        if added.total() > self.stopped or not STOPPED.issuperset(added):
            found.append(f"{self.stopped} stopped, and this is new: {dict(added)}")
        return found


def in_a_world(gateway: Given, seed: int) -> Compared:
    chance = random.Random(seed)
    house_rules(gateway, chance)
    people = [somebody(gateway, chance) for _ in range(chance.randint(8, 16))]
    for earlier in range(chance.randint(0, 2)):
        before = gateway.campaign(f"earlier {earlier}", segment=chance.choice(SEGMENTS[:3]), tags=["promo"])
        gateway.work()
        gateway.clock.moment += timedelta(minutes=chance.randint(1, 3000))
        abandon(gateway, before)
    upset(gateway, chance, people)
    campaign = gateway.campaign("last", segment=chance.choice(SEGMENTS), **times(gateway, chance))
    first = rehearsed(gateway, campaign)
    stopping = chance.sample(people, chance.randint(1, 2)) if chance.random() < 0.3 else []
    for person in stopping:
        gateway.says(person, "DUR")
    after = rehearsed(gateway, campaign)
    gateway.work()
    happened = Counter(first_pass(gateway, campaign))
    gateway.run_until(campaign.expires_at + HOUR)
    states = gateway.counts(campaign).items()
    left = sum(count for name, count in states if name.partition(":")[0] == State.ACCEPTED)
    expected = after.by_reason[WOULD_LEAVE] + after.by_outcome["waits"]
    return Compared(first.by_reason, after.by_reason, happened, len(stopping), expected, left)


def times(gateway: Given, chance: random.Random) -> dict[str, Any]:
    """The campaign's hours, end and tags; now and then a start on each person's own clock."""
    chosen: dict[str, Any] = {"tags": chance.choice([[], ["promo"]])}
    if chance.random() < 0.4:
        chosen["quiet_hours"] = "10:00-18:30"
    if chance.random() < 0.2:
        wall = gateway.now.replace(tzinfo=None) + timedelta(minutes=chance.randint(-600, 1200))
        return chosen | {
            "local_start": wall.isoformat(timespec="minutes"),
            "expires": chance.choice(["3 days", "10 days"]),
        }
    return chosen | {"expires": chance.choice(["8 hours", "1 days", "3 days", "10 days"])}


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
