"""The chain and its one spelling, against the writer and against an independent RFC 8785."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.events import Event, EventType, as_mapping, canonical, canonical_json, from_mapping, hash_of
from consent.proof.chain import Chain
from consent.proof.findings import SHOWN_MAX, Doubt, Findings
from consent.proof.merkle import Tree
from consent.proof.spelling import is_canonical
from tests.consent.events_given import EVIDENCE, TEXT, at, chained, draft

WORDS = st.text(st.characters(codec="utf-8"), max_size=12)
PLAIN = draft(EventType.GRANTED, text=TEXT, evidence=EVIDENCE)


@st.composite
def chains(draw: st.DrawFn) -> list[Event]:
    drafts = [
        replace(
            PLAIN,
            type=draw(st.sampled_from(list(EventType))),
            idem=f"{number}:{draw(WORDS)}",
            method=draw(WORDS),
            actor=replace(PLAIN.actor, ref=draw(WORDS)),
            text=draw(st.sampled_from([None, TEXT])),
            evidence=draw(st.sampled_from([None, EVIDENCE])),
            expires_at=draw(st.sampled_from([None, at(9)])),
            jurisdiction=draw(st.sampled_from([None, "TR"])),
            causes=tuple(draw(st.lists(st.sampled_from(["019b", "019c"]), max_size=2))),
        )
        for number in range(draw(st.integers(0, 5)))
    ]
    return chained(*drafts)


def followed(events: Sequence[Event]) -> Chain:
    chain = Chain()
    chain.follow((canonical(one), one.hash.encode()) for one in events)
    return chain


@given(chains())
@settings(max_examples=150, deadline=None)
def test_what_the_ledger_writes_is_spelt_right_and_hangs_together(events: list[Event]) -> None:
    chain = followed(events)
    assert chain.findings.holds
    assert chain.size == len(events)
    assert chain.tree.root() == Tree(bytes.fromhex(one.hash) for one in events).root()
    assert chain.ids.always
    assert not chain.keys.suspects()


@given(chains())
@settings(max_examples=150, deadline=None)
def test_two_writers_agree_with_rfc_8785_to_the_byte(events: list[Event]) -> None:
    for one in events:
        assert canonical(one) == rfc8785.dumps(as_mapping(one)) == canonical_json(as_mapping(one))
        assert canonical(from_mapping(json.loads(canonical(one)), one.hash)) == canonical(one)


ONE = chained(PLAIN)[0]


def spelt(**change: Any) -> bytes:
    return canonical_json(as_mapping(ONE) | change)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        canonical(ONE) + b" ",
        b" " + canonical(ONE),
        canonical(ONE).replace(b'"seq":1', b'"seq":01'),
        canonical(ONE).replace(b'"seq":1', b'"seq":1.0'),
        canonical(ONE).replace(b'"seq":1', b'"seq":1,"seq":1'),
        canonical(ONE).replace(b"wa_inbound", b"wa\\u005finbound"),
        canonical(ONE).replace(b"wa_inbound", b"wa\\/inbound"),
        canonical(ONE).replace(b"wa_inbound", b"\\u000A"),
        canonical(ONE).replace(b"wa_inbound", b"\\u000c"),
        canonical(ONE).replace(b"wa_inbound", b"\\u001F"),
        canonical(ONE).replace(b"wa_inbound", b"\x01"),
        canonical(ONE).replace(b"wa_inbound", b"\xff"),
        canonical(ONE).replace(b"wa_inbound", "c\u0327".encode()),
        canonical(ONE).replace(b'"basis":"consent",', b""),
        json.dumps(as_mapping(ONE)).encode(),
        spelt(type="forgotten"),
        spelt(schema="consent-event/2"),
        spelt(extra="field"),
        spelt(recorded_at="2026-01-05T09:00:00Z"),
        spelt(occurred_at="2026-01-05T09:00:00.000000+03:00"),
        spelt(prev_hash="AB" * 32),
        spelt(evidence={"commitment": "short", "count": 1}),
        spelt(causes="019b"),
    ],
)
def test_any_other_spelling_is_refused(body: bytes) -> None:
    assert not is_canonical(body)
    chain = Chain()
    chain.follow([(body, hash_of(body).encode())])
    assert chain.findings.kinds() == {Doubt.NOT_CANONICAL}


@pytest.mark.parametrize("words", ["çıkış", "\\u000b", 'a"b', "a\\b", "\b\f\n\r\t", "\x0b\x1f\x7f", "😀", "/"])
def test_every_letter_has_its_one_spelling(words: str) -> None:
    assert is_canonical(canonical(replace(ONE, method=words)))


def test_a_quote_inside_a_value_is_not_mistaken_for_a_field() -> None:
    tricky = replace(ONE, method='x","subject":"forged')
    assert is_canonical(canonical(tricky))
    assert b'"subject":"forged' not in canonical(tricky)


def test_a_break_is_told_once_and_the_rest_is_still_checked() -> None:
    events = chained(*(replace(PLAIN, idem=str(number)) for number in range(6)))
    del events[2]
    chain = followed(events)
    assert chain.findings.counts == {Doubt.SEQUENCE: 1, Doubt.BROKEN_LINK: 1}


def test_a_chain_may_be_followed_in_parts() -> None:
    events = chained(*(replace(PLAIN, idem=str(number)) for number in range(6)))
    chain = Chain()
    for part in (events[:2], events[2:3], [], events[3:]):
        chain.follow((canonical(one), one.hash.encode()) for one in part)
    assert chain.findings.holds
    assert chain.head == events[-1].hash


def test_ids_that_do_not_rise_may_be_there_twice() -> None:
    ids = [f"019b0000-0000-7000-8000-00000000000{n}" for n in (1, 2, 3)]
    assert followed(renamed(ids)).ids.always
    for suspected in ([ids[0], ids[2], ids[1]], [*ids, ids[0]], [*ids, ids[2]]):
        chain = followed(renamed(suspected))
        assert chain.findings.holds
        assert not chain.ids.always
        assert not chain.keys.suspects()


def renamed(ids: Sequence[str]) -> list[Event]:
    events: list[Event] = []
    for number, event_id in enumerate(ids, start=1):
        before = events[-1].hash if events else "0" * 64
        one = replace(ONE, seq=number, event_id=event_id, idem=str(number), prev_hash=before, hash="")
        events.append(replace(one, hash=hash_of(canonical(one))))
    return events


def test_a_wholly_broken_ledger_does_not_fill_memory() -> None:
    findings = Findings()
    Chain(findings).follow((b"{}", b"") for _ in range(10 * SHOWN_MAX))
    assert findings.counts[Doubt.NOT_CANONICAL] == 10 * SHOWN_MAX
    assert len(findings.doubts) == SHOWN_MAX
    assert any(f"{9 * SHOWN_MAX} more" in line for line in findings.lines())
