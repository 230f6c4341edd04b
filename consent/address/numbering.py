"""The numbering plans: what the phonenumbers library says of one number, and what it misses."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType, ValidationResult
from phonenumbers.phonemetadata import PhoneMetadata

from consent.address.problems import AddressCode
from consent.address.short_cuts import plain_number
from consent.address.values import Phone, PhoneKind

KINDS: dict[int, PhoneKind] = {
    PhoneNumberType.MOBILE: PhoneKind.MOBILE,
    PhoneNumberType.FIXED_LINE: PhoneKind.LANDLINE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: PhoneKind.EITHER,
    PhoneNumberType.UNKNOWN: PhoneKind.UNKNOWN,
}

TRUNK_IN_BRACKETS = re.compile(r"(\+\s*[0-9]{1,3}\s*)\(0\)")  # "+57 (0) 321 …": leave it out when you dial the code
TRUNK_AFTER_CODE = re.compile(r"(\+[0-9]{1,3}?)0([0-9]{7,12})")  # "+57 0321 …": the same without brackets
DIALLED_AFTER = re.compile(r"\s*#[0-9]{1,7}#?$")  # an extension
APART = re.compile(r"[0-9][^0-9]*(?:[;°][^0-9]*[0-9]|#)")  # digits on both sides of these are not one number
LABEL_BEFORE = re.compile(r"[^0-9+]+")  # skipped by the library too


def number_in(text: str, region: str | None) -> Phone | None:
    """One valid number, as the library reads `text`, old national habits mended; None when there is none."""
    if phone := plain_number(_from_first_digit(text), region):
        return phone
    if (head := _before_words(text)) and (phone := number_in(head, region)):
        return phone
    parsed = _parsed(text, region)
    if parsed is not None and not _reads_too_much(parsed, text) and (phone := _phone(parsed)):
        return _without_plus(text, region, phone) or phone
    if any(letter.isalpha() for letter in text):
        return None
    return _mended(text, region)


def _from_first_digit(text: str) -> str:
    label = LABEL_BEFORE.match(text)
    return text[label.end() :] if label else text


def _before_words(text: str) -> str:
    """`text` up to its last digit, where words follow: the library would dial a name's letters on the keypad."""
    end = max(map(text.rfind, "0123456789")) + 1
    return text[:end] if any(letter.isalpha() for letter in text[end:]) else ""


def _without_plus(text: str, region: str | None, read: Phone) -> Phone | None:
    """The number with the country code in front, where the library took the region's own code for an area code.

    Only plans with numbers of many lengths allow both. It is a mobile (nobody leaves the trunk zero of a landline out
    there), or the code stands apart: "46 8 12 34 56".
    """
    code = calling_code_of(region) or "+"
    digits = re.sub(r"[^0-9]", "", text)
    if "+" in text or not digits.startswith(code) or not read.e164.endswith(digits):
        return None
    parsed = _parsed("+" + digits, None)
    phone = parsed and _phone(parsed)
    apart = re.match(rf"[^0-9]*{code}[^0-9]", text) is not None
    return phone if phone and (apart or (phone.kind, read.kind) == (PhoneKind.MOBILE, PhoneKind.LANDLINE)) else None


def international(digits: str, region: str | None = None) -> Phone | None:
    """The number that WhatsApp means by `digits`: country code first, no plus. Falls back to the national reading."""
    return number_in("+" + digits, None) or number_in(digits, region)


def _parsed(text: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except NumberParseException:
        return None


def _phone(parsed: phonenumbers.PhoneNumber) -> Phone | None:
    kind = kind_of(parsed)
    if kind is PhoneKind.UNKNOWN:
        return None
    return Phone(phonenumbers.format_number(parsed, PhoneNumberFormat.E164), kind)


def kind_of(parsed: phonenumbers.PhoneNumber) -> PhoneKind:
    """What the plan says; UNKNOWN is a number that no plan knows."""
    return KINDS.get(phonenumbers.number_type(parsed), PhoneKind.SERVICE)


LETTER_AFTER_DIGIT = re.compile(r"[0-9].*[a-zA-Z]", re.DOTALL)
WORD_BETWEEN_DIGITS = re.compile(
    r"[0-9][^0-9]*?(?![xX]{2}\b)\b[^\W\d_]{2,}\b[^0-9]*[0-9]|[0-9](?![xX])[^\W\d_][^\w+]+[0-9]"
)
SECOND_NUMBER = re.compile(r"[;,]\s*\+?[0-9(][0-9 ()-]{5,}[0-9]")


def _reads_too_much(parsed: phonenumbers.PhoneNumber, text: str) -> bool:
    """Whether the library took a second number for an extension, spelt a name on a keypad, or joined over a word."""
    if (
        parsed.extension and SECOND_NUMBER.search(text) and text[-1:] != "#"
    ):  # long ones: free lines, and dialled to the #
        return phonenumbers.number_type(parsed) != PhoneNumberType.TOLL_FREE
    if "phone-context" in text or not LETTER_AFTER_DIGIT.search(text):
        return False
    joined = parsed.extension is None and WORD_BETWEEN_DIGITS.search(text) is not None
    spelt = str(parsed.national_number) not in re.sub(r"[^0-9]", "", text)
    return (joined or spelt) and kind_of(parsed) is not PhoneKind.SERVICE


# Numbers as they were dialled before a reform, and how they are dialled since: (region that must be the default when
# the number has no plus, pattern, E.164). Sources: Mexico's "1" and 01/044/045 ended in August 2019 (IFT); Brazil's
# mobiles all have a ninth digit, 9, since November 2016 (ANATEL). WhatsApp's own ids keep the old forms.
REFORMS: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("MX", re.compile(r"(?:\+521|521)([0-9]{10})"), r"+52\1"),
    ("MX", re.compile(r"(?:01|044|045|1)([0-9]{10})"), r"+52\1"),
    ("BR", re.compile(r"\+?55([1-9][1-9])([6-9][0-9]{7})"), r"+55\g<1>9\2"),
    ("BR", re.compile(r"0?([1-9][1-9])([6-9][0-9]{7})"), r"+55\g<1>9\2"),
)


