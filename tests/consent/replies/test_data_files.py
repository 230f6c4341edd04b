"""The data files: complete, sourced, free of contradictions, and problems in them named in words."""

from __future__ import annotations

from importlib.resources import files

import pytest

from consent.replies import EntryProblem
from consent.replies.concepts import Concept
from consent.replies.grammar import RULES, Outcome
from consent.replies.patterns import compile_pattern
from consent.replies.phrasebook import collect, library, read_book
from consent.replies.vocabulary import data_lines, parse_entries, shipped, shipped_entries

WANTED = ["tr", "en", "de", "fr", "es", "pt", "it", "nl", "ru", "ar", "hi", "id", "az", "kk", "fa", "uk", "sv"]
SOURCES = {"consent.md 4", "twilio", "aws", "47 CFR 64.1200", "meta", "tr-sms", "usage", "grammar"}


@pytest.mark.parametrize("language", WANTED)
def test_each_language_asked_for_has_keywords_and_phrases(language: str) -> None:
    assert language in shipped().lexicons
    assert language in library().books


@pytest.mark.parametrize("folder", ["keywords", "phrases"])
def test_every_line_names_one_of_the_sources_that_the_format_lists(folder: str) -> None:
    for item in files("consent.replies").joinpath(folder).iterdir():
        if item.name.endswith(".txt"):
            for where, _, entries, source in data_lines(item.read_text("utf-8"), item.name):
                assert source in SOURCES, where
                assert entries, where


def test_the_formats_are_described_beside_the_files() -> None:
    for folder in ("keywords", "phrases"):
        text = files("consent.replies").joinpath(folder).joinpath("FORMAT.md").read_text("utf-8")
        assert "usage" in text
        assert "sources:" in text


def test_every_entry_is_folded_and_not_empty() -> None:
    for entry in shipped_entries():
        assert entry.words
        assert all(word == word.casefold() for word in entry.words)


def test_every_outcome_and_idea_is_described_or_used() -> None:
    text = files("consent.replies").joinpath("phrases").joinpath("FORMAT.md").read_text("utf-8")
    assert all(outcome in text for outcome in Outcome)
    used = {rule.outcome for rule in RULES}
    assert {Outcome.STOP, Outcome.MAYBE, Outcome.START, Outcome.OTHER, Outcome.CONTACT} <= used


def test_rule_names_are_unique() -> None:
    names = [rule.name for rule in RULES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("stop | dur", "with all three filled in"), ("halt | dur | me", "'halt' is no kind"),
        ("stop | !!! | me", "no letters left"),
        ("stop | | me", "with all three filled in"),
    ],
)  # fmt: skip
def test_a_keyword_line_that_cannot_be_read_is_named(text: str, complaint: str) -> None:
    with pytest.raises(EntryProblem, match=r"words\.txt, line 2: .*" + complaint):
        list(parse_entries("# mine\n" + text, "tr", "words.txt"))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("nonsense | dur | me", "no idea"), ("stop | <nonsense> dur | me", "no idea"),
        ("msg | a* | me", "too short a stem"),
        ("orders | upside-down | me", "no order"), ("send | ... | me", "no letters left"),
        ("stop | .. | me", "has no words"),
        ("laughter | ha~ | me", "is no laughter"),
        ("laughter | +lo | me", "is no laughter"), ("laughter | ... | me", "is no laughter"),
    ],
)  # fmt: skip
def test_a_phrase_line_that_cannot_be_read_is_named(text: str, complaint: str) -> None:
    with pytest.raises(EntryProblem, match=r"book\.txt, line 1: .*" + complaint):
        read_book(text, "tr", "book.txt")


def test_a_book_without_laughter_hears_none() -> None:
    laughs = collect({"tr": read_book("send | yaz | me", "tr", "book.txt")}).laughter
    assert not laughs.is_in("lol 😂", ("lol",))


def test_laughter_is_what_the_book_says_and_no_more() -> None:
    text = "laughter | gülme*, ho+p, e~he/hi~h | me\nlaughter-sign | zz, 🙃 | me"
    laughs = collect({"tr": read_book(text, "tr", "book.txt")}).laughter
    joking = ["gulmek", "hooop", "ehehi", "hehehih"]
    assert all(laughs.is_in("", ("dur", word)) for word in joking)
    assert not any(laughs.is_in("", (word,)) for word in ["gul", "hp", "he", "hehik", "ahehe"])
    assert laughs.is_in("ZZ", ())
    assert laughs.is_in("🙃", ())
    assert not laughs.is_in("z", ())


def test_words_of_thanks_or_no_are_answers_and_stay_what_they_are() -> None:
    assert {"tesekkurler", "hayir", "no"} <= shipped().answers
    assert {"tesekkurler", "hayir", "thanks"} <= shipped().words
    assert "sagol" not in shipped().words


def test_gaps_add_up() -> None:
    gaps = [compile_pattern(text).elements[1].gap_max for text in ("a b", "a . b", "a . . b", "a .. b", "a ... b")]
    assert gaps == [0, 1, 2, 3, 6]


def test_a_pattern_knows_what_it_needs() -> None:
    pattern = compile_pattern("<neg>/<none> .. <send> me")
    assert pattern.may_match(Concept.NEG | Concept.SEND)
    assert pattern.may_match(Concept.NONE | Concept.SEND)
    assert not pattern.may_match(Concept.SEND)
    assert not pattern.may_match(Concept.NEG | Concept.NONE)


def test_ideas_are_single_bits() -> None:
    assert all(concept & (concept - 1) == 0 for concept in Concept)
    assert len({int(concept) for concept in Concept}) == len(Concept)
