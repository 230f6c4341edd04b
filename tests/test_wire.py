"""The net under all tests that send: it must not let through what Meta would refuse."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from gateway.core.message import Kind, MarketingEndpoint, Outgoing
from tests.wire import hold_against_meta, hold_message_against_meta

WAVE = {"type": "button", "sub_type": "wave", "index": 0, "parameters": [{"type": "text", "text": "x"}]}
TEMPLATE = Outgoing(
    message_id=1, number_id="1065", purpose="marketing", to="+905550000001", template="spring", language="tr"
)
TEXT = replace(TEMPLATE, kind=Kind.TEXT, text="Tamam.")


@pytest.mark.parametrize("message", [TEMPLATE, TEXT, replace(TEMPLATE, marketing_endpoint=MarketingEndpoint("STRICT"))])
def test_what_meta_reads_passes(message: Outgoing) -> None:
    asyncio.run(hold_message_against_meta(message))


@pytest.mark.parametrize(
    "message",
    [
        replace(TEMPLATE, components=f"[{json.dumps(WAVE)}]"),
        replace(TEMPLATE, components='[{"type": "header", "parameters": "Bahar"}]'),
        replace(TEMPLATE, marketing_endpoint=MarketingEndpoint("ALWAYS")),
    ],
)
def test_what_meta_refuses_does_not(message: Outgoing) -> None:
    with pytest.raises(AssertionError, match="Meta would not read this"):
        asyncio.run(hold_message_against_meta(message))


def test_a_field_of_nobodys_does_not_pass() -> None:
    body = {"messaging_product": "whatsapp", "to": "+905550000001", "type": "text", "texts": {"body": "Hi"}}
    with pytest.raises(AssertionError):
        hold_against_meta("/1065/messages", body)
