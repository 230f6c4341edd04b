from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateway.practice import Number
from gateway.practice.template_review import wrong_form
from gateway.practice.templates import initial_templates
from tests.practice.conftest import NUMBER, Desk, Reply, body, template, text

NEW: dict[str, Any] = {
    "name": "autumn_offer",
    "language": "tr",
    "category": "MARKETING",
    "components": [
        {"type": "BODY", "text": "Merhaba {{1}}, sonbahar geldi.", "example": {"body_text": [["Ayşe"]]}},
        {"type": "FOOTER", "text": "DUR yazın."},
    ],
}


def templates(desk: Desk, query: str = "") -> Reply:
    return desk.graph_get(f"{desk.waba_id}/message_templates{query}")


def create(desk: Desk, **changes: Any) -> Reply:
    return desk.graph_post(f"{desk.waba_id}/message_templates", NEW | changes)


def with_body(words: str) -> list[dict[str, Any]]:
    return [{"type": "BODY", "text": words, "example": {"body_text": [["a"]]}}]


# -- listing


def test_all_templates_are_listed_with_the_asked_fields(still: Desk) -> None:
    rows = templates(still, "?fields=name,language,status&limit=100").json["data"]
    assert len(rows) == len(initial_templates())
    assert all(set(row) == {"name", "language", "status", "id"} for row in rows)


def test_pages_follow_each_other_without_gap_or_repeat(still: Desk) -> None:
    seen: list[str] = []
    query = "?limit=3&fields=name"
    while query:
        page = templates(still, query).json
        seen += [row["id"] for row in page["data"]]
        following = page["paging"].get("next", "")
        assert following.startswith("http://practice.example/v26.0/") or not following
        query = following.partition("message_templates")[2]
    assert len(seen) == len(set(seen)) == len(initial_templates())


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?name=spring_offer", ["spring_offer", "spring_offer"]),
        ("?name=spring_offer&language=en", ["spring_offer"]),
        ("?category=utility&language=tr", ["confirm_optin", "order_ready"]),
        ("?status=PAUSED", []),
    ],
)
def test_lists_can_be_narrowed(still: Desk, query: str, names: list[str]) -> None:
    assert [row["name"] for row in templates(still, query).json["data"]] == names


@pytest.mark.parametrize("query", ["?limit=0", "?limit=many", "?after=rubbish", "?after=%21"])
def test_a_wrong_page_is_refused(still: Desk, query: str) -> None:
    assert templates(still, query).code == 100


