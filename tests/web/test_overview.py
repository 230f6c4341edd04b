"""The one page: every campaign's numbers add up, in both languages, and nobody is named."""

from __future__ import annotations

import inspect
import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from sqlalchemy import update
from werkzeug.test import Client

from consent.reasons import Reason, in_words
from gateway.actions import account_news
from gateway.actions.hold_sending import LIFTED_BY_HAND, Decided, hold_sending
from gateway.actions.let_back import LET_BACK
from gateway.actions.settle_unsure import SETTLED_BY_HAND
from gateway.core.failure import FAILURES, Scope
from gateway.core.message import State
from gateway.storage import pages, quarantine, templates
from gateway.storage.incidents import Severity
from gateway.storage.messages import message
from gateway.storage.templates import HELD_BY_HAND
from gateway.web.wording import (
    CAMPAIGN_STATES,
    CONSENT_STATES,
    INCIDENTS,
    MESSAGE_STATES,
    PAGE,
    SCOPES,
    SEVERITIES,
    reason_words,
)
from tests.given import Given, Person
from tests.web.house import post

LANGUAGES = ("tr", "en")


class Numbers(HTMLParser):
    """The numbers on the page by the class of their cell."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, list[int]] = {}
        self._in: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = (dict(attrs).get("class") or "").split()
        self._in = classes[-1] if "number" in classes and tag in ("td", "dd") else None

    def handle_data(self, data: str) -> None:
        if self._in and data.strip():
            self.found.setdefault(self._in, []).append(int(data))


@pytest.fixture
def people(given: Given) -> list[Person]:
    """A campaign in which several things happen to its people."""
    people = [given.person(name=f"Gizli İsim {n}") for n in range(6)]
    people.append(given.person(opted_in=None))
    given.campaign("Bahar İndirimi")
    given.launch()
    given.says(people[0], "DUR")
    given.work()
    sent = {o.to: o for o in given.meta.sent}
    given.receipt(sent[people[1].phone], "delivered")
    given.receipt(sent[people[2].phone], "failed", 131026)
    given.drain()
    return people


@pytest.mark.parametrize("language", LANGUAGES)
def test_states_and_reasons_each_add_up_to_the_audience(people: list[Person], visitor: Client, language: str) -> None:
    numbers = Numbers(visitor.get(f"/?lang={language}").text).found
    assert numbers["audience"] == numbers["total"] == [len(people)]
    assert sum(numbers["by-state"]) == sum(numbers["by-reason"]) == len(people)
    assert len(numbers["by-state"]) >= 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_json_says_the_same_as_the_page(people: list[Person], visitor: Client, language: str) -> None:
    told = visitor.get(f"/overview.json?lang={language}").get_json()
    campaign = told["campaigns"][0]
    assert campaign["audience"] == len(people)
    assert sum(row["count"] for row in campaign["by_state"]) == len(people)
    assert sum(row["count"] for row in campaign["by_reason"]) == len(people)
    assert {row["state"]: row["count"] for row in campaign["by_state"]} == {
        state: sum(row["count"] for row in campaign["by_reason"] if row["state"] == state)
        for state in {row["state"] for row in campaign["by_reason"]}
    }
    page = visitor.get(f"/?lang={language}").text
    shown = re.sub(r"&#39;", "'", page)
    for row in campaign["by_reason"]:
        assert row["words"] in shown
        assert row["reason_words"] in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_reasons_are_told_in_words(people: list[Person], visitor: Client, language: str) -> None:
    page = visitor.get(f"/?lang={language}").text
    assert in_words(Reason.CONSENT_REVOKED, language) in page
    assert in_words(Reason.NO_CONSENT, language) in page
    assert "consent_revoked" not in page


def test_consents_are_counted_by_state(people: list[Person], visitor: Client) -> None:
    consents = visitor.get("/overview.json").get_json()["consents"]
    assert {row["state"]: row["count"] for row in consents} == {"granted": 5, "revoked": 1}


def test_nobody_is_named_on_the_page(people: list[Person], visitor: Client) -> None:
    shown = visitor.get("/").text + visitor.get("/overview.json").text
    assert "Gizli" not in shown
    for person in people:
        assert person.wa_id[-7:] not in shown


def test_the_page_follows_the_browsers_language_and_lang_wins(given: Given, visitor: Client) -> None:
    assert 'lang="tr"' in visitor.get("/").text
    english = {"Accept-Language": "de-DE, en-GB;q=0.8, tr;q=0.3"}
    assert "<h1>Overview</h1>" in visitor.get("/", headers=english).text
    assert "<h1>Genel bakış</h1>" in visitor.get("/?lang=tr", headers=english).text
    assert "<h1>Genel bakış</h1>" in visitor.get("/?lang=xx", headers={"Accept-Language": "ja"}).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_house_says_so(given: Given, visitor: Client, language: str) -> None:
    page = visitor.get(f"/?lang={language}").text
    for name in ("no_campaigns", "no_holds", "no_incidents", "no_consents", "nothing_seen"):
        assert PAGE[name].say(language) in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hold_in_force_is_shown_with_its_reason_and_its_end(given: Given, visitor: Client, language: str) -> None:
    with given.database.write() as connection:
        templates.hold(connection, Scope.TEMPLATE, "spring_offer", "template_paused", given.now)
        until = given.now + timedelta(hours=3)
        templates.hold(connection, Scope.ACCOUNT, templates.EVERYTHING, "account_restricted", given.now, until)
        templates.hold(connection, Scope.NUMBER, "17", "spam_restriction", given.now, given.now)
    page = visitor.get(f"/?lang={language}").text
    assert SCOPES["template"].say(language) in page
    assert PAGE["by_hand"].say(language) in page
    assert "24.11.2026 17:00 (Europe/Istanbul)" in page
    holds = visitor.get("/overview.json").get_json()["holds"]
    assert [(hold["scope"], hold["target"]) for hold in holds] == [("account", None), ("template", "spring_offer")]


def test_a_held_campaign_is_shown_by_its_name(given: Given, visitor: Client) -> None:
    campaign = given.campaign("Bahar İndirimi")
    with given.database.write() as connection:
        templates.hold(connection, Scope.CAMPAIGN, str(campaign.id), "bad_request", given.now)
    assert visitor.get("/overview.json").get_json()["holds"][0]["target"] == "Bahar İndirimi"


def test_backlog_quarantine_and_tallies_are_shown(given: Given, visitor: Client) -> None:
    post(visitor, given.value("messages", statuses=[{"id": "wamid.1", "status": "read", "timestamp": "1"}]))
    with given.database.write() as connection:
        quarantine.add(connection, 1, 0, "ValueError: Other:x", given.now)
    before = visitor.get("/overview.json").get_json()
    assert before["inbox"] == {"backlog": 1, "spooled": 0, "quarantined": 1}
    given.drain()
    after = visitor.get("/overview.json").get_json()
    assert (after["inbox"]["backlog"], after["seen"]) == (0, {"StatusUpdate:read": 1})


@pytest.mark.parametrize("language", LANGUAGES)
def test_incidents_are_told_in_the_readers_words_the_newest_first(given: Given, visitor: Client, language: str) -> None:
    alert = {"alert_severity": "CRITICAL", "alert_status": "NONE", "alert_type": "OBA_REJECTED"}
    post(visitor, given.value("account_alerts", entity_type="WABA", entity_id="1", alert_info=alert))
    given.drain()
    given.clock.moment += timedelta(minutes=1)
    decided = Decided(who="Deniz", why="call 0555 000 12 34", at=given.now)
    given.database.run(lambda c: hold_sending(c, Scope.EVERYTHING, templates.EVERYTHING, decided))
    by_hand, told = visitor.get(f"/overview.json?lang={language}").get_json()["incidents"]
    assert (by_hand["kind"], by_hand["severity"], by_hand["about"]) == ("held_by_hand", "note", "everything")
    assert by_hand["detail"] == "call … (Deniz)"
    assert (told["kind"], told["severity"]) == ("account_alert", "critical")
    page = visitor.get(f"/?lang={language}").text.replace("&#39;", "'")
    for row in (by_hand, told):
        assert row["kind_words"] in page
        assert row["severity_words"] in page
    assert INCIDENTS["account_alert"].say(language) in page
    assert PAGE["no_incidents"].say(language) not in page


def test_incidents_that_a_webhook_can_bring_all_have_words() -> None:
    source = inspect.getsource(account_news)
    kinds = set(re.findall(r'_incident\("(\w+)"', source)) | set(re.findall(r'kind = "(\w+)"', source))
    kinds |= {HELD_BY_HAND, LIFTED_BY_HAND, SETTLED_BY_HAND, LET_BACK}
    assert {"account_alert", "security", "error"} < kinds <= set(INCIDENTS)
    assert set(SEVERITIES) == {severity.value for severity in Severity}


def test_only_the_newest_campaigns_are_counted(given: Given, visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "CAMPAIGNS_MAX", 2)
    for name in ("Bir", "İki", "Üç"):
        given.plan(name)
    told = visitor.get("/overview.json").get_json()
    assert [campaign["name"] for campaign in told["campaigns"]] == ["Üç", "İki"]
    assert told["has_older"] is True
    assert PAGE["older"].tr in visitor.get("/").text


def test_what_people_wrote_into_a_name_is_shown_as_text(given: Given, visitor: Client) -> None:
    given.plan("<script>alert(1)</script>")
    page = visitor.get("/").text
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_the_page_needs_no_script_and_allows_none(given: Given, visitor: Client) -> None:
    answer = visitor.get("/")
    assert "<script" not in answer.text
    assert "script-src" not in (policy := answer.headers["Content-Security-Policy"])
    assert "default-src 'none'" in policy
    assert answer.headers["Cache-Control"] == "no-store"
    with visitor.get("/static/page.css") as style:
        assert style.status_code == 200


def test_a_reason_that_is_somebody_elses_sentence_is_not_repeated(
    given: Given, people: list[Person], visitor: Client
) -> None:
    with given.database.write() as connection:
        strange = "could not reach https://graph.example/905550000001"
        connection.execute(update(message).where(message.c.reason.is_(None)).values(state="unsure", reason=strange))
    shown = visitor.get("/").text
    assert "graph.example" not in shown
    assert in_words(Reason.OUTCOME_UNSURE, "tr") in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_scope_and_failure_has_words(language: str) -> None:
    assert set(MESSAGE_STATES) == {state.value for state in State}
    assert set(SCOPES) == {scope.value for scope in Scope}
    assert all(words.say(language) for table in (CAMPAIGN_STATES, CONSENT_STATES) for words in table.values())
    names = {failure.name for failure in FAILURES.values()} | {reason.value for reason in Reason}
    assert {name for name in names if reason_words(name, language) == name.replace("_", " ")} == set()


def test_an_unknown_path_gets_a_small_page_in_the_readers_language(client: Client) -> None:
    answer = client.get("/wp-login.php?lang=en")
    assert answer.status_code == 404
    assert PAGE["not_found"].en in answer.text


def test_a_form_that_is_far_too_large_is_refused(client: Client) -> None:
    answer = client.post("/sign-in", data={"password": "x" * 200_000})
    assert answer.status_code == 413
    assert PAGE["not_understood"].tr in answer.text


def test_a_mistake_of_ours_shows_no_trace_and_logs_no_words_of_people(
    visitor: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("Ayşe wrote DUR from +905550000001")

    monkeypatch.setattr(pages, "overview", broken)
    answer = visitor.get("/?lang=en")
    assert answer.status_code == 500
    assert PAGE["went_wrong"].en in answer.text
    for written in (answer.text, caplog.text):
        assert "Ayşe" not in written
        assert "Traceback" not in written
    assert "RuntimeError" in caplog.text
