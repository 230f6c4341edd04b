"""What the words of a sentence stand for, as one language sees them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache, reduce
from operator import or_

from consent.replies import turkish
from consent.replies.concepts import Concept
from consent.replies.normalise import Break
from consent.replies.patterns import Sentence
from consent.replies.phrasebook import Phrasebook, library
from consent.replies.vocabulary import ANY_LANGUAGE

_KNOWN_WORDS = 20_000
_ARABIC_PREFIX = re.compile("(?:و|ف)?(?:بال|كال|لل|ال|ب|ل|ك)(?=[\u0621-\u064a]{4})|(?:و|ف)(?=[\u0621-\u064a]{4})")
"""And, with, for, like, the: written as one word with the noun behind them."""
_TAKES_OBJECT = Concept.SEND | Concept.DONTSEND | Concept.REMOVE | Concept.CEASE | Concept.LIST | Concept.UNSUB


def _overrule(ideas: dict[str, int], stronger: Iterable[tuple[str, int]]) -> None:
    for language, mask in stronger:
        weaker = ideas.get(language, 0)
        ideas[language] = mask | (weaker & Concept.IDIOM if mask & ~Concept.IDIOM else weaker)


@lru_cache(maxsize=_KNOWN_WORDS)
def ideas_of(word: str) -> dict[str, int]:
    """What the word stands for, language by language. A whole word beats a stem, a longer stem a shorter one."""
    known = library()
    ideas: dict[str, int] = {}
    for length in range(2, min(len(word), known.stem_longest) + 1):
        _overrule(ideas, known.stems.get(word[:length], ()))
    _overrule(ideas, known.words.get(word, ()))
    if mask := turkish.ideas_of(word):
        ideas["tr"] = ideas.get("tr", 0) | mask
    if not ideas and (prefix := _ARABIC_PREFIX.match(word)):
        ideas = {language: mask for language, mask in ideas_of(word[prefix.end() :]).items() if language == "ar"}
    return ideas


def union(masks: Sequence[int]) -> int:
    return reduce(or_, masks, 0)


def is_unknown(mask: int, word: str) -> bool:
    return not mask & ~Concept.NATIVE and not word.isdigit()


def unknown_words(sentence: Sentence, first: int, last: int) -> int:
    """How many of words[first:last] the language does not know."""
    near = zip(sentence.masks[first:last], sentence.words[first:last], strict=True)
    return sum(is_unknown(mask, word) for mask, word in near)


def part(sentence: Sentence, start: int, end: int) -> tuple[int, int]:
    """The words between the commas around words[start:end]."""
    while start > 0 and sentence.breaks[start] < Break.COMMA:
        start -= 1
    while end < len(sentence.words) and sentence.breaks[end] < Break.COMMA:
        end += 1
    return start, end


def masks_of(words: Sequence[str], ideas: Sequence[dict[str, int]], book: Phrasebook) -> list[int]:
    """What each word stands for; in a run of words that stands for something else, its parts no longer count."""
    masks = [idea.get(book.language, idea.get(ANY_LANGUAGE, 0)) for idea in ideas]
    place = 0
    while place < len(words):
        runs = book.runs.get(words[place])
        run = next((run for run in runs if run.matches(words, place)), None) if runs else None
        if run is None:
            place += 1
            continue
        end = place + len(run.words)
        masks[place:end] = [Concept.FILL | Concept.TAIL | (mask & Concept.IDIOM) for mask in masks[place:end]]
        masks[place] = run.mask | (masks[place] & Concept.IDIOM)
        place = end
    return _with_turkish_objects(words, masks) if book.language == "tr" else masks


def _with_turkish_objects(words: Sequence[str], masks: list[int]) -> list[int]:
    """An unknown noun in the accusative before such a verb is its object; "never again" may be said of anything."""
    if union(masks) & Concept.MORE:
        return masks
    for place, (word, mask, following) in enumerate(zip(words, masks, masks[1:], strict=False)):
        if following & _TAKES_OBJECT and is_unknown(mask, word):
            on_list = bool(following & (Concept.LIST | Concept.UNSUB | Concept.CEASE))
            masks[place] |= Concept.OBJECT if turkish.is_object(word, on_list=on_list) else 0
    return masks
