"""Why a cell holds no address, in words: a closed list, and one table of sentences."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SHOWN_CHARACTERS_MAX = 60


class AddressCode(StrEnum):
    EMPTY = "empty"
    NO_NUMBER = "no_number"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    SHORT_CODE = "short_code"
    NEEDS_AREA_CODE = "needs_area_code"
    NEEDS_COUNTRY_CODE = "needs_country_code"
    UNKNOWN_COUNTRY_CODE = "unknown_country_code"
    NOT_ASSIGNED = "not_assigned"
    DIGITS_LOST = "digits_lost"
    LETTER_INSIDE = "letter_inside"
    MASKED = "masked"
    DATE = "date"
    MONEY = "money"
    IBAN = "iban"
    EMAIL = "email"
    USERNAME = "username"
    LINK_WITHOUT_NUMBER = "link_without_number"
    GROUP = "group"
    HIDDEN_ID = "hidden_id"
    ONE_OF_SEVERAL = "one_of_several"


@dataclass(frozen=True, slots=True)
class AddressProblem:
    """Why nothing can be sent to what `raw` says. `part` is the offending piece, where only one piece is wrong."""

    code: AddressCode
    raw: str
    part: str = ""

    def sentence(self, language: str = "en") -> str:
        """What is wrong and what to do about it, in Turkish for "tr" and in English for anything else.

        Quotes the cell: for the person who owns the file, never for a log.
        """
        turkish, english = SENTENCES[self.code]
        template = turkish if language.lower().startswith("tr") else english
        return template.format(cell=shown(self.raw), part=shown(self.part or self.raw))


def shown(text: str) -> str:
    """`text` on one line, shortened, without signs that would act on the reader's screen."""
    flat = " ".join(text.split())
    if not flat.isprintable():
        flat = "".join(letter if letter.isprintable() else "\ufffd" for letter in flat)
    return flat if len(flat) <= SHOWN_CHARACTERS_MAX else flat[: SHOWN_CHARACTERS_MAX - 1] + "…"


SENTENCES: dict[AddressCode, tuple[str, str]] = {
    AddressCode.EMPTY: (
        "Hücre boş; telefon numarasını yazın ya da satırı silin.",
        "The cell is empty; write the phone number or remove the row.",
    ),
    AddressCode.NO_NUMBER: (
        "“{cell}” içinde telefon numarası yok; numarayı +90 532 … gibi yazın.",
        "“{cell}” holds no phone number; write one like +90 532 ….",
    ),
    AddressCode.TOO_SHORT: (
        "“{cell}” eksik: bu ülkede numaralar daha uzun; eksik rakamları tamamlayın.",
        "“{cell}” is too short: numbers in that country have more digits; add the missing ones.",
    ),
    AddressCode.TOO_LONG: (
        "“{cell}” fazla uzun: bu ülkede numaralar daha kısa; fazla rakamı çıkarın ya da iki numarayı ; ile ayırın.",
        "“{cell}” is too long: numbers in that country have fewer digits; remove the extra ones, "
        "or separate two numbers with a semicolon.",
    ),
    AddressCode.SHORT_CODE: (
        "“{cell}” kısa ya da dahili bir numara; WhatsApp için tam telefon numarasını yazın.",
        "“{cell}” is a short or internal number; WhatsApp needs the full phone number.",
    ),
    AddressCode.NEEDS_AREA_CODE: (
        "“{cell}” alan kodu olmadan yazılmış; alan koduyla birlikte yazın.",
        "“{cell}” has no area code; write it with its area code.",
    ),
    AddressCode.NEEDS_COUNTRY_CODE: (
        "“{cell}” için ülke belli değil; numarayı ülke koduyla, +90 … gibi yazın.",
        "“{cell}” could be in any country; write it with its country code, like +90 ….",
    ),
    AddressCode.UNKNOWN_COUNTRY_CODE: (
        "“{cell}” var olmayan bir ülke koduyla başlıyor; + işaretinden sonrasını düzeltin.",
        "“{cell}” starts with a country code that does not exist; correct what follows the plus sign.",
    ),
    AddressCode.NOT_ASSIGNED: (
        "“{cell}” kullanımda olan bir numara değil; rakamları kontrol edin.",
        "“{cell}” is not a number in use: its digits do not fit that country; check them.",
    ),
    AddressCode.DIGITS_LOST: (
        "“{cell}”: tablo programı son rakamları silmiş, geri getirilemez; "
        "sütunu metin yapıp numarayı kaynağından yeniden yazın.",
        "“{cell}”: the spreadsheet dropped the last digits and they cannot be rebuilt; format the column as text "
        "and take the number from its source again.",
    ),
    AddressCode.LETTER_INSIDE: (
        "“{cell}” rakamlarının arasında harf var; O yerine 0, l yerine 1 yazılmış olabilir.",
        "“{cell}” has a letter among its digits; perhaps an O for a 0 or an l for a 1.",
    ),
    AddressCode.MASKED: (
        "“{cell}” gizlenmiş bir numara; tamamını kaynağından alın.",
        "“{cell}” is a masked number; take the whole one from its source.",
    ),
    AddressCode.DATE: (
        "“{cell}” bir tarih; sütunlar kaymış olabilir.",
        "“{cell}” is a date; the columns may have shifted.",
    ),
    AddressCode.MONEY: (
        "“{cell}” bir tutar; sütunlar kaymış olabilir.",
        "“{cell}” is an amount of money; the columns may have shifted.",
    ),
    AddressCode.IBAN: (
        "“{cell}” bir IBAN; buraya telefon numarası yazın ve IBAN'ı dosyadan çıkarın.",
        "“{cell}” is an IBAN; write a phone number here and take the IBAN out of the file.",
    ),
    AddressCode.EMAIL: (
        "“{cell}” bir e-posta adresi; WhatsApp için telefon numarası yazın.",
        "“{cell}” is an e-mail address; WhatsApp needs a phone number.",
    ),
    AddressCode.USERNAME: (
        "“{cell}” bir kullanıcı adı; WhatsApp için telefon numarası yazın.",
        "“{cell}” is a user name; WhatsApp needs a phone number.",
    ),
    AddressCode.LINK_WITHOUT_NUMBER: (
        "“{cell}” bağlantısında telefon numarası yok; numaranın kendisini yazın.",
        "The link “{cell}” holds no phone number; write the number itself.",
    ),
    AddressCode.GROUP: (
        "“{cell}” bir WhatsApp grubu ya da yayını; izin kişiye aittir, kişinin numarasını yazın.",
        "“{cell}” is a WhatsApp group or broadcast; consent is a person's, so write the person's number.",
    ),
    AddressCode.HIDDEN_ID: (
        "“{cell}” WhatsApp'ın numarayı gizleyen iç kimliği; telefon numarasını ya da BSUID'yi yazın.",
        "“{cell}” is WhatsApp's internal id that hides the number; write the phone number or the BSUID.",
    ),
    AddressCode.ONE_OF_SEVERAL: (
        "Hücrede birden çok numara var ve “{part}” geçerli değil; düzeltin ya da hücreden çıkarın.",
        "The cell holds several numbers and “{part}” is not valid; correct it or take it out of the cell.",
    ),
}
