"""Whole messages: every keyword, in every casing, with politeness and brand around it."""

from __future__ import annotations

import pytest

from consent.replies import Certainty, Kind, Reading, Scope, read
from consent.replies.vocabulary import Role, shipped, shipped_entries

STOPS = (Role.STOP, Role.STOP_ALONE, Role.STOP_ALL, Role.STOP_LIKELY)

CERTAIN_STOPS = """
    stop | stopall | stop all | unsubscribe | cancel | end | quit | optout | opt out | opt-out
    revoke | remove | unsub | td | arret
    dur | durdur | durun | iptal | ret | red | çık | çıkış | çıkar | istemiyorum | abonelikten çık
    mesaj ret | sms iptal
    listeden çık | listeden çıkar | yazmayın | stopp | abmelden | abbestellen | austragen | ende | arrêt | désabonner
    désinscription | baja | alto | basta | cancelar | parar | pare | sair | descadastrar | annulla
    cancella | disiscrivi
    afmelden | uitschrijven | стоп | отписаться | отпишите | توقف | إيقاف | إلغاء | إلغاء الاشتراك
    قف | बंद | बंद करो | रोको
    berhenti | henti | batal langganan | unreg | тоқтатыңыз | وەستان | ڕاگرە | நிறுத்து | dayan | لغو
    avregistrera | відписатися
    wypisz | dezabonare | odhlásit | στοπ | הסר | বন্ধ | raweste | acha | dừng | tigil | 退订 | 停止
    配信停止 | 수신거부 | หยุด
"""
STARTS = "start | unstop | resume | subscribe | join | başla | başlat | devam | abone ol | alta | inizia | старт | ابدأ"
HELPS = "help | info | yardım | bilgi | destek | hilfe | aide | ayuda | ajuda | aiuto | помощь | مساعدة | bantuan"


def words(table: str) -> list[str]:
    return [word.strip() for line in table.splitlines() for word in line.split("|") if word.strip()]


@pytest.mark.parametrize("word", words(CERTAIN_STOPS))
def test_a_stop_keyword_alone_is_a_certain_stop(word: str) -> None:
    reading = read(word)
    assert (reading.kind, reading.certainty) == (Kind.STOP, Certainty.CERTAIN)


@pytest.mark.parametrize("word", words(STARTS))
def test_a_start_keyword_alone_is_a_start(word: str) -> None:
    assert read(word).kind is Kind.START


@pytest.mark.parametrize("word", words(HELPS))
def test_a_help_keyword_alone_is_a_call_for_help(word: str) -> None:
    assert read(word).kind is Kind.HELP


def test_every_stop_that_ships_is_read_as_a_stop_in_every_casing() -> None:
    entries = [" ".join(entry.words) for entry in shipped_entries() if entry.role in STOPS]
    shapes = (str, str.upper, str.title, "{}!!!".format, "  {} ".format, "«{}».".format)
    missed = {shape(entry) for entry in entries for shape in shapes if read(shape(entry)).kind is not Kind.STOP}
    assert len(entries) > 1500
    assert missed == set()


def test_every_start_and_help_that_ships_is_read_so_unless_it_stops_somewhere() -> None:
    stops = {entry.words for entry in shipped_entries() if entry.role in STOPS}
    for role, kind in ((Role.START, Kind.START), (Role.HELP, Kind.HELP)):
        entries = {entry.words for entry in shipped_entries() if entry.role is role} - stops
        helps = {entry.words for entry in shipped_entries() if entry.role is Role.HELP}
        wrong = {
            entry
            for entry in entries - (helps if kind is Kind.START else set())
            if read(" ".join(entry)).kind is not kind
        }
        assert wrong == set()


