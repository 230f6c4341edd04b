"""Dates of consent, in the spellings of real files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.moments import MomentProblem, read_moment

ISTANBUL = ZoneInfo("Europe/Istanbul")
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HALF_PAST_TWO = datetime(2024, 5, 6, 11, 30, tzinfo=UTC)
MIDNIGHT = datetime(2024, 5, 5, 21, 0, tzinfo=UTC)

WITH_A_TIME = [
    "06.05.2024 14:30", "6.5.2024 14:30", "06/05/2024 14:30", "06-05-2024 14:30:00", "06.05.2024, 14:30",
    "06.05.24 14:30",
    "2024-05-06 14:30", "2024-05-06T14:30:00", "2024-05-06T14:30:00+03:00", "2024-05-06T11:30:00Z", "2024/05/06 14:30",
    "2024-05-06 11:30:00.000Z", "06.05.2024 02:30 PM", "06.05.2024 2:30 ÖS", "06.05.2024 14.30", "06.05.2024 11:30 UTC",
    "06.05.2024 14:30 GMT+3", "06.05.2024 13:30 +02:00", "6 Mayıs 2024 14:30", "6 MAYIS 2024 saat 14:30",
    "May 6, 2024 2:30 PM",
    "6 May 2024 14:30", "6th May 2024 14:30", "06-May-2024 14:30", "6 Mayıs 2024 Pazartesi 14:30",
    "Monday, May 6, 2024 14:30",
    "6. Mai 2024 14:30", "1714995000", "1714995000000", "45418.604166667", "45418,604166667",
    "20240506143000", "202405061430",
]  # fmt: skip


@pytest.mark.parametrize("text", WITH_A_TIME)
def test_a_moment_is_read_in_every_spelling(text: str) -> None:
    assert read_moment(text, ISTANBUL, NOW) == HALF_PAST_TWO


@pytest.mark.parametrize(
    "text", ["06.05.2024", "2024-05-06", "6 Mayıs 2024", "20240506", "45418", "06.05.2024.", "6.5.24"]
)
def test_a_day_begins_at_its_first_local_instant(text: str) -> None:
    assert read_moment(text, ISTANBUL, NOW) == MIDNIGHT


def test_the_order_of_day_and_month_is_the_callers_to_say() -> None:
    assert read_moment("05/06/2024", ISTANBUL, NOW, day_first=False) == MIDNIGHT
    assert read_moment("06/05/2024", ISTANBUL, NOW, day_first=True) == MIDNIGHT


def test_a_date_that_fits_one_order_only_is_read_in_that_one() -> None:
    expected = datetime(2011, 3, 27, tzinfo=ISTANBUL)
    assert read_moment("03/27/2011", ISTANBUL, NOW) == expected
    assert read_moment("27/03/2011", ISTANBUL, NOW, day_first=False) == expected


@pytest.mark.parametrize(
    "text",
    ["evet", "31.02.2024", "00.01.2024", "12.13.", "2024", "1.2.345", "12345678901234567", "6 Foo 2024", "45:10", "²"],
)
def test_what_names_no_moment_is_a_problem(text: str) -> None:
    assert read_moment(text, ISTANBUL, NOW) is MomentProblem.UNREADABLE


def test_nobody_has_agreed_tomorrow() -> None:
    assert read_moment("23.11.2026", ISTANBUL, NOW) is MomentProblem.IN_FUTURE
    assert read_moment("22.11.2026 15:00", ISTANBUL, NOW) == NOW
    assert read_moment("22.11.2026 15:01", ISTANBUL, NOW) is MomentProblem.IN_FUTURE


def test_a_spreadsheets_zero_date_is_too_old() -> None:
    assert read_moment("30.12.1899", ISTANBUL, NOW) is MomentProblem.TOO_OLD
    assert read_moment("12.05.85", ISTANBUL, NOW) is MomentProblem.TOO_OLD


FORMATS = st.sampled_from(
    [
        "%d.%m.%Y %H:%M:%S",
        "%Y-%m-%dT%H:%M:%S",
        "%d/%m/%Y %H:%M:%S",
        "%Y%m%d%H%M%S",
        "%d %B %Y %H:%M:%S",
        "%B %d, %Y %I:%M:%S %p",
    ]
)
moments = st.datetimes(datetime(1990, 1, 2), datetime(2026, 11, 21)).map(lambda m: m.replace(microsecond=0))


@given(moments, FORMATS)
def test_what_was_written_is_what_is_read(moment: datetime, form: str) -> None:
    read = read_moment(moment.strftime(form), UTC, NOW)
    assert read == moment.replace(tzinfo=UTC)


@given(st.text(max_size=30))
def test_any_text_is_a_moment_before_now_or_a_problem(text: str) -> None:
    read = read_moment(text, ISTANBUL, NOW)
    assert isinstance(read, MomentProblem) or (read <= NOW and read.utcoffset() == timedelta(0))
