"""What a worker tells of itself: who sends, how fast, how much Meta took, and what it refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from gateway.actions.report_sending import REPORT_EVERY, SendingReport, process_name
from gateway.storage import failure_counts, senders
from gateway.storage.senders import ALIVE_WITHIN, NOBODY, Sending
from gateway.whatsapp.failures import CODE_MISSING
from gateway.whatsapp.messenger import Accepted, Failed
from tests.given import NUMBER_ID, Given
from tests.web.house import nowhere


def told(gateway: Given) -> Sending:
    with gateway.database.read() as connection:
        return senders.everything(connection)[NUMBER_ID]


def test_each_report_adds_what_meta_took_since_the_last_one(gateway: Given) -> None:
    report = SendingReport(NUMBER_ID, gateway.now)
    report.tell(gateway.database, 78.0, 3, 10, gateway.now)
    report.tell(gateway.database, 54.6, 0, 25, gateway.now)
    stands = told(gateway)
    assert (stands.rate, stands.flying, stands.accepted) == (54.6, 0, 25)
    assert (stands.owner, stands.since) == (process_name(), gateway.now)


def test_another_owner_goes_on_counting_and_begins_anew(gateway: Given) -> None:
    SendingReport(NUMBER_ID, gateway.now, "one:1").tell(gateway.database, 78.0, 0, 100, gateway.now)
    later = gateway.now + timedelta(minutes=5)
    SendingReport(NUMBER_ID, later, "two:2").tell(gateway.database, 78.0, 0, 7, later)
    stands = told(gateway)
    assert (stands.owner, stands.since, stands.accepted) == ("two:2", later, 107)


def test_a_worker_that_lets_go_is_nobody_and_one_that_is_silent_is_gone(gateway: Given) -> None:
    report = SendingReport(NUMBER_ID, gateway.now)
    report.tell(gateway.database, 78.0, 0, 1, gateway.now)
    assert told(gateway).is_alive(gateway.now + ALIVE_WITHIN)
    assert not told(gateway).is_alive(gateway.now + ALIVE_WITHIN + timedelta(seconds=1))
    report.tell(gateway.database, 78.0, 0, 1, gateway.now, leaving=True)
    assert told(gateway).owner == NOBODY
    assert not told(gateway).is_alive(gateway.now)


def test_a_report_is_due_at_once_and_then_every_few_seconds(gateway: Given) -> None:
    report = SendingReport(NUMBER_ID, gateway.now)
    assert report.is_due(gateway.now)
    report.tell(gateway.database, 78.0, 0, 0, gateway.now)
    assert not report.is_due(gateway.now + REPORT_EVERY - timedelta(milliseconds=1))
    assert report.is_due(gateway.now + REPORT_EVERY)


def test_what_could_not_be_told_is_told_by_the_next_report(gateway: Given) -> None:
    report = SendingReport(NUMBER_ID, gateway.now)
    away = nowhere()
    with pytest.raises(DBAPIError):
        report.tell(away, 78.0, 0, 5, gateway.now)
    away.close()
    report.tell(gateway.database, 78.0, 0, 6, gateway.now)
    assert told(gateway).accepted == 6


def test_failures_are_counted_by_code_whoever_reports_them(gateway: Given) -> None:
    people = [gateway.person() for _ in range(3)]
    gateway.campaign()
    gateway.launch()
    gateway.meta.answer = lambda o: (
        Failed(131026) if o.to == people[0].phone else Accepted(f"wamid.{o.tracker}", "accepted")
    )
    gateway.work()
    sent = {o.to: o for o in gateway.meta.sent}
    gateway.receipt(sent[people[1].phone], "failed", 131026)
    gateway.receipt(sent[people[2].phone], "failed")
    gateway.drain()
    with gateway.database.read() as connection:
        found = failure_counts.everything(connection)
    assert {(f.number_id, f.code, f.name, f.count) for f in found} == {
        (NUMBER_ID, 131026, "undeliverable", 2),
        (NUMBER_ID, CODE_MISSING, "unlisted", 1),
    }
