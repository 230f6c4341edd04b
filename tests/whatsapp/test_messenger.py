"""What may go on the wire, and what an outcome says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.core.message import Kind, MarketingEndpoint, Outgoing, State
from gateway.whatsapp.messenger import TEXT_MAX, Accepted, unfit

TEMPLATE = Outgoing(
    message_id=17,
    number_id="1065",
    purpose="marketing",
    to="+905550000001",
    template="spring",
    language="tr",
)
TEXT = replace(TEMPLATE, kind=Kind.TEXT, text="Tamam", template="", language="")


def test_an_ordinary_template_and_text_may_go() -> None:
    assert unfit(TEMPLATE) is None
    assert unfit(TEXT) is None


@pytest.mark.parametrize("user_id", ["TR.13491208655302741918", "US.ENT.11815799212886844830", "US.ABC123"])
def test_business_scoped_user_ids_may_go(user_id: str) -> None:
    assert unfit(replace(TEMPLATE, to=None, recipient=user_id)) is None


@pytest.mark.parametrize(
    "to",
    [
        "905550000001",
        "+90 555 000 0001",
        "+0905550000001",
        "+90",
        "+9055500000012345",
        "TR.123",
        "Y2FwaV9ncm91cDoxNzA1NTU1MDEzOToxMjAzNjM0",
        "",
        "+٩٠٥٥٥٠٠٠٠٠٠١",
        "+905550000001\n",
    ],
)
def test_nothing_but_a_whole_phone_number_is_taken_for_one(to: str) -> None:
    problem = unfit(replace(TEMPLATE, to=to))
    assert problem is not None
    assert "phone number" in problem
    assert to == "" or to not in problem


@pytest.mark.parametrize("recipient", ["123", "tr.123", "TR123", "TR.", "TR.1 2", "TUR.1", "TR.ENT.x-y", "TR.1\n"])
def test_nothing_but_a_user_id_is_taken_for_one(recipient: str) -> None:
    assert "user id" in (unfit(replace(TEMPLATE, to=None, recipient=recipient)) or "")


@pytest.mark.parametrize(("to", "recipient"), [(None, None), ("+905550000001", "TR.1")])
def test_one_address_not_none_and_not_two(to: str | None, recipient: str | None) -> None:
    assert "either" in (unfit(replace(TEMPLATE, to=to, recipient=recipient)) or "")


@pytest.mark.parametrize(
    ("message", "says"),
    [
        (replace(TEMPLATE, template=""), "template's name"),
        (replace(TEMPLATE, language=""), "language"),
        (replace(TEMPLATE, number_id="my number"), "sending number"),
        (replace(TEMPLATE, number_id="١٠٦٥"), "sending number"),
        (replace(TEXT, text=""), "1 to 4096"),
        (replace(TEXT, marketing_endpoint=MarketingEndpoint("STRICT")), "templates only"),
        (replace(TEXT, text="x" * (TEXT_MAX + 1)), "1 to 4096"),
        (replace(TEMPLATE, to=None, recipient="TR.1", purpose="authentication"), "needs a phone number"),
    ],
)
def test_contents_that_cannot_go_are_named(message: Outgoing, says: str) -> None:
    assert says in (unfit(message) or "")


@pytest.mark.parametrize(
    ("message_status", "state"),
    [
        ("accepted", State.ACCEPTED),
        ("", State.ACCEPTED),
        ("held_for_quality_assessment", State.HELD),
        ("paused", State.HELD),
        ("something_new", State.HELD),
    ],
)
def test_every_message_status_has_a_state(message_status: str, state: State) -> None:
    assert Accepted("wamid.1", message_status).state is state
