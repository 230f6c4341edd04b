"""Double opt-in: codes, deadlines, attempts, and who may be asked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.events import EVERY_PURPOSE, SYSTEM, Event, EventType
from consent.optin import (
    NO_REQUEST,
    WRONG_CODES_MAX,
    AlreadyUsed,
    Confirmed,
    Declined,
    Late,
    MayAsk,
    MayNotAsk,
    Mode,
    NoRequest,
    Request,
    Said,
    Void,
    Wrong,
    answer,
    ask,
    code_from,
    digest_of,
    find_code,
    may_request,
    no_payload,
    plain_code,
    read_payload,
    read_text,
    wa_me_link,
    yes_payload,
)
from consent.standing import NOBODY, fold
from tests.consent.events_given import TEXT, at, event

TOKEN = bytes.fromhex("3bc7319d8e2f5a6b7c")
OTHER = bytes.fromhex("ffc7319d8e2f5a6b7c")
AYSE, BURAK = "subject-a", "subject-b"


def asked(mode: Mode = Mode.OUTBOUND_TEMPLATE, subject: str | None = AYSE, **fields: Any) -> tuple[Request, str]:
    given_: dict[str, Any] = {
        "token": TOKEN,
        "subject": subject,
        "purpose": "marketing",
        "text": TEXT,
        "mode": mode,
        "source": "web_form",
        "now": at(0),
    }
    return ask(**(given_ | fields))


@given(st.binary(min_size=9, max_size=32))
def test_a_code_reads_back_as_itself(token: bytes) -> None:
    code = code_from(token)
    assert [len(part) for part in code.split("-")] == [5, 5, 3]
    assert plain_code(code) == code.replace("-", "")
    assert find_code(f"Onay {code.lower()}") == plain_code(code)
    assert digest_of(code.lower()) == digest_of(code)


@given(st.binary(min_size=9, max_size=9), st.binary(min_size=9, max_size=9))
def test_codes_carry_sixty_five_bits(one: bytes, two: bytes) -> None:
    same = int.from_bytes(one, "big") >> 7 == int.from_bytes(two, "big") >> 7
    assert (code_from(one) == code_from(two)) is same


def test_a_short_token_makes_no_code() -> None:
    with pytest.raises(ValueError, match="9 random bytes, got 8"):
        code_from(bytes(8))


@pytest.mark.parametrize(
    "typed",
    [
        "7F3K9-QW2M8-XPT",
        "7f3k9 qw2m8 xpt",
        "7F3K9QW2M8XPT",
        "ONAY 7F3K9-QW2M8-XPT",
        "onay 7f3k9–qw2m8–xpt.",
        "Merhaba, ONAY 7F3K9-QW2M8-XPT teşekkürler",
        "ONAY: 7F3K9-QW2M8-XPT",
    ],
)
def test_a_code_is_found_however_it_is_typed(typed: str) -> None:
    assert read_text(typed) == Said(True, "7F3K9QW2M8XPT")


def test_letters_that_look_alike_are_read_as_meant() -> None:
    assert plain_code("OIl0o-1iIL0-ıİ0") == "0110011110110"


@pytest.mark.parametrize(
    "typed", ["", "ONAY", "evet", "hello world foo", "+90 555 000 0001", "7F3K9-QW2M8", "ÇÖŞĞÜÇÖŞĞÜÇÖŞ"]
)
def test_other_words_hold_no_code(typed: str) -> None:
    assert read_text(typed) is None


def test_the_code_itself_is_not_kept() -> None:
    request, code = asked()
    assert code not in repr(request)
    assert code.replace("-", "") not in repr(request)


def test_the_right_code_confirms_once() -> None:
    request, code = asked()
    first = answer(request, Said(True, code), AYSE, at(1))
    assert isinstance(first, Confirmed)
    assert first.request.answered_at == at(1)
    assert answer(first.request, Said(True, code), AYSE, at(2)) == AlreadyUsed(at(1))


def test_a_button_confirms_and_declines() -> None:
    request, code = asked()
    yes, no = read_payload(yes_payload(code)), read_payload(no_payload(code))
    assert yes is not None
    assert no is not None
    assert isinstance(answer(request, yes, AYSE, at(1)), Confirmed)
    assert isinstance(answer(request, no, AYSE, at(1)), Declined)


@pytest.mark.parametrize("payload", ["", "OPTOUT", "optin:maybe:X", "optin:yes", "other:yes:7F3K9QW2M8XPT"])
def test_other_buttons_are_not_answers(payload: str) -> None:
    assert read_payload(payload) is None


@pytest.mark.parametrize("payload", ["optin:yes:", "optin:yes:xyz", "optin:yes:7F3K9-QW2M8-XPTZ"])
def test_a_forged_button_is_a_wrong_code(payload: str) -> None:
    request, _ = asked()
    said = read_payload(payload)
    assert said is not None
    assert isinstance(answer(request, said, AYSE, at(1)), Wrong)


def test_the_deadline_binds_to_the_instant() -> None:
    request, code = asked()
    assert isinstance(answer(request, Said(True, code), AYSE, at(48) - timedelta(microseconds=1)), Confirmed)
    assert answer(request, Said(True, code), AYSE, at(48)) == Late()


@pytest.mark.parametrize("lifetime", [timedelta(), timedelta(days=7, seconds=1), timedelta(-1)])
def test_a_request_lives_for_a_week_at_most(lifetime: timedelta) -> None:
    with pytest.raises(ValueError, match="at most 7 days"):
        asked(lifetime=lifetime)


def test_five_wrong_codes_void_the_request() -> None:
    request, code = asked()
    wrong = code_from(OTHER)
    for left in range(WRONG_CODES_MAX - 1, 0, -1):
        missed = answer(request, Said(True, wrong), AYSE, at(1))
        assert isinstance(missed, Wrong)
        assert missed.left == left
        request = missed.request
    last = answer(request, Said(True, wrong), AYSE, at(1))
    assert isinstance(last, Void)
    assert isinstance(answer(last.request, Said(True, code), AYSE, at(1)), Void)


def test_a_code_is_good_only_for_the_one_who_was_asked() -> None:
    request, code = asked()
    assert isinstance(answer(request, Said(True, code), BURAK, at(1)), Wrong)
    assert isinstance(answer(request, Said(False, code), BURAK, at(1)), Wrong)


def test_a_code_shown_to_a_stranger_binds_to_whoever_sends_it_first() -> None:
    request, code = asked(Mode.INBOUND_CODE, subject=None)
    first = answer(request, Said(True, code), BURAK, at(1))
    assert isinstance(first, Confirmed)
    assert first.request.subject == BURAK
    assert isinstance(answer(first.request, Said(True, code), AYSE, at(2)), AlreadyUsed)


def test_a_plain_yes_answers_only_our_own_template() -> None:
    template, _ = asked(Mode.OUTBOUND_TEMPLATE)
    shown, _ = asked(Mode.INBOUND_CODE)
    assert isinstance(answer(template, Said(True), AYSE, at(1)), Confirmed)
    assert isinstance(answer(shown, Said(True), AYSE, at(1)), Wrong)


def test_a_no_counts_whenever_it_comes_and_needs_no_code() -> None:
    request, code = asked()
    confirmed = answer(request, Said(True, code), AYSE, at(1))
    assert isinstance(confirmed, Confirmed)
    assert isinstance(answer(confirmed.request, Said(False), AYSE, at(2)), Declined)
    assert isinstance(answer(request, Said(False), AYSE, at(900)), Declined)


REQUESTED = event(1, EventType.REQUESTED, 0, actor=SYSTEM)


@pytest.mark.parametrize(
    ("history", "reason"),
    [
        ([event(1, EventType.GRANTED, 0)], NoRequest.GRANTED),
        ([REQUESTED], NoRequest.OPEN),
        ([event(1, EventType.PAUSED, 0)], NoRequest.ON_HOLD),
        ([REQUESTED, event(2, EventType.DECLINED, 1)], NoRequest.REFUSED),
        ([event(1, EventType.REVOKED, 0)], NoRequest.REFUSED),
        ([event(1, EventType.SUPPRESSED, 0, purpose=EVERY_PURPOSE)], NoRequest.SILENCED),
        ([event(1, EventType.ERASED, 0, purpose=EVERY_PURPOSE)], NoRequest.SILENCED),
    ],
)
def test_some_people_are_not_asked(history: list[Event], reason: NoRequest) -> None:
    refused = may_request(fold(history), "marketing", at(2))
    assert isinstance(refused, MayNotAsk)
    assert refused.reason is reason
    assert refused.sentence("en") != refused.sentence("tr")


def test_a_stranger_may_be_asked_once_in_thirty_days() -> None:
    assert may_request(NOBODY, "marketing", at(0)) == MayAsk()
    again = may_request(NOBODY, "marketing", at(24 * 29), sent_before=[at(0), at(-500)])
    assert again == MayNotAsk(NoRequest.RECENT, at(24 * 30))
    assert may_request(NOBODY, "marketing", at(24 * 30), sent_before=[at(0)]) == MayAsk()


def test_a_person_who_asks_to_join_gets_a_code_but_no_second_message() -> None:
    left = fold([event(1, EventType.REVOKED, 0)])
    shown = may_request(left, "marketing", at(5), mode=Mode.INBOUND_CODE, sent_before=[at(1)], person_initiated=True)
    sent = may_request(left, "marketing", at(5), sent_before=[at(1)], person_initiated=True)
    assert shown == MayAsk()
    assert sent == MayNotAsk(NoRequest.RECENT, at(1 + 24 * 30))


def test_after_a_lapse_thirty_days_of_silence_follow() -> None:
    lapsed = fold([REQUESTED])
    assert may_request(lapsed, "marketing", at(49)) == MayNotAsk(NoRequest.RECENT, at(48 + 24 * 30))
    assert may_request(lapsed, "marketing", at(49), mode=Mode.WEB_LINK, person_initiated=True) == MayAsk()
    assert may_request(lapsed, "marketing", at(48 + 24 * 30)) == MayAsk()


def test_every_refusal_to_ask_has_its_sentences() -> None:
    assert set(NO_REQUEST) == set(NoRequest)


def test_the_link_opens_a_chat_with_the_code_typed() -> None:
    link = "https://wa.me/905550000000?text=ONAY%207F3K9-QW2M8-XPT"
    assert wa_me_link("+905550000000", "7F3K9-QW2M8-XPT") == link
    assert wa_me_link("905550000000", "7F3K9-QW2M8-XPT") == link


@pytest.mark.parametrize("number", ["", "0555 000 00 00", "+90 555", "+0555000000", "wa.me"])
def test_a_link_needs_a_whole_number(number: str) -> None:
    with pytest.raises(ValueError, match="our number in full"):
        wa_me_link(number, "7F3K9-QW2M8-XPT")
