"""What else a cell may hold instead of a bare number: an id, a link, a spreadsheet's own number, or something else.

Each recogniser answers for the whole cell: addresses, a code saying what is wrong, or None when it is not its shape.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from urllib.parse import unquote

import phonenumbers

from consent.address.numbering import international, is_written_so, number_in
from consent.address.problems import AddressCode
from consent.address.values import BSUID, Address, Bsuid

Shape = Callable[[str, str | None], "list[Address] | AddressCode | None"]

NOTHING = frozenset(
    {"", "-", "--", "---", "—", ".", "?", "0", "yok", "none", "null", "nil", "nan", "n/a", "na", "#n/a", "#yok"}
    | {"boş", "bos", "bilinmiyor", "belirtilmemiş", "belirtilmedi", "empty", "unknown", "no", "hayır", "x"}
)


def blank(text: str, region: str | None) -> AddressCode | None:
    return AddressCode.EMPTY if text.casefold() in NOTHING or not text.strip("-–—._ *") else None


def bsuid(text: str, region: str | None) -> list[Address] | None:
    known = BSUID.fullmatch(text) and text[:2] in phonenumbers.SUPPORTED_REGIONS
    return [Bsuid(text)] if known and not (text[3:4] == "0" and number_in(text[3:], region)) else None  # "NO.0532…"


JID = re.compile(r"(?:whatsapp:)?\+?([0-9-]+)(?:[:._][0-9]+)*@(s\.whatsapp\.net|c\.us|[a-z.]+)", re.IGNORECASE)
PERSONAL = frozenset({"s.whatsapp.net", "c.us"})
SHARED = frozenset({"g.us", "broadcast", "newsletter"})


def whatsapp_id(text: str, region: str | None) -> list[Address] | AddressCode | None:
    """WhatsApp's internal form: 905550001234@c.us, 905550001234:7@s.whatsapp.net, and its groups and hidden ids."""
    found = JID.fullmatch(text)
    if found is None:
        return AddressCode.GROUP if text.lower().endswith(("@g.us", "@broadcast", "@newsletter")) else None
    server = found[2].lower()
    if server in SHARED:
        return AddressCode.GROUP
    if server == "lid":
        return AddressCode.HIDDEN_ID
    phone = international(found[1], region) if server in PERSONAL else None
    return [phone] if phone else AddressCode.NOT_ASSIGNED if server in PERSONAL else None


LINK = r"(?:wa\.me/(?:c/)?|whatsapp(?:\.com/|://)send/?\?(?:\S*?&)?phone=)"
LINK_NUMBER = re.compile(LINK + r"\s*\+?\s*([0-9][0-9 ()-]*)", re.IGNORECASE)
WHATSAPP_LINK = re.compile(r"(?:wa\.me/|whatsapp\.com/|whatsapp://)\S*", re.IGNORECASE)


def whatsapp_link(text: str, region: str | None) -> list[Address] | AddressCode | None:
    """wa.me/905550001234, api.whatsapp.com/send?phone=…, whatsapp://send?phone=…; several are read in order."""
    if not WHATSAPP_LINK.search(text):
        return None
    if DIGIT.search(WHATSAPP_LINK.sub(" ", text)) and not LINK_NUMBER.search(unquote(text)):
        return None
    if "chat.whatsapp.com" in text.lower() or "whatsapp.com/channel" in text.lower():
        return AddressCode.GROUP
    linked = [re.sub(r"[^0-9]", "", digits) for digits in LINK_NUMBER.findall(unquote(text))]
    phones = [international(digits, region) for digits in linked]
    found: list[Address] = [phone for phone in phones if phone]
    if not linked:
        return AddressCode.LINK_WITHOUT_NUMBER
    return list(dict.fromkeys(found)) if len(found) == len(linked) else AddressCode.NOT_ASSIGNED


