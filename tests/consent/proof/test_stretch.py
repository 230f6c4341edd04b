"""Lines that pass quickly: exactly those that the slow examination holds for sound, whatever was done to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.events import GENESIS_HASH, SYSTEM, Event, EventType, canonical, hash_of
from consent.proof import shapes as shapes_file
from consent.proof.chain import Chain
from consent.proof.event_lines import event_line, is_event_line
from consent.proof.findings import Doubt
from consent.proof.shapes import Shapes, hexadecimal, moments, plain
from consent.proof.stretch import Stretch, sound
from tests.consent.events_given import EVIDENCE, OPERATOR, TEXT, at, chained, draft

ASKED = draft(EventType.REQUESTED, 0, actor=SYSTEM, text=TEXT, expires_at=at(48), idem="ask:1")
LIFE = chained(
    ASKED,
    replace(ASKED, subject="bb" * 16, idem="ask:2", expires_at=at(49)),
    draft(EventType.CONFIRMED, 1, text=TEXT, evidence=EVIDENCE, causes=("019b-1",), idem="reply:1"),
    draft(EventType.CONFIRMED, 1, text=TEXT, evidence=EVIDENCE, causes=("019b-2",), idem="reply:2"),
    draft(EventType.REVOKED, 2, causes=("a", "b"), idem="stop:1"),
    draft(EventType.RESUMED, 3, actor=replace(OPERATOR, ref="Ayşe"), idem="back:1"),
    draft(EventType.REVOKED, 4, method='said "dur"', idem="stop:2"),
)


def lines_of(events: Sequence[Event]) -> list[bytes]:
    return [event_line(canonical(one), one.hash) for one in events]


LINES = lines_of(LIFE)


def passed(lines: Sequence[bytes]) -> Stretch | None:
    return sound(lines, Shapes(), 0, GENESIS_HASH.encode(), b"")


def examined(lines: Sequence[bytes]) -> Chain:
    """The same lines, with nothing passing quickly."""
    chain = Chain()
    for line in lines:
        chain._examine_line(line)
    return chain


def test_a_life_passes_and_says_where_it_ends() -> None:
    found = passed(LINES)
    assert found is not None
    assert (found.seq, found.head.decode()) == (len(LIFE), LIFE[-1].hash)
    assert list(found.ids) == [one.event_id.encode() for one in LIFE]
    assert list(found.keys) == [one.idem.encode() for one in LIFE]
    assert b"".join(found.digests).hex() == "".join(one.hash for one in LIFE)


def test_no_byte_of_a_line_may_be_another() -> None:
    for place in range(len(LINES[3])):
        for other in (b"0", b'"', b"}", b"\xc3"):
            changed = LINES[3][:place] + other + LINES[3][place + 1 :]
            if changed != LINES[3]:
                assert passed([*LINES[:3], changed, *LINES[4:]]) is None, (place, other)


def rehashed(body: bytes) -> bytes:
    return event_line(body, hash_of(body))


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b"reply:2", b"reply\x072"),
        (b"reply:2", b"reply\xff2"),
        (b"reply:2", b"reply\\2"),
        (b"019b-2", b"019b\x002"),
        (b"2026-01-05T10:00:00.000000Z", b"2026-01-05T10:00:00.00000xZ"),
        (b"2026-01-05T10:00:00.000000Z", b"2026-01-05 10:00:00.000000Z"),
        (EVIDENCE.sha256.encode(), b"G" * 64),
        (EVIDENCE.sha256.encode(), EVIDENCE.sha256.upper().encode().replace(b"0", b"A")),
    ],
)
def test_a_value_that_is_not_of_its_form_never_passes_though_everything_around_it_is_known(
    was: bytes, becomes: bytes
) -> None:
    """The hash is right and every other byte is as in the event before: only the form of the value is wrong."""
    body = canonical(LIFE[3])
    assert was in body
    assert passed([*LINES[:3], rehashed(body.replace(was, becomes))]) is None
    assert Doubt.NOT_CANONICAL in examined([*LINES[:3], rehashed(body.replace(was, becomes))]).findings.kinds()


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_what_passes_quickly_is_what_the_examination_holds_for_sound(data: st.DataObject) -> None:
    lines = list(LINES)
    for _ in range(data.draw(st.integers(0, 2))):
        place = data.draw(st.integers(0, len(lines) - 1))
        change = data.draw(st.sampled_from(["drop", "again", "swap", "cut"]))
        if change == "drop":
            del lines[place]
        elif change == "again":
            lines.insert(place, lines[place])
        elif change == "swap":
            lines[place], lines[0] = lines[0], lines[place]
        else:
            lines[place] = lines[place][: data.draw(st.integers(0, len(lines[place])))]
    slow, quick = examined(lines), Chain()
    quick.follow_lines(lines)
    if passed(lines) is not None:
        assert slow.findings.holds
    assert quick.findings.doubts == slow.findings.doubts
    assert (quick.seq, quick.head, quick.clock, quick.texts) == (slow.seq, slow.head, slow.clock, slow.texts)
    assert quick.tree.root() == slow.tree.root()


def test_shapes_of_one_length_and_type_take_turns() -> None:
    one = draft(EventType.GRANTED, 1, source="paper", method="listed")
    two = draft(EventType.GRANTED, 1, source="papers", method="liste")
    events = chained(*(replace((one, two)[n % 2], idem=f"{n:03}") for n in range(20)))
    assert len({len(line) for line in lines_of(events)[:9]}) == 1
    assert passed(lines_of(events)) is not None


def test_shapes_do_not_fill_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes_file, "SHAPES_MAX", 3)
    known = Shapes()
    events = chained(*(draft(EventType.GRANTED, 1, idem="x" * n) for n in range(1, 20)))
    assert sound(lines_of(events), known, 0, GENESIS_HASH.encode(), b"") is not None
    assert len(known._known) <= 3
    assert known.texts == {b"null"}


def test_a_line_that_is_framed_otherwise_is_told_with_its_number() -> None:
    strange = LINES[1].replace(b',"kind":"event"}', b',"kind":"events"}')
    assert not is_event_line(strange)
    chain = Chain()
    chain.follow_lines([LINES[0], strange])
    assert chain.findings.counts == {Doubt.UNREADABLE: 1}
    assert chain.findings.doubts[0].where == "event 2"


def test_a_hash_of_another_length_is_a_doubt_however_it_is_handed_over() -> None:
    body, split = canonical(LIFE[0]), len(canonical(LIFE[0])) - 30
    chain = Chain()
    chain.follow([(body[:split], body[split:] + b',"hash":"' + LIFE[0].hash.encode())])
    assert not chain.findings.holds


def test_forms_are_asked_of_many_values_at_once() -> None:
    assert plain([b"a", b"", b" ~"])
    assert not plain([b"a", b'"'])
    assert not plain(["ş".encode()])
    assert hexadecimal([b"0f", b""])
    assert not hexadecimal([b"0F"])
    assert moments([b"2026-01-05T10:00:00.000000Z", b""])
    assert not moments([b"2026-01-05T10:00:00.000000z"])
    assert not moments([b"2026-01-05T10:00:00.000000Z2"])
