"""A person's words -> stop | start | help | confirm | decline | other. Pure: no network, no model, no clock.

`read` is the one door. It looks for, in this order: a confirmation code, a message that is a keyword and nothing
else, a phrase. When it doubts whether something is a stop, it says so (`likely`): a missed stop is a breach, a false
one is repaired by one word.
"""

from __future__ import annotations

from collections.abc import Iterable

from consent.replies.normalise import Words, fold_entry, normalise
from consent.replies.reading import NOTHING, Certainty, Kind, Reading, Scope
from consent.replies.vocabulary import Role, shipped
from consent.replies.whole import Whole, whole_message

__all__ = ["Certainty", "Kind", "Reading", "Scope", "read"]

_KINDS = {
    Role.STOP: Kind.STOP,
    Role.STOP_ALONE: Kind.STOP,
    Role.STOP_ALL: Kind.STOP,
    Role.STOP_LIKELY: Kind.STOP,
    Role.START: Kind.START,
    Role.HELP: Kind.HELP,
    Role.CONFIRM: Kind.CONFIRM,
    Role.DECLINE: Kind.DECLINE,
}
_ALWAYS = frozenset(_KINDS) - {Role.CONFIRM, Role.DECLINE}


def _reading_of(whole: Whole) -> Reading:
    likely = whole.role is Role.STOP_LIKELY
    return Reading(
        _KINDS[whole.role],
        Certainty.LIKELY if likely else Certainty.CERTAIN,
        f"{whole.language}.keyword.{'-'.join(whole.words)}/1",
        Scope.EVERYTHING if whole.role is Role.STOP_ALL else Scope.MARKETING,
    )


def _read_words(message: Words, aliases: frozenset[str], pending: bool) -> Reading:
    wanted = frozenset(_KINDS) if pending else _ALWAYS
    if whole := whole_message(message.words, shipped(), aliases, wanted):
        return _reading_of(whole)
    return NOTHING


def read(text: str | bytes, *, aliases: Iterable[str] = (), pending: bool = False) -> Reading:
    """What these words mean. Never raises on any text; linear in its length.

    text    -- the message as it arrived; bytes are decoded leniently
    aliases -- names by which people call the brand, so that "MARKA RET" reads as "RET"
    pending -- whether a confirmation request to this person is open, so that "evet" and "hayır" answer it
    """
    names = frozenset(word for alias in aliases for word in fold_entry(alias).split())
    return _read_words(normalise(text), names, pending)
