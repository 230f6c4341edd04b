"""Hostile and accidental shapes: nothing raises, noise changes nothing, and the work grows no faster than the text."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.replies import Certainty, Kind, Reading, prepare, read

STOPS = ["dur", "mesaj atmayın", "numaramı silin", "stop texting me", "please unsubscribe me", "no me escriban más",
         "bitte keine Werbung mehr", "не пишите мне", "kampanya mesajı istemiyorum", "çıkmak istiyorum"]  # fmt: skip
OTHERS = ["siparişimi iptal edin", "kaç lira", "don't stop", "call me tomorrow", "teşekkürler", "where is my order"]
INVISIBLE = ["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u200e", "\u200f", "\u202a",
"\u202c", "\u2066",
             "\u2069", "\ufe0f"]  # fmt: skip


@settings(deadline=None, max_examples=400)
@given(st.text(max_size=400))
def test_no_text_raises(text: str) -> None:
    assert isinstance(read(text), Reading)


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_raise(raw: bytes) -> None:
    assert isinstance(read(raw), Reading)


TELLING = ["stop", "dur", "don't", "send", "me", "mesaj", "atmayın", "no", "not", "tomorrow", "order", "list", "remove",
           "7F3K9Q", "onay", "\n", ".", ",", "?", "'", '"', ">", "👍"]  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.sampled_from(TELLING), max_size=40))
def test_no_heap_of_telling_words_raises(words: list[str]) -> None:
    assert isinstance(read(" ".join(words), pending=True, aliases=["Marka"]), Reading)


def test_lone_surrogates_and_control_characters_are_read_over() -> None:
    assert read("dur\ud800").kind is Kind.STOP
    assert read("\x00d\x07ur\x00").kind is Kind.STOP


@settings(deadline=None)
@given(st.sampled_from(STOPS + OTHERS), st.sampled_from(INVISIBLE), st.integers(0, 30))
def test_an_invisible_character_anywhere_changes_nothing(text: str, invisible: str, place: int) -> None:
    assert read(text[:place] + invisible + text[place:]) == read(text)


@settings(deadline=None)
@given(st.sampled_from(STOPS + OTHERS), st.sampled_from([str.upper, str.lower, str.title, str.swapcase]))
def test_casing_changes_nothing(text: str, shape: Callable[[str], str]) -> None:
    assert read(shape(text)) == read(text)


@pytest.mark.parametrize("text", STOPS + OTHERS)
def test_turkish_letters_left_out_change_nothing(text: str) -> None:
    plain = text.translate(str.maketrans("çğıöşüÇĞİÖŞÜáéíóú", "cgiosuCGIOSUaeiou"))
    assert read(plain) == read(text)


@settings(deadline=None)
@given(
    st.sampled_from(STOPS),
    st.sampled_from(["!", "!!!", " 🙏", " 🛑", ".", "...", " \n", "\n\n", " 😡😡", "\u3000", " …"]),
)
def test_punctuation_and_emoji_behind_it_change_nothing(text: str, tail: str) -> None:
    assert (read(text + tail).kind, read(text + tail).scope) == (Kind.STOP, read(text).scope)


@pytest.mark.parametrize(
    "text",
    ["d u r", "D.U.R", "D-U-R", "d_u_r", "s t o p", "S.T.O.P.", "s*t*o*p", "i p t a l", "duuuur",
    "durrrr", "stoooop", "stopp",
     "stopstop", "durdur", "st0p", "5top", "ＤＵＲ", "Ｓｔｏｐ", "𝗗𝗨𝗥", "ⓓⓤⓡ", "ѕtор", "Cтоп", "stор", "~dur~", "*dur*",
     "`dur`",
     "“dur”", "(dur)", "¡stop!", "DUR\u0307", "d\u0336u\u0336r\u0336"],
)  # fmt: skip
def test_spelling_tricks_are_seen_through(text: str) -> None:
    assert read(text).kind is Kind.STOP


@pytest.mark.parametrize(
    "text",
    [
        "unsubcribe",
        "unsubscibe",
        "unsuscribe",
        "unsubscrbe me",
        "istemiyrum",
        "mesaj almak istemiyorun",
        "unsubscribbe",
    ],
)
def test_one_slip_of_the_thumb_is_forgiven(text: str) -> None:
    assert read(text).kind is Kind.STOP


@pytest.mark.parametrize(
    "text", ["duur", "stoop to conquer", "angemeldet", "contract", "retro", "endless", "endo", "baja california"]
)
def test_another_word_is_not_a_slip(text: str) -> None:
    assert read(text).kind is Kind.OTHER


FOOTERS = [
    "Yaz indirimi basladi! Tum urunlerde %50 indirim. SMS almamak icin RET yazip 4609'a gonderin. Mersis:0123456789012",
    "Summer sale! 30% off everything at www.example.com. Reply STOP to opt out of these offers.",
    "Kampanyamız başladı, detaylar: https://example.com/k Çıkmak için DUR yazıp 4444'e gönderebilirsiniz.",
]


@pytest.mark.parametrize("footer", FOOTERS)
def test_our_own_footer_sent_back_is_no_stop(footer: str) -> None:
    assert read(footer).kind is Kind.OTHER


@pytest.mark.parametrize("footer", FOOTERS)
@pytest.mark.parametrize("own", ["DUR", "stop", "ret lütfen"])
def test_a_stop_on_its_own_line_beside_the_footer_is_heard(footer: str, own: str) -> None:
    assert read(f"{footer}\n{own}").kind is Kind.STOP
    assert read(f"{own}\n{footer}").kind is Kind.STOP
    assert read(f"> {footer}\n{own}").kind is Kind.STOP


def test_a_stop_that_is_all_quoted_is_only_likely() -> None:
    assert read("> dur") == Reading(Kind.STOP, Certainty.LIKELY, "tr.keyword.dur/1")


def test_a_stop_is_heard_at_the_end_of_ten_thousand_characters() -> None:
    ramble = "Geçen gün mağazanıza geldim ve uzun uzun bekledim. " * 200
    assert len(ramble) > 10_000
    assert read(ramble + "Bana bir daha mesaj atmayın.").kind is Kind.STOP
    assert read(ramble).kind is Kind.OTHER


def steps(text: str) -> int:
    """Python function calls that reading the text takes: a measure of work that no other process disturbs."""
    count = 0

    def counting(frame: FrameType, event: str, _arg: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counting)
    try:
        read(text)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "unit",
    ["no ", "stop dur ", "don't send me ", "yazmayın dur ", "не пиши ", "d u r ", "a", "> \n",
    "onay 1 ", "\u0301", "mesaj ",
     "stop, ", "send. ", "remove me off the list ", "'", "istemiyorum mesaj ", "x@y. ", "1 ", "ab" * 20 + " "],
)  # fmt: skip
def test_the_work_grows_no_faster_than_the_text(unit: str) -> None:
    prepare()
    few, many = 2_000 // len(unit), 8_000 // len(unit)
    read(unit * many)  # words seen once are remembered; that is not the work measured here
    assert steps(unit * many) <= 6 * steps(unit * few) + 1_000


def test_an_ordinary_message_takes_few_steps() -> None:
    prepare()
    for text in STOPS + OTHERS:
        read(text)
        assert steps(text) < 6_000, text
