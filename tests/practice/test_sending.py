from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateway.practice import Number
from gateway.practice.wire import Ending
from tests.practice.conftest import (
    AYSE,
    MARY,
    NUMBER,
    Desk,
    addressed,
    body,
    button,
    confirmation,
    header,
    offer,
    template,
    text,
)


def test_a_correct_template_is_accepted_in_metas_shape(still: Desk) -> None:
    reply = still.offer(AYSE)
    assert reply.status == 200
    assert reply.json == {
        "messaging_product": "whatsapp",
        "contacts": [{"input": AYSE, "wa_id": AYSE}],
        "messages": [{"id": reply.wamid, "message_status": "accepted"}],
    }
    assert reply.wamid.startswith("wamid.")


def test_every_accepted_message_has_its_own_id(still: Desk) -> None:
    assert len({still.offer(AYSE).wamid for _ in range(40)}) == 40


def test_a_number_may_be_written_with_plus_and_spaces(still: Desk) -> None:
    reply = still.offer("+90 555 000 0001")
    assert reply.json["contacts"] == [{"input": "+90 555 000 0001", "wa_id": AYSE}]


def test_a_user_id_recipient_is_answered_with_the_user_id_only(still: Desk) -> None:
    user_id = still.door("GET", f"person?phone={AYSE}")["user_id"]
    reply = still.offer(user_id)
    assert reply.json["contacts"] == [{"input": user_id, "user_id": user_id}]
    assert still.door("GET", "received/people")["people"] == {AYSE: 1}


def test_a_phone_number_wins_over_a_user_id(still: Desk) -> None:
    reply = still.send(offer(AYSE) | {"recipient": "TR.9999999999999999999"})
    assert reply.json["contacts"] == [{"input": AYSE, "wa_id": AYSE}]


def test_a_user_id_nobody_knows_is_a_person_without_a_phone(still: Desk) -> None:
    assert still.offer("TR.ABC123").status == 200
    assert still.door("GET", "received/people")["people"] == {"TR.ABC123": 1}


@pytest.mark.parametrize("version", ["v17.0", "v22.0", "v26.0", "v99.0"])
def test_any_version_is_served(still: Desk, version: str) -> None:
    still.version = version
    assert still.offer().status == 200


def test_a_wrong_token_gets_190_and_none_gets_104(still: Desk) -> None:
    still.token = "something else"
    wrong = still.offer()
    assert (wrong.status, wrong.code) == (401, 190)
    still.token = ""
    assert still.offer().code == 104


def test_an_unknown_number_is_a_missing_object(still: Desk) -> None:
    still.number_id = "424242"
    reply = still.offer()
    assert (reply.status, reply.code, reply.json["error"]["error_subcode"]) == (400, 100, 33)


def _without(sent: dict[str, Any], *path: str) -> dict[str, Any]:
    inner = sent
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    return sent


WRONG_BODIES: list[tuple[str, Any, int]] = [
    ("not an object", [1, 2], 100),
    ("no product", _without(offer(), "messaging_product"), 100),
    ("another product", offer() | {"messaging_product": "telegram"}, 100),
    ("no recipient", _without(offer(), "to"), 100),
    ("no type", _without(offer(), "type"), 100),
    ("an unknown type", offer() | {"type": "carrier_pigeon"}, 100),
    ("no template", _without(offer(), "template"), 100),
    ("no name", _without(offer(), "template", "name"), 131008),
    ("no language", _without(offer(), "template", "language"), 131008),
    ("a tracker too long", offer(tracker="x" * 513), 100),
    ("a bad user id", addressed("not.an id") | {"type": "text", "text": {"body": "hi"}}, 100),
    ("a bad phone number", offer("12ab"), 131009),
    ("a number too short", offer("12345"), 131009),
    ("a group", offer() | {"recipient_type": "group"}, 131051),
    ("an unknown component", template("order_ready", [{"type": "sidebar"}]), 131009),
    ("a text without body", addressed(AYSE) | {"type": "text", "text": {}}, 131008),
    ("parameters that are texts", template("order_ready", [{"type": "body", "parameters": ["a"]}]), 131009),
    ("parameters that are no list", template("order_ready", [{"type": "body", "parameters": {}}]), 131009),
    ("a button without index", template("spring_offer", [{"type": "button", "sub_type": "url"}]), 131008),
    ("sender is recipient", offer(NUMBER.phone), 131021),
    ("an unknown template", template("nowhere", []), 132001),
    ("a template in another language", template("spring_offer", [], language="fi"), 132001),
]


