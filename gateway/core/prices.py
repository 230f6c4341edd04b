"""What messages cost: a dated price file that the user copies from Meta's rate card, and sums over it.

İzin ships no prices: Meta changes them several times a year. The format is docs/formats/prices.md.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from gateway.core.wording import Wording

EVERYWHERE = "*"
CATEGORIES = ("marketing", "utility", "authentication")
STALE_AFTER = timedelta(days=92)
"""Rate cards change at most every quarter."""

Charged = Counter[tuple[str, str]]
"""Messages that Meta will charge for, by template category and the person's region ("TR", "US-CA", or "")."""


@dataclass(frozen=True, slots=True)
class Prices:
    """A price for each category and country; `*` is every other country."""

    as_of: date
    currency: str
    source: str
    by_category: Mapping[str, Mapping[str, Decimal]]

    def of(self, category: str, region: str) -> Decimal | None:
        known = self.by_category.get(category, {})
        return known.get(region[:2], known.get(EVERYWHERE))


@dataclass(frozen=True, slots=True)
class Estimate:
    """`total` covers all but the `unpriced` messages, whose countries the file does not name."""

    total: Decimal
    currency: str
    as_of: date
    unpriced: Mapping[str, int]
    stale: bool


def estimate(charged: Charged, prices: Prices, today: date) -> Estimate:
    total, unpriced = Decimal(0), Counter[str]()
    for (category, region), count in charged.items():
        price = prices.of(category, region)
        if price is None:
            unpriced[region[:2] or "?"] += count
        else:
            total += price * count
    return Estimate(total, prices.currency, prices.as_of, dict(unpriced), today - prices.as_of > STALE_AFTER)


def parse_prices(text: str) -> Prices | list[Wording]:
    """The price file's content, or everything wrong with it."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        return [Wording(f"Dosya TOML olarak okunamıyor: {problem}.", f"The file is not readable as TOML: {problem}.")]
    problems: list[Wording] = []
    as_of, currency = document.get("as_of"), document.get("currency")
    if not isinstance(as_of, date):
        problems.append(Wording("“as_of = 2026-10-01” gibi bir tarih gerekli.", "It needs a date: as_of = 2026-10-01."))
    if not isinstance(currency, str) or len(currency) != 3:
        problems.append(Wording('“currency = "TRY"” gerekli.', 'It needs a currency: currency = "USD".'))
    by_category = {name: _category(name, document[name], problems) for name in CATEGORIES if name in document}
    if not by_category:
        names = ", ".join(f"[{name}]" for name in CATEGORIES)
        problems.append(Wording(f"Hiç fiyat yok; bölümler: {names}.", f"There are no prices; its parts are {names}."))
    strange = sorted(set(document) - {*CATEGORIES, "as_of", "currency", "source"})
    problems += [Wording(f"“{name}” tanınmıyor.", f"“{name}” means nothing here.") for name in strange]
    if problems or not isinstance(as_of, date) or not isinstance(currency, str):
        return problems
    return Prices(as_of, currency, str(document.get("source", "")), by_category)


def _category(name: str, written: Any, problems: list[Wording]) -> dict[str, Decimal]:
    rows = written.items() if isinstance(written, dict) else [(str(written), "")]
    return {region: price for region, one in rows if (price := _price(name, region, one, problems)) is not None}


def _price(category: str, region: str, written: Any, problems: list[Wording]) -> Decimal | None:
    known = region == EVERYWHERE or (len(region) == 2 and region.isalpha() and region.isupper())
    price = _decimal(written)
    if known and price is not None:
        return price
    problems.append(
        Wording(
            f'[{category}] {region}: ülke kodu ve tırnak içinde fiyat yazın: TR = "0.0100".',
            f'[{category}] {region}: write a country code and a price in quotes: TR = "0.0100".',
        )
    )
    return None


def _decimal(written: Any) -> Decimal | None:
    """A price of 0 or more. Only texts: a TOML number would already have been rounded to binary."""
    try:
        price = Decimal(written) if isinstance(written, str) else Decimal("NaN")
    except InvalidOperation:
        return None
    return price if price.is_finite() and price >= 0 else None
