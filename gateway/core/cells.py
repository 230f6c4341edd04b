"""What is wrong in one cell of an opt-in file, by row and column, in words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from consent.address import AddressProblem
from consent.address.problems import shown
from gateway.core.contact import folded
from gateway.core.moments import MomentProblem


class CellCode(StrEnum):
    LANGUAGE_UNKNOWN = "language_unknown"
    ZONE_UNKNOWN = "zone_unknown"
    EXTRA_CELLS = "extra_cells"
    QUOTE_OPEN = "quote_open"
    TOO_LONG = "cell_too_long"
    NOT_JSON = "not_json"
    SAYS_NO = "says_no"


@dataclass(frozen=True, slots=True)
class Unread:
    """What cannot be taken apart into cells: `text` is the line as it stands, or what a quotation mark swallowed."""

    why: CellCode
    text: str


@dataclass(frozen=True, slots=True)
class CellProblem:
    """One bad cell. `line` is the row as a spreadsheet numbers it (the header is row 1), `column` its header."""

    line: int
    column: str
    value: str
    why: AddressProblem | MomentProblem | CellCode

    @property
    def code(self) -> str:
        return str(self.why.code if isinstance(self.why, AddressProblem) else self.why)

    def reason(self, language: str = "en") -> str:
        """What is wrong and what to do, without the place. Quotes the cell: for the file's owner, not for a log."""
        if isinstance(self.why, AddressProblem):
            return self.why.sentence(language)
        turkish, english = SENTENCES[self.why]
        template = turkish if language.lower().startswith("tr") else english
        return template.format(cell=shown(self.value))

    def sentence(self, language: str = "en") -> str:
        """The place and the reason: "Row 12, column “Telefon”: …"."""
        turkish = language.lower().startswith("tr")
        place = f"{self.line}. satır, “{self.column}” sütunu" if turkish else f"Row {self.line}, column “{self.column}”"
        return f"{place}: {self.reason(language)}"


SENTENCES: dict[MomentProblem | CellCode, tuple[str, str]] = {
    MomentProblem.UNREADABLE: (
        "“{cell}” okunabilen bir tarih değil; 31.12.2025 14:30 gibi yazın.",
        "“{cell}” is not a date we can read; write one like 2025-12-31 14:30.",
    ),
    MomentProblem.IN_FUTURE: (
        "“{cell}” gelecekte; izin ileri tarihli olamaz, günün ve ayın sırasını kontrol edin.",
        "“{cell}” lies in the future; nobody can have agreed then, so check the order of day and month.",
    ),
    MomentProblem.TOO_OLD: (
        "“{cell}” bir izin için fazla eski; tablo boş tarihi böyle yazmış olabilir.",
        "“{cell}” is too long ago for a consent; a spreadsheet may have written an empty date that way.",
    ),
    CellCode.LANGUAGE_UNKNOWN: (
        "“{cell}” bildiğimiz bir dil değil; tr, en ya da de gibi yazın.",
        "“{cell}” is not a language we know; write one like tr, en or de.",
    ),
    CellCode.ZONE_UNKNOWN: (
        "“{cell}” bir saat dilimi değil; Europe/Istanbul gibi yazın.",
        "“{cell}” is not a time zone; write one like Europe/Istanbul.",
    ),
    CellCode.EXTRA_CELLS: (
        "satırda başlıktan fazla hücre var (“{cell}”); metnin içindeki ayırıcıyı tırnağa alın.",
        "the row has more cells than the header (“{cell}”); put text that contains the delimiter in quotes.",
    ),
    CellCode.QUOTE_OPEN: (
        "bir tırnak açılmış ve kapanmamış (“{cell}”); tırnağı kapatın ya da silin, sonraki satırlar okunamadı.",
        "a quotation mark was opened and never closed (“{cell}”); close or remove it, the rows after it were not read.",
    ),
    CellCode.NOT_JSON: (
        "satır bir JSON nesnesi değil; her satıra bir nesne yazın.",
        "the line is not a JSON object; write one object a line.",
    ),
    CellCode.SAYS_NO: (
        "“{cell}”: bu kişi kabul etmemiş. Mesaj istemeyenleri `izin optouts import` ile alın ya da satırı silin.",
        "“{cell}”: this person did not agree. Import people who want no messages with `izin optouts import`, or remove "
        "the row.",
    ),
    CellCode.TOO_LONG: (
        "“{cell}” 1.000 karakterden uzun; kısaltın.",
        "“{cell}” is longer than 1,000 characters; shorten it.",
    ),
}


