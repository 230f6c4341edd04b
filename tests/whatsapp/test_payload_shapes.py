"""Shapes of bodies that Meta documents or that are met in the wild, each with the items it must yield."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.whatsapp.payload import InboundMessage, bears_consent, items, label, urgent_items
from tests.whatsapp.bodies import (
    AYSE,
    AYSE_ID,
    MEHMET,
    NUMBER_ID,
    OUR_NUMBER,
    SENT_AT,
    Json,
    body,
    change,
    contact,
    message,
    news,
    said,
    status,
    told,
)

IMAGE = {"id": "1", "mime_type": "image/jpeg", "sha256": "x"}
CARD = {"name": {"formatted_name": "Deniz"}, "phones": [{"phone": "+90 555 000 0009", "type": "CELL"}]}


def interactive(kind: str, **reply: Any) -> Json:
    return message("interactive", interactive={"type": kind, kind: reply})


MESSAGES: dict[str, tuple[Json, str, str | None]] = {
    "order": (
        message("order", order={"catalog_id": "1", "text": "kapıda", "product_items": [{}, {}]}),
        "order",
        "kapıda",
    ),
    "order without words": (message("order", order={"catalog_id": "1", "product_items": []}), "order", None),
    "form": (interactive("nfm_reply", name="flow", body="Sent", response_json='{"stop":"yes"}'), "interactive", None),
    "address": (interactive("nfm_reply", name="address_message", response_json="{}"), "interactive", None),
    "button reply": (interactive("button_reply", id="stop", title="Dur"), "interactive", "Dur"),
    "list reply": (interactive("list_reply", id="r1", title="Satır", description="d"), "interactive", "Satır"),
    "call permission": (interactive("call_permission_reply", response="accept"), "interactive", None),
    "interactive of a new kind": (interactive("carousel_reply", foo=1), "interactive", None),
    "interactive without content": (message("interactive", interactive=None), "interactive", None),
    "quick reply": (message("button", button={"text": "Dur", "payload": "STOP"}), "button", "Dur"),
    "quick reply without text": (message("button", button={"payload": "STOP"}), "button", "STOP"),
    "reaction": (message("reaction", reaction={"message_id": "wamid.1", "emoji": "👍"}), "reaction", "👍"),
    "reaction taken back": (message("reaction", reaction={"message_id": "wamid.1", "emoji": ""}), "reaction", None),
    "sticker": (message("sticker", sticker=IMAGE | {"animated": True}), "sticker", None),
    "image": (message("image", image=IMAGE | {"caption": "stop", "url": "https://x.example/1"}), "image", "stop"),
    "voice": (message("audio", audio=IMAGE | {"voice": True}), "audio", None),
    "document": (message("document", document=IMAGE | {"filename": "a.pdf"}), "document", None),
    "video": (message("video", video=IMAGE), "video", None),
    "location": (message("location", location={"latitude": 41.0, "longitude": 29.0}), "location", None),
    "live location": (message("live_location", live_location={"sequence": 1}), "live_location", None),
    "cards": (message("contacts", contacts=[CARD, CARD]), "contacts", None),
    "unsupported": (message("unsupported", errors=[{"code": 131051}, {"code": 1}]), "unsupported", None),
    "unsupported poll": (message("unsupported", unsupported={"type": "poll"}), "unsupported", None),
    "unknown, older": (message("unknown", errors=[{"code": 501, "details": "d"}]), "unknown", None),
    "ephemeral": (message("ephemeral"), "ephemeral", None),
    "view once": (message("view_once", view_once={}), "view_once", None),
    "poll vote": (message("poll_update", poll_update={"votes": []}), "poll_update", None),
    "first contact": (message("request_welcome"), "request_welcome", None),
    "advertisement": (message(referral={"source_type": "ad", "ctwa_clid": "c", "headline": "h"}), "text", "merhaba"),
    "advertisement and welcome": (message(referral={"welcome_message": {"text": "hi"}}), "text", "merhaba"),
    "product asked about": (
        message(context={"referred_product": {"catalog_id": "1", "product_retailer_id": "p"}}),
        "text",
        "merhaba",
    ),
    "forwarded": (message(context={"frequently_forwarded": True}), "text", "merhaba"),
    "group": (message(group_id="Y2FwaV9ncm91cDox"), "text", "merhaba"),
    "no phone": ({k: v for k, v in message(from_user_id=AYSE_ID).items() if k != "from"}, "text", "merhaba"),
    "identity changed": (message("system", system={"type": "customer_identity_changed", "body": "x"}), "system", None),
    "edit": (message("edit", edit={"original_message_id": "w", "message": message()}), "edit", "merhaba"),
    "revoke": (message("revoke", revoke={"original_message_id": "w"}), "revoke", None),
    "placeholder": (message("media_placeholder"), "media_placeholder", None),
    "pin": (message("pin", pin={"message_id": "w"}), "pin", None),
    "text as text": (message(text="merhaba"), "text", None),
    "text in a list": (message(text=["merhaba"]), "text", None),
    "number as id": (message(id=17, timestamp=SENT_AT), "text", "merhaba"),
    "type in capitals": (message("TEXT", text={"body": "stop"}), "TEXT", "stop"),
    "type that is no text": (message() | {"type": 5}, "5", "merhaba"),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_of_any_shape_is_one_item(name: str) -> None:
    raw, kind, words = MESSAGES[name]
    (found,) = items(said(raw, contacts=[contact()]))
    assert isinstance(found, InboundMessage)
    assert (found.kind, found.words) == (kind, words)
    assert bears_consent(found)


def rate_alert(event: str, **more: Any) -> Json:
    """A flow's endpoint or client errs: its errors are a part of what is told, not of the number."""
    error = {"error_type": "INVALID_SCREEN_TRANSITION", "error_rate": 66.6, "error_count": 2}
    return {"event": event, "flow_id": "1", "threshold": 10, "alert_state": "ACTIVATED", "errors": [error] * 2} | more


