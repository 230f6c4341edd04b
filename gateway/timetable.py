"""When things happen by themselves. APScheduler keeps the ticks only; every durable "when" is a column.

So any number of processes may run this timetable, and one that was away does what is due when it is back.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import DBAPIError

from gateway.actions.drain_inbox import drain_inbox
from gateway.actions.expire_messages import close_expired_at_meta, expire_waiting
from gateway.actions.forget_expired import forget_expired
from gateway.actions.launch_campaigns import finish_campaigns, launch_campaigns
from gateway.actions.note_lapses import note_lapses
from gateway.actions.rebuild_standings import compare_standings
from gateway.actions.rescue_stuck import end_unsure, rescue_stuck
from gateway.actions.sign_checkpoint import sign_due
from gateway.actions.stamp_checkpoint import stamp_newest
from gateway.actions.wake_held import HoldWatch
from gateway.clock import Clock
from gateway.settings import Settings
from gateway.storage.database import Database
from gateway.storage.inbox import Inbox

DRAIN_SECONDS = 0.2
LAUNCH_SECONDS = 0.5
FINISH_SECONDS = 2
RESCUE_SECONDS = 10
LAPSE_SECONDS = 60
CLOSE_SECONDS = 600
WAKE_SECONDS = 1
CHECKPOINT_SECONDS = 300
DAY_SECONDS = 86_400
FIRST_DAILY_SECONDS = 900
"""What happens once a day happens soon after the start as well: a process may be restarted every night."""

log = logging.getLogger(__name__)


def timetable(database: Database, inbox: Inbox, settings: Settings, clock: Clock) -> BackgroundScheduler:
    """A scheduler that is ready to start. One thread a job: none waits for another."""
    watch = HoldWatch()
    scheduler = BackgroundScheduler(executors={"default": ThreadPoolExecutor(8)})
    jobs: dict[str, tuple[float, Callable[[], object]]] = {
        "drain": (DRAIN_SECONDS, lambda: _drain_all(database, inbox, settings, clock)),
        "launch": (LAUNCH_SECONDS, lambda: _launch_all(database, clock)),
        "finish": (FINISH_SECONDS, lambda: database.run(lambda c: finish_campaigns(c, clock.now()))),
        "rescue": (RESCUE_SECONDS, lambda: database.run(lambda c: rescue_stuck(c, clock.now()))),
        "unsure": (
            RESCUE_SECONDS,
            lambda: database.run(lambda c: end_unsure(c, clock.now(), settings.unsure_after)),
        ),
        "expire": (RESCUE_SECONDS, lambda: database.run(lambda c: expire_waiting(c, clock.now()))),
        "expire_at_meta": (CLOSE_SECONDS, lambda: database.run(lambda c: close_expired_at_meta(c, clock.now()))),
        "wake": (WAKE_SECONDS, lambda: database.run(lambda c: watch.look(c, clock.now()))),
        "lapse": (LAPSE_SECONDS, lambda: database.run(lambda c: note_lapses(c, clock.now()))),
        "checkpoint": (CHECKPOINT_SECONDS, lambda: sign_due(database, settings, clock.now())),
        "stamp": (CHECKPOINT_SECONDS, lambda: stamp_newest(database, settings, clock.now())),
        "compare": (DAY_SECONDS, lambda: compare_standings(database)),
        "forget": (DAY_SECONDS, lambda: forget_expired(database, inbox, settings, clock.now())),
    }
    for name, (seconds, work) in jobs.items():
        scheduler.add_job(
            _quietly(name, work), "interval", seconds=seconds, id=name, coalesce=True, max_instances=1,
            misfire_grace_time=None, start_date=_first(seconds),
        )  # fmt: skip
    return scheduler


def _first(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=min(seconds, FIRST_DAILY_SECONDS))


def _drain_all(database: Database, inbox: Inbox, settings: Settings, clock: Clock) -> None:
    while drain_inbox(database, inbox, settings, clock.now()).bodies:
        pass


def _launch_all(database: Database, clock: Clock) -> None:
    while launch_campaigns(database, clock.now()):
        pass


def _quietly(name: str, work: Callable[[], object]) -> Callable[[], None]:
    def tick() -> None:
        try:
            work()
        except DBAPIError as problem:
            # The next tick does what this one could not; the log says so without SQL, which may hold numbers.
            log.warning("%s: the database does not answer (%s)", name, type(problem.orig).__name__)

    return tick
