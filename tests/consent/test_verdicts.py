"""The answer before writing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.events import EVERY_PURPOSE, SYSTEM, Draft, Event, EventType
from consent.moves import Why
from consent.standing import NOBODY, Standings, State, fold
from consent.verdicts import SENTENCES, Accept, Reject, keeps_out, sentence, verdict
from tests.consent.events_given import EVIDENCE, FILE, OPERATOR, TEXT, at, draft, event
from tests.consent.test_standing_properties import events, histories
from tests.consent.test_standing_table import WAYS_THERE

NOW = at(1)


def importing(hours: float = 0, **fields: Any) -> Draft:
    given_: dict[str, Any] = {"actor": FILE, "source": "import", "text": TEXT, "evidence": EVIDENCE}
    return draft(EventType.GRANTED_BY_IMPORT, hours, **(given_ | fields))


def standing_in(state: State) -> Standings:
    return fold(WAYS_THERE[state])


@pytest.mark.parametrize("state", State)
def test_a_file_keeps_out_whom_the_table_lets_no_file_move(state: State) -> None:
    out = {State.DECLINED, State.LAPSED, State.PAUSED, State.REVOKED, State.ERASED}
    assert (keeps_out(standing_in(state), "marketing", NOW) is not None) == (state in out)


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (State.PENDING, Why.AWAITS_ANSWER),
        (State.DECLINED, Why.DECLINED),
        (State.LAPSED, Why.UNANSWERED),
        (State.GRANTED, Why.ALREADY_GRANTED),
        (State.PAUSED, Why.ON_HOLD),
        (State.REVOKED, Why.WITHDRAWN),
        (State.ERASED, Why.ERASED),
    ],
)
def test_a_row_is_told_why_it_is_not_taken(state: State, why: Why) -> None:
    assert verdict(standing_in(state), importing(), NOW) == Reject(why, state)


def test_a_row_older_than_the_withdrawal_is_refused_all_the_same() -> None:
    answer = verdict(standing_in(State.REVOKED), importing(-1.5), NOW)
    assert isinstance(answer, Reject)
    assert answer.why is Why.WITHDRAWN


def test_a_complete_row_is_taken_and_an_incomplete_one_needs_confirmation() -> None:
    assert verdict(NOBODY, importing(), NOW) == Accept(State.GRANTED, EventType.GRANTED_BY_IMPORT, changes=True)
    assert verdict(NOBODY, importing(evidence=None), NOW) == Reject(Why.PROOF_MISSING, State.NONE)
    expired = standing_in(State.EXPIRED)
    assert verdict(expired, importing(-5), NOW) == Reject(Why.PROOF_NOT_NEWER, State.EXPIRED)
    assert verdict(expired, importing(0.5, text=None), NOW) == Reject(Why.PROOF_MISSING, State.EXPIRED)


def test_a_row_from_the_future_is_refused() -> None:
    answer = verdict(NOBODY, importing(2), NOW)
    assert isinstance(answer, Reject)
    assert answer.why is Why.IN_THE_FUTURE


def test_a_stop_is_always_written() -> None:
    for state in State:
        if state is not State.ERASED:
            assert isinstance(verdict(standing_in(state), draft(EventType.REVOKED), NOW), Accept)
    again = verdict(standing_in(State.REVOKED), draft(EventType.REVOKED), NOW)
    assert again == Accept(State.REVOKED, EventType.REVOKED, changes=False, why=Why.ALREADY_REFUSED)


def test_a_stop_from_a_fast_clock_is_still_written() -> None:
    assert isinstance(verdict(standing_in(State.GRANTED), draft(EventType.REVOKED, 50), NOW), Accept)


@pytest.mark.parametrize(
    ("state", "becomes", "record_as"),
    [
        (State.DECLINED, State.PENDING, EventType.REQUESTED),
        (State.LAPSED, State.PENDING, EventType.REQUESTED),
        (State.EXPIRED, State.PENDING, EventType.REQUESTED),
        (State.PAUSED, State.GRANTED, EventType.RESUMED),
        (State.REVOKED, State.GRANTED, EventType.RESUMED),
    ],
)
def test_start_says_what_to_write(state: State, becomes: State, record_as: EventType) -> None:
    assert verdict(standing_in(state), draft(EventType.RESUMED), NOW) == Accept(becomes, record_as, changes=True)


def test_start_after_a_withdrawal_asks_for_confirmation_where_the_house_wants_it() -> None:
    answer = verdict(standing_in(State.REVOKED), draft(EventType.RESUMED), NOW, double_opt_in=True)
    assert answer == Accept(State.REVOKED, EventType.REQUESTED, changes=True)


def test_start_from_a_stranger_is_answered_with_how_to_join() -> None:
    answer = verdict(NOBODY, draft(EventType.RESUMED), NOW)
    assert isinstance(answer, Reject)
    assert "how to join" in answer.sentence("en")
    assert "nasıl katılacağını" in answer.sentence("tr-TR")


def test_a_second_consent_is_a_renewal() -> None:
    answer = verdict(standing_in(State.GRANTED), draft(EventType.GRANTED), NOW)
    assert answer == Accept(State.GRANTED, EventType.RENEWED, changes=True)


def test_an_operator_cannot_give_back() -> None:
    given_ = draft(EventType.GRANTED, actor=OPERATOR, source="admin")
    assert verdict(standing_in(State.REVOKED), given_, NOW) == Reject(Why.ONLY_THE_PERSON, State.REVOKED)
    proven = draft(EventType.GRANTED, actor=OPERATOR, source="call", evidence=EVIDENCE)
    assert isinstance(verdict(standing_in(State.REVOKED), proven, NOW), Accept)


@pytest.mark.parametrize(("state", "why"), [(State.DECLINED, Why.DECLINED), (State.REVOKED, Why.WITHDRAWN)])
def test_we_do_not_ask_somebody_who_refused(state: State, why: Why) -> None:
    asking = draft(EventType.REQUESTED, actor=SYSTEM)
    assert verdict(standing_in(state), asking, NOW) == Reject(why, state)


def test_a_silenced_person_is_reached_by_no_file() -> None:
    silent = fold([event(1, EventType.SUPPRESSED, -1, purpose=EVERY_PURPOSE)])
    assert verdict(silent, importing(), NOW) == Reject(Why.SUPPRESSED, State.REVOKED)


def test_an_answer_nobody_asked_for_is_kept_and_a_late_one_is_not() -> None:
    assert verdict(NOBODY, draft(EventType.CONFIRMED), NOW) == Accept(
        State.NONE, EventType.CONFIRMED, changes=False, why=Why.NOT_ASKED
    )
    late = verdict(standing_in(State.LAPSED), draft(EventType.CONFIRMED), NOW)
    assert late == Reject(Why.TOO_LATE, State.LAPSED)


def test_an_answer_in_time_counts_though_it_arrives_late() -> None:
    asked = fold([event(1, EventType.REQUESTED, 0, actor=SYSTEM)])
    answer = verdict(asked, draft(EventType.CONFIRMED, 47), at(60))
    assert isinstance(answer, Accept)
    assert answer.state is State.GRANTED


def test_a_late_consent_older_than_the_refusal_is_recorded_without_effect() -> None:
    answer = verdict(standing_in(State.REVOKED), draft(EventType.GRANTED, -1.5), NOW)
    assert answer == Accept(State.REVOKED, EventType.GRANTED, changes=False, refold=True, why=Why.OLDER_THAN_REFUSAL)


def test_an_erased_person_may_begin_anew_under_another_reference() -> None:
    answer = verdict(standing_in(State.ERASED), draft(EventType.RESUMED), NOW)
    assert answer == Reject(Why.ERASED, State.ERASED, new_subject=True)
    theirs = verdict(standing_in(State.ERASED), draft(EventType.REQUESTED, actor=SYSTEM), NOW)
    assert theirs == Reject(Why.ERASED, State.ERASED)


def test_nobody_consents_to_everything() -> None:
    answer = verdict(NOBODY, draft(EventType.GRANTED, purpose=EVERY_PURPOSE), NOW)
    assert answer == Reject(Why.NO_BLANKET_CONSENT, State.NONE)


def test_a_correction_must_name_the_consent_in_force() -> None:
    granted = standing_in(State.GRANTED)
    assert isinstance(verdict(granted, draft(EventType.CORRECTED, causes=("id-0002",)), NOW), Accept)
    assert verdict(granted, draft(EventType.CORRECTED), NOW) == Reject(Why.NOTHING_TO_CORRECT, State.GRANTED)


def test_what_only_tells_is_written_and_moves_nothing() -> None:
    for kind in (EventType.REQUEST_EXPIRED, EventType.EXPIRED, EventType.EXPORTED):
        answer = verdict(standing_in(State.GRANTED), draft(kind, actor=SYSTEM), NOW)
        assert answer == Accept(State.GRANTED, kind, changes=False)


@pytest.mark.parametrize("why", list(Why))
def test_every_reason_has_its_sentence_in_both_languages(why: Why) -> None:
    english, turkish = SENTENCES[why]
    assert english != turkish
    for one in (english, turkish):
        assert one.endswith(".")
        assert one[0].isupper()
    assert sentence(why, "TR") == turkish
    assert sentence(why, "de") == english


@given(histories(6), events(50), st.integers(0, 50))
def test_a_verdict_foretells_the_fold(history: list[Event], last: Event, wait: int) -> None:
    """Of an event newer than all others, what was accepted is what the fold then shows."""
    before = fold(history)
    newest = event(50, last.type, 900 + wait, **{name: getattr(last, name) for name in KEPT})
    answer = verdict(before, newest, newest.occurred_at)
    after = fold([*history, newest]).at(newest.occurred_at).of(newest.purpose)
    was = before.at(newest.occurred_at).of(newest.purpose)
    if isinstance(answer, Accept) and answer.record_as is newest.type:
        assert after.state is answer.state
    if isinstance(answer, Reject):
        assert after.state is was.state


KEPT = ("actor", "source", "purpose", "channel", "text", "evidence", "causes")