@pytest.mark.parametrize(
    ("sent", "code"), [(sent, code) for _, sent, code in WRONG_BODIES], ids=[w[0] for w in WRONG_BODIES]
)
def test_a_wrong_request_is_refused_with_its_code(still: Desk, sent: Any, code: int) -> None:
    reply = still.send(sent)
    error = reply.json["error"]
    assert (error["code"], error["type"], len(error["fbtrace_id"])) == (code, "OAuthException", 23)
    assert error["message"].startswith(f"(#{code}) ")
    assert reply.details
    assert still.door("GET", "received")["accepted"] == 0


def test_a_body_that_is_no_json_is_refused(still: Desk) -> None:
    reply = still.ask("POST", f"/v26.0/{NUMBER.id}/messages", raw=b"{oops")
    assert (reply.status, reply.code) == (400, 100)


@pytest.mark.parametrize(
    ("status", "code"), [("PAUSED", 132015), ("DISABLED", 132016), ("PENDING", 132001), ("REJECTED", 132001)]
)
def test_a_template_that_is_not_approved_is_refused(still: Desk, status: str, code: int) -> None:
    still.door("POST", "templates", {"name": "spring_offer", "language": "tr", "status": status})
    assert still.offer().code == code


def test_a_locked_account_refuses_everything(desk: Callable[..., Desk]) -> None:
    assert desk(account_locked=True).offer().code == 368


# -- the marketing endpoint


def test_the_marketing_endpoint_takes_marketing_templates(still: Desk) -> None:
    reply = still.send(offer() | {"product_policy": "STRICT"}, "marketing_messages")
    assert reply.status == 200
    still.settle()
    assert still.told("statuses")[0]["pricing"]["category"] == "marketing_lite"


def test_the_marketing_endpoint_refuses_other_templates_and_texts(still: Desk) -> None:
    utility = still.send(confirmation(), "marketing_messages")
    free = still.send(addressed(AYSE) | {"type": "text", "text": {"body": "hi"}}, "marketing_messages")
    assert (utility.code, free.code) == (131055, 100)


def test_marketing_may_be_closed_to_the_ordinary_endpoint(desk: Callable[..., Desk]) -> None:
    world = desk(marketing_only_through_marketing_api=True)
    assert world.offer().code == 131063
    assert world.send(confirmation()).status == 200
    assert world.send(offer(), "marketing_messages").status == 200


def test_authentication_needs_a_phone_number(still: Desk) -> None:
    components = [{"type": "BODY"}, {"type": "BUTTONS", "buttons": [{"type": "OTP", "text": "Copy"}]}]
    made = {"name": "login", "language": "tr", "category": "AUTHENTICATION", "components": components}
    still.graph_post(f"{still.waba_id}/message_templates", made)
    still.settle()
    parts = [body(text("123456")), button("url", 0, text("123456"))]
    assert still.send(template("login", parts)).status == 200
    assert still.send(template("login", parts, to="TR.ABC123")).code == 131062


# -- limits


def test_throughput_is_refused_over_the_limit_and_opens_again(desk: Callable[..., Desk]) -> None:
    world = desk(numbers=(Number(throughput=20),))
    codes = [world.offer(f"9055500001{n:02d}").status for n in range(25)]
    assert codes == [200] * 20 + [400] * 5
    assert world.offer(MARY).code == 130429
    world.loop.advance(1.01)
    assert world.offer(MARY).status == 200


def test_one_person_can_be_written_to_45_times_at_once_and_then_every_six_seconds(desk: Callable[..., Desk]) -> None:
    world = desk(numbers=(Number(throughput=1000),))
    assert [world.offer(AYSE).status for _ in range(46)] == [200] * 45 + [400]
    assert world.offer(AYSE).code == 131056
    assert world.offer(MARY).status == 200
    world.loop.advance(6.01)
    assert [world.offer(AYSE).status for _ in range(2)] == [200, 400]


