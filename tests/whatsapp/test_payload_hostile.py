"""Bodies that no reference describes: broken, huge, nested, mutated. Nothing raises and no neighbour is lost."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.whatsapp.payload import (
    InboundMessage,
    Item,
    Other,
    Unreadable,
    bears_consent,
    items,
    label,
    links,
    urgent_items,
)
from gateway.whatsapp.payload.decoding import parse
from tests.whatsapp.bodies import AYSE, Json, body, change, contact, failed, message, news, said, status, told

WEBHOOKS = Path(__file__).parents[2].parent / "shared" / "reference" / "webhooks"
Path_ = tuple[str | int, ...]

ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.sampled_from(["\x00", "\ud800", "stop", "standby", "history", 10**30, -(2**63), "9" * 400, math.inf, ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def mixed() -> Json:
    """Every list that holds items, each with two, so that one can break and the other be watched."""
    stop = {"wa_id": AYSE, "value": "stop", "category": "marketing_messages", "timestamp": 1}
    update = {"wa_id": AYSE, "user_id": {"previous": "TR.1", "current": "TR.2"}, "timestamp": "1"}
    error = {"code": 130429, "title": "Rate limit hit"}
    edit = {"original_message_id": "1", "message": {"type": "text", "text": {"body": "dur"}}}
    moved = message("system", system={"type": "user_changed_number", "wa_id": AYSE, "body": "A changed from 1 to 2"})
    parts = [
        change("messages", contacts=[contact()], messages=[message(), message("edit", edit=edit), moved]),
        change("messages", contacts=[contact()], statuses=[status("sent", pricing={}), failed(131050)]),
        change("messages", errors=[error, {"code": 2}]),
        change("user_preferences", user_preferences=[stop, {**stop, "value": "resume"}]),
        change("user_id_update", user_id_update=[update, {**update, "timestamp": "2"}]),
        change("standby", standby={"messages": [message("button", button={"text": "Dur"})], "statuses": [status()]}),
        change("history", history=[{"threads": [{"id": AYSE, "messages": [message(id="h1"), message(id="h2")]}]}]),
        change("smb_message_echoes", message_echoes=[message(to=AYSE), message(to="1")]),
        {"field": "template_category_update", "value": {"new_category": "MARKETING", "correct_category": "UTILITY"}},
        {"field": "account_update", "value": {"event": "ACCOUNT_RESTRICTION", "restriction_info": [{"expiration": 1}]}},
        {"field": "account_alerts", "value": {"entity_id": 1, "alert_info": {"alert_type": "X"}}},
        {"field": "business_capability_update", "value": {"max_daily_conversations_per_business": "TIER_2K"}},
        {"field": "invented", "value": {"x": [1, 2]}},
    ]
    return {"object": "whatsapp_business_account", "entry": [*body(*parts[:6])["entry"], *body(*parts[6:])["entry"]]}


def paths(node: Any, here: Path_ = ()) -> Iterator[Path_]:
    yield here
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inner:
        yield from paths(value, (*here, key))


def at(node: Any, path: Path_) -> Any:
    for key in path:
        node = node[key]
    return node


def mutated(whole: Json, path: Path_, value: Any) -> Any:
    if not path:
        return value
    changed = copy.deepcopy(whole)
    at(changed, path[:-1])[path[-1]] = value
    return changed


def as_body(value: Any) -> Json | str:
    return value if isinstance(value, dict) else json.dumps(value)


def numbered(whole: Json) -> Json:
    """A copy in which no two elements are equal, so that each item can be found again by what it was read from."""
    copied: Json = json.loads(json.dumps(whole))
    for number, path in enumerate(list(paths(copied))):
        if isinstance(at(copied, path), dict):
            at(copied, path)["n"] = number
    return copied


MIXED = numbered(mixed())
PATHS = sorted(paths(MIXED), key=repr)
OBJECTS = {at(MIXED, path[:-1])["n"]: path[:-1] for path in PATHS if path[-1:] == ("n",)}
PLACED = [(item, OBJECTS[item.raw["n"]]) for item in items(MIXED)]


def survivors(path: Path_) -> list[Item]:
    """The items that a change at `path` does not touch: neither within them, nor above them, nor their field's name."""
    left = []
    for item, place in PLACED:
        inside, above = path[: len(place)] == place, place[: len(path)] == path
        renamed = path[-1:] == ("field",) and place[:4] == path[:4]
        if not (inside or above or renamed):
            left.append(item)
    return left


@settings(max_examples=80, deadline=None)
@given(path=st.sampled_from(PATHS), value=ANY_JSON)
def test_a_broken_node_loses_no_neighbour(path: Path_, value: Any) -> None:
    found = items(as_body(mutated(MIXED, path, value)))
    left = [(type(item), item.raw) for item in found]
    for item in survivors(path):
        assert (type(item), item.raw) in left


