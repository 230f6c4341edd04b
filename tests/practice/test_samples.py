"""Templates that others collected from Meta's pages: each can be registered, filled from its own plan, and sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.practice.templates import Button, Plan, TemplateBook, plan_of
from tests.practice.conftest import AYSE, Desk, body, button, header, template, text

SAMPLES = Path(__file__).parents[2].parent / "shared" / "reference" / "api-samples" / "pywa-templates"
MEDIA = {"IMAGE": "image", "VIDEO": "video", "DOCUMENT": "document"}
ACTION: dict[str, Any] = {"type": "action", "action": {"thumbnail_product_retailer_id": "7"}}
SECTION = {"title": "Sevilenler", "product_items": [{"product_retailer_id": "7"}]}


def samples() -> list[Any]:
    if not SAMPLES.exists():
        reason = "../shared/reference is not here: collected templates cannot be tried"
        return [pytest.param({}, marks=pytest.mark.skip(reason=reason))]
    loaded = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(SAMPLES.glob("*.json"))]
    return [pytest.param(each, id=name) for one in loaded for name, each in one.items()]


def correctly_filled(plan: Plan) -> list[dict[str, Any]]:
    """Components that give each place of the plan what it asks for."""
    return list(_parts(plan))


def _parts(plan: Plan) -> Iterator[dict[str, Any]]:
    if plan.header == "LOCATION":
        yield header({"type": "location", "location": {"latitude": "41.0", "longitude": "29.0"}})
    elif plan.header == "PRODUCT":
        yield header({"type": "product", "product": {"catalog_id": "9", "product_retailer_id": "7"}})
    elif kind := MEDIA.get(plan.header):
        yield header({"type": kind, kind: {"link": "https://shop.example/a"}})
    elif plan.header_names:
        yield header(*_texts(plan, plan.header_names))
    if plan.body_names:
        yield body(*_texts(plan, plan.body_names))
    for index, each in enumerate(plan.buttons):
        if parameter := _parameter(each):
            yield button(each.kind.lower(), index, parameter)
    if plan.expires:
        end = {"type": "limited_time_offer", "limited_time_offer": {"expiration_time_ms": 1_772_000_000_000}}
        yield {"type": "limited_time_offer", "parameters": [end]}
    if plan.cards:
        cards = [{"card_index": place, "components": list(_parts(card))} for place, card in enumerate(plan.cards)]
        yield {"type": "carousel", "cards": cards}


def _texts(plan: Plan, names: tuple[str, ...]) -> list[dict[str, str]]:
    return [text("7", name if plan.named else "") for name in names]


def _parameter(each: Button) -> dict[str, Any] | None:
    filled: dict[str, dict[str, Any]] = {
        "QUICK_REPLY": {"type": "payload", "payload": "p"},
        "COPY_CODE": {"type": "coupon_code", "coupon_code": "CODE7"},
        "MPM": {"type": "action", "action": {**ACTION["action"], "sections": [SECTION]}},
        "SPM": ACTION,
        "CATALOG": ACTION,
    }
    return text("end") if each.variable else filled.get(each.kind)


def registered(desk: Desk, raw: dict[str, Any]) -> None:
    made = desk.graph_post(f"{desk.waba_id}/message_templates", raw)
    assert made.status == 200, made.json
    desk.settle()
    assert desk.told("message_template_status_update")[-1]["event"] == "APPROVED"


def send(desk: Desk, raw: dict[str, Any], components: list[Any]) -> Any:
    return desk.send(template(raw["name"], components, language=raw["language"]))


def plan(raw: dict[str, Any]) -> Plan:
    named = raw.get("parameter_format") == "NAMED"
    return plan_of(raw["components"], named=named, category=raw["category"])


@pytest.mark.parametrize("raw", samples())
def test_a_collected_template_is_registered_filled_and_sent(still: Desk, raw: dict[str, Any]) -> None:
    registered(still, raw)
    reply = send(still, raw, correctly_filled(plan(raw)))
    assert reply.status == 200, reply.json
    still.settle()
    assert still.statuses(reply.wamid) == ["sent", "delivered", "read"]


OPTIONAL = {"quick_reply", "spm", "catalog"}


@pytest.mark.parametrize("raw", samples())
def test_leaving_out_what_is_required_is_refused(still: Desk, raw: dict[str, Any]) -> None:
    registered(still, raw)
    whole = correctly_filled(plan(raw))
    for place, left_out in enumerate(whole):
        reply = send(still, raw, whole[:place] + whole[place + 1 :])
        if left_out.get("sub_type") in OPTIONAL:
            assert reply.status == 200, left_out
        else:
            assert reply.code in (131008, 132000, 132012), left_out


@pytest.mark.parametrize("raw", samples())
def test_filling_a_place_that_does_not_exist_is_refused(still: Desk, raw: dict[str, Any]) -> None:
    registered(still, raw)
    extra = button("quick_reply", 9, {"type": "payload", "payload": "p"})
    assert send(still, raw, [*correctly_filled(plan(raw)), extra]).code == 132018


@pytest.mark.parametrize("raw", samples())
def test_a_collected_template_is_listed_as_it_was_made(still: Desk, raw: dict[str, Any]) -> None:
    registered(still, raw)
    [row] = still.graph_get(f"{still.waba_id}/message_templates?name={raw['name']}").json["data"]
    assert row["components"] == raw["components"]
    assert (row["category"], row["language"], row["status"]) == (raw["category"], raw["language"], "APPROVED")


def test_every_shipped_template_is_sent_when_filled_from_its_plan(still: Desk) -> None:
    rows = still.graph_get(f"{still.waba_id}/message_templates?limit=100").json["data"]
    for row in rows:
        made = plan_of(row["components"], named=row["parameter_format"] == "NAMED")
        reply = still.send(template(row["name"], correctly_filled(made), language=row["language"], to=AYSE))
        assert reply.status == 200, (row["name"], reply.json)
    assert still.door("GET", "received")["accepted"] == len(rows)


def test_a_template_book_knows_names_and_ids_alike() -> None:
    raw = {"name": "a", "language": "tr", "category": "utility", "components": [{"type": "BODY", "text": "x"}]}
    book = TemplateBook([raw, raw | {"language": "en", "message_send_ttl_seconds": 60}])
    turkish, english = book
    assert book.find("a", "tr") is turkish
    assert book.by_id(english.id) is english
    assert (turkish.category, english.listed()["message_send_ttl_seconds"]) == ("UTILITY", 60)
    assert "message_send_ttl_seconds" not in turkish.listed()
    book.remove(turkish)
    assert (book.find("a", "tr"), book.by_id(turkish.id), list(book)) == (None, None, [english])
