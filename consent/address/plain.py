"""A column of cells at once: the plain numbers in it, and where they may be."""

from __future__ import annotations

from collections.abc import Sequence

from consent.address.short_cuts import plain_number, turkish_mobiles
from consent.address.values import Phone, PhoneKind
from consent.address.zones import place_of

Place = tuple[str, frozenset[str]]
"""A region, and the zones in which the number may be: `zones.place_of`."""

A_TURKISH_MOBILE = Phone("+905000000000", PhoneKind.MOBILE)


def read_plain(cells: Sequence[str], default_region: str | None) -> tuple[list[str | None], list[Place]]:
    """Of each cell the one E.164 number that it plainly is, and its place; None where `reading.read_cell` has to look.

    What it says is what `read_cell` and `place_of` say; it reads nothing but the short cuts' numbers.
    """
    numbers = turkish_mobiles(cells, default_region)
    places = [place_of(A_TURKISH_MOBILE)] * len(cells)
    for at, number in enumerate(numbers):
        if number is None and (phone := plain_number(cells[at], default_region)):
            numbers[at], places[at] = phone.e164, place_of(phone)
    return numbers, places
