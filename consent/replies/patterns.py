"""Patterns over the words of a sentence: how a rule or an idiom is written, and where it matches.

    <neg> .. <send>      an idea, up to three other words, an idea; within one part between commas
    <neg> ... <msg>      up to six other words, and a comma may lie between
    sign <me> . up       up to one other word between; dots add up
    lose my number       these words, next to each other
    keep* us/me out      a word that begins with keep; one of two words
    dont bother $        nothing more follows, before the next comma at least

Gaps are bounded, so trying a pattern at one place takes a bounded number of steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from consent.replies.concepts import Concept
from consent.replies.normalise import Break, fold_entry

END = "$"
_GAPS = {".": (1, False), "..": (3, False), "...": (6, True)}


@dataclass(frozen=True, slots=True)
class Element:
    """One step of a pattern: an idea, or words, and how many others may lie before it."""

    concept: int
    words: frozenset[str]
    prefixes: tuple[str, ...]
    gap_max: int
    crosses_comma: bool

    def accepts(self, word: str, mask: int) -> bool:
        if self.concept:
            return bool(mask & self.concept)
        return word in self.words or (bool(self.prefixes) and word.startswith(self.prefixes))


@dataclass(frozen=True, slots=True)
class Pattern:
    """A sequence of elements. `must` holds ideas it cannot match without; of each in `choices`, one bit is needed.

    Of the words in `also`, if there are any, one must be in the sentence too.
    """

    elements: tuple[Element, ...]
    must: int
    choices: tuple[int, ...]
    also: frozenset[str]
    text: str

    def may_match(self, union: int) -> bool:
        """Whether a sentence whose words stand for these ideas can match at all."""
        return union & self.must == self.must and all(union & choice for choice in self.choices)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence as one language sees it: words, breaks before them, the ideas each stands for, and their union.

    `present` holds the same words, for asking whether one is among them.
    """

    words: Sequence[str]
    breaks: Sequence[Break]
    masks: Sequence[int]
    union: int
    present: frozenset[str]


@cache
def _element(text: str, gap: tuple[int, bool]) -> Element:
    concept, words, prefixes = 0, set[str](), list[str]()
    for part in text.split("/"):
        if part.startswith("<") and part.endswith(">"):
            concept |= Concept[part[1:-1].upper()]
        elif part.endswith("*"):
            prefixes.append(fold_entry(part[:-1]))
        else:
            words.add(part if part == END else fold_entry(part))
    return Element(concept, frozenset(words), tuple(prefixes), *gap)


def _tokens(text: str) -> Iterator[str]:
    """The pattern's tokens; what folding cuts in two (m'oppose, 停止) becomes two."""
    for token in text.split():
        if "/" in token or "<" in token or token in _GAPS or token == END:
            yield token
            continue
        words = fold_entry(token.removesuffix("*")).split()
        yield from words[:-1]
        yield from (word + "*" if token.endswith("*") else word for word in words[-1:])


def _also(elements: Sequence[Element]) -> frozenset[str]:
    """The words of that element behind the first which has the fewest, if it accepts nothing but words."""
    plain = (element.words for element in elements[1:] if not element.concept and not element.prefixes)
    return min((words for words in plain if END not in words), key=len, default=frozenset())


def compile_pattern(text: str) -> Pattern:
    """Read a pattern. Raises ValueError in words when it has no elements or names an unknown idea."""
    elements: list[Element] = []
    gap = (0, False)
    for token in _tokens(text):
        if token in _GAPS:
            gap = (gap[0] + _GAPS[token][0], gap[1] or _GAPS[token][1])
            continue
        try:
            elements.append(_element(token, gap))
        except KeyError as unknown:
            raise ValueError(f"{unknown} in {text!r} is no idea; they are listed in concepts.py") from None
        gap = (0, False)
    if not elements:
        raise ValueError(f"{text!r} has no words")
    needs = {element.concept for element in elements if element.concept}
    choices = tuple(sorted(need for need in needs if need & (need - 1)))
    must = sum(need for need in needs if not need & (need - 1))
    return Pattern(tuple(elements), must, choices, _also(elements), text)


def _match_rest(pattern: Pattern, sentence: Sentence, index: int, place: int) -> int | None:
    """The end of the shortest match of elements[index:], the element before having matched just before `place`."""
    if index == len(pattern.elements):
        return place
    element = pattern.elements[index]
    if END in element.words:
        return place if place == len(sentence.words) or sentence.breaks[place] >= Break.COMMA else None
    tail = Concept.TAIL if pattern.elements[index - 1].concept else 0  # of a run matched as an idea, not by its words
    others_left = element.gap_max
    for at in range(place, len(sentence.words)):
        if sentence.breaks[at] >= Break.COMMA and not element.crosses_comma:
            return None
        if element.accepts(sentence.words[at], sentence.masks[at]):
            end = _match_rest(pattern, sentence, index + 1, at + 1)
            if end is not None:
                return end
        if not sentence.masks[at] & tail:
            others_left -= 1
            if others_left < 0:
                return None
    return None


def match_from(pattern: Pattern, sentence: Sentence, place: int) -> int | None:
    """Where a match ends (exclusive) whose first element has matched at `place`; None when the rest does not."""
    return _match_rest(pattern, sentence, 1, place + 1)
