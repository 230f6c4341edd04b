"""Why a template cannot be filled for one person: the reason, the place, and the sentence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gateway.core.wording import Wording


class FillReason(StrEnum):
    MISSING = "missing"
    WRONG_KIND = "wrong_kind"
    BAD_SPACING = "bad_spacing"
    UNFILLED = "unfilled"
    TOO_LONG = "too_long"
    NOT_FOR_A_URL = "not_for_a_url"
    UNSUPPORTED = "unsupported"


_SENTENCES: dict[FillReason, Wording] = {
    FillReason.MISSING: Wording(
        "{place}: “{key}” değeri yok; bir değer ya da yedek (fallback) verin.",
        "{place}: “{key}” has no value; give it one, or a fallback.",
    ),
    FillReason.WRONG_KIND: Wording(
        "{place}: “{key}” için {wanted_tr} gerekiyor.",
        "{place}: “{key}” needs {wanted_en}.",
    ),
    FillReason.BAD_SPACING: Wording(
        "{place}: “{key}” değerinde satır sonu, sekme ya da art arda dörtten çok boşluk var; Meta bunları kabul etmez.",
        "{place}: “{key}” holds a line break, a tab or four or more spaces in a row; Meta refuses these.",
    ),
    FillReason.UNFILLED: Wording(
        "{place}: “{key}” değeri doldurulmamış bir alan ({{{{…}}}}) içeriyor.",
        "{place}: the value of “{key}” is itself an unfilled field ({{{{…}}}}).",
    ),
    FillReason.TOO_LONG: Wording(
        "{place}: doldurulunca {length} karakter oluyor, en çok {most} olabilir.",
        "{place}: {length} characters once filled, at most {most} are allowed.",
    ),
    FillReason.NOT_FOR_A_URL: Wording(
        "{place}: “{key}” bağlantı sonuna konamaz; yalnızca harf, rakam ve bağlantı işaretleri, kişisel veri olmadan.",
        "{place}: “{key}” cannot end a link; use letters, digits and URL signs only, and nobody's data.",
    ),
    FillReason.UNSUPPORTED: Wording(
        "Şablonda bu sürümün dolduramadığı bir bölüm var: {key}.",
        "The template has a part that this version cannot fill: {key}.",
    ),
}


@dataclass(frozen=True, slots=True)
class FillProblem:
    """One value that does not fit. `key` is the placeholder's key; `length` and `most` count characters.

    `wanted` says what kind of value the place needs, for WRONG_KIND.
    """

    reason: FillReason
    key: str
    place: Wording
    length: int = 0
    most: int = 0
    wanted: Wording = Wording("", "")

    def sentence(self, language: str = "en") -> str:
        place = self.place.say(language)
        return (
            _SENTENCES[self.reason]
            .say(language)
            .format(
                place=place[:1].upper() + place[1:],
                key=self.key,
                length=self.length,
                most=self.most,
                wanted_tr=self.wanted.tr,
                wanted_en=self.wanted.en,
            )
        )