# What stands for one person wherever it is in a cell. An id inside a text is at least 15 signs: no phone is longer.
ID_INSIDE = re.compile(
    r"((?-i:(?<![\w.])[A-Z]{2}\.(?:ENT\.[A-Za-z0-9]{1,128}|[A-Za-z0-9]{15,128})(?![\w.]))"
    r"|(?<![\w.@])\+?[0-9]{7,15}(?:[:._][0-9]+)*@(?:s\.whatsapp\.net|c\.us)\b"
    rf"|(?:https?://)?(?:[a-z]+\.)?{LINK}(?:\s|\+|%20|%2B)*(?:[0-9]{{1,9}}[ ()-][0-9 ()-]*[0-9]|[0-9][^\s,;|]*))",
    re.IGNORECASE,
)

EMAIL = re.compile(r"[^\s@<>;,]+@[^\s@<>;,]+\.[^\s@<>;,]{2,}")
URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
DIGIT = re.compile(r"[0-9]")


def electronic(text: str, region: str | None) -> AddressCode | None:
    """An e-mail address, a user name or a web page with no number beside it."""
    if EMAIL.search(text) and not DIGIT.search(EMAIL.sub(" ", text)):
        return AddressCode.EMAIL
    if URL.search(text) and not DIGIT.search(URL.sub(" ", text)):
        return AddressCode.LINK_WITHOUT_NUMBER
    return AddressCode.USERNAME if re.fullmatch(r"@[\w.]+", text) else None


MASK = re.compile(r"[*•●▪█]{2,}|[0-9][ -]*[xX](?:[ -]*[xX])+|[xX]{2,}[ -]*[0-9]|[0-9]…|…[0-9]|[0-9_]_{2,}")
CARRIER = re.compile(r"[(\s]*0\s*[xX]{2}[)\s]*[1-9][1-9][)\s-]*[0-9]")  # 0xx11 …: any long-distance carrier of Brazil
IBAN_CELL = re.compile(r"[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{2,4}){3,8}(?: ?[A-Z0-9]{1,3})?")
IBAN_LETTERS_MIN = 15  # Norway's
AMOUNT = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{3},|,[0-9]{3}\.)[0-9]{2}")  # up to 999.999,99; a phone has more digits
MONEY_MARK = re.compile(r"[₺$€£¥]|\b(?:TL|TRY|USD|EUR|GBP|lira|kr)\b", re.IGNORECASE)


def masked(text: str, region: str | None) -> AddressCode | None:
    return AddressCode.MASKED if MASK.search(text) and not CARRIER.match(text) else None


def iban(text: str, region: str | None) -> AddressCode | None:
    bare = text.replace(" ", "")
    return AddressCode.IBAN if len(bare) >= IBAN_LETTERS_MIN and IBAN_CELL.fullmatch(text.upper()) else None


def money(text: str, region: str | None) -> AddressCode | None:
    if AMOUNT.fullmatch(text):
        return AddressCode.MONEY
    bare = MONEY_MARK.sub("", text)
    return AddressCode.MONEY if bare != text and re.fullmatch(r"[\s0-9.,'-]+", bare) else None


EXPONENT = re.compile(r"\+?([0-9]+(?:[.,][0-9]*)?)[eE]\+?([0-9]{1,6})")
FLOAT = re.compile(r"(\+?[0-9]{7,15})[.,]0{1,6}")
THOUSANDS = re.compile(r"(\+?[0-9]{1,3}(?:([.,'’])[0-9]{3})(?:\2[0-9]{3}){2,4})(?:[.,]0{1,2})?")


def spreadsheet_number(text: str, region: str | None) -> list[Address] | AddressCode | None:
    """A number that a spreadsheet wrote its own way: 905550001234.0, 5.550.001.234, 9.05550001234E+11.

    An exponent is read only when every digit is still there; lost digits are never rebuilt.
    """
    if found := EXPONENT.fullmatch(text):
        return _from_exponent(found[1].replace(",", "."), int(found[2]), region)
    if found := FLOAT.fullmatch(text) or THOUSANDS.fullmatch(text):
        phone = number_in(re.sub(r"[^0-9+]", "", found[1]), region)
        return [phone] if phone else None
    return None


