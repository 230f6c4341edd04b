"""What else a message says can make a request in it doubtful: then it pauses, and a person decides.

A request that stands alone, or among words that all belong to it, is taken at its word. Beside a joke, a question, an
order, an invitation to write or a story that we do not follow it may be about something else.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate

from consent.replies.concepts import Concept
from consent.replies.grammar import Outcome
from consent.replies.hearing import Hit
from consent.replies.ideas import ideas_of, is_unknown, union
from consent.replies.normalise import Break, Words
from consent.replies.phrasebook import library
from consent.replies.vocabulary import ANY_LANGUAGE

CLAUSE_WORDS_MAX = 60  # so that the time stays linear where nobody wrote a comma
STRANGERS_BESIDE_MAX = 2  # words in other clauses that we do not know; with more the request is a small part
STRANGERS_WITHIN_MAX = 1  # the same in the request's own clause: one may be an adverb or the sender's name
_MESSAGES = Concept.MSG | Concept.LIST | Concept.CONSENT | Concept.UNSUB | Concept.MORE
"""What shows that a request is about our writing, beside its verb."""
_SENDING = Concept.SEND | Concept.DONTSEND | Concept.RECEIVE
_MEMBERSHIP = Concept.LIST | Concept.UNSUB


def _clause(breaks: Sequence[Break], hit: Hit, strength: Break) -> tuple[int, int]:
    """The words around the request up to breaks of this strength; at most CLAUSE_WORDS_MAX on either side."""
    start, end = hit.start, hit.end
    while start > max(0, hit.start - CLAUSE_WORDS_MAX) and breaks[start] < strength:
        start -= 1
    while end < min(len(breaks), hit.end + CLAUSE_WORDS_MAX) and breaks[end] < strength:
        end += 1
    return start, end


class _View:
    """What one language makes of the message's words, and how many it does not know up to each place."""

    def __init__(self, words: Sequence[str], language: str) -> None:
        ideas = [ideas_of(word) for word in words]
        masks = [idea.get(language, idea.get(ANY_LANGUAGE, 0)) for idea in ideas]
        self.union = union(masks)
        self.unknown_until = list(accumulate(map(is_unknown, masks, words), initial=0))


class Company:
    """What stands around the requests of one message. Each language's view of it is worked out once."""

    def __init__(self, message: Words, words: Sequence[str], hits: Sequence[Hit]) -> None:
        self._message = message
        self._words = words
        self._invites = any(hit.outcome is Outcome.CONTACT for hit in hits)
        self._views: dict[str, _View] = {}

    @cached_property
    def _jokes(self) -> bool:
        return library().laughter.is_in(self._message.raw, self._words)

    def makes_doubtful(self, hit: Hit) -> bool:
        """Whether it leaves a doubt that this request, certain by itself, means our messages."""
        return self._jokes or self._invites or self._asks(hit) or self._is_strange(hit)

    def makes_void(self, hit: Hit) -> bool:
        """Whether it shows that this request means something else.

        A joke that names no messages ("stop it, you make me laugh"), a refusal of one channel beside an invitation
        to another, and a question how to end something that we do not know.
        """
        if self._invites and hit.outcome is Outcome.STOP and not self._seen_by(hit).union & Concept.MORE:
            return True
        if self._jokes and not hit.said & (_MESSAGES | _SENDING | Concept.ME):
            return True
        is_of_membership = hit.said & _MEMBERSHIP and not hit.said & (Concept.MSG | _SENDING)
        return bool(is_of_membership and hit.strangers_after and self._asks(hit))

    def _seen_by(self, hit: Hit) -> _View:
        language = hit.rule.partition(".")[0]
        if language not in self._views:
            self._views[language] = _View(self._words, language)
        return self._views[language]

    def _asks(self, hit: Hit) -> bool:
        _, end = _clause(self._message.breaks, hit, Break.SENTENCE)
        return end - 1 in self._message.questions

    def _is_strange(self, hit: Hit) -> bool:
        view = self._seen_by(hit)
        if view.union & Concept.OBJECT:
            return True
        first, last = _clause(self._message.breaks, hit, Break.COMMA)
        beside = view.unknown_until[first] + view.unknown_until[-1] - view.unknown_until[last]
        if hit.has_stranger_next and not hit.said & Concept.MORE:
            return True
        if not hit.said & _MESSAGES and (beside or (hit.strangers and not hit.said & Concept.ME)):
            return True
        return hit.strangers > STRANGERS_WITHIN_MAX or beside > STRANGERS_BESIDE_MAX
