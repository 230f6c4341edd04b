"""Certain revokes, likely pauses: what else a message says decides which of the two a request is."""

from __future__ import annotations

import pytest

from consent.replies import Certainty, Kind, read
from consent.replies.normalise import normalise
from consent.replies.phrasebook import library


def is_certain_stop(text: str) -> bool:
    reading = read(text)
    return (reading.kind, reading.certainty) == (Kind.STOP, Certainty.CERTAIN)


def is_likely_stop(text: str) -> bool:
    reading = read(text)
    return (reading.kind, reading.certainty) == (Kind.STOP, Certainty.LIKELY)


@pytest.mark.parametrize(
    "text",
    [
        "Lütfen bana bir daha reklam mesajı göndermeyin",
        "stop sending me these adverts",
        "Bitte schicken Sie mir keine Werbung mehr",
        "не присылайте мне больше рекламу",
    ],
)
def test_a_plain_request_about_messages_is_certain(text: str) -> None:
    assert is_certain_stop(text)


@pytest.mark.parametrize(
    ("plain", "doubtful"),
    [
        ("stop texting me", "my order is late, stop texting me"),
        ("sms atmayın bana", "dün paketim ıslak geldi. sms atmayın bana"),
        ("take me off your list", "The garden chairs arrived broken yesterday morning. take me off your list"),
        ("reklam göndermeyin", "reklam göndermeyin hahaha"),
        ("stop the adverts", "would you ever stop the adverts?"),
    ],
)
def test_another_object_a_story_a_laugh_or_a_question_leaves_a_doubt(plain: str, doubtful: str) -> None:
    assert is_certain_stop(plain)
    assert is_likely_stop(doubtful)


def test_a_stop_among_words_we_do_not_know_is_doubtful_unless_it_names_messages() -> None:
    assert is_certain_stop("please stop your promotional messages")
    assert is_likely_stop("please stop contacting zorbian")


@pytest.mark.parametrize("text", ["quit it, you're making me blush", "smettila, mi fai ridere", "stop it lol"])
def test_teasing_that_names_no_messages_is_at_most_likely(text: str) -> None:
    assert not is_certain_stop(text)


@pytest.mark.parametrize(
    "text",
    [
        "mesaj atmanız yeterli, aramanıza gerek yok",
        "não precisa ligar, manda mensagem",
        "Fatura mail ile gelmesin, mesaj atın",
        "kein Anruf nötig, schicken Sie eine Nachricht",
    ],
)
def test_who_asks_for_another_channel_refuses_only_this_one(text: str) -> None:
    assert read(text).kind is not Kind.STOP


@pytest.mark.parametrize(
    "text", ["if you don't stop texting I call my lawyer", "wenn ihr nicht aufhört, Anwalt, stopp"]
)
def test_do_not_stop_behind_if_is_a_threat_and_no_praise(text: str) -> None:
    assert read(text).kind is Kind.STOP


def test_a_question_how_to_end_something_else_is_no_stop() -> None:
    assert is_likely_stop("how do I end my subscription?")
    assert read("how do I end my subscription to the coffee club?").kind is not Kind.STOP


@pytest.mark.parametrize("text", ["istemiyorum teşekkürler", "hayır istemiyorum", "sağolun istemiyorum"])
def test_not_wanting_beside_thanks_or_no_may_answer_an_offer(text: str) -> None:
    assert is_certain_stop("istemiyorum")
    assert is_likely_stop(text)


@pytest.mark.parametrize("text", ["kapat", "sonlandırın", "stop it", "enough", "delete"])
def test_words_of_ending_that_no_regime_names_are_likely(text: str) -> None:
    assert is_likely_stop(text)


def test_stop_that_only_interrupts_a_question_about_goods_is_none() -> None:
    assert read("Stop! Do you have that colour in small?").kind is not Kind.STOP
    assert read("Stop! Who are you?").kind is Kind.STOP


@pytest.mark.parametrize(
    "raw",
    ["hahaha", "kkkkk", "😂", "looool", "ахаха", "wkwkwk", "jajajaj", "rsrs", "5555", "mdr", "ХХХ", "şaka", "шутка"],
)
def test_laughter_is_known_in_many_scripts(raw: str) -> None:
    assert library().laughter.is_in(raw, normalise(raw).words)


