"""Meta's error objects, as documented and as they really come."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.failure import NOT_SENT, OUTCOME_UNKNOWN, UNFIT
from gateway.whatsapp.failures import (
    CODE_MISSING,
    DETAILS_MAX,
    WireError,
    blotted,
    failure_of,
    read_error,
    regain_in,
)
from gateway.whatsapp.messenger import Failed, Unsure

ERRORS: list[tuple[dict[str, Any], WireError]] = [
    (
        {
            "message": "(#130429) Rate limit hit",
            "type": "OAuthException",
            "code": 130429,
            "error_data": {"messaging_product": "whatsapp", "details": "Message failed to send"},
            "fbtrace_id": "Az8",
        },
        WireError(130429, "Message failed to send", None, "Az8"),
    ),
    (  # a failed status
        {
            "code": 131026,
            "title": "Message undeliverable",
            "message": "Message undeliverable",
            "error_data": {"details": "Message Undeliverable."},
            "href": "https://example.org",
        },
        WireError(131026, "Message Undeliverable."),
    ),
    ({"code": "131050", "title": "stopped"}, WireError(131050, "stopped")),
    ({"code": 100, "error_subcode": 33, "message": "gone"}, WireError(100, "gone", 33)),
    ({"code": 131009, "error_data": "just text"}, WireError(131009, "just text")),
    ({"title": "no code"}, WireError(CODE_MISSING, "no code")),
    ({"code": None}, WireError(CODE_MISSING)),
    ({"code": "many"}, WireError(CODE_MISSING)),
    ({"code": 131026.0, "error_subcode": float("inf")}, WireError(131026)),  # JSON's 1e999
    ({}, WireError(CODE_MISSING)),
]


@pytest.mark.parametrize(("error", "read"), ERRORS)
def test_an_error_object_is_read(error: dict[str, Any], read: WireError) -> None:
    assert read_error(error) == read


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
_KEYS = st.sampled_from(["code", "message", "title", "error_data", "error_subcode", "fbtrace_id"])


@given(st.dictionaries(_KEYS, _ANYTHING))
def test_no_error_object_raises(error: dict[str, Any]) -> None:
    read = read_error(error)
    assert len(read.details) <= DETAILS_MAX


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Recipient +90 555 000 00 01 is not allowed", "Recipient … is not allowed"),
        ("(905550000001) not on WhatsApp", "(…) not on WhatsApp"),
        ("Param 3 of 12 is too long: 1025 > 1024", "Param 3 of 12 is too long: 1025 > 1024"),
    ],
)
def test_numbers_as_long_as_a_phones_are_blotted_out(text: str, left: str) -> None:
    assert blotted(text) == left


@pytest.mark.parametrize(
    ("outcome", "name"),
    [
        (Failed(UNFIT), "unfit"),
        (Failed(NOT_SENT), "not_sent"),
        (Failed(130429), "too_fast"),
        (Failed(100, subcode=33), "number_missing"),
        (Failed(4711), "unlisted"),
    ],
)
def test_a_posts_failure_is_the_tables(outcome: Failed, name: str) -> None:
    assert failure_of(outcome).name == name


def test_an_unsure_post_is_unknown_and_nothing_else() -> None:
    assert failure_of(Unsure("reset")) is OUTCOME_UNKNOWN


def test_a_parameter_error_on_the_marketing_endpoint_may_be_its_synchronisation() -> None:
    assert failure_of(Failed(131009), marketing_endpoint=True).name == "template_syncing"


def use(minutes: object, kind: str = "whatsapp") -> dict[str, object]:
    return {"type": kind, "call_count": 100, "total_time": 7, "estimated_time_to_regain_access": minutes}


@pytest.mark.parametrize(
    ("said", "minutes"),
    [
        ({"102290129340398": [use(30)]}, 30),
        ({"1": [use("7")]}, 7),
        ({"1": [use(3)], "2": [use(12)]}, 12),
        ({"1": [use(0), use(45, "whatsapp_business_management")]}, None),
        ({"1": [use(45, "whatsapp_business_management")]}, 45),
        ({"1": [use(5_000)]}, 24 * 60),
        ({"1": [use(10**18)]}, None),
        ({"1": [use(-4)]}, None),
        ({"1": [use(None)], "2": ["?"], "3": 4}, None),
        ([use(30)], None),
        ("soon", None),
    ],
)
def test_the_usage_header_says_for_how_long_access_is_lost(said: object, minutes: int | None) -> None:
    assert regain_in(orjson.dumps(said)) == (None if minutes is None else timedelta(minutes=minutes))


@given(st.binary())
def test_no_usage_header_raises(said: bytes) -> None:
    regain_in(said)
