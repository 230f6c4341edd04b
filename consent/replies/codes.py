"""A confirmation code in a message: "ONAY 7F3K9Q", typed or sent by a wa.me link or a QR code."""

from __future__ import annotations

import re

from consent.replies.folding import fold

CODE_LETTERS_MIN, CODE_LETTERS_MAX = 5, 40
_BEFORE_CODE = frozenset(
    [
        "onay",
        "onayi",
        "onayla",
        "onayliyorum",
        "onaylarim",
        "onayim",
        "confirm",
        "confirmation",
        "confirmed",
        "confirmar",
        "confirmo",
        "confirmer",
        "confirma",
        "conferma",
        "confermo",
        "bestatigen",
        "bestaetigen",
        "bevestig",
        "bevestigen",
        "potwierdzam",
        "code",
        "kod",
        "kodu",
        "kodum",
        "codigo",
        "codice",
        "подтверждаю",
        "подтвердить",
        "код",
    ]
)
_EDGES = "\"'.,?\n "
_SPLIT = re.compile(r"[\s:=#]+")
_TOKENS_MAX = 6


def _plain(token: str) -> str:
    return fold(token).strip(_EDGES)


def code_in(raw: str) -> str | None:
    """The code behind a confirming word at the beginning of the message, upper case without hyphens, or None.

    A code has 5 to 40 letters and digits and at least one digit; that tells it from the word after "onay".
    """
    tokens = [
        plain for token in _SPLIT.split(raw.strip(), maxsplit=_TOKENS_MAX)[:_TOKENS_MAX] if (plain := _plain(token))
    ]
    for before, after in zip(tokens, tokens[1:], strict=False):
        if before not in _BEFORE_CODE:
            return None
        code = after.replace(" ", "")
        long_enough = CODE_LETTERS_MIN <= len(code) <= CODE_LETTERS_MAX
        if long_enough and code.isascii() and code.isalnum() and any(char.isdigit() for char in code):
            return code.upper()
    return None
