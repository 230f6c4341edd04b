"""The short cut for plain Turkish mobiles says exactly what the numbering library says; nothing else gets faster."""

from __future__ import annotations

import phonenumbers
from hypothesis import example, given, settings
from hypothesis import strategies as st

from consent.address import AddressProblem, PhoneKind, read_cell
from consent.address.numbering import plain_turkish_mobile

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


def librarys_answer(raw: str, region: str) -> str | None:
    try:
        parsed = phonenumbers.parse(raw, region)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.number_type(parsed) != phonenumbers.PhoneNumberType.MOBILE:
        return None
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


@given(st.one_of(adversarial, mobiles_with_punctuation()), st.sampled_from(["TR", "US", "CU"]))
@settings(max_examples=1500, deadline=None)
@example("0532/1234567", "TR")
@example("/+905321234567", "TR")
@example(")0(532 1234567", "TR")
@example("05610111234", "TR")
def test_the_short_cut_never_disagrees_with_the_library(raw: str, region: str) -> None:
    if (phone := plain_turkish_mobile(raw, region)) is not None:
        assert phone.e164 == librarys_answer(raw, region)
        assert phone.kind is PhoneKind.MOBILE


@given(mobiles_with_punctuation())
@settings(max_examples=500, deadline=None)
def test_what_the_library_reads_as_a_mobile_is_read_as_the_same_one(raw: str) -> None:
    expected = librarys_answer(raw, "TR")
    found = read_cell(raw, "TR")
    if expected is not None:
        assert not isinstance(found, AddressProblem)
        assert [str(address) for address in found] == [expected]


@given(st.one_of(st.text(max_size=80), adversarial), st.sampled_from(["TR", "", "BR", "XX", "us"]))
@settings(max_examples=600, deadline=None)
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
