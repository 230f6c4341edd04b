"""Every code has one meaning and one consequence, whichever way it reaches us."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.failure import (
    FAILURES,
    NOT_SENT,
    OUTCOME_UNKNOWN,
    RANGES,
    REST,
    UNFIT,
    UNLISTED,
    Fail,
    Hold,
    Lifts,
    Reaction,
    Retry,
    Scope,
    Unsure,
    consequence,
    gravest,
    meaning,
)
from gateway.core.failure_words import WORDS

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
NEXT_WEEK = NOW + timedelta(days=7)
REFERENCE = Path(__file__).parents[3] / "shared" / "reference" / "whatsapp-cloud-api.md"

# code, reaction, scope, and whether a message that met a hold goes back to the queue
TABLE: list[tuple[int, str, str | None, bool]] = [
    (UNFIT, "drop", None, False),
    (NOT_SENT, "retry", None, False),
    (0, "hold", "everything", True),
    (1, "retry", None, False),
    (2, "retry", None, False),
    (3, "hold", "everything", True),
    (4, "retry", None, False),
    (10, "hold", "everything", True),
    (33, "hold", "number", True),
    (100, "hold", "campaign", False),
    (104, "hold", "everything", True),
    (190, "hold", "everything", True),
    (200, "hold", "everything", True),
    (299, "hold", "everything", True),
    (368, "hold", "account", True),
    (80007, "retry", None, False),
    (130403, "suppress", None, False),
    (130429, "retry", None, False),
    (130472, "drop", None, False),
    (130497, "hold", "country", False),
    (131000, "retry", None, False),
    (131005, "hold", "everything", True),
    (131008, "hold", "campaign", False),
    (131009, "hold", "campaign", False),
    (131016, "retry", None, False),
    (131021, "drop", None, False),
    (131026, "drop", None, False),
    (131030, "hold", "campaign", True),
    (131031, "hold", "account", True),
    (131037, "hold", "number", True),
    (131042, "hold", "account", True),
    (131045, "hold", "number", True),
    (131047, "drop", None, False),
    (131048, "hold", "number", True),
    (131049, "rest", None, False),
    (131050, "suppress", None, False),
    (131051, "hold", "campaign", False),
    (131052, "show", None, False),
    (131053, "hold", "campaign", True),
    (131055, "hold", "campaign", True),
    (131056, "pair", None, False),
    (131057, "retry", None, False),
    (131062, "drop", None, False),
    (131063, "hold", "campaign", True),
    (131064, "hold", "utility", True),
    (132000, "hold", "template", False),
    (132001, "hold", "template", True),
    (132005, "drop", None, False),
    (132007, "hold", "template", True),
    (132008, "hold", "campaign", False),
    (132012, "hold", "campaign", False),
    (132015, "hold", "template", True),
    (132016, "hold", "template", False),
    (132018, "hold", "campaign", False),
    (132068, "hold", "template", True),
    (132069, "hold", "template", True),
    (133000, "hold", "number", True),
    (133004, "retry", None, False),
    (133009, "hold", "number", True),
    (133010, "hold", "number", True),
    (133015, "hold", "number", True),
    (133016, "hold", "number", True),
    (134011, "hold", "account", True),
    (134100, "hold", "campaign", True),
    (134101, "retry", None, False),
    (134102, "hold", "campaign", True),
    (135000, "hold", "campaign", False),
    (137000, "drop", None, False),
    (139200, "hold", "campaign", True),
    (1752041, "show", None, False),
    (2388019, "show", None, False),
    (2494164, "show", None, False),
    (2494179, "show", None, False),
]


@pytest.mark.parametrize(("code", "reaction", "scope", "requeue"), TABLE, ids=[str(row[0]) for row in TABLE])
def test_every_code_has_its_reaction(code: int, reaction: str, scope: str | None, requeue: bool) -> None:
    failure = meaning(code)
    assert (failure.reaction, failure.scope, failure.requeue) == (reaction, scope, requeue)


@pytest.mark.parametrize(("code", "reaction", "scope", "requeue"), TABLE, ids=[str(row[0]) for row in TABLE])
def test_every_code_has_its_consequence(code: int, reaction: str, scope: str | None, requeue: bool) -> None:
    follows = consequence(meaning(code), 1, NOW, NEXT_WEEK)
    match follows:
        case Retry(at):
            assert reaction in {"retry", "pair", "rest"}
            assert NOW < at < NEXT_WEEK
        case Hold():
            assert (reaction, follows.scope, follows.requeue) == ("hold", scope, requeue)
        case Fail():
            assert reaction in {"drop", "suppress", "show"}
        case Unsure():
            raise AssertionError("Meta's codes are never unsure")


def test_the_table_above_names_every_code_except_template_authoring() -> None:
    left_out = set(FAILURES) - {row[0] for row in TABLE}
    assert {FAILURES[code].name for code in left_out} == {"template_authoring"}


def test_every_code_of_the_reference_is_listed() -> None:
    if not REFERENCE.exists():
        pytest.skip("needs the sibling folder shared/reference")
    section = REFERENCE.read_text().split("### 2.5")[1].split("## 3 ")[0]
    first_cells = re.findall(r"^\| ([\d ,/\-]+) \|", section, re.MULTILINE)
    codes = {int(code) for cell in first_cells for code in re.findall(r"\d+", cell)}
    assert len(codes) > 70
    assert {code for code in codes if meaning(code) is UNLISTED} == set()


def test_every_failure_has_words_in_both_languages_and_no_words_are_left_over() -> None:
    failures = [*FAILURES.values(), *RANGES.values(), OUTCOME_UNKNOWN, UNLISTED]
    failures += [meaning(131009, marketing_endpoint=True), meaning(135000, held=True)]
    assert {failure.name for failure in failures} == set(WORDS)
    assert all(len(words.en) > 20 and len(words.tr) > 20 and words.en != words.tr for words in WORDS.values())


@given(st.integers().filter(lambda code: code not in FAILURES and not any(code in r for r in RANGES)))
def test_an_unknown_code_ends_the_message_and_touches_no_consent(code: int) -> None:
    assert meaning(code) is UNLISTED
    assert consequence(UNLISTED, 1, NOW, None) == Fail("unlisted")
    assert UNLISTED.alerts


def test_only_a_persons_own_stop_is_an_opt_out() -> None:
    assert [code for code, failure in FAILURES.items() if failure.is_opt_out] == [131050]
    assert consequence(meaning(131050), 1, NOW, None) == Fail(
        "person_stopped_marketing", suppress=True, is_opt_out=True
    )


def test_a_single_undelivered_message_makes_an_address_suspect_not_suppressed() -> None:
    follows = consequence(meaning(131026), 1, NOW, None)
    assert follows == Fail("undeliverable", suspect_address=True)


def test_codes_of_its_own_win_over_ranges() -> None:
    assert meaning(133004).name == "downtime"
    assert meaning(133005).name == "number_unregistered"


def test_a_subcode_can_change_the_meaning() -> None:
    assert meaning(100, subcode=33).scope is Scope.NUMBER
    assert meaning(100, subcode=34).scope is Scope.CAMPAIGN


def test_a_held_message_that_is_dropped_holds_the_account() -> None:
    assert meaning(135000, held=True).scope is Scope.ACCOUNT
    assert meaning(135000).scope is Scope.CAMPAIGN


def test_an_invalid_parameter_on_the_marketing_endpoint_is_tried_once_more_after_ten_minutes() -> None:
    failure = meaning(131009, marketing_endpoint=True)
    first = consequence(failure, 1, NOW, NEXT_WEEK, dice=0)
    assert first == Retry(NOW + timedelta(minutes=10))
    second = consequence(failure, 2, NOW, NEXT_WEEK, dice=0)
    assert second == Hold("parameter_invalid", Scope.CAMPAIGN, None, Lifts.BY_HAND, requeue=False)


def test_a_general_error_that_stays_stops_the_campaign() -> None:
    assert isinstance(consequence(meaning(1), 3, NOW, NEXT_WEEK), Retry)
    assert isinstance(consequence(meaning(1), 4, NOW, NEXT_WEEK), Hold)


@given(st.floats(0, 1, exclude_max=True), st.integers(1, 2))
def test_deferred_by_meta_waits_at_least_a_day_and_rests_the_person(dice: float, attempt: int) -> None:
    follows = consequence(meaning(131049), attempt, NOW, NEXT_WEEK, dice)
    assert isinstance(follows, Retry)
    assert follows.at >= NOW + REST
    assert follows.rest_until == follows.at


def test_deferred_by_meta_is_retried_at_most_twice() -> None:
    assert consequence(meaning(131049), 3, NOW, NEXT_WEEK) == Fail("deferred_by_meta", rest_until=NOW + REST)


def test_deferred_by_meta_is_not_retried_past_the_expiry() -> None:
    tonight = NOW + timedelta(hours=12)
    assert consequence(meaning(131049), 1, NOW, tonight) == Fail("deferred_by_meta", rest_until=NOW + REST)


def test_a_pair_waits_four_to_the_n() -> None:
    waits = [consequence(meaning(131056), n, NOW, NEXT_WEEK) for n in (1, 2, 3)]
    assert waits == [Retry(NOW + timedelta(seconds=s)) for s in (1, 4, 16)]


def test_maintenance_waits_at_least_its_minute() -> None:
    assert consequence(meaning(131057), 1, NOW, None, dice=0) == Retry(NOW + timedelta(seconds=60))


def test_our_own_haste_slows_the_number_and_ends_nobodys_message() -> None:
    failure = meaning(130429)
    assert failure.slows
    assert isinstance(consequence(failure, 60, NOW, None), Retry)


def test_a_hold_that_time_lifts_names_the_moment() -> None:
    follows = consequence(meaning(131064), 1, NOW, NEXT_WEEK)
    assert follows == Hold("utility_limited", Scope.UTILITY, NOW + REST, Lifts.BY_TIME, requeue=True)


@pytest.mark.parametrize(
    ("code", "scope"), [(4, Scope.ACCOUNT), (80007, Scope.ACCOUNT), (130429, Scope.NUMBER), (131016, None)]
)
def test_where_meta_says_when_access_is_regained_everything_waits_until_then(code: int, scope: Scope | None) -> None:
    follows = consequence(meaning(code), 1, NOW, NEXT_WEEK, regain=timedelta(minutes=30))
    if scope is None:
        assert isinstance(follows, Retry)
    else:
        ends = NOW + timedelta(minutes=30)
        assert follows == Hold(meaning(code).name, scope, ends, Lifts.BY_TIME, requeue=True)


def test_a_message_that_expires_before_its_hold_lifts_does_not_wait() -> None:
    follows = consequence(meaning(131064), 1, NOW, NOW + timedelta(hours=2))
    assert isinstance(follows, Hold)
    assert not follows.requeue


def test_a_lost_answer_is_unsure_however_often() -> None:
    assert consequence(OUTCOME_UNKNOWN, 1, NOW, NEXT_WEEK) == Unsure()
    assert consequence(OUTCOME_UNKNOWN, 99, NOW, None) == Unsure()


@given(st.sampled_from(sorted(FAILURES)), st.integers(1, 1000), st.floats(0, 1, exclude_max=True))
def test_nothing_is_tried_for_ever_and_nothing_after_its_expiry(code: int, attempt: int, dice: float) -> None:
    failure = meaning(code)
    follows = consequence(failure, attempt, NOW, NEXT_WEEK, dice)
    if isinstance(follows, Retry):
        assert attempt < failure.attempts_max
        assert NOW < follows.at < NEXT_WEEK
    if isinstance(follows, Hold) and follows.requeue:
        assert attempt < failure.attempts_max


@given(st.sampled_from(sorted(FAILURES)), st.integers(1, 5))
def test_the_same_failure_has_the_same_consequence_however_it_reaches_us(code: int, attempt: int) -> None:
    synchronous = consequence(meaning(code), attempt, NOW, NEXT_WEEK)
    by_webhook = consequence(gravest([meaning(code), meaning(code)]), attempt, NOW, NEXT_WEEK)
    assert synchronous == by_webhook


@given(st.lists(st.sampled_from(sorted(FAILURES)), max_size=5), st.integers(0, 5))
def test_a_stop_outweighs_every_other_error_beside_it(codes: list[int], place: int) -> None:
    failures = [meaning(code) for code in codes]
    failures.insert(place, meaning(131050))
    assert gravest(failures).is_opt_out


def test_a_hold_outweighs_a_retry_and_nothing_at_all_is_unlisted() -> None:
    assert gravest([meaning(2), meaning(190), meaning(131026)]).name == "token_refused"
    assert gravest([meaning(999), meaning(131026)]).name == "undeliverable"
    assert gravest([]) is UNLISTED


def test_holds_alert_and_ordinary_failures_do_not() -> None:
    assert meaning(131048).alerts
    assert not meaning(131026).alerts
    assert all(failure.alerts for failure in FAILURES.values() if failure.reaction is Reaction.HOLD)