@settings(max_examples=60, deadline=None)
@given(path=st.sampled_from(PATHS), value=ANY_JSON)
def test_every_question_has_an_answer_whatever_the_body(path: Path_, value: Any) -> None:
    raw = as_body(mutated(MIXED, path, value))
    found = items(raw)
    links(found)
    assert all(label(item) and repr(item) for item in found)
    assert urgent_items(raw) == [i for i in found if bears_consent(i)]


@settings(max_examples=60, deadline=None)
@given(value=ANY_JSON)
def test_any_json_is_read(value: Any) -> None:
    found = items(json.dumps(value).encode())
    assert found or value == {"entry": []}
    orjson.dumps([item.raw for item in found if not isinstance(item, Unreadable)])


@settings(max_examples=60, deadline=None)
@given(raw=st.binary(max_size=200) | st.text(max_size=200))
def test_any_bytes_are_read(raw: bytes | str) -> None:
    assert isinstance(items(raw), list)


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_mutated_public_payloads_are_read(data: st.DataObject) -> None:
    files = sorted(WEBHOOKS.glob("*/*.json"))
    if not files:
        pytest.skip("shared/reference/webhooks is not here")
    whole = json.loads(data.draw(st.sampled_from(files)).read_bytes())
    path = data.draw(st.sampled_from(sorted(paths(whole), key=repr)))
    changed = mutated(whole, path, data.draw(ANY_JSON))
    beside = message(id="wamid.BESIDE", text={"body": "DUR"})
    both = {"entry": [*body(change("messages", messages=[beside]))["entry"], {"changes": [changed]}, changed]}
    found = items(both)
    assert any(isinstance(item, InboundMessage) and item.message_id == "wamid.BESIDE" for item in found)


@pytest.mark.parametrize("cut", range(1, 400, 7))
def test_a_body_cut_short_is_unreadable_but_kept(cut: int) -> None:
    whole = json.dumps(said(message())).encode()
    (found,) = items(whole[:-cut] if cut < len(whole) else b"")
    assert isinstance(found, Unreadable)
    assert (found.where, found.raw) == ("body", whole[:-cut] if cut < len(whole) else b"")


@pytest.mark.parametrize("raw", [b"", b"\x1f\x8b\x08\x00garbage", b"<html>", b"\xff\xfe", "", "{", b"[" * 100_000])
def test_what_is_no_json_is_one_unreadable(raw: bytes | str) -> None:
    (found,) = items(raw)
    assert isinstance(found, Unreadable)
    assert found.reason == "This is not JSON."


@pytest.mark.parametrize("raw", [b"null", b"1", b'"x"', b"[]", b"true", b"1e400", b"NaN", b"123456789" * 30])
def test_json_that_is_no_object_is_one_unreadable(raw: bytes) -> None:
    (found,) = items(raw)
    assert isinstance(found, Unreadable)
    assert found.reason == "This is no JSON object."


@pytest.mark.parametrize("raw", [{}, {"object": "page"}, {"entry": [{"id": "1"}]}])
def test_a_body_without_entries_or_changes_is_unreadable(raw: Json) -> None:
    (found,) = items(raw)
    assert isinstance(found, Unreadable)


def test_a_bare_entry_and_a_bare_change_are_read() -> None:
    whole = said(message())
    assert len(items(whole["entry"][0])) == len(items(whole["entry"][0]["changes"][0])) == 1
    assert isinstance(items(whole["entry"][0])[0], InboundMessage)


def test_one_object_where_a_list_belongs_is_a_list_of_one() -> None:
    value = {"messages": message()}
    (found,) = items({"entry": {"changes": {"field": "messages", "value": value}}})
    assert isinstance(found, InboundMessage)


@pytest.mark.parametrize("noise", [None, 1, "x", [], [message()], True, 1.5])
def test_a_broken_element_is_told_and_its_neighbours_are_read(noise: Any) -> None:
    found = items(said(message(id="1"), noise, message(id="2")))
    assert [item.message_id for item in found if isinstance(item, InboundMessage)] == ["1", "2"]
    (broken,) = [item for item in found if isinstance(item, Unreadable)]
    assert (broken.raw, broken.where, broken.field) == (noise, "value.messages", "messages")


def test_a_broken_entry_does_not_hide_the_next() -> None:
    raw = {"entry": [7, {"changes": 7}, {"changes": [7]}, {"id": 1}, *said(message())["entry"]]}
    found = items(raw)
    assert [type(item) for item in found].count(Unreadable) == 4
    assert sum(isinstance(item, InboundMessage) for item in found) == 1


def test_standby_inside_standby_is_not_followed() -> None:
    nested: Json = {"messages": [message()]}
    for _ in range(300):
        nested = {"standby": nested}
    assert [type(item) for item in items(body(change("standby", **nested)))] == [Other]


