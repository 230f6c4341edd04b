"""The pure evaluator: every condition is true or false, and what is missing is false."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.segment import (
    DRAW_PRIME,
    And,
    Engagement,
    EngagementFact,
    EventFact,
    Not,
    Or,
    PersonFacts,
    Segment,
    bucket_of,
    draw_factors,
    matches,
    parse,
)
from tests.core.test_segment import conditions

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


AYSE = PersonFacts(
    number=7,
    added_at=ago(days=10),
    tags=frozenset({"vip", "cay"}),
    fields={"name": "Ayşe Örnek", "source": "web_form", "language": "tr", "zone": "Europe/Istanbul", "country": "TR"},
    attributes={"city": "İzmir", "visits": "12", "since": "2024-03-01", "note": "", "source": "fair"},
    consent={"marketing": "granted"},
    engagement=(
        EngagementFact(Engagement.SENT, "Spring", ago(days=20)),
        EngagementFact(Engagement.SENT, "Autumn", ago(days=3)),
        EngagementFact(Engagement.READ, "Spring", ago(days=19)),
    ),
    events=(
        EventFact("bought", ago(days=40), "coffee", {"price": "30"}),
        EventFact("bought", ago(days=5), "coffee", {"price": "49.90", "size": "large"}),
        EventFact("bought", ago(days=1), "tea", {"price": "20"}),
        EventFact("bought", NOW + timedelta(days=1), "coffee"),
    ),
)


def holds(text: str, person: PersonFacts = AYSE) -> bool:
    segment = parse(text)
    assert isinstance(segment, Segment), segment.pointed()
    return matches(segment, person, NOW)


@pytest.mark.parametrize(
    "text",
    [
        "everyone",
        "tag:vip",
        "tag:Çay",
        "source = web_form",
        "person.source = fair",
        "language in (en, tr)",
        "Şehir = İzmir",
        "visits >= 10",
        "visits = 12.0",
        "visits in (11, 12)",
        'since < "2024-03-02"',
        'zone contains "Europe"',
        "name is known",
        "consent(marketing) is granted",
        "consent(utility) is none",
        "added within 11d",
        "sent",
        "sent = 2",
        "sent = 1 within 7d",
        "read(Spring)",
        "read within 30d",
        "bought(coffee) >= 2",
        "bought() = 3",
        "bought(coffee) = 1 within 30d",
        "bought(price >= 49.90)",
        "bought(coffee, size = large, price < 50) = 1",
        "clicked = 0",
        "clicked < 1",
        "not clicked",
        "tag:nobody or tag:vip and visits > 1",
    ],
)
def test_ayse_is_in(text: str) -> None:
    assert holds(text)
    assert not holds(f"not ({text})")


@pytest.mark.parametrize(
    "text",
    [
        "not everyone",
        "tag:gold",
        "source = fair",
        "visits = 13",
        'visits < "1"',
        "sehir = izmir",
        "sehir > 1",
        'since > "2024-03-01"',
        "note is known",
        "consent(marketing) is revoked",
        "added within 10d",
        "sent >= 3",
        "sent(Winter)",
        "delivered",
        "bought(coffee) >= 3",
        "bought(coffee) >= 2 within 30d",
        "bought(size = small)",
        "bought(color = red)",
        "sold()",
        "tag:vip and tag:gold",
    ],
)
def test_ayse_is_not_in(text: str) -> None:
    assert not holds(text)
    assert holds(f"not ({text})")


@pytest.mark.parametrize(
    "condition", ["= x", "< x", "> x", "= 1", "< 1", "<= 1", 'contains "x"', "in (x, 1)", "is known"]
)
def test_what_is_missing_makes_every_comparison_false(condition: str) -> None:
    for field in ("colour", "note", "person.language"):
        assert not holds(f"{field} {condition}")


@pytest.mark.parametrize("value", ["x", "1", '"İzmir"'])
def test_unlike_is_exactly_the_opposite_of_like(value: str) -> None:
    for field in ("colour", "city", "visits"):
        assert holds(f"{field} != {value}") is not holds(f"{field} = {value}")


@pytest.mark.parametrize(
    "content", ["", " 5", "5 ", "+5", "5,0", "5e0", "٥", "0x5", "1234567890", "5.1234567", "NaN", "5\n"]
)
def test_a_number_compares_only_with_what_looks_like_one(content: str) -> None:
    person = replace(AYSE, attributes={"n": content})

    assert not any(holds(f"n {op} 5", person) for op in ("=", "<", "<=", ">", ">="))


def test_a_span_reaches_back_to_but_not_including_its_first_instant() -> None:
    def bought_at(at: datetime) -> bool:
        return holds("bought() within 1h", replace(AYSE, events=(EventFact("bought", at),)))

    instant = timedelta(microseconds=1)
    assert not bought_at(ago(hours=1))
    assert bought_at(ago(hours=1) + instant)
    assert bought_at(NOW)
    assert not bought_at(NOW + instant)


@given(conditions, conditions)
def test_logic_is_two_valued(one: Any, two: Any) -> None:
    def holding(condition: Any) -> bool:
        return matches(Segment("", condition), AYSE, NOW)

    assert holding(Not(one)) is not holding(one)
    assert holding(And((one, two))) is (holding(one) and holding(two))
    assert holding(Or((one, two))) is (holding(one) or holding(two))
    assert holding(Not(And((one, two)))) is holding(Or((Not(one), Not(two))))


def test_buckets_share_people_out_evenly() -> None:
    counted = Counter(bucket_of(number, 10) for number in range(1, 10_001))

    assert sorted(counted) == list(range(10))
    assert min(counted.values()) > 900
    assert max(counted.values()) < 1100


def test_buckets_never_change_between_versions() -> None:
    assert draw_factors("") == (1023626610, 668847791)
    assert [bucket_of(number, 100) for number in (1, 2, 3)] == [64, 74, 37]


def test_two_draws_are_independent() -> None:
    both = Counter((bucket_of(number, 2, "a"), bucket_of(number, 2, "b")) for number in range(1, 10_001))

    assert all(2200 < count < 2800 for count in both.values())
    assert len(both) == 4


@given(st.integers(0, 2**63 - 1), st.integers(2, 1000), st.text(max_size=5))
def test_a_bucket_is_worked_out_within_64_bits(number: int, of: int, draw: str) -> None:
    factor, shift = draw_factors(draw)

    assert DRAW_PRIME * factor + shift < 2**63
    assert 0 <= bucket_of(number, of, draw) < of
