"""Turkish words by their stem and suffixes, not as a list of forms.

"yazmayın", "yazmayınız", "yazmasanıza", "yazılmasın" and "yazmamanızı rica ederim" are one stem and a handful of
suffixes; so are their spellings without Turkish letters and with the slips of a hurried thumb. Words come folded
(folding.py), so a suffix's vowel is a or e (low) or i or u (high), and ç ş ğ ı ö ü are c s g i o u.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from consent.replies.concepts import Concept

_LOW, _HIGH = "[ae]", "[iu]"
_PASSIVE = "(?:[iu]?[ln])?"
_YOU = f"n(?:{_HIGH}z)?"  # -n, -niz: your; the imperative's person

_NEGATED_REQUEST = re.compile(
    f"{_PASSIVE}(?:"
    f"m{_LOW}(?:(?:y{_HIGH}?|{_HIGH}){_YOU})?"  # yazma, yazmayin, yazmayiniz, yazmayn
    f"|m{_HIGH}?y{_HIGH}?n(?:{_HIGH}?z)?"  # yazmiyin, yazmyin, yazmyn
    f"|m{_LOW}s{_HIGH}n(?:l{_LOW}r)?"  # yazmasin, yazmasinlar
    f"|m{_LOW}s{_LOW}{_YOU}{_LOW}?"  # yazmasaniz, yazmasaniza, yazmasana
    f"|m{_LOW}m{_LOW}(?:{_YOU}|s{_HIGH}n?|l{_LOW}r{_HIGH}n?){_HIGH}?"  # yazmamanizi, yazmamasini, yazmamalarini
    f"|m{_LOW}m{_LOW}l{_HIGH}(?:s{_HIGH}{_YOU}|l{_LOW}r)?"  # yazmamali, yazmamalisiniz
    f"|m{_LOW}y{_LOW}c{_LOW}ks{_HIGH}{_YOU}"  # yazmayacaksiniz
    f"|m{_LOW}y{_LOW}(?:s{_HIGH}{_YOU}|l{_HIGH}m)"  # yazmayasiniz, yazmayalim
    f"|m{_LOW}y{_HIGH}ver(?:{_HIGH}{_YOU})?"  # yazmayiver, yazmayiverin
    f"|m{_LOW}zm{_HIGH}s{_HIGH}{_YOU}"  # yazmazmisiniz
    ")"
)
_DOING = re.compile(
    f"{_PASSIVE}m{_LOW}(?:k|kt{_LOW}n|y{_HIGH}|y{_LOW}|{_YOU}?{_HIGH}|{_YOU}(?:d{_LOW}n|{_LOW})?|s{_HIGH}(?:n{_HIGH})?|l{_LOW}r{_HIGH}(?:n{_HIGH}(?:z{_HIGH})?)?)"
)
"""yazmak, yazmaktan, yazmayi, yazmanizi, yazmanizdan, yazmasini, yazmalarini: the deed as a noun."""
_IF_YOU_DO = re.compile(f"(?:{_LOW}|{_HIGH})?rs{_LOW}{_YOU}")
"""yazarsaniz, gonderirsen."""
_REQUEST = re.compile(
    "(?:"
    f"{_HIGH}?{_YOU}|y{_HIGH}{_YOU}|{_HIGH}?v?er{_HIGH}{_YOU}"  # silin, siliniz, engelleyin, siliverin
    f"|{_PASSIVE}s{_HIGH}n(?:l{_LOW}r)?"  # silinsin
    f"|{_PASSIVE}m{_LOW}(?:{_YOU}{_HIGH}?|s{_HIGH}n?{_HIGH}?|k|l{_HIGH}(?:s{_HIGH}{_YOU})?)"  # silmenizi, silmek
    f"|(?:{_LOW}|{_HIGH})?r|y?{_LOW}b{_HIGH}l{_HIGH}r"  # siler (misiniz), silebilir (misiniz)
    f"|{_HIGH}?[ln]m{_LOW}y{_HIGH}"  # silinmeyi
    f"|{_LOW}rm{_HIGH}s{_HIGH}{_YOU}"  # silermisiniz
    f"|(?:{_LOW}|{_HIGH})?r?s{_LOW}{_YOU}{_LOW}?"  # silerseniz, cikarirsaniz, silsenize
    f"|{_HIGH}?y(?:o|u)r{_HIGH}m|{_LOW}y{_HIGH}m|{_LOW}l{_HIGH}m"  # siliyorum, sileyim, silelim
    ")?"
)
_COME_IN = re.compile(
    f"(?:{_HIGH}{_YOU}|y{_HIGH}{_YOU}|{_LOW}b{_HIGH}l{_HIGH}rs{_HIGH}{_YOU}|y{_LOW}b{_HIGH}l{_HIGH}rs{_HIGH}{_YOU})"
)
"""yazin, arayin, yazabilirsiniz: a request to be written to."""
_LEAVING = re.compile(
    f"(?:m{_LOW}k|{_LOW}y{_HIGH}m|{_HIGH}yorum|{_LOW}c{_LOW}g{_HIGH}m|{_LOW}b{_HIGH}l{_HIGH}r.{{0,6}}|{_LOW}r{_HIGH}m|{_HIGH}ş|{_HIGH}s{_HIGH}?.{{0,6}})?"
)
_NOT_WANTED_NOW = re.compile(
    "ist?e?m[ei]{0,2}[iy]{0,2}(?:o|u)?r?(?:o|u)?r?(?:m+|uz)|iste?mio?r?[ou]?m+"  # istemiyorum, however it is mistyped
)
_NOT_WANTED = re.compile(f"{_NOT_WANTED_NOW.pattern}|istemem|istemeyiz|istemedi(?:m|k|g.{{1,12}})")
_WANTED = re.compile("isti?yo?r?u?[mz]+|isterim|isteriz|istio?ru?m")
_NOT_COMING = re.compile("gelm(?:esin(?:ler)?|eye?|emesi(?:ni)?)|gelme")

_SEND_STEMS = (
    "yaz", "at", "gonder", "gondr", "gnder", "gondar", "yolla", "ilet", "ara", "ulas", "mesajlas", "mesajla", "smsle",
    "spamla", "darla", "bunalt", "bezdir", "ugras", "bildir", "arat", "mailles", "yz", "gndr", "yll",
    "bilgilendir", "mesgul", "bulas", "hatirlat", "pazarla", "yonlendir",
    "sikistir", "durt", "tacizle", "yazis",
)  # fmt: skip
_CEASE_STEMS = (
    "durdur", "durdr", "kes", "birak", "vazgec", "sonlandir", "bitir", "kapat", "engelle", "durdurt", "kestir",
)  # fmt: skip
_REMOVE_STEMS = ("sil", "cikar", "cikart", "kaldir", "temizle", "ckar", "cikr", "kaldr", "sildir", "kaldirt")
_LEAVE_STEMS = ("cik", "ayril")

_TELLING = re.compile(
    f"{_PASSIVE}(?:m{_LOW}|m{_HIGH}|{_LOW}m{_LOW})?(?:d{_HIGH}|{_HIGH}?yor|m{_HIGH}s|{_LOW}c{_LOW}[kg]|y{_LOW}c{_LOW}[kg]|t{_HIGH}).{{0,10}}"
)
"""yazdi, yazmadiniz, yaziyorsun, yazmis, yazacak: it tells, so it asks for nothing."""

_UNASKED = re.compile(f"{_PASSIVE}(?:m{_LOW}(?:y{_HIGH}{_YOU}|s{_HIGH}n)?|[dt]{_HIGH}.{{0,6}}|m{_HIGH}s.{{0,8}})")
"""birakma, silmeyin, sildim, cikarmis: not to stop or remove, or done already."""

_DO_STEMS = ("et", "ver", "kur", "gec", "yap", "ol", "ed")

_Forms = tuple[tuple[re.Pattern[str], Concept], ...]
_SEND_FORMS: _Forms = (
    (_NEGATED_REQUEST, Concept.DONTSEND),
    (_DOING, Concept.SEND),
    (_IF_YOU_DO, Concept.SEND),
    (_COME_IN, Concept.INVITE),
    (_TELLING, Concept.FILL),
)
_CEASE_FORMS: _Forms = ((_REQUEST, Concept.CEASE), (_TELLING, Concept.FILL))
_REMOVE_FORMS: _Forms = ((_REQUEST, Concept.REMOVE), (_TELLING, Concept.FILL))
_LEAVE_FORMS: _Forms = ((_LEAVING, Concept.LEAVE), (_TELLING, Concept.FILL))

_DO_FORMS: _Forms = ((_NEGATED_REQUEST, Concept.DONTDO),)

_STEMS: dict[str, _Forms] = (
    dict.fromkeys(_DO_STEMS, _DO_FORMS)
    | dict.fromkeys(_SEND_STEMS, _SEND_FORMS)
    | dict.fromkeys(_CEASE_STEMS, _CEASE_FORMS)
    | dict.fromkeys(_REMOVE_STEMS, _REMOVE_FORMS)
    | dict.fromkeys(_LEAVE_STEMS, _LEAVE_FORMS)
)
_ENDING_STEMS = frozenset((*_CEASE_STEMS, *_REMOVE_STEMS))
_STEM_LENGTHS = range(2, max(map(len, _STEMS)) + 1)
_WHOLE_FORMS: _Forms = (
    (_NOT_WANTED, Concept.DONTWANT),
    (_WANTED, Concept.WANT),
    (_NOT_COMING, Concept.DONTWANT),
)
_WORD_LETTERS_MAX = 40  # the longest form of a stem is shorter; a longer word is none of ours

_NOT_VERBS = frozenset({
    "atan", "atin", "ata", "ate", "atik", "atlar", "yazi", "yazin", "yazar", "yazari", "yazik", "yazma", "aran",
    "aralik", "ari", "arar", "arama", "arada", "ilet", "iletim", "kesin", "kesim", "keser", "bitir", "kapa", "sila",
    "silah", "silik", "silinir", "dusun", "duser", "dusme", "dusur", "atma", "yazisma",
})  # fmt: skip
"""Words of other meaning that look like a stem and a suffix; those that can be meant are idioms in phrases/tr.txt."""


_COMMON = ("mayin", "meyin", "mayiniz", "meyiniz", "mamanizi", "memenizi")


def common_forms() -> Iterator[str]:
    """The commonest ways to say "do not write", against which a slip of the thumb is guessed."""
    for stem in _SEND_STEMS[:9]:
        for suffix in _COMMON:
            front = stem in ("gonder", "ilet", "gondr", "gnder")
            if front == (suffix[1] == "e"):
                yield stem + suffix
    yield from (
        "istemiyorum",
        "istemiyoruz",
        "durdurun",
        "durdurunuz",
        "cikarin",
        "cikartin",
        "kaldirin",
        "rahatsiz",
        "etmeyin",
    )


_OBJECT = re.compile(f"[a-z]{{2,}}[bfghjnprvyz]{_HIGH}")
"""raporu, sutu, pastayi: a noun as the object of the verb behind it. Endings that are mostly something else are left
out: geldi, surekli, numarasi, pazarlamaci, evdeki, annemi."""
_NO_OBJECT = re.compile(f".*(?:l[ae]r{_HIGH}|n?{_HIGH}z{_HIGH})")
"""Plurals, and what is yours or ours: they may be what we send."""
_NO_NOUNS = frozenset(
    {"yani", "hani", "gibi", "abi", "yeni", "geri", "beri", "ileri", "digeri", "bayi", "boyu", "suni"}
)


_LISTED = re.compile(f"[a-z]{{2,}}[^aeioumc]{_HIGH}")


def is_object(word: str, *, on_list: bool) -> bool:
    """Whether an unknown word is, by its ending, one thing that the verb behind it is about: "raporu" göndermeyin.

    What is to be taken off a list (`on_list`) is a thing whatever its last consonant: "sütü listeden çıkar".
    """
    if on_list:
        return _LISTED.fullmatch(word) is not None
    if word in _NO_NOUNS or len(word) > _WORD_LETTERS_MAX:
        return False
    return _OBJECT.fullmatch(word) is not None and _NO_OBJECT.fullmatch(word) is None


def is_unasked(word: str) -> bool:
    """Whether the word forbids or tells of a stop or a removal instead of asking for it: bırakma, sildim."""
    if len(word) > _WORD_LETTERS_MAX:
        return False
    stems = (word[:length] for length in _STEM_LENGTHS if word[:length] in _ENDING_STEMS)
    return any(_UNASKED.fullmatch(word, len(stem)) for stem in stems)


def is_not_wanted_now(word: str) -> bool:
    """Whether the word is "istemiyorum" in any of the spellings in which hurried thumbs write it."""
    return _NOT_WANTED_NOW.fullmatch(word) is not None


def ideas_of(word: str) -> int:
    """What a folded Turkish word stands for, by stem and suffixes; 0 when by them it stands for nothing."""
    if not 2 < len(word) <= _WORD_LETTERS_MAX or word in _NOT_VERBS or not word.isascii():
        return 0
    mask = 0
    for length in _STEM_LENGTHS:
        for form, concept in _STEMS.get(word[:length], ()):
            if form.fullmatch(word, length):
                mask |= concept
    for form, concept in _WHOLE_FORMS:
        if form.fullmatch(word):
            mask |= concept
    return mask
