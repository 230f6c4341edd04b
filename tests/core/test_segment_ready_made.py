"""The ready-made segments can be read, explained, and copied into a campaign as they stand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.core.segment import (
    Engagement,
    EngagementFact,
    EventFact,
    PersonFacts,
    Segment,
    explain,
    matches,
    parse,
    write,
)
from gateway.core.segment.cleaning import CLEANING
from gateway.core.segment.ready_made import READY_MADE

EVERY = {**READY_MADE, **CLEANING}


@pytest.mark.parametrize("name", EVERY)
def test_a_ready_made_segment_is_an_ordinary_one(name: str) -> None:
    one = EVERY[name]
    segment = parse(one.text)
    assert isinstance(segment, Segment)
    assert write(segment.where) == one.text
    assert explain(segment, "tr") != explain(segment, "en")
    assert one.about.tr != one.about.en


def test_those_that_a_shop_asks_for_first_are_there() -> None:
    assert set(READY_MADE) == {"new", "active", "passive", "vip", "at_risk", "cart_left", "watched"}


@pytest.mark.parametrize("name", READY_MADE)
def test_its_name_is_no_segment_by_itself(name: str) -> None:
    assert not isinstance(parse(name), Segment)


NOW = datetime(2026, 11, 24, 11, tzinfo=UTC)
ORDER, ADDED, VIEWED = "Order Completed", "Product Added", "Product Viewed"
Told = tuple[str, float]
"""What somebody did, or what became of a message to them, and how many days ago."""


def somebody(*told: Told, tag: str = "", since: float = 400) -> PersonFacts:
    moments = [(what, NOW - timedelta(days=days)) for what, days in told]
    kinds = set(Engagement)
    return PersonFacts(
        number=1,
        added_at=NOW - timedelta(days=since),
        tags=frozenset({tag} if tag else ()),
        engagement=tuple(EngagementFact(Engagement(what), "Spring", at) for what, at in moments if what in kinds),
        events=tuple(EventFact(what, at) for what, at in moments if what not in kinds),
    )


SENT_3 = (("sent", 80), ("sent", 40), ("sent", 2))
SENT_6 = (("sent", 170), ("sent", 130), ("sent", 90), ("sent", 60), ("sent", 30), ("sent", 2))


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [
        ("new", [somebody(since=29)], [somebody(since=31)]),
        (
            "active",
            [somebody(("read", 29)), somebody(("clicked", 1)), somebody(("replied", 29))],
            [somebody(), somebody(("sent", 1), ("delivered", 1)), somebody(("read", 31))],
        ),
        (
            "passive",
            [somebody(*SENT_3), somebody(*SENT_3, ("read", 91))],
            [somebody(*SENT_3[1:]), *(somebody(*SENT_3, (done, 89)) for done in ("read", "clicked", "replied"))],
        ),
        (
            "vip",
            [somebody(tag="vip"), somebody(*[(ORDER, days) for days in (1, 40, 80, 120, 179)])],
            [somebody(tag="new"), somebody(*[(ORDER, days) for days in (1, 40, 80, 120, 181)])],
        ),
        (
            "at_risk",
            [somebody((ORDER, 91), (ORDER, 300))],
            [somebody((ORDER, 91)), somebody((ORDER, 89), (ORDER, 300))],
        ),
        (
            "cart_left",
            [somebody((ADDED, 1.9)), somebody((ADDED, 1), (ORDER, 3))],
            [somebody((ADDED, 2.1)), somebody((ADDED, 1.9), (ORDER, 0.1)), somebody((VIEWED, 1))],
        ),
        (
            "watched",
            [somebody((VIEWED, 2.9)), somebody((VIEWED, 1), (ADDED, 4))],
            [somebody((VIEWED, 3.1)), somebody((VIEWED, 2.9), (ADDED, 1)), somebody()],
        ),
        (
            "unreachable",
            [somebody(*SENT_3), somebody(*SENT_3, ("delivered", 181))],
            [somebody(*SENT_3[1:]), somebody(*SENT_3, ("delivered", 9)), somebody(*SENT_3, ("replied", 9))],
        ),
        (
            "silent",
            [somebody(*SENT_6), somebody(*SENT_6, ("delivered", 9))],
            [somebody(*SENT_6[1:]), *(somebody(*SENT_6, (done, 179)) for done in ("read", "clicked", "replied"))],
        ),
    ],
)
def test_it_means_whom_it_says(name: str, inside: list[PersonFacts], outside: list[PersonFacts]) -> None:
    segment = parse(EVERY[name].text)
    assert isinstance(segment, Segment)
    assert [matches(segment, person, NOW) for person in (*inside, *outside)] == [True] * len(inside) + [False] * len(
        outside
    )
