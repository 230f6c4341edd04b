"""What customer-data tools send, read into who somebody is and what they did; nothing they send can raise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.address.values import Phone
from gateway.core.columns import Field
from gateway.core.reported import (
    AHEAD_MAX,
    PASSED_OVER,
    PROPERTIES_MAX,
    SENTENCES,
    Identify,
    ItemCode,
    PassedOver,
    Track,
    read_item,
)

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
AYSE = Phone("+905550001001")


def identified(**traits: Any) -> Identify:
    found = read_item({"type": "identify", "userId": "u1", "traits": traits}, NOW, "TR")
    assert isinstance(found, Identify)
    return found


def tracked(**item: Any) -> Track:
    found = read_item({"type": "track", "userId": "u1", "event": "bought", **item}, NOW, "TR")
    assert isinstance(found, Track)
    return found


def test_an_identify_names_a_person() -> None:
    found = identified(phone="0555 000 10 01", firstName="Ayşe", last_name="Kaya", language="tr", city="Ankara", age=31)
    assert (found.user_id, found.address) == ("u1", AYSE)
    assert found.fields == {Field.FIRST_NAME: "Ayşe", Field.LAST_NAME: "Kaya", Field.LANGUAGE: "tr"}
    assert found.attributes == {"city": "Ankara", "age": "31"}


@pytest.mark.parametrize(
    "item",
    [
        {"traits": {"phone": "05550001001"}},
        {"context": {"traits": {"phone": "05550001001"}}},
        {"phone": "05550001001"},
        {"traits": {"mobilePhone": "05550001001"}},
        {"context": {"traits": {"GSM": "05550001001"}}},
    ],
)
def test_the_number_is_found_wherever_tools_put_it(item: dict[str, Any]) -> None:
    found = read_item({"userId": "u1", **item}, NOW, "TR", "identify")
    assert isinstance(found, Identify)
    assert found.address == AYSE


def test_traits_stand_in_the_context_as_rudderstack_sends_them_or_beside_it() -> None:
    item = {"userId": "u1", "context": {"traits": {"name": "Ayşe", "city": "Ankara"}}, "traits": {"city": "İzmir"}}
    found = read_item(item, NOW, "TR", "identify")
    assert isinstance(found, Identify)
    assert (found.fields, found.attributes) == ({Field.NAME: "Ayşe"}, {"city": "İzmir"})


def test_a_customer_number_is_no_phone() -> None:
    assert identified(number="05550001001").address is None


@pytest.mark.parametrize("kind", sorted(PASSED_OVER))
def test_of_other_kinds_nothing_is_kept(kind: str) -> None:
    assert read_item({"type": kind, "userId": "u1"}, NOW, "TR") == PassedOver()


@pytest.mark.parametrize("name", ["Ürün", "ürün adı", "Product Name", "urun"])
def test_a_thing_is_found_under_a_tables_headers(name: str) -> None:
    assert tracked(properties={"Tutar": "12", name: "Türk Kahvesi"}).about == "Türk Kahvesi"


def test_a_track_says_what_happened_when_and_about_what() -> None:
    found = tracked(
        timestamp="2026-11-24T13:00:00+03:00", properties={"product": "coffee", "price": 49.9, "gift": True}
    )
    assert (found.name, found.at, found.about) == ("bought", NOW - timedelta(hours=1), "coffee")
    assert found.properties == {"product": "coffee", "price": "49.9", "gift": "true"}


def test_objects_inside_are_told_apart_by_their_path_and_lists_are_left_out() -> None:
    found = tracked(properties={"size": {"eu": 38, "deep": {"er": 1}}, "products": [{"name": "x"}], "none": None})
    assert found.properties == {"size.eu": "38"}


def test_properties_are_texts_as_a_segment_compares_them() -> None:
    found = tracked(properties={"a": 1.0, "b": 0.1 + 0.2, "c": 10**20, "d": "x" * 5_000, "e": ""})
    assert (found.properties["a"], found.properties["b"], found.properties["c"]) == ("1", "0.3", str(10**20))
    assert len(found.properties["d"]) == 1_000
    assert "e" not in found.properties


def test_there_is_an_end_to_properties() -> None:
    assert len(tracked(properties={f"p{n}": n for n in range(500)}).properties) == PROPERTIES_MAX


def test_a_clock_that_runs_ahead_means_now() -> None:
    assert tracked(timestamp="2026-11-24T15:00:00Z").at == NOW
    late = (NOW + AHEAD_MAX + timedelta(seconds=1)).isoformat()
    assert read_item({"type": "track", "userId": "u", "event": "e", "timestamp": late}, NOW, "TR") is (
        ItemCode.TIME_UNREADABLE
    )


def test_a_report_that_comes_twice_has_the_same_key() -> None:
    assert tracked(messageId="m1").key == tracked(messageId="m1", properties={"retried": True}).key
    assert tracked(messageId="m1").key != tracked(messageId="m2").key
    assert tracked(timestamp="2026-11-24").key == tracked(timestamp="2026-11-24").key
    assert tracked(timestamp="2026-11-24").key != tracked(timestamp="2026-11-23").key
    assert len(tracked().key) == 16


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ([], ItemCode.NOT_AN_OBJECT),
        ({"type": "odd"}, ItemCode.TYPE_UNKNOWN),
        ({"type": "track", "userId": "u"}, ItemCode.NAME_MISSING),
        ({"type": "track", "userId": "u", "event": "x" * 101}, ItemCode.NAME_MISSING),
        ({"type": "track", "event": "e"}, ItemCode.NOBODY),
        ({"type": "identify", "traits": {"phone": "0555"}}, ItemCode.PHONE_UNREADABLE),
        ({"type": "track", "userId": "u", "event": "e", "timestamp": "soon"}, ItemCode.TIME_UNREADABLE),
    ],
)
def test_what_is_wrong_has_a_name_and_a_sentence_in_both_languages(item: Any, code: ItemCode) -> None:
    assert read_item(item, NOW, "TR") is code
    assert SENTENCES[code].tr != SENTENCES[code].en


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=4),
    max_leaves=8,
)
names = st.sampled_from(("type", "userId", "event", "timestamp", "messageId", "traits", "properties", "context"))


@given(st.dictionaries(names, json_values, max_size=6), st.sampled_from(("", "track", "identify")))
def test_whatever_is_sent_gives_an_answer(item: dict[str, Any], kind: str) -> None:
    found = read_item(item, NOW, "TR", kind)
    if isinstance(found, Track):
        assert all(
            "\0" not in value for value in [found.name, found.about, *found.properties, *found.properties.values()]
        )
        assert found.at <= NOW
