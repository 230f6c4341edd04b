"""Where an address may be: its region, and every time zone in which its owner may be reading.

What a number says of a place is only a guess; a zone that the person declared goes before it (reference/consent.md 5).
Everything is remembered by prefix, so that a million numbers cost a few hundred look-ups in the numbering plans.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files

import phonenumbers
from phonenumbers.tzdata import TIMEZONE_DATA, TIMEZONE_LONGEST_PREFIX

from consent.address.numbering import kind_of
from consent.address.values import Address, Bsuid, Phone, PhoneKind

NO_REGION = ""
WORLD = "001"  # the library's region of +800, +870 and the like
CALLING_CODES = frozenset(map(str, phonenumbers.COUNTRY_CODE_TO_REGION_CODE))
PREFIXES_MAX = 65_536  # remembered at most; about 10 MB
AREA_CODE_END = 5  # "+1" and three digits: in North America the area code alone tells the region
BLOCK_DIGITS = 2  # elsewhere the last two digits never do
UNPLACED = frozenset({PhoneKind.SERVICE, PhoneKind.UNKNOWN})  # of numbers that may be anywhere, for all that we know


def region_of(address: Address) -> str:
    """The ISO 3166 code of the address's country, or "" where it has none (+800 and the like)."""
    if isinstance(address, Bsuid):
        return address.country
    regions = _regions(calling_code(address.e164))
    return _region_of_block(*_block(address.e164)) if len(regions) > 1 else regions[0]


def place_of(address: Address) -> tuple[str, frozenset[str]]:
    """`region_of` and `zones_of` at once: for most countries the calling code alone tells both."""
    placed = isinstance(address, Phone) and address.kind not in UNPLACED
    whole = _one_zone_country(calling_code(str(address))) if placed else None
    return whole or (region_of(address), zones_of(address))


@lru_cache(maxsize=512)
def _one_zone_country(code: str) -> tuple[str, frozenset[str]] | None:
    """The region and the zone of a calling code that one country has to itself, all of it in one zone."""
    region, *others = _regions(code)
    zones = zones_of_region(region)
    return (region, zones) if not others and region != NO_REGION and len(zones) == 1 else None


def zones_of(address: Address) -> frozenset[str]:
    """Every IANA zone in which the owner of `address` may be; empty when nothing is known.

    Zones are narrowed to the region's own, so +7 is Russia's or Kazakhstan's and not both. A service number says
    nothing of a place: +1 800 keeps all zones of North America.
    """
    if isinstance(address, Bsuid):
        return zones_of_region(address.country)
    kind = address.kind if address.kind is not PhoneKind.UNKNOWN else _kind_of_block(address.e164[:-BLOCK_DIGITS])
    code = calling_code(address.e164)
    placed = _tells_the_place(kind, code)
    prefix = address.e164[1 : 1 + TIMEZONE_LONGEST_PREFIX] if placed else code
    return _zones(prefix, NO_REGION if kind is PhoneKind.SERVICE else region_of(address))


@lru_cache(maxsize=512)
def zones_of_region(region: str) -> frozenset[str]:
    """The IANA zones of an ISO 3166 region, from the zone table of the tz database; empty for an unknown one."""
    return frozenset(zone for code, zone in _zone_table() if code == region)


def calling_code(e164: str) -> str:
    """The country calling code of a number, without the plus; "" when no country has it."""
    for end in (2, 3, 4):
        if e164[1:end] in CALLING_CODES:
            return e164[1:end]
    return ""


@lru_cache(maxsize=512)
def _regions(code: str) -> tuple[str, ...]:
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code or 0), (WORLD,))
    return tuple(NO_REGION if region == WORLD else region for region in regions)


def _block(e164: str) -> tuple[str, str]:
    """The prefix that decides, and digits that make a whole number of it again."""
    if e164.startswith("+1"):
        return e164[:AREA_CODE_END], "2005000"
    return e164[:-BLOCK_DIGITS], "0" * BLOCK_DIGITS


@lru_cache(maxsize=PREFIXES_MAX)
def _region_of_block(prefix: str, rest: str) -> str:
    region = phonenumbers.region_code_for_number(phonenumbers.parse(prefix + rest))
    return region or _regions(calling_code(prefix + rest))[0]


@lru_cache(maxsize=PREFIXES_MAX)
def _kind_of_block(prefix: str) -> PhoneKind:
    try:
        return kind_of(phonenumbers.parse(prefix + "0" * BLOCK_DIGITS))
    except phonenumbers.NumberParseException:  # a country code that no country has (any more)
        return PhoneKind.UNKNOWN


@lru_cache(maxsize=512)
def _tells_the_place(kind: PhoneKind, code: str) -> bool:
    if kind is PhoneKind.MOBILE:
        mobile = phonenumbers.PhoneNumberType.MOBILE
        return bool(phonenumbers.is_number_type_geographical(mobile, int(code or 0)))
    return kind in (PhoneKind.LANDLINE, PhoneKind.EITHER)


@lru_cache(maxsize=PREFIXES_MAX)
def _zones(prefix: str, region: str) -> frozenset[str]:
    ends = range(len(prefix), 0, -1)
    named: Iterable[str] = next((TIMEZONE_DATA[prefix[:end]] for end in ends if prefix[:end] in TIMEZONE_DATA), ())
    own = {_canonical(zone): zone for zone in sorted(zones_of_region(region))}
    narrowed = frozenset(
        zone if zone in own.values() else own[_canonical(zone)] for zone in named if _canonical(zone) in own
    )
    return narrowed or zones_of_region(region) or frozenset(named)


def _canonical(zone: str) -> str:
    """The name under which the tz database keeps a zone's rules: the library still says Asia/Calcutta."""
    return _aliases().get(zone, zone)


@lru_cache(maxsize=1)
def _aliases() -> dict[str, str]:
    links = (line.split() for line in _tzdata("tzdata.zi") if line.startswith("L "))
    return {alias: zone for _, zone, alias in links}


@lru_cache(maxsize=1)
def _zone_table() -> tuple[tuple[str, str], ...]:
    rows = (line.split("\t") for line in _tzdata("zone.tab") if line and not line.startswith("#"))
    return tuple((row[0], row[2]) for row in rows)


def _tzdata(name: str) -> list[str]:
    return files("tzdata").joinpath("zoneinfo", name).read_text(encoding="utf-8").splitlines()