def test_the_pair_limit_can_be_switched_off(desk: Callable[..., Desk]) -> None:
    world = desk(pair_limit=False)
    assert {world.offer(AYSE).status for _ in range(60)} == {200}


def test_a_refused_request_takes_no_place_in_the_limits(desk: Callable[..., Desk]) -> None:
    world = desk(numbers=(Number(throughput=5),))
    for _ in range(20):
        assert world.send(template("spring_offer", [])).code == 132000
    assert [world.offer().status for _ in range(6)] == [200] * 5 + [400]


# -- trouble


def test_a_server_error_before_acceptance_leaves_nothing_behind(desk: Callable[..., Desk]) -> None:
    world = desk(server_error_share=1.0)
    assert world.offer().status == 503
    assert world.door("GET", "received")["not_accepted"] == {"server_error": 1}
    assert world.door("GET", "received")["accepted"] == 0


def test_a_dropped_connection_before_acceptance_leaves_nothing_behind(desk: Callable[..., Desk]) -> None:
    world = desk(drop_before_share=1.0)
    assert world.offer().ending is Ending.DROP
    assert world.door("GET", "received")["accepted"] == 0


@pytest.mark.parametrize(
    ("setting", "ending", "word"),
    [("drop_after_share", Ending.DROP, "dropped"), ("silent_share", Ending.SILENCE, "silent")],
)
def test_a_sender_may_never_learn_that_it_was_accepted(
    desk: Callable[..., Desk], setting: str, ending: Ending, word: str
) -> None:
    world = desk(**{setting: 1.0})
    assert world.offer(tracker="t9").ending is ending
    world.settle()
    assert world.door("GET", "received/log")["messages"][0]["ending"] == word
    assert [each["biz_opaque_callback_data"] for each in world.told("statuses")] == ["t9"] * 3


def test_a_server_error_may_hide_an_acceptance(desk: Callable[..., Desk]) -> None:
    world = desk(error_after_share=1.0)
    assert world.offer().status == 500
    world.settle()
    assert world.statuses() == ["sent", "delivered", "read"]


@pytest.mark.parametrize("code", [131000, 131016, 131048, 131057, 133010])
def test_any_code_can_be_dealt_out(desk: Callable[..., Desk], code: int) -> None:
    world = desk(refusal_shares={code: 1.0})
    assert world.offer().code == code
    assert world.door("GET", "received")["refused"] == {str(code): 1}


def test_trouble_comes_as_often_as_its_share(desk: Callable[..., Desk]) -> None:
    world = desk(
        server_error_share=0.2, refusal_shares={131016: 0.1}, pair_limit=False, numbers=(Number(throughput=9999),)
    )
    statuses = [world.offer().status for _ in range(3000)]
    assert 500 <= statuses.count(503) <= 700
    assert 220 <= statuses.count(500) <= 380


def test_latency_lies_within_its_span(desk: Callable[..., Desk]) -> None:
    world = desk(latency_ms=(80, 150))
    waits = [world.offer().after_s for _ in range(30)]
    assert all(0.08 <= wait <= 0.15 for wait in waits)
    assert len(set(waits)) > 1


# -- media and read marks


def test_an_image_header_takes_a_link_or_an_uploaded_id(still: Desk) -> None:
    def new_season(image: dict[str, str]) -> int:
        parts = [header({"type": "image", "image": image}), body(text("Ayşe"))]
        reply = still.send(template("new_season", parts))
        return reply.status if reply.status == 200 else reply.code

    assert new_season({"link": "https://shop.example/a.png"}) == 200
    assert new_season({"id": "1"}) == 131009
    assert new_season({}) == 131008


def test_marking_a_message_as_read_is_not_a_message(still: Desk) -> None:
    mark = {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.abc"}
    assert still.send(mark).json == {"success": True}
    assert still.send(mark | {"message_id": "7"}).code == 131009
    assert still.door("GET", "received")["read_marks"] == 1
    assert still.door("GET", "received")["accepted"] == 0
