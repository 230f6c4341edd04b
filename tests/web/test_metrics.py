"""`/metrics`: the numbers are those of the situation, in Prometheus' format, for those who may see them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, update
from werkzeug.test import Client, TestResponse

from gateway.actions.hold_sending import Decided, hold_sending
from gateway.actions.report_sending import SendingReport
from gateway.core.failure import Scope
from gateway.storage import quarantine, templates
from gateway.storage.messages import message
from gateway.storage.spool import Spool
from gateway.web.metrics import CONTENT_TYPE, LOOK_EVERY, SHARE_MAX, Shown, reason_label
from gateway.whatsapp.messenger import Accepted, Failed, Outcome, Unsure
from tests.given import NUMBER_ID, Given
from tests.web.house import browser, house_of, post

TOKEN = "tests-read-metrics"
SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (-?[0-9.e+]+)')
LABEL = re.compile(r'([a-z_]+)="([^"]*)"')

Key = tuple[str, frozenset[tuple[str, str]]]


class Measured:
    """An answer, read as strictly as Prometheus reads it."""

    def __init__(self, answer: TestResponse) -> None:
        assert answer.status_code == 200
        assert answer.content_type == CONTENT_TYPE
        assert answer.text.endswith("\n")
        self.kinds: dict[str, str] = {}
        self.samples: dict[Key, float] = {}
        for line in answer.text.splitlines():
            self._read(line)

    def _read(self, line: str) -> None:
        if line.startswith("# TYPE "):
            name, kind = line.removeprefix("# TYPE ").split(" ")
            assert name not in self.kinds
            self.kinds[name] = kind
        elif not line.startswith("# HELP "):
            found = SAMPLE.fullmatch(line)
            assert found, line
            assert found[1] in self.kinds, "a sample comes before its type"
            key = (found[1], frozenset(LABEL.findall(found[2] or "")))
            assert key not in self.samples
            self.samples[key] = float(found[3])

    def get(self, family: str, /, **labels: object) -> float:
        return self.samples[family, frozenset((label, str(value)) for label, value in labels.items())]

    def all(self, name: str) -> dict[frozenset[tuple[str, str]], float]:
        return {labels: value for (one, labels), value in self.samples.items() if one == name}


def measured(client: Client) -> Measured:
    return Measured(client.get("/metrics"))


def test_an_empty_house_has_every_family_and_zeros(visitor: Client) -> None:
    shown = measured(visitor)
    for name in ("izin_inbox_backlog", "izin_inbox_lag_seconds", "izin_quarantine_items", "izin_ledger_events"):
        assert shown.get(name) == 0
    assert shown.get("izin_number_ceiling", number=NUMBER_ID) == 80
    assert shown.get("izin_number_owned", number=NUMBER_ID) == 0
    assert shown.get("izin_send_lag_seconds", number=NUMBER_ID) == 0
    counters = {name for name, kind in shown.kinds.items() if kind == "counter"}
    assert counters == {"izin_accepted_total", "izin_failures_total"}
    assert all(name.endswith("_total") for name in counters)


def test_the_sending_is_shown_in_numbers(given: Given, visitor: Client) -> None:
    people = [given.person() for _ in range(6)]
    given.campaign()
    given.launch()
    outcomes: dict[str, Outcome] = {people[0].phone: Failed(131026), people[1].phone: Unsure("timed_out")}
    given.meta.answer = lambda o: outcomes.get(o.to or "") or Accepted(f"wamid.{o.tracker}", "accepted")
    given.deliver(given.release(4))
    SendingReport(NUMBER_ID, given.now).tell(given.database, 54.6, 3, 2, given.now)
    given.clock.moment += timedelta(seconds=12)
    shown = measured(visitor)
    assert shown.get("izin_queue_messages", number=NUMBER_ID, state="queued", reason="none") == 2
    assert shown.get("izin_unsure_messages", number=NUMBER_ID, given_up="false") == 1
    assert shown.get("izin_failures_total", number=NUMBER_ID, code=131026, name="undeliverable") == 1
    assert shown.get("izin_accepted_total", number=NUMBER_ID) == 2
    assert shown.get("izin_number_pace", number=NUMBER_ID) == 54.6
    assert shown.get("izin_posts_in_flight", number=NUMBER_ID) == 3
    assert shown.get("izin_send_lag_seconds", number=NUMBER_ID) == 12
    assert shown.get("izin_campaigns", state="running") == 1
    assert shown.get("izin_ledger_events") == 6


def test_the_queue_is_divided_by_reason(given: Given, visitor: Client) -> None:
    given.clock.moment += timedelta(hours=9)
    for _ in range(3):
        given.person()
    given.campaign()
    given.launch()
    given.release()
    assert measured(visitor).all("izin_queue_messages") == {
        frozenset({("number", NUMBER_ID), ("state", "queued"), ("reason", "quiet_hours")}): 3.0
    }


@pytest.mark.parametrize("scope", [Scope.NUMBER, Scope.TEMPLATE, Scope.EVERYTHING])
def test_what_a_hold_stops_is_no_lag(given: Given, visitor: Client, scope: Scope) -> None:
    given.person()
    given.campaign()
    given.launch()
    target = {Scope.NUMBER: NUMBER_ID, Scope.TEMPLATE: "spring_offer"}.get(scope, templates.EVERYTHING)
    with given.database.write() as connection:
        hold_sending(connection, scope, target, Decided(who="Deniz", why="a test", at=given.now))
    given.clock.moment += timedelta(hours=1)
    shown = measured(visitor)
    assert shown.get("izin_send_lag_seconds", number=NUMBER_ID) == 0
    assert shown.get("izin_holds", scope=scope.value) == 1
    assert shown.get("izin_number_held", number=NUMBER_ID) == (scope is not Scope.TEMPLATE)


def test_the_daily_limit_is_shown_only_where_there_is_one(given: Given, visitor: Client) -> None:
    assert measured(visitor).all("izin_people_left") == {}
    with given.database.write() as connection:
        templates.set_people_per_day(connection, 250, given.now)
    given.clock.moment += LOOK_EVERY
    assert measured(visitor).get("izin_people_left", number=NUMBER_ID) == 238


def test_the_inbox_is_shown_with_its_age(given: Given, visitor: Client) -> None:
    post(visitor, given.value("messages", statuses=[{"id": "wamid.1", "status": "read", "timestamp": "1"}]))
    with given.database.write() as connection:
        quarantine.add(connection, 1, 0, "ValueError: Other:x", given.now)
    Spool.under(given.settings.data_dir).put([b"{}"], given.now)
    given.clock.moment += timedelta(seconds=30)
    shown = measured(visitor)
    assert (shown.get("izin_inbox_backlog"), shown.get("izin_inbox_lag_seconds")) == (1, 30)
    assert (shown.get("izin_spool_groups"), shown.get("izin_quarantine_items")) == (1, 1)


def test_nothing_of_a_person_is_among_the_labels(given: Given, visitor: Client) -> None:
    ayse = given.person(name="Gizli İsim")
    given.campaign("Gizli Kampanya")
    given.launch()
    with given.database.write() as connection:
        connection.execute(update(message).values(reason=f"could not reach {ayse.phone}"))
    text = visitor.get("/metrics").text
    assert 'reason="other"' in text
    for secret in ("Gizli", ayse.phone[-7:], ayse.subject.ref):
        assert secret not in text


@pytest.mark.parametrize(
    ("reason", "label"), [(None, "none"), ("", "none"), ("quiet_hours", "quiet_hours"), ('a "quote"\n', "other")]
)
def test_a_reason_becomes_one_of_few_labels(reason: str | None, label: str) -> None:
    assert reason_label(reason) == label


def test_a_stranger_is_turned_away_without_a_redirection(client: Client) -> None:
    answer = client.get("/metrics")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "izin_" not in answer.text


@pytest.mark.parametrize("password", ["", "a-password"])
def test_a_program_shows_the_token(given: Given, password: str) -> None:
    house = house_of(given)
    house.settings = replace(given.settings, metrics_token=TOKEN, page_password=password)
    client = browser(house)
    assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    for wrong in (f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer", "Bearer ", TOKEN):
        assert client.get("/metrics", headers={"Authorization": wrong}).status_code == 401
    assert client.get("/", headers={"Authorization": f"Bearer {TOKEN}"}).status_code in (302, 403)


def test_without_a_token_and_a_password_nobody_sees_it(given: Given) -> None:
    house = house_of(given)
    house.settings = replace(given.settings, page_password="")
    for header in ({}, {"Authorization": "Bearer "}):
        assert browser(house).get("/metrics", headers=header).status_code == 403


def test_however_many_ask_the_database_is_asked_once_in_a_while(given: Given, visitor: Client) -> None:
    asked: list[str] = []
    event.listen(given.database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    first = visitor.get("/metrics").text
    statements = len(asked)
    assert 0 < statements < 40
    given.person()
    asked.clear()
    assert {visitor.get("/metrics").text for _ in range(5)} == {first}
    assert [sql for sql in asked if "message" in sql] == []
    given.clock.moment += LOOK_EVERY
    assert measured(visitor).get("izin_ledger_events") == 1


def test_a_look_that_took_long_is_not_repeated_soon(given: Given, monkeypatch: pytest.MonkeyPatch) -> None:
    from gateway.web import metrics

    house, shown = house_of(given), Shown()
    took = timedelta(seconds=2)

    def slow(_: object) -> str:
        given.clock.moment += took
        return "slow\n"

    began = given.now
    monkeypatch.setattr(metrics, "written", slow)
    assert shown.text_for(house) == "slow\n"
    assert shown.until == began + SHARE_MAX * took


def test_every_metric_is_explained_in_the_documents_and_none_that_is_not_there(given: Given, visitor: Client) -> None:
    documents = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"`(izin_[a-z_]+)`", documents))
    assert set(measured(visitor).kinds) == explained - {"izin_app", "izin_auditor"}  # roles, not metrics
