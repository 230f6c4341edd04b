"""Campaigns that come round, start where people are, and are paused: who gets them, when, and how often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from consent.policy import Verdict
from consent.reasons import Reason
from gateway.actions.dry_run import dry_run
from gateway.actions.explain_person import explain_person
from gateway.actions.run_campaign import pause_campaign, resume_campaign
from gateway.core.message import State
from gateway.storage import campaigns
from gateway.storage.campaigns import Campaign
from tests.given import NUMBER_ID, Given

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOONS = "0 12 * * * Europe/Istanbul"
NOON = datetime(2026, 11, 25, 9, tzinfo=UTC)


def editions(gateway: Given, series: Campaign) -> list[Campaign]:
    with gateway.database.read() as connection:
        return [found for found in campaigns.everything(connection) if found.name.startswith(f"{series.name} 2026")]


def at(gateway: Given, moment: datetime) -> None:
    gateway.clock.moment = moment
    gateway.work()


def test_each_time_the_segment_is_asked_anew(gateway: Given) -> None:
    early = gateway.person(zone="Europe/Istanbul")
    series = gateway.campaign("Bülten", repeats="0 12 25,27 * * Europe/Istanbul", start=None, expires="6 hours")
    gateway.work()
    assert gateway.told(early) == [], "it is not noon yet"
    at(gateway, NOON)
    late = gateway.person(zone="Europe/Istanbul")
    at(gateway, NOON + 2 * DAY)
    assert [one.name for one in editions(gateway, series)] == ["Bülten 2026-11-25 12:00", "Bülten 2026-11-27 12:00"]
    assert gateway.told(early) == ["spring_offer", "spring_offer"]
    assert gateway.told(late) == ["spring_offer"]
    assert gateway.stored(series).start_at == datetime(2026, 12, 25, 9, tzinfo=UTC)


def test_what_was_missed_comes_once_or_not_at_all(gateway: Given) -> None:
    gateway.person(zone="Europe/Istanbul")
    kept = gateway.campaign("Late", repeats=NOONS, start=None, expires="6 hours")
    strict = gateway.campaign("Strict", repeats=NOONS, start=None, expires="6 hours", late_start="cancel")
    at(gateway, NOON + 3 * DAY + HOUR)
    assert [one.start_at for one in editions(gateway, kept)] == [NOON + 3 * DAY]
    assert editions(gateway, strict) == []
    assert gateway.stored(strict).note == "missed Strict 2026-11-28 12:00"
    assert gateway.stored(strict).start_at == NOON + 4 * DAY


def test_a_paused_series_stays_away_and_a_name_that_is_taken_gets_another(gateway: Given) -> None:
    ayse = gateway.person(zone="Europe/Istanbul")
    gateway.plan("Bülten 2026-11-27 12:00")
    series = gateway.campaign("Bülten", repeats=NOONS, start=None, expires="6 hours")
    with gateway.database.write() as connection:
        pause_campaign(connection, gateway.stored(series))
    at(gateway, NOON + DAY)
    assert gateway.told(ayse) == []
    with gateway.database.write() as connection:
        resume_campaign(connection, gateway.stored(series), gateway.now)
    at(gateway, NOON + 2 * DAY)
    assert gateway.told(ayse) == ["spring_offer"]
    assert f"Bülten 2026-11-27 12:00 ({series.id})" in {one.name for one in editions(gateway, series)}


def test_a_start_where_people_are_comes_when_their_clock_shows_it(gateway: Given) -> None:
    tokyo, istanbul = gateway.person(zone="Asia/Tokyo"), gateway.person(zone="Europe/Istanbul")
    lisbon = gateway.person(zone="Europe/Lisbon")
    spring = gateway.campaign(local_start="2026-11-26 11:00", start=None, expires="3 days")
    with gateway.database.read() as connection:
        run = dry_run(connection, gateway.stored(spring), gateway.policies, gateway.now)
        explained = explain_person(connection, lisbon.subject, gateway.stored(spring), gateway.policies, gateway.now)
    assert run.by_reason == {"local_start": 3}
    assert run.first_wait["local_start"] == datetime(2026, 11, 26, 2, tzinfo=UTC)
    assert run.last_wait["local_start"] == datetime(2026, 11, 26, 11, tzinfo=UTC)
    (finding,) = [one for one in explained.findings if one.reason is Reason.LOCAL_START]
    assert (finding.verdict, finding.until) == (Verdict.WAITS, datetime(2026, 11, 26, 11, tzinfo=UTC))
    gateway.clock.moment = spring.start_at
    gateway.run_until(datetime(2026, 11, 26, 8, tzinfo=UTC))
    assert [gateway.told(person) for person in (tokyo, istanbul, lisbon)] == [["spring_offer"], ["spring_offer"], []]
    gateway.run_until(datetime(2026, 11, 26, 11, tzinfo=UTC))
    assert gateway.message(lisbon, spring).state is State.ACCEPTED
    assert [sent.number_id for sent in gateway.meta.sent] == [NUMBER_ID] * 3


def test_a_pause_keeps_everybodys_place(gateway: Given) -> None:
    people = [gateway.person(zone="Europe/Istanbul") for _ in range(4)]
    spring = gateway.campaign()
    gateway.launch()
    gateway.deliver(gateway.release(limit=2))
    with gateway.database.write() as connection:
        pause_campaign(connection, gateway.stored(spring))
    gateway.work()
    assert [gateway.told(person) for person in people] == [["spring_offer"], ["spring_offer"], [], []]
    with gateway.database.write() as connection:
        resume_campaign(connection, gateway.stored(spring), gateway.now)
    gateway.work()
    assert [sent.to for sent in gateway.meta.sent] == [person.phone for person in people]
