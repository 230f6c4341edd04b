"""A few kills of every kind in the normal tests; a thousand of them are the bench `kill`."""

from __future__ import annotations

from gateway.storage.unsent import boot_id
from tests.bench.killing import kill_at_random

KILLS = 6


def test_nobody_is_lost_and_nobody_written_to_twice_however_often_processes_are_killed(database_url: str) -> None:
    toll = kill_at_random(KILLS, None if database_url.startswith("sqlite") else database_url, alive_s=0.15)
    assert toll.in_flight_at_kills > 0, "no kill met a message on its way; the test proves nothing"
    assert (toll.lost, toll.doubled, toll.unsure_received, toll.reached_not_received) == (0, 0, 0, 0), toll
    assert toll.sums_equal, toll
    assert boot_id() is None or toll.queued_again > 0, "no worker knew what the one before had not begun to send"
