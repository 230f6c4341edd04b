from __future__ import annotations

from typing import Any

import pytest

from gateway.practice import Number
from tests.practice.conftest import AYSE, MARY, NUMBER, Desk, confirmation, offer


def test_an_unknown_door_names_the_others(still: Desk) -> None:
    reply = still.ask("GET", "/practice/cellar")
    assert reply.status == 404
    assert "GET /practice/received" in reply.json["doors"]


def test_doors_need_no_token(still: Desk) -> None:
    still.token = ""
    assert still.door("GET", "health")["ok"] is True


BAD_ASKS: list[tuple[str, Any, str]] = [
    ("people", {"phone": AYSE}, "JSON list"),
    ("people", [{"name": "Ayşe"}], "a phone or a user_id"),
    ("people", [{"phone": AYSE, "mood": "good"}], "mood is not a habit"),
    ("people", [{"phone": AYSE, "on_marketing": "dance"}], "not one of"),
    ("people", [{"phone": AYSE, "reply_delay_ms": [5]}], "reply_delay_ms"),
    ("say", {"from": "nobody", "text": "hi"}, "neither a phone number nor a user id"),
    ("say", {"from": AYSE}, "Say what"),
    ("say", {"from": AYSE, "text": "hi", "number": "9"}, "no number 9"),
    ("settings", {"loss_share": 2, "colour": "red"}, "colour is not a setting"),
    ("settings", {"loss_share": 2, "colour": "red"}, "between 0 and 1"),
    ("settings", {"port": 8090}, "cannot change"),
    ("settings", {"seed": 8}, "cannot change"),
    ("settings", [], "JSON object"),
    ("webhook", {"url": "https://example.com/webhook"}, "this machine only"),
    ("throttle", {"throughput": 0}, "throughput of at least 1"),
    ("templates", {"name": "spring_offer", "language": "xx", "status": "PAUSED"}, "no template spring_offer in xx"),
    ("templates", {"name": "spring_offer", "language": "tr", "status": "SLEEPING"}, "status: write one of"),
    ("pacing", {"name": "spring_offer", "language": "tr", "outcome": "maybe"}, "release or drop"),
    ("tell", {"field": "account_update"}, "a field and its value"),
]


@pytest.mark.parametrize(("door", "asked", "words"), BAD_ASKS)
def test_a_wrong_wish_is_answered_in_words(still: Desk, door: str, asked: Any, words: str) -> None:
    reply = still.ask("POST", f"/practice/{door}", asked)
    assert reply.status == 400
    assert words in " ".join(reply.json["problems"])


def test_a_wish_that_is_no_json_is_answered_in_words(still: Desk) -> None:
    assert still.ask("POST", "/practice/people", raw=b"{").json == {"problems": ["The body is not JSON."]}


def test_a_person_says_presses_and_prefers(still: Desk) -> None:
    still.door("POST", "say", {"from": "+90 555 000 0001", "text": "merhaba"})
    still.door("POST", "say", {"from": AYSE, "button": {"text": "Evet", "payload": "yes", "context": "wamid.1"}})
    still.door("POST", "say", {"from": AYSE, "message": {"type": "reaction", "reaction": {"emoji": "👍"}}})
    still.door("POST", "say", {"from": AYSE, "preference": "stop"})
    said = still.told("messages")
    assert [each["type"] for each in said] == ["text", "button", "reaction"]
    assert said[1]["context"] == {"from": NUMBER.phone, "id": "wamid.1"}
    assert len({each["id"] for each in said}) == 3
    assert still.told("user_preferences")[0]["value"] == "stop"
    assert still.door("GET", "received")["inbound"] == {"text": 1, "button": 1, "reaction": 1, "preference_stop": 1}


def test_a_person_without_a_phone_speaks_through_a_user_id(still: Desk) -> None:
    still.door("POST", "say", {"from": "TR.ABC1", "text": "dur"})
    [said] = still.told("messages")
    assert said["from_user_id"] == "TR.ABC1"
    assert "from" not in said


def test_settings_change_while_the_world_runs(still: Desk) -> None:
    shown = still.door("POST", "settings", {"server_error_share": 1.0, "told_by": {"131047": "answer"}})
    assert shown["server_error_share"] == 1.0
    assert still.door("GET", "settings")["told_by"] == {"131047": "answer"}
    assert still.offer().status == 503


def test_habits_can_be_dealt_anew(still: Desk) -> None:
    still.door("POST", "settings", {"on_marketing_shares": {"not_on_whatsapp": 1.0}})
    still.offer()
    still.settle()
    assert still.statuses() == ["failed"]


def test_the_webhook_address_is_set_after_the_start(still: Desk) -> None:
    url = "http://127.0.0.1:8080/webhook"
    assert still.door("POST", "webhook", {"url": url}) == {"webhook_urls": [url]}
    assert still.door("POST", "webhook", {"urls": []}) == {"webhook_urls": []}