ZONE_WORDS = {"istanbul": "Europe/Istanbul", "turkiye": "Europe/Istanbul", "turkey": "Europe/Istanbul"}
FIXED_OFFSET = re.compile(r"(?:utc|gmt)\s*([+-])\s*0?([0-9]{1,2})(?::?00)?")


@lru_cache(maxsize=4096)
def read_zone(text: str) -> str | None:
    """The IANA zone that a cell names, None for none. "GMT+3" is Etc/GMT-3: the tz database counts the other way."""
    key = folded(text).replace(" ", "_")
    if name := ZONE_WORDS.get(key) or _zones_by_key().get(key):
        return ZoneInfo(name).key
    if (found := FIXED_OFFSET.fullmatch(folded(text))) and int(found[2]) <= 12:
        return "Etc/GMT" if found[2] == "0" else f"Etc/GMT{'-' if found[1] == '+' else '+'}{int(found[2])}"
    return None


@lru_cache(maxsize=1)
def _zones_by_key() -> dict[str, str]:
    return {folded(zone): zone for zone in available_timezones() if "/" in zone or zone == "UTC"}


@lru_cache(maxsize=4096)
def read_tags(text: str) -> frozenset[str]:
    """Tags between commas, semicolons, bars or line breaks, folded, without quotes: "VIP; Çay" is {vip, cay}."""
    return frozenset(filter(None, (folded(tag).strip(" \"'") for tag in re.split(r"[,;|\n/]+", text))))


REFUSALS = (
    "hayir no n h false 0 ret red reddetti reddedildi istemiyor istemedi vermedi verilmedi onaysiz izinsiz iptal "
    "optout optedout unsubscribed declined denied refused rejected revoked withdrawn"
)
NO = frozenset(REFUSALS.split())


@lru_cache(maxsize=4096)
def says_no(text: str) -> bool:
    """Whether an answer refuses: "Hayır", "RET", "opt-out". Blank ones and all others leave it open."""
    return _source_key(text) in NO


SOURCES: dict[str, str] = {
    "web_form": "web, web formu, web form, web sitesi, website, internet, online, site, landing page, form, hs_web",
    "paper": "kağıt, kağıt form, paper, paper form, ıslak imza, imzalı form, basılı form, hs_islak_imza",
    "shop": "mağaza, şube, kasa, shop, store, in store, pos, fiziksel ortam, hs_fiziksel_ortam",
    "call": "çağrı merkezi, telefon, call, call centre, call center, phone, telefonla, hs_cagri_merkezi",
    "qr": "qr, karekod, kare kod, qr kod, qr code",
    "wa_inbound": "whatsapp, wa, whatsapp mesajı, whatsapp message",
    "social": "sosyal medya, social, social media, instagram, facebook, hs_sosyal_medya",
    "email": "e posta, eposta, email, e mail, mail, hs_eposta",
    "sms": "sms, mesaj, kısa mesaj, hs_mesaj",
    "mobile_app": "mobil, mobil uygulama, uygulama, app, mobile app, hs_mobil",
    "event": "etkinlik, fuar, event, fair, trade fair, hs_etkinlik",
    "iys": "iys, ileti yönetim sistemi, iys_web, iys_mobil",
}


def _words(rows: dict[str, str]) -> Iterable[tuple[str, str]]:
    for code, spellings in rows.items():
        for spelling in (code, *spellings.split(",")):
            yield _source_key(spelling), code


def _source_key(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", folded(text))


SOURCE_OF = dict(_words(SOURCES))


@lru_cache(maxsize=4096)
def read_source(text: str) -> str:
    """Where a consent was given, as one code where we know the words ("Web formu" -> web_form), else as written."""
    return SOURCE_OF.get(_source_key(text), text.strip())
