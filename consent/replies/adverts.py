"""An advertisement sent back: our own footer echoed, or somebody else's promotion forwarded.

Such a message is full of words that stop ("RET yazıp 3404'e gönderin", "reply STOP to opt out") and asks for nothing.
A person's own STOP stands in a line of its own beside it, or is the whole message; neither is read here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from consent.replies.normalise import Words

ADVERT_WORDS_MIN = 9  # shorter than that nobody advertises anything
_SIGNS_MIN = 2
_SIGNS = (
    re.compile(r"https?:|www\.|\w\.(?:com|net|org|co|ly|gl|tr|uk|io|me)\b", re.IGNORECASE),
    re.compile(r"mersis", re.IGNORECASE),
    re.compile(r"[%£$€]\s?\d|\d\s?(?:%|£|\$|€|tl\b|usd\b|eur\b)|\d+\s?(?:pounds|lira)", re.IGNORECASE),
    re.compile(r"\b\d{4,6}\b"),
    re.compile(r"\d\s?p(?:pm|\b)|/\s?(?:msg|wk|min)|\bt\s?&\s?c|\bcost\b", re.IGNORECASE),
    re.compile(r"\b0[89]\d{8,9}\b"),
    re.compile(
        r"\b(?:indirim|firsat|fırsat|kampanya|taksit|free|win|offer|prize|claim|sale|deal|gratis|rabatt|promo)",
        re.IGNORECASE,
    ),
)
_INSTRUCTIONS = frozenset(
    [
        "reply",
        "text",
        "txt",
        "send",
        "sms",
        "yazip",
        "yazin",
        "yaz",
        "yazarak",
        "gonder",
        "gonderin",
        "gonderebilirsiniz",
        "yollayabilirsiniz",
        "antworten",
        "sende",
        "responda",
        "responde",
        "envie",
        "envia",
        "rispondi",
        "invia",
        "repondez",
        "envoyez",
        "stuur",
        "antwoord",
        "ответьте",
        "отправьте",
    ]
)


def is_advert(message: Words, words: Sequence[str]) -> bool:
    """Whether the message looks like an advertisement that says how to stop it."""
    if len(words) < ADVERT_WORDS_MIN or _INSTRUCTIONS.isdisjoint(words):
        return False
    return sum(sign.search(message.raw) is not None for sign in _SIGNS) >= _SIGNS_MIN
