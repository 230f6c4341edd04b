"""Stops against a running release loop: after an answered stop, nothing may be released to that person."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from consent.replies import prepare
from gateway.actions.receive_webhook import Receiver
from gateway.actions.release_messages import release_messages
from gateway.storage.database import Database
from gateway.storage.statements import fetch, statement
from tests.given import NUMBER_ID, Given

RELEASE_LIMIT = 20
AHEAD = 2 * RELEASE_LIMIT
"""Neither side gets further ahead of the other than so many people, and stops are said in an order that differs from
that of the releases by as many: about half of them come first."""
PATIENCE_S = 60.0


@dataclass
class Race:
    """What came of it: who was released before their stop, who not, and who was released after it was answered."""

    released: int = 0
    spared: int = 0
    broken: list[int] = field(default_factory=list)


class _Course:
    """How far both sides are, in people: releases come to somebody about when their stop is said."""

    def __init__(self) -> None:
        self.released_to = self.stops = 0
        self.over = False
        self._moved = threading.Condition()

    def await_releases(self, stops: int) -> None:
        """Before the stop that comes after so many."""
        self._await(lambda: self.released_to >= 2 * stops - AHEAD)

    def await_stops(self, limit: int) -> None:
        self._await(lambda: self.released_to <= 2 * self.stops + limit)

    def _await(self, near: Callable[[], bool]) -> None:
        with self._moved:
            if not self._moved.wait_for(lambda: near() or self.over, PATIENCE_S):
                raise TimeoutError(f"releases came to {self.released_to} people, stops to {2 * self.stops}")

    def note(self, *, released_to: int = 0, stops: int = 0, over: bool = False) -> None:
        with self._moved:
            self.released_to = max(self.released_to, released_to)
            self.stops += stops
            self.over = self.over or over
            self._moved.notify_all()


def race(given: Given, people: int, threads: int = 8, release_limit: int = RELEASE_LIMIT) -> Race:
    """Every second of `people` says stop while all their messages are being released; the others see to it that the
    loop never runs out. Subjects are numbered from 1, as are their phones, and the campaign must have been launched.

    Broken is who was unreleased when their stop had been answered and is released now, and who left in a release
    that began after the answer.
    """
    prepare()
    receiver = Receiver(given.database, given.inbox, given.settings, given.clock)
    course, dice = _Course(), random.Random(people)
    answered: dict[int, tuple[float, bool]] = {}
    stopping = sorted(range(2, people + 1, 2), key=lambda subject: subject + dice.uniform(-AHEAD, AHEAD))

    def stop(place: int, subject: int) -> None:
        course.await_releases(place)
        receiver.receive(_stop_body(given, f"+90555{subject:07}", subject))
        at = time.perf_counter()
        answered[subject] = at, subject not in _released(given.database, [subject])
        course.note(stops=1)

    with _releasing(given, course, release_limit) as begun, ThreadPoolExecutor(threads) as pool:
        try:
            list(pool.map(stop, range(len(stopping)), stopping))
        finally:
            course.note(over=True)
    released = _released(given.database, sorted(answered))
    broken = [s for s, (at, unreleased) in answered.items() if s in released and (unreleased or begun.get(s, 0) > at)]
    return Race(len(released), len(answered) - len(released), sorted(broken))


@contextmanager
def _releasing(given: Given, course: _Course, limit: int) -> Iterator[dict[int, float]]:
    """Gives when the release began in which each subject left."""
    begun: dict[int, float] = {}
    problems: list[BaseException] = []

    def release(connection: Connection) -> dict[int, float]:
        at = time.perf_counter()
        found = release_messages(connection, NUMBER_ID, given.policies, given.now, limit)
        return {one.subject_id: at for one in found.outgoing if one.purpose == "marketing"}

    def loop() -> None:
        while not course.over:
            try:
                course.await_stops(limit)
                begun.update(given.database.run(release))
                course.note(released_to=max(begun, default=0))
            except BaseException as problem:
                problems.append(problem)
                course.note(over=True)

    thread = threading.Thread(target=loop, name="releases")
    thread.start()
    try:
        yield begun
    finally:
        course.note(over=True)
        thread.join()
    if problems:
        raise problems[0]


_RELEASED = statement(
    "SELECT subject_id FROM message WHERE purpose = 'marketing' AND claimed_at IS NOT NULL AND subject_id IN LIST :them"
)


def _released(database: Database, subjects: Sequence[int]) -> set[int]:
    with database.read() as connection:
        return {subject for (subject,) in fetch(connection, _RELEASED, {"them": list(subjects)})}


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
