"""Which region and which time zones an address may be in."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import timezone

from consent.address import Bsuid, Phone, PhoneKind, place_of, read_cell, region_of, zones_of, zones_of_region


def phone(e164: str) -> Phone:
    found = read_cell(e164, None)
    assert isinstance(found, list)
    assert isinstance(found[0], Phone)
    return found[0]


PLACES = [
    ("+905550001234", "TR", {"Europe/Istanbul"}),
    ("+12125550123", "US", {"America/New_York"}),
    ("+13105550123", "US", {"America/Los_Angeles"}),
    ("+14165550123", "CA", {"America/Toronto"}),
    ("+442079460123", "GB", {"Europe/London"}),
    ("+447400123456", "GB", {"Europe/London"}),
    ("+919000000123", "IN", {"Asia/Kolkata"}),
    ("+971500000123", "AE", {"Asia/Dubai"}),
    ("+819012345678", "JP", {"Asia/Tokyo"}),
    ("+4930123456", "DE", {"Europe/Berlin"}),
    ("+4712345678", "NO", {"Europe/Oslo"}),
]


@pytest.mark.parametrize(("e164", "region", "zones"), PLACES)
def test_a_number_tells_its_region_and_zone(e164: str, region: str, zones: set[str]) -> None:
    assert region_of(Phone(e164)) == region
    assert zones_of(Phone(e164)) == zones


@pytest.mark.parametrize("kind", [phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.TOLL_FREE])
def test_region_and_zones_at_once_are_what_each_says_alone(kind: int) -> None:
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        example = phonenumbers.example_number_for_type(region, kind)
        if example is not None:
            found = phone(phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164))
            assert place_of(found) == (region_of(found), zones_of(found))


def test_a_toll_free_number_may_be_anywhere_in_north_america() -> None:
    zones = zones_of(phone("+18003569377"))
    assert {"America/New_York", "America/Los_Angeles", "America/Toronto"} <= zones
    assert len(zones) >= 40


def test_an_australian_mobile_keeps_all_of_australia() -> None:
    zones = zones_of(phone("+61491570006"))
    assert {"Australia/Perth", "Australia/Sydney"} <= zones
    assert len(zones) >= 6
    assert "Indian/Christmas" not in zones


def test_calling_code_7_is_russia_or_kazakhstan_and_never_both() -> None:
    russian, kazakh = zones_of(phone("+79123456789")), zones_of(phone("+77710009998"))
    assert "Europe/Moscow" in russian
    assert "Asia/Vladivostok" in russian
    assert "Asia/Almaty" in kazakh
    assert not russian & kazakh


def test_a_user_id_may_be_in_every_zone_of_its_country() -> None:
    assert zones_of(Bsuid("TR.123")) == {"Europe/Istanbul"}
    assert zones_of(Bsuid("BR.ENT.123")) == zones_of_region("BR")
    assert len(zones_of_region("BR")) > 10
    assert region_of(Bsuid("BR.123")) == "BR"


def test_a_number_of_no_country_has_no_region() -> None:
    assert region_of(Phone("+80012345678")) == ""
    assert region_of(Phone("+9995550001234")) == ""
    assert zones_of(Phone("+9995550001234")) == zones_of(Phone("+80000000000")) == frozenset()
    assert zones_of_region("") == frozenset()
    assert zones_of_region("XX") == frozenset()


EXAMPLES = sorted(
    {
        phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
        for region in phonenumbers.SUPPORTED_REGIONS
        for kind in (0, 1, 2, 3, 6)
        if (example := phonenumbers.example_number_for_type(region, kind))
    }
)


@pytest.mark.parametrize("kind", [None, PhoneKind.UNKNOWN])
def test_every_zone_of_every_country_is_one_that_exists(kind: PhoneKind | None) -> None:
    for e164 in EXAMPLES:
        for zone in zones_of(Phone(e164, kind) if kind else phone(e164)):
            assert ZoneInfo(zone).key == zone


def test_knowing_the_kind_changes_nothing() -> None:
    for e164 in EXAMPLES:
        assert zones_of(Phone(e164)) == zones_of(phone(e164)), e164


numbers = st.sampled_from(EXAMPLES).flatmap(
    lambda e164: st.builds(lambda tail: e164[: -len(tail)] + tail, st.text("0123456789", min_size=1, max_size=6))
)


def valid(e164: str) -> phonenumbers.PhoneNumber | None:
    try:
        parsed = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return None
    return parsed if phonenumbers.is_valid_number(parsed) else None


@given(numbers)
@settings(max_examples=200)
def test_regions_remembered_by_prefix_are_the_librarys_own(e164: str) -> None:
    if (parsed := valid(e164)) is not None:
        assert region_of(Phone(e164)) == phonenumbers.region_code_for_number(parsed)


@given(numbers)
@settings(max_examples=200)
def test_zones_are_the_librarys_or_fewer_but_never_none(e164: str) -> None:
    if (parsed := valid(e164)) is not None:
        zones = zones_of(phone(e164))
        named = timezone.time_zones_for_number(parsed)
        assert zones
        assert len(zones) <= max(len(named), len(zones_of_region(region_of(Phone(e164)))))


def test_a_million_numbers_ask_the_library_for_each_area_code_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    parse = phonenumbers.parse

    def counted(text: str) -> phonenumbers.PhoneNumber:
        asked.append(text)
        return parse(text)

    monkeypatch.setattr(phonenumbers, "parse", counted)
    for n in range(20_000):
        zones_of(Phone(f"+9055{n * 4999:08d}", PhoneKind.MOBILE))
        zones_of(Phone(f"+1212{2_000_000 + n * 399}", PhoneKind.EITHER))
    assert len(asked) <= 1
