"""The rules that hold in every language: which ideas, in which order, make a request to stop.

What a rule can be defeated by is part of the rule. "Do not write" is defeated by "tomorrow" (a refusal for the moment)
and by "the invoice" (another object); "stop sending adverts" is defeated by neither, but by "don't" before it.
After consent.md section 4, "must not fire".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, auto

from consent.replies.concepts import Bit
from consent.replies.patterns import Pattern, compile_pattern


class Outcome(StrEnum):
    """What a rule or an idiom says about a message."""

    STOP = "stop"
    STOP_ALL = "stop-all"
    MAYBE = "maybe"
    START = "start"
    HELP = "help"
    CONTACT = "contact"
    UNINVITED = "uninvited"
    OTHER = "other"


class Defeat(Bit):
    """What takes a rule's force away."""

    OBJECT = auto()  # another object in the same part: an order, an invoice
    TIME = auto()  # only for now
    CONTACT = auto()  # the same message asks to be contacted, another way or at another time
    UNKNOWN = auto()  # words beside it that we do not know make it no more than likely
    ASK = auto()  # a question makes it no more than likely
    SUBJECT = auto()  # somebody who does not do it: "I did not get your text"
    NEAR = auto()  # a word we do not know right beside it may be its object, so it is no more than likely


_NOTHING = 0
_PASSING = Defeat.OBJECT | Defeat.TIME | Defeat.CONTACT | Defeat.UNKNOWN | Defeat.ASK | Defeat.NEAR
_DOUBTFUL = Defeat.OBJECT | Defeat.UNKNOWN | Defeat.ASK
_FIRM = Defeat.UNKNOWN | Defeat.ASK
_WEAK = Defeat.OBJECT | Defeat.SUBJECT | Defeat.TIME | Defeat.CONTACT
_COMMAND = Defeat.SUBJECT | Defeat.TIME | Defeat.CONTACT | _FIRM


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern, what it says, what defeats it, and whether only languages that ask for it use it."""

    name: str
    pattern: Pattern
    outcome: Outcome
    defeats: int
    needs_order: str | None = None
    is_idiom: bool = False


def _rule(name: str, outcome: Outcome, defeats: int, text: str, order: str | None = None) -> Rule:
    return Rule(name, compile_pattern(text), outcome, defeats, order)


NEG_AFTER = "neg-after"
"""A language whose negation can follow the verb: schreib nicht, n'envoyez pas."""
VERB_LAST = "verb-last"
"""A language whose verb can follow its object: mesajları durdur, Werbung stoppen, संदेश बंद करो."""
ORDERS = (NEG_AFTER, VERB_LAST)
THEY_DONT = "they-dont"
MESSAGES_THEN_VERB = frozenset({"msg-stop", "msg-neg-want", "msg-dontwant"})
"""Rules in which the verb's object stands right before it."""

