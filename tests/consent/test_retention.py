"""How long proof is kept, from what moment on, and for whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from consent.events import EVERY_PURPOSE, EventType
from consent.retention import Retention, ended_at, may_be_forgotten
from consent.standing import NOBODY, fold
from tests.consent.events_given import at, draft
from tests.consent.proof.ledgers_given import AYSE, NEWSLETTER, recorded

RETENTION = Retention.read("TR 10d, DE 20d, * 15d")
GRANTED = draft(EventType.GRANTED, subject=AYSE, text=NEWSLETTER.ref, occurred_at=at(0))
REVOKED = draft(EventType.REVOKED, subject=AYSE, occurred_at=at(24), idem="stop")


def test_a_consent_in_force_never_ends_by_itself() -> None:
    assert ended_at(fold(recorded([GRANTED])), at(24 * 9999)) is None


def test_nobody_spoke_and_nothing_ended() -> None:
    assert ended_at(NOBODY, at(0)) is None


def test_the_clock_starts_when_the_person_withdrew() -> None:
    assert ended_at(fold(recorded([GRANTED, REVOKED])), at(48)) == at(24)


def test_an_end_date_starts_the_clock_without_any_event() -> None:
    ending = fold(recorded([replace(GRANTED, expires_at=at(10))]))
    assert ended_at(ending, at(9)) is None
    assert ended_at(ending, at(11)) == at(10)


@pytest.mark.parametrize(
    ("countries", "days"), [(["TR"], 10), (["DE"], 20), (["TR", "DE"], 20), ([None], 15), (["FR"], 15), ([], 15)]
)
def test_the_longest_term_of_the_countries_holds(countries: list[str | None], days: int) -> None:
    ended = fold(recorded([GRANTED, REVOKED]))
    due = at(24) + timedelta(days=days)
    assert not may_be_forgotten(ended, countries, None, RETENTION, due - timedelta(seconds=1))
    assert may_be_forgotten(ended, countries, None, RETENTION, due)


def test_the_last_use_counts_when_it_is_later() -> None:
    ended = fold(recorded([GRANTED, REVOKED]))
    assert not may_be_forgotten(ended, ["TR"], at(48), RETENTION, at(24) + timedelta(days=10))
    assert may_be_forgotten(ended, ["TR"], at(48), RETENTION, at(48) + timedelta(days=10))


def test_one_consent_in_force_keeps_the_proof_of_the_others() -> None:
    news = draft(EventType.GRANTED, subject=AYSE, purpose="custom:news", occurred_at=at(1), idem="news")
    both = fold(recorded([GRANTED, news, REVOKED]))
    assert ended_at(both, at(9999)) is None


def test_who_is_erased_is_not_erased_again() -> None:
    gone = draft(EventType.ERASED, subject=AYSE, purpose=EVERY_PURPOSE, occurred_at=at(30), idem="erased")
    erased = fold(recorded([GRANTED, REVOKED, gone]))
    assert not may_be_forgotten(erased, ["TR"], None, RETENTION, at(24 * 9999))


@pytest.mark.parametrize("text", ["TR 10d", "TR 10, * 5d", "tr 10d, * 5d", "", "* 0d"])
def test_a_term_that_cannot_be_read_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="such as"):
        Retention.read(text)
