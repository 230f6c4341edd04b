"""A tenant's own words. They are read after the shipped ones, so they add and can never take away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from consent.replies.reading import Certainty, Kind, Reading, Scope
from consent.replies.vocabulary import Entry, EntryProblem, Lexicon, Role, build, parse_entries, shipped
from consent.replies.whole import whole_message

TENANT = "tenant"
_KINDS = {
    Role.STOP: Kind.STOP,
    Role.STOP_ALONE: Kind.STOP,
    Role.STOP_ALL: Kind.STOP,
    Role.STOP_LIKELY: Kind.STOP,
    Role.STOP_REFUSAL: Kind.STOP,
    Role.START: Kind.START,
    Role.HELP: Kind.HELP,
}
_STOPS = frozenset({Role.STOP, Role.STOP_ALONE, Role.STOP_ALL, Role.STOP_LIKELY, Role.STOP_REFUSAL})
_WITHIN = (Role.STOP_ALL, Role.STOP_ALONE)
ADDITION_WORDS_MAX = 12


def _reading(role: Role, words: Sequence[str], certainty: Certainty) -> Reading:
    scope = Scope.EVERYTHING if role is Role.STOP_ALL else Scope.MARKETING
    likely = Certainty.LIKELY if role in (Role.STOP_LIKELY, Role.STOP_REFUSAL) else certainty
    return Reading(_KINDS[role], likely, f"{TENANT}.keyword.{'-'.join(words)}/1", scope)


@dataclass(frozen=True, slots=True)
class Additions:
    """Entries in the form of keywords/FORMAT.md that this business has added."""

    entries: tuple[Entry, ...] = ()

    def find(self, words: tuple[str, ...]) -> Reading | None:
        """The message as a whole, politeness of any language around it not counted."""
        if not self.entries:
            return None
        whole = whole_message(words, build(self.entries), (), frozenset(_KINDS))
        return _reading(whole.role, whole.words, Certainty.CERTAIN) if whole else None

    def find_within(self, words: tuple[str, ...]) -> Reading | None:
        """A `stop-alone` or `stop-all` of at least two words anywhere in the message."""
        for entry in self.entries:
            size = len(entry.words)
            if size > 1 and entry.role in _WITHIN:
                for place in range(len(words) - size + 1):
                    if words[place : place + size] == entry.words:
                        return _reading(entry.role, entry.words, Certainty.LIKELY)
        return None


def _refuse_idle(entry: Entry) -> None:
    if entry.role is Role.ANSWER:
        raise EntryProblem(f"{' '.join(entry.words)!r} cannot be an {entry.role} of one business; use {Role.POLITE}")


def _refuse_overruling(entry: Entry, lexicons: Iterable[Lexicon]) -> None:
    for lexicon in lexicons:
        if entry.role not in _STOPS and not lexicon.roles.get(entry.words, frozenset()).isdisjoint(_STOPS):
            raise EntryProblem(
                f"{' '.join(entry.words)!r} already means stop ({lexicon.language}); a business may add words,"
                f" never take one away, so it cannot mean {entry.role}"
            )


def additions(text: str, name: str = "additions") -> Additions:
    """Read a business's own words, in the form of keywords/FORMAT.md.

    Raises EntryProblem for a line that cannot be read, for an entry that is too long, and for one that would turn a
    word that stops into something else.
    """
    entries = tuple(parse_entries(text, TENANT, name))
    for entry in entries:
        if len(entry.words) > ADDITION_WORDS_MAX:
            raise EntryProblem(f"{name}: {' '.join(entry.words)!r} is longer than {ADDITION_WORDS_MAX} words")
        _refuse_idle(entry)
        _refuse_overruling(entry, shipped().lexicons.values())
    return Additions(entries)