CALL = {"id": "wacid.1", "from": AYSE, "to": OUR_NUMBER, "event": "connect", "timestamp": str(SENT_AT)}
GROUP = {"group_id": "g", "type": "group_create", "request_id": "r", "timestamp": str(SENT_AT)}
STATE = {"type": "contact", "contact": {"phone_number": AYSE}, "action": "add", "metadata": {"timestamp": "1"}}
HISTORY = {
    "metadata": {"phase": 0, "progress": 5},
    "threads": [{"id": AYSE, "messages": [message(), message("image")]}],
}
LIMITS = {"max_daily_conversation_per_phone": -1, "max_phone_numbers_per_business": 20}
RESTRICTION = [{"restriction_type": "RESTRICTED_ADD_PHONE_NUMBER_ACTION", "expiration": SENT_AT}]

CHANGES: list[tuple[str, Json, str]] = [
    ("flows", {"event": "FLOW_STATUS_CHANGE", "flow_id": "1", "old_status": "DRAFT"}, "Other:flows"),
    ("flows", rate_alert("CLIENT_ERROR_RATE"), "Other:flows"),
    ("flows", rate_alert("ENDPOINT_ERROR_RATE", requests_count=30), "Other:flows"),
    ("flows", {"event": "ENDPOINT_LATENCY", "p90_latency": 500}, "Other:flows"),
    ("tracking_events", {"events": [{"event_name": "x"}]}, "Other:tracking_events"),
    ("partner_solutions", {"event": "SOLUTION_CREATED", "solution_id": "1"}, "Other:partner_solutions"),
    (
        "payment_configuration_update",
        {"configuration_name": "c", "status": "Active"},
        "Other:payment_configuration_update",
    ),
    ("business_status_update", {"business_id": "1", "event": "APPROVED"}, "Other:business_status_update"),
    ("template_correct_category_detection", {"correct_category": "M"}, "Other:template_correct_category_detection"),
    ("business_username_update", {"username": "kahve", "status": "approved"}, "Other:business_username_update"),
    ("message_template_status_update", {"event": "FLAGGED", "message_template_id": 1}, "TemplateStatus:FLAGGED"),
    ("message_template_status_update", {"event": "PENDING_DELETION"}, "TemplateStatus:PENDING_DELETION"),
    ("message_template_status_update", {"new_quality_score": "RED"}, "TemplateQuality:message_template_status_update"),
    ("template_category_update", {"new_category": "UTILITY"}, "TemplateCategory:template_category_update"),
    ("phone_number_quality_update", {"event": "FLAGGED", "current_limit": "TIER_10K"}, "NumberQuality:FLAGGED"),
    (
        "phone_number_quality_update",
        {"event": "ONBOARDING", "current_limit": "TIER_NOT_SET"},
        "NumberQuality:ONBOARDING",
    ),
    ("business_capability_update", LIMITS, "BusinessCapability:business_capability_update"),
    (
        "business_capability_update",
        {"max_daily_conversations_per_business": "TIER_UNLIMITED"},
        "BusinessCapability:business_capability_update",
    ),
    ("account_update", {"event": "VERIFIED_ACCOUNT", "phone_number": "1"}, "AccountUpdate:VERIFIED_ACCOUNT"),
    (
        "account_update",
        {"event": "ACCOUNT_RESTRICTION", "restriction_info": RESTRICTION},
        "AccountUpdate:ACCOUNT_RESTRICTION",
    ),
    (
        "account_update",
        {"event": "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE"},
        "AccountUpdate:AUTH_INTL_PRICE_ELIGIBILITY_UPDATE",
    ),
    ("account_update", {"event": "DISABLED_UPDATE", "ban_info": "x"}, "AccountUpdate:DISABLED_UPDATE"),
    ("account_update", {}, "AccountUpdate:"),
    ("account_review_update", {"decision": "APPROVED"}, "AccountReview:account_review_update"),
    ("account_alerts", {"entity_type": "WABA", "alert_info": [1]}, "AccountAlert:account_alerts"),
    ("security", {"event": "PIN_CHANGED"}, "Security:security"),
    ("comments", {"from": {"id": "1"}, "text": "instagram"}, "Other:comments"),
    ("feed", {"item": "post", "verb": "add"}, "Other:feed"),
]

