"""The phrase files, read once: what each language's words stand for, and its idioms.

The format is described in phrases/FORMAT.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, reduce
from importlib.resources import files
from itertools import chain
from operator import or_

from consent.replies.concepts import Concept
from consent.replies.grammar import ORDERS, RULES, Defeat, Outcome, Rule
from consent.replies.laughter import Laughter, expression, laughter, sign
from consent.replies.normalise import fold_entry
from consent.replies.patterns import compile_pattern
from consent.replies.vocabulary import EntryProblem, data_lines, spellings

STARTS_MAX = 8_000  # remembered per language; sentences repeat the few ideas there are
PREFIX_MIN = 2  # shorter stems would match half the dictionary

_OUTCOMES = frozenset(str(outcome) for outcome in Outcome)
_IDIOM_DEFEATS = {
    Outcome.STOP: Defeat.UNKNOWN | Defeat.ASK,
    Outcome.STOP_ALL: Defeat.UNKNOWN | Defeat.ASK,
    Outcome.MAYBE: Defeat.OBJECT,
}


@dataclass(frozen=True, slots=True)
class Run:
    """Several words that stand for one idea; of the last one only the beginning may be given."""

    words: tuple[str, ...]
    ends_in_stem: bool
    mask: int

    def matches(self, words: Sequence[str], place: int) -> bool:
        last = place + len(self.words) - 1
        if last >= len(words) or tuple(words[place:last]) != self.words[:-1]:
            return False
        return words[last].startswith(self.words[-1]) if self.ends_in_stem else words[last] == self.words[-1]


@dataclass(slots=True)
class Phrasebook:
    """One language: what words, stems and runs of words stand for, its idioms, its laughter and the rules it uses."""

    language: str
    words: dict[str, int] = field(default_factory=dict)
    stems: dict[str, int] = field(default_factory=dict)
    runs: dict[str, list[Run]] = field(default_factory=dict)
    idioms: list[Rule] = field(default_factory=list)
    orders: set[str] = field(default_factory=set)
    laughter: list[str] = field(default_factory=list)
    laughter_signs: list[str] = field(default_factory=list)
    rules: tuple[tuple[int, Rule], ...] = ()
    by_first_word: dict[str, list[Rule]] = field(default_factory=dict)
    by_first_stem: dict[str, list[Rule]] = field(default_factory=dict)
    rules_by_start: dict[tuple[int, int], tuple[Rule, ...]] = field(default_factory=dict)
    idioms_by_start: dict[str, tuple[Rule, ...]] = field(default_factory=dict)

    def rules_from(self, mask: int, union: int) -> tuple[Rule, ...]:
        """The rules that can begin with a word that stands for `mask` in a sentence that stands for `union`.

        Remembered for the next sentence like it.
        """
        found = self.rules_by_start.get((mask, union))
        if found is None:
            if len(self.rules_by_start) >= STARTS_MAX:
                self.rules_by_start.clear()
            found = tuple(rule for first, rule in self.rules if mask & first and rule.pattern.may_match(union))
            self.rules_by_start[mask, union] = found
        return found

    def add(self, concept: int, entry: str, where: str) -> None:
        is_stem = entry.endswith("*")
        words = fold_entry(entry.removesuffix("*")).split()
        if not words:
            raise EntryProblem(f"{where}: {entry!r} has no letters left to compare; remove it")
        if len(words) > 1:
            self._add_run(concept, tuple(words), is_stem)
            self.words[words[0]] = self.words.get(words[0], 0) | Concept.IDIOM
        elif is_stem:
            self._add_stem(concept, words[0], where)
        else:
            self.words[words[0]] = self.words.get(words[0], 0) | concept

    def _add_run(self, concept: int, words: tuple[str, ...], is_stem: bool) -> None:
        """A run named twice stands for both ideas, as a word does."""
        runs = self.runs.setdefault(words[0], [])
        same = next((run for run in runs if run.words == words and run.ends_in_stem == is_stem), None)
        if same:
            runs.remove(same)
        runs.append(Run(words, is_stem, concept | (same.mask if same else 0)))

    def _add_stem(self, concept: int, stem: str, where: str) -> None:
        if len(stem) < PREFIX_MIN:
            raise EntryProblem(f"{where}: {stem!r}* is too short a stem; write at least {PREFIX_MIN} letters")
        self.stems[stem] = self.stems.get(stem, 0) | concept

    def add_idiom(self, outcome: Outcome, entry: str, where: str) -> None:
        try:
            pattern = compile_pattern(entry)
        except ValueError as problem:
            raise EntryProblem(f"{where}: {problem}") from None
        name = "-".join(fold_entry(entry).split())
        defeats = _IDIOM_DEFEATS.get(outcome, 0)
        self.file_idiom(Rule(f"phrase.{name}", pattern, outcome, defeats, is_idiom=True))

    def file_idiom(self, rule: Rule) -> None:
        """File an idiom under what it begins with, so that only words that may begin it are tried."""
        first = rule.pattern.elements[0]
        if first.concept:
            self.idioms.append(rule)
        for word in first.words:
            self.by_first_word.setdefault(word, []).append(rule)
            self.words[word] = self.words.get(word, 0) | Concept.IDIOM
        for stem in first.prefixes:
            self.by_first_stem.setdefault(stem, []).append(rule)
            self.stems[stem] = self.stems.get(stem, 0) | Concept.IDIOM

    def idioms_from(self, word: str) -> tuple[Rule, ...]:
        """Idioms whose first element may be this word. Remembered, for the words that begin idioms are common."""
        found = self.idioms_by_start.get(word)
        if found is None:
            if len(self.idioms_by_start) >= STARTS_MAX:
                self.idioms_by_start.clear()
            stems = (self.by_first_stem.get(word[:length], ()) for length in range(PREFIX_MIN, len(word) + 1))
            found = tuple(chain(self.by_first_word.get(word, ()), chain.from_iterable(stems)))
            self.idioms_by_start[word] = found
        return found


@dataclass(frozen=True, slots=True)
class Library:
    """All phrasebooks, where a word is known (language by language, as a whole word or by its stem), and laughter."""

    books: Mapping[str, Phrasebook]
    words: Mapping[str, tuple[tuple[str, int], ...]]
    stems: Mapping[str, tuple[tuple[str, int], ...]]
    stem_longest: int
    run_words: frozenset[str]
    laughter: Laughter


@cache
def _concepts(names: str, where: str) -> int:
    try:
        return reduce(or_, (int(Concept[name.upper()]) for name in names.split()))
    except KeyError as unknown:
        known = ", ".join(str(concept.name).lower() for concept in Concept)
        raise EntryProblem(f"{where}: {unknown} is no idea, outcome or order; the ideas are {known}") from None


def read_book(text: str, language: str, name: str) -> Phrasebook:
    """One language's phrase file. Raises EntryProblem with file, line and what to write instead."""
    book = Phrasebook(language)
    for where, what, entries, _source in data_lines(text, name):
        for entry in entries:
            for spelling in spellings(entry, language):
                _add_entry(book, what, spelling, where)
    return book


