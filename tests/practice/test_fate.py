from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.practice.conftest import AYSE, MARY, NUMBER, Desk, addressed, body, confirmation, offer, template, text


def person(desk: Desk, phone: str = AYSE, **habits: Any) -> str:
    desk.door("POST", "people", [{"phone": phone, **habits}])
    return phone


def said(desk: Desk) -> list[dict[str, Any]]:
    return desk.told("messages")


def failed(desk: Desk) -> list[tuple[str, int]]:
    found = [each for each in desk.told("statuses") if each["status"] == "failed"]
    return [(each["id"], each["errors"][0]["code"]) for each in found]


# -- statuses


def test_a_message_is_sent_delivered_and_read_with_its_tracker(still: Desk) -> None:
    wamid = still.offer(AYSE, "t7").wamid
    still.settle()
    told = still.told("statuses")
    assert [each["status"] for each in told] == ["sent", "delivered", "read"]
    assert {(each["id"], each["biz_opaque_callback_data"], each["recipient_id"]) for each in told} == {
        (wamid, "t7", AYSE)
    }


def test_pricing_stands_on_sent_and_delivered_only(still: Desk) -> None:
    still.offer()
    still.settle()
    assert ["pricing" in each for each in still.told("statuses")] == [True, True, False]
    assert still.told("statuses")[0]["pricing"] == {
        "billable": True,
        "pricing_model": "PMP",
        "type": "regular",
        "category": "marketing",
    }


def test_nothing_is_told_before_its_time(desk: Callable[..., Desk]) -> None:
    world = desk(status_delay_ms=(1000, 1000))
    world.offer()
    seen = []
    for _ in range(4):
        seen.append(world.statuses())
        world.loop.advance(1.01)
    assert seen == [[], ["sent"], ["sent", "delivered"], ["sent", "delivered", "read"]]


def test_statuses_carry_the_clock_of_the_world(desk: Callable[..., Desk]) -> None:
    world = desk(clock_offset_s=3600.0)
    world.offer()
    world.settle()
    assert world.told("statuses")[0]["timestamp"] == str(int(world.clock.now().timestamp()) + 3600)


def test_who_only_gets_messages_never_reads(still: Desk) -> None:
    still.offer(person(still, on_marketing="deliver_only"))
    still.settle()
    assert still.statuses() == ["sent", "delivered"]


def test_an_unreachable_phone_is_sent_to_and_nothing_more(still: Desk) -> None:
    still.offer(person(still, on_marketing="unreachable"))
    still.settle(3600)
    assert still.statuses() == ["sent"]


@pytest.mark.parametrize(
    ("habit", "code"),
    [("refuse_131050", 131050), ("not_on_whatsapp", 131026), ("per_user_limit", 131049), ("experiment", 130472)],
)
def test_metas_refusals_come_as_failed_statuses_after_acceptance(still: Desk, habit: str, code: int) -> None:
    reply = still.offer(person(still, on_marketing=habit))
    assert reply.status == 200
    still.settle()
    assert failed(still) == [(reply.wamid, code)]
    assert still.statuses() == ["failed"]
    assert still.door("GET", "received")["failed"] == {str(code): 1}


def test_metas_marketing_refusals_leave_utility_alone_but_no_whatsapp_is_none(still: Desk) -> None:
    still.send(confirmation(person(still, AYSE, on_marketing="refuse_131050", on_confirmation="ignore")))
    still.send(confirmation(person(still, MARY, on_marketing="not_on_whatsapp")))
    still.settle()
    assert [code for _, code in failed(still)] == [131026]
    assert still.statuses().count("read") == 1


@pytest.mark.parametrize(("way", "answered", "by_status"), [("answer", 400, 0), ("both", 400, 1), ("status", 200, 1)])
def test_a_failure_may_be_told_in_the_answer_by_status_or_both(
    desk: Callable[..., Desk], way: str, answered: int, by_status: int
) -> None:
    world = desk(told_by={131049: way})
    reply = world.offer(person(world, on_marketing="per_user_limit"), "t5")
    world.settle()
    assert reply.status == answered
    assert len(failed(world)) == by_status
    assert world.door("GET", "received")["accepted"] == (1 if answered == 200 else 0)
    assert all(each["biz_opaque_callback_data"] == "t5" for each in world.told("statuses"))


def test_the_tracker_may_be_missing_on_failed(desk: Callable[..., Desk]) -> None:
    world = desk(tracker_on_failed=False, failed_shares={131000: 1.0})
    world.offer()
    world.settle()
    assert "biz_opaque_callback_data" not in world.told("statuses")[0]


# -- confirmations


def test_pressing_the_button_echoes_payload_title_and_context(still: Desk) -> None:
    wamid = still.send(confirmation(person(still, on_confirmation="press_button"))).wamid
    still.settle()
    pressed = said(still)[0]
    assert pressed["type"] == "button"
    assert pressed["button"] == {"text": "Onaylıyorum", "payload": "yes:K7Q2M9XT4B"}
    assert pressed["context"] == {"from": NUMBER.phone, "id": wamid}


