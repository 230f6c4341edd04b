"""Templates, numbers and the account: the changes that are one item each (whatsapp-cloud-api.md, 3.4)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest

from gateway.whatsapp.payload import (
    AccountAlert,
    AccountReview,
    AccountUpdate,
    BusinessCapability,
    DailyLimit,
    Item,
    NumberName,
    NumberQuality,
    Other,
    Restriction,
    Security,
    TemplateCategory,
    TemplateComponents,
    TemplateQuality,
    TemplateStatus,
    items,
    label,
)
from tests.whatsapp.bodies import SENT_AT, WABA_ID, Json, body, news

AnItem = TypeVar("AnItem", bound=Item)

TEMPLATE = {"message_template_id": 12345678, "message_template_name": "bahar", "message_template_language": "en-US"}
THEN = datetime.fromtimestamp(SENT_AT, UTC)


def read(kind: type[AnItem], field: str, **value: Any) -> AnItem:
    (found,) = items(news(field, **value))
    assert type(found) is kind
    assert (found.field, found.waba_id, found.raw) == (field, WABA_ID, value)
    return found


def test_a_template_is_named_by_id_name_and_language() -> None:
    found = read(TemplateStatus, "message_template_status_update", **TEMPLATE, event="APPROVED")
    assert (found.template_id, found.name, found.at) == ("12345678", "bahar", THEN)
    assert (found.language, found.language_raw) == ("en_US", "en-US")


@pytest.mark.parametrize(
    ("written", "meant"), [("tr", "tr"), ("pt-br", "pt_BR"), ("zh_Hans_CN", "zh_Hans_CN"), ("EN", "en"), ("", None)]
)
def test_a_language_has_one_spelling(written: str, meant: str | None) -> None:
    raw = {**TEMPLATE, "message_template_language": written}
    assert read(TemplateStatus, "message_template_status_update", **raw).language == meant


def test_a_pause_tells_its_kind() -> None:
    info = {"title": "FIRST_PAUSE", "description": "…"}
    raw = {**TEMPLATE, "event": "PAUSED", "other_info": info, "reason": "NONE"}
    found = read(TemplateStatus, "message_template_status_update", **raw)
    assert (found.event, found.title, found.reason) == ("PAUSED", "FIRST_PAUSE", "NONE")


def test_a_rejection_tells_why_and_what_to_do() -> None:
    info = {"reason": "Variables are adjacent.", "recommendation": "Separate them."}
    raw = {**TEMPLATE, "event": "REJECTED", "rejection_info": info, "message_template_category": "MARKETING"}
    found = read(TemplateStatus, "message_template_status_update", **raw)
    assert (found.rejection, found.recommendation, found.category) == (*info.values(), "MARKETING")


def test_a_template_soon_disabled_tells_when() -> None:
    raw = {**TEMPLATE, "event": "FLAGGED", "disable_info": {"disable_date": "January 31, 2027"}}
    assert read(TemplateStatus, "message_template_status_update", **raw).disable_date == "January 31, 2027"


def test_a_status_without_event_is_unknown_rather_than_approved() -> None:
    assert read(TemplateStatus, "message_template_status_update", **TEMPLATE).event == "UNKNOWN"


@pytest.mark.parametrize("field", ["message_template_quality_update", "message_template_status_update"])
def test_quality_is_read_under_its_own_field_and_under_the_one_of_metas_sample(field: str) -> None:
    raw = {**TEMPLATE, "previous_quality_score": "GREEN", "new_quality_score": "RED"}
    found = read(TemplateQuality, field, **raw)
    assert (found.previous, found.quality) == ("GREEN", "RED")


def test_an_announced_category_is_not_yet_the_category() -> None:
    raw = {"new_category": "UTILITY", "correct_category": "MARKETING", "category_update_timestamp": SENT_AT}
    found = read(TemplateCategory, "template_category_update", **TEMPLATE, **raw)
    assert (found.category, found.becomes, found.becomes_at) == ("UTILITY", "MARKETING", THEN)


@pytest.mark.parametrize("previous", [{"previous_category": "UTILITY"}, {}])
def test_a_changed_category_is_the_category(previous: Json) -> None:
    found = read(TemplateCategory, "template_category_update", **TEMPLATE, **previous, new_category="MARKETING")
    assert (found.category, found.previous) == ("MARKETING", previous.get("previous_category"))
    assert found.becomes is None


def test_edited_components_give_the_new_texts() -> None:
    texts = {"message_template_title": "A", "message_template_element": "B", "message_template_footer": "C"}
    found = read(TemplateComponents, "message_template_components_update", **TEMPLATE, **texts)
    assert (found.title, found.body, found.footer) == ("A", "B", "C")


def test_more_throughput_is_told() -> None:
    raw = {"display_phone_number": "905550000000", "event": "THROUGHPUT_UPGRADE"}
    found = read(NumberQuality, "phone_number_quality_update", **raw)
    assert found.is_throughput_upgrade
    assert (found.display_number, found.daily_limit) == ("905550000000", None)


@pytest.mark.parametrize("event", ["ONBOARDING", "FLAGGED", None])
def test_other_number_events_are_no_upgrade(event: str | None) -> None:
    found = read(NumberQuality, "phone_number_quality_update", event=event, current_limit="TIER_10K")
    assert not found.is_throughput_upgrade
    assert found.daily_limit == DailyLimit(10_000, False, "TIER_10K")


@pytest.mark.parametrize(
    ("written", "people", "is_unlimited"),
    [
        (2_000, 2_000, False),
        ("2000", 2_000, False),
        ("TIER_250", 250, False),
        ("tier_2k", 2_000, False),
        ("TIER_100K", 100_000, False),
        ("TIER_1M", 1_000_000, False),
        ("TIER_UNLIMITED", None, True),
        ("TIER_NOT_SET", None, False),
        (-1, None, False),
        (0, None, False),
    ],
)
def test_a_daily_limit_is_a_number_or_a_tier(written: object, people: int | None, is_unlimited: bool) -> None:
    raw = {"max_daily_conversations_per_business": written, "max_phone_numbers_per_waba": 25}
    found = read(BusinessCapability, "business_capability_update", **raw)
    assert found.daily_limit is not None
    assert (found.daily_limit.people, found.daily_limit.is_unlimited) == (people, is_unlimited)
    assert found.numbers_max == 25


@pytest.mark.parametrize("written", [None, {}, [1], True, ""])
def test_a_limit_that_is_none_is_not_told(written: object) -> None:
    raw = {"max_daily_conversations_per_business": written}
    assert read(BusinessCapability, "business_capability_update", **raw).daily_limit is None


def test_a_limit_under_its_older_name_is_read() -> None:
    found = read(BusinessCapability, "business_capability_update", max_daily_conversation_per_phone=1_000)
    assert found.daily_limit == DailyLimit(1_000, False, "1000")


def test_restrictions_tell_kind_and_end() -> None:
    rows = [
        {"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": SENT_AT},
        {"restriction_type": "RESTRICTED_ADD_PHONE_NUMBER_ACTION", "expiration": "<TIMESTAMP>"},
    ]
    found = read(AccountUpdate, "account_update", event="ACCOUNT_RESTRICTION", restriction_info=rows)
    assert found.restrictions == (
        Restriction("RESTRICTED_BIZ_INITIATED_MESSAGING", THEN, None),
        Restriction("RESTRICTED_ADD_PHONE_NUMBER_ACTION", None, None),
    )


def test_a_violation_is_told() -> None:
    found = read(AccountUpdate, "account_update", event="ACCOUNT_VIOLATION", violation_info={"violation_type": "SCAM"})
    assert found.violation == "SCAM"


def test_a_ban_tells_its_state_and_date() -> None:
    ban = {"waba_ban_state": "SCHEDULE_FOR_DISABLE", "waba_ban_date": "January 31, 2027"}
    found = read(AccountUpdate, "account_update", event="DISABLED_UPDATE", ban_info=ban)
    assert (found.ban_state, found.ban_date) == ("SCHEDULE_FOR_DISABLE", "January 31, 2027")


def test_an_event_about_another_account_names_it() -> None:
    found = read(AccountUpdate, "account_update", event="PARTNER_REMOVED", waba_info={"waba_id": "980198427658004"})
    assert found.concerns_waba_id == "980198427658004"


@pytest.mark.parametrize(
    "told",
    [
        {"alert_severity": "CRITICAL", "alert_status": "ACTIVE", "alert_type": "T", "alert_description": "D"},
        {
            "alert_info": {
                "alert_severity": "CRITICAL",
                "alert_status": "ACTIVE",
                "alert_type": "T",
                "alert_description": "D",
            }
        },
        {"alert_info": {"severity": "CRITICAL", "status": "ACTIVE", "type": "T", "description": "D"}},
    ],
)
def test_an_alert_is_read_nested_and_flat(told: Json) -> None:
    found = read(AccountAlert, "account_alerts", entity_type="WABA", entity_id=123456, **told)
    assert (found.entity_type, found.entity_id) == ("WABA", "123456")
    assert (found.severity, found.status, found.kind, found.description) == ("CRITICAL", "ACTIVE", "T", "D")


def test_reviews_and_names_tell_the_verdict() -> None:
    assert read(AccountReview, "account_review_update", decision="APPROVED").decision == "APPROVED"
    raw = {"decision": "REJECTED", "requested_verified_name": "Firma", "rejection_reason": "NAME_TAKEN"}
    found = read(NumberName, "phone_number_name_update", **raw)
    assert (found.decision, found.requested_name, found.rejection) == ("REJECTED", "Firma", "NAME_TAKEN")


def test_a_changed_pin_is_told() -> None:
    found = read(Security, "security", event="PIN_CHANGED", requester="61555822107539")
    assert (found.event, found.requester, found.at) == ("PIN_CHANGED", "61555822107539", THEN)


@pytest.mark.parametrize("field", ["smb_app_state_sync", "messaging_handovers", "flows", "invented_in_2028"])
def test_a_field_unknown_to_us_is_kept_and_countable(field: str) -> None:
    found = read(Other, field, anything=[1, {"x": None}])
    assert (found.value, label(found)) == ({"anything": [1, {"x": None}]}, f"Other:{field}")


@pytest.mark.parametrize("value", [None, 1, "x", [], True])
def test_a_change_whose_value_is_no_object_is_kept(value: object) -> None:
    (found,) = items(body({"field": "messages", "value": value}))
    assert isinstance(found, Other)
    assert (found.value, found.field) == (value, "messages")


def test_a_change_without_field_is_kept() -> None:
    (found,) = items(body({"value": {"x": 1}}))
    assert isinstance(found, Other)
    assert found.field == ""
