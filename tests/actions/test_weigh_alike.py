"""People who are alike are decided together: what comes out is what each alone would have got."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from consent.policy import Allow, decide
from consent.tables import StandingRow, table_of
from gateway.actions.compose_messages import Composed
from gateway.actions.dry_run import weighed_for
from gateway.actions.policies import Policies
from gateway.actions.weigh_messages import Found, weigh_for
from gateway.storage.tables import PersonRow
from tests.given import Given

_person, _standing = table_of(PersonRow), table_of(StandingRow)
PEOPLE = 60
SPANS = [timedelta(days=-40), timedelta(days=-3), timedelta(hours=-30), timedelta(hours=-5), timedelta(hours=5)]


def _mixed(gateway: Given, seed: int) -> Found:
    """People with random standings, rests, rings and windows, all asked about one message of a campaign."""
    dice = random.Random(seed)
    people = [gateway.person(opted_in="marketing").subject.id for _ in range(PEOPLE)]
    campaign, policies = gateway.plan("Spring"), Policies(gateway.settings)
    now = gateway.now
    moments = [None, *(now + span for span in SPANS)]

    def some(*values: Any) -> Any:
        return dice.choice(values) if dice.random() < 0.3 else values[0]

    with gateway.database.write() as connection:
        for who in people:
            ring = sorted((m for m in (some(*moments), some(*moments)) if m is not None), reverse=True)
            person = {"last_inbound_at": some(*moments), "cool_until": some(*moments)}
            person |= {"free_entry_until": some(*moments), "s1": (*ring, None)[0], "s2": (*ring, None, None)[1]}
            person |= {"blocked": some(None, "spam", "not_on_whatsapp"), "region": some("TR", "DE", "")}
            connection.execute(update(_person).where(_person.c.subject_id == who).values(person))
            standing = {"state": some("granted", "revoked", "pending"), "deadline": some(*moments)}
            standing |= {"suppressed": some(False, True), "event_hash": some("hash", None)}
            standing |= {"consent_ends": some(*moments)}
            mine = (_standing.c.subject_id == who, _standing.c.purpose == "marketing")
            connection.execute(update(_standing).where(*mine).values(standing))
    message = weighed_for(campaign, 0, Composed({}), policies)
    with gateway.database.read() as connection:
        return weigh_for(connection, [(who, message) for who in people], now)


@pytest.mark.parametrize("seed", range(2))
def test_deciding_together_says_what_deciding_each_says(gateway: Given, seed: int) -> None:
    found = _mixed(gateway, seed)
    alone = [decide(facts, message.policy) for facts, (_, message) in zip(found.facts, found.asked, strict=True)]
    assert list(found.decisions) == alone
    assert 5 < sum(isinstance(decision, Allow) for decision in alone) < PEOPLE
