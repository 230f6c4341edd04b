"""`izin campaign dry-run` and `izin why` over a situation: what they say to people and to programs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from consent.events import EventType
from consent.rules import DELAYS, REFUSALS
from gateway.actions.launch_campaigns import finish_campaigns
from gateway.cli.looked_at import EVENTS, FACTS
from gateway.storage.database import Database
from gateway.storage.inbox import Inbox
from gateway.storage.migrations import upgrade
from tests.cli.conftest import Izin
from tests.given import TUESDAY, Given

PRICES = 'as_of = 2026-10-01\ncurrency = "USD"\n[marketing]\nTR = "0.0150"\n'


@pytest.fixture
def gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Given]:
    """A situation in the database that the commands open, on a Tuesday's early afternoon for both."""
    monkeypatch.setenv("IZIN_GRAPH_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("IZIN_CLOCK_SHIFT", f"{int((TUESDAY - datetime.now(UTC)).total_seconds()) + 1}s")
    folder = tmp_path / "var"
    folder.mkdir(exist_ok=True)
    database, inbox = Database(f"sqlite:///{folder}/izin.db"), Database(f"sqlite:///{folder}/inbox.db")
    upgrade(database)
    yield Given(database, Inbox(inbox))
    inbox.close()
    database.close()


def answered(izin: Izin, *arguments: str) -> dict[str, Any]:
    shown = izin(*arguments, "--json")
    assert shown.exit_code == 0, shown.output
    answer: dict[str, Any] = json.loads(shown.output)
    return answer


def test_a_dry_run_counts_prices_and_shows_masked_people(izin: Izin, gateway: Given, tmp_path: Path) -> None:
    for opted_in in ("marketing", "marketing", None):
        gateway.person(opted_in)
    gateway.plan("Bahar")
    (tmp_path / "prices.toml").write_text(PRICES, encoding="utf-8")
    answer = answered(izin, "campaign", "dry-run", "Bahar", "--prices", str(tmp_path / "prices.toml"))
    assert answer["by_reason"] == {"would_leave": 2, "no_consent": 1}
    assert answer["cost"]["total"] == "0.0300"
    assert answer["samples"]["no_consent"] == ["+90 555 ••• •• 03"]
    assert [hour["leaving"] for hour in answer["hours"]] == [2]


def test_a_dry_run_in_words_names_what_can_be_mended(izin: Izin, gateway: Given) -> None:
    gateway.person(store="Moda")
    gateway.person()
    seasons = {"tr": "Bahar", "en": "spring"}
    parameters = {"season": seasons, "first_name": "{person.first_name}", "store": "{person.store}"}
    gateway.plan("Bahar", parameters=parameters)
    shown = izin("campaign", "dry-run", "Bahar")
    assert "of 2 people" in shown.output
    assert "parameter_missing (1)" in shown.output
    assert gateway.settings.brand not in shown.output
    assert "5550000002" not in shown.output


def test_a_dry_run_names_the_campaigns_that_may_come_first(izin: Izin, gateway: Given) -> None:
    gateway.person()
    gateway.campaign("Earlier")
    gateway.plan("Bahar")
    answer = answered(izin, "campaign", "dry-run", "Bahar")
    assert "“Earlier”" in " ".join(answer["notes"])


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("as_of = 2026-10-01", "currency"),
        (PRICES.replace('"0.0150"', "0.0150"), "in quotes"),
        (PRICES.replace("TR", "Turkey"), "country code"),
        ("=", "TOML"),
    ],
)
def test_a_price_file_that_cannot_be_used_is_refused_in_words(
    izin: Izin, gateway: Given, tmp_path: Path, written: str, said: str
) -> None:
    gateway.plan("Bahar")
    file = tmp_path / "prices.toml"
    file.write_text(written, encoding="utf-8")
    refused = izin("campaign", "dry-run", "Bahar", "--prices", str(file))
    assert refused.exit_code == 1
    assert said in refused.output