def test_a_number_is_throttled_and_raised_with_an_announcement(still: Desk) -> None:
    still.door("POST", "throttle", {"throughput": 1})
    assert [still.offer().status, still.offer().status] == [200, 400]
    still.door("POST", "throttle", {"throughput": 1000, "announce": True})
    assert still.offer().status == 200
    assert still.told("phone_number_quality_update")[0]["event"] == "THROUGHPUT_UPGRADE"


def test_a_template_changes_quality_and_category_with_its_webhook(still: Desk) -> None:
    which = {"name": "order_ready", "language": "tr"}
    still.door("POST", "templates", which | {"quality": "RED"})
    shown = still.door("POST", "templates", which | {"category": "MARKETING"})
    assert (shown["category"], shown["quality_score"]["score"]) == ("MARKETING", "RED")
    quality = still.told("message_template_quality_update")[0]
    assert (quality["previous_quality_score"], quality["new_quality_score"]) == ("UNKNOWN", "RED")
    category = still.told("template_category_update")[0]
    assert (category["previous_category"], category["new_category"]) == ("UTILITY", "MARKETING")


def test_any_webhook_can_be_told(still: Desk) -> None:
    value = {"event": "ACCOUNT_RESTRICTION", "restriction_info": []}
    still.door("POST", "tell", {"field": "account_update", "value": value})
    assert still.told("account_update") == [value]


# -- what was received


def test_totals_count_everything_by_its_kind(still: Desk) -> None:
    still.offer(AYSE, "1")
    still.offer(MARY, "2")
    still.send(confirmation(tracker=""))
    still.send({"type": "nonsense"})
    totals = still.door("GET", "received")
    assert (totals["accepted"], totals["accepted_without_tracker"], totals["people"], totals["trackers"]) == (
        3,
        1,
        2,
        2,
    )
    assert totals["by_template"] == {"spring_offer": 2, "confirm_optin": 1}
    assert totals["by_number"] == {NUMBER.id: 3}
    assert totals["by_kind"] == {"template": 3}
    assert totals["refused"] == {"100": 1}
    assert totals["pace"][NUMBER.id]["accepted"] == 3


def test_whoever_was_written_to_twice_is_named(still: Desk) -> None:
    still.offer(AYSE, "1")
    still.offer(AYSE, "2")
    still.offer(MARY, "3")
    assert still.door("GET", "received")["marketing_doubled"] == [[AYSE, "spring_offer"]]
    assert still.door("GET", "received")["trackers_doubled"] == []
    still.offer(MARY, "3")
    assert still.door("GET", "received")["trackers_doubled"] == ["3"]


def test_the_log_is_read_page_by_page(still: Desk) -> None:
    wamids = [still.offer(f"90555000000{place}", f"t{place}").wamid for place in range(7)]
    rows: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None:
        page = still.door("GET", f"received/log?after={after}&limit=3")
        rows += page["messages"]
        after = page["next_after"]
    assert [row["id"] for row in rows] == wamids
    assert [row["tracker"] for row in rows] == [f"t{place}" for place in range(7)]
    assert [row["sequence"] for row in rows] == list(range(1, 8))


@pytest.mark.parametrize(("door", "kind"), [("received/people", "people"), ("received/trackers", "trackers")])
def test_counts_are_read_page_by_page(still: Desk, door: str, kind: str) -> None:
    for place in range(5):
        still.offer(f"90555000000{place}", f"t{place}")
    still.offer("905550000000", "t0")
    seen: dict[str, int] = {}
    after: str | None = ""
    while after is not None:
        page = still.door("GET", f"{door}?after={after}&limit=2")
        seen |= page[kind]
        after = page["next_after"]
    assert sorted(seen.values()) == [1, 1, 1, 1, 2]


@pytest.mark.parametrize("query", ["limit=x", "after=x"])
def test_a_wrong_page_of_the_log_is_refused_in_words(still: Desk, query: str) -> None:
    assert "problems" in still.door("GET", f"received/log?{query}")


def test_health_says_when_nothing_is_under_way(still: Desk) -> None:
    still.offer()
    assert still.door("GET", "health")["waiting"] > 0
    still.settle()
    assert still.door("GET", "health")["waiting"] == 0


def test_a_person_is_described(still: Desk) -> None:
    still.door("POST", "people", [{"phone": AYSE, "user_id": "TR.7", "on_marketing": "click", "name": "Ayşe"}])
    shown = still.door("GET", "person?phone=TR.7")
    assert (shown["key"], shown["phone"], shown["user_id"]) == (AYSE, AYSE, "TR.7")
    assert (shown["on_marketing"], shown["name"], shown["stopped"]) == ("click", "Ayşe", False)


def test_peak_figures_come_from_each_number(still: Desk) -> None:
    still.door("POST", "settings", {"numbers": [{"id": "7", "phone": "12025550145", "throughput": 3}]})
    still.number_id = "7"
    for place in range(5):
        still.send(offer(f"90555000000{place}"))
    pace = still.door("GET", "received")["pace"]["7"]
    assert (pace["accepted"], pace["refused"], pace["accepted_peak_1s"], pace["attempted_peak_1s"]) == (3, 2, 3, 5)
    assert Number().throughput == 80
