"""A confirmation code in a message: "ONAY 7F3K9-QW2M8-XPT", typed or sent by a wa.me link or a QR code."""

from __future__ import annotations

import re
from itertools import islice

from consent.replies.folding import fold

CODE_LETTERS_MIN, CODE_LETTERS_MAX = 5, 40
_BEFORE_CODE = frozenset({
    "onay", "onayi", "onayla", "onayliyorum", "onaylarim", "onayim", "confirm", "confirmation", "confirmed",
    "confirmar", "confirmo", "confirmer", "confirma", "conferma", "confermo", "bestatigen", "bestaetigen", "bevestig",
    "bevestigen", "potwierdzam", "code", "kod", "kodu", "kodum", "codigo", "codice", "подтверждаю", "подтвердить",
    "код",
})  # fmt: skip
_EDGES = "\"'.,?\n "
_GROUPS = (5, 5, 3)
"""How our own codes are grouped (consent.optin); written so, they need no digit and may have spaces in them."""
_TOKEN = re.compile(r"[^\s:=#]+")
_TOKENS_MAX = 6


def _tokens(raw: str) -> list[str]:
    """The first few words, folded; a hyphen inside a word has become a space."""
    folded = (fold(found.group()).strip(_EDGES) for found in islice(_TOKEN.finditer(raw), _TOKENS_MAX))
    return [token for token in folded if token]


def _code(after: list[str]) -> str | None:
    pieces = " ".join(after).split()[: len(_GROUPS)]
    if tuple(map(len, pieces)) == _GROUPS and all(map(_is_plain, pieces)):
        return "".join(pieces).upper()
    code = after[0].replace(" ", "")
    fits = CODE_LETTERS_MIN <= len(code) <= CODE_LETTERS_MAX and _is_plain(code)
    return code.upper() if fits and any(map(str.isdigit, code)) else None


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isalnum()


def code_in(raw: str) -> str | None:
    """The code behind a confirming word at the beginning of the message, upper case without hyphens, or None.

    A code has 5 to 40 letters and digits with a digit among them, or the groups of our own codes; that tells it from
    the word that follows "onay" in a sentence.
    """
    tokens = _tokens(raw)
    for place in range(1, len(tokens)):
        if tokens[place - 1] not in _BEFORE_CODE:
            return None
        if code := _code(tokens[place:]):
            return code
    return None
