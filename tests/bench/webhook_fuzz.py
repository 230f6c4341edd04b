"""Bent public payloads through the webhook's door: each answered, each drained, and no STOP beside one lost.

The seed is the day's, so that every day tries others; the notes name it.
"""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from consent.standing import State
from gateway.storage import quarantine
from tests.bench.house import bench_house
from tests.bench.measuring import Result, Target
from tests.given import Given
from tests.web.test_hostile import stop
from tests.web.test_mutated_payloads import WEBHOOKS, bent

DRAIN_EVERY = 200
TARGETS = {
    "stops_lost": Target(0, at_most=True),
    "answers_other_than_200_and_503": Target(0, at_most=True),
    "left_in_the_inbox": Target(0, at_most=True),
}


def run(quick: bool) -> Result:
    seconds, seed = (5.0, 1) if quick else (60.0, datetime.now(UTC).toordinal())
    originals = [json.loads(path.read_bytes()) for path in sorted(Path(WEBHOOKS).rglob("*.json"))]
    if not originals:
        return Result({}, {}, claims=False, notes=["shared/reference/webhooks is not beside this repository"])
    dice, answers, lost = random.Random(seed), Counter[str](), 0
    with bench_house() as house:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            lost += not _post(house.given, bent(dice.choice(originals), dice), answers)
            if answers.total() % DRAIN_EVERY == 0:
                house.given.drain()
        house.given.drain()
        with house.database.read() as connection:
            aside = len(quarantine.everything(connection))
        left = house.given.inbox.backlog()
    figures = {
        "posted": answers.total(),
        "answered_503": answers["503"],
        "answers_other_than_200_and_503": answers.total() - answers["200"] - answers["503"],
        "stops_lost": lost,
        "left_in_the_inbox": left,
        "set_aside": aside,
    }
    return Result(figures, TARGETS, notes=[f"seed {seed}"])


def _post(given: Given, strange: Any, answers: Counter[str]) -> bool:
    """Whether the STOP beside it bound."""
    person = given.person()
    whole = stop(given, person, id=f"wamid.{person.wa_id}")
    odd = strange.get("entry") if isinstance(strange, dict) else strange
    whole["entry"] = [*(odd if isinstance(odd, list) else [odd]), *whole["entry"]]
    answers[given.post(json.dumps(whole).encode())[:3]] += 1
    return given.standing(person).state is State.REVOKED
