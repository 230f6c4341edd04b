from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.limits.countries import DayHours, country_rules, day_hours, with_rest_days
from consent.limits.quiet_hours import Openings, QuietHours, next_open, openings, place_known, windows_on
from consent.limits.windows import in_words

RUSSIA = frozenset(
    f"{city}"
    for city in (
        *("Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg", "Asia/Omsk", "Asia/Almaty"),
        *("Asia/Krasnoyarsk", "Asia/Irkutsk", "Asia/Yakutsk", "Asia/Vladivostok", "Asia/Magadan", "Asia/Kamchatka"),
    )
)
ROUND_THE_WORLD = frozenset({"Pacific/Pago_Pago", "Europe/London", "Pacific/Kiritimati"})
MINUTE = timedelta(minutes=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def one(*names: str) -> frozenset[str]:
    return frozenset(names)


@pytest.mark.parametrize(
    ("region", "day", "hours"),
    [
        ("TR", "2026-11-20", "09:00-20:00"),
        ("TR", "2026-11-21", "09:00-20:00"),  # Saturday
        ("TR", "2026-11-22", "closed"),  # Sunday
        ("TR", "2026-10-29", "closed"),  # Republic Day
        ("TR", "2026-10-28", "09:00-13:00"),  # its eve, from 13:00
        ("TR", "2027-03-08", "09:00-13:00"),  # the eve of the feast
        ("TR", "2027-03-09", "closed"),
        ("FR", "2026-11-20", "08:00-22:00"),
        ("FR", "2026-11-22", "closed"),
        ("FR", "2026-07-14", "closed"),
        ("US-FL", "2026-11-22", "08:00-20:00"),
        ("US-LA", "2026-11-22", "closed"),
        ("US-TX", "2026-11-22", "12:00-21:00"),
        ("US-KY", "2026-11-20", "10:00-21:00"),
        ("US-WY", "2026-11-20", "08:00-21:00"),
        ("US", "2026-11-20", "10:00-18:00"),  # the strictest of every state
        ("US", "2026-11-21", "10:00-17:00"),
        ("US", "2026-11-22", "closed"),
        ("DE", "2026-11-22", "08:00-20:00"),
        ("KZ", "2026-11-22", "09:00-20:00"),
    ],
)
def test_the_hours_of_one_day_in_one_region(region: str, day: str, hours: str) -> None:
    assert in_words(windows_on(QuietHours(), region, date.fromisoformat(day))) == hours


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        ("2026-11-22", "11:00-18:00"),
        ("2026-10-29", "11:00-18:00"),
        ("2026-10-28", "09:00-18:00"),  # a working morning, then holiday hours from 13:00
        ("2026-11-20", "09:00-20:00"),
    ],
)
def test_turkish_rest_days_can_be_opened_for_some_hours(day: str, hours: str) -> None:
    opened = QuietHours(rules=with_rest_days(country_rules(), "TR", "11:00-18:00"))
    assert in_words(windows_on(opened, "TR", date.fromisoformat(day))) == hours


@pytest.mark.parametrize(
    ("narrow", "day", "hours"),
    [
        (day_hours("10:00-18:00"), "2026-11-20", "10:00-18:00"),
        (day_hours("07:00-23:00"), "2026-11-20", "09:00-20:00"),  # never wider
        (day_hours("07:00-23:00"), "2026-11-22", "closed"),
        (day_hours("19:00-23:00"), "2026-11-20", "19:00-20:00"),
        (day_hours("10:00-18:00", holidays="closed"), "2026-10-28", "10:00-13:00"),
        (day_hours("closed", saturday="10:00-12:00"), "2026-11-20", "closed"),
        (day_hours("closed", saturday="10:00-12:00"), "2026-11-21", "10:00-12:00"),
    ],
)
def test_a_campaign_can_narrow_the_hours(narrow: DayHours, day: str, hours: str) -> None:
    assert in_words(windows_on(QuietHours(narrowing=(narrow,)), "TR", date.fromisoformat(day))) == hours


def test_a_campaign_can_leave_out_holidays_that_its_region_does_not() -> None:
    no_holidays = QuietHours(narrowing=(day_hours("00:00-24:00", holidays="closed"),))
    assert in_words(windows_on(no_holidays, "DE", date(2026, 12, 25))) == "closed"
    assert in_words(windows_on(QuietHours(), "DE", date(2026, 12, 25))) == "08:00-20:00"


