"""Every keyword of consent.md section 4 in every shape a hurried thumb gives it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest

from consent.replies import Certainty, Kind, read

TABLE: dict[str, tuple[str, str]] = {
    "en": (
        "stop | stopall | stop all | unsubscribe | cancel | end | quit | optout | opt out | revoke | remove | unsub"
        " | OPT-OUT | TD | ARRET",
        "please",
    ),
    "tr": (
        "dur | durdur | durun | iptal | ret | red | çık | çıkış | çıkar | stop | istemiyorum | abonelikten çık"
        " | mesaj ret | sms iptal | listeden çık | listeden çıkar | yazmayın",
        "lütfen",
    ),
    "de": ("stop | stopp | abmelden | abbestellen | austragen | ende", "bitte"),
    "fr": ("stop | arret | arrêt | désabonner | désinscription", "svp"),
    "es": ("baja | alto | basta | cancelar | parar | stop", "por favor"),
    "pt": ("parar | pare | sair | cancelar | descadastrar | stop", "por favor"),
    "it": ("stop | annulla | cancella | disiscrivi | basta", "per favore"),
    "nl": ("stop | afmelden | uitschrijven", "alstublieft"),
    "ru": ("стоп | отписаться | отпишите", "пожалуйста"),
    "ar": ("توقف | إيقاف | إلغاء | إلغاء الاشتراك | قف", "من فضلك"),
    "hi": ("बंद | बंद करो | रोको | stop", "कृपया"),
    "id": ("berhenti | henti | batal langganan | unreg", "tolong"),
    "ckb": ("وەستان | ڕاگرە", "تکایە"),
}
KEYWORDS = [(lang, word.strip(), polite) for lang, (words, polite) in TABLE.items() for word in words.split("|")]


def without_marks(text: str) -> str:
    """As typed on a keyboard without the marks. Letters of Indic scripts keep their vowel signs: they are letters."""
    bare = (char for char in unicodedata.normalize("NFKD", text) if not 0x300 <= ord(char) <= 0x36F)
    return "".join(bare).replace("ı", "i")


def turkish_upper(text: str) -> str:
    return text.replace("i", "İ").replace("ı", "I").upper()


SHAPES: dict[str, Callable[[str], str]] = {
    "as it stands": str,
    "lower": str.lower,
    "upper": str.upper,
    "Turkish upper": turkish_upper,
    "title": str.title,
    "without marks": without_marks,
    "upper without marks": lambda text: without_marks(text).upper(),
    "full stop": "{}.".format,
    "shouted": "{}!!!".format,
    "quoted": '"{}"'.format,
    "bracketed": "({})".format,
    "starred": "*{}*".format,
    "padded": "  {}\n".format,
    "emoji": "{} 🙏".format,
    "said twice": "{0} {0}".format,
    "said twice, comma": "{0}, {0}".format,
    "on two lines": "{0}\n{0}".format,
    "marked left to right": "\u200e{}\u200b".format,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_keyword_is_heard_in_every_shape(shape: str) -> None:
    missed = [(lang, word) for lang, word, _ in KEYWORDS if read(SHAPES[shape](word)).kind is not Kind.STOP]
    assert missed == []


@pytest.mark.parametrize("form", ["{word} {polite}", "{polite} {word}", "{word}, {polite}", "{polite}, {word}!"])
def test_every_keyword_is_heard_beside_a_polite_word(form: str) -> None:
    said = [form.format(word=word, polite=polite) for _, word, polite in KEYWORDS]
    said += [form.format(word=word.upper(), polite=polite.upper()) for _, word, polite in KEYWORDS]
    assert [text for text in said if read(text).kind is not Kind.STOP] == []


BRAND_WORDS = ("RET", "RED", "IPTAL", "İPTAL", "ret", "red", "iptal")


@pytest.mark.parametrize("word", BRAND_WORDS)
@pytest.mark.parametrize(
    "form", ["{brand} {word}", "{word} {brand}", "{brand}{word}", "{word}{brand}", "{brand}-{word}"]
)
def test_a_known_brand_beside_the_word_is_a_certain_stop(form: str, word: str) -> None:
    for brand in ("MARKA", "MRK", "N9"):
        reading = read(form.format(brand=brand, word=word), aliases=["Marka", "mrk", "n9"])
        assert (reading.kind, reading.certainty) == (Kind.STOP, Certainty.CERTAIN), brand


@pytest.mark.parametrize("word", ["RET", "RED", "IPTAL", "İPTAL", "ret", "red", "iptal"])
@pytest.mark.parametrize("brand", ["KUMBARA", "KMBR", "k11", "Kumbara", "kumbara"])
def test_an_unknown_brand_beside_the_word_is_at_least_a_likely_stop(brand: str, word: str) -> None:
    assert read(f"{brand} {word}").kind is Kind.STOP
    assert read(f"{word} {brand}").kind is Kind.STOP


@pytest.mark.parametrize("text", ["MAVI KUMBARA RET", "ret mavi kumbara", "K B KUMBARA RET"])
def test_a_brand_of_two_words_may_stand_beside_ret(text: str) -> None:
    assert read(text).kind is (Kind.OTHER if text.startswith("K B") else Kind.STOP)