def test_declining_presses_the_other_button(still: Desk) -> None:
    still.send(confirmation(person(still, on_confirmation="decline")))
    still.settle()
    assert said(still)[0]["button"] == {"text": "Hayır", "payload": "no:K7Q2M9XT4B"}


def test_a_button_without_a_payload_says_its_title(still: Desk) -> None:
    person(still, on_confirmation="press_button")
    still.send(template("confirm_optin", [body(text("Ayşe"), text("K7Q2M9XT4B"))]))
    still.settle()
    assert said(still)[0]["button"] == {"text": "Onaylıyorum", "payload": "Onaylıyorum"}


@pytest.mark.parametrize("code", ["K7Q2M9XT4B", "ABCD-EFGH", "2345", "ZZZZZZZZZZZZZZZZ"])
def test_writing_the_code_says_the_words_that_the_message_asked_for(still: Desk, code: str) -> None:
    still.send(confirmation(person(still, on_confirmation="write_code"), code))
    still.settle()
    assert [each["text"]["body"] for each in said(still)] == [f"ONAY {code}"]


def test_a_code_is_found_without_its_word_too(still: Desk) -> None:
    components = [
        {"type": "BODY", "text": "Your code is {{1}} today.", "example": {"body_text": [["AAAABBBBCC"]]}},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Yes"}]},
    ]
    made = {"name": "other_words", "language": "en", "category": "UTILITY", "components": components}
    still.graph_post(f"{still.waba_id}/message_templates", made)
    still.settle()
    to = person(still, on_confirmation="write_code")
    still.send(template("other_words", [body(text("QWERTY2345"))], to=to, language="en"))
    still.settle()
    assert [each["text"]["body"] for each in said(still)] == ["ONAY QWERTY2345"]


def test_some_never_answer(still: Desk) -> None:
    still.send(confirmation(person(still, on_confirmation="ignore")))
    still.settle(86400)
    assert said(still) == []


# -- five ways to stop


def test_a_stop_word_is_written_in_the_messages_language(still: Desk) -> None:
    still.offer(person(still, AYSE, on_marketing="stop_word"))
    still.offer(person(still, MARY, on_marketing="stop_word"), language="en")
    still.settle()
    from gateway.practice.habits import STOP_WORDS

    by_phone = {each["from"]: each["text"]["body"] for each in said(still)}
    assert by_phone[AYSE] in STOP_WORDS["tr"]
    assert by_phone[MARY] in STOP_WORDS["en"]


def test_a_stop_sentence_may_be_the_persons_own(still: Desk) -> None:
    still.offer(person(still, on_marketing="stop_sentence", words="yeter artık, yazmayın bana"))
    still.settle()
    assert said(still)[0]["text"]["body"] == "yeter artık, yazmayın bana"


def test_the_opt_out_button_sends_its_payload(still: Desk) -> None:
    still.offer(person(still, on_marketing="stop_button"))
    still.settle()
    assert said(still)[0]["button"] == {"text": "Mesajları durdur", "payload": "stop:7"}


def test_a_stop_on_the_platform_is_a_preference_and_makes_later_marketing_fail(still: Desk) -> None:
    still.offer(person(still, on_marketing="platform_stop"))
    still.settle()
    stop = still.told("user_preferences")[0]
    assert (stop["value"], stop["category"], stop["wa_id"]) == ("stop", "marketing_messages", AYSE)
    assert isinstance(stop["timestamp"], int)
    later = still.offer(AYSE).wamid
    still.settle()
    assert failed(still) == [(later, 131050)]


def test_a_resume_lets_marketing_through_again(still: Desk) -> None:
    for preference in ("stop", "resume"):
        still.door("POST", "say", {"from": AYSE, "preference": preference})
    still.offer(AYSE)
    still.settle()
    assert [each["value"] for each in still.told("user_preferences")] == ["stop", "resume"]
    assert failed(still) == []


def test_a_click_opens_the_link_with_its_own_end(desk: Callable[..., Desk]) -> None:
    world = desk(links_url="http://127.0.0.1:8080")
    world.offer(person(world, on_marketing="click"), link="Zx9")
    world.settle()
    assert [url for url, _ in world.mailbox.visits] == ["http://127.0.0.1:8080/r/Zx9"]
    assert world.door("GET", "received")["clicks"] == 1


def test_the_preview_robot_opens_links_before_anyone_clicks(desk: Callable[..., Desk]) -> None:
    world = desk(links_url="http://127.0.0.1:8080", preview_robot=True)
    world.offer(AYSE, link="Zx9")
    world.settle()
    [(url, headers)] = world.mailbox.visits
    assert url.endswith("/r/Zx9")
    assert headers["User-Agent"].startswith("WhatsApp/")
    assert world.door("GET", "received")["clicks"] == 0


# -- the 24-hour window


def test_a_free_text_outside_the_window_fails_with_131047(still: Desk) -> None:
    wamid = still.text(AYSE, "hello").wamid
    still.settle()
    assert failed(still) == [(wamid, 131047)]
    assert still.door("GET", f"told?phone={AYSE}") == {"told": []}


