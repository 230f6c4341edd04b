"""Laughing in writing, which makes a request doubtful: its words, and how people spell the sound of it.

Both come from the phrase files (phrases/FORMAT.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from consent.replies.normalise import fold_entry
from consent.replies.vocabulary import EntryProblem

_SOUND = re.compile(r"(?P<lead>[^\W\d_]*)~(?P<syllables>[^\W\d_]+(?:/[^\W\d_]+)*)~(?P<tail>[^\W\d_]*)")
_HELD = re.compile(r"(?:[^\W\d_]\+?)+")


@dataclass(frozen=True, slots=True)
class Laughter:
    """`words` are whole words, `spellings` finds the others among words joined by spaces, `signs` looks anywhere."""

    words: frozenset[str]
    spellings: re.Pattern[str]
    signs: re.Pattern[str]

    def is_in(self, raw: str, words: Sequence[str]) -> bool:
        """Whether somebody is joking: "lol", "hahaha", "kkkk", a laughing face. `words` are folded, `raw` is not."""
        return (
            self.signs.search(raw) is not None
            or not self.words.isdisjoint(words)
            or self.spellings.search(" ".join(words)) is not None
        )


def expression(entry: str, where: str) -> str:
    """The regular expression of a `laughter` entry. Raises EntryProblem for one that has no such form."""
    if sound := _SOUND.fullmatch(entry):
        lead = f"[{sound['lead']}]*" if sound["lead"] else ""
        tail = f"[{sound['tail']}]?" if sound["tail"] else ""
        return f"{lead}(?:{sound['syllables'].replace('/', '|')}){{2,}}{tail}"
    if "+" in entry and _HELD.fullmatch(entry):
        return entry
    word = fold_entry(entry.removesuffix("*"))
    if not word.isalnum() or "~" in entry or "+" in entry:
        raise EntryProblem(f"{where}: {entry!r} is no laughter; write a word, stem*, lo+l or lead~ha/he~tail")
    return word + r"\w*" if entry.endswith("*") else word


def sign(entry: str) -> str:
    """The regular expression of a `laughter-sign` entry: the same letters in either case."""
    pairs = (f"[{letter}{letter.upper()}]" if letter.upper() != letter else re.escape(letter) for letter in entry)
    return "".join(pairs)


def laughter(spellings: Iterable[str], signs: Iterable[str]) -> Laughter:
    spelt = list(dict.fromkeys(spellings))
    others = "|".join(each for each in spelt if not each.isalnum())
    marks = list(signs)
    faces = "".join(mark for mark in marks if len(mark) == 1)
    runs = [mark for mark in marks if len(mark) > 1]
    return Laughter(
        frozenset(each for each in spelt if each.isalnum()),
        re.compile(rf"(?<!\S)(?:{others or '(?!)'})(?!\S)"),
        re.compile("|".join([f"[{faces}]", *runs] if faces else runs) or "(?!)"),
    )
