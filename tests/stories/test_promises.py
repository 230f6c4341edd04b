"""The ten promises of the design as stories, on SQLite and on PostgreSQL (9 and 10 have files of their own)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from consent.standing import State as Standing
from gateway.core.message import State
from gateway.whatsapp.messenger import Failed, Unsure
from tests.given import Given

DAY = timedelta(days=1)


# 1. No consent, no release


def test_only_people_who_agreed_are_written_to(gateway: Given) -> None:
    ayse, mehmet = gateway.person("marketing"), gateway.person(None)
    spring = gateway.campaign()
    gateway.work()
    assert gateway.told(ayse) == ["spring_offer"]
    assert gateway.told(mehmet) == []
    assert gateway.message(mehmet, spring).reason == "no_consent"


def test_consent_for_another_purpose_is_not_enough(gateway: Given) -> None:
    ayse = gateway.person("custom:newsletter")
    gateway.campaign()
    gateway.work()
    assert gateway.told(ayse) == []


def test_a_message_released_before_the_stop_is_not_sent_after_it(gateway: Given) -> None:
    from gateway.storage.last_look import LastLook

    ayse = gateway.person()
    gateway.campaign()
    gateway.launch()
    (released,) = gateway.release()
    gateway.says(ayse, "DUR")
    look = LastLook(gateway.database)
    assert look.granted([(released.subject_id, "marketing")], gateway.now) == set()
    look.close()


# 2. An answered STOP binds


@pytest.mark.parametrize("words", ["DUR", "stop", "Artık bana mesaj atmayın lütfen", "İPTAL"])
def test_a_stop_in_words_ends_what_was_waiting(gateway: Given, words: str) -> None:
    ayse = gateway.person()
    spring = gateway.campaign()
    gateway.launch()
    assert gateway.says(ayse, words) == "200 OK"
    gateway.work()
    assert [told for told in gateway.told(ayse) if told == "spring_offer"] == []
    assert gateway.message(ayse, spring).state is State.REFUSED
    assert gateway.standing(ayse).state is Standing.REVOKED


def test_a_stop_button_binds_whatever_its_title_says(gateway: Given) -> None:
    ayse = gateway.person()
    assert gateway.presses(ayse, "Hayır, kalsın", "OPTOUT") == "200 OK"
    assert gateway.standing(ayse).state is Standing.REVOKED


def test_metas_own_switch_binds_and_is_not_acknowledged(gateway: Given) -> None:
    ayse = gateway.person()
    assert gateway.prefers(ayse, "stop") == "200 OK"
    gateway.campaign()
    gateway.work()
    assert gateway.standing(ayse).state is Standing.REVOKED
    assert gateway.told(ayse) == []


def test_error_131050_binds(gateway: Given) -> None:
    ayse = gateway.person()
    spring = gateway.campaign()
    gateway.work()
    assert gateway.receipt(gateway.meta.sent[0], "failed", 131050) == "200 OK"
    assert gateway.standing(ayse).state is Standing.REVOKED
    assert gateway.message(ayse, spring).state is State.FAILED


def test_error_131050_in_the_answer_binds_as_well(gateway: Given) -> None:
    ayse = gateway.person()
    spring, summer = gateway.campaign(), gateway.campaign("Yaz")
    gateway.launch()
    gateway.meta.answer = lambda o: Failed(131050)
    gateway.deliver(gateway.release(1))
    assert gateway.standing(ayse).state is Standing.REVOKED
    states = [gateway.message(ayse, campaign).state for campaign in (spring, summer)]
    assert states == [State.FAILED, State.REFUSED]
    gateway.work()
    assert len(gateway.meta.sent) == 1


def test_the_acknowledgement_goes_once(gateway: Given) -> None:
    ayse = gateway.person()
    for number in (1, 1, 2):
        gateway.says(ayse, "dur", message_id=f"wamid.stop.{number}")
    gateway.work()
    told = gateway.told(ayse)
    assert len(told) == 1
    assert "durdurduk" in told[0]


def test_stop_reaches_messages_already_waiting(gateway: Given) -> None:
    ayse = gateway.person(zone="Europe/Istanbul")
    gateway.clock.moment = gateway.now.replace(hour=18, minute=30)  # 21:30 in Istanbul
    spring = gateway.campaign()
    gateway.work()
    assert gateway.message(ayse, spring).reason == "quiet_hours"
    gateway.says(ayse, "dur")
    gateway.run_until(gateway.now + DAY)
    assert [t for t in gateway.told(ayse) if t == "spring_offer"] == []


# 3. Every message carries its permission


def test_a_sent_message_names_the_event_that_allowed_it(gateway: Given) -> None:
    from gateway.actions.verify_ledger import verify_ledger

    ayse = gateway.person()
    spring = gateway.campaign()
    gateway.work()
    (granted,) = gateway.events(ayse)
    sent = gateway.message(ayse, spring)
    assert (sent.event_seq, sent.event_hash) == (granted.seq, granted.hash)
    with gateway.database.read() as connection:
        verified = verify_ledger(connection)
    assert verified.findings.holds, verified.findings.lines()
    assert verified.messages == 1


# 4. Nobody is lost, nobody is written to twice


def test_a_crash_between_release_and_answer_leaves_the_message_unsure(gateway: Given) -> None:
    ayse = gateway.person()
    spring = gateway.campaign()
    gateway.launch()
    (released,) = gateway.release()  # and here the worker dies
    gateway.clock.advance(timedelta(minutes=3))
    assert gateway.rescue() == 1
    gateway.work()
    assert gateway.message(ayse, spring).state is State.UNSURE
    assert gateway.meta.sent == []
    gateway.receipt(released, "delivered")
    assert gateway.message(ayse, spring).state is State.DELIVERED


def test_an_unknown_outcome_is_never_sent_again(gateway: Given) -> None:
    ayse = gateway.person()
    spring = gateway.campaign()
    gateway.meta.answer = lambda message: Unsure("timeout")
    gateway.work()
    gateway.meta.answer = None
    gateway.run_until(gateway.now + 2 * DAY)
    assert len(gateway.meta.sent) == 1
    assert gateway.message(ayse, spring).state is State.UNSURE


def test_launching_again_after_a_crash_adds_nobody_twice(gateway: Given) -> None:
    people = [gateway.person() for _ in range(5)]
    spring = gateway.campaign()
    gateway.launch()
    from gateway.storage import campaigns

    with gateway.database.write() as connection:
        campaigns.change(connection, spring.id, "running", state="launching", cursor=0)
    gateway.work()
    assert sorted(gateway.told(p) for p in people) == [["spring_offer"]] * 5
    assert sum(gateway.counts(spring).values()) == 5


# 5. A file never overrules a person


def test_a_file_does_not_bring_back_who_withdrew(gateway: Given, tmp_path: object) -> None:
    from pathlib import Path

    from gateway.actions.import_optins import OptInImport

    ayse = gateway.person()
    gateway.says(ayse, "dur")
    file = Path(str(tmp_path)) / "again.csv"
    file.write_text(
        f"telefon;ad;onay tarihi;kaynak;izin metni;sürüm\n{ayse.phone};Ayşe;2026-11-24 13:59;web;marketing;1\n",
        encoding="utf-8",
    )
    gateway.clock.advance(timedelta(hours=1))
    report = OptInImport(gateway.database, gateway.settings, gateway.now, attested_by="Deniz").run(file)
    assert report.counts == {"rejected": 1}
    assert "geri aldı" in report.problems[0]
    assert gateway.standing(ayse).state is Standing.REVOKED


# 6. Every item of every webhook counts


def test_a_batch_is_read_to_its_end_and_a_repeat_changes_nothing(gateway: Given) -> None:
    people = [gateway.person() for _ in range(4)]
    spring = gateway.campaign()
    gateway.work()
    statuses = [gateway.status(sent, status) for sent in gateway.meta.sent for status in ("read", "sent", "delivered")]
    body = gateway.value("messages", statuses=statuses)
    for _ in range(2):
        assert gateway.post(body) == "200 OK"
        gateway.drain()
    assert {gateway.message(p, spring).state for p in people} == {State.READ}


def test_a_receipt_that_overtakes_our_own_answer_is_not_lost(gateway: Given) -> None:
    ayse = gateway.person()
    spring = gateway.campaign()
    gateway.launch()
    (released,) = gateway.release()
    gateway.receipt(released, "delivered")
    gateway.deliver([released])
    told = gateway.message(ayse, spring)
    assert told.state is State.DELIVERED
    assert told.wamid == f"wamid.{released.tracker}"
    assert told.accepted_at is not None


# 7. The dry run is the run


def test_the_dry_run_says_what_the_run_does(gateway: Given) -> None:
    from gateway.actions.dry_run import dry_run

    gateway.person(), gateway.person(None), gateway.person(zone="America/Sao_Paulo")
    asleep = gateway.person(zone="Pacific/Auckland")
    gateway.says(gateway.person(), "dur")
    spring = gateway.plan()
    with gateway.database.read() as connection:
        tried = dry_run(connection, spring, gateway.policies, gateway.now)
    from gateway.actions.run_campaign import schedule_campaign

    with gateway.database.write() as connection:
        schedule_campaign(connection, spring, None, gateway.now)
    gateway.work()
    did: dict[str, int] = {}
    for found, count in gateway.counts(spring).items():
        state, _, reason = found.partition(":")
        did["would_leave" if state == "accepted" else reason] = count
    assert did == dict(tried.by_reason)
    assert tried.audience == 5
    assert gateway.message(asleep, spring).reason == "quiet_hours"


# 8. Every "no" explains itself


def test_a_wait_names_its_reason_and_its_earliest_moment(gateway: Given) -> None:
    ayse = gateway.person()
    gateway.campaign("Birinci")
    gateway.work()
    second = gateway.campaign("İkinci")
    gateway.work()
    told = gateway.message(ayse, second)
    assert (told.state, told.reason) == (State.QUEUED, "frequency_cap")
    gateway.run_until(told.due_at)
    assert gateway.told(ayse) == ["spring_offer", "spring_offer"]


def test_a_wait_beyond_the_end_expires_at_once_with_its_cause(gateway: Given) -> None:
    ayse = gateway.person()
    gateway.campaign("Birinci")
    gateway.work()
    short = gateway.campaign("Kısa", expires="2 hours")
    gateway.work()
    told = gateway.message(ayse, short)
    assert (told.state, told.reason, told.because) == (State.EXPIRED, "expired", "frequency_cap")
