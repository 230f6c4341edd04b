"""Messages that are a keyword and nothing else, politeness and the brand's name aside."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from consent.replies.vocabulary import Lexicon, Role, Vocabulary

WORDS_MAX = 24  # a keyword with every politeness around it is still shorter, even where each letter is a word

_STRENGTH = (
    Role.STOP_ALL,
    Role.STOP_ALONE,
    Role.STOP,
    Role.STOP_LIKELY,
    Role.CONFIRM,
    Role.DECLINE,
    Role.HELP,
    Role.START,
)
"""Where several roles are possible the first of these wins: the more restrictive, then the more useful."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A message made of keywords: the role that decides, its words, the language."""

    role: Role
    words: tuple[str, ...]
    language: str


_NEUTRAL = frozenset({Role.POLITE, Role.CONFIRM})


def _cover(
    words: tuple[str, ...], lexicon: Lexicon, aliases: Collection[str], allowed: frozenset[Role]
) -> list[tuple[tuple[str, ...], frozenset[Role]]] | None:
    """Cut the message into entries of one language, longest first; None when some word belongs to none.

    A word that only declines ("no") is none of them, for it may negate what follows: "no paren".
    """
    found: list[tuple[tuple[str, ...], frozenset[Role]]] = []
    place = 0
    while place < len(words):
        for length in range(min(lexicon.longest, len(words) - place), 0, -1):
            part = words[place : place + length]
            roles = lexicon.roles.get(part, frozenset())
            if not roles.isdisjoint(allowed):
                found.append((part, roles))
                place += length
                break
        else:
            if words[place] not in aliases:
                return None
            place += 1
    return found


def _readings(
    words: tuple[str, ...], vocabulary: Vocabulary, aliases: Collection[str], roles_wanted: frozenset[Role]
) -> Iterator[Whole]:
    known = [word for word in words if word not in aliases]
    languages = vocabulary.languages_by_first_word.get(known[0], ()) if known else ()
    for language in languages:
        parts = _cover(words, vocabulary.lexicons[language], aliases, roles_wanted | _NEUTRAL)
        for part, roles in parts or ():
            for role in roles & roles_wanted:
                yield Whole(role, part, language)


def whole_message(
    words: tuple[str, ...],
    vocabulary: Vocabulary,
    aliases: Collection[str] = (),
    roles_wanted: frozenset[Role] = frozenset(Role) - {Role.POLITE, Role.CONFIRM, Role.DECLINE},
) -> Whole | None:
    """The keyword that this message consists of, or None. Of several the more restrictive wins."""
    if not 0 < len(words) <= WORDS_MAX:
        return None
    found = list(_readings(words, vocabulary, aliases, roles_wanted))
    return min(found, key=lambda whole: _STRENGTH.index(whole.role), default=None)
