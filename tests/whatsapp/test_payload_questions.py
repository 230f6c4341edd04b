"""Which items must be in the ledger before the webhook answers, and how items are counted."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.whatsapp.payload import bears_consent, items, label, urgent_items
from tests.whatsapp.bodies import AYSE_ID, Json, body, change, contact, failed, message, news, said, status, told

STOP = {"wa_id": "905550000001", "category": "marketing_messages", "value": "stop"}


def bearing(raw: Json) -> list[bool]:
    return [bears_consent(item) for item in items(raw)]


URGENT = {
    "text": said(message()),
    "button": said(message("button", button={"text": "Dur"})),
    "unknown type": said(message("hologram")),
    "standby": body(change("standby", standby={"messages": [message()]})),
    "preference": body(change("user_preferences", user_preferences=[STOP])),
    "id update": body(change("user_id_update", user_id_update=[{"user_id": {"current": AYSE_ID}}])),
    "changed number": said(message("system", system={"type": "user_changed_number", "wa_id": "905550000009"})),
    "opt-out failure": told(failed(131050)),
    "opt-out failure in standby": body(change("standby", standby={"statuses": [failed("131050")]})),
}

PATIENT = {
    "delivered": told(status()),
    "other failure": told(failed(131049)),
    "echo": body(change("smb_message_echoes", message_echoes=[message()])),
    "standby echo": body(change("standby", standby={"message_echoes": [message()]})),
    "history": body(change("history", history=[{"threads": [{"messages": [message()]}]}])),
    "media of a history": said(message("image"), field="history"),
    "out of band": body(change("messages", errors=[{"code": 131050}])),
    "template": news("message_template_status_update", event="PAUSED"),
    "unknown field": news("invented"),
    "no webhook": {"x": 1},
}


@pytest.mark.parametrize("name", URGENT)
def test_what_can_change_consent_comes_before_the_answer(name: str) -> None:
    assert bearing(URGENT[name]) == [True]
    assert urgent_items(URGENT[name]) == items(URGENT[name])


@pytest.mark.parametrize("name", PATIENT)
def test_everything_else_waits(name: str) -> None:
    assert bearing(PATIENT[name]) == [False]
    assert urgent_items(PATIENT[name]) == []


def test_which_codes_mean_opted_out_can_be_told() -> None:
    raw = told(failed(131049))
    assert bears_consent(items(raw)[0], {131049})
    assert urgent_items(raw, {131049}) == items(raw)


def test_a_stop_is_found_amid_a_thousand_statuses() -> None:
    statuses: list[Any] = [status()] * 500 + [failed(131050)] + [status("read")] * 499
    raw = body(change("messages", statuses=statuses, contacts=[contact()]), change("messages", messages=[message()]))
    assert [label(item) for item in urgent_items(raw)] == ["StatusUpdate:failed", "InboundMessage:text"]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (said(message("image")), "InboundMessage:image"),
        (body(change("smb_message_echoes", message_echoes=[message()])), "InboundMessage:echo_text"),
        (told(status("read")), "StatusUpdate:read"),
        (body(change("user_preferences", user_preferences=[STOP])), "PreferenceChange:stop"),
        (news("account_update", event="ACCOUNT_DELETED"), "AccountUpdate:ACCOUNT_DELETED"),
        (news("invented"), "Other:invented"),
        ({}, "Unreadable:"),
    ],
)
def test_items_are_counted_under_telling_names(raw: Json, expected: str) -> None:
    assert [label(item) for item in items(raw)] == [expected]
