"""Hearing a request in a sentence: which rules match, in which language, and which of them stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from consent.replies.certainty import certainty_of
from consent.replies.concepts import CORE, Concept
from consent.replies.defeats import (
    QUOTING,
    SILENT,
    defeats_of,
    is_contrary,
    is_defeated,
    is_of_another_head,
    stops_something_else,
)
from consent.replies.grammar import THEY_DONT, Defeat, Outcome, Rule
from consent.replies.ideas import ideas_of, masks_of, part, union, unknown_words
from consent.replies.normalise import Break
from consent.replies.patterns import Sentence, match_from
from consent.replies.phrasebook import Phrasebook, library
from consent.replies.reading import Certainty
from consent.replies.vocabulary import ANY_LANGUAGE

SENTENCE_WORDS_MAX = 60  # a longer run of words is read in pieces, so that no message costs more than linear time
FIRST_WORDS_READ = 500  # 4,096 characters, WhatsApp's limit for a text, are rarely more than 750 words
LAST_WORDS_READ = 250
SPANS_MAX = 3  # a rule that has matched so often in one sentence says nothing new by matching again
LANGUAGE_SHARE_MIN = 0.7  # of the words that the best-fitting language knows, another must know this share
VIEWS_MAX = 5  # no more languages are asked about a sentence; "stop stop" is a word in twenty
MIXED_WORDS_MAX = 10  # who mixes two languages in a longer sentence is not understood
CONDITION_WORDS = 2  # how far before "you do not stop" its if may stand
CONTACT_DENIED_WORDS = 3  # how far before "call me" its denial may stand
_OR = frozenset({"or", "nor", "oder", "ou", "veya", "ne", "или", "או"})  # "do not call, text or email me" goes on
_IF = frozenset(
    {"if", "unless", "eger", "wenn", "falls", "si", "se", "als", "если", "якщо", "अगर", "agar", "om", "kalau"}
)
_FIRST_LANGUAGES = ("tr", "en")
_DENIALS = Concept.NEG | Concept.NONE | Concept.CEASE | Concept.SUBJECT | Concept.DONTWANT | Concept.FED
_EMPTY = Concept.IDIOM | Concept.TAIL | Concept.FILL | Concept.NATIVE
_AND = frozenset({"and", "but", "so", "und", "aber", "et", "mais", "y", "pero", "e", "mas", "ma", "en", "и", "но", "а"})
Span = tuple[Rule, int, int]


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that matched words[start:end] of one sentence, after all defeats.

    `said` holds the ideas of the clause around it, `strangers` counts that clause's words that its language does not
    know, `strangers_after` those of them behind the match; `has_stranger_next` says that one follows at once.
    """

    outcome: Outcome
    certainty: Certainty
    rule: str
    start: int
    end: int
    defeated_by_contact: bool = False
    said: int = 0
    strangers: int = 0
    strangers_after: int = 0
    has_stranger_next: bool = False


def sentences(breaks: Sequence[Break]) -> Iterator[tuple[int, int]]:
    """Where each sentence begins and ends; none is longer than SENTENCE_WORDS_MAX."""
    start = 0
    for place in range(1, len(breaks) + 1):
        at_end = place == len(breaks) or breaks[place] >= Break.SENTENCE
        if at_end or place - start >= SENTENCE_WORDS_MAX:
            yield start, place
            start = place


def _starting(book: Phrasebook, sentence: Sentence) -> Iterator[tuple[Rule, int]]:
    """Every rule and place where its first element matches, rules that cannot match in this sentence left out."""
    union, present = sentence.union, sentence.present
    for place, mask in enumerate(sentence.masks):
        if mask:
            for rule in book.rules_from(mask, union):
                yield rule, place
        if mask & Concept.IDIOM:
            for rule in book.idioms_from(sentence.words[place]):
                also = rule.pattern.also
                if (not also or not also.isdisjoint(present)) and rule.pattern.may_match(union):
                    yield rule, place


def _spans(book: Phrasebook, sentence: Sentence) -> Iterator[Span]:
    times = Counter[str]()
    for rule, place in _starting(book, sentence):
        end = match_from(rule.pattern, sentence, place)
        if end is None or _is_quoting(rule, sentence, place, end) or _is_threatened(rule, sentence, place):
            continue
        if times[rule.name] >= SPANS_MAX and rule.outcome is not Outcome.OTHER:
            continue
        if not _is_denied_contact(rule, sentence, place, end):
            times[rule.name] += 1
            yield rule, place, end


