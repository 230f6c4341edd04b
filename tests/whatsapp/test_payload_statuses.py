"""What became of our messages, and errors that belong to none."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.whatsapp.payload import (
    Conversation,
    ErrorInfo,
    OutOfBandError,
    Pricing,
    StatusUpdate,
    items,
)
from tests.whatsapp.bodies import (
    AYSE,
    AYSE_ID,
    AYSE_PARENT,
    NUMBER_ID,
    SENT_AT,
    WAMID,
    Json,
    body,
    change,
    contact,
    failed,
    status,
    told,
    without,
)


def only(raw: Json) -> StatusUpdate:
    (found,) = items(raw)
    assert isinstance(found, StatusUpdate)
    return found


@pytest.mark.parametrize("word", ["sent", "delivered", "read", "played", "failed", "teleported"])
def test_a_status_names_its_message_and_our_own_id(word: str) -> None:
    found = only(told(status(word, biz_opaque_callback_data="m:42")))
    assert (found.wamid, found.status, found.tracker) == (WAMID, word, "m:42")
    assert (found.at, found.number_id) == (datetime.fromtimestamp(SENT_AT, UTC), NUMBER_ID)


def test_a_status_of_2026_names_the_recipient_thrice() -> None:
    ids = {"recipient_user_id": AYSE_ID, "recipient_parent_user_id": AYSE_PARENT}
    assert only(told(status(**ids))).recipient.known == (AYSE, AYSE_ID, AYSE_PARENT)


def test_contacts_complete_a_recipient_known_by_phone_only() -> None:
    assert only(told(status(), contacts=[contact()])).recipient.known == (AYSE, AYSE_ID)


def test_a_recipient_without_phone_stays_without() -> None:
    raw = without(status(recipient_user_id=AYSE_ID), "recipient_id")
    assert only(told(raw, contacts=[contact(wa_id=None)])).recipient.known == (AYSE_ID,)


def test_a_failure_without_contacts_is_read() -> None:
    found = only(told(failed(131049)))
    assert found.errors == (ErrorInfo(131049, "Title", "Message", "Details"),)


@pytest.mark.parametrize("code", ["131050", 131050, 131050.0])
def test_a_code_is_a_number_however_it_is_written(code: object) -> None:
    assert only(told(failed(code))).errors[0].code == 131050


@pytest.mark.parametrize("code", [None, True, "x", [], {}, "1" * 5_000, 1e300])
def test_what_is_no_code_is_none(code: object) -> None:
    assert only(told(failed(code))).errors[0].code is None


def test_an_error_may_lack_everything_but_its_code() -> None:
    assert only(told(status("failed", errors=[{"code": 1}]))).errors == (ErrorInfo(1),)


def test_all_errors_of_a_status_are_kept() -> None:
    raw = status("failed", errors=[{"code": 1}, "noise", {"code": 2}])
    assert [error.code for error in only(told(raw)).errors] == [1, 2]


def test_the_price_is_told() -> None:
    price = {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "marketing"}
    assert only(told(status("sent", pricing=price))).pricing == Pricing("regular", "marketing", "PMP", True)
    assert only(told(status("sent"))).pricing is None


def test_a_free_entry_point_tells_when_it_closes() -> None:
    conversation = {"id": "c", "origin": {"type": "referral_conversion"}, "expiration_timestamp": str(SENT_AT)}
    expected = Conversation("c", "referral_conversion", datetime.fromtimestamp(SENT_AT, UTC))
    assert only(told(status("sent", conversation=conversation))).conversation == expected


def test_a_group_status_names_participant_and_group() -> None:
    raw = status(
        "read",
        recipient_id="group-1",
        recipient_type="group",
        recipient_participant_id=AYSE,
        recipient_participant_user_id=AYSE_ID,
    )
    found = only(told(raw))
    assert (found.group_id, found.recipient.known) == ("group-1", (AYSE, AYSE_ID))


def test_a_status_of_a_call_is_marked() -> None:
    found = only(body(change("calls", statuses=[status("RINGING", type="call")])))
    assert (found.is_call, found.status) == (True, "ringing")
    assert not only(told(status())).is_call


def test_a_status_without_a_word_is_unknown() -> None:
    assert only(told(without(status(), "status"))).status == "unknown"


def test_an_error_that_belongs_to_no_message_stands_alone() -> None:
    (found,) = items(body(change("messages", errors=[{"code": 130429, "message": "Rate limit hit"}])))
    assert isinstance(found, OutOfBandError)
    assert (found.error.code, found.number_id) == (130429, NUMBER_ID)


@pytest.mark.parametrize(
    ("written", "second"),
    [
        (SENT_AT, SENT_AT),
        (str(SENT_AT), SENT_AT),
        (float(SENT_AT), SENT_AT),
        (SENT_AT * 1000, SENT_AT),
        ("0", 0),
    ],
)
def test_a_moment_is_read_however_it_is_written(written: object, second: int) -> None:
    assert only(told(status(timestamp=written))).at == datetime.fromtimestamp(second, UTC)


@pytest.mark.parametrize("written", [None, "", "<TIMESTAMP>", -1, True, [], {}, 10**40, "9" * 20, 1e308, 0.5])
def test_what_is_no_moment_is_none(written: Any) -> None:
    assert only(told(status(timestamp=written))).at is None
