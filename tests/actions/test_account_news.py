"""What Meta says of the account and its numbers takes effect once, in any order, and people can see it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from gateway.core.failure import Scope
from gateway.storage import incidents, quarantine, templates
from gateway.storage.incidents import Incident, Severity
from gateway.storage.templates import SendingNumber
from tests.given import NUMBER_ID, Given

DISPLAY = "12025550143"


@pytest.fixture
def house(gateway: Given) -> Given:
    return gateway


def tell(house: Given, field: str, at: datetime | None = None, **value: Any) -> None:
    entry = {"id": "1", "time": int((at or house.now).timestamp()), "changes": [{"field": field, "value": value}]}
    assert house.post({"object": "whatsapp_business_account", "entry": [entry]}) == "200 OK"
    house.drain()
    with house.database.read() as connection:
        assert quarantine.everything(connection) == []


def number(house: Given) -> SendingNumber:
    with house.database.read() as connection:
        return templates.numbers(connection)[0]


def holds(house: Given) -> dict[tuple[Scope, str], str]:
    with house.database.read() as connection:
        return {(hold.scope, hold.target): hold.reason for hold in templates.holds(connection, house.now)}


def seen(house: Given) -> list[Incident]:
    with house.database.read() as connection:
        return incidents.latest(connection, 50)


def test_an_upgrade_raises_the_pace_and_a_flag_slows_it(house: Given) -> None:
    assert number(house).pace == 80
    tell(house, "phone_number_quality_update", display_phone_number=DISPLAY, event="THROUGHPUT_UPGRADE")
    assert number(house).pace == 1000
    tell(house, "phone_number_quality_update", display_phone_number=DISPLAY, event="FLAGGED")
    assert (number(house).quality, number(house).pace) == ("RED", 250)
    house.clock.advance(timedelta(hours=1))
    tell(house, "phone_number_quality_update", display_phone_number=DISPLAY, event="UNFLAGGED")
    assert number(house).pace == 1000


def name_decided(house: Given, decision: str, display: str = DISPLAY) -> None:
    house.clock.advance(timedelta(minutes=1))
    told: dict[str, Any] = {"display_phone_number": display, "decision": decision}
    tell(house, "phone_number_name_update", **told)


def test_an_approved_name_lets_the_number_go_on_that_waited_for_it(house: Given) -> None:
    here = (Scope.NUMBER, NUMBER_ID)
    with house.database.write() as connection:
        templates.hold(connection, *here, "display_name_unapproved", house.now)
    name_decided(house, "DECLINED")
    name_decided(house, "APPROVED", "12025550199")
    assert here in holds(house)
    name_decided(house, "APPROVED")
    assert holds(house) == {}
    with house.database.write() as connection:
        templates.hold(connection, *here, "spam_restriction", house.now)
    name_decided(house, "APPROVED")
    assert here in holds(house)


def test_another_accounts_number_changes_nothing(house: Given) -> None:
    tell(house, "phone_number_quality_update", display_phone_number="12025550199", event="THROUGHPUT_UPGRADE")
    assert number(house).pace == 80


@pytest.mark.parametrize(
    ("told", "people"),
    [("TIER_2K", 2000), ("TIER_UNLIMITED", None), (250, 250), ("TIER_NOT_SET", 100_000), (None, 100_000)],
)
def test_the_portfolios_limit_is_taken_over_where_it_can_be_read(
    house: Given, told: object, people: int | None
) -> None:
    with house.database.write() as connection:
        templates.set_people_per_day(connection, 100_000, house.now)
    tell(house, "business_capability_update", max_daily_conversations_per_business=told)
    assert number(house).people_per_day == people


def test_an_older_limit_that_comes_late_does_not_overrule_the_newer_one(house: Given) -> None:
    tell(house, "business_capability_update", max_daily_conversations_per_business="TIER_10K")
    earlier = house.now - timedelta(days=1)
    tell(house, "business_capability_update", earlier, max_daily_conversations_per_business="TIER_250")
    assert number(house).people_per_day == 10_000


def ban(state: str) -> dict[str, Any]:
    return {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": state, "waba_ban_date": "Nov 24, 2026"}}


def test_a_ban_holds_everything_until_it_is_lifted(house: Given) -> None:
    house.person()
    house.campaign(starts_in="now")
    house.launch()
    tell(house, "account_update", **ban("DISABLE"))
    assert house.release() == []
    house.clock.advance(timedelta(hours=1))
    tell(house, "account_update", **ban("REINSTATE"))
    assert len(house.release()) == 1


def test_a_ban_delivered_again_after_its_end_does_not_come_back(house: Given) -> None:
    banned_at = house.now
    tell(house, "account_update", **ban("DISABLE"))
    house.clock.advance(timedelta(hours=1))
    tell(house, "account_update", **ban("REINSTATE"))
    tell(house, "account_update", banned_at, **ban("DISABLE"))
    tell(house, "account_update", banned_at - timedelta(hours=1), **ban("DISABLE"))
    assert holds(house) == {}


def restricted(house: Given, kind: str, lasts: timedelta) -> None:
    expiration = int((house.now + lasts).timestamp())
    info = [{"restriction_type": kind, "expiration": expiration}]
    tell(house, "account_update", event="ACCOUNT_RESTRICTION", restriction_info=info)


def test_a_restriction_holds_until_its_time(house: Given) -> None:
    restricted(house, "RESTRICTED_BIZ_INITIATED_MESSAGING", timedelta(days=1))
    assert holds(house) == {(Scope.ACCOUNT, "*"): "restricted_biz_initiated_messaging"}
    house.clock.advance(timedelta(days=1))
    assert holds(house) == {}


def test_a_restriction_of_something_else_holds_nothing_but_is_seen(house: Given) -> None:
    restricted(house, "RESTRICTED_ADD_PHONE_NUMBER_ACTION", timedelta(days=1))
    assert holds(house) == {}
    assert [incident.severity for incident in seen(house)] == [Severity.CRITICAL]


def test_a_restriction_that_was_over_before_it_was_drained_holds_nothing(house: Given) -> None:
    restricted(house, "RESTRICTED_BIZ_INITIATED_MESSAGING", -timedelta(hours=1))
    assert holds(house) == {}


TOLD: dict[str, tuple[dict[str, Any], str, Severity]] = {
    "security": ({"event": "PIN_CHANGED", "display_phone_number": DISPLAY}, "PIN_CHANGED", Severity.WARNING),
    "account_alerts": (
        {"entity_id": "7", "alert_severity": "CRITICAL", "alert_type": "OBA_REJECTED", "alert_description": "No."},
        "OBA_REJECTED; No.",
        Severity.CRITICAL,
    ),
    "phone_number_name_update": (
        {"display_phone_number": DISPLAY, "decision": "REJECTED", "rejection_reason": "NAME_POLICY"},
        "REJECTED; NAME_POLICY",
        Severity.WARNING,
    ),
    "account_review_update": ({"decision": "REJECTED"}, "REJECTED", Severity.CRITICAL),
}


@pytest.mark.parametrize("field", TOLD)
def test_what_only_people_can_act_on_is_an_incident_once(house: Given, field: str) -> None:
    value, detail, severity = TOLD[field]
    for _ in range(2):
        tell(house, field, **value)
    assert [(incident.detail, incident.severity) for incident in seen(house)] == [(detail, severity)]
    assert holds(house) == {}


def out_of_band(house: Given, code: int) -> None:
    assert house.post(house.value("messages", errors=[{"code": code, "title": "Rate limit hit"}])) == "200 OK"
    house.drain()


def test_too_fast_rests_the_number_for_a_moment(house: Given) -> None:
    out_of_band(house, 130429)
    assert holds(house) == {(Scope.NUMBER, NUMBER_ID): "too_fast"}
    house.clock.advance(timedelta(seconds=10))
    assert holds(house) == {}


@pytest.mark.parametrize(
    ("code", "held"),
    [
        (131031, {(Scope.ACCOUNT, "*"): "account_restricted"}),
        (131045, {(Scope.NUMBER, NUMBER_ID): "number_unregistered"}),
        (132015, {}),  # some template's: no message tells which
        (131050, {}),
        (999_999, {}),
    ],
)
def test_an_error_of_the_number_or_account_holds_what_it_concerns(
    house: Given, code: int, held: dict[tuple[Scope, str], str]
) -> None:
    out_of_band(house, code)
    assert holds(house) == held
    assert [incident.kind for incident in seen(house)] == ["error"]


def quality(house: Given, score: str) -> None:
    named: dict[str, Any] = {"message_template_name": "spring_offer", "message_template_language": "tr"}
    tell(house, "message_template_quality_update", **named, new_quality_score=score, previous_quality_score="GREEN")


def test_a_red_template_waits_until_it_is_better(house: Given) -> None:
    quality(house, "RED")
    assert holds(house) == {(Scope.TEMPLATE, "spring_offer"): "template_quality_red"}
    house.clock.advance(timedelta(hours=1))
    quality(house, "YELLOW")
    assert holds(house) == {}


def test_better_quality_does_not_lift_metas_own_pause(house: Given) -> None:
    named: dict[str, Any] = {"message_template_name": "spring_offer", "message_template_language": "tr"}
    tell(house, "message_template_status_update", **named, event="PAUSED")
    quality(house, "RED")
    quality(house, "GREEN")
    assert holds(house) == {(Scope.TEMPLATE, "spring_offer"): "template_paused"}
