"""Languages, spellings and moods that people mix into a stop."""

from __future__ import annotations

import pytest

from consent.replies import Certainty, Kind, additions, read
from consent.replies.vocabulary import Role, build, parse_entries, shipped
from consent.replies.whole import whole_message


@pytest.mark.parametrize("text", ["stop plz artık", "dur please", "please dur", "стоп please", "baja lütfen"])
def test_english_and_turkish_courtesies_stand_beside_any_keyword(text: str) -> None:
    assert read(text).certainty is Certainty.CERTAIN
    assert read(text).kind is Kind.STOP


def test_only_words_that_are_nothing_but_polite_are_courtesies() -> None:
    assert {"please", "lutfen"} <= shipped().courtesies
    assert shipped().courtesies.isdisjoint({"yes", "hayir", "stop", "por"})


@pytest.mark.parametrize(
    "text", ["no quiero", "não quero", "не хочу", "je ne veux plus", "tidak mau", "almak istemiyorum"]
)
def test_a_bare_refusal_is_doubtful(text: str) -> None:
    assert (read(text).kind, read(text).certainty) == (Kind.STOP, Certainty.LIKELY)


def test_a_refusal_beside_a_keyword_may_negate_it() -> None:
    assert read("no quiero parar").kind is Kind.OTHER
    words = build(parse_entries("stop-refusal | nein danke | test\nstop | ende | test", "xx", "words"))
    assert whole_message(("nein", "danke"), words) is not None
    assert whole_message(("nein", "danke", "ende"), words) is None


def test_a_refusal_declines_while_somebody_was_asked() -> None:
    assert read("onay vermiyorum", pending=True).kind is Kind.DECLINE
    assert read("onay vermiyorum").kind is Kind.STOP


def test_a_business_may_add_a_refusal_of_its_own() -> None:
    own = additions(f"{Role.STOP_REFUSAL} | kalsın böyle | test")
    assert (read("kalsın böyle", extra=own).kind, read("kalsın böyle", extra=own).certainty) == (
        Kind.STOP,
        Certainty.LIKELY,
    )


@pytest.mark.parametrize("text", ["otpishite menya", "ne pishite mne bolshe", "udalite moy nomer", "ne prisylayte sms"])
def test_russian_in_latin_letters_is_heard(text: str) -> None:
    assert read(text).kind is Kind.STOP


@pytest.mark.parametrize("text", ["msj atmyn", "yzmayn bana", "iptall", "iptall et", "mesaj gndrmeyin"])
def test_turkish_without_its_vowels_or_with_one_letter_too_many_is_heard(text: str) -> None:
    assert read(text).kind is Kind.STOP


@pytest.mark.parametrize("text", ["haha stop, you kill me", "lol. stop. im dying"])
def test_a_stop_among_laughter_is_none(text: str) -> None:
    assert read(text).kind is Kind.OTHER


@pytest.mark.parametrize("text", ["Stop - not interested", "dur - istemiyorum", "not for me -- unsubscribe"])
def test_a_dash_between_words_parts_sentences(text: str) -> None:
    assert read(text).kind is Kind.STOP


def test_a_likely_keyword_yields_to_a_certain_phrase() -> None:
    assert read("almak istemiyorum").certainty is Certainty.LIKELY
    assert read("sms almak istemiyorum").certainty is Certainty.CERTAIN


@pytest.mark.parametrize(
    "text",
    [
        *("atmazsanız sevinirim", "aramazsanız memnun olurum", "yazmayı keser misiniz", "yazmanıza gerek yok"),
        *("beni çıkarırsanız sevinirim", "bildirim atma", "kampanyalardan kurtulmak istiyorum", "reklam yapmayın"),
        *("mesaj kabul etmiyorum", "beni bilgilendirmeyin", "yazmayıver", "numaramı silelim"),
    ],
)
def test_turkish_politeness_and_moods_are_forms_of_one_request(text: str) -> None:
    assert read(text).kind is Kind.STOP