def _is_quoting(rule: Rule, sentence: Sentence, start: int, end: int) -> bool:
    """Whether somebody who "does not write" only says that one should not, or does not want it: "I said don't text"."""
    if rule.name != THEY_DONT:
        return False
    if not _AND.isdisjoint(sentence.words[start:end]):  # "frame it and never send me one again"
        return True
    wishes = union(sentence.masks[start:end]) & (Concept.WANT | Concept.DONTWANT)
    return bool(wishes) or not QUOTING.isdisjoint(sentence.words[start:end])


def _is_threatened(rule: Rule, sentence: Sentence, start: int) -> bool:
    """Whether "do not stop" is only a condition: "if you don't stop texting I will report you"."""
    denies = rule.outcome is Outcome.OTHER and sentence.masks[start] & Concept.NEG
    return bool(denies) and not _IF.isdisjoint(sentence.words[max(0, start - CONDITION_WORDS) : start])


def _is_denied_contact(rule: Rule, sentence: Sentence, start: int, end: int) -> bool:
    """Whether a request for contact is a piece of its opposite: "don't call me", "rufen Sie mich nicht mehr an"."""
    if rule.outcome is not Outcome.CONTACT:
        return False
    first, last = part(sentence, start, end)
    before = union(sentence.masks[max(first, start - CONTACT_DENIED_WORDS) : start])
    after = union(sentence.masks[end : min(last, end + CONTACT_DENIED_WORDS)])
    goes_on = not _OR.isdisjoint(sentence.words[max(0, start - CONTACT_DENIED_WORDS) : start])
    return bool(before & _DENIALS or after & Concept.NEG or goes_on)


@dataclass(frozen=True, slots=True)
class View:
    """A sentence as one language sees it: how many of its words the language knows, and which rules match where."""

    book: Phrasebook
    sentence: Sentence
    known: int
    spans: tuple[Span, ...]

    @property
    def excuses(self) -> bool:
        """Whether a rule says that something in it means something else."""
        return any(rule.outcome is Outcome.OTHER for rule, _, _ in self.spans)

    def knows_as_much_as(self, other: View) -> bool:
        return self.known >= other.known


def _hit(view: View, rule: Rule, start: int, end: int, certainty: Certainty, defeated_by_contact: bool) -> Hit:
    first, last = part(view.sentence, start, end)
    name = f"{view.book.language}.{rule.name}/1"
    said = union(view.sentence.masks[first:last])
    after = unknown_words(view.sentence, end, last)
    strangers = unknown_words(view.sentence, first, end) + after
    following = unknown_words(view.sentence, end, min(end + 1, last)) > 0
    return Hit(rule.outcome, certainty, name, start, end, defeated_by_contact, said, strangers, after, following)


def _heard(view: View, views: Sequence[View], covered: Set[int]) -> Iterator[Hit]:
    """The view's rules that stand, defeats seen by any language that knows as many of the words included."""
    judges = [other for other in views if other.knows_as_much_as(view)]
    ideas = union([judge.sentence.union for judge in judges])
    uninvited = {end for rule, _, end in view.spans if rule.outcome is Outcome.UNINVITED}
    for rule, start, end in view.spans:
        if rule.outcome is Outcome.CONTACT and end in uninvited:
            continue
        if rule.outcome in SILENT or not covered.isdisjoint(range(start, end)):
            continue
        defeats = defeats_of(rule, view.sentence, start, end)
        if defeats and any(is_defeated(defeats, judge.sentence, start, end) for judge in judges):
            continue
        if stops_something_else(rule, view.sentence, start, end, view.book.orders):
            continue
        if is_contrary(rule, view.sentence, start, end, view.book.language):
            continue
        if is_of_another_head(rule, view.sentence, start, end):
            continue
        certainty = certainty_of(rule, defeats, view.sentence, ideas, start, end)
        yield _hit(view, rule, start, end, certainty, bool(defeats & Defeat.CONTACT))


def _fitting(ideas: Sequence[Mapping[str, int]]) -> Iterator[tuple[str, int]]:
    """The languages that have something to say and know nearly as many of the words as the one that knows most.

    Words that all languages share tell none of them apart; where there are no others, English stands for all.
    """
    present: dict[str, int] = {}
    counts: dict[str, int] = {}
    for idea in ideas:
        for language, mask in idea.items():
            present[language] = present.get(language, 0) | mask
            counts[language] = counts.get(language, 0) + 1
    shared = present.pop(ANY_LANGUAGE, 0)
    counts.pop(ANY_LANGUAGE, None)
    enough = max(counts.values(), default=0) * LANGUAGE_SHARE_MIN
    for language, mask in (present or {"en": 0}).items():
        if (mask | shared) & CORE and counts.get(language, 0) >= enough:
            yield language, counts.get(language, 0)


