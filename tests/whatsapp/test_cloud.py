"""The Cloud API as a Messenger: what goes over the wire, and what each answer becomes."""

from __future__ import annotations

import asyncio
import logging
import socket
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest
from pywa_async.client import WhatsApp
from pywa_async.types.templates import TemplateLanguage

from gateway.core.failure import NOT_SENT, UNFIT
from gateway.core.message import Kind, MarketingEndpoint, Outgoing
from gateway.whatsapp.cloud import REFUSED_WITH_5XX, Cloud
from gateway.whatsapp.messenger import Accepted, Failed, Outcome, Unsure
from gateway.whatsapp.session import FastSession, Wire
from tests.whatsapp.sink import Drop, Reply, Request, Script, Sink, Stall, accepted, refusal, with_sink
from tests.wire import hold_against_meta

QUICK = Wire(connect_seconds=0.3, answer_seconds=0.6)
TEMPLATE = Outgoing(
    message_id=17, number_id="1065", purpose="marketing", to="+905550000001", template="spring", language="tr"
)
TEXT = replace(TEMPLATE, kind=Kind.TEXT, text="Tamam, bir daha yazmayız.", template="", language="")

COMPONENTS: dict[str, dict[str, Any]] = {
    "header text": {"type": "header", "parameters": [{"type": "text", "text": "Ayşe"}]},
    "header image": {
        "type": "header",
        "parameters": [{"type": "image", "image": {"link": "https://example.org/a.jpg"}}],
    },
    "header video": {"type": "header", "parameters": [{"type": "video", "video": {"id": "77"}}]},
    "header document": {
        "type": "header",
        "parameters": [{"type": "document", "document": {"id": "78", "filename": "fatura.pdf"}}],
    },
    "header location": {
        "type": "header",
        "parameters": [
            {
                "type": "location",
                "location": {"latitude": "41.0", "longitude": "29.0", "name": "Depo", "address": "İstanbul"},
            }
        ],
    },
    "body positional": {
        "type": "body",
        "parameters": [{"type": "text", "text": "Ayşe"}, {"type": "text", "text": "%20"}],
    },
    "body named": {
        "type": "body",
        "parameters": [{"type": "text", "parameter_name": "first_name", "text": "Ayşe"}],
    },
    "url suffix": {
        "type": "button",
        "sub_type": "url",
        "index": "0",
        "parameters": [{"type": "text", "text": "s/8fK"}],
    },
    "quick reply": {
        "type": "button",
        "sub_type": "quick_reply",
        "index": "1",
        "parameters": [{"type": "payload", "payload": "stop"}],
    },
    "copy code": {
        "type": "button",
        "sub_type": "copy_code",
        "index": "2",
        "parameters": [{"type": "coupon_code", "coupon_code": "BAHAR20"}],
    },
}


def as_json(*components: dict[str, Any]) -> str:
    return orjson.dumps(components).decode()


def sent_by(script: Script, *messages: Outgoing) -> tuple[list[Outcome], Sink]:
    outcomes: list[Outcome] = []

    async def talk(sink: Sink) -> None:
        async with Cloud(token="secret", base_url=sink.url(), wire=QUICK) as cloud:
            outcomes.extend([await cloud.send(message) for message in messages])

    sink = with_sink(script, talk)
    for request in sink.requests:
        hold_against_meta(request.target, request.json)
    return outcomes, sink


def only(script: Script, message: Outgoing = TEMPLATE) -> Outcome:
    """The outcome of one message, which was posted once and no more."""
    (outcome,), sink = sent_by(script, message)
    assert len(sink.requests) == 1
    return outcome


def posted(message: Outgoing) -> Request:
    (outcome,), sink = sent_by(accepted, message)
    assert isinstance(outcome, Accepted)
    (request,) = sink.requests
    return request


def test_a_template_goes_to_its_number_with_token_and_tracker() -> None:
    request = posted(replace(TEMPLATE, attempt=2))
    assert (request.method, request.target) == ("POST", "/v26.0/1065/messages")
    assert request.headers["authorization"] == "Bearer secret"
    assert request.json == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+905550000001",
        "type": "template",
        "template": {"name": "spring", "language": {"code": "tr"}},
        "biz_opaque_callback_data": "17.2",
    }


