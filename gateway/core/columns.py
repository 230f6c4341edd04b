"""Which column says what: header names in Turkish and English, however they are spelt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gateway.core.contact import folded
from gateway.core.wording import Wording


class Field(StrEnum):
    ADDRESS = "address"
    NAME = "name"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    LANGUAGE = "language"
    ZONE = "zone"
    TAGS = "tags"
    CONSENT_AT = "consent_at"
    CONSENT_SOURCE = "consent_source"
    TEXT_ID = "text_id"
    TEXT_VERSION = "text_version"
    PROOF = "proof"
    IGNORED = "ignored"


# A bare "tarih" or "date" is left out on purpose: a date that nobody called a consent date is not evidence of one.
HEADERS: dict[Field, str] = {
    Field.ADDRESS: (
        "telefon, tel, telefon no, telefon numarası, tel no, cep, cep no, cep tel, cep telefonu, cep numarası, "
        "cep telefon no, gsm, gsm no, gsm numarası, mobil, mobil telefon, mobil no, telefon 1, telefon 2, cep 1, "
        "cep 2, gsm 1, gsm 2, iletişim numarası, whatsapp, whatsapp no, whatsapp numarası, whatsapp number, wa, wa id, "
        "phone, phone no, phone number, phone 1, phone 2, mobile, mobile no, mobile number, mobile phone, cell, "
        "cell phone, cellphone, msisdn, e164, telephone, contact number, sms number, sms, bsuid, whatsapp user id, "
        "handy, handynummer, telefonnummer, numara, number, ev telefonu, iş telefonu, home phone, work phone"
    ),
    Field.NAME: (
        "ad soyad, adı soyadı, ad ve soyad, isim, isim soyisim, ismi, müşteri, müşteri adı, kişi, name, full name, "
        "customer name, contact name, customer, display name, ad soyadı, adsoyad, üye, üye adı"
    ),
    Field.FIRST_NAME: "ad, adı, first name, given name, firstname, vorname, fname",
    Field.LAST_NAME: "soyad, soyadı, soyisim, last name, surname, family name, lastname, nachname, lname",
    Field.LANGUAGE: "dil, dili, language, lang, locale, tercih edilen dil, sprache, preferred language, iletişim dili",
    Field.ZONE: "saat dilimi, zaman dilimi, time zone, timezone, tz, zone, zeitzone",
    Field.TAGS: "etiket, etiketler, tag, tags, grup, gruplar, label, labels, groups, liste, listeler",
    Field.CONSENT_AT: (
        "onay tarihi, izin tarihi, rıza tarihi, onay zamanı, izin zamanı, onay tarih, izin tarih, onay tarihi saati, "
        "izin verme tarihi, onay verilme tarihi, iys onay tarihi, consent date, consent time, consent at, "
        "consent timestamp, consented at, opt in date, opt in at, opt in time, optin date, optin at, optin timestamp, "
        "opted in at, permission date, date of consent"
    ),
    Field.CONSENT_SOURCE: (
        "kaynak, onay kaynağı, izin kaynağı, izin yeri, onay kanalı, izin kanalı, onay yöntemi, izin yöntemi, source, "
        "consent source, opt in source, optin source, consent method, opt in method, permission source"
    ),
    Field.TEXT_ID: (
        "izin metni, onay metni, rıza metni, izin metni kodu, onay metni kodu, metin, metin kodu, metin no, "
        "consent text, consent text id, text, text id, consent form, permission text"
    ),
    Field.TEXT_VERSION: (
        "metin sürümü, metin versiyonu, izin metni sürümü, onay metni sürümü, sürüm, versiyon, text version, "
        "consent text version, consent version, version"
    ),
    Field.PROOF: (
        "kanıt, kanıt no, kanıt kodu, ispat, ispat no, delil, belge, belge no, form no, kayıt no, izin kaydı, "
        "proof, proof ref, proof reference, evidence, evidence ref, reference, consent reference, consent id"
    ),
    Field.IGNORED: "izin satır, izin sütun, izin neden, izin row, izin column, izin reason",
}


# Read as addresses only where no column says so more plainly: they may hold customer numbers or a shop's landline.
WEAK_ADDRESSES = frozenset({"numara", "number", "evtelefonu", "istelefonu", "homephone", "workphone"})


# Columns that say whether somebody agreed. They prove nothing and stay attributes; but where one says no, it counts.
# Those of e-mail and SMS are left out on purpose.
ANSWERS = (
    "onay, izin, rıza, onay durumu, izin durumu, rıza durumu, onay verdi, izin verdi, pazarlama izni, pazarlama onayı, "
    "ticari ileti izni, ticari ileti onayı, ileti izni, iys durumu, iys izni, iys onayı, whatsapp izni, "
    "whatsapp onayı, consent, consent status, consent given, opt in, optin, opted in, opt in status, permission, "
    "marketing consent, marketing permission, whatsapp consent, whatsapp opt in, whatsapp marketing consent"
)


def header_key(header: str) -> str:
    """What two spellings of a header share: letters and digits, folded ("Cep_No." and "CEP NO" are "cepno")."""
    return re.sub(r"[^a-z0-9]", "", folded(header))


ANSWER_KEYS = frozenset(map(header_key, ANSWERS.split(",")))
FIELD_OF = {header_key(header): field for field, headers in HEADERS.items() for header in headers.split(",")}


def field_of(header: str) -> Field | None:
    """The field that a header names, also where an export lost its Turkish letters ("Onay Tar?h?")."""
    if "?" not in header and "\ufffd" not in header:
        return FIELD_OF.get(header_key(header))
    pattern = re.compile(".?".join(re.escape(header_key(part)) for part in re.split("[?\ufffd]", header)))
    fields = {field for key, field in FIELD_OF.items() if pattern.fullmatch(key)}
    return fields.pop() if len(fields) == 1 else None


class MappingProblem(ValueError):
    """A mapping names a column that the file lacks, or a field that does not exist. `str` is the English sentence."""

    def __init__(self, wording: Wording) -> None:
        super().__init__(wording)
        self.wording = wording

    def __str__(self) -> str:
        return self.wording.say("en")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each field is: indexes into a row. `attributes` are (index, key) of every column without a field, `answers`
    those of them that say whether somebody agreed."""

    headers: tuple[str, ...]
    addresses: tuple[int, ...]
    fields: Mapping[Field, int]
    attributes: tuple[tuple[int, str], ...]
    ignored: frozenset[int]
    answers: tuple[int, ...] = ()

    def name_of(self, index: int) -> str:
        """The header, or the letter that a spreadsheet shows where the header is blank."""
        header = self.headers[index].strip() if index < len(self.headers) else ""
        return header or column_letters(index)

    def read_as(self) -> list[tuple[str, str]]:
        """The name of each column and what it is read as: a field, or "attribute:key"."""
        fields = dict.fromkeys(self.addresses, Field.ADDRESS.value) | {i: f.value for f, i in self.fields.items()}
        fields |= dict.fromkeys(self.ignored, Field.IGNORED.value) | {i: ATTRIBUTE + key for i, key in self.attributes}
        return [(self.name_of(index), fields[index]) for index in sorted(fields)]


