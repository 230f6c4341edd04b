"""`izin numbers`, `holds` and `outbox`: what operators see of the sending, and what they may do by hand."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from gateway.actions.report_sending import SendingReport
from gateway.core.failure import Scope
from gateway.storage import failure_counts, incidents, templates
from gateway.whatsapp.messenger import Failed, Unsure
from tests.cli.conftest import Izin
from tests.given import NUMBER_ID, Given

PHONE = "+905550009876"


@pytest.fixture
def unsure(given: Given) -> int:
    """The id of a message that may or may not have left."""
    given.person(phone=PHONE)
    given.campaign("Bahar")
    given.launch()
    given.meta.answer = lambda o: Unsure("timed_out")
    (posted,) = given.release()
    given.deliver([posted])
    return posted.message_id


def told(izin: Izin, *command: str) -> dict[str, Any]:
    answer = izin(*command, "--json")
    assert answer.exit_code == 0, answer.output
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def refused(izin: Izin, *command: str) -> str:
    answer = izin(*command)
    assert answer.exit_code == 1, answer.output
    return answer.output


def test_without_a_number_the_command_says_where_they_come_from(izin: Izin) -> None:
    assert "a worker fetches them from Meta" in izin("numbers").output
    assert told(izin, "numbers") == {"numbers": []}


def test_a_number_shows_pace_owner_limit_and_last_error(izin: Izin, given: Given) -> None:
    SendingReport(NUMBER_ID, given.now, "host:1").tell(given.database, 54.6, 2, 1_000, given.now)
    with given.database.write() as connection:
        templates.set_people_per_day(connection, 1_000, given.now)
        failure_counts.count(connection, NUMBER_ID, 130429, "too_fast", given.now)
    (number,) = told(izin, "numbers")["numbers"]
    assert (number["id"], number["ceiling"], number["aim"], number["pace"]) == (NUMBER_ID, 80, 78.4, 54.6)
    assert (number["owner"], number["accepted"], number["holds"]) == ("host:1", 1_000, [])
    assert (number["people_per_day"], number["people_reached"], number["people_left"]) == (1_000, 0, 950)
    assert [(f["code"], f["count"]) for f in number["failures"]] == [(130429, 1)]
    page = izin("numbers").output
    assert "54.6" in page
    assert "0 of 1000, 950 left" in page
    assert "130429" in page
    assert "host:1" in izin("numbers", "show", NUMBER_ID).output


def test_a_number_that_nobody_sends_for_says_so(izin: Izin, given: Given) -> None:
    assert "izin work" in izin("numbers").output
    assert "izin work" in izin("numbers", "show", NUMBER_ID).output
    assert told(izin, "numbers", "show", NUMBER_ID)["owner"] is None


def test_an_unknown_number_is_answered_with_the_known_ones(izin: Izin, given: Given) -> None:
    for command in (("show", "17"), ("hold", "17", "--reason", "x"), ("lift", "17", "--reason", "x")):
        assert NUMBER_ID in refused(izin, "numbers", *command)


def test_a_number_is_held_for_a_while_and_lifted_by_hand(izin: Izin, given: Given) -> None:
    held = told(izin, "numbers", "hold", NUMBER_ID, "--reason", "many block us", "--for", "2h")
    assert held["held"]["until"] == (given.now + timedelta(hours=2)).isoformat()
    (number,) = told(izin, "numbers")["numbers"]
    assert [(h["scope"], h["reason"], h["lifted"]) for h in number["holds"]] == [("number", "held_by_hand", "by_time")]
    assert f"izin holds lift number {NUMBER_ID}" in izin("numbers").output
    told(izin, "numbers", "lift", NUMBER_ID, "--reason", "calm again")
    assert told(izin, "numbers")["numbers"][0]["holds"] == []
    assert "is not held" in refused(izin, "numbers", "lift", NUMBER_ID, "--reason", "once more")
    with given.database.read() as connection:
        assert {i.kind for i in incidents.latest(connection, 9)} == {"held_by_hand", "lifted_by_hand"}


@pytest.mark.parametrize(
    ("scope", "target", "stored"),
    [
        ("everything", None, "*"),
        ("account", None, "*"),
        ("utility", None, "*"),
        ("country", "tr", "TR"),
        ("template", "spring_offer", "spring_offer"),
        ("number", NUMBER_ID, NUMBER_ID),
    ],
)
def test_every_scope_can_be_held_and_lifted(
    izin: Izin, given: Given, scope: str, target: str | None, stored: str
) -> None:
    which = [scope] if target is None else [scope, target]
    assert izin("holds", "set", *which, "--reason", "wrong price").exit_code == 0
    with given.database.read() as connection:
        assert [(h.scope.value, h.target) for h in templates.holds(connection, given.now)] == [(scope, stored)]
    assert "izin holds lift" in izin("holds").output
    assert izin("holds", "lift", *which, "--reason", "corrected").exit_code == 0
    assert told(izin, "holds") == {"holds": []}


def test_a_hold_that_meta_caused_is_told_with_what_lifts_it(izin: Izin, given: Given) -> None:
    spring = given.campaign("Bahar indirimi")
    with given.database.write() as connection:
        templates.hold(connection, Scope.TEMPLATE, "spring_offer", "template_paused", given.now)
        templates.hold(connection, Scope.CAMPAIGN, str(spring.id), "bad_request", given.now)
    campaign, template = told(izin, "holds")["holds"]
    assert (campaign["name"], campaign["lifted"]) == ("Bahar indirimi", "by_hand")
    assert (template["target"], template["lifted"]) == ("spring_offer", "by_webhook")
    page = izin("holds").output
    assert "lifted by news of Meta's, or by hand" in page
    assert 'izin holds lift campaign "Bahar indirimi"' in page
    assert izin("holds", "lift", "campaign", "Bahar indirimi", "--reason", "corrected").exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("everything", "TR"),
        ("template",),
        ("template", "no_such"),
        ("country", "Turkey"),
    ],
)
def test_a_hold_of_something_that_is_not_there_is_refused_in_words(
    izin: Izin, given: Given, arguments: tuple[str, ...]
) -> None:
    assert "✗" in refused(izin, "holds", "set", *arguments, "--reason", "x")
    assert told(izin, "holds") == {"holds": []}


def test_a_hold_needs_a_reason_and_a_length_that_can_be_read(izin: Izin, given: Given) -> None:
    assert "Say why" in refused(izin, "holds", "set", "everything", "--reason", "  ")
    assert izin("holds", "set", "everything").exit_code == 2
    for span in ("soon", "-2h", "0s"):
        assert izin("holds", "set", "everything", "--reason", "x", "--for", span).exit_code == 2


def test_an_empty_outbox_says_so(izin: Izin) -> None:
    assert "Nothing waits." in izin("outbox").output
    assert told(izin, "outbox") == {"queues": [], "unsure": {"open": 0, "ended": 0}}
    assert "No message is of unknown outcome" in izin("outbox", "unsure").output


def test_the_outbox_shows_what_waits_and_what_stands_in_the_way(izin: Izin, given: Given) -> None:
    given.person(phone=PHONE)
    given.campaign("Bahar")
    given.launch()
    assert izin("holds", "set", "template", "spring_offer", "--reason", "wrong price").exit_code == 0
    (queue,) = told(izin, "outbox")["queues"]
    assert (queue["campaign"], queue["number"], queue["due"]) == ("Bahar", NUMBER_ID, 1)
    assert queue["stops"] == ["nobody_sends"]
    assert [hold["target"] for hold in queue["holds"]] == ["spring_offer"]
    page = izin("outbox").output
    assert "1 are due" in page
    assert "is izin work running?" in page
    assert "Stopped by hand." in page


def test_a_campaigns_hold_is_told_with_the_command_that_lifts_it(izin: Izin, given: Given) -> None:
    given.person(phone=PHONE)
    given.person()
    given.campaign("Bahar")
    given.meta.answer = lambda message: Failed(131053)
    given.launch()
    given.deliver(given.release(1))
    command = "izin holds lift campaign Bahar --reason"
    assert command in izin("outbox").output
    assert command in izin("holds").output


def test_later_moments_are_told_with_how_many_then(izin: Izin, given: Given) -> None:
    given.clock.moment += timedelta(hours=9)
    given.person(phone=PHONE)
    given.campaign("Bahar")
    given.launch()
    given.release()
    (queue,) = told(izin, "outbox")["queues"]
    assert [moment["count"] for moment in queue["next"]] == [1]
    assert "1 more from 2026-11-25" in izin("outbox").output


def test_unknown_outcomes_are_listed_with_age_policy_and_a_masked_person(izin: Izin, given: Given, unsure: int) -> None:
    given.clock.moment += timedelta(minutes=3)
    (shown,) = told(izin, "outbox", "unsure")["unsure"]
    assert (shown["id"], shown["age_seconds"], shown["policy"]) == (unsure, 180, "never_twice")
    assert shown["person"] == "+90 555 ••• •• 76"
    assert PHONE[-7:] not in izin("outbox", "unsure").output + json.dumps(shown)
    assert told(izin, "outbox")["unsure"] == {"open": 1, "ended": 0}
    assert "Of unknown outcome: 1" in izin("outbox").output


def test_an_operator_settles_an_unknown_outcome_with_a_reason(izin: Izin, given: Given, unsure: int) -> None:
    assert "A receipt may still come" in refused(izin, "outbox", "settle", str(unsure), "not-sent", "--reason", "x")
    told(izin, "outbox", "settle", str(unsure), "sent", "--reason", "she showed it to us")
    assert "is not of unknown outcome" in refused(izin, "outbox", "settle", str(unsure), "sent", "--reason", "x")
    with given.database.read() as connection:
        (note,) = incidents.latest(connection, 2)
    assert note.detail is not None
    assert note.detail.startswith("she showed it to us (")


def test_what_was_not_sent_goes_into_the_queue_again(izin: Izin, given: Given, unsure: int) -> None:
    given.clock.moment += timedelta(minutes=10)
    done = izin("outbox", "settle", str(unsure), "not-sent", "--reason", "Meta's log shows no such call")
    assert "in the queue again" in done.output
    (queue,) = told(izin, "outbox")["queues"]
    assert [(w["state"], w["reason"]) for w in queue["waiting"]] == [("queued", "not_sent_by_hand")]