RULES: tuple[Rule, ...] = (
    # keep going, or somebody else's words
    _rule("dont-stop", Outcome.OTHER, _NOTHING, "<neg> . <cease>/<unsub>/<remove>"),
    _rule("dont-want-stop", Outcome.OTHER, _NOTHING, "<neg> . <want> . <cease>/<unsub>/<leave>"),
    _rule("stop-not", Outcome.OTHER, _NOTHING, "<cease>/<unsub> . <neg>", NEG_AFTER),
    _rule(THEY_DONT, Outcome.OTHER, _NOTHING, "<subject> . <neg> . <send>"),
    # do not write
    _rule("dontsend", Outcome.STOP, _PASSING, "<dontsend>"),
    _rule("dont-bother", Outcome.STOP, _PASSING, "<bother> . <dontdo>"),
    _rule("neg-send-msg", Outcome.STOP, _COMMAND, "<neg> .. <send> .. <msg>"),
    _rule("neg-msg-send", Outcome.STOP, Defeat.TIME | Defeat.CONTACT | _FIRM, "<msg> .. <neg> . <send>", VERB_LAST),
    _rule("neg-send", Outcome.STOP, _PASSING | Defeat.SUBJECT, "<neg> .. <send>"),
    _rule("send-neg", Outcome.STOP, _PASSING, "<send> .. <neg>", NEG_AFTER),
    # stop writing
    _rule("stop-send-msg", Outcome.STOP, _FIRM, "<cease> .. <send> .. <msg>"),
    _rule("stop-send", Outcome.STOP, _DOUBTFUL, "<cease> .. <send>/<receive>"),
    _rule("send-stop", Outcome.STOP, _DOUBTFUL, "<send>/<receive> .. <cease>", VERB_LAST),
    _rule("stop-msg", Outcome.STOP, _FIRM, "<cease> .. <msg>"),
    _rule("msg-stop", Outcome.STOP, _FIRM, "<msg> .. <cease>/<remove>", VERB_LAST),
    _rule("stop-list", Outcome.STOP, _DOUBTFUL, "<cease> .. <list>"),
    _rule("list-stop", Outcome.STOP, _DOUBTFUL, "<list> .. <cease>", VERB_LAST),
    # no more messages
    _rule("none-more-msg", Outcome.STOP, _FIRM | Defeat.SUBJECT, "<none>/<neg> <more> .. <msg>/<send>"),
    _rule("none-msg-more", Outcome.STOP, _DOUBTFUL | Defeat.SUBJECT, "<none>/<neg> .. <msg>/<send> .. <more>"),
    _rule("none-msg", Outcome.MAYBE, Defeat.OBJECT | Defeat.ASK, "<none> . <msg>"),
    # I do not want them
    _rule("neg-want-msg", Outcome.STOP, _FIRM, "<neg> .. <want> ... <msg>"),
    _rule("want-none-msg", Outcome.STOP, _FIRM, "<want> .. <none>/<neg> .. <msg>"),
    _rule("neg-want-receive", Outcome.STOP, _DOUBTFUL | Defeat.NEAR, "<neg> .. <want> ... <receive>/<send>"),
    _rule("want-neg-receive", Outcome.STOP, _DOUBTFUL, "<want> ... <neg>/<none> ... <receive>/<send>", NEG_AFTER),
    _rule("msg-neg-want", Outcome.STOP, _FIRM, "<msg> .. <neg> . <want>", VERB_LAST),
    _rule("receive-neg-want", Outcome.STOP, _DOUBTFUL, "<receive>/<send> .. <neg> . <want>", VERB_LAST),
    _rule("msg-dontwant", Outcome.STOP, _FIRM, "<msg> ... <dontwant>"),
    _rule("dontwant-msg", Outcome.STOP, _FIRM, "<dontwant> ... <msg>"),
    _rule("receive-dontwant", Outcome.STOP, _DOUBTFUL, "<receive>/<send> .. <dontwant>"),
    _rule("list-dontwant", Outcome.MAYBE, _DOUBTFUL, "<list> .. <dontwant>"),
    _rule("dontwant-list", Outcome.MAYBE, _DOUBTFUL, "<dontwant> ... <list>"),
    _rule("dontwant-receive", Outcome.STOP, _DOUBTFUL | Defeat.NEAR, "<dontwant> ... <receive>/<send>"),
    # take me off
    _rule("remove-me", Outcome.STOP, _DOUBTFUL, "<remove> .. <me>"),
    _rule("me-remove", Outcome.STOP, _DOUBTFUL, "<me> .. <remove>", VERB_LAST),
    _rule("remove-list", Outcome.STOP, _DOUBTFUL | Defeat.NEAR, "<remove> ... <list>"),
    _rule("list-remove", Outcome.STOP, _DOUBTFUL | Defeat.NEAR, "<list> .. <remove>", VERB_LAST),
    _rule("leave-list", Outcome.STOP, _DOUBTFUL, "<leave> .. <list>"),
    _rule("list-leave", Outcome.STOP, _DOUBTFUL, "<list> .. <leave>", VERB_LAST),
    _rule("unsub", Outcome.STOP, _DOUBTFUL, "<unsub>"),
    # I take my permission back
    _rule("revoke-consent", Outcome.STOP, _FIRM, "<revoke> .. <consent>"),
    _rule("consent-revoke", Outcome.STOP, _FIRM, "<consent> .. <revoke>/<remove>", VERB_LAST),
    _rule("stop-consent", Outcome.STOP, _FIRM, "<cease>/<remove> .. <consent>"),
    _rule("neg-consent", Outcome.MAYBE, Defeat.OBJECT, "<neg>/<none> .. <consent>"),
    _rule("revoke-msg", Outcome.STOP, _DOUBTFUL, "<revoke> ... <msg>/<list>/<receive>"),
    _rule("consent-neg", Outcome.MAYBE, Defeat.OBJECT, "<consent> . <none>", VERB_LAST),
    # complaints
    _rule("fed-msg", Outcome.MAYBE, Defeat.OBJECT, "<fed> ... <msg>/<send>"),
    _rule("msg-fed", Outcome.MAYBE, Defeat.OBJECT, "<msg>/<send> .. <fed>", VERB_LAST),
    _rule("stop-far-msg", Outcome.MAYBE, Defeat.OBJECT | Defeat.SUBJECT, "<cease> ... <msg>"),
    _rule("refusal-msg", Outcome.MAYBE, _WEAK, "<none>/<dontwant>/<fed>/<revoke> ... <msg>"),
    _rule("msg-refusal", Outcome.MAYBE, _WEAK, "<msg> ... <dontwant>/<fed>/<revoke>"),
    _rule("threat", Outcome.MAYBE, Defeat.OBJECT, "<send>/<msg> ... <report>"),
    # write to me
    _rule("invite", Outcome.CONTACT, _NOTHING, "<invite>"),
    # come back
    _rule("want-again", Outcome.START, Defeat.OBJECT, "<want> ... <receive>/<msg> ... <again>"),
    _rule("again-msg", Outcome.START, Defeat.OBJECT, "<want> ... <again> .. <receive>/<msg>/<send>"),
)  # fmt: skip
