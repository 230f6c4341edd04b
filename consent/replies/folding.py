"""One letter at a time: what a character becomes before words are compared.

The same table folds the data files and the messages, so a word is spelt alike on both sides. Letters lose case,
width, style and (outside Indic scripts, where they carry vowels) marks; Turkish dotless i becomes i, because people
type both. Invisible characters vanish. Everything else becomes one of four separators.
"""

from __future__ import annotations

import unicodedata

SENTENCE, QUESTION, COMMA, QUOTE, LINE, APOSTROPHE = ".", "?", ",", '"', "\n", "'"

_SAME_LETTER = {
    "ı": "i", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "æ": "ae", "œ": "oe", "ə": "e", "þ": "th",
    "ᴀ": "a", "ʙ": "b", "ᴄ": "c", "ᴅ": "d", "ᴇ": "e", "ꜰ": "f", "ɢ": "g", "ʜ": "h", "ɪ": "i", "ᴊ": "j",
    "ᴋ": "k", "ʟ": "l", "ᴍ": "m", "ɴ": "n", "ᴏ": "o", "ᴘ": "p", "ʀ": "r", "ꜱ": "s", "ᴛ": "t", "ᴜ": "u",
    "ᴠ": "v", "ᴡ": "w", "ʏ": "y", "ᴢ": "z",
    # Arabic script: one form for letters that keyboards of different countries type differently
    "ى": "ي", "ی": "ي", "ې": "ي", "ے": "ي", "ک": "ك", "ڪ": "ك", "ة": "ه", "ۀ": "ه", "ە": "ه", "ہ": "ه",
    "ھ": "ه", "ۃ": "ه", "ٱ": "ا", "ـ": "", "ء": "",
    # Devanagari, Bengali, Gujarati, Gurmukhi: candrabindu is written as anusvara as often as not
    "ँ": "ं", "ঁ": "ং", "ઁ": "ં", "ਁ": "ਂ",
}  # fmt: skip

_DROPPED_MARKS = (
    (0x0300, 0x036F), (0x0483, 0x0489), (0x0591, 0x05C7), (0x0610, 0x061A), (0x064B, 0x065F), (0x0670, 0x0670),
    (0x06D6, 0x06DC), (0x06DF, 0x06E8), (0x06EA, 0x06ED), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF),
    (0xFE00, 0xFE0F), (0xFE20, 0xFE2F), (0xE0100, 0xE01EF),
)  # fmt: skip
_NUKTAS = frozenset("\u093c\u09bc\u0a3c\u0abc")

_SEPARATORS = (
    dict.fromkeys(".!;…。।॥۔؛｡！¡·", SENTENCE)
    | dict.fromkeys("?؟？¿;⁇‽", QUESTION)
    | dict.fromkeys(",:،、，：()[]{}/\\|–—―+", COMMA)
    | dict.fromkeys('"“”„‟«»「」『』', QUOTE)
    | dict.fromkeys("\n\r\v\f\x85\u2028\u2029", LINE)
    | dict.fromkeys("'’‘‛`´ʼʻ′＇", APOSTROPHE)
)
_KEPT = frozenset({"L", "N"})


def is_dropped_mark(char: str) -> bool:
    code = ord(char)
    return char in _NUKTAS or any(low <= code <= high for low, high in _DROPPED_MARKS)


def _fold_letter(char: str) -> str:
    if (same := _SAME_LETTER.get(char)) is not None:
        return same
    if is_dropped_mark(char) or unicodedata.category(char) in ("Cf", "Cc", "Cs", "Co", "Cn"):
        return ""
    kept = unicodedata.category(char)[0] in _KEPT or unicodedata.category(char) in ("Mc", "Mn")
    return char if kept else " "


def fold_char(char: str) -> str:
    """What one character becomes: folded letters, one of the separators, a space, or nothing at all."""
    if (separator := _SEPARATORS.get(char)) is not None:
        return separator
    if char == "\t":
        return " "
    if unicodedata.category(char) in ("So", "Sk") and not unicodedata.normalize("NFKC", char)[0].isalnum():
        return "" if 0x1F3FB <= ord(char) <= 0x1F3FF else COMMA
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", char).casefold())
    return "".join(_fold_letter(letter) for letter in plain)


class _Folding(dict[int, str]):
    """A table for str.translate that works out each character once."""

    def __missing__(self, code: int) -> str:
        folded = fold_char(chr(code))
        self[code] = folded
        return folded


_TABLE = _Folding()


def fold(text: str) -> str:
    """Fold every character; linear in the length, whatever the text. Combining marks need no canonical order."""
    return text.translate(_TABLE)