def _from_exponent(mantissa: str, exponent: int, region: str | None) -> list[Address] | AddressCode:
    kept = len(mantissa.partition(".")[2])
    if kept < exponent:
        return AddressCode.DIGITS_LOST
    value = Decimal(mantissa).scaleb(exponent)
    phone = number_in(str(int(value)), region) if value == int(value) else None
    return [phone] if phone else AddressCode.NOT_ASSIGNED


DAY = r"(?:0?[1-9]|[12][0-9]|3[01])"
MONTH = r"(?:0?[1-9]|1[0-2])"
YEAR = r"(?:19|20)[0-9]{2}"
CLOCK = r"(?:[ T]+[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9])?(?:\s*[AaPp]\.?[Mm]\.?)?)?"
DATES = rf"(?:{DAY}([./-]){MONTH}\1{YEAR}|{MONTH}([./-]){DAY}\2{YEAR}|{YEAR}([./-]){MONTH}\3{DAY}){CLOCK}"
DATE = re.compile(DATES)
DATE_SHORT_YEAR = re.compile(rf"{DAY}([./-]){MONTH}\1[0-9]{{2}}{CLOCK}|{MONTH}([./-]){DAY}\2[0-9]{{2}}{CLOCK}")
DATE_INSIDE = re.compile(rf"(?<![0-9./-]){DATES}(?![./-]?[0-9])")
CLOCK_INSIDE = re.compile(r"(?<![0-9:])[0-2]?[0-9]:[0-5][0-9](?![0-9:])")


WORDS = r"[^\W\d_]+[.,]?\s+"
DATE_IN_WORDS = re.compile(  # "12. Mai 2023", "Fri May 12, 2023"
    rf"(?:{WORDS}){{0,2}}{DAY}[.,]?\s+(?:{WORDS}){{0,2}}{YEAR}|{DAY}-[^\W\d_]+-(?:{YEAR}|[0-9]{{2}})"
)
HOUR = r"(?:[01]?[0-9]|2[0-4])"
TIMES = re.compile(
    rf"{HOUR}:[0-5][0-9](?::[0-5][0-9])?(?:\s*-\s*{HOUR}:[0-5][0-9])?|{HOUR}\.[0-5]0\s*-\s*{HOUR}\.[0-5]0"
)


def date(text: str, region: str | None) -> AddressCode | None:
    whole = " ".join(text.split())
    ends_with_year = whole[-4:-2] in ("19", "20") or whole[-3:-2] == "-"
    if TIMES.fullmatch(whole) or (ends_with_year and DATE_IN_WORDS.fullmatch(whole)):
        return AddressCode.DATE
    short = DATE_SHORT_YEAR.fullmatch(whole) and not is_written_so(whole, region)
    return AddressCode.DATE if short or DATE.fullmatch(whole) else None


OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
ON_THE_NET = re.compile(
    rf"(?=.*\b[0-9]\b){OCTET}(?:\.{OCTET}){{3}}"
)  # with a single digit: 40.12.34.56 may be Tahiti's
ON_THE_MAP = re.compile(r"-?[1-8]?[0-9]\.[0-9]{3,},\s*-?(?:1[0-7])?[0-9]{1,2}\.[0-9]{3,}")


def elsewhere(text: str, region: str | None) -> AddressCode | None:
    """An address, but of a computer or of a place: 192.168.1.1, or 41.0082, 28.9784."""
    if text[0] not in "-0123456789":
        return None
    return AddressCode.NO_NUMBER if ON_THE_NET.fullmatch(text) or ON_THE_MAP.fullmatch(text) else None


SHAPES: tuple[Shape, ...] = (
    blank, bsuid, whatsapp_id, whatsapp_link, electronic, masked, iban, money, spreadsheet_number, date, elsewhere,
)  # fmt: skip