@pytest.mark.parametrize("raw", ["hayır", "kk", "555", "java", "lot", "ahmet", "ha", "rs", "hahab", "risalar"])
def test_what_only_looks_like_laughter_is_none(raw: str) -> None:
    assert not library().laughter.is_in(raw, normalise(raw).words)


def test_a_question_mark_is_remembered_with_the_word_before_it() -> None:
    assert normalise("kim bu? dur").questions == frozenset({1})
    assert normalise("kim bu. dur").questions == frozenset()
    assert normalise("?").words == ()


@pytest.mark.parametrize(
    "text", ["delete numaram", "no more mesaj lütfen", "remove numaram", "unsubscribe yapın beni", "stop mesaj"]
)
def test_two_languages_in_one_sentence_are_heard(text: str) -> None:
    assert read(text).kind is Kind.STOP


@pytest.mark.parametrize("text", ["ازعجتوني بالرسايل", "بدون رسائل", "كفاية من الرسائل"])
def test_an_arabic_noun_is_known_behind_its_prefixes(text: str) -> None:
    assert read(text).kind is Kind.STOP


@pytest.mark.parametrize("text", ["RETKLIKSA", "Yemeksepeti ret", "ebebek ret lütfen", "RET MADAME COCO"])
def test_a_name_beside_ret_pauses_glued_compound_or_polite(text: str) -> None:
    assert is_likely_stop(text)


@pytest.mark.parametrize("text", ["RETRO", "RETWEET", "RETURN", "retkliksa", "siparişlerimiz ret"])
def test_words_that_only_begin_with_ret_or_decline_an_order_are_none(text: str) -> None:
    assert read(text).kind is not Kind.STOP


@pytest.mark.parametrize(
    "text",
    [
        "KVKK'ya şikayet edeceğim sizi", "noterden ihtar çekeceğim mesaj atmaya devam ederseniz",
        "şikayet edicem mesaj atıyorsunuz hala", "the ICO will hear about your texts", "bu mesajlar tacize giriyor",
        "ya bi susun her sabah mesaj", "telefonuma gelmesin bunlar", "ben buradan çıkmak istiyorum",
        "ret verdim zaten", "kaç sefer dedim istemiyorum diye",
    ],
)  # fmt: skip
def test_threats_and_indirect_refusals_pause(text: str) -> None:
    assert read(text).kind is Kind.STOP


@pytest.mark.parametrize(
    "text",
    [
        "beklemekten bıktım kuryeniz nerede", "I'm fed up with this weather", "kampanya sürekli değişiyor",
        "tell him to leave me alone", "I didn't mean to unsubscribe", "eksik göndermeyin bu sefer",
    ],
)  # fmt: skip
def test_anger_at_something_else_does_not(text: str) -> None:
    assert read(text).kind is not Kind.STOP


@pytest.mark.parametrize("text", ["DUR 3404", "RET 4607", "5454 iptal"])
def test_a_keyword_beside_the_number_it_used_to_go_to_pauses(text: str) -> None:
    assert is_likely_stop(text)


@pytest.mark.parametrize("text", ["RET 12", "dur 250000", "iptal 1923"])
def test_a_keyword_beside_another_number_is_not_that(text: str) -> None:
    assert read(text).rule.split("/")[0] not in {"tr.brand.number-ret", "tr.brand.number-dur", "tr.brand.number-iptal"}


def test_a_list_that_only_begins_a_compound_leaves_a_doubt() -> None:
    assert is_certain_stop("I'm leaving the group")
    assert not is_certain_stop("I'm leaving the group tour")


def test_behind_and_a_new_clause_begins_that_has_no_subject() -> None:
    assert read("frame it and never send me one again").kind is Kind.STOP
    assert read("it never sends me one").kind is not Kind.STOP


@pytest.mark.parametrize("text", ["ileti almama hakkımı kullanıyorum", "rıza göstermiyorum mesajlarınıza"])
def test_a_right_not_to_be_written_to_is_heard(text: str) -> None:
    assert read(text).kind is Kind.STOP