@pytest.mark.parametrize("component", COMPONENTS.values(), ids=COMPONENTS.keys())
def test_every_component_arrives_as_it_was_filled(component: dict[str, Any]) -> None:
    assert posted(replace(TEMPLATE, components=as_json(component))).json["template"]["components"] == [component]


def test_all_components_go_together_in_their_order() -> None:
    components = list(COMPONENTS.values())
    assert posted(replace(TEMPLATE, components=as_json(*components))).json["template"]["components"] == components


@pytest.mark.parametrize("name", ["100%b", 'a"b', "%(x)s", "çok", "\\"])
def test_a_template_of_any_name_goes_by_it(name: str) -> None:
    sent = posted(replace(TEMPLATE, template=name, components='[{"type":"body"}]')).json["template"]
    assert sent == {"name": name, "language": {"code": "tr"}, "components": [{"type": "body"}]}


def test_a_text_goes_as_text() -> None:
    body = posted(TEXT).json
    assert (body["type"], body["text"]) == ("text", {"body": TEXT.text, "preview_url": False})
    assert body["biz_opaque_callback_data"] == "17"


@pytest.mark.parametrize("user_id", ["TR.13491208655302741918", "US.ABC123", "US.ENT.118157992128868"])
@pytest.mark.parametrize("message", [TEMPLATE, TEXT], ids=["template", "text"])
def test_a_user_id_goes_to_an_individual_never_to_a_group(message: Outgoing, user_id: str) -> None:
    body = posted(replace(message, to=None, recipient=user_id)).json
    assert (body["recipient"], body["recipient_type"]) == (user_id, "individual")
    assert "to" not in body


def test_a_language_outside_pywas_list_goes_out_all_the_same() -> None:
    assert posted(replace(TEMPLATE, language="en-US")).json["template"]["language"] == {"code": "en-US"}


@pytest.mark.parametrize("address", [{}, {"to": None, "recipient": "TR.99"}], ids=["phone", "user id"])
@pytest.mark.parametrize("shares", [True, False])
@pytest.mark.parametrize("policy", ["STRICT", "CLOUD_API_FALLBACK"])
def test_the_marketing_endpoint_takes_its_policy_with_every_message(
    address: dict[str, Any], policy: str, shares: bool
) -> None:
    request = posted(replace(TEMPLATE, marketing_endpoint=MarketingEndpoint(policy, shares), **address))
    assert (request.json["product_policy"], request.json["message_activity_sharing"]) == (policy, shares)
    assert request.target == "/v26.0/1065/marketing_messages"
    assert request.json["biz_opaque_callback_data"] == "17"
    assert request.json["template"]["name"] == "spring"


@pytest.mark.parametrize(
    "message",
    [
        TEMPLATE,
        replace(TEMPLATE, components=as_json(*COMPONENTS.values())),
        replace(TEMPLATE, marketing_endpoint=MarketingEndpoint("STRICT", shares_activity=True)),
        replace(TEMPLATE, to=None, recipient="TR.99"),
        TEXT,
    ],
    ids=["plain", "components", "marketing", "user id", "text"],
)
def test_the_request_is_the_one_that_pywas_own_calls_write(message: Outgoing) -> None:
    async def talk(sink: Sink) -> None:
        session = FastSession(QUICK)
        pywa = WhatsApp(token="secret", session=session, phone_id=message.number_id)
        session.base_url = f"{sink.url()}/v26.0"
        to = message.to or message.recipient or ""
        if message.kind is Kind.TEXT:
            await pywa.send_message(to, message.text, tracker=message.tracker)
        else:
            await pywa.send_template(
                to,
                message.template,
                TemplateLanguage(message.language),
                orjson.loads(message.components or "null"),
                use_mm_lite_api=message.marketing_endpoint is not None,
                message_activity_sharing=True if message.marketing_endpoint else None,
                tracker=message.tracker,
            )
        await session.aclose()

    (theirs,), ours = with_sink(accepted, talk).requests, posted(message)
    product_policy = {"product_policy": "STRICT"} if message.marketing_endpoint else {}  # unknown to pywa
    assert (ours.target, ours.json) == (theirs.target, theirs.json | product_policy)


