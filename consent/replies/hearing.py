"""Hearing a request in a sentence: which rules match, and what takes their force away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import lru_cache, reduce
from operator import or_

from consent.replies import turkish
from consent.replies.concepts import CORE, Concept
from consent.replies.grammar import MESSAGES_THEN_VERB, THEY_DONT, VERB_LAST, Defeat, Outcome, Rule
from consent.replies.normalise import Break
from consent.replies.patterns import Sentence, match_from
from consent.replies.phrasebook import Phrasebook, library
from consent.replies.reading import Certainty
from consent.replies.vocabulary import ANY_LANGUAGE

SENTENCE_WORDS_MAX = 60  # a longer run of words is read in pieces, so that no message costs more than linear time
FIRST_WORDS_READ = 500  # 4,096 characters, WhatsApp's limit for a text, are rarely more than 750 words
LAST_WORDS_READ = 250
SPANS_MAX = 3  # a rule that has matched so often in one sentence says nothing new by matching again
UNKNOWN_WORDS_MAX = 3  # with more words beside it that we do not know, a request is only likely
LANGUAGE_SHARE_MIN = 0.7  # of the words that the best-fitting language knows, another must know this share
VIEWS_MAX = 5  # no more languages are asked about a sentence; "stop stop" is a word in twenty
NEAR_WORDS = 4  # how far behind "do not send me" its object may stand
SAID_AFTER_WORDS = 1  # "yazmayın dedi": who said it follows at once
CONTACT_DENIED_WORDS = 3  # how far before "call me" its denial may stand
_KNOWN_WORDS = 20_000
_OR = frozenset({"or", "nor", "oder", "ou", "veya", "ne", "или", "או"})  # "do not call, text or email me" goes on
_QUOTING = frozenset({"said", "say", "saying", "told", "repeat", "mean", "to"})  # "I said do not write" commands
_FIRST_LANGUAGES = ("tr", "en")
_SILENT = (Outcome.OTHER, Outcome.UNINVITED)
_NEEDS_NO_OBJECT = Concept.ME | Concept.SEND | Concept.LIST | Concept.REMOVE | Concept.CEASE
_TAKES_ANYTHING = Concept.CEASE | Concept.WANT | Concept.DONTWANT
_WISHES = Concept.WANT | Concept.DONTWANT | Concept.MORE
_OURS = Concept.ME | Concept.MSG | Concept.SEND | Concept.LIST | Concept.RECEIVE | Concept.UNSUB | Concept.CONSENT
"""What tells that the thing to stop is our writing."""
_TAKES_OBJECT = Concept.SEND | Concept.DONTSEND | Concept.REMOVE | Concept.CEASE | Concept.LIST | Concept.UNSUB
Span = tuple[Rule, int, int]
_DENIALS = Concept.NEG | Concept.NONE | Concept.CEASE | Concept.SUBJECT | Concept.DONTWANT | Concept.FED


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that matched words[start:end] of one sentence, after all defeats."""

    outcome: Outcome
    certainty: Certainty
    rule: str
    start: int
    end: int
    defeated_by_contact: bool = False


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
    return ideas


def sentences(breaks: Sequence[Break]) -> Iterator[tuple[int, int]]:
    """Where each sentence begins and ends; none is longer than SENTENCE_WORDS_MAX."""
    start = 0
    for place in range(1, len(breaks) + 1):
        at_end = place == len(breaks) or breaks[place] >= Break.SENTENCE
        if at_end or place - start >= SENTENCE_WORDS_MAX:
            yield start, place
            start = place


def _masks(words: Sequence[str], ideas: Sequence[dict[str, int]], book: Phrasebook) -> list[int]:
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
    if _union(masks) & Concept.MORE:
        return masks
    for place, (word, mask, following) in enumerate(zip(words, masks, masks[1:], strict=False)):
        if following & _TAKES_OBJECT and _is_unknown(mask, word):
            on_list = bool(following & (Concept.LIST | Concept.UNSUB | Concept.CEASE))
            masks[place] |= Concept.OBJECT if turkish.is_object(word, on_list=on_list) else 0
    return masks


def _part(sentence: Sentence, start: int, end: int) -> tuple[int, int]:
    """The words between the commas around words[start:end]."""
    while start > 0 and sentence.breaks[start] < Break.COMMA:
        start -= 1
    while end < len(sentence.words) and sentence.breaks[end] < Break.COMMA:
        end += 1
    return start, end


def _union(masks: Sequence[int]) -> int:
    return reduce(or_, masks, 0)


def _defeats(rule: Rule, sentence: Sentence, start: int, end: int) -> int:
    """The rule's own defeats; an idiom that says "do not write" is as easily defeated as the rule that says so."""
    span = _union(sentence.masks[start:end])
    if not rule.is_idiom or not rule.defeats:
        return rule.defeats
    is_refusal = span & Concept.NEG and not span & _WISHES
    passing = Defeat.TIME | Defeat.CONTACT | Defeat.NEAR if is_refusal else 0
    needs_object = span & (_NEEDS_NO_OBJECT | _TAKES_ANYTHING) and not span & Concept.MSG
    return rule.defeats | passing | (Defeat.OBJECT if needs_object else 0)


