from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.practice.habits import (
    CONFIRMATION_SHARES,
    MARKETING_SHARES,
    STOP_SENTENCES,
    STOP_WORDS,
    Habits,
    OnConfirmation,
    OnMarketing,
    choose,
    roll,
    stop_text,
)
from gateway.practice.people import SERVICE_WINDOW_S, People, digits, phone_of, user_id_of
from gateway.practice.settings import PracticeProblem

PHONES = st.integers(1_000_000, 10**15 - 1).map(str)
BSUID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9]{1,128}")


def people(seed: int = 1) -> People:
    return People(seed, CONFIRMATION_SHARES, MARKETING_SHARES)


@given(PHONES)
def test_a_phone_number_and_its_user_id_lead_to_each_other(phone: str) -> None:
    user_id = user_id_of(phone)
    assert BSUID.fullmatch(user_id)
    assert phone not in user_id
    assert phone_of(user_id) == phone


@given(st.lists(PHONES, unique=True, max_size=50))
def test_two_people_never_share_a_user_id(phones: list[str]) -> None:
    assert len({user_id_of(phone) for phone in phones}) == len(phones)


@pytest.mark.parametrize(
    ("phone", "country"),
    [
        ("905550000001", "TR"),
        ("447700900123", "GB"),
        ("12025550143", "US"),
        ("4915100000000", "DE"),
        ("9999999999", "US"),
    ],
)
def test_a_user_id_begins_with_the_country(phone: str, country: str) -> None:
    assert user_id_of(phone).startswith(f"{country}.")


@pytest.mark.parametrize(
    "user_id", ["TR.1", "TR.ABC", "", "no dot", "TR.9999999999999999999", "US.1000000000000000000"]
)
def test_other_peoples_user_ids_lead_nowhere(user_id: str) -> None:
    assert phone_of(user_id) == ""


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("905550000001", "905550000001"),
        ("+90 (555) 000-00.01", "905550000001"),
        (" 90/555/0000001 ", "905550000001"),
        ("12345", ""),
        ("1234567890123456", ""),
        ("90555000000a", ""),
        ("٩٠٥٥٥٠٠٠٠٠٠١", ""),
        ("", ""),
    ],
)
def test_phone_numbers_are_read_in_any_usual_spelling(written: str, read: str) -> None:
    assert digits(written) == read


def test_a_registered_user_id_beats_the_worked_out_one() -> None:
    world = people()
    world.register({"phone": "+90 555 000 0001", "user_id": "TR.77"})
    assert world.recipient("", "TR.77") == ("905550000001", "905550000001", "TR.77")
    assert world.recipient("905550000001", "").user_id == "TR.77"


def test_someone_known_only_by_a_user_id_keeps_their_habits() -> None:
    world = people()
    assert world.register({"user_id": "TR.77", "on_marketing": "stop_word"}) == "TR.77"
    who = world.recipient("", "TR.77")
    assert (who.key, who.phone) == ("TR.77", "")
    assert world.habits(who.key).on_marketing is OnMarketing.STOP_WORD


def test_registering_again_replaces_the_habits() -> None:
    world = people()
    for habit in ("stop_word", "click"):
        world.register({"phone": "905550000001", "on_marketing": habit})
    assert world.habits("905550000001").on_marketing is OnMarketing.CLICK


def test_all_mistakes_of_a_person_are_named_at_once() -> None:
    with pytest.raises(PracticeProblem) as wrong:
        people().register({"phone": "905550000001", "on_marketing": "sing", "on_confirmation": "hum", "shoe_size": 42})
    assert len(wrong.value.problems) == 3


def test_the_service_window_is_exactly_24_hours() -> None:
    world = people()
    world.speaks("1", "905550000001", 1000.0)
    assert world.window_open("1", "905550000001", 1000.0 + SERVICE_WINDOW_S - 1)
    assert not world.window_open("1", "905550000001", 1000.0 + SERVICE_WINDOW_S)
    assert not world.window_open("2", "905550000001", 1001.0)


# -- dice and words


@given(st.integers(0, 2**31), st.text(max_size=10), PHONES)
def test_a_roll_is_the_same_every_time_and_below_one(seed: int, what: str, key: str) -> None:
    assert 0 <= roll(seed, what, key) < 1
    assert roll(seed, what, key) == roll(seed, what, key)


@pytest.mark.parametrize("shares", [CONFIRMATION_SHARES, MARKETING_SHARES])
def test_habits_are_dealt_by_their_shares(shares: dict[str, float]) -> None:
    assert sum(shares.values()) == pytest.approx(1)
    dealt = [choose(shares, roll(7, "habit", f"9055500{place:05d}")) for place in range(20_000)]
    for name, share in shares.items():
        assert dealt.count(name) / len(dealt) == pytest.approx(share, abs=0.012)


def test_the_two_habits_of_a_person_are_dealt_independently() -> None:
    world = people()
    dealt = [world.habits(f"9055500{place:05d}") for place in range(5000)]
    pairs = {(each.on_confirmation, each.on_marketing) for each in dealt}
    assert len(pairs) > 30


def test_another_seed_deals_other_habits() -> None:
    phones = [f"9055500{place:05d}" for place in range(200)]
    first, second = people(1), people(2)
    assert [first.habits(phone) for phone in phones] != [second.habits(phone) for phone in phones]


def test_a_share_lost_to_rounding_falls_to_the_commonest_habit() -> None:
    assert choose({"a": 0.3, "b": 0.699}, 0.9995) == "b"


@given(
    st.sampled_from([OnMarketing.STOP_WORD, OnMarketing.STOP_SENTENCE]), st.sampled_from(["tr", "en", "en_US", "de"])
)
def test_words_come_in_the_messages_language_or_english(habit: OnMarketing, language: str) -> None:
    source = STOP_WORDS if habit is OnMarketing.STOP_WORD else STOP_SENTENCES
    said = stop_text(Habits(on_marketing=habit), language, 0.99)
    assert said in source.get(language[:2], source["en"])


def test_a_person_may_keep_to_their_own_language_and_words() -> None:
    assert stop_text(Habits(on_marketing=OnMarketing.STOP_WORD, language="en"), "tr", 0.0) in STOP_WORDS["en"]
    assert stop_text(Habits(words="yeter"), "tr", 0.0) == "yeter"
    assert OnConfirmation("ignore") is OnConfirmation.IGNORE
