"""From a cell to the addresses in it: the shapes first, then one number, then several with words around them."""

from __future__ import annotations

import re

import phonenumbers

from consent.address.numbering import SHORT_CODE_DIGITS_MAX, number_in, why_not
from consent.address.problems import AddressCode, AddressProblem
from consent.address.shapes import CLOCK_INSIDE, DATE_INSIDE, EMAIL, ID_INSIDE, SHAPES, URL
from consent.address.short_cuts import plain_number
from consent.address.spelling import respelt
from consent.address.values import Address, Phone

CELL_CHARACTERS_MAX = 500  # a longer cell is a letter, not an address; reading it would only cost time
RAW_CHARACTERS_MAX = 8 * CELL_CHARACTERS_MAX  # the longest way to write a sign is "&#x0030;"


def read_cell(raw: str, default_region: str | None) -> list[Address] | AddressProblem:
    """Every address in one cell of a file, in order and without repeats, or why there is none.

    `default_region` is the ISO 3166 code under which numbers without a country code are read; None or "" reads only
    numbers that carry one. Never raises, never invents a digit, and never keeps a part of a cell whose other part
    looks like a number but is none.
    """
    if phone := plain_number(raw, default_region):
        return [phone]
    text = respelt(raw) if len(raw) <= RAW_CHARACTERS_MAX else raw
    if len(text) > CELL_CHARACTERS_MAX:
        return AddressProblem(AddressCode.NO_NUMBER, raw)
    region = _region(default_region)
    if text != raw and (phone := plain_number(text, region)):
        return [phone]
    found = _read(text, region)
    if isinstance(found, AddressProblem):
        return AddressProblem(found.code, raw, found.part)
    return AddressProblem(found, raw) if isinstance(found, AddressCode) else found


def _region(default_region: str | None) -> str | None:
    region = (default_region or "").strip().upper()
    return region if region in phonenumbers.SUPPORTED_REGIONS else None


def _read(text: str, region: str | None) -> list[Address] | AddressCode | AddressProblem:
    pieces = ID_INSIDE.split(text) if OF_AN_ID.search(text) else []
    return _read_between_ids(pieces, region) if len(pieces) > 1 else _read_without_ids(text, region)


def _read_between_ids(pieces: list[str], region: str | None) -> list[Address] | AddressCode | AddressProblem:
    """The ids and links of a cell, which `pieces` has at its odd places, and what stands before, between and after."""
    answers = [(piece, _read_without_ids(piece, region)) for piece in pieces if piece.strip(BETWEEN)]
    if len(answers) == 1:
        return answers[0][1]
    found = [address for _, answer in answers if isinstance(answer, list) for address in answer]
    refused = [each for each in answers if not isinstance(each[1], list) and _looks_like_a_number(each[0])]
    if found and refused:
        return AddressProblem(AddressCode.ONE_OF_SEVERAL, "".join(pieces), refused[0][0].strip(BETWEEN))
    if refused:
        return refused[0][1]
    return list(dict.fromkeys(found)) or AddressCode.NO_NUMBER


OF_AN_ID = re.compile(r"[a-zA-Z]\.|[@?]|//")
BETWEEN = " \n\t()[]<>,;:|/&-."


def _read_without_ids(text: str, region: str | None) -> list[Address] | AddressCode | AddressProblem:
    for shape in SHAPES:
        if (found := shape(text, region)) is not None:
            return found
    if LETTER_INSIDE.search(text):
        phone = number_in(text, region)  # free and premium lines write words among their digits
        return [phone] if phone and phone.is_service else AddressCode.LETTER_INSIDE
    plain = EXTENSION.sub(" ", text) if OF_AN_EXTENSION.search(text) else text
    bare = ASIDE.sub(" ", plain) if OF_AN_ASIDE.search(plain) else plain
    if phone := (bare != plain and number_in(bare, region)) or number_in(plain, region):
        return [phone]
    return _several(plain, region)


LETTER_INSIDE = re.compile(r"[0-9](?:(?![xX])[^\W\d_]|[oOlI]{2,})[0-9]")
# Only the words that the library does not know itself; it takes care of ext, x and #.
EXTENSION = re.compile(
    r"[\s,;/(-]*\b(?:dahili|dahilî|dâhili|dah|iç\s*hat|ic\s*hat|int|ext|extension|dhl|durchwahl|poste|ramal|anexo|interno)\b"
    r"[\s.:=#-]*(?:no|numarası)?[\s.:=#-]*[0-9]{1,7}(?:[-/][1-9][0-9]{0,3}(?!\s?[0-9-]))?(?![0-9])\)?"
    r"|(?:\s*[,;/(]\s*[0-9]{1,5}(?:\s*no['’]?lu)?|\s[0-9]{1,5}\s*no['’]?lu)\s*(?:dahili|iç\s*hat)\b(?![\s.:=#-]*(?:no|[0-9]))\)?",
    re.IGNORECASE,
)

OF_AN_EXTENSION = re.compile(r"\b(?:dah|dâh|i[çc]\s*hat|int|ext|dhl|durch|poste|ramal|anexo)", re.IGNORECASE)

MISTYPED = re.compile(r"\b(?=[oOlI]*[0-9])(?=[0-9]*[oOlI])[0-9oOlI]{2,}\b")

