"""A person's words -> stop | start | help | confirm | decline | other. Pure: no network, no model, no clock.

`read` is the one door for text, `read_button` for a pressed button. When it is in doubt whether something is a stop,
the reading says so (`likely`): a missed stop is a breach, a false one is repaired by one word.
"""

from __future__ import annotations

from collections.abc import Iterable

from consent.replies.additions import Additions, additions
from consent.replies.normalise import fold_entry, normalise
from consent.replies.reader import Listener, read_words
from consent.replies.reading import Certainty, Kind, Reading, Scope
from consent.replies.vocabulary import EntryProblem

__all__ = [
    "Additions",
    "Certainty",
    "EntryProblem",
    "Kind",
    "Reading",
    "Scope",
    "additions",
    "prepare",
    "read",
    "read_button",
]

_NO_ADDITIONS = Additions()


def prepare() -> None:
    """Read the data files now rather than at the first message; it takes about a third of a second."""
    read("dur")


def read(
    text: str | bytes,
    *,
    aliases: Iterable[str] = (),
    pending: bool = False,
    extra: Additions = _NO_ADDITIONS,
) -> Reading:
    """What these words mean. Never raises, whatever the text; linear in its length.

    text    -- the message as it arrived; bytes are decoded leniently
    aliases -- names by which people call the brand, so that "MARKA RET" and "MARKARET" read as "RET"
    pending -- whether a confirmation request to this person is open, so that "evet" and "hayır" answer it
    extra   -- the business's own words (`additions`); read after ours, so they cannot take one away
    """
    names = frozenset(
        word for alias in aliases for word in (*fold_entry(alias).split(), fold_entry(alias).replace(" ", ""))
    )
    return read_words(normalise(text), Listener(names - {""}, extra, pending))


def read_button(
    payload: str | bytes,
    title: str | bytes,
    *,
    aliases: Iterable[str] = (),
    pending: bool = False,
    extra: Additions = _NO_ADDITIONS,
) -> Reading:
    """What a pressed button means: by its payload ("OPTOUT", "stop_promotions"), or else by its localised title.

    A stop in either of the two is a stop. A payload of the sender's own making that means nothing to us is no
    objection to a title that does.
    """
    names = tuple(aliases)
    by_payload = read(payload, aliases=names, pending=pending, extra=extra)
    by_title = read(title, aliases=names, pending=pending, extra=extra)
    if by_title.kind is Kind.STOP and by_payload.kind is not Kind.STOP:
        return by_title
    return by_title if by_payload.kind is Kind.OTHER else by_payload