def test_why_names_every_rule_of_somebody_who_waits(izin: Izin, gateway: Given) -> None:
    ayse = gateway.person(zone="Asia/Tokyo")  # 20:00 there
    gateway.plan("Bahar")
    answer = answered(izin, "why", ayse.phone, "Bahar")
    rules = {finding["rule"]: finding for finding in answer["findings"]}
    assert answer["decision"] == "wait"
    assert answer["reason"] == "quiet_hours"
    assert rules["quiet_hours"]["verdict"] == "waits"
    assert rules["quiet_hours"]["until"] == answer["until"]
    assert rules["standing"]["verdict"] == "passes"
    assert rules["frequency"]["verdict"] == "passes"
    assert ayse.phone not in json.dumps(answer)


@pytest.mark.parametrize(
    ("language", "said", "standing", "registry"),
    [
        (
            "tr",
            "Sessiz saatler",
            "onay (pazarlama): onaylı, 2026-10-25 14:00 (Europe/Istanbul) itibarıyla",
            "yüklü İYS kaydı yok",
        ),
        ("en", "Quiet hours", "consent (marketing): granted since 2026-10-25 14:00", "no İYS verdict loaded"),
    ],
)
def test_why_speaks_both_languages(
    izin: Izin,
    gateway: Given,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    said: str,
    standing: str,
    registry: str,
) -> None:
    monkeypatch.setenv("IZIN_LANGUAGE", language)
    ayse = gateway.person(zone="Asia/Tokyo")
    gateway.plan("Bahar")
    output = izin("why", ayse.phone, "Bahar").output
    assert said in output
    assert standing in output
    assert registry in output


@pytest.mark.parametrize(
    ("language", "said"),
    [("tr", "kampanyanın hedef kitlesinde değil"), ("en", "not in the campaign's segment")],
)
def test_why_does_not_promise_a_message_to_somebody_outside_the_segment(
    izin: Izin, gateway: Given, monkeypatch: pytest.MonkeyPatch, language: str, said: str
) -> None:
    monkeypatch.setenv("IZIN_LANGUAGE", language)
    ayse, ali = gateway.person(tags=["vip"]), gateway.person()
    gateway.plan("Bahar", segment="tag:vip")
    assert said in izin("why", ali.phone, "Bahar").output.splitlines()[0]
    assert said not in izin("why", ayse.phone, "Bahar").output
    assert answered(izin, "why", ali.phone, "Bahar")["in_segment"] is False


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("tr", "1 kişiye hemen, 1 kişiye daha sonra; 1 kişiye gitmez."),
        ("en", "1 get it at once, 1 later, 1 not at all."),
    ],
)
def test_a_dry_run_begins_with_the_sum_of_it(
    izin: Izin, gateway: Given, monkeypatch: pytest.MonkeyPatch, language: str, said: str
) -> None:
    monkeypatch.setenv("IZIN_LANGUAGE", language)
    for consent, zone in (("marketing", None), ("marketing", "Asia/Tokyo"), (None, None)):
        gateway.person(consent, zone=zone)
    gateway.plan("Bahar")
    output = izin("campaign", "dry-run", "Bahar").output
    assert said in output
    assert "(Europe/Istanbul)" in output


def test_why_asks_about_a_campaign_as_it_stands(izin: Izin, gateway: Given) -> None:
    ayse, ali = gateway.person(), gateway.person(tags=["late"])
    planned = gateway.plan("Bahar", segment="not tag:late", starts_in="in 2 days")
    waits = answered(izin, "why", ayse.phone, "Bahar")
    assert (waits["campaign"], waits["reason"]) == ("planned", "not_started")
    assert datetime.fromisoformat(waits["until"]) == planned.start_at
    assert "not scheduled yet" in izin("why", ayse.phone, "Bahar").output
    assert izin("campaign", "cancel", "Bahar").exit_code == 0
    assert answered(izin, "why", ayse.phone, "Bahar")["reason"] == "campaign_cancelled"
    gateway.campaign("Second", segment="not tag:late")
    gateway.launch()
    assert izin("campaign", "pause", "Second").exit_code == 0
    assert answered(izin, "why", ayse.phone, "Second")["reason"] == "campaign_paused"
    assert izin("campaign", "resume", "Second").exit_code == 0
    gateway.work()
    gateway.receipt(gateway.meta.sent[-1], "delivered")
    gateway.database.run(lambda c: finish_campaigns(c, gateway.now))
    assert answered(izin, "why", ali.phone, "Second")["verdict"] == "none: the campaign is over"