def _add_entry(book: Phrasebook, what: str, entry: str, where: str) -> None:
    if what == "orders":
        if entry not in ORDERS:
            raise EntryProblem(f"{where}: {entry!r} is no order; use {' or '.join(ORDERS)}")
        book.orders.add(entry)
    elif what == "laughter":
        book.laughter.append(expression(entry, where))
    elif what == "laughter-sign":
        book.laughter_signs.append(sign(entry))
    elif what in _OUTCOMES:
        book.add_idiom(Outcome(what), entry, where)
    else:
        book.add(_concepts(what, where), entry, where)


def _finish(book: Phrasebook) -> None:
    """Settle the rules this language uses, and let longer runs of words win over shorter ones."""
    for runs in book.runs.values():
        runs.sort(key=lambda run: -len(run.words))
    usable = [rule for rule in RULES if rule.needs_order is None or rule.needs_order in book.orders]
    book.rules = tuple((rule.pattern.elements[0].concept, rule) for rule in (*usable, *book.idioms))


def _index(tables: Mapping[str, Mapping[str, int]]) -> dict[str, tuple[tuple[str, int], ...]]:
    found: dict[str, list[tuple[str, int]]] = {}
    for language, table in tables.items():
        for word, mask in table.items():
            found.setdefault(word, []).append((language, mask))
    return {word: tuple(masks) for word, masks in found.items()}


def collect(books: Mapping[str, Phrasebook]) -> Library:
    """The books together. What stands in the book of all languages is known in each that does not know better."""
    for book in books.values():
        _finish(book)
    stems = _index({language: book.stems for language, book in books.items()})
    words = _index({language: book.words for language, book in books.items()})
    run_words = {word for book in books.values() for runs in book.runs.values() for run in runs for word in run.words}
    laughs = laughter(
        chain.from_iterable(book.laughter for book in books.values()),
        chain.from_iterable(book.laughter_signs for book in books.values()),
    )
    return Library(books, words, stems, max(map(len, stems), default=0), frozenset(run_words), laughs)


def shipped_books() -> Iterator[Phrasebook]:
    folder = files("consent.replies").joinpath("phrases")
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        if item.name.endswith(".txt"):
            yield read_book(item.read_text("utf-8"), item.name.removesuffix(".txt"), f"phrases/{item.name}")


@cache
def library() -> Library:
    return collect({book.language: book for book in shipped_books()})