def _view(book: Phrasebook, words: Sequence[str], breaks: Sequence[Break], ideas: Sequence[dict[str, int]]) -> View:
    masks = masks_of(words, ideas, book)
    known = sum(book.language in idea for idea in ideas)
    sentence = Sentence(words, breaks, masks, union(masks), frozenset(words))
    return View(book, sentence, known, tuple(_spans(book, sentence)))


def _views(words: Sequence[str], breaks: Sequence[Break], ideas: Sequence[dict[str, int]]) -> list[View]:
    fitting = sorted(_fitting(ideas), key=lambda pair: (-pair[1], pair[0] not in _FIRST_LANGUAGES))
    return [_view(library().books[language], words, breaks, ideas) for language, _ in fitting[:VIEWS_MAX]]


def _of_either(idea: Mapping[str, int]) -> int:
    first, second = (idea.get(language, 0) for language in _FIRST_LANGUAGES)
    return first if first & ~_EMPTY else first | second


def _mixed_views(words: Sequence[str], breaks: Sequence[Break], ideas: Sequence[dict[str, int]]) -> list[View]:
    """The sentence as somebody sees it who speaks both of the house's languages: "delete numaram".

    None where one of the two has nothing to add; Turkish is asked first about a word.
    """
    if len(words) > MIXED_WORDS_MAX:
        return []
    first, second = _FIRST_LANGUAGES
    masks = [(idea.get(first, 0) & ~_EMPTY, idea.get(second, 0) & ~_EMPTY) for idea in ideas]
    if not any(mine and not other for mine, other in masks) or not any(other and not mine for mine, other in masks):
        return []
    both = [dict.fromkeys(_FIRST_LANGUAGES, mask) if (mask := _of_either(idea)) else idea for idea in ideas]
    return [_view(library().books[language], words, breaks, both) for language in _FIRST_LANGUAGES]


def _hits(views: Sequence[View]) -> list[tuple[View, list[Hit]]]:
    excused = [(start, end) for view in views for rule, start, end in view.spans if rule.outcome is Outcome.OTHER]
    covered = {place for start, end in excused for place in range(start, end)}
    return [(view, list(_heard(view, views, covered))) for view in views]


def hear_sentence(words: Sequence[str], breaks: Sequence[Break]) -> list[Hit]:
    """What the rules of the fitting languages hear in one sentence. What one of them excuses, none may accuse.

    Where a language that knows as many of the words hears nothing, what another hears is only likely. So is what is
    heard where two languages are mixed.
    """
    ideas = [ideas_of(word) for word in words]
    heard = _hits(_views(words, breaks, ideas))
    if not any(hits or view.excuses for view, hits in heard):
        mixed = _hits(_mixed_views(words, breaks, ideas))
        return [replace(hit, certainty=Certainty.LIKELY) for _, hits in mixed for hit in hits]
    silent = max((view.known for view, hits in heard if not hits), default=-1)
    return [
        replace(hit, certainty=Certainty.LIKELY) if silent >= view.known else hit
        for view, hits in heard
        for hit in hits
    ]


def _read_stretches(words_count: int) -> tuple[tuple[int, int], ...]:
    """Which words are searched for phrases: all, or the beginning and the end of a message no person types."""
    if words_count <= FIRST_WORDS_READ + LAST_WORDS_READ:
        return ((0, words_count),)
    return (0, FIRST_WORDS_READ), (words_count - LAST_WORDS_READ, words_count)


def hear(words: Sequence[str], breaks: Sequence[Break]) -> list[Hit]:
    """Everything heard in the message, defeats by a request for contact applied.

    Of a message longer than WhatsApp lets a person send only the first FIRST_WORDS_READ and the last LAST_WORDS_READ
    words are searched, so that the longest costs little more than a long one.
    """
    hits: list[Hit] = []
    for first, last in _read_stretches(len(words)):
        for start, end in sentences(breaks[first:last]):
            start, end = start + first, end + first
            found = hear_sentence(words[start:end], breaks[start:end])
            hits.extend(replace(hit, start=hit.start + start, end=hit.end + start) for hit in found)
    if any(hit.outcome is Outcome.CONTACT for hit in hits):
        hits = [hit for hit in hits if not hit.defeated_by_contact]
    return hits