def test_a_summary_is_given_when_asked_for(still: Desk) -> None:
    asked = templates(still, "?summary=total_count,message_template_limit&language=tr").json["summary"]
    assert asked == {"total_count": len(initial_templates()) // 2, "message_template_limit": 6000}
    assert "summary" not in templates(still).json


# -- creating, editing, deleting


def test_a_new_template_is_pending_until_its_review_and_then_sends(still: Desk) -> None:
    made = create(still).json
    assert (made["status"], made["category"]) == ("PENDING", "MARKETING")
    send = template("autumn_offer", [body(text("Ayşe"))])
    assert still.send(send).code == 132001
    still.settle()
    assert still.told("message_template_status_update") == [
        {
            "message_template_id": int(made["id"]),
            "message_template_name": "autumn_offer",
            "message_template_language": "tr",
            "message_template_category": "MARKETING",
            "event": "APPROVED",
            "reason": "NONE",
        }
    ]
    assert still.send(send).status == 200


def test_a_world_may_reject_everything_or_leave_it_pending(desk: Callable[..., Desk]) -> None:
    strict, slow = desk(review="reject"), desk(review="pending")
    for world in (strict, slow):
        create(world)
        world.settle(3600)
    told = strict.told("message_template_status_update")[0]
    assert (told["event"], told["reason"]) == ("REJECTED", "INVALID_FORMAT")
    assert slow.told("message_template_status_update") == []


@pytest.mark.parametrize(
    "components",
    [with_body("Merhaba {{1}} {{2}} nasılsınız"), [{"type": "BODY", "text": "Merhaba {{1}} nasılsınız"}]],
)
def test_a_reviewer_rejects_neighbouring_variables_and_missing_samples(still: Desk, components: Any) -> None:
    create(still, components=components)
    still.settle()
    told = still.told("message_template_status_update")[0]
    assert told["event"] == "REJECTED"
    assert told["rejection_info"]["reason"].startswith("Your template has parameters")


WRONG: list[tuple[dict[str, Any], int]] = [
    ({"name": "Autumn Offer"}, 0),
    ({"name": ""}, 0),
    ({"language": "turkish"}, 0),
    ({"category": "SPAM"}, 0),
    ({"components": "none"}, 0),
    ({"components": []}, 0),
    ({"components": [{"type": "FOOTER", "text": "a"}]}, 0),
    ({"components": with_body("a") * 2}, 0),
    ({"components": with_body("")}, 2388043),
    ({"components": with_body("a" * 1025)}, 2388040),
    ({"components": with_body("{{1}} hello there")}, 2388299),
    ({"components": with_body("hello there {{1}}")}, 2388299),
    ({"components": with_body("hello {{1}} and {{3}} there")}, 2388072),
    ({"components": with_body("hello {{Name}} there")}, 2388072),
    ({"components": [*with_body("a"), {"type": "FOOTER", "text": "f" * 61}]}, 2388040),
    ({"components": [*with_body("a"), {"type": "HEADER", "format": "TEXT", "text": "h" * 61}]}, 2388040),
    ({"components": [*with_body("a"), {"type": "HEADER", "format": "TEXT", "text": "{{1}} {{2}}"}]}, 2388047),
    ({"components": [*with_body("a"), {"type": "BUTTONS", "buttons": []}]}, 0),
]
QUICK = {"type": "QUICK_REPLY", "text": "Tamam"}
LINK = {"type": "URL", "text": "Gör", "url": "https://shop.example"}
WRONG_BUTTONS = [[QUICK] * 11, [LINK] * 3, [QUICK, LINK, QUICK], [QUICK | {"text": "x" * 26}]]


@pytest.mark.parametrize(("changes", "subcode"), WRONG)
def test_a_badly_formed_template_is_refused_at_once(still: Desk, changes: dict[str, Any], subcode: int) -> None:
    reply = create(still, **changes)
    assert (reply.status, reply.code, reply.json["error"].get("error_subcode", 0)) == (400, 100, subcode)
    assert reply.details


@pytest.mark.parametrize("buttons", WRONG_BUTTONS)
def test_badly_ordered_buttons_are_refused(still: Desk, buttons: list[Any]) -> None:
    assert create(still, components=[*with_body("a"), {"type": "BUTTONS", "buttons": buttons}]).code == 100


def test_every_shipped_template_would_pass_its_own_review() -> None:
    assert [wrong_form(raw) for raw in initial_templates()] == [None] * len(initial_templates())


def test_a_name_is_taken_once_per_language(still: Desk) -> None:
    create(still)
    assert create(still).json["error"]["error_subcode"] == 2388024
    assert create(still, language="en").status == 200


def test_an_edited_template_goes_back_to_review(still: Desk) -> None:
    found = templates(still, "?name=order_ready&language=tr").json["data"][0]
    changed = [{"type": "BODY", "text": "Siparişiniz {{1}} hazır.", "example": {"body_text": [["1"]]}}]
    assert still.graph_post(found["id"], {"components": changed}).json == {"success": True}
    assert still.send(template("order_ready", [body(text("1"))])).code == 132001
    still.settle()
    assert still.send(template("order_ready", [body(text("1"))])).status == 200


@pytest.mark.parametrize("edit", [{"category": "MARKETING"}, {"components": []}, [1]])
def test_a_wrong_edit_changes_nothing(still: Desk, edit: Any) -> None:
    found = templates(still, "?name=order_ready&language=tr").json["data"][0]
    assert still.graph_post(found["id"], edit).code == 100
    assert still.graph_get(found["id"]).json == found


def test_only_settled_templates_can_be_edited(still: Desk) -> None:
    made = create(still).json
    assert still.graph_post(made["id"], {"components": with_body("a")}).json["error"]["error_subcode"] == 2388039


def test_deleting_a_name_takes_all_languages_and_an_id_takes_one(still: Desk) -> None:
    one = templates(still, "?name=order_ready&language=tr").json["data"][0]
    path = f"/v26.0/{still.waba_id}/message_templates"
    assert still.ask("DELETE", f"{path}?name=spring_offer").json == {"success": True}
    assert still.ask("DELETE", f"{path}?name=order_ready&hsm_id={one['id']}").json == {"success": True}
    left = {(row["name"], row["language"]) for row in templates(still, "?limit=100").json["data"]}
    assert not {pair for pair in left if pair[0] == "spring_offer"}
    assert ("order_ready", "en") in left
    assert ("order_ready", "tr") not in left
    assert still.offer().code == 132001
    assert still.ask("DELETE", f"{path}?name=spring_offer").status == 400


def test_a_paused_template_is_unpaused_by_hand(still: Desk) -> None:
    still.door("POST", "templates", {"name": "spring_offer", "language": "tr", "status": "PAUSED"})
    found = templates(still, "?name=spring_offer&language=tr").json["data"][0]
    assert still.graph_post(f"{found['id']}/unpause").json == {"success": True}
    assert still.offer().status == 200
    assert still.graph_post(f"{found['id']}/unpause").code == 100
    assert [each["event"] for each in still.told("message_template_status_update")] == ["PAUSED", "APPROVED"]


# -- numbers and the account


@pytest.mark.parametrize(("throughput", "level"), [(20, "STANDARD"), (80, "STANDARD"), (1000, "HIGH")])
def test_a_number_tells_its_throughput(desk: Callable[..., Desk], throughput: int, level: str) -> None:
    world = desk(numbers=(Number(throughput=throughput),))
    reply = world.graph_get(f"{NUMBER.id}?fields=throughput,quality_rating")
    assert reply.json == {"throughput": {"level": level}, "quality_rating": "GREEN", "id": NUMBER.id}


def test_an_account_lists_its_numbers(desk: Callable[..., Desk]) -> None:
    numbers = (NUMBER, Number(id="2", phone="12025550144"))
    world = desk(numbers=numbers)
    rows = world.graph_get(f"{world.waba_id}/phone_numbers?fields=id,display_phone_number").json["data"]
    assert rows == [{"id": each.id, "display_phone_number": each.phone} for each in numbers]
    assert world.graph_get(f"{world.waba_id}?fields=name").json["name"] == "Practice account"


@pytest.mark.parametrize("rest", ["424242", "424242/messages", f"{NUMBER.id}/nowhere", "me"])
def test_what_does_not_exist_is_missing(still: Desk, rest: str) -> None:
    reply = still.graph_get(rest)
    assert (reply.status, reply.code, reply.json["error"]["error_subcode"]) == (400, 100, 33)


def test_an_unknown_edge_of_the_account_is_missing(still: Desk) -> None:
    assert still.graph_get(f"{still.waba_id}/flows").code == 100