def test_a_thousand_mixed_items_are_all_read() -> None:
    statuses = [status(id=f"wamid.{i}") for i in range(700)]
    messages = [message(id=f"wamid.in.{i}") for i in range(299)]
    stop = {"wa_id": AYSE, "value": "stop"}
    raw = body(
        change("messages", statuses=statuses, messages=messages, contacts=[contact()]),
        change("user_preferences", user_preferences=[stop]),
    )
    found = items(orjson.dumps(raw))
    assert len(found) == 1_000
    assert len({item.raw.get("id") for item in found}) == 1_000
    assert [label(item) for item in found].count("PreferenceChange:stop") == 1


def test_half_a_surrogate_pair_does_not_hide_a_stop() -> None:
    raw = json.dumps(said(message(text={"body": "DUR"}), contacts=[contact(name="Ay\ud83d")])).encode()
    assert b"\\ud83d" in raw
    (found,) = items(raw)
    assert isinstance(found, InboundMessage)
    assert (found.text, found.profile_name) == ("DUR", "Ay\ufffd")


def test_cut_utf8_and_bare_control_characters_do_not_hide_a_stop() -> None:
    raw = json.dumps(said(message(text={"body": "DUR"})), ensure_ascii=False).encode()
    (found,) = items(raw.replace(b"wamid", b"wa\xf0\x9f\x01mid"))
    assert isinstance(found, InboundMessage)
    assert found.text == "DUR"


def test_nul_becomes_a_character_that_databases_take() -> None:
    (found,) = items(json.dumps(said(message(text={"body": "a\x00b\\u0000c"}))).encode())
    assert isinstance(found, InboundMessage)
    assert found.text == "a\ufffdb\\u0000c"
    assert found.raw["text"]["body"] == found.text


@pytest.mark.parametrize("text", ["\\", "\\\\u0000", "\\\x00", '"\x00"', "\x00" * 3])
def test_backslashes_before_a_nul_stay_what_they_were(text: str) -> None:
    (found,) = items(said(message(text={"body": text})))
    assert isinstance(found, InboundMessage)
    assert found.text == text.replace("\x00", "\ufffd")


def test_a_number_beyond_64_bits_does_not_hide_its_neighbours() -> None:
    raw = told(status(timestamp=10**400), status(timestamp=1))
    assert len(items(raw)) == len(items(json.dumps(raw))) == 2


def test_deep_nesting_is_refused_and_not_a_crash() -> None:
    deep: Any = "x"
    for _ in range(900):
        deep = [deep]
    whole = said(message(deep=deep), message(id="2"))
    assert len(items(json.dumps(whole))) == 2
    for _ in range(50_000):
        deep = [deep]
    assert len(items(said(message(deep=deep)))) == 1


HUGE = b"9" * 5_001
ABYSS = b"[" * 50_000 + b"]" * 50_000


@pytest.mark.parametrize(
    "odd", [HUGE, b"-" + HUGE, b"1e999", b"-1e999", b"NaN", ABYSS, b'{"a":' * 9_000 + b"1" + b"}" * 9_000]
)
@pytest.mark.parametrize("beside", [b"", b'"half":"\\ud800",', b'"nul":"\\u0000",'])
def test_what_no_parser_likes_does_not_hide_the_stop_beside_it(odd: bytes, beside: bytes) -> None:
    raw = json.dumps(said(message(text={"body": "stop"}), message(id="2", odd="@"))).encode()
    strange = raw.replace(b'"odd": "@"', beside + b'"odd":' + odd)
    assert [item.words for item in items(strange) if isinstance(item, InboundMessage)] == ["stop", "merhaba"]
    assert len(urgent_items(strange)) == 2


@pytest.mark.parametrize("odd", [HUGE, b"1e999", b'"1e999"', b'"' + HUGE + b'"', b'"inf"', b"9223372036854775808"])
def test_a_number_without_end_is_no_moment_no_code_and_no_limit(odd: bytes) -> None:
    shapes = (told(failed("@", timestamp="@")), news("business_capability_update", max_phone_numbers_per_business="@"))
    for shape in shapes:
        (found,) = items(json.dumps(shape).encode().replace(b'"@"', odd))
        numbers = [getattr(found, name, None) for name in ("at", "numbers_max")] + [
            error.code for error in getattr(found, "errors", ())
        ]
        assert set(numbers) <= {None, found.origin.sent_at}


def test_what_stands_beside_an_abyss_is_kept_whole() -> None:
    parsed = parse(b'{"a":{"b":' + ABYSS + b',"c":[1,"]["]},"d":"\\"[{","e":2}')
    assert (parsed["a"]["c"], parsed["d"], parsed["e"]) == ([1, "]["], '"[{', 2)


def test_a_mapping_of_any_kind_is_read() -> None:
    assert isinstance(items(MappingProxyType(said(message())))[0], InboundMessage)
