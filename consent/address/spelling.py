"""One way to write a cell: ASCII digits, plain spaces and dashes, nothing invisible, no spreadsheet wrapping."""

from __future__ import annotations

import html
import re
import unicodedata
from urllib.parse import unquote

INVISIBLE = frozenset({"Cf", "Cc"})
KEYCAP = "\u20e3"
KEYCAPS = frozenset("\ufe0e\ufe0f" + KEYCAP)
LOOKALIKES = {"\u066b": ".", "\u066c": ",", "\u060c": ",", "\u061b": ";", "\u2212": "-", "\u2215": "/", "\u2044": "/"}
LOOKALIKES |= {"\n": "\n", "\r": "\n", "\t": "\t", "\u2028": "\n", "\u00b7": ".", "\u2022": "•", "\u30fc": "-"}

WRAPPING = re.compile(r"""=?\s*["'“”„«»`´‘’]+\s*(.*?)\s*["'“”„«»`´‘’]*""", re.DOTALL)
EMPHASIS = re.compile(r"([*_~]{1,2})([^*_~]+)\1")  # **0555 …**, as chats write it; a mask has its stars on one side
KEYCAP_MARK = re.compile(r"([0-9])\ufe0f?\u20e3\s+(?=[+(]?[0-9][^\ufe0f\u20e3])")  # 1️⃣ 0555 …: the mark of a list
ENTITY = re.compile(r"&#?[a-zA-Z0-9]{2,8};")
ESCAPED_IN_LINKS = re.compile(r"[^/]*%2[0-9a-fA-F][^/]*")  # a number cut out of a link; a whole link is read elsewhere


def respelt(raw: str) -> str:
    """`raw` with digits of every script as 0-9, invisible characters gone, quotes and `="…"` taken off."""
    text = html.unescape(raw) if ENTITY.search(raw) else raw
    if ESCAPED_IN_LINKS.fullmatch(text):
        text = unquote(text)
    if not text.isascii():
        if KEYCAP in text:
            text = KEYCAP_MARK.sub(r"\1) ", text)
        text = "".join(map(_plain, text))
    text = text.strip()
    if found := WRAPPING.fullmatch(text):
        text = found[1]
    elif found := EMPHASIS.fullmatch(text):
        text = found[2].strip()
    return text


def _plain(letter: str) -> str:
    if letter.isascii() or letter in LOOKALIKES:
        return LOOKALIKES.get(letter, letter)
    category = unicodedata.category(letter)
    if category == "Nd":
        return str(unicodedata.decimal(letter))
    if category in INVISIBLE or letter in KEYCAPS:
        return ""
    if category in ("Zs", "Zl", "Zp"):
        return " "
    if category == "Pd":
        return "-"
    return unicodedata.normalize("NFKC", letter) if "\uff01" <= letter <= "\uff5e" else letter
