"""Words that are not known as they stand but are meant to be: "stoop", "st0p", "stopstop", "unsubcribe".

Doubled letters, digits for letters and a word said twice are the same word. One slip of the thumb in a long word is
taken as a guess, so whatever rests on it is only likely.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from consent.replies import turkish
from consent.replies.concepts import CORE, Concept
from consent.replies.ideas import ideas_of
from consent.replies.lookalikes import as_latin
from consent.replies.phrasebook import library
from consent.replies.vocabulary import Role, shipped

GUESS_LETTERS_MIN = 8  # in a shorter word one slip makes another word
GUESSED_LANGUAGES = ("en", "tr")
DISGUISED_LETTERS_MIN = 4  # "st0p" is a word in disguise, "a1" is not
SHORT_WORD_LETTERS = 4  # doubled inside a short word, a letter is part of it: duur is not dur
WORD_LETTERS_MAX = 40
_DOUBLES = re.compile(r"(.)\1")
_TWICE = re.compile(r"(.{2,8}?)\1+")
_DIGITS = str.maketrans("013457", "oieast")
_GUESSED = CORE & ~(Concept.IDIOM | Concept.REPORT | Concept.CONSENT)
_KNOWN_WORDS = 20_000
_STOPS = (Role.STOP, Role.STOP_ALONE, Role.STOP_ALL)


def is_known(word: str) -> bool:
    return word in shipped().words or word in library().run_words or bool(ideas_of(word))


def _is_stop(word: str) -> bool:
    return not shipped().single_words.get(word, frozenset()).isdisjoint(_STOPS)


@cache
def _guessable() -> frozenset[str]:
    """Long words whose loss would lose a request. Elsewhere a slip makes real words: an-, abgemeldet."""
    books = [library().books[language] for language in GUESSED_LANGUAGES]
    lexicon = {word for book in books for word, mask in book.words.items() if mask & _GUESSED}
    keywords = {word for word in shipped().single_words if _is_stop(word)}
    words = lexicon | keywords | set(turkish.common_forms())
    return frozenset(word for word in words if len(word) >= GUESS_LETTERS_MIN)


@cache
def _squeezed() -> dict[str, str]:
    short = {word for word, roles in shipped().single_words.items() if _is_stop(word) or Role.POLITE in roles}
    return {_DOUBLES.sub(r"\1", word): word for word in sorted(short | _guessable())}


def _shortened(word: str) -> Iterator[str]:
    """The word without one letter, each in turn; its first letter stays."""
    for place in range(1, len(word)):
        yield word[:place] + word[place + 1 :]


@cache
def _by_shortened() -> dict[str, str]:
    table: dict[str, str] = {}
    for word in sorted(_guessable()):
        for short in _shortened(word):
            table.setdefault(short, word)
    return table


def _guess(word: str) -> str | None:
    """A guessable word that differs by one letter left out, added, changed or swapped with its neighbour."""
    if not GUESS_LETTERS_MIN - 1 <= len(word) <= WORD_LETTERS_MAX:
        return None
    table = _by_shortened()
    if word in table:
        return table[word]
    for short in _shortened(word):
        if short in _guessable():
            return short
        if (meant := table.get(short)) is not None and _is_one_slip(word, meant):
            return meant
    return None


def _is_one_slip(word: str, meant: str) -> bool:
    """For words of one length: one letter changed, or two neighbours swapped."""
    if len(word) != len(meant):
        return False
    wrong = [place for place in range(len(word)) if word[place] != meant[place]]
    if len(wrong) == 1:
        return True
    return (
        len(wrong) == 2
        and wrong[1] == wrong[0] + 1
        and word[wrong[0]] == meant[wrong[1]]
        and word[wrong[1]] == meant[wrong[0]]
    )


def _is_drawn_out(word: str) -> bool:
    return len(word) >= DISGUISED_LETTERS_MIN and word[-1] == word[-2]


def _respelt(word: str) -> str | None:
    """The same word without doubled letters, lookalikes, digits or repetition, if that is one we know."""
    if (_is_drawn_out(word) or len(word) > SHORT_WORD_LETTERS) and (
        plain := _squeezed().get(_DOUBLES.sub(r"\1", word))
    ):
        return plain
    if (
        len(word) >= DISGUISED_LETTERS_MIN
        and (latin := as_latin(word)) is not None
        and latin != word
        and _is_stop(latin)
    ):
        return latin
    if len(word) >= DISGUISED_LETTERS_MIN and any(map(str.isdigit, word)) and any(map(str.isalpha, word)):
        letters = word.translate(_DIGITS)
        return letters if letters.isalpha() and is_known(letters) else None
    return None


def _is_drawn_out_stop(word: str) -> bool:
    """Whether a word known only by its beginning is a keyword with its last letter doubled: "iptall"."""
    if not _is_drawn_out(word) or word in library().words:
        return False
    return _is_stop(word[:-1])


def _said_twice(word: str) -> str | None:
    twice = _TWICE.fullmatch(word)
    return twice[1] if twice and _is_stop(twice[1]) else None


@lru_cache(maxsize=_KNOWN_WORDS)
def meant_by(word: str) -> tuple[str, bool]:
    """The word that was meant, and whether that is only a guess."""
    if len(word) > WORD_LETTERS_MAX or word in shipped().words:
        return word, False
    if turkish.is_not_wanted_now(word):
        return "istemiyorum", False
    if (once := _said_twice(word)) is not None:
        return once, False
    if is_known(word) and not _is_drawn_out_stop(word):
        return word, False
    if (same := _respelt(word)) is not None:
        return same, False
    if (meant := _guess(word)) is not None:
        return meant, True
    return word, False
