"""Turkish by stem and suffix: forms are built by the rules of the language and must be understood by them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.replies import Certainty, Kind, read
from consent.replies.concepts import Concept
from consent.replies.normalise import fold_entry
from consent.replies.turkish import common_forms, ideas_of

SENDING = {"yaz": "a", "at": "a", "ara": "a", "gönder": "e", "yolla": "a", "ilet": "e", "ulaş": "a", "darla": "a"}
NEGATED = ["mXyYn", "mXyYnYz", "mXsYn", "mXsYnlXr", "mXsXnYzX", "mXmXnYzY", "mXmXsYnY", "mXmXlYsYnYz", "mXyXcXksYnYz"]
TELLING = ["mXdYnYz", "mXdYm", "mYyorsunuz", "mXmYşsYnYz", "dYnYz"]


def vowelled(stem: str, suffix: str) -> str:
    """The suffix in the stem's vowel harmony: X is a or e, Y is ı or i."""
    low = SENDING[stem]
    return stem + suffix.replace("X", low).replace("Y", "ı" if low == "a" else "i")


def form(word: str) -> int:
    return ideas_of(fold_entry(word))


@pytest.mark.parametrize("suffix", NEGATED)
@pytest.mark.parametrize("stem", SENDING)
def test_every_negated_request_of_every_sending_verb_is_one(stem: str, suffix: str) -> None:
    assert form(vowelled(stem, suffix)) & Concept.DONTSEND


@pytest.mark.parametrize("suffix", NEGATED)
@pytest.mark.parametrize("stem", ["gönder", "yaz", "at", "yolla"])
def test_in_a_sentence_it_stops(stem: str, suffix: str) -> None:
    assert read(f"bana artık mesaj {vowelled(stem, suffix)} lütfen").kind is Kind.STOP


@pytest.mark.parametrize("suffix", TELLING)
@pytest.mark.parametrize("stem", SENDING)
def test_a_verb_that_tells_asks_for_nothing(stem: str, suffix: str) -> None:
    told = form(vowelled(stem, suffix))
    assert not told & (Concept.DONTSEND | Concept.SEND | Concept.INVITE)


@pytest.mark.parametrize(
    "word", ["silin", "siliniz", "sil", "siler", "silinsin", "silinmesini", "silmenizi", "silebilir",
    "silermisiniz", "silseniz",
             "kaldırın", "kaldırılmasını", "kaldırır", "çıkarın", "çıkarılsın", "çıkartın", "çıkarmanızı",
             "çıkarılmasını"]
)  # fmt: skip
def test_requests_to_remove(word: str) -> None:
    assert form(word) & Concept.REMOVE


@pytest.mark.parametrize(
    "word", ["durdurun", "durdurulmasını", "durdurulsun", "bırakın", "bırakır", "sonlandırın",
    "sonlandırılmasını", "kapatın",
             "kapatılsın", "vazgeçin", "kesilsin", "bitirin", "engelleyin"]
)  # fmt: skip
def test_requests_to_cease(word: str) -> None:
    assert form(word) & Concept.CEASE


@pytest.mark.parametrize(
    "word", ["istemiyorum", "istemiyoruz", "istemem", "istemiyom", "istemiyrm", "istmiyorum", "istemyorum",
    "istemiorum",
             "İSTEMİYORUM", "istemedim", "istemediğimi"]
)  # fmt: skip
def test_ways_of_not_wanting(word: str) -> None:
    assert form(word) & Concept.DONTWANT


@pytest.mark.parametrize("word", ["istiyorum", "isterim", "istiyoruz", "istiyom"])
def test_ways_of_wanting_are_not_ways_of_not_wanting(word: str) -> None:
    assert form(word) & Concept.WANT
    assert not form(word) & Concept.DONTWANT


@pytest.mark.parametrize(
    "word", ["durum", "durak", "duru", "çıktı", "çıkartma", "silah", "atlet", "arabam", "yazlık", "iletişim",
    "retro", "redmi",
             "kesinlikle", "aralık", "ata", "yazar"]
)  # fmt: skip
def test_words_that_look_like_a_stem_are_none(word: str) -> None:
    assert not form(word) & (Concept.DONTSEND | Concept.SEND | Concept.CEASE | Concept.REMOVE)


@settings(deadline=None)
@given(st.text(alphabet="abcdefghijklmnoprstuvyzw", max_size=60))
def test_any_word_has_an_answer(word: str) -> None:
    assert ideas_of(word) >= 0


@settings(deadline=None)
@given(
    st.sampled_from(["", "lütfen ", "artık ", "bir daha ", "bundan sonra "]),
    st.sampled_from(["bana ", "beni ", "bu numaraya ", ""]),
    st.sampled_from(["mesaj ", "sms ", "reklam ", "kampanya mesajı ", ""]),
    st.sampled_from(
        ["atmayın", "göndermeyin", "gondermeyin", "yollamayın", "atmayiniz", "göndermeyiniz", "gönderilmesin"]
    ),
    st.sampled_from(["", " lütfen", " artık", " bir daha", " teşekkürler", "!!", " kardeşim"]),
)
def test_the_parts_of_a_refusal_combine_freely(lead: str, to: str, what: str, verb: str, tail: str) -> None:
    assert read(lead + to + what + verb + tail).kind is Kind.STOP


@settings(deadline=None)
@given(
    st.sampled_from(["mesaj ", "mesajlarınızı ", "kampanya mesajı ", "reklam ", "bildirim ", "sms ", "bu mesajları "]),
    st.sampled_from(["almak ", "görmek ", ""]),
    st.sampled_from(["istemiyorum", "ISTEMIYORUM", "istemiyoruz", "istemem", "istemiyom", "istmiyorum"]),
    st.sampled_from(["", " artık", " lütfen", " teşekkürler", "!"]),
)
def test_messages_not_wanted_are_a_certain_stop(what: str, how: str, verb: str, tail: str) -> None:
    reading = read(what + how + verb + tail)
    assert (reading.kind, reading.certainty) == (Kind.STOP, Certainty.CERTAIN)


@settings(deadline=None)
@given(
    st.sampled_from(["beni ", "numaramı ", "kaydımı ", "telefon numaramı ", "adımı "]),
    st.sampled_from(["", "listeden ", "listenizden ", "sisteminizden ", "veritabanınızdan "]),
    st.sampled_from(
        ["silin", "çıkarın", "çıkartın", "siler misiniz", "kaldırın", "çıkarmanızı rica ederim", "siliniz"]
    ),
)
def test_requests_to_be_taken_off_combine_freely(who: str, where: str, verb: str) -> None:
    assert read(who + where + verb).kind is Kind.STOP


@pytest.mark.parametrize(
    "thing", ["sipariş", "fatura", "ürün", "adres", "fotoğraf", "kargo", "paket", "soğan", "kod", "para"]
)
@pytest.mark.parametrize("verb", ["göndermeyin", "istemiyorum", "yollamayın"])
def test_another_object_is_no_refusal_of_messages(thing: str, verb: str) -> None:
    assert read(f"{thing} {verb}").kind is Kind.OTHER


def test_the_commonest_forms_are_forms() -> None:
    assert len(set(common_forms())) > 20
    assert all(word.isascii() for word in common_forms())
