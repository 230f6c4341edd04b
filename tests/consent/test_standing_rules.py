"""The rules below the table of reference/consent.md 3.2, one by one."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from consent.events import PROVIDER, SYSTEM, Event, EventType
from consent.standing import ATTESTED, OutOfOrder, Standing, State, advance, fold
from tests.consent.events_given import EVIDENCE, FILE, OPERATOR, REGISTRY, TEXT, at, event, row


def marketing(events: Iterable[Event], hours: float = 100) -> Standing:
    return fold(events).at(at(hours)).of("marketing")


def test_a_request_lapses_though_no_timer_fired() -> None:
    asked = [event(1, EventType.REQUESTED, 0, actor=SYSTEM)]
    assert marketing(asked, 47.9).state is State.PENDING
    assert marketing(asked, 48).state is State.LAPSED
    assert marketing(asked, 48).since == at(48)


def test_a_request_lives_for_a_week_at_most() -> None:
    asked = [event(1, EventType.REQUESTED, 0, actor=SYSTEM, expires_at=at(24 * 30))]
    assert marketing(asked, 24 * 7 - 1).state is State.PENDING
    assert marketing(asked, 24 * 7).state is State.LAPSED


def test_a_consent_ends_on_its_date_though_no_timer_fired() -> None:
    given = [event(1, EventType.GRANTED, 0, expires_at=at(10))]
    assert marketing(given, 9.9).granted
    assert marketing(given, 10).state is State.EXPIRED


def test_an_expired_row_cannot_end_a_consent_that_was_renewed_in_time() -> None:
    given = event(1, EventType.GRANTED, 0, expires_at=at(10))
    renewed = event(2, EventType.RENEWED, 9, expires_at=at(500))
    told = event(3, EventType.EXPIRED, 10, actor=SYSTEM)
    assert marketing([given, told, renewed]).granted


def test_a_pause_that_nobody_decides_becomes_a_refusal_after_a_day() -> None:
    paused = [event(1, EventType.GRANTED, 0), event(2, EventType.PAUSED, 5, actor=SYSTEM, expires_at=at(500))]
    assert marketing(paused, 28.9).state is State.PAUSED
    assert marketing(paused, 29).state is State.REVOKED
    assert marketing(paused, 29).refused


def test_an_undecided_pause_becomes_a_refusal_even_when_the_consent_ends_first() -> None:
    paused = [event(1, EventType.GRANTED, 0, expires_at=at(10)), event(2, EventType.PAUSED, 5, actor=SYSTEM)]
    assert marketing(paused, 10).state is State.EXPIRED
    assert marketing(paused, 29).state is State.REVOKED
    assert marketing([*paused, row(3, 12)], 20).state is State.EXPIRED


def test_an_operator_who_ends_a_pause_gives_back_the_consent_and_its_end() -> None:
    paused = [event(1, EventType.GRANTED, 0, expires_at=at(40)), event(2, EventType.PAUSED, 5, actor=SYSTEM)]
    resumed = event(3, EventType.RESUMED, 6, actor=OPERATOR, source="admin", expires_at=at(9999))
    assert marketing([*paused, resumed], 39).granted
    assert marketing([*paused, resumed], 40).state is State.EXPIRED


def test_ending_a_pause_gives_nobody_a_consent_they_never_had() -> None:
    paused = event(1, EventType.PAUSED, 0, actor=SYSTEM)
    assert marketing([paused, event(2, EventType.RESUMED, 1, actor=OPERATOR)], 2).state is State.LAPSED
    assert marketing([paused, event(2, EventType.RESUMED, 1)], 2).state is State.PENDING


@pytest.mark.parametrize("source", ["import", "paper", "call", "web_form", "wa_inbound"])
def test_a_file_never_overrules_a_person(source: str) -> None:
    left = [event(1, EventType.GRANTED, 0), event(2, EventType.REVOKED, 1)]
    assert marketing([*left, row(3, 2, source=source)]).state is State.REVOKED


def test_a_file_cannot_answer_for_a_person_who_said_no_unasked() -> None:
    assert marketing([event(1, EventType.DECLINED, 0), row(2, 1)]).state is State.NONE


def test_an_operator_cannot_grant_what_a_person_only_asked_about_after_refusing() -> None:
    refused = [event(1, EventType.REQUESTED, 0, actor=SYSTEM), event(2, EventType.DECLINED, 1)]
    asked = event(3, EventType.REQUESTED, 2, source="web_form")
    given = event(4, EventType.GRANTED, 3, actor=OPERATOR, source="admin")
    assert marketing([*refused, asked, given], 4).state is State.PENDING


def test_a_registry_refusal_binds_and_a_registry_consent_does_not_undo_it() -> None:
    ret = event(1, EventType.REVOKED_BY_REGISTRY, 0, actor=REGISTRY, source="iys", channel="sms")
    onay = event(2, EventType.GRANTED, 1, actor=REGISTRY, source="iys")
    assert marketing([ret, onay]).state is State.REVOKED


def test_a_late_consent_older_than_the_withdrawal_changes_nothing() -> None:
    left = event(1, EventType.REVOKED, 5)
    assert marketing([left, event(2, EventType.GRANTED, 4)]).state is State.REVOKED


def test_a_late_refusal_older_than_the_return_changes_nothing() -> None:
    back = [event(1, EventType.GRANTED, 0), event(2, EventType.REVOKED, 2), event(3, EventType.RESUMED, 3)]
    assert marketing([*back, event(4, EventType.REVOKED, 1)]).granted


def test_at_the_same_instant_the_refusal_wins() -> None:
    assert marketing([event(2, EventType.REVOKED, 0), event(1, EventType.GRANTED, 0)]).state is State.REVOKED
    assert marketing([event(1, EventType.REVOKED, 0), event(2, EventType.RESUMED, 0)]).state is State.REVOKED


def test_metas_switch_gives_back_what_it_took() -> None:
    given = event(1, EventType.GRANTED, 0, expires_at=at(500))
    off = event(2, EventType.REVOKED, 1, actor=PROVIDER, source="wa_pref")
    on = event(3, EventType.RESUMED, 2, actor=PROVIDER, source="wa_pref")
    assert marketing([given, off, on]).granted
    assert marketing([given, off, on], 500).state is State.EXPIRED


def test_metas_switch_gives_back_nothing_that_was_not_there() -> None:
    off = event(2, EventType.REVOKED, 1, actor=PROVIDER, source="wa_pref")
    on = event(3, EventType.RESUMED, 2, actor=PROVIDER, source="wa_pref")
    assert marketing([off, on]).state is State.REVOKED


@pytest.mark.parametrize(
    "also",
    [
        event(4, EventType.REVOKED, 1.5),
        event(4, EventType.DECLINED, 1.5),
        event(4, EventType.REVOKED, 0.5),
        event(4, EventType.SUPPRESSED, 1.5, purpose="*"),
    ],
)
def test_metas_switch_gives_back_nothing_once_the_person_also_said_stop(also: Event) -> None:
    given = event(1, EventType.GRANTED, 0)
    off = event(2, EventType.REVOKED, 1, actor=PROVIDER, source="wa_pref")
    on = event(3, EventType.RESUMED, 2, actor=PROVIDER, source="wa_pref")
    assert marketing([given, off, also, on]).state is State.REVOKED


def test_error_131050_only_echoes_metas_switch() -> None:
    given = event(1, EventType.GRANTED, 0)
    off = event(2, EventType.REVOKED, 1, actor=PROVIDER, source="wa_pref")
    echo = event(3, EventType.REVOKED, 1.5, actor=PROVIDER, source="provider_error")
    on = event(4, EventType.RESUMED, 2, actor=PROVIDER, source="wa_pref")
    assert marketing([given, off, echo, on]).granted
    assert marketing([given, echo, on]).state is State.REVOKED


def test_stop_all_reaches_purposes_never_spoken_of() -> None:
    quiet = fold([event(1, EventType.GRANTED, 0), event(2, EventType.SUPPRESSED, 1, purpose="*")])
    assert quiet.of("utility").state is State.REVOKED
    assert quiet.suppressed is not None
    assert quiet.suppressed.event_id == "id-0002"


def test_consenting_again_in_person_ends_the_silence_for_that_purpose_only() -> None:
    quiet = [event(1, EventType.GRANTED, 0), event(2, EventType.SUPPRESSED, 1, purpose="*")]
    back = fold([*quiet, event(3, EventType.RESUMED, 2)])
    assert back.suppressed is None
    assert back.of("marketing").granted
    assert back.of("custom:events").state is State.REVOKED


@pytest.mark.parametrize(("source", "lifted"), [("paper", True), ("admin", False)])
def test_a_suppression_is_lifted_only_with_proof(source: str, lifted: bool) -> None:
    lift = event(2, EventType.SUPPRESSION_LIFTED, 1, purpose="*", actor=OPERATOR, source=source, evidence=EVIDENCE)
    after = fold([event(1, EventType.SUPPRESSED, 0, purpose="*"), lift])
    assert (after.suppressed is None) is lifted
    assert after.of("marketing").state is State.REVOKED


def test_a_recycled_number_revokes_and_silences_everything() -> None:
    gone = fold([event(1, EventType.GRANTED, 0), event(2, EventType.NUMBER_REASSIGNED, 1, actor=SYSTEM)])
    assert gone.of("marketing").state is State.REVOKED
    assert gone.of("service").state is State.REVOKED
    assert gone.suppressed is not None


def test_an_erased_person_stays_erased_under_that_reference() -> None:
    gone = fold([event(1, EventType.GRANTED, 0), event(2, EventType.ERASED, 1), event(3, EventType.GRANTED, 2)])
    assert gone.of("marketing").state is State.ERASED
    assert gone.of("anything").state is State.ERASED
    assert gone.erased is not None


def test_a_held_person_is_left_alone() -> None:
    kept = fold([event(1, EventType.GRANTED, 0), event(2, EventType.HELD, 1, actor=OPERATOR, purpose="*")])
    assert kept.held is not None
    assert kept.of("marketing").state is State.REVOKED


HELD = event(2, EventType.HELD, 1, actor=OPERATOR, purpose="*")
GRANTED_AND_HELD = [event(1, EventType.GRANTED, 0), HELD]


def test_a_hold_is_lifted_by_a_correction_that_cites_it_and_the_consent_stays_revoked() -> None:
    lifted = event(3, EventType.CORRECTED, 2, actor=OPERATOR, purpose="*", causes=(HELD.event_id,))
    freed = fold([*GRANTED_AND_HELD, lifted])
    assert freed.held is None
    assert freed.of("marketing").state is State.REVOKED
    anew = event(4, EventType.GRANTED, 3)
    assert fold([*GRANTED_AND_HELD, lifted, anew]).of("marketing").granted
    held_again = event(4, EventType.HELD, 3, actor=OPERATOR, purpose="*")
    assert fold([*GRANTED_AND_HELD, lifted, held_again]).held is not None


@pytest.mark.parametrize(
    "wrong",
    [
        event(3, EventType.CORRECTED, 2, actor=OPERATOR, purpose="*"),
        event(3, EventType.CORRECTED, 2, actor=OPERATOR, purpose="marketing", causes=(HELD.event_id,)),
        event(3, EventType.CORRECTED, 2, actor=OPERATOR, purpose="*", causes=("another",)),
        event(3, EventType.CORRECTED, 2, actor=FILE, purpose="*", causes=(HELD.event_id,)),
        event(3, EventType.CORRECTED, 0.5, actor=OPERATOR, purpose="*", causes=(HELD.event_id,)),
        event(3, EventType.SUPPRESSION_LIFTED, 2, purpose="*"),
        event(3, EventType.GRANTED, 2),
    ],
)
def test_nothing_else_lifts_a_hold(wrong: Event) -> None:
    assert fold([*GRANTED_AND_HELD, wrong]).held is not None


def test_there_is_no_consent_for_everything() -> None:
    assert fold([event(1, EventType.GRANTED, 0, purpose="*")]).of("marketing").state is State.NONE


def test_a_consent_for_one_purpose_is_none_for_another() -> None:
    given = fold([event(1, EventType.GRANTED, 0, purpose="custom:events")])
    assert given.of("custom:events").granted
    assert given.of("marketing").state is State.NONE


def test_an_sms_refusal_binds_whatsapp_and_an_sms_consent_does_not() -> None:
    assert marketing([event(1, EventType.GRANTED, 0, channel="sms")]).state is State.NONE
    assert marketing([event(1, EventType.GRANTED, 0), event(2, EventType.REVOKED, 1, channel="sms")]).refused
    assert marketing([event(1, EventType.GRANTED, 0), event(2, EventType.REVOKED, 1, channel="voice")]).granted


def test_a_row_may_attest_a_text_that_the_ledger_does_not_hold() -> None:
    assert marketing([row(1, 0, text=None)]).state is State.NONE
    assert marketing([row(1, 0, text=None, method=ATTESTED)]).granted
    assert marketing([row(1, 0, text=None, method=ATTESTED, evidence=None)]).state is State.NONE


def test_a_newer_row_renews_only_with_better_proof() -> None:
    first = row(1, 0, text=None, method=ATTESTED)
    assert marketing([first, row(2, 5)]).event_id == "id-0002"
    assert marketing([row(1, 0), row(2, 5)]).event_id == "id-0001"
    assert marketing([event(1, EventType.CONFIRMED, -1), event(2, EventType.GRANTED, 0), row(3, 5)]).proof == 4


def test_a_grant_that_a_file_calls_by_another_name_is_still_a_row() -> None:
    renamed = event(2, EventType.RENEWED, 5, actor=FILE, source="paper", text=TEXT, evidence=EVIDENCE)
    assert marketing([event(1, EventType.REVOKED, 0), renamed]).state is State.REVOKED


def test_a_correction_takes_back_the_consent_that_it_names_and_never_gives() -> None:
    given = event(1, EventType.GRANTED, 0, actor=OPERATOR)
    wrong = event(2, EventType.CORRECTED, 5, actor=OPERATOR, causes=("id-0001",))
    other = event(2, EventType.CORRECTED, 5, actor=OPERATOR, causes=("id-7777",))
    assert marketing([given, wrong]).state is State.REVOKED
    assert marketing([given, other]).granted
    left = event(3, EventType.REVOKED, 2)
    assert marketing([given, left, event(4, EventType.CORRECTED, 6, causes=("id-0003",))]).state is State.REVOKED


def test_a_correction_may_shorten_a_consent_and_never_lengthen_it() -> None:
    given = event(1, EventType.GRANTED, 0, expires_at=at(50))
    shorter = event(2, EventType.CORRECTED, 5, actor=OPERATOR, causes=("id-0001",), expires_at=at(10))
    longer = event(2, EventType.CORRECTED, 5, actor=OPERATOR, causes=("id-0001",), expires_at=at(90))
    assert marketing([given, shorter], 10).state is State.EXPIRED
    assert marketing([given, longer], 50).state is State.EXPIRED


def test_the_standing_names_the_event_that_authorises() -> None:
    given = marketing([event(1, EventType.REQUESTED, 0, actor=SYSTEM), event(2, EventType.CONFIRMED, 1)])
    assert (given.event_seq, given.event_hash, given.event_id) == (2, f"{2:064x}", "id-0002")


def test_an_event_that_is_not_the_newest_must_be_folded_anew() -> None:
    now = fold([event(1, EventType.GRANTED, 5)])
    with pytest.raises(OutOfOrder, match="fold the events again"):
        advance(now, event(2, EventType.REVOKED, 5))