@pytest.mark.parametrize(
    "text",
    [
        "stop please", "Please stop.", "STOP!!!", "dur lütfen", "Dur artık ya", "lütfen iptal", "ret teşekkürler",
        "çıkış lütfen", "istemiyorum lütfen", "iyi günler, çıkmak istiyorum", "bitte abmelden",
        "Abmelden, danke",
        "stop svp", "baja por favor", "por favor cancelar", "sair agora", "parar por favor", "basta grazie",
        "стоп пожалуйста", "من فضلك إيقاف", "कृपया बंद करो", "tolong berhenti", "dur 🛑", "DUR 🙏", "ok stop",
        "yes stop",
    ],
)  # fmt: skip
def test_politeness_around_a_keyword_changes_nothing(text: str) -> None:
    reading = read(text)
    assert (reading.kind, reading.certainty) == (Kind.STOP, Certainty.CERTAIN)


@pytest.mark.parametrize("text", ["no paren", "no pare", "não pare", "não parem", "don't stop", "durmayın", "durma"])
def test_a_negated_keyword_is_no_stop(text: str) -> None:
    assert read(text).kind is not Kind.STOP


@pytest.mark.parametrize("text", ["не звоните сейчас", "şimdi aramayın", "do not call now"])
def test_now_beside_do_not_call_makes_it_a_refusal_for_the_moment(text: str) -> None:
    assert read(text).kind is Kind.OTHER


def test_now_beside_stop_only_adds_haste() -> None:
    assert read("stop now").kind is Kind.STOP


@pytest.mark.parametrize(
    "text", ["MARKA RET", "ret marka", "MARKARET", "RETMARKA", "marka iptal", "Marka dur", "marka, çıkmak istiyorum"]
)
def test_the_brand_beside_a_keyword_or_glued_to_it_is_a_certain_stop(text: str) -> None:
    reading = read(text, aliases=["Marka"])
    assert (reading.kind, reading.certainty) == (Kind.STOP, Certainty.CERTAIN)


@pytest.mark.parametrize("text", ["KUMBARA RET", "RED KUMBARA", "kmbr ret", "KMBRRET", "k11 IPTAL", "KUMBARARET"])
def test_an_unknown_name_beside_ret_is_a_likely_stop(text: str) -> None:
    reading = read(text)
    assert (reading.kind, reading.certainty) == (Kind.STOP, Certainty.LIKELY)


@pytest.mark.parametrize(
    "text",
    ["ücret", "ziyaret", "hayret", "nefret", "DELIVERED", "HUNDRED", "sipariş iptal", "randevu iptal",
    "gelmiyorum iptal",
     "kredi ret", "toplantı iptal"],
)  # fmt: skip
def test_words_that_only_end_like_a_keyword_or_have_an_object_are_no_stop(text: str) -> None:
    assert read(text).kind is Kind.OTHER


@pytest.mark.parametrize(
    "text", ["STOP ALL", "stopall", "HEPSİ", "TÜMÜ", "hepsini durdur", "tümünü iptal et", "tüm mesajları durdurun",
             "stop all messages", "unsubscribe from everything", "стоп все", "parar tudo", "alles stoppen"]
)  # fmt: skip
def test_a_stop_to_everything_reaches_every_purpose(text: str) -> None:
    assert read(text).scope is Scope.EVERYTHING


@pytest.mark.parametrize("text", ["stop", "dur", "stop all promotions", "kampanyaları durdur", "ret"])
def test_any_other_stop_reaches_marketing_only(text: str) -> None:
    assert read(text).scope is Scope.MARKETING


def test_the_rule_names_the_language_the_words_and_a_version() -> None:
    assert read("DUR!") == Reading(Kind.STOP, Certainty.CERTAIN, "tr.keyword.dur/1")


@pytest.mark.parametrize("text", ["spam", "yanlış numara", "wrong number"])
def test_a_complaint_pauses(text: str) -> None:
    assert read(text).certainty is Certainty.LIKELY


def test_a_message_of_nothing_but_stop_signs_pauses() -> None:
    assert [read(text).kind for text in ("🛑", "🛑🛑 ⛔", "✋🏽", "👍")] == [
        Kind.STOP,
        Kind.STOP,
        Kind.STOP,
        Kind.OTHER,
    ]


def test_no_language_has_a_word_that_both_stops_and_starts() -> None:
    for lexicon in shipped().lexicons.values():
        both = [entry for entry, roles in lexicon.roles.items() if Role.START in roles and not roles.isdisjoint(STOPS)]
        assert both == [], lexicon.language