def _is_told_of_somebody(sentence: Sentence, start: int, end: int) -> bool:
    """Whether the negation at `start` has a subject: "I did not get your text" asks nobody for anything."""
    if _union(sentence.masks[start:end]) & (_WISHES & ~Concept.MORE | Concept.CONSENT):
        return False
    if start == 0 or sentence.breaks[start] >= Break.COMMA:
        return False
    if sentence.masks[start - 1] & Concept.SUBJECT:
        return True
    between = sentence.words[start - 1] not in _QUOTING and sentence.masks[start - 1] & (Concept.FILL | Concept.ASK)
    is_auxiliary = start > 1 and between
    return bool(is_auxiliary and sentence.masks[start - 2] & Concept.SUBJECT)


def _stops_something_else(rule: Rule, sentence: Sentence, start: int, end: int, orders: Set[str]) -> bool:
    """Whether an idiom of stopping or not wanting has an object that we do not know: "please stop singing"."""
    span = _union(sentence.masks[start:end])
    if not rule.is_idiom or not span & _TAKES_ANYTHING or rule.outcome in _SILENT:
        return False
    first, last = _part(sentence, start, end)
    if _union((*sentence.masks[start : end - 1], *sentence.masks[end:last])) & _OURS:
        return False
    if VERB_LAST in orders and start > first and not _union(sentence.masks[first:start]) & _OURS:
        return _is_unknown(sentence.masks[start - 1], sentence.words[start - 1])
    rest = (place for place in range(end, last) if not sentence.masks[place] & Concept.FILL)
    object_at = next(rest, None)
    return object_at is not None and _is_unknown(sentence.masks[object_at], sentence.words[object_at])


def _is_of_another_head(rule: Rule, sentence: Sentence, start: int, end: int) -> bool:
    """Whether the messages only describe what is refused: "promosyon ürün istemiyorum" is about a product."""
    ends_in_verb = rule.is_idiom and sentence.masks[end - 1] & Concept.DONTWANT
    if end - start < 3 or not (ends_in_verb or rule.name in MESSAGES_THEN_VERB):
        return False
    head = sentence.masks[end - 2]
    return bool(head & Concept.OBJECT and not head & Concept.MSG)


def _is_contrary(rule: Rule, sentence: Sentence, start: int, end: int, language: str) -> bool:
    """Whether an idiom is said in the negative: "don't leave me alone", "beni rahat bırakma"."""
    if not rule.is_idiom or rule.outcome not in (Outcome.STOP, Outcome.STOP_ALL):
        return False
    if language == "tr" and turkish.is_unasked(sentence.words[end - 1]):
        return True
    if _union(sentence.masks[start:end]) & (Concept.NEG | Concept.NONE | Concept.DONTWANT):
        return False
    is_asked = start > 1 and sentence.masks[start - 2] & Concept.ASK  # "why don't you leave me alone"
    is_near = start > 0 and sentence.breaks[start] < Break.COMMA
    return bool(is_near and not is_asked and sentence.masks[start - 1] & Concept.NEG)


def _is_defeated(defeats: int, sentence: Sentence, start: int, end: int) -> bool:
    whole = sentence.union
    first, last = _part(sentence, start, end)
    if defeats & Defeat.SUBJECT and _is_told_of_somebody(sentence, start, end):
        return True
    if defeats & Defeat.OBJECT and whole & Concept.OBJECT:
        names_nothing = not _union(sentence.masks[first:last]) & (_OURS | Concept.NEG)  # "payment ..., please stop it"
        if names_nothing or _union(sentence.masks[first:last]) & Concept.OBJECT:
            return True
    if defeats & Defeat.TIME and whole & Concept.TIME and not whole & Concept.MORE:
        return True
    if not whole & Concept.SAID:
        return False
    return bool((_union(sentence.masks[:start]) | _union(sentence.masks[end : end + SAID_AFTER_WORDS])) & Concept.SAID)


def _has_unknown(sentence: Sentence, first: int, last: int) -> bool:
    near = zip(sentence.masks[first:last], sentence.words[first:last], strict=True)
    return any(_is_unknown(mask, word) for mask, word in near)


def _is_unknown(mask: int, word: str) -> bool:
    return not mask & ~Concept.NATIVE and not word.isdigit()


def _is_in_doubt(sentence: Sentence, start: int, end: int) -> bool:
    """Whether "do not call" may have an object or a reason that we do not know: "don't ring, baby sleeping"."""
    first, last = _part(sentence, start, end)
    if _has_unknown(sentence, max(first, start - 1), min(last, end + NEAR_WORDS)):
        return True
    is_plain = _union(sentence.masks[first:last]) & (Concept.MSG | Concept.MORE)
    return not is_plain and _has_unknown(sentence, 0, len(sentence.words))


