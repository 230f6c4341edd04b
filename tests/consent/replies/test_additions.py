"""A tenant's own words: added, never overruling."""

from __future__ import annotations

import pytest

from consent.replies import Certainty, EntryProblem, Kind, Scope, additions, read
from consent.replies.vocabulary import Role, shipped_entries

OWN = additions(
    """
    # our customers' words
    stop | yallah bye, küstüm | support desk
    stop-alone | artık küsüz biz | support desk
    stop-all | tamamen küstüm | support desk
    stop-likely | hımm | support desk
    start | barıştık | support desk
    help | imdat | support desk
    polite | canlarım | support desk
    """
)


@pytest.mark.parametrize("text", ["küstüm", "KÜSTÜM!", "kustum", "yallah bye", "küstüm canlarım"])
def test_an_added_word_stops(text: str) -> None:
    assert read(text).kind is Kind.OTHER
    assert (read(text, extra=OWN).kind, read(text, extra=OWN).certainty) == (Kind.STOP, Certainty.CERTAIN)


def test_an_added_word_bears_its_own_rule() -> None:
    assert read("küstüm", extra=OWN).rule == "tenant.keyword.kustum/1"


def test_an_added_phrase_of_several_words_is_heard_within_a_message() -> None:
    reading = read("bak arkadaş artık küsüz biz haberin olsun", extra=OWN)
    assert (reading.kind, reading.certainty) == (Kind.STOP, Certainty.LIKELY)


def test_added_kinds_keep_their_meaning() -> None:
    assert read("tamamen küstüm", extra=OWN).scope is Scope.EVERYTHING
    assert read("hımm", extra=OWN).certainty is Certainty.LIKELY
    assert read("barıştık", extra=OWN).kind is Kind.START
    assert read("imdat", extra=OWN).kind is Kind.HELP


def test_additions_change_nothing_about_the_words_that_ship() -> None:
    stops = [" ".join(entry.words) for entry in shipped_entries() if entry.role in (Role.STOP, Role.STOP_ALONE)][:400]
    assert all(read(word, extra=OWN) == read(word) for word in stops)


@pytest.mark.parametrize("line", ["start | dur | me", "help | STOP | me", "polite | iptal | me"])
def test_a_word_that_stops_cannot_be_made_to_mean_anything_else(line: str) -> None:
    with pytest.raises(EntryProblem, match="already means stop"):
        additions(line)


def test_an_entry_must_not_be_a_novel() -> None:
    with pytest.raises(EntryProblem, match="longer than 12 words"):
        additions(f"stop | {'kelime ' * 13} | me")


def test_a_line_that_cannot_be_read_is_named_with_its_file() -> None:
    with pytest.raises(EntryProblem, match=r"own\.txt, line 1: write {2}kind"):
        additions("dur", "own.txt")


def test_an_answer_of_one_business_is_refused_instead_of_ignored() -> None:
    with pytest.raises(EntryProblem, match="'olmaz' cannot be an answer of one business; use polite"):
        additions("answer | olmaz | Ayşe")