@pytest.mark.parametrize(
    "message",
    [
        replace(TEMPLATE, to="905550000001"),
        replace(TEMPLATE, to="TR.1"),
        replace(TEMPLATE, to=None, recipient="+905550000001"),
        replace(TEMPLATE, template=""),
        replace(TEXT, text="half an emoji \ud83d"),
        replace(TEMPLATE, to=None, recipient="TR.1", purpose="authentication"),
    ],
)
def test_what_is_unfit_never_reaches_the_wire(message: Outgoing) -> None:
    (outcome,), sink = sent_by(accepted, message)
    assert isinstance(outcome, Failed)
    assert outcome.code == UNFIT
    assert sink.requests == []


def answer(status: str | None = "accepted", **contact: str) -> Reply:
    sent = {"id": "wamid.A"} | ({} if status is None else {"message_status": status})
    body = {"messaging_product": "whatsapp", "contacts": [{"input": "x"} | contact], "messages": [sent]}
    return Reply(body=orjson.dumps(body))


@pytest.mark.parametrize("status", ["accepted", "held_for_quality_assessment", "paused", "new"])
def test_an_accepted_message_says_how_it_was_taken(status: str) -> None:
    outcome = only(lambda _: answer(status, wa_id="905550000001"))
    assert outcome == Accepted("wamid.A", status, wa_id="905550000001")


def test_a_text_has_no_message_status() -> None:
    assert only(lambda _: answer(None, wa_id="905550000001"), TEXT) == Accepted("wamid.A", wa_id="905550000001")


def test_an_acceptance_without_contacts_is_still_one() -> None:
    reply = Reply(200, b'{"messages": [{"id": "wamid.A", "message_status": "accepted"}]}')
    assert only(lambda _: reply) == Accepted("wamid.A", "accepted")


def test_a_user_id_comes_back_as_one() -> None:
    outcome = only(lambda _: answer(user_id="TR.99"), replace(TEMPLATE, to=None, recipient="TR.99"))
    assert outcome == Accepted("wamid.A", "accepted", user_id="TR.99")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429])
@pytest.mark.parametrize("code", [0, 100, 190, 130429, 131049, 131056, 132001, 131063, 4711])
def test_a_refusal_is_told_by_its_code_whatever_the_http_status(status: int, code: int) -> None:
    outcome = only(lambda _: refusal(status, code, "because"))
    assert outcome == Failed(code, "because", None, "T1")


def test_a_refusal_keeps_its_subcode_and_loses_phone_numbers() -> None:
    outcome = only(lambda _: refusal(400, 100, "no object +905550000001", error_subcode=33))
    assert outcome == Failed(100, "no object …", 33, "T1")


@pytest.mark.parametrize("proxied", [False, True])
def test_a_refusal_tells_when_access_is_regained(proxied: bool) -> None:
    said = b'x-business-use-case-usage: {"1": [{"type": "whatsapp", "estimated_time_to_regain_access": 9}]}\r\n'

    async def run(sink: Sink) -> None:
        wire = Wire(proxy=sink.url()) if proxied else Wire()
        async with Cloud(token="t", base_url="http://graph.invalid" if proxied else sink.url(), wire=wire) as cloud:
            outcome = await cloud.send(TEMPLATE)
        assert outcome == Failed(80007, "because", None, "T1", timedelta(minutes=9))

    with_sink(lambda _: replace(refusal(400, 80007, "because"), head=said), run)


@pytest.mark.parametrize("code", sorted(REFUSED_WITH_5XX))
def test_an_explicit_not_now_with_a_5xx_is_a_refusal(code: int) -> None:
    assert isinstance(only(lambda _: refusal(503, code)), Failed)


@pytest.mark.parametrize("code", [0, 1, 131000, 500, 4711])
def test_any_other_5xx_leaves_the_outcome_unknown(code: int) -> None:
    assert isinstance(only(lambda _: refusal(500, code)), Unsure)


