"""The keyword files, read once: which words mean what, in which language, on whose word.

The format is described in keywords/FORMAT.md. A tenant's own words have the same form and are only ever added.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from consent.replies.normalise import fold_entry

ANY_LANGUAGE = "any"
_MIXED_LANGUAGES = ("en", "tr")  # what people of any language mix into theirs


class Role(StrEnum):
    """What a keyword entry does; see keywords/FORMAT.md."""

    STOP = "stop"
    STOP_ALONE = "stop-alone"
    STOP_ALL = "stop-all"
    STOP_LIKELY = "stop-likely"
    STOP_REFUSAL = "stop-refusal"
    START = "start"
    HELP = "help"
    CONFIRM = "confirm"
    DECLINE = "decline"
    POLITE = "polite"
    ANSWER = "answer"


class EntryProblem(ValueError):
    """A line of a data file or of a tenant's additions that cannot be used. The text says where, what and why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One keyword: its folded words, its role, its language and who says so."""

    words: tuple[str, ...]
    role: Role
    language: str
    source: str


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The keywords of one language: every role that a run of words may play."""

    language: str
    roles: Mapping[tuple[str, ...], frozenset[Role]]
    longest: int


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Keywords of all languages, and for each first word the languages in which something begins with it.

    `courtesies` are the polite words that people mix into any language: "dur please", "stop lütfen". `answers` are
    words of thanks or of no: "I do not want" beside one may answer an offer.
    """

    lexicons: Mapping[str, Lexicon]
    languages_by_first_word: Mapping[str, tuple[str, ...]]
    single_words: Mapping[str, frozenset[Role]]
    words: frozenset[str]
    courtesies: frozenset[str]
    answers: frozenset[str]


def _fields(line: str, where: str) -> tuple[str, str, str]:
    parts = [part.strip() for part in line.split("|")]
    if len(parts) != 3 or not all(parts):
        raise EntryProblem(f"{where}: write  kind | words | source  with all three filled in; got: {line.strip()!r}")
    return parts[0], parts[1], parts[2]


def _role(name: str, where: str) -> Role:
    try:
        return Role(name)
    except ValueError:
        raise EntryProblem(f"{where}: {name!r} is no kind; use one of {', '.join(Role)}") from None


def data_lines(text: str, name: str) -> Iterator[tuple[str, str, list[str], str]]:
    """Of each line of a data file: where it stands, its first field, its entries, its source. Raises EntryProblem."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            where = f"{name}, line {number}"
            kind, words, source = _fields(line, where)
            yield where, kind, [entry.strip() for entry in words.split(",") if entry.strip()], source


_DIGRAPHS: dict[str, dict[int, str]] = {
    "de": str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"}),
    "sv": str.maketrans({"å": "aa"}),
    "da": str.maketrans({"å": "aa", "ø": "oe"}),
}


def spellings(entry: str, language: str) -> tuple[str, ...]:
    """The entry, and how it is written on a keyboard without its letters: löschen, loeschen."""
    digraphs = _DIGRAPHS.get(language)
    if digraphs is None or entry.isascii():
        return (entry,)
    plain = entry.translate(digraphs)
    return (entry,) if plain == entry else (entry, plain)


def parse_entries(text: str, language: str, name: str) -> Iterator[Entry]:
    """Entries of one file's text. `name` is what a problem calls the file. Raises EntryProblem."""
    for where, kind, entries, source in data_lines(text, name):
        role = _role(kind, where)
        for entry in entries:
            for spelling in spellings(entry, language):
                if not (folded := fold_entry(spelling)):
                    raise EntryProblem(f"{where}: {entry!r} has no letters left to compare; remove it")
                yield Entry(tuple(folded.split()), role, language, source)


def _lexicon(language: str, entries: Iterable[Entry]) -> Lexicon:
    roles: dict[tuple[str, ...], frozenset[Role]] = {}
    for entry in entries:
        roles[entry.words] = roles.get(entry.words, frozenset()) | {entry.role}
    return Lexicon(language, roles, max((len(words) for words in roles), default=0))


def _courtesies(lexicons: Mapping[str, Lexicon]) -> frozenset[str]:
    spoken = [lexicons[language] for language in _MIXED_LANGUAGES if language in lexicons]
    return frozenset(
        words[0]
        for lexicon in spoken
        for words, roles in lexicon.roles.items()
        if roles == {Role.POLITE}
        if len(words) == 1
    )


def build(entries: Iterable[Entry]) -> Vocabulary:
    """A vocabulary of these entries; those of `any` belong to every language."""
    by_language: dict[str, list[Entry]] = {}
    answers: set[str] = set()
    for entry in entries:
        if entry.role is Role.ANSWER:
            answers.add(" ".join(entry.words))
        else:
            by_language.setdefault(entry.language, []).append(entry)
    shared = by_language.get(ANY_LANGUAGE, [])
    lexicons = {
        language: _lexicon(language, [*shared, *own] if language != ANY_LANGUAGE else own)
        for language, own in by_language.items()
    }
    firsts: dict[str, list[str]] = {}
    singles: dict[str, frozenset[Role]] = {}
    for language, lexicon in lexicons.items():
        for first in dict.fromkeys(words[0] for words in lexicon.roles):
            firsts.setdefault(first, []).append(language)
        for words, roles in lexicon.roles.items():
            if len(words) == 1:
                singles[words[0]] = singles.get(words[0], frozenset()) | roles
    every = frozenset(word for lexicon in lexicons.values() for words in lexicon.roles for word in words)
    by_first = {word: tuple(names) for word, names in firsts.items()}
    return Vocabulary(lexicons, by_first, singles, every, _courtesies(lexicons), frozenset(answers))


def shipped_entries() -> Iterator[Entry]:
    """Every keyword that comes with the package, in the order of the languages' names, English and Turkish first."""
    folder = files("consent.replies").joinpath("keywords")
    names = sorted(
        (item.name for item in folder.iterdir() if item.name.endswith(".txt")),
        key=lambda name: (name not in ("en.txt", "tr.txt"), name),
    )
    for name in names:
        language = name.removesuffix(".txt")
        yield from parse_entries(folder.joinpath(name).read_text("utf-8"), language, f"keywords/{name}")


@cache
def shipped() -> Vocabulary:
    return build(shipped_entries())
