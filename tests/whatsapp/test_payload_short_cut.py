"""The short cut never calls a body quiet that bears consent, however its JSON is spelt, and mostly it is taken."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.whatsapp.payload import bears_consent, items, urgent_items
from gateway.whatsapp.payload.short_cut import is_quiet
from tests.whatsapp.bodies import AYSE_ID, Json, body, change, contact, failed, message, said, status, told

STOP = {"wa_id": "905550000001", "category": "marketing_messages", "value": "stop"}

LOUD = {
    "text": said(message()),
    "preference": body(change("user_preferences", user_preferences=[STOP])),
    "id update": body(change("user_id_update", user_id_update=[{"user_id": {"current": AYSE_ID}}])),
    "opt-out failure": told(failed(131050)),
    "opt-out written as text": told(failed("131050")),
    "in standby": body(change("standby", standby={"messages": [message()]})),
    "beside a status": body(change("messages", statuses=[status()]), change("messages", messages=[message()])),
    "under a field of another name": said(message(), field="invented"),
}

QUIET = {
    "delivered": told(status()),
    "a hundred receipts": told(*[status("read")] * 100, contacts=[contact(name="Şükrü Öğün")]),
    "template news": body({"field": "message_template_status_update", "value": {"event": "PAUSED"}}),
    "unknown field": body({"field": "invented", "value": {"x": "messages"}}),
}


def written(raw: Any, *, ascii_only: bool, tight: bool) -> bytes:
    separators = (",", ":") if tight else (", ", ": ")
    return json.dumps(raw, ensure_ascii=ascii_only, separators=separators).encode()


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("tight", [True, False])
@pytest.mark.parametrize("name", LOUD)
def test_what_bears_consent_is_loud_in_every_spelling(name: str, ascii_only: bool, tight: bool) -> None:
    raw = written(LOUD[name], ascii_only=ascii_only, tight=tight)
    assert not is_quiet(raw)
    assert [bears_consent(item) for item in urgent_items(raw)] == [True]


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("name", ["delivered", "a hundred receipts", "template news"])
def test_good_news_as_meta_writes_it_is_quiet(name: str, ascii_only: bool) -> None:
    """Names with escaped letters outside ASCII included: otherwise no Turkish recipient's receipt would be quick."""
    assert is_quiet(written(QUIET[name], ascii_only=ascii_only, tight=True))


@pytest.mark.parametrize("name", QUIET)
def test_a_loud_body_without_consent_is_merely_read(name: str) -> None:
    for tight in (True, False):
        assert urgent_items(written(QUIET[name], ascii_only=True, tight=tight)) == []


def escaped(raw: bytes, word: str, at: int) -> bytes:
    """One letter of a key written as an escape."""
    at %= len(word)
    spelt = f'"{word[:at]}\\u{ord(word[at]):04x}{word[at + 1 :]}"'
    return raw.replace(f'"{word}"'.encode(), spelt.encode())


KEYS_OF = {
    "text": "messages",
    "preference": "user_preferences",
    "id update": "user_id_update",
    "opt-out failure": "errors",
}


@pytest.mark.parametrize("name", KEYS_OF)
def test_a_key_with_an_escaped_letter_is_not_overlooked(name: str) -> None:
    word = KEYS_OF[name]
    for at in range(len(word)):
        raw = escaped(written(LOUD[name], ascii_only=True, tight=True), word, at)
        for spelling in (raw, raw.replace(b"\\u005f", b"\\u005F")):
            assert not is_quiet(spelling)
            assert len(urgent_items(spelling)) == 1


KEYS = st.sampled_from(
    ["messages", "statuses", "errors", "user_preferences", "user_id_update", "standby", "field", "value", "contacts"]
)
WORDS = KEYS | st.sampled_from(['"field":"messages"', 'messages":', "\\u006dessages", "ş", "131050"])
SAID = st.sampled_from([message(), failed(131050), status(), STOP, {"errors": [{"code": "131050"}]}])
ANYTHING = st.recursive(
    st.none() | st.integers(0, 9) | WORDS | SAID,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=10,
)
CHANGES = st.fixed_dictionaries({"field": WORDS, "value": st.dictionaries(KEYS, ANYTHING, max_size=4)})
SPELT = st.fixed_dictionaries({"ascii_only": st.booleans(), "tight": st.booleans()})
CUT = st.tuples(st.integers(0, 400), st.sampled_from([b"", b'"', b"\\", b" ", b"\xff", b"\x00", b"\\u0061", b"\n"]))


@settings(max_examples=100, deadline=None)
@given(changes=st.lists(CHANGES, max_size=3), spelt=SPELT, cut=st.none() | CUT)
@example(
    changes=[{"field": "messages", "value": {"messages": [message()]}}], spelt={"ascii_only": 1, "tight": 1}, cut=None
)
def test_nothing_quiet_bears_consent(
    changes: list[Json], spelt: dict[str, bool], cut: tuple[int, bytes] | None
) -> None:
    raw = written(body(*changes), **spelt)
    if cut is not None:
        raw = raw[: cut[0]] + cut[1] + raw[cut[0] :]
    bearing = [item for item in items(raw) if bears_consent(item)]
    assert urgent_items(raw) == bearing
    if is_quiet(raw):
        assert bearing == []