# What is no digit of a number even where a plan has room for it: "1) ", "Kunde 12: ", "(2. Stock)", " 2. Stock", 14:30.
ASIDE = re.compile(
    r"^\s*[1-9][0-9]?(?:[.):]|-\))[)\s]+(?=[+(0])|^[^0-9+(]+[1-9](?:[0-9]{0,2}\s*[:)=]\s*(?=[0-9])|[0-9]?\s-\s+(?=[+(0]))"
    r"|\((?=[^()]*[^\W\d_]{2})[^()0-9]*[0-9]{1,2}[^()0-9]*\)|\s[1-9]\.\s?(?=[^\W\d_])"
    rf"|{DATE_INSIDE.pattern}|{CLOCK_INSIDE.pattern}"
)
OF_AN_ASIDE = re.compile(r"[0-9][:.)=]|[0-9]\s?-[\s)]|\([^()0-9]*[0-9]|(?:19|20)[0-9]{2}")
IN_BRACKETS = r"\([0-9][0-9 ]*[0-9]\)"  # no list mark: "(06 1) 234 5678"
LIST_MARK = re.compile(
    rf"({IN_BRACKETS})"
    r"|(?:(?:(?:^|\n)\s*[0-9]{1,2}|(?<![0-9(+.])[0-9])(?:[.):]|-\))[)\s]+|(?<![0-9(+.])[1-9]-(?:\s+|(?=0)))(?=[+(0-9])"
    r"|\([1-9]\)\s*(?=[+(0])|#[0-9]\s"
)
COUNTED = re.compile(  # "(5 hat)", "(2. hat)", "(18 den sonra)", "(1985)", "(oda 101)", "2. hat", "1.Tel", "5 hat"
    r"\((?=[^()]*[^\W\d_])[^()0-9]*[0-9]{1,2}[^()0-9]*\)|\([^()0-9]*[0-9]{1,4}[^()0-9]*\)$"
    r"|(?<![^\s,;/|])(?:[0-9]\.\s*|(?<![0-9]\s)[0-9]{2}\.\s+)(?=[^\W\d_])|(?<=\s)[0-9]{1,2}\s+hat\b",
    re.IGNORECASE,
)
LABEL = re.compile(  # "Ayşe", "Tel1:", "GSM-2 0…", "Şube 3 - 0…", "Oda 101:", "A101 0…"
    r"[^\W\d_]+(?:[0-9]{1,2}(?=\s*[:.)=-])|[-:.#\s]{0,2}[1-9][0-9]?(?=\s*[:.)=]|\s+(?:-\s+)?[+(0](?:[ ()./-]*[0-9]){8})"
    r"|\s?[1-9][0-9]{2,3}(?=\s*:)|[1-9][0-9]{2}(?=\s+(?:\+|\(?0[1-9])))?"
)
SPACED_OUT = re.compile(r"\s-\s|\s{2,}")  # last: it stands within numbers too, "(506) 266 - 2278", which are not halved
GROUP = re.compile(r"[0-9]{3}")
SEPARATORS = (
    LABEL,
    re.compile(r"[;|\n\t]+|(?<=[0-9)])\s*(?=\+)"),
    re.compile(r"[,/&\\]+"),
    SPACED_OUT,
)


def _several(text: str, region: str | None) -> list[Address] | AddressCode | AddressProblem:
    bare = text
    for noise in (URL, EMAIL, DATE_INSIDE, CLOCK_INSIDE, COUNTED):
        bare = noise.sub(" ; ", bare)
    found, leftover = _split(LIST_MARK.sub(lambda mark: mark[1] or " ; ", bare), region, 0, text)
    if not found:
        return AddressCode.LETTER_INSIDE if MISTYPED.search(bare) else why_not(bare, region)
    if leftover:
        return AddressProblem(AddressCode.ONE_OF_SEVERAL, text, leftover[0].strip(" ()-.:"))
    return list(dict.fromkeys(found))


def _split(text: str, region: str | None, level: int, refused: str) -> tuple[list[Phone], list[str]]:
    """The numbers in `text`, and the pieces that look like numbers and are none. `refused` has been tried whole."""
    if not _looks_like_a_number(text):
        return [], []
    if text != refused and (phone := number_in(text, region)):
        return [phone], []
    if level == len(SEPARATORS):
        run = _run(text, region)
        return run, [] if run else [text]
    found: list[Phone] = []
    leftover: list[str] = []
    pieces = SEPARATORS[level].split(text)
    if SEPARATORS[level] is SPACED_OUT and any(
        GROUP.search(piece) and not _looks_like_a_number(piece) for piece in pieces
    ):
        return [], [text]
    for piece in pieces:
        phones, wrong = _split(piece, region, level + 1, text)
        found += phones
        leftover += wrong
    return found, leftover


def _looks_like_a_number(text: str) -> bool:
    """Long enough to be one, or begun with a plus: what stands between two plus signs must not be read by halves."""
    return (
        PLUS_AND_DIGIT.search(text) is not None
        or sum(letter in "0123456789" for letter in text) > SHORT_CODE_DIGITS_MAX
    )


PLUS_AND_DIGIT = re.compile(r"\+[0-9]")
RUN_GROUPS_MAX = 16
RUN_NUMBER_DIGITS_MIN = 10


def _run(text: str, region: str | None) -> list[Phone]:
    """Numbers with nothing but spaces between them, if the groups of digits divide in exactly one way."""
    groups = re.findall(r"\+?[0-9]+", text)
    ways = _ways(groups, region) if 1 < len(groups) <= RUN_GROUPS_MAX else []
    return ways[0] if len(ways) == 1 and len(ways[0]) > 1 else []  # one number would have been read before


def _ways(groups: list[str], region: str | None) -> list[list[Phone]]:
    """Every way to divide `groups` into valid numbers, each long enough not to be a piece of another."""
    endings: list[list[list[Phone]]] = [[[]]]
    for end in range(1, len(groups) + 1):
        here: list[list[Phone]] = []
        for start in range(end):
            digits = "".join(groups[start:end])
            if endings[start] and len(digits) >= RUN_NUMBER_DIGITS_MIN and (phone := number_in(digits, region)):
                here += [[*before, phone] for before in endings[start]]
        endings.append(here)
    return endings[-1]
