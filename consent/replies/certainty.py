"""How sure a rule may be of what it heard: certain revokes, likely pauses and waits for a person."""

from __future__ import annotations

from consent.replies.concepts import Concept
from consent.replies.grammar import Defeat, Outcome, Rule
from consent.replies.ideas import part, union, unknown_words
from consent.replies.patterns import Sentence
from consent.replies.reading import Certainty

UNKNOWN_WORDS_MAX = 3  # with more words beside it that we do not know, a request is only likely
NEAR_WORDS = 4  # how far behind "do not send me" its object may stand


def _is_in_doubt(sentence: Sentence, start: int, end: int) -> bool:
    """Whether "do not call" may have an object or a reason that we do not know: "don't ring, baby sleeping"."""
    first, last = part(sentence, start, end)
    if unknown_words(sentence, max(first, start - 1), min(last, end + NEAR_WORDS)):
        return True
    is_plain = union(sentence.masks[first:last]) & (Concept.MSG | Concept.MORE)
    return not is_plain and unknown_words(sentence, 0, len(sentence.words)) > 0


def certainty_of(rule: Rule, defeats: int, sentence: Sentence, ideas: int, start: int, end: int) -> Certainty:
    """How sure the rule may be; `ideas` are those of the whole sentence in every language that can judge it."""
    if rule.outcome is Outcome.MAYBE or ideas & Concept.UNLESS:
        return Certainty.LIKELY
    if defeats & Defeat.ASK and ideas & Concept.ASK:
        return Certainty.LIKELY
    first, last = part(sentence, start, end)
    if defeats & Defeat.NEAR and _is_in_doubt(sentence, start, end):
        return Certainty.LIKELY
    too_many = bool(defeats & Defeat.UNKNOWN) and unknown_words(sentence, first, last) > UNKNOWN_WORDS_MAX
    return Certainty.LIKELY if too_many else Certainty.CERTAIN