BROKEN: list[tuple[str, Script]] = [
    ("502 html", lambda _: Reply(502, b"<html>Bad Gateway</html>")),
    ("500 empty", lambda _: Reply(500, b"")),
    ("400 html", lambda _: Reply(400, b"<html>proxy says no</html>")),
    ("404 json of somebody else", lambda _: Reply(404, b'{"detail": "Not Found"}')),
    ("429 text", lambda _: Reply(429, b"slow down")),
    ("error without a code", lambda _: Reply(400, b'{"error": {"message": "x", "type": "T"}}')),
    ("error without a message", lambda _: Reply(400, b'{"error": {"code": 100, "type": "T"}}')),
    ("error is text", lambda _: Reply(400, b'{"error": "nope"}')),
    ("200 html", lambda _: Reply(200, b"<html>hello</html>")),
    ("200 empty", lambda _: Reply(200, b"")),
    ("200 list", lambda _: Reply(200, b"[]")),
    ("200 without messages", lambda _: Reply(200, b'{"contacts": []}')),
    ("307", lambda _: Reply(307, b"")),
    ("reset", lambda _: Drop()),
    ("no answer", lambda _: Stall()),
    ("cut short", lambda _: replace(answer(), cut_short=True)),
]


@pytest.mark.parametrize("script", [script for _, script in BROKEN], ids=[name for name, _ in BROKEN])
@pytest.mark.parametrize(
    "message", [TEMPLATE, TEXT, replace(TEMPLATE, to=None, recipient="TR.9")], ids=["template", "text", "user id"]
)
def test_a_broken_answer_is_never_repeated_and_never_taken_for_a_refusal(script: Script, message: Outgoing) -> None:
    outcome = only(script, message)
    assert isinstance(outcome, Unsure)


def test_a_refused_connection_is_safe_to_try_again() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"

    async def run() -> Outcome:
        async with Cloud(token="secret", base_url=url, wire=QUICK) as cloud:
            return await cloud.send(TEMPLATE)

    outcome = asyncio.run(run())
    assert isinstance(outcome, Failed)
    assert outcome.code == NOT_SENT


def test_a_message_is_written_at_once_and_its_answer_is_not_lost_with_whoever_gave_up() -> None:
    outcomes: list[Outcome] = []

    async def talk(sink: Sink) -> None:
        async with Cloud(token="secret", base_url=sink.url(), wire=QUICK) as cloud:
            await cloud.make_ready(2)
            given_up, kept = cloud.send(TEMPLATE), cloud.send(replace(TEMPLATE, message_id=18))
            given_up.cancel()
            outcomes.append(await kept)
            outcomes.append(await cloud.send(replace(TEMPLATE, message_id=19)))

    sink = with_sink(accepted, talk)
    assert sorted(request.json["biz_opaque_callback_data"] for request in sink.requests) == ["17", "18", "19"]
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)


def test_what_no_bytes_can_hold_is_refused_here_and_never_posted() -> None:
    (outcome,), sink = sent_by(accepted, replace(TEMPLATE, components='[{"type":"\ud800"}]'))
    assert isinstance(outcome, Failed)
    assert outcome.code == UNFIT
    assert not sink.requests


@pytest.mark.parametrize("token", ["", "two words", "hunter2\n", "jetón"])
def test_a_token_that_cannot_be_one_is_named_but_not_repeated(token: str) -> None:
    with pytest.raises(ValueError, match="access token is empty or has") as caught:
        Cloud(token=token)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("url", ["", "nonsense", "ftp://example.org", "http://", "http://localhost:99999x"])
def test_an_address_that_is_none_is_named(url: str) -> None:
    with pytest.raises(ValueError, match="API's address"):
        Cloud(token="secret", base_url=url)


def test_many_messages_at_once_each_get_their_own_outcome() -> None:
    outcomes: list[Outcome] = []

    async def talk(sink: Sink) -> None:
        async with Cloud(token="secret", base_url=sink.url()) as cloud:
            messages = [replace(TEMPLATE, message_id=n) for n in range(300)]
            outcomes.extend(await asyncio.gather(*map(cloud.send, messages)))

    with_sink(accepted, talk)
    assert [o.whatsapp_id for o in outcomes if isinstance(o, Accepted)] == [f"wamid.{n}" for n in range(300)]


def test_neither_token_nor_number_nor_text_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    answers = iter(list[Reply | Drop]([answer(), refusal(400, 131026, "+905550000001"), Drop()]))
    with caplog.at_level(logging.DEBUG):
        sent_by(lambda _: next(answers), TEXT, TEMPLATE, TEXT)
    for secret in ("secret", "5550000001", "Tamam"):
        assert secret not in caplog.text
