"""The short cuts for plain numbers say exactly what the numbering library says."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from consent.address import AddressProblem, PhoneKind, place_of, read_cell, read_plain
from consent.address.numbering import KINDS
from consent.address.short_cuts import plain_number

DIGITS = "+90 0090 90 0 00 + 5 55 555 530 561 561011 5610 822 000 12 1234567 532 501 599 516 524 564 575 594 522"
BETWEEN = [" ", "(", ")", "-", ".", "/", "\u00a0", "\u200f", "\u200b", "–", ",", ";", "x", "#", "ext", "E", "\t", "\n"]
PIECES = st.sampled_from([*DIGITS.split(), *BETWEEN, "٥", "５"])
adversarial = st.lists(PIECES, min_size=1, max_size=14).map("".join)
punctuation = st.text(" ()-./\u00a0", max_size=2)


@st.composite
def mobiles_with_punctuation(draw: st.DrawFn) -> str:
    digits = draw(st.sampled_from(["", "0", "90", "+90", "0090"])) + "5"
    digits += draw(st.text("0123456789", min_size=8, max_size=10))
    return "".join(letter + draw(punctuation) for letter in digits)


def librarys_answer(raw: str, region: str) -> tuple[str, PhoneKind] | None:
    try:
        parsed = phonenumbers.parse(raw, region)
    except phonenumbers.NumberParseException:
        return None
    kind = phonenumbers.number_type(parsed)
    if kind == phonenumbers.PhoneNumberType.UNKNOWN:
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164), KINDS.get(kind, PhoneKind.SERVICE)


@given(st.one_of(adversarial, mobiles_with_punctuation()), st.sampled_from(["TR", "US", "CU"]))
@settings(max_examples=800, deadline=None)
@example("0532/1234567", "TR")
@example("/+905550001234", "TR")
@example(")0(532 1234567", "TR")
@example("05610111234", "TR")
def test_the_short_cut_never_disagrees_with_the_library(raw: str, region: str) -> None:
    if (phone := plain_number(raw, region)) is not None:
        assert (phone.e164, phone.kind) == librarys_answer(raw, region)


EXAMPLES = sorted(
    {
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        for region in phonenumbers.SUPPORTED_REGIONS
        for kind in range(11)
        if (number := phonenumbers.example_number_for_type(region, kind))
    }
)


@st.composite
def numbers_of_the_world(draw: st.DrawFn) -> str:
    """A country's example number with some of its digits changed, dropped or added, and punctuation in between."""
    digits = draw(st.sampled_from(EXAMPLES))
    at = draw(st.integers(1, len(digits)))
    digits = digits[:at] + draw(st.text("0123456789", max_size=6)) + digits[at + draw(st.integers(0, 6)) :]
    return "".join(letter + draw(punctuation) for letter in digits)


@given(numbers_of_the_world(), st.sampled_from(["TR", "US", "RU"]))
@settings(max_examples=800, deadline=None)
def test_the_short_cut_for_the_world_never_disagrees_with_the_library(raw: str, region: str) -> None:
    if (phone := plain_number(raw, region)) is not None:
        assert (phone.e164, phone.kind) == librarys_answer(raw, region)


REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)


@st.composite
def numbers_dialled_at_home(draw: st.DrawFn) -> tuple[str, str]:
    """A region and one of its own example numbers as dialled there, with some digits changed and marks in between."""
    region = draw(st.sampled_from([*REGIONS, "TR", "DE", "GB", "IT", "US", "RU", "HU"]))
    kind = draw(st.sampled_from([0, 1, 3]))
    number = phonenumbers.example_number_for_type(region, kind)
    if number is None:
        return "2015550123", "US"
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    digits = "".join(letter for letter in written if letter.isdecimal())
    digits = draw(st.sampled_from([digits, phonenumbers.national_significant_number(number)]))
    at = draw(st.integers(0, len(digits)))
    digits = digits[:at] + draw(st.text("0123456789", max_size=3)) + digits[at + draw(st.integers(0, 3)) :]
    return "".join(letter + draw(punctuation) for letter in digits), region


@given(numbers_dialled_at_home())
@settings(max_examples=300, deadline=None)
@example(("4915123456789", "DE"))
@example(("0049301234567", "DE"))
@example(("0236618300", "IT"))
@example(("0612345678.0", "HU"))
def test_the_short_cut_at_home_never_disagrees_with_the_library(dialled: tuple[str, str]) -> None:
    if (phone := plain_number(*dialled)) is not None:
        assert (phone.e164, phone.kind) == librarys_answer(*dialled)


@pytest.mark.parametrize("raw", ["07400 123456", "7400123456", "(020) 7946 0018", "020-7946-0018"])
def test_the_short_cut_reads_what_is_dialled_at_home(raw: str) -> None:
    assert plain_number(raw, "GB") is not None


def test_the_short_cut_reads_most_of_the_worlds_ordinary_numbers() -> None:
    ordinary = [e164 for e164 in EXAMPLES if (answer := librarys_answer(e164, "TR")) and answer[1] != PhoneKind.SERVICE]
    read = [e164 for e164 in ordinary if plain_number(e164, "TR")]
    assert len(read) > 0.7 * len(ordinary)


@given(mobiles_with_punctuation())
@settings(max_examples=300, deadline=None)
def test_what_the_library_reads_as_a_mobile_is_read_as_the_same_one(raw: str) -> None:
    expected = librarys_answer(raw, "TR")
    found = read_cell(raw, "TR")
    if expected is not None:
        assert not isinstance(found, AddressProblem)
        assert [str(address) for address in found] == [expected[0]]


@given(st.one_of(st.text(max_size=80), adversarial), st.sampled_from(["TR", "", "BR", "XX", "us"]))
@settings(max_examples=400, deadline=None)
def test_any_cell_gets_valid_addresses_or_a_sentence(raw: str, region: str) -> None:
    found = read_cell(raw, region)
    if isinstance(found, AddressProblem):
        assert found.raw == raw
        assert found.sentence("tr")
        assert found.sentence("en")
    else:
        assert found
        assert len(set(found)) == len(found)
        assert all(phonenumbers.is_valid_number(phonenumbers.parse(str(a))) for a in found if str(a).startswith("+"))


@given(st.integers(0, 9999), st.sampled_from(["{}", " {} ", "Cep: {}", "{} (Ayşe)", "{}, {}", "{} / {}", "tel:{}"]))
def test_words_around_a_number_do_not_change_it(n: int, frame: str) -> None:
    spelling = f"0555 000 {n // 100:02d} {n % 100:02d}"
    found = read_cell(frame.format(spelling, spelling), "TR")
    assert not isinstance(found, AddressProblem)
    assert [str(address) for address in found] == [f"+90555000{n:04d}"]


@given(st.lists(st.one_of(adversarial, mobiles_with_punctuation()), max_size=6), st.sampled_from(["TR", "US", ""]))
@settings(max_examples=100, deadline=None)
@example(["0532 1234567", "", "0532\n1234567"], "TR")
def test_a_column_of_plain_numbers_is_what_each_of_its_cells_is(cells: list[str], region: str) -> None:
    numbers, places = read_plain(cells, region)
    phones = [plain_number(cell, region) for cell in cells]
    assert numbers == [phone and phone.e164 for phone in phones]
    assert [place for place, phone in zip(places, phones, strict=True) if phone] == [place_of(p) for p in phones if p]