def columns_of(headers: Sequence[str], mapping: Mapping[str, str] | None = None) -> Columns:
    """Recognise every header. `mapping` (header -> field, or "attribute:key") goes before what we recognise: a
    field that it gives to one column is taken from every other.

    Where a field appears twice the first column has it and the other is an attribute; several address columns all
    count. Raises MappingProblem.
    """
    chosen = _chosen(headers, mapping or {})
    addresses = _plainest([index for index, name in enumerate(chosen) if name == Field.ADDRESS], headers)
    fields: dict[Field, int] = {}
    for index, name in enumerate(chosen):
        if name in FIELDS and name not in (Field.ADDRESS, Field.IGNORED):
            fields.setdefault(Field(name), index)
    ignored = frozenset(index for index, name in enumerate(chosen) if name == Field.IGNORED)
    taken = {*addresses, *fields.values(), *ignored}
    keys = _unique(
        [
            (index, _attribute_key(name, headers[index], index))
            for index, name in enumerate(chosen)
            if index not in taken
        ]
    )
    answers = tuple(index for index, _ in keys if header_key(headers[index]) in ANSWER_KEYS)
    return Columns(tuple(headers), addresses, fields, keys, ignored, answers)


def _plainest(addresses: list[int], headers: Sequence[str]) -> tuple[int, ...]:
    plain = [index for index in addresses if header_key(headers[index]) not in WEAK_ADDRESSES]
    return tuple(plain or addresses)


