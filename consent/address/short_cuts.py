"""The numbers that most files are made of, read without the library and with its own answer.

A short cut knows its numbers by the library's own patterns and leaves everything else to it; tests hold the two
together (reference/performance.md 4.1).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import phonenumbers
from phonenumbers.phonemetadata import PhoneMetadata

from consent.address.values import Phone, PhoneKind

# Only what the library itself skips between digits. Direction marks are not among it: it refuses what they split.
SKIPPED = str.maketrans("", "", " ()-./\u00a0")


def _turkish_mobile(prefix: str) -> re.Pattern[str]:
    plan: Any = PhoneMetadata.metadata_for_region("TR")
    return re.compile(rf"({prefix})({plan.mobile.national_number_pattern})", re.ASCII)


TURKISH_MOBILE = _turkish_mobile(r"(?:\+90|0090|90|0)?")
FROM_ABROAD = _turkish_mobile(r"\+90")
TURKISH_DIGITS = 10
WITH_COUNTRY_CODE = re.compile(r"\+[1-9][0-9]{6,14}")
NATIONAL = re.compile(r"[0-9]{5,15}")
DECIMALS = re.compile(r"\.0{1,6}$")
DATE_MARK = re.compile(r"[./-]")
DATE_DIGITS_MAX = 8


def plain_number(text: str, region: str | None) -> Phone | None:
    """A Turkish mobile, any number with its country code, or one of `region`'s own; else None.

    Only digits and ordinary punctuation are read; what may be a date or a spreadsheet's number is left to others.
    """
    bare = text.translate(SKIPPED)
    if found := TURKISH_MOBILE.fullmatch(bare):
        if region == "TR" or found[1] == "+90":
            return Phone("+90" + found[2], PhoneKind.MOBILE)
    elif bare[:1] == "+" and text[:1] == "+" and WITH_COUNTRY_CODE.fullmatch(bare):
        return None if DECIMALS.search(text) else _international(bare)
    elif region and NATIONAL.fullmatch(bare) and not DECIMALS.search(text):
        dated = len(bare) <= DATE_DIGITS_MAX and DATE_MARK.search(text)
        marked = ")" in text and "(" not in text  # "1) 0601 483752": a list's mark, for which long plans have room
        return None if dated or marked else _national(bare, region)
    return None


def turkish_mobiles(cells: Sequence[str], region: str | None) -> list[str | None]:
    """The E.164 number of each cell that is a Turkish mobile and nothing else; None for any other cell.

    `plain_number` says the same of each of them, several times slower (a test compares the two).
    """
    whole = "\n".join(cells).translate(SKIPPED).split("\n")
    if len(whole) != len(cells):  # a line break inside a cell
        whole = [cell.translate(SKIPPED) for cell in cells]
    mobile = (TURKISH_MOBILE if region == "TR" else FROM_ABROAD).fullmatch
    return [f"+90{bare[-TURKISH_DIGITS:]}" if mobile(bare) else None for bare in whole]


def _national(bare: str, region: str) -> Phone | None:
    home = _home(region)
    if home is None or home.abroad.match(bare):
        return None
    trunk = home.plan.trunk.match(bare) if home.plan.trunk else None
    national = bare[trunk.end() :] if trunk else bare
    if national.startswith(home.code) or (trunk and trunk.re.groups):
        return None
    kind = home.plan.kind_of(national)
    return Phone(f"+{home.code}{national}", kind) if kind else None


def _international(e164: str) -> Phone | None:
    for end in (2, 3, 4):
        if plan := _plan(e164[1:end]):
            kind = plan.kind_of(e164[end:])
            return Phone(e164, kind) if kind else None
    return None


@dataclass(frozen=True, slots=True)
class Plan:
    """The numbering plan of a calling code's main country, as far as its ordinary numbers go."""

    general: re.Pattern[str]
    general_lengths: frozenset[int]
    trunk: re.Pattern[str] | None
    special: re.Pattern[str] | None
    landline: re.Pattern[str] | None
    landline_lengths: frozenset[int]
    mobile: re.Pattern[str] | None
    mobile_lengths: frozenset[int]

    def kind_of(self, national: str) -> PhoneKind | None:
        """MOBILE, LANDLINE or EITHER; None where the library has to say, and for what is no number at all."""
        if len(national) not in self.general_lengths or (self.trunk and self.trunk.match(national)):
            return None
        if not self.general.fullmatch(national) or (self.special and self.special.fullmatch(national)):
            return None
        mobile = _fits(national, self.mobile, self.mobile_lengths)
        if _fits(national, self.landline, self.landline_lengths):
            return PhoneKind.EITHER if mobile else PhoneKind.LANDLINE
        return PhoneKind.MOBILE if mobile else None


@dataclass(frozen=True, slots=True)
class Home:
    """How numbers are dialled inside a calling code's main country; `abroad` is what goes before a foreign one."""

    code: str
    plan: Plan
    abroad: re.Pattern[str]


@lru_cache(maxsize=512)
def _home(region: str) -> Home | None:
    code = phonenumbers.country_code_for_region(region)
    plan = _plan(str(code)) if code and phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code][0] == region else None
    if plan is None:
        return None
    metadata: Any = PhoneMetadata.metadata_for_region(region)
    abroad = re.compile(metadata.international_prefix or "(?!)", re.ASCII)
    return Home(str(code), plan, abroad)


def _fits(national: str, pattern: re.Pattern[str] | None, lengths: frozenset[int]) -> bool:
    return pattern is not None and len(national) in lengths and pattern.fullmatch(national) is not None


SPECIAL = ("premium_rate", "toll_free", "shared_cost", "voip", "personal_number", "pager", "uan", "voicemail")


@lru_cache(maxsize=1024)
def _plan(code: str) -> Plan | None:
    """The plan of `code`'s main country; None for a code that is none, and for plans that need the whole library."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code), ("001",))
    metadata: Any = PhoneMetadata.metadata_for_region(regions[0])
    if metadata is None or metadata.leading_digits:
        return None
    general = metadata.general_desc
    special = [each for name in SPECIAL if (each := _pattern_of(getattr(metadata, name)))]
    return Plan(
        general=re.compile(general.national_number_pattern, re.ASCII),
        general_lengths=frozenset(general.possible_length),
        trunk=_compiled(metadata.national_prefix_for_parsing),
        special=_compiled("|".join(f"(?:{each})" for each in special)),
        landline=_compiled(_pattern_of(metadata.fixed_line)),
        landline_lengths=frozenset(_lengths(metadata.fixed_line, general)),
        mobile=_compiled(_pattern_of(metadata.mobile)),
        mobile_lengths=frozenset(_lengths(metadata.mobile, general)),
    )


def _pattern_of(description: Any) -> str:
    return (description and description.national_number_pattern) or ""


def _lengths(description: Any, general: Any) -> tuple[int, ...]:
    return tuple((description and description.possible_length) or general.possible_length)


def _compiled(pattern: str | None) -> re.Pattern[str] | None:
    return re.compile(pattern, re.ASCII) if pattern else None