FIVE_AND_THREE = re.compile(r"[0-9]{5}[^0-9]+[0-9]{3}\s*$")  # a new Brazilian mobile that lost a digit, no old one


def _mended(text: str, region: str | None) -> Phone | None:
    text = DIALLED_AFTER.sub("", text)
    if APART.search(text):
        return None
    dialled = re.sub(r"[^0-9+]", "", TRUNK_IN_BRACKETS.sub(r"\1", text))
    today = _as_dialled_today(dialled, region) if not FIVE_AND_THREE.search(text) else []
    for candidate, home in [(dialled, region), *today]:
        parsed = _parsed(candidate, home)
        if parsed is not None and (phone := _phone(parsed)):
            return phone
    return None


def _as_dialled_today(dialled: str, region: str | None) -> list[tuple[str, str | None]]:
    if dialled.startswith("00") and not dialled.startswith("0011"):  # that is Australia's way out, not North America
        dialled = "+" + dialled[2:]
    today: list[tuple[str, str | None]] = [(dialled, None)] if dialled.startswith("+") else []
    today += [
        (pattern.sub(number, dialled), None)
        for home, pattern, number in REFORMS
        if (home == region or dialled.startswith("+")) and pattern.fullmatch(dialled)
    ]
    if (found := TRUNK_AFTER_CODE.fullmatch(dialled)) and trunk_prefix_of(_main_region(int(found[1]))) == "0":
        today.append((found[1] + found[2], None))
    if dialled.startswith("+0"):
        today.append((dialled[1:], region))
    code = calling_code_of(region)
    if (
        code and trunk_prefix_of(region) == "0" and dialled.startswith("0" + code)
    ):  # 090 532 …: the trunk zero and the country code both
        today.append(("+" + dialled[1:], None))
    return today


def is_written_so(text: str, region: str | None) -> bool:
    """Whether this is how the region itself writes the number that `text` is: 20.12.34 is no date in New Caledonia."""
    parsed = _parsed(text, region)
    national = PhoneNumberFormat.NATIONAL
    return parsed is not None and _phone(parsed) is not None and phonenumbers.format_number(parsed, national) == text


@lru_cache(maxsize=512)
def calling_code_of(region: str | None) -> str:
    return str(phonenumbers.country_code_for_region(region) or "") if region else ""


def _main_region(code: int) -> str | None:
    return phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(code, (None,))[0]


@lru_cache(maxsize=512)
def trunk_prefix_of(region: str | None) -> str:
    plan: Any = PhoneMetadata.metadata_for_region(region) if region else None
    return (plan and plan.national_prefix) or ""


MISFITS: dict[int, AddressCode] = {
    ValidationResult.TOO_SHORT: AddressCode.TOO_SHORT,
    ValidationResult.TOO_LONG: AddressCode.TOO_LONG,
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: AddressCode.NEEDS_AREA_CODE,
    ValidationResult.INVALID_COUNTRY_CODE: AddressCode.UNKNOWN_COUNTRY_CODE,
}
SHORT_CODE_DIGITS_MAX = 6
E164_DIGITS_MAX = 15


def why_not(text: str, region: str | None) -> AddressCode:
    """Why `text`, which `number_in` refused, is no number."""
    digits = sum(letter in "0123456789" for letter in text)
    if digits == 0:
        return AddressCode.NO_NUMBER
    if digits <= SHORT_CODE_DIGITS_MAX and "+" not in text:
        return AddressCode.SHORT_CODE
    if digits > E164_DIGITS_MAX + 2:
        return AddressCode.TOO_LONG
    return _what_the_plan_misses(text, region)


def _what_the_plan_misses(text: str, region: str | None) -> AddressCode:
    try:
        parsed = phonenumbers.parse(re.sub(r"[^0-9+]", "", text), region)
    except NumberParseException as refusal:
        return REFUSALS.get(refusal.error_type, AddressCode.NOT_ASSIGNED) if "+" in text or region else NO_COUNTRY
    if trunk_prefix_of(region) == "0":  # the library keeps it in a number that fits nothing, and counts it
        parsed.italian_leading_zero = None
    overall = phonenumbers.is_possible_number_with_reason(parsed)
    return MISFITS.get(overall) or MISFITS.get(_length_of_a_person_s(parsed), AddressCode.NOT_ASSIGNED)


def _length_of_a_person_s(parsed: phonenumbers.PhoneNumber) -> int:
    """How the length fits mobiles and landlines, where a country also has longer or shorter special numbers."""
    mobile, landline = (
        phonenumbers.is_possible_number_for_type_with_reason(parsed, kind)
        for kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE)
    )
    fits = ValidationResult.IS_POSSIBLE
    return int(fits if landline == fits else mobile)


NO_COUNTRY = AddressCode.NEEDS_COUNTRY_CODE
REFUSALS: dict[int, AddressCode] = {
    NumberParseException.INVALID_COUNTRY_CODE: AddressCode.UNKNOWN_COUNTRY_CODE,
    NumberParseException.TOO_SHORT_NSN: AddressCode.TOO_SHORT,
    NumberParseException.TOO_SHORT_AFTER_IDD: AddressCode.TOO_SHORT,
    NumberParseException.TOO_LONG: AddressCode.TOO_LONG,
    NumberParseException.NOT_A_NUMBER: AddressCode.TOO_SHORT,
}
