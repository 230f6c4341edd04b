"""Messages that are a keyword and nothing else, politeness and the brand's name aside."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
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
    Role.STOP_REFUSAL,
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


Part = tuple[tuple[str, ...], frozenset[Role]]
_NEUTRAL = frozenset({Role.POLITE, Role.CONFIRM})


def _cover(
    words: tuple[str, ...], lexicon: Lexicon, unspoken: Collection[str], allowed: frozenset[Role]
) -> list[Part] | None:
    """Cut the message into entries of one language, longest first; None when some word belongs to none.

    A word that only declines ("no") is none of them, for it may negate what follows: "no paren". Brands and the
    courtesies of the house's languages are `unspoken`: they stand beside keywords of any language.
    """
    found: list[Part] = []
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
            if words[place] not in unspoken:
                return None
            place += 1
    return found


def _may_negate(parts: list[Part]) -> bool:
    """Whether a refusal stands beside another keyword, which it may negate: "no quiero parar"."""
    refuses = any(Role.STOP_REFUSAL in roles for _, roles in parts)
    return refuses and sum(not roles & _NEUTRAL for _, roles in parts) > 1


def _languages(words: tuple[str, ...], vocabulary: Vocabulary, aliases: Collection[str]) -> Iterable[str]:
    """Languages in which the first word begins something, or the first that is no courtesy: "please dur"."""
    known = [word for word in words if word not in aliases]
    plain = [word for word in known if word not in vocabulary.courtesies]
    firsts = dict.fromkeys((*known[:1], *plain[:1]))
    return dict.fromkeys(name for first in firsts for name in vocabulary.languages_by_first_word.get(first, ()))


def _readings(
    words: tuple[str, ...], vocabulary: Vocabulary, aliases: Collection[str], roles_wanted: frozenset[Role]
) -> Iterator[Whole]:
    unspoken = vocabulary.courtesies.union(aliases) if aliases else vocabulary.courtesies
    if any(word not in vocabulary.words and word not in unspoken for word in words):
        return
    for language in _languages(words, vocabulary, aliases):
        parts = _cover(words, vocabulary.lexicons[language], unspoken, roles_wanted | _NEUTRAL)
        if parts is None or _may_negate(parts):
            continue
        for part, roles in parts:
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
