from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from consent.reasons import (
    LANGUAGES,
    RULE_TITLES,
    SENTENCES,
    Group,
    Reason,
    RuleName,
    group_of,
    in_words,
    moment_in_words,
    rule_title,
)

MORNING = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)


def test_every_reason_has_its_sentence_and_every_rule_its_title() -> None:
    assert set(SENTENCES) == set(Reason)
    assert set(RULE_TITLES) == set(RuleName)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", list(Reason))
def test_a_reason_is_one_plain_sentence(reason: Reason, language: str) -> None:
    sentence = in_words(reason, language)
    assert sentence.endswith(".")
    assert not re.search(r"[\[\]{}]", sentence)
    assert sentence[0].isupper()
    full = in_words(reason, language, until=MORNING, because=Reason.QUIET_HOURS, detail="first_name")
    assert not re.search(r"[\[\]{}]", full)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_reasons_read_the_same(language: str) -> None:
    sentences = [in_words(reason, language) for reason in Reason]
    assert len(set(sentences)) == len(sentences)


@pytest.mark.parametrize("reason", [reason for reason in Reason if group_of(reason) is Group.WAITING])
def test_every_wait_can_name_its_moment(reason: Reason) -> None:
    for language in LANGUAGES:
        assert "09:00" in in_words(reason, language, until=MORNING, zone="Europe/Istanbul")


def test_a_wait_is_told_on_the_persons_clock() -> None:
    told = in_words(Reason.QUIET_HOURS, "tr", until=MORNING, zone="Europe/Istanbul")
    assert told == ("Kişinin bulunduğu yerde sessiz saatler ya da tatil; en erken 2026-11-25 09:00 (Europe/Istanbul).")


def test_an_expired_message_tells_what_stood_in_the_way() -> None:
    assert in_words(Reason.EXPIRED, "en", because=Reason.FREQUENCY_CAP) == (
        "The campaign ends before this person may be written to; what stands in the way: "
        "The person has had as many messages as the limit allows."
    )


def test_a_detail_is_shown_as_it_is() -> None:
    assert in_words(Reason.PARAMETER_MISSING, detail="[name]{x}").endswith(": [name]{x}.")


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (MORNING, "2026-11-25 06:00 (UTC)"),
        (MORNING.replace(microsecond=1), "2026-11-25 06:01 (UTC)"),
        (MORNING.replace(second=59), "2026-11-25 06:01 (UTC)"),
    ],
)
def test_a_promised_moment_is_never_shown_too_early(moment: datetime, shown: str) -> None:
    assert moment_in_words(moment) == shown


def test_rules_have_titles_in_both_languages() -> None:
    assert rule_title(RuleName.QUIET_HOURS, "tr") == "Sessiz saatler"
    assert rule_title(RuleName.QUIET_HOURS) == "Quiet hours"


def test_other_languages_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match="told in tr and en"):
        in_words(Reason.EXPIRED, "de")
    with pytest.raises(ValueError, match="named in tr and en"):
        rule_title(RuleName.PROOF, "de")