CONVERSATIONS: list[tuple[str, Json, str]] = [
    ("calls", {"calls": [CALL], "contacts": [contact()]}, "Other:calls"),
    ("calls", {"calls": [CALL | {"event": "terminate"}], "errors": [{"code": 138001}]}, "Other:calls"),
    ("calls", {"statuses": [status("ringing", type="call")]}, "StatusUpdate:ringing"),
    ("account_settings_update", {"phone_number_settings": {}}, "Other:account_settings_update"),
    ("group_lifecycle_update", {"groups": [GROUP | {"errors": [{"code": 131000}]}]}, "Other:group_lifecycle_update"),
    ("group_participants_update", {"groups": [GROUP | {"added_participants": []}]}, "Other:group_participants_update"),
    ("group_settings_update", {"groups": [GROUP]}, "Other:group_settings_update"),
    ("group_status_update", {"groups": [GROUP | {"type": "group_suspend"}]}, "Other:group_status_update"),
    ("smb_app_state_sync", {"state_sync": [STATE, STATE]}, "Other:smb_app_state_sync"),
    ("smb_message_echoes", {"message_echoes": [message(to=AYSE), message("image")]}, "echo_text echo_image"),
    ("message_echoes", {"message_echoes": [message(to=AYSE)]}, "echo_text"),
    ("history", {"history": [HISTORY, HISTORY]}, "text image text image"),
    ("history", {"history": [{"errors": [{"code": 2593109}]}]}, "OutOfBandError:history"),
    ("history", {"messages": [message("image")]}, "image"),
    ("automatic_events", {"automatic_events": [{"event_name": "LeadSubmitted"}]}, "Other:automatic_events"),
    ("messaging_handovers", {"control_passed": {"metadata": "x"}}, "Other:messaging_handovers"),
    ("standby", {"standby": {"messages": [message()], "statuses": [status()]}}, "text StatusUpdate:delivered"),
    ("standby", {"messages": [message(), message("image")]}, "text image"),
    (
        "user_id_update",
        {"user_id_update": [{"user_id": {"previous": "TR.1", "current": "TR.2"}}]},
        "IdentityUpdate:user_id_update",
    ),
    (
        "user_preferences",
        {"user_preferences": [{"wa_id": AYSE, "value": "stop"}, {"wa_id": MEHMET, "value": "resume"}]},
        "PreferenceChange:stop PreferenceChange:resume",
    ),
    (
        "messages",
        {"messages": [message("system", system={"type": "user_changed_number", "wa_id": MEHMET})]},
        "IdentityUpdate:messages",
    ),
    (
        "messages",
        {"errors": [{"code": 130429}, {"code": "131000", "title": "t"}]},
        "OutOfBandError:messages OutOfBandError:messages",
    ),
    ("messages", {"messages": {"0": message()}}, "unknown"),
    ("messages", {"messages": message()}, "text"),
    ("messages", {"messages": [], "statuses": []}, "Other:messages"),
    ("messages", {}, "Other:messages"),
    (
        "messages",
        {"statuses": [status("warning"), status("deleted"), status("captured", type="payment")]},
        "StatusUpdate:warning StatusUpdate:deleted StatusUpdate:captured",
    ),
    (
        "messages",
        {"statuses": [status(recipient_type="group", recipient_participant_id=AYSE)]},
        "StatusUpdate:delivered",
    ),
    (
        "messages",
        {"messages": [message()], "statuses": [status()], "errors": [{"code": 1}]},
        "text StatusUpdate:delivered OutOfBandError:messages",
    ),
    ("a field of tomorrow", {"messages": [message("image")], "surprise": {}}, "image"),
    ("a field of tomorrow", {"errors": [{"code": 130429}]}, "OutOfBandError:a field of tomorrow"),
]


