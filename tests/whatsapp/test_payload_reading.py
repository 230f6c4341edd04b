"""Single values that may be of any type."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.whatsapp.payload.contacts import Contacts, phone
from gateway.whatsapp.payload.decoding import NOT_JSON, parse
from gateway.whatsapp.payload.reading import flag, language, mapping, mappings, moment, number, text

ANYTHING: st.SearchStrategy[object] = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers()) | st.just({})
)


@pytest.mark.parametrize(
    ("value", "read"), [("a", "a"), ("", None), (7, "7"), (True, None), (1.5, None), (None, None), (10**30, None)]
)
def test_text_is_a_string_or_a_whole_number(value: object, read: str | None) -> None:
    assert text(value) == read


@pytest.mark.parametrize(
    ("value", "read"),
    [(7, 7), ("7", 7), (" 7 ", 7), ("-7", -7), (7.0, 7), (7.5, None), ("7.5", None), (True, None), (2**63, None)],
)
def test_a_number_fits_a_database_column(value: object, read: int | None) -> None:
    assert number(value) == read


@pytest.mark.parametrize(("value", "read"), [(True, True), ("False", False), ("ja", None), (1, None), (None, None)])
def test_a_flag_is_true_false_or_unknown(value: object, read: bool | None) -> None:
    assert flag(value) is read


def test_the_last_moment_that_can_be_named_is_read_and_the_next_is_milliseconds() -> None:
    last_in_seconds = 253_402_300_799 // 2
    assert moment(last_in_seconds) == datetime.fromtimestamp(last_in_seconds, UTC)
    assert moment(last_in_seconds + 1) == datetime.fromtimestamp((last_in_seconds + 1) // 1000, UTC)


@given(value=ANYTHING)
def test_nothing_breaks_the_reading_of_a_value(value: object) -> None:
    assert text(value) is None or isinstance(text(value), str)
    assert number(value) is None or abs(number(value) or 0) < 2**63
    assert moment(value) is None or moment(value) == moment(str(value)) or isinstance(value, float)
    assert flag(value) in (True, False, None)
    assert isinstance(mapping(value), dict)
    assert all(isinstance(each, dict) for each in mappings(value))
    assert language(value) is None or language(language(value)) == language(value)


@pytest.mark.parametrize(("value", "read"), [("+905550000001", "905550000001"), ("+", None), ("", None), (None, None)])
def test_a_phone_has_no_plus(value: object, read: str | None) -> None:
    assert phone(value) == read


def test_the_first_of_two_contacts_with_one_number_counts() -> None:
    contacts = Contacts([{"wa_id": "1", "user_id": "TR.1"}, {"wa_id": "1", "user_id": "TR.2"}])
    assert contacts.match("1", None, None).ids.user_id == "TR.1"
    assert contacts.match("1", "TR.9", None).ids.user_id == "TR.9"


def test_contacts_of_any_type_are_nobody() -> None:
    values: list[object] = [None, 7, "x", [], [1, None], {}]
    assert all(Contacts(raw).match(None, None, None).ids.known == () for raw in values)


@given(value=st.recursive(ANYTHING.filter(lambda v: v == v), lambda inner: st.dictionaries(st.text(), inner)))
def test_what_is_parsed_can_be_stored(value: object) -> None:
    parsed = parse({"value": value})
    written = str(parsed).encode()
    assert parsed is NOT_JSON or b"\x00" not in written


def test_bytes_with_a_byte_order_mark_are_read() -> None:
    assert parse(b'\xef\xbb\xbf{"a":1}') == {"a": 1}