def test_a_free_text_inside_the_window_arrives_and_is_kept(still: Desk) -> None:
    still.door("POST", "say", {"from": AYSE, "text": "dur"})
    still.text(AYSE, "Tamam, yazmayacağız.")
    still.settle()
    assert still.statuses() == ["sent", "delivered", "read"]
    assert still.told("statuses")[0]["pricing"]["type"] == "free_customer_service"
    told = still.door("GET", f"told?phone={AYSE}")["told"]
    assert [(each["type"], each["text"]) for each in told] == [("text", "Tamam, yazmayacağız.")]


def test_the_window_closes_after_24_hours(still: Desk) -> None:
    still.door("POST", "say", {"from": AYSE, "text": "merhaba"})
    still.clock.advance(timedelta(hours=24))
    still.text(AYSE, "hello")
    still.settle()
    assert [code for _, code in failed(still)] == [131047]


def test_the_window_is_open_for_one_person_only(still: Desk) -> None:
    still.door("POST", "say", {"from": AYSE, "text": "merhaba"})
    still.text(MARY, "hello")
    still.settle()
    assert [code for _, code in failed(still)] == [131047]


def test_an_interactive_message_is_kept_with_its_text(still: Desk) -> None:
    still.door("POST", "say", {"from": AYSE, "text": "merhaba"})
    action = {"buttons": [{"type": "reply", "reply": {"id": "1", "title": "Evet"}}]}
    interactive = {"type": "button", "body": {"text": "Emin misiniz?"}, "action": action}
    assert still.send(addressed(AYSE) | {"type": "interactive", "interactive": interactive}).status == 200
    assert still.door("GET", f"told?phone={AYSE}")["told"][0]["text"] == "Emin misiniz?"


# -- held messages


def test_a_held_message_is_told_about_only_after_its_release(desk: Callable[..., Desk]) -> None:
    world = desk(held_share=1.0, held_for_ms=(3_600_000, 3_600_000))
    reply = world.offer()
    assert reply.json["messages"][0]["message_status"] == "held_for_quality_assessment"
    world.settle()
    assert world.statuses() == []
    assert world.door("GET", "health")["held"] == 1
    freed = world.door("POST", "pacing", {"name": "spring_offer", "language": "tr", "outcome": "release"})
    world.settle()
    assert freed == {"released": 1}
    assert world.statuses() == ["sent", "delivered", "read"]


def test_a_held_message_goes_by_itself_when_no_signal_comes(desk: Callable[..., Desk]) -> None:
    world = desk(held_share=1.0, held_for_ms=(2_000, 3_000))
    world.offer()
    world.settle()
    assert world.statuses() == ["sent", "delivered", "read"]


@pytest.mark.parametrize("code", [132015, 135000])
def test_held_messages_may_be_dropped_with_their_template_paused(desk: Callable[..., Desk], code: int) -> None:
    world = desk(held_share=1.0, held_for_ms=(3_600_000, 3_600_000))
    wamids = [world.offer(phone).wamid for phone in (AYSE, MARY)]
    asked = {"name": "spring_offer", "language": "tr", "outcome": "drop", "code": code}
    assert world.door("POST", "pacing", asked) == {"dropped": 2}
    world.settle(7200)
    assert sorted(failed(world)) == sorted((wamid, code) for wamid in wamids)
    assert world.told("message_template_status_update")[0]["event"] == "PAUSED"
    assert world.offer().code == 132015


def test_a_paused_answer_is_followed_by_a_failure(desk: Callable[..., Desk]) -> None:
    world = desk(paused_share=1.0)
    assert world.offer().json["messages"][0]["message_status"] == "paused"
    world.settle()
    assert [code for _, code in failed(world)] == [132015]


# -- who is who


def test_a_hidden_phone_is_left_out_of_every_webhook(still: Desk) -> None:
    person(still, AYSE, user_id="TR.42", phone_visible=False, username="ayse_k", on_marketing="stop_word")
    reply = still.offer("TR.42")
    still.settle()
    assert reply.json["contacts"] == [{"input": "TR.42", "user_id": "TR.42"}]
    for item in still.mailbox.items:
        assert "recipient_id" not in item.body
        assert "from" not in item.body
        assert item.contact is not None
        assert "wa_id" not in item.contact
    assert said(still)[0]["from_user_id"] == "TR.42"
    usernames = [item.contact["profile"].get("username") for item in still.mailbox.items if item.contact]
    assert usernames[:3] == [None, "ayse_k", "ayse_k"]


def test_dealt_habits_are_the_same_in_every_run(desk: Callable[..., Desk]) -> None:
    shares = {"read": 0.5, "stop_word": 0.25, "platform_stop": 0.25}

    def ends() -> list[tuple[str, str]]:
        world = desk(on_marketing_shares=shares, pair_limit=False)
        for place in range(60):
            world.send(offer(f"9055500002{place:02d}"))
        world.settle()
        stops = [(each["wa_id"], "preference") for each in world.told("user_preferences")]
        return sorted(stops + [(each["from"], each["text"]["body"]) for each in said(world)])

    first = ends()
    assert first == ends()
    assert 15 <= len(first) <= 45
