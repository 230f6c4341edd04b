"""From what arrived to words: casing traps, invisible letters, lookalikes, spelling tricks, quoted history."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.replies.folding import fold
from consent.replies.lookalikes import unmix
from consent.replies.normalise import Break, decode, fold_entry, normalise, unquoted


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("İPTAL", ("iptal",)), ("IPTAL", ("iptal",)), ("ıptal", ("iptal",)), ("iptal", ("iptal",)), ("ÇIK", ("cik",)),
        ("çık", ("cik",)), ("i\u0307ptal", ("iptal",)), ("DUR\u200b", ("dur",)), ("\u200fDUR", ("dur",)),
        ("D\u00adU\u00adR", ("dur",)), ("\u202edur\u202c", ("dur",)), ("D U R", ("dur",)), ("D.U.R", ("dur",)),
        ("d-u-r", ("dur",)), ("d*u*r", ("dur",)), ("S. T. O. P. please", ("stop", "please")), ("stooooop", ("stop",)),
        ("dur dur dur", ("dur",)), ("ＳＴＯＰ", ("stop",)), ("ⓢⓣⓞⓟ", ("stop",)), ("𝐒𝐓𝐎𝐏", ("stop",)),
        ("ꜱᴛᴏᴘ", ("stop",)),
        ("*STOP*", ("stop",)), ("_stop_", ("stop",)), ("dur 🛑", ("dur",)), ("dur🛑", ("dur",)), ("don't", ("dont",)),
        ("don’t", ("dont",)), ("don´t", ("dont",)), ("WhatsApp'tan", ("whatsapp", "tan")),
        ("m'envoyez", ("m", "envoyez")),
        ("désabonner", ("desabonner",)), ("löschen", ("loschen",)), ("Straße", ("strasse",)), ("إيقاف", ("ايقاف",)),
        ("إلغـــاء", ("الغا",)), ("قِفْ", ("قف",)), ("ё й", ("е", "и")), ("बन्द", ("बन्द",)), ("हाँ", ("हां",)),
        ("停止", ("停", "止")), ("", ()), ("🙂", ()), ("...", ()),
    ],
)  # fmt: skip
def test_a_message_becomes_these_words(text: str, words: tuple[str, ...]) -> None:
    assert normalise(text).words == words


def test_breaks_tell_commas_sentences_and_lines_apart() -> None:
    message = normalise("hello, stop. now please\ndur")
    assert message.words == ("hello", "stop", "now", "please", "dur")
    assert message.breaks == (Break.LINE, Break.COMMA, Break.SENTENCE, Break.NONE, Break.LINE)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("cтоп", "стоп"),
        ("ѕtoр", "stop"),
        ("stоp", "stop"),
        ("стоп", "стоп"),
        ("stop", "stop"),
        ("dυr", "dur"),
        ("abfж", "abfж"),
    ],
)
def test_a_word_of_two_alphabets_is_read_in_the_one_it_was_meant_in(word: str, meant: str) -> None:
    assert unmix(word) == meant


@pytest.mark.parametrize(
    "text",
    ["> Kampanya! RET yazın\ndur", "dur\n> Kampanya bitti mi", "[21/11, 10:20] Marka: İndirim var\ndur",
     "dur\n-----Original Message-----\nbuy now", "dur\nOn Mon, Nov 2, Marka wrote:\nSale ends soon"],
)  # fmt: skip
def test_quoted_history_is_not_the_persons_own_word(text: str) -> None:
    assert normalise(text).words == ("dur",)


def test_where_everything_is_quoted_the_quotation_is_read_and_marked() -> None:
    assert unquoted("> dur") == (" dur", True)
    assert normalise("> dur").is_all_quoted


def test_bytes_are_read_as_utf8_or_as_turkish_windows() -> None:
    assert decode("çık".encode()) == "çık"
    assert decode("çık".encode("cp1254")) == "çık"
    assert decode(b"\xff\xfe\x81 dur").endswith(" dur")


@settings(deadline=None)
@given(st.text())
def test_folding_a_folded_text_changes_no_word(text: str) -> None:
    once = fold_entry(text)
    assert fold_entry(once).replace(" ", "") == once.replace(" ", "") or not once.isascii()


@settings(deadline=None)
@given(st.text())
def test_composed_and_decomposed_letters_fold_alike(text: str) -> None:
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text)) or not text.isascii()


@settings(deadline=None)
@given(st.text(alphabet="çğıiöşüÇĞIİÖŞÜabcdeABCDE ", max_size=60))
def test_turkish_letters_fold_alike_composed_or_not_in_any_case(text: str) -> None:
    folded = fold(text)
    assert fold(unicodedata.normalize("NFD", text)) == folded
    assert fold(text.upper()) == folded == fold(text.lower())


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_become_words(raw: bytes) -> None:
    message = normalise(raw)
    assert len(message.words) == len(message.breaks)