def test_ramadan_is_kept_only_where_asked_and_only_in_its_country() -> None:
    day = date(2026, 3, 3)
    keeping = QuietHours(keep_ramadan=True)
    assert in_words(windows_on(QuietHours(), "TR", day)) == "09:00-20:00"
    assert in_words(windows_on(keeping, "TR", day)).startswith("11:00-17:")
    assert in_words(windows_on(keeping, "DE", day)) == "08:00-20:00"


@pytest.mark.parametrize(
    ("now", "zones", "regions", "opens"),
    [
        ("2026-11-24 09:00", one("Europe/Istanbul"), one("TR"), "2026-11-24 09:00"),
        ("2026-11-24 18:30", one("Europe/Istanbul"), one("TR"), "2026-11-25 06:00"),
        ("2026-11-24 17:00", one("Europe/Istanbul"), one("TR"), "2026-11-25 06:00"),  # 20:00 is shut already
        ("2026-11-24 16:59", one("Europe/Istanbul"), one("TR"), "2026-11-24 16:59"),
        ("2026-11-21 17:30", one("Europe/Istanbul"), one("TR"), "2026-11-23 06:00"),  # over the Sunday
        ("2026-10-28 10:00", one("Europe/Istanbul"), one("TR"), "2026-10-30 06:00"),  # over feast and eve
        ("2026-05-26 10:00", one("Europe/Istanbul"), one("TR"), "2026-06-01 06:00"),  # Kurban Bayramı, then a Sunday
        ("2027-03-08 09:59", one("Europe/Istanbul"), one("TR"), "2027-03-08 09:59"),
        ("2027-03-28 05:00", one("Europe/Berlin"), one("DE"), "2027-03-28 06:00"),  # 08:00 summer time
        ("2026-10-25 05:00", one("Europe/Berlin"), one("DE"), "2026-10-25 07:00"),  # 08:00 winter time
        ("2026-11-23 02:00", one("America/New_York"), one("US-FL"), "2026-11-23 13:00"),
        ("2026-03-08 03:00", one("America/New_York"), one("US-NY"), "2026-03-08 12:00"),
        ("2026-10-03 13:00", one("Australia/Lord_Howe"), one("AU"), "2026-10-03 21:00"),  # +11 after the change
        ("2026-04-04 13:00", one("Australia/Lord_Howe"), one("AU"), "2026-04-04 21:30"),  # +10:30 after it
        # every +7 number: Kaliningrad's 09:00 until Kamchatka's 20:00 is one hour
        ("2026-11-24 06:30", RUSSIA, one("RU", "KZ"), "2026-11-24 07:00"),
        ("2026-11-24 07:59", RUSSIA, one("RU", "KZ"), "2026-11-24 07:59"),
        ("2026-11-24 08:00", RUSSIA, one("RU", "KZ"), "2026-11-25 07:00"),
        # in Istanbul or in Paris: both countries' hours on both clocks, and no Sunday in either
        ("2026-11-21 18:30", one("Europe/Istanbul", "Europe/Paris"), one("TR", "FR"), "2026-11-23 08:00"),
    ],
)
def test_the_first_moment_that_is_not_quiet(
    now: str, zones: frozenset[str], regions: frozenset[str], opens: str
) -> None:
    assert next_open(at(now), zones, regions) == at(opens)


def test_zones_round_the_world_never_agree() -> None:
    assert next_open(at("2026-11-24 09:00"), ROUND_THE_WORLD, one("ID")) is None


@pytest.mark.parametrize(
    ("zones", "regions"),
    [
        (frozenset(), one("TR")),
        (one("Etc/Unknown"), one("TR")),
        (one("Europe/Istanbul", "Etc/Unknown"), one("TR")),
        (one("Europe/Istanbul"), frozenset()),
        (one("Europe/Istanbul"), one("ZZ")),
    ],
)
def test_an_unknown_place_is_never_guessed(zones: frozenset[str], regions: frozenset[str]) -> None:
    assert not place_known(zones, regions)
    with pytest.raises(ValueError, match="unknown zones"):
        next_open(at("2026-11-24 09:00"), zones, regions)


def test_the_end_of_time_has_no_opening() -> None:
    assert next_open(datetime(9999, 12, 31, 23, 59, tzinfo=UTC), one("Europe/Istanbul"), one("TR")) is None