def labels(raw: Json) -> list[str]:
    return [label(item).removeprefix("InboundMessage:") for item in items(raw)]


@pytest.mark.parametrize(("field", "value", "expected"), CHANGES)
def test_news_of_any_shape_is_one_item(field: str, value: Json, expected: str) -> None:
    assert labels(news(field, **value)) == [expected]


@pytest.mark.parametrize(("field", "value", "expected"), CONVERSATIONS)
def test_a_conversations_change_yields_what_it_lists(field: str, value: Json, expected: str) -> None:
    found = labels(body(change(field, **value)))
    assert " ".join(found) == expected


def both(*raws: Json) -> Json:
    return {"object": "whatsapp_business_account", "entry": [entry for raw in raws for entry in raw["entry"]]}


BODIES: dict[str, tuple[Any, list[str]]] = {
    "several entries and changes": (
        both(body(change("messages", messages=[message()]), change("messages", statuses=[status()])), news("feed")),
        ["text", "StatusUpdate:delivered", "Other:feed"],
    ),
    "a page's own messages": (
        {"object": "page", "entry": [{"id": "1", "time": 1, "messaging": [{"message": {"text": "stop"}}]}]},
        ["Unreadable:"],
    ),
    "instagram": (
        {"object": "instagram", "entry": [{"id": "1", "changes": [{"field": "comments", "value": {"text": "x"}}]}]},
        ["Other:comments"],
    ),
    "an entry of changed fields": (
        {"object": "user", "entry": [{"id": "1", "changed_fields": ["a"]}]},
        ["Unreadable:"],
    ),
    "an entry without any change": ({"object": "whatsapp_business_account", "entry": [{"changes": []}]}, []),
    "a value that is text": ({"entry": [{"changes": [{"field": "about", "value": "hi"}]}]}, ["Other:about"]),
    "a change without value": ({"entry": [{"changes": [{"field": "about"}]}]}, ["Other:about"]),
    "a provider's bare messages": (
        {"contacts": [contact()], "messages": [message(), message("image")]},
        ["text", "image"],
    ),
    "a provider's bare statuses": (
        {"statuses": [status("sent"), status("read")]},
        ["StatusUpdate:sent", "StatusUpdate:read"],
    ),
    "a provider's bare errors": ({"errors": [{"code": 1014, "title": "t"}]}, ["OutOfBandError:messages"]),
    "the dashboard's sample": (
        {"field": "messages", "value": said(message())["entry"][0]["changes"][0]["value"]},
        ["text"],
    ),
    "one entry, one change, no lists": (
        {"entry": {"id": "1", "changes": change("messages", statuses=status("read"))}},
        ["StatusUpdate:read"],
    ),
    "failed without contacts": (told(status("failed", errors=[{"code": 131050}])), ["StatusUpdate:failed"]),
    "status of nearly nothing": (
        told({"status": "sent"}, {"id": "wamid.1"}, {}),
        ["StatusUpdate:sent", *["StatusUpdate:unknown"] * 2],
    ),
    "number without metadata": (
        {"entry": [{"changes": [{"field": "messages", "value": {"messages": [message()]}}]}]},
        ["text"],
    ),
    "metadata of another type": (
        {"entry": [{"changes": [{"field": "messages", "value": {"metadata": [NUMBER_ID], "messages": [message()]}}]}]},
        ["text"],
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_whole_body_yields_every_item_in_order(name: str) -> None:
    raw, expected = BODIES[name]
    assert labels(raw) == expected
    written = json.dumps(raw).encode()
    assert urgent_items(written) == [item for item in items(written) if bears_consent(item)]
