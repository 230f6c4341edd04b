"""Stops against a running release loop: after an answered stop, nothing may be released to that person."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from consent.replies import prepare
from gateway.actions.receive_webhook import Receiver
from gateway.actions.release_messages import release_messages
from gateway.storage.database import Database
from tests.given import NUMBER_ID, Given

RELEASE_LIMIT = 20
BREATH_S = 0.003
"""Between releases, as a sender's pace has it: SQLite's lock is not fair, and a loop without a pause keeps it."""


@dataclass
class Race:
    """What came of it: who was released before their stop, who not, and who was released after it was answered."""

    released: int = 0
    spared: int = 0
    broken: list[int] = field(default_factory=list)


def race(
    given: Given, phones: Sequence[str], subjects: Sequence[int], threads: int = 8, release_limit: int = RELEASE_LIMIT
) -> Race:
    """Everybody says stop while their messages are being released. The campaign must have been launched."""
    prepare()
    receiver = Receiver(given.database, given.inbox, given.settings, given.clock)
    unreleased_at_answer: dict[int, bool] = {}

    def stop(place: int) -> None:
        receiver.receive(_stop_body(given, phones[place], place))
        unreleased_at_answer[subjects[place]] = not _released(given.database, subjects[place])

    with _releasing(given, release_limit), ThreadPoolExecutor(threads) as pool:
        list(pool.map(stop, range(len(phones))))
    found = Race()
    for subject, unreleased in unreleased_at_answer.items():
        now_released = _released(given.database, subject)
        found.released += now_released
        found.spared += not now_released
        if unreleased and now_released:
            found.broken.append(subject)
    return found


@contextmanager
def _releasing(given: Given, limit: int) -> Iterator[None]:
    ended = threading.Event()
    problems: list[BaseException] = []

    def loop() -> None:
        while not ended.wait(BREATH_S):
            try:
                given.database.run(lambda c: release_messages(c, NUMBER_ID, given.policies, given.now, limit))
            except OperationalError:
                continue  # the stops kept the lock all that time; a sender rests and tries again too
            except BaseException as problem:
                problems.append(problem)
                return

    thread = threading.Thread(target=loop, name="releases")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
    if problems:
        raise problems[0]


def _released(database: Database, subject: int) -> bool:
    with database.read() as connection:
        found = connection.scalar(
            text("SELECT 1 FROM message WHERE subject_id = :s AND purpose = 'marketing' AND claimed_at IS NOT NULL"),
            {"s": subject},
        )
    return found is not None


def _stop_body(given: Given, phone: str, place: int) -> bytes:
    wa_id = phone.removeprefix("+")
    message: dict[str, Any] = {
        "from": wa_id,
        "id": f"wamid.race.{place}",
        "timestamp": str(int(given.now.timestamp())),
        "type": "text",
        "text": {"body": "dur"},
    }
    return json.dumps(given.value("messages", contacts=[{"wa_id": wa_id}], messages=[message])).encode()
