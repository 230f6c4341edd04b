"""What takes a request's force away: another object, somebody else's words, a negation, a refusal for the moment."""

from __future__ import annotations

from collections.abc import Set

from consent.replies import turkish
from consent.replies.concepts import Concept
from consent.replies.grammar import MESSAGES_THEN_VERB, VERB_LAST, Defeat, Outcome, Rule
from consent.replies.ideas import is_unknown, part, union
from consent.replies.normalise import Break
from consent.replies.patterns import Sentence

SAID_AFTER_WORDS = 1  # "yazmayın dedi": who said it follows at once
QUOTING = frozenset({"said", "say", "saying", "told", "repeat", "mean", "to"})  # "I said do not write" commands
SILENT = (Outcome.OTHER, Outcome.UNINVITED)
WISHES = Concept.WANT | Concept.DONTWANT | Concept.MORE
OURS = Concept.ME | Concept.MSG | Concept.SEND | Concept.LIST | Concept.RECEIVE | Concept.UNSUB | Concept.CONSENT
"""What tells that the thing to stop is our writing."""
_NEEDS_NO_OBJECT = Concept.ME | Concept.SEND | Concept.LIST | Concept.REMOVE | Concept.CEASE
_TAKES_ANYTHING = Concept.CEASE | Concept.WANT | Concept.DONTWANT


def defeats_of(rule: Rule, sentence: Sentence, start: int, end: int) -> int:
    """The rule's own defeats; an idiom that says "do not write" is as easily defeated as the rule that says so."""
    span = union(sentence.masks[start:end])
    if not rule.is_idiom or not rule.defeats:
        return rule.defeats
    is_refusal = span & Concept.NEG and not span & WISHES
    passing = Defeat.TIME | Defeat.CONTACT | Defeat.NEAR if is_refusal else 0
    needs_object = span & (_NEEDS_NO_OBJECT | _TAKES_ANYTHING) and not span & Concept.MSG
    return rule.defeats | passing | (Defeat.OBJECT if needs_object else 0)


def _is_told_of_somebody(sentence: Sentence, start: int, end: int) -> bool:
    """Whether the negation at `start` has a subject: "I did not get your text" asks nobody for anything."""
    if union(sentence.masks[start:end]) & (WISHES & ~Concept.MORE | Concept.CONSENT):
        return False
    if start == 0 or sentence.breaks[start] >= Break.COMMA:
        return False
    if sentence.masks[start - 1] & Concept.SUBJECT:
        return True
    between = sentence.words[start - 1] not in QUOTING and sentence.masks[start - 1] & (Concept.FILL | Concept.ASK)
    is_auxiliary = start > 1 and between
    return bool(is_auxiliary and sentence.masks[start - 2] & Concept.SUBJECT)


def stops_something_else(rule: Rule, sentence: Sentence, start: int, end: int, orders: Set[str]) -> bool:
    """Whether an idiom of stopping or not wanting has an object that we do not know: "please stop singing"."""
    span = union(sentence.masks[start:end])
    if not rule.is_idiom or not span & _TAKES_ANYTHING or rule.outcome in SILENT:
        return False
    first, last = part(sentence, start, end)
    if union((*sentence.masks[start : end - 1], *sentence.masks[end:last])) & OURS:
        return False
    if VERB_LAST in orders and start > first and not union(sentence.masks[first:start]) & OURS:
        return is_unknown(sentence.masks[start - 1], sentence.words[start - 1])
    rest = (place for place in range(end, last) if not sentence.masks[place] & Concept.FILL)
    object_at = next(rest, None)
    return object_at is not None and is_unknown(sentence.masks[object_at], sentence.words[object_at])


def is_of_another_head(rule: Rule, sentence: Sentence, start: int, end: int) -> bool:
    """Whether the messages only describe what is refused: "promosyon ürün istemiyorum" is about a product."""
    ends_in_verb = rule.is_idiom and sentence.masks[end - 1] & Concept.DONTWANT
    if end - start < 3 or not (ends_in_verb or rule.name in MESSAGES_THEN_VERB):
        return False
    head = sentence.masks[end - 2]
    return bool(head & Concept.OBJECT and not head & Concept.MSG)


def is_contrary(rule: Rule, sentence: Sentence, start: int, end: int, language: str) -> bool:
    """Whether an idiom is said in the negative: "don't leave me alone", "beni rahat bırakma"."""
    if not rule.is_idiom or rule.outcome not in (Outcome.STOP, Outcome.STOP_ALL):
        return False
    if language == "tr" and turkish.is_unasked(sentence.words[end - 1]):
        return True
    if union(sentence.masks[start:end]) & (Concept.NEG | Concept.NONE | Concept.DONTWANT):
        return False
    is_asked = start > 1 and sentence.masks[start - 2] & Concept.ASK  # "why don't you leave me alone"
    is_near = start > 0 and sentence.breaks[start] < Break.COMMA
    return bool(is_near and not is_asked and sentence.masks[start - 1] & Concept.NEG)


def is_defeated(defeats: int, sentence: Sentence, start: int, end: int) -> bool:
    whole = sentence.union
    first, last = part(sentence, start, end)
    if defeats & Defeat.SUBJECT and _is_told_of_somebody(sentence, start, end):
        return True
    if defeats & Defeat.OBJECT and whole & Concept.OBJECT:
        names_nothing = not union(sentence.masks[first:last]) & (OURS | Concept.NEG)  # "payment ..., please stop it"
        if names_nothing or union(sentence.masks[first:last]) & Concept.OBJECT:
            return True
    if defeats & Defeat.TIME and whole & Concept.TIME and not whole & Concept.MORE:
        return True
    if not whole & Concept.SAID:
        return False
    return bool((union(sentence.masks[:start]) | union(sentence.masks[end : end + SAID_AFTER_WORDS])) & Concept.SAID)
