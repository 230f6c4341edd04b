"""The few ideas a request to stop is made of, whatever its language.

A phrase file says which words of a language stand for which idea; the grammar (grammar.py) says which ideas, in which
order, make a request. "do not write to me", "bitte nicht mehr schreiben" and "не пишите мне" are one rule.
"""

from __future__ import annotations

from enum import IntEnum, auto
from typing import Any


class Bit(IntEnum):
    """Members are single bits. Unlike IntFlag's, their combinations are plain integers: matching needs the speed."""

    @staticmethod
    def _generate_next_value_(name: str, start: int, count: int, last_values: list[Any]) -> int:
        return 1 << count


class Concept(Bit):
    """What a word can stand for. A word may stand for several: "text" is sending and a message."""

    NEG = auto()  # a verb's negation: don't, nicht, ne, मत
    NONE = auto()  # a noun's negation: no, kein, aucun, без
    SEND = auto()  # to write, send, call, contact or bother somebody, in forms that ask or command
    DONTSEND = auto()  # the same, negated within one word: yazmayın, нажіть, نفرستید
    MSG = auto()  # what is sent: messages, promotions, adverts, newsletters
    CEASE = auto()  # to stop, cease, cancel
    REMOVE = auto()  # to remove, delete, take off
    LEAVE = auto()  # to leave, get out
    LIST = auto()  # where one is written to from: list, database, subscription
    ME = auto()  # the person as the one to be removed: me, my number, my data
    WANT = auto()  # to want, wish, need, like
    BOTHER = auto()  # a noun that with "do not do" means do not bother: rahatsız etme
    DONTDO = auto()  # "do not do" in one word: etmeyin, vermeyin
    DONTWANT = auto()  # the same, negated within one word: istemiyorum
    RECEIVE = auto()  # to receive, get, hear, be contacted
    CONSENT = auto()  # consent, permission
    REVOKE = auto()  # to withdraw, object to
    UNSUB = auto()  # one word that is the whole request: unsubscribe, abmelden
    MORE = auto()  # any more, ever again, at all: makes a refusal lasting
    AGAIN = auto()  # once more, anew: makes a wish a restart
    ALL = auto()  # all, everything
    FED = auto()  # fed up, enough, annoyed
    REPORT = auto()  # to report, complain, sue
    OBJECT = auto()  # what is bought, booked, paid: not what we send as advertising
    TIME = auto()  # now, tomorrow, at night, at work: a refusal for the moment
    ASK = auto()  # how, when, why, is it
    SAID = auto()  # he said, she wrote: somebody else's words
    SUBJECT = auto()  # I, they, he: the verb that follows commands nobody
    UNLESS = auto()  # unless, except, only if
    INVITE = auto()  # one word that asks to be contacted: arayın
    IDIOM = auto()  # the first word of an idiom
    NATIVE = auto()  # any other common word: it tells which language this is, and nothing else
    TAIL = auto()  # the further words of a run that stands for one idea
    FILL = auto()  # words that change nothing: please, you, the


CORE = (
    Concept.SEND
    | Concept.DONTSEND
    | Concept.BOTHER
    | Concept.MSG
    | Concept.CEASE
    | Concept.REMOVE
    | Concept.LEAVE
    | Concept.LIST
    | Concept.UNSUB
    | Concept.RECEIVE
    | Concept.REVOKE
    | Concept.CONSENT
    | Concept.FED
    | Concept.REPORT
    | Concept.DONTWANT
    | Concept.IDIOM
)
"""Without one of these a language has nothing to say about a sentence."""
