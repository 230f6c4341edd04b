"""What a person is to the gateway, and how much of an address anyone may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from consent.address import Address
from consent.address.values import BSUID, E164
from consent.address.zones import calling_code

NO_ATTRIBUTES: Mapping[str, str] = MappingProxyType({})
MASK = "•"
TAIL_DIGITS = 2
HEAD_DIGITS = 3
BSUID_SHOWN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person as campaigns see one.

    `subject` is the ledger's random reference. `zone` is the IANA zone that the person declared, "" when only the
    number can tell; `region` an ISO 3166 code; `language` Meta's spelling (tr, en_US); `tags` folded to lower case;
    `attributes` feed named template parameters.
    """

    subject: str
    name: str = ""
    language: str = ""
    zone: str = ""
    region: str = ""
    tags: frozenset[str] = frozenset()
    attributes: Mapping[str, str] = field(default_factory=lambda: NO_ATTRIBUTES)


def mask(address: Address | str) -> str:
    """An address for people to see: "+90 555 ••• •• 34", "US.1349…". Anything else: "•••"."""
    text = str(address)
    if BSUID.fullmatch(text):
        return text[: text.rfind(".") + 1 + BSUID_SHOWN] + "…"
    if not E164.fullmatch(text):
        return MASK * 3
    code = calling_code(text)
    number = text[1 + len(code) :]
    head = number[: min(HEAD_DIGITS, max(0, len(number) - TAIL_DIGITS - 4))]
    hidden = _in_groups(len(number) - len(head) - TAIL_DIGITS)
    return " ".join(part for part in (f"+{code}", head, hidden, number[-TAIL_DIGITS:]) if part)


def _in_groups(length: int) -> str:
    """Dots as people group digits: the first three together, then pairs, a last odd one with its neighbours."""
    groups = [min(3, length)]
    rest = length - groups[0]
    groups += [2] * (rest // 2)
    groups[-1] += rest % 2
    return " ".join(MASK * group for group in groups)


LANGUAGES: dict[str, str] = {
    "tr": "tr turkce turkish turkiye tur turk",
    "en": "en english ingilizce eng ing",
    "de": "de german deutsch almanca ger deu alm",
    "fr": "fr french francais fransizca fra fre",
    "es": "es spanish espanol ispanyolca spa",
    "it": "it italian italiano italyanca ita",
    "nl": "nl dutch nederlands felemenkce flemenkce hollandaca nld",
    "pt": "pt portuguese portugues portekizce por",
    "ru": "ru russian russkij rusca rus русский",
    "uk": "uk ukrainian ukraynaca ukr українська",
    "ar": "ar arabic arapca ara العربية عربي",
    "fa": "fa persian farsi farsca fas فارسی",
    "he": "he hebrew ibranice heb עברית",
    "hi": "hi hindi hintce hin हिन्दी",
    "ja": "ja jp japanese japonca jpn 日本語",
    "zh": "zh chinese cince zho chi 中文",
    "ko": "ko korean korece kor 한국어",
    "az": "az azerbaijani azerice aze azeri azerbaycanca",
    "kk": "kk kazakh kazakca kaz қазақша",
    "ku": "ku kurdish kurtce kurmanci kur",
    "el": "el greek yunanca ell ελληνικα",
    "bg": "bg bulgarian bulgarca bul",
    "ro": "ro romanian rumence ron",
    "pl": "pl polish polski lehce pol",
    "id": "id indonesian endonezce ind",
    "ka": "ka georgian gurcuce kat",
}
LANGUAGE_OF = {word: code for code, words in LANGUAGES.items() for word in words.split()}


def normalise_language(text: str) -> str | None:
    """A language in Meta's spelling: "Türkçe" -> "tr", "EN-us" -> "en_US"; None when it is not one we know."""
    words = folded(text).replace("-", "_").split("_")
    code = LANGUAGE_OF.get(words[0].strip())
    if code is None or len(words) > 2:
        return None
    region = words[1].strip().upper() if len(words) == 2 else ""
    if region and not (len(region) == 2 and region.isalpha() and region.isascii()):
        return None
    return f"{code}_{region}" if region and region != REGION_IMPLIED.get(code) else code


REGION_IMPLIED = {"tr": "TR", "de": "DE", "fr": "FR", "it": "IT", "ru": "RU", "ja": "JP"}

TO_ASCII = str.maketrans("ıİIşŞğĞçÇöÖüÜâÂîÎûÛ", "iiissggccoouuaaiiuu")


def folded(text: str) -> str:
    """Lower case without Turkish marks, so that İZİN, izin and ızın are one word."""
    return " ".join(text.translate(TO_ASCII).casefold().split())