def test_one_memo_serves_everybody_with_the_same_hours() -> None:
    assert openings(QuietHours()) is openings(QuietHours())
    assert openings(QuietHours(keep_ramadan=True)) is not openings(QuietHours())


def test_closed_places_are_listed_with_when_they_open() -> None:
    istanbul, kiritimati = (one("Europe/Istanbul"), one("TR")), (one("Pacific/Kiritimati"), one("KI"))
    nowhere = (ROUND_THE_WORLD, one("ID"))
    quiet = Openings(QuietHours()).closed(at("2026-11-24 09:00"), [istanbul, kiritimati, nowhere])
    assert quiet == {kiritimati: at("2026-11-24 19:00"), nowhere: None}


def says_the_wall_clock(hours: QuietHours, moment: datetime, zones: frozenset[str], regions: frozenset[str]) -> bool:
    """The rule itself, minute by minute: in every zone, under every region's hours of that zone's own day."""
    for zone in zones:
        wall = moment.astimezone(ZoneInfo(zone))
        minute = wall.hour * 60 + wall.minute
        for region in regions:
            if not any(start <= minute < end for start, end in windows_on(hours, region, wall.date())):
                return False
    return True


PLACES = [
    (one("Europe/Istanbul"), one("TR")),
    (one("Europe/Berlin"), one("DE")),
    (one("America/New_York"), one("US-FL")),
    (one("America/New_York", "America/Chicago"), one("US-FL", "US-AL")),
    (one("Australia/Lord_Howe", "Australia/Perth"), one("AU")),
    (one("Europe/Istanbul", "Europe/Paris"), one("TR", "FR")),
    (RUSSIA, one("RU", "KZ")),
]
STARTS = st.one_of(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),
    st.sampled_from(["2026-03-08", "2026-11-01", "2026-03-29", "2026-10-25", "2026-04-04", "2026-10-03"])
    .map(datetime.fromisoformat)
    .flatmap(lambda day: st.timedeltas(timedelta(days=-1), timedelta(days=1)).map(lambda shift: day + shift)),
).map(lambda moment: moment.replace(tzinfo=UTC))


@settings(max_examples=40, deadline=None)
@given(STARTS, st.sampled_from(PLACES), st.booleans())
def test_no_minute_before_the_opening_is_open_and_the_opening_is(
    now: datetime, place: tuple[frozenset[str], frozenset[str]], keep_ramadan: bool
) -> None:
    hours = QuietHours(keep_ramadan=keep_ramadan)
    opens = next_open(now, *place, hours)
    assert opens is not None
    assert says_the_wall_clock(hours, opens, *place)
    minute = now
    while minute < opens:
        assert not says_the_wall_clock(hours, minute, *place)
        minute += MINUTE * 3  # no window of any rule is shorter


NARROWING = st.builds(
    lambda start, length: day_hours(f"{start:02}:00-{min(24, start + length):02}:00", holidays="closed"),
    st.integers(0, 23),
    st.integers(1, 24),
)


@settings(max_examples=60, deadline=None)
@given(STARTS, st.sampled_from(PLACES[:6]), st.lists(NARROWING, max_size=2))
def test_narrowing_never_opens_anything(
    now: datetime, place: tuple[frozenset[str], frozenset[str]], narrowing: list[DayHours]
) -> None:
    usual, narrowed = Openings(QuietHours()), Openings(QuietHours(narrowing=tuple(narrowing)))
    opens = narrowed.next_open(now, *place)
    if opens is not None:
        assert usual.is_open(opens, *place)


@settings(max_examples=60, deadline=None)
@given(STARTS, st.sets(st.sampled_from(sorted(RUSSIA)), min_size=1, max_size=4))
def test_a_further_candidate_zone_never_opens_anything(now: datetime, zones: set[str]) -> None:
    every = frozenset(zones)
    opens = next_open(now, every, one("KZ"))
    assert opens is not None
    for zone in zones:
        assert next_open(opens, one(zone), one("KZ")) == opens


@settings(max_examples=40, deadline=None)
@given(STARTS, st.sampled_from(PLACES), st.timedeltas(timedelta(0), timedelta(days=9)))
def test_asking_later_never_opens_earlier(
    now: datetime, place: tuple[frozenset[str], frozenset[str]], later: timedelta
) -> None:
    first, second = next_open(now, *place), next_open(now + later, *place)
    assert first is not None
    assert second is not None
    assert first <= second
