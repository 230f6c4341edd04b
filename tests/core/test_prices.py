"""Price files and what they add up to."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.core.prices import Prices, estimate, parse_prices

TODAY = date(2026, 11, 24)
FILE = 'as_of = 2026-10-01\ncurrency = "USD"\n[marketing]\nTR = "0.01"\n"*" = "0.05"\n[utility]\nTR = "0.002"\n'


def prices(text: str = FILE) -> Prices:
    read = parse_prices(text)
    assert isinstance(read, Prices), [problem.en for problem in read]
    return read


def test_a_sum_is_exact() -> None:
    charged = Counter({("marketing", "TR"): 3, ("marketing", "DE"): 2, ("utility", "TR"): 1})
    assert estimate(charged, prices(), TODAY).total == Decimal("0.132")


def test_a_state_has_its_countrys_price() -> None:
    charged = Counter({("marketing", "US-CA"): 1})
    assert estimate(charged, prices(), TODAY).total == Decimal("0.05")


def test_countries_without_a_price_are_named_and_not_guessed() -> None:
    found = estimate(Counter({("utility", "DE"): 4, ("utility", ""): 1}), prices(), TODAY)
    assert found.total == 0
    assert found.unpriced == {"DE": 4, "?": 1}


@pytest.mark.parametrize(("today", "stale"), [(date(2027, 1, 1), False), (date(2027, 1, 2), True)])
def test_an_old_file_says_so(today: date, stale: bool) -> None:
    assert estimate(Counter(), prices(), today).stale is stale


@pytest.mark.parametrize(
    "text",
    [
        "",
        "as_of =",
        FILE.replace("2026-10-01", '"October"'),
        FILE.replace('"USD"', '"dollars"'),
        FILE.replace('TR = "0.01"', "TR = 0.01"),
        FILE.replace('TR = "0.01"', 'TR = "-1"'),
        FILE.replace('TR = "0.01"', 'tr = "0.01"'),
        FILE.replace('TR = "0.01"', 'TR = "NaN"'),
        FILE.replace("[utility]", "[newsletters]"),
        'as_of = 2026-10-01\ncurrency = "USD"\nmarketing = "0.01"\n',
        'as_of = 2026-10-01\ncurrency = "USD"\n',
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_words(text: str) -> None:
    problems = parse_prices(text)
    assert not isinstance(problems, Prices)
    assert all(problem.tr and problem.en for problem in problems)
    assert problems


def test_the_example_can_be_read() -> None:
    example = Path(__file__).parents[2] / "examples" / "prices.toml"
    assert prices(example.read_text(encoding="utf-8")).source == "invented for this example"
