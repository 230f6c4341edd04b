"""From what arrived to words: decoding, folding, quoted history, spelling tricks.

A message becomes `Words`: folded words, and before each word how strong the break is that separates it from the one
before. All steps are single passes, so the time is linear in the length of the message.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from consent.replies.folding import COMMA, LINE, QUESTION, QUOTE, SENTENCE, fold
from consent.replies.lookalikes import unmix


class Break(IntEnum):
    """What stands before a word."""

    NONE = 0
    COMMA = 1
    SENTENCE = 2
    LINE = 3


@dataclass(frozen=True, slots=True)
class Words:
    """A message as folded words; `breaks[i]` stands before `words[i]`. `raw` is the person's own text, unfolded.

    `questions` are the places of words behind which a question mark stands.
    """

    words: tuple[str, ...]
    breaks: tuple[Break, ...]
    raw: str
    is_all_quoted: bool = False
    questions: frozenset[int] = frozenset()


_BREAKS = {COMMA: Break.COMMA, QUOTE: Break.COMMA, SENTENCE: Break.SENTENCE, QUESTION: Break.SENTENCE, LINE: Break.LINE}
_UNSPACED = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff"  # Thai, Japanese, Chinese: every character is a word of its own
_TOKEN = re.compile(rf"""[{_UNSPACED}]|[^\s.,?"{_UNSPACED}]+|[.,?"\n]""")
_PLAIN = re.compile(rf"""[^.,?"'\n{_UNSPACED}]+""")
_ENTRIES_KEPT = 16_384  # the data files say the same words again and again
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_CONTRACTION = re.compile(r"(?<=\w)'(?=(?:t|s|re|ve|ll|m|d)\b)")
_DASH = re.compile(r"(?<=\w)(?: -{1,2} ?|- )(?=\w)")  # between words; inside one a hyphen joins
_REPEATS = re.compile(r"([^\W\d_])\1{2,}")
_QUOTED_LINE = re.compile(
    r"^[\s\u200b-\u200f\u202a-\u202e\u2066-\u2069]*(?:>|\[\d{1,2}[:./]\d{1,2}[^\]\n]{0,40}\][^:\n]{0,60}:)"
)
_HISTORY = re.compile(
    r"^[\s>]*(?:-{2,} ?(?:original|forwarded|orijinal|iletilen|ursprüngliche|mensaje|mensagem|message)"
    r"|_{10,}$|(?:on|am|le|el|em|il) [^\n]{0,120}(?:wrote|schrieb|a écrit|escribió|escreveu|ha scritto) ?:)",
    re.IGNORECASE,
)
_LETTER_RUN_MIN = 3


def decode(text: str | bytes) -> str:
    """Bytes as UTF-8, or else as Turkish Windows-1254, which knows a character for nearly every byte."""
    if isinstance(text, str):
        return text
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("cp1254", errors="replace")


def unquoted(text: str) -> tuple[str, bool]:
    """The person's own lines, and whether there were none and the quoted ones had to stand in for them."""
    if ">" not in text and "[" not in text and ":" not in text and "--" not in text:
        return text, False
    own: list[str] = []
    lines = text.splitlines()
    for line in lines:
        if _HISTORY.match(line):
            break
        if not _QUOTED_LINE.match(line):
            own.append(line)
    if any(any(char.isalnum() for char in line) for line in own):
        return "\n".join(own), False
    return "\n".join(_QUOTED_LINE.sub("", line) for line in lines), True


def _join_spelt_out(tokens: list[str]) -> list[str]:
    """Join runs of single letters ("d u r", "S.T.O.P"), whatever separates them."""
    joined: list[str] = []
    run: list[int] = []

    def close() -> None:
        if len(run) >= _LETTER_RUN_MIN:
            first = run[0]
            joined[first:] = ["".join(token for token in joined[first:] if len(token) == 1 and token.isalnum())]
        run.clear()

    for token in tokens:
        is_letter = len(token) == 1 and token.isalpha() and not _IS_UNSPACED.match(token)
        if not is_letter and (len(token) > 1 or token == LINE or token.isalnum()):
            close()
        if is_letter:
            run.append(len(joined))
        joined.append(token)
    close()
    return joined


def _tokens(folded: str) -> list[str]:
    plain = _CONTRACTION.sub("", folded).replace("'", " ")
    return _TOKEN.findall(_REPEATS.sub(r"\1", plain))


def _with_breaks(tokens: list[str]) -> tuple[list[str], list[Break], frozenset[int]]:
    """Words, the break before each, and which are followed by a question mark; "dur dur dur" is said once."""
    words: list[str] = []
    breaks: list[Break] = []
    questions: set[int] = set()
    pending = Break.LINE
    for token in tokens:
        if (strength := _BREAKS.get(token)) is not None:
            pending = max(pending, strength)
            if token == QUESTION:
                questions.add(len(words) - 1)
            continue
        word = unmix(token)
        if pending is not Break.NONE or words[-1] != word or _IS_UNSPACED.match(word):
            words.append(word)
            breaks.append(pending)
        pending = Break.NONE
    return words, breaks, frozenset(questions)


def normalise(text: str | bytes) -> Words:
    """Read any text as words. Never raises; the time is linear in the length."""
    raw, is_all_quoted = unquoted(decode(text))
    words, breaks, questions = _with_breaks(_join_spelt_out(_tokens(fold(_DASH.sub(" , ", raw)))))
    return Words(tuple(words), tuple(breaks), raw, is_all_quoted, questions)


@lru_cache(maxsize=_ENTRIES_KEPT)
def fold_entry(entry: str) -> str:
    """A data file's entry as the words it has after folding, one space between them."""
    folded = fold(entry)
    if _PLAIN.fullmatch(folded):
        tokens = _REPEATS.sub(r"\1", folded).split()
    else:
        tokens = [token for token in _tokens(folded) if token not in _BREAKS]
    if len(tokens) >= _LETTER_RUN_MIN and all(len(token) == 1 for token in tokens):
        tokens = _join_spelt_out(tokens)
    return " ".join(tokens)