def _certainty(rule: Rule, defeats: int, sentence: Sentence, ideas: int, start: int, end: int) -> Certainty:
    """How sure the rule may be; `ideas` are those of the whole sentence in every language that can judge it."""
    if rule.outcome is Outcome.MAYBE or ideas & Concept.UNLESS:
        return Certainty.LIKELY
    if defeats & Defeat.ASK and ideas & Concept.ASK:
        return Certainty.LIKELY
    first, last = _part(sentence, start, end)
    if defeats & Defeat.NEAR and _is_in_doubt(sentence, start, end):
        return Certainty.LIKELY
    part = zip(sentence.masks[first:last], sentence.words[first:last], strict=True)
    unknown = sum(_is_unknown(mask, word) for mask, word in part)
    too_many = bool(defeats & Defeat.UNKNOWN) and unknown > UNKNOWN_WORDS_MAX
    return Certainty.LIKELY if too_many else Certainty.CERTAIN


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
        if end is None or _is_quoting(rule, sentence, place, end):
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
    wishes = _union(sentence.masks[start:end]) & (Concept.WANT | Concept.DONTWANT)
    return bool(wishes) or not _QUOTING.isdisjoint(sentence.words[start:end])


def _is_denied_contact(rule: Rule, sentence: Sentence, start: int, end: int) -> bool:
    """Whether a request for contact is a piece of its opposite: "don't call me", "rufen Sie mich nicht mehr an"."""
    if rule.outcome is not Outcome.CONTACT:
        return False
    first, last = _part(sentence, start, end)
    before = _union(sentence.masks[max(first, start - CONTACT_DENIED_WORDS) : start])
    after = _union(sentence.masks[end : min(last, end + CONTACT_DENIED_WORDS)])
    goes_on = not _OR.isdisjoint(sentence.words[max(0, start - CONTACT_DENIED_WORDS) : start])
    return bool(before & _DENIALS or after & Concept.NEG or goes_on)


@dataclass(frozen=True, slots=True)
class View:
    """A sentence as one language sees it: how many of its words the language knows, and which rules match where."""

    book: Phrasebook
    sentence: Sentence
    known: int
    spans: tuple[Span, ...]

    def knows_as_much_as(self, other: View) -> bool:
        return self.known >= other.known


def _heard(view: View, views: Sequence[View], covered: Set[int]) -> Iterator[Hit]:
    """The view's rules that stand, defeats seen by any language that knows as many of the words included."""
    judges = [other for other in views if other.knows_as_much_as(view)]
    ideas = _union([judge.sentence.union for judge in judges])
    uninvited = {end for rule, _, end in view.spans if rule.outcome is Outcome.UNINVITED}
    for rule, start, end in view.spans:
        if rule.outcome is Outcome.CONTACT and end in uninvited:
            continue
        if rule.outcome in _SILENT or not covered.isdisjoint(range(start, end)):
            continue
        defeats = _defeats(rule, view.sentence, start, end)
        if defeats and any(_is_defeated(defeats, judge.sentence, start, end) for judge in judges):
            continue
        if _stops_something_else(rule, view.sentence, start, end, view.book.orders):
            continue
        if _is_contrary(rule, view.sentence, start, end, view.book.language):
            continue
        if _is_of_another_head(rule, view.sentence, start, end):
            continue
        certainty = _certainty(rule, defeats, view.sentence, ideas, start, end)
        name = f"{view.book.language}.{rule.name}/1"
        yield Hit(rule.outcome, certainty, name, start, end, bool(defeats & Defeat.CONTACT))


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


def _views(words: Sequence[str], breaks: Sequence[Break]) -> list[View]:
    ideas = [ideas_of(word) for word in words]
    views: list[View] = []
    present = frozenset(words)
    fitting = sorted(_fitting(ideas), key=lambda pair: (-pair[1], pair[0] not in _FIRST_LANGUAGES))
    for language, known in fitting[:VIEWS_MAX]:
        book = library().books[language]
        masks = _masks(words, ideas, book)
        sentence = Sentence(words, breaks, masks, _union(masks), present)
        views.append(View(book, sentence, known, tuple(_spans(book, sentence))))
    return views


def hear_sentence(words: Sequence[str], breaks: Sequence[Break]) -> list[Hit]:
    """What the rules of the fitting languages hear in one sentence. What one of them excuses, none may accuse.

    Where a language that knows as many of the words hears nothing, what another hears is only likely.
    """
    views = _views(words, breaks)
    excused = [(start, end) for view in views for rule, start, end in view.spans if rule.outcome is Outcome.OTHER]
    covered = {place for start, end in excused for place in range(start, end)}
    heard = [(view, list(_heard(view, views, covered))) for view in views]
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