@pytest.mark.parametrize("language", ["tr", "en"])
def test_why_has_no_name_of_the_code_in_its_words(
    izin: Izin, gateway: Given, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    """Each rule is told once, whatever it can do, and no fact by the name that the code gives it."""
    monkeypatch.setenv("IZIN_LANGUAGE", language)
    ayse = gateway.person()
    gateway.plan("Bahar", caps="1 per 3d")
    told = izin("why", ayse.phone, "Bahar").output
    titles = [line.partition("(")[0].strip() for line in told.splitlines() if line.lstrip()[0] in "✓…✗"]
    assert len(titles) == len(set(titles)) > 10
    assert not re.search(r"\w+_\w+(?=[=:])|=|–", told)
    assert {"tr": "3 gün içinde 1", "en": "1 in 3 days"}[language] in told
    assert "TR 09:00-20:00" in told


def test_every_fact_that_a_rule_looks_at_has_words() -> None:
    assert set(FACTS) == {name for rule in (*REFUSALS, *DELAYS) for name in rule.looks_at}
    assert set(EVENTS) == set(EventType)


def test_why_explains_a_refusal(izin: Izin, gateway: Given) -> None:
    ayse = gateway.person()
    gateway.says(ayse, "DUR")
    gateway.plan("Bahar")
    shown = izin("why", ayse.subject.ref, "Bahar")
    assert shown.exit_code == 0
    assert "refused: The person withdrew consent" in shown.output


def test_why_explains_what_was_sent_with_its_ledger_event(izin: Izin, gateway: Given) -> None:
    ayse = gateway.person()
    gateway.campaign("Bahar")
    gateway.work()
    answer = answered(izin, "why", ayse.phone, "Bahar")
    assert answer["message"]["state"] == "accepted"
    assert answer["message"]["event_seq"] == gateway.events(ayse)[0].seq
    proof = f"izin ledger proof --message {answer['message']['id']}"
    assert izin("why", ayse.phone, "Bahar").output.splitlines()[2].endswith(proof)
    assert "accepted by Meta" in answer["verdict"]


def test_why_explains_an_expiry_by_the_rule_behind_it(izin: Izin, gateway: Given) -> None:
    ayse = gateway.person()
    gateway.campaign("first")
    gateway.work()
    gateway.campaign("second", expires="2 hours")
    gateway.work()
    verdict = answered(izin, "why", ayse.phone, "second")["verdict"]
    assert "as many messages as the limit allows" in verdict


def test_why_names_the_value_that_was_missing(izin: Izin, gateway: Given) -> None:
    ayse = gateway.person()
    seasons = {"tr": "Bahar", "en": "spring"}
    parameters = {"season": seasons, "first_name": "{person.first_name}", "store": "{person.store}"}
    gateway.campaign("Bahar", parameters=parameters)
    gateway.work()
    assert "store" in answered(izin, "why", ayse.phone, "Bahar")["verdict"]


def test_an_unknown_campaign_is_refused_with_exit_code_one(izin: Izin, gateway: Given) -> None:
    ayse = gateway.person()
    assert izin("why", ayse.phone, "Nothing").exit_code == 1


def test_planning_says_when_a_campaign_comes_round(izin: Izin, gateway: Given, tmp_path: Path) -> None:
    file = tmp_path / "weekly.yaml"
    file.write_text(
        "name: Bülten\nsegment: everyone\ntemplate: spring_offer\nexpires: 2 days\nlocal_start: '10:00'\n"
        "parameters: {season: {tr: Bahar, en: spring}, first_name: dost, store: Moda}\n"
        "link: https://shop.example/spring\nrepeats: 0 0 * * mon Europe/Istanbul\n",
        encoding="utf-8",
    )
    gateway.person()
    planned = izin("campaign", "plan", str(file))
    assert planned.exit_code == 0, planned.output
    assert "from:  2026-11-30 00:00" in planned.output
    assert "not before 10:00 on each person's own clock" in planned.output
    assert "again: 0 0 * * mon Europe/Istanbul" in planned.output
    assert answered(izin, "campaign", "dry-run", "Bülten")["by_reason"] == {"local_start": 1}