FIELDS = frozenset(field.value for field in Field)
ATTRIBUTE = "attribute:"


def _chosen(headers: Sequence[str], mapping: Mapping[str, str]) -> list[str]:
    """For each column its field's name, "attribute:key" from the mapping, or ""."""
    asked = {header_key(header): name.strip() for header, name in mapping.items()}
    present = {header_key(header) for header in headers}
    for header, name in mapping.items():
        if header_key(header) not in present:
            raise MappingProblem(_no_column(header, headers))
        if name.strip() not in FIELDS and not name.strip().startswith(ATTRIBUTE):
            raise MappingProblem(_no_field(header, name))
    claimed = set(asked.values())
    recognised = (field_of(header) or "" for header in headers)
    return [
        asked.get(header_key(header)) or ("" if name in claimed else name)
        for header, name in zip(headers, recognised, strict=True)
    ]


def _no_column(header: str, headers: Sequence[str]) -> Wording:
    there = ", ".join(f"“{one}”" for one in headers)
    return Wording(
        f"Eşlemedeki “{header}” sütunu dosyada yok; dosyadaki sütunlar: {there}.",
        f"The mapping names a column “{header}” that the file does not have; its columns are {there}.",
    )


def _no_field(header: str, name: str) -> Wording:
    known = ", ".join(sorted(FIELDS))
    return Wording(
        f"Eşleme “{header}” sütununa “{name}” alanını veriyor; alanlar şunlardır: {known}, attribute:AD.",
        f"The mapping gives “{header}” the field “{name}”; fields are {known}, attribute:KEY.",
    )


def _attribute_key(name: str, header: str, index: int) -> str:
    key = _slug(name.removeprefix(ATTRIBUTE)) if name.startswith(ATTRIBUTE) else attribute_key(header)
    return key or f"column_{column_letters(index).lower()}"


def attribute_key(header: str) -> str:
    """A header as a template parameter's name: "Son Ürün" -> "son_urun". What most shops have has one name."""
    return ATTRIBUTE_OF.get(_slug(header), _slug(header))


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", folded(text)).strip("_")


# So that one campaign file serves lists in both languages: {person.store} is the column Mağaza, Şube or Store.
ATTRIBUTE_WORDS = {
    "city": "sehir il town",
    "store": "magaza sube shop branch",
    "company": "firma sirket sirket_adi company_name",
    "birthday": "dogum_gunu dogum_tarihi birth_date date_of_birth",
    "email": "e_posta eposta e_mail mail email_address",
}
ATTRIBUTE_OF = {word: key for key, words in ATTRIBUTE_WORDS.items() for word in words.split()}


def _unique(keys: Iterable[tuple[int, str]]) -> tuple[tuple[int, str], ...]:
    seen: dict[str, int] = {}
    unique = []
    for index, key in keys:
        seen[key] = seen.get(key, 0) + 1
        unique.append((index, key if seen[key] == 1 else f"{key}_{seen[key]}"))
    return tuple(unique)


def column_letters(index: int) -> str:
    """0 -> "A", 26 -> "AA", as spreadsheets count."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
