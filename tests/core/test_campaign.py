"""Campaign files: what they mean, and everything that can be wrong with them, at once and by line."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.limits.frequency import Cap
from gateway.core.campaign import (
    CampaignPlan,
    HouseRules,
    Lateness,
    LateStart,
    Link,
    OnUnsure,
    choose_language,
    fitting_problems,
    house_rules,
    late_verdict,
    parameter_values,
    parse_campaign,
    restored,
    scheduled,
)
from tests.core.campaigns_given import LEAST, NOW, plan, plan_of, sentences, written, wrong
from tests.core.templates import SPRING, template

EXAMPLES = Path(__file__).parents[2] / "examples"
DAY = timedelta(days=1)


# what is meant


def test_four_lines_are_a_campaign() -> None:
    made = plan()

    assert (made.name, made.segment.text, made.template) == ("Spring", "everyone", "spring_offer")
    assert made.languages == ("person", "tr", "en")
    assert made.start is None
    assert made.expiry(NOW) == NOW + 3 * DAY
    assert (made.caps, made.quiet_hours, made.priority, made.purpose) == ((), None, 0, None)
    assert made.on_unsure is OnUnsure.NEVER_TWICE
    assert made.late_start == Lateness(LateStart.START)


def test_the_yaml_example_is_a_plan_that_fits_its_template() -> None:
    made = plan_of((EXAMPLES / "spring.yaml").read_text(encoding="utf-8"))

    assert made.start == NOW + timedelta(seconds=10)
    assert made.expiry(NOW) == NOW + 7 * DAY
    assert made.caps == (Cap(1, 3 * DAY),)
    assert made.quiet_hours == ((10 * 60, 19 * 60),)
    assert made.late_start == Lateness(LateStart.CANCEL, timedelta(hours=6))
    assert made.link is not None
    assert made.link.url == ("https://shop.example/spring?utm_source=whatsapp&utm_medium=message&utm_campaign=spring")
    assert fitting_problems(made, template(SPRING)) == []


def test_the_toml_example_is_a_plan_too() -> None:
    made = plan_of((EXAMPLES / "weekend_coupon.toml").read_text(encoding="utf-8"), "toml")

    assert made.start == datetime(2027, 3, 5, 8, tzinfo=UTC)
    assert made.expires == datetime(2027, 3, 7, 15, tzinfo=UTC)
    assert made.caps == (Cap(1, 2 * DAY), Cap(2, 10 * DAY))
    assert made.quiet_hours == ((660, 780), (960, 1140))
    assert made.languages == ("tr",)
    assert parameter_values(made.parameters, {}, "tr") == {
        "1": "değerli müşterimiz",
        "2": "size en yakın",
        "3": "BAHAR20",
    }


@pytest.mark.parametrize("name", ["spring.yaml", "weekend_coupon.toml"])
def test_a_stored_plan_comes_back_the_same_without_a_clock(name: str) -> None:
    made = plan_of((EXAMPLES / name).read_text(encoding="utf-8"), name.rpartition(".")[2])

    assert restored(json.loads(json.dumps(dict(made.written)))) == made


def test_what_no_plan_wrote_is_not_restored() -> None:
    with pytest.raises(ValueError, match="Give the campaign a name"):
        restored({"segment": "everyone", "template": "spring_offer", "expires": "3 days"})


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", NOW),
        ("in 5 s", NOW + timedelta(seconds=5)),
        ("in 2 hours", NOW + timedelta(hours=2)),
        ("2026-12-01T10:00:00+03:00", datetime(2026, 12, 1, 7, tzinfo=UTC)),
        ("2026-12-01T10:00Z", datetime(2026, 12, 1, 10, tzinfo=UTC)),
        ("2026-12-01 10:00 Europe/Istanbul", datetime(2026, 12, 1, 7, tzinfo=UTC)),
        ("2026-12-01 10:00:30 UTC", datetime(2026, 12, 1, 10, 0, 30, tzinfo=UTC)),
        ("2027-03-28 04:30 Europe/Berlin", datetime(2027, 3, 28, 2, 30, tzinfo=UTC)),
    ],
)
def test_a_start_is_a_moment_or_a_span_from_now(text: str, moment: datetime) -> None:
    assert plan(start=text).start == moment


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2026-12-01T10:00", "The zone is missing"),
        ("2026-12-01", "The zone is missing"),
        ("tomorrow", "This is no moment"),
        ("in a while", "Write a span"),
        ("2026-02-30 10:00 Europe/Istanbul", "does not exist"),
        ("2026-12-01 10:00 Europe/Atlantis", "does not exist"),
        ("2027-03-28 02:30 Europe/Berlin", "the clocks go forward over it"),
        ("2026-11-22T08:59Z", "lies in the past"),
    ],
)
def test_a_start_that_is_no_moment_says_why(text: str, says: str) -> None:
    assert says in wrong(start=text)


def test_an_end_is_a_moment_or_a_span_after_the_start() -> None:
    assert plan(expires="2 days").expiry(NOW + DAY) == NOW + 3 * DAY
    assert plan(expires="after 36 h").expiry(NOW) == NOW + 1.5 * DAY
    assert plan(expires="2026-12-01T10:00Z").expiry(NOW) == datetime(2026, 12, 1, 10, tzinfo=UTC)
    assert "must come after the start" in wrong(start="2026-12-02T10:00Z", expires="2026-12-01T10:00Z")
    assert "must come after the start" in wrong(expires="2026-11-22T09:00Z")
    assert "longer than nothing" in wrong(expires="0 days")
    assert "This is no moment" in wrong(expires="never")


@pytest.mark.parametrize(
    ("text", "caps"),
    [
        ("1 per 2d", (Cap(1, 2 * DAY),)),
        ("1/week, 3 per month", (Cap(1, 7 * DAY), Cap(3, 30 * DAY))),
        (["1 per 36 h", "1 per week"], (Cap(1, 1.5 * DAY), Cap(1, 7 * DAY))),
    ],
)
def test_caps_narrow_the_houses_own(text: Any, caps: tuple[Cap, ...]) -> None:
    assert plan(caps=text).caps == caps


@pytest.mark.parametrize("text", ["1 per day", "3 per day", "2 per week", "10 per month"])
def test_a_cap_that_changes_nothing_is_a_mistake(text: str) -> None:
    assert "changes nothing" in wrong(caps=text)


@pytest.mark.parametrize("text", ["one per day", "0 per day", "11 per 3d", "1 per fortnight", "per day", "1"])
def test_a_cap_that_cannot_be_read_says_how_to_write_it(text: str) -> None:
    assert "is no cap" in wrong(caps=text)


def test_quiet_hours_can_only_be_narrowed() -> None:
    house = HouseRules(quiet_hours=((9 * 60, 20 * 60),))

    narrowed = plan_of(written(LEAST | {"quiet_hours": "10:00-12:00, 14:00-19:00"}), house=house)
    assert narrowed.quiet_hours == ((600, 720), (840, 1140))
    [widened] = sentences(written(LEAST | {"quiet_hours": "08:00-19:00"}), house=house)
    assert "narrow the house's hours, not widen them" in widened


@pytest.mark.parametrize("text", ["19:00-10:00", "10-19", "25:00-26:00", "always"])
def test_hours_that_cannot_be_read_say_what_they_mean(text: str) -> None:
    assert "hours in which messages may go" in wrong(quiet_hours=text)


def test_hours_in_which_nothing_could_go_are_a_mistake() -> None:
    assert "no message could ever go" in wrong(quiet_hours="closed")


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("name", "", "This must be a text"),
        ("name", "x" * 101, "at most 100 characters"),
        ("segment", "tag vip", "Expected “:”, not “vip”.\n  tag vip\n      ^"),
        ("template", {"name": "a", "lang": "tr"}, "Did you mean “language”?"),
        ("template", {"languages": ["tr"]}, "Write the template's name"),
        ("template", {"name": "a", "languages": ["turkish!"]}, "is no language code"),
        ("parameters", ["a"], "Write “name: value”"),
        ("parameters", {"a": "{person.x"}, "Curly brackets are for fields only"),
        ("parameters", {"a": "{event.x}"}, "Curly brackets are for fields only"),
        ("parameters", {"a": {"value": "x", "falback": "y"}}, "Did you mean “fallback”?"),
        ("parameters", {"a": {"latitude": "x", "longitude": "1"}}, "A place needs"),
        ("priority", "high", "a whole number from 0 to 100"),
        ("priority", "101", "a whole number from 0 to 100"),
        ("tags", "two words", "letters, digits, - and _ only"),
        ("tags", {"a": "b"}, "This must be a list"),
        ("purpose", "marketting", "Did you mean “marketing”?"),
        ("late_start", "maybe", "“cancel after 2 h”"),
        ("on_unsure", "send_again", "never_twice, at_least_once"),
        ("link", {"utm": {}}, "Write where the link leads"),
        ("link", "http://shop.example", "fixed https:// address"),
        ("link", "https://shop.example/{person.name}", "fixed https:// address"),
        ("link", "https://user@shop.example", "fixed https:// address"),
        ("link", {"target": "https://shop.example", "utm": {"sorce": "x"}}, "Did you mean “source”?"),
        ("nam", "x", "There is no field “nam”. Did you mean “name”?"),
        ("colour", "x", "The fields are: caps, expires"),
    ],
)
def test_each_mistake_says_what_is_wrong_and_what_to_do(field: str, value: Any, says: str) -> None:
    assert says in wrong(**{field: value})


def test_every_mistake_comes_at_once_in_the_order_of_the_file() -> None:
    text = "\n".join(
        [
            "# a hurried file",
            "nam: Spring",
            "segment: 'tag:'",
            "template: spring_offer",
            "start: tomorrow",
            "caps: 1 per day",
            "link:",
            "  target: https://shop.example",
            "  utm:",
            "    sorce: x",
        ]
    )

    assert [sentence.partition(":")[0] for sentence in sentences(text)] == [
        "name",
        "expires",
        "line 2, nam",
        "line 3, segment",
        "line 5, start",
        "line 6, caps",
        "line 10, link.utm.sorce",
    ]


def test_toml_problems_have_lines_too() -> None:
    text = 'name = "A"\nsegment = "everyone"\ntemplate = "t"\nexpires = "1 d"\n\n[link]\ntarget = "http://x.example"\n'

    [sentence] = sentences(text, "toml")
    assert sentence.startswith("line 7, link.target:")
    assert sentences('name = "A', "toml")[0].startswith("line 1: This is not readable TOML")


def test_sentences_are_turkish_too() -> None:
    found = parse_campaign("nam: x", "yaml", now=NOW)

    assert isinstance(found, list)
    assert [problem.sentence("tr") for problem in found][-1] == (
        "1. satır, nam: “nam” diye bir alan yok. “name” mi demek istediniz?"
    )


def _nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2)


SOME_FIELDS = st.sampled_from([*LEAST, "start", "caps", "link", "parameters", "x"])


@given(st.dictionaries(SOME_FIELDS, st.recursive(st.text(max_size=20), _nested)))
def test_no_file_can_make_it_stumble(fields: dict[str, Any]) -> None:
    found = parse_campaign(written(fields), "yaml", now=NOW)

    assert isinstance(found, CampaignPlan) or all(problem.sentence() for problem in found)


# languages, links, lateness


@pytest.mark.parametrize(
    ("chain", "own", "available", "chosen"),
    [
        ("person, tr", "en", ["tr", "en"], "en"),
        ("person, tr", "de", ["tr", "en"], "tr"),
        ("person, tr", None, ["tr", "en"], "tr"),
        ("person, tr", "en", ["en_US", "en_GB", "tr"], "en_GB"),
        ("person, tr", "en-GB", ["en_US", "en_GB"], "en_GB"),
        ("person, tr", "en_GB", ["en", "tr"], "en"),
        ("tr", "en", ["tr", "en"], "tr"),
        ("person, de", "fr", ["tr", "en"], None),
    ],
)
def test_each_person_gets_the_first_language_of_the_chain_that_exists(
    chain: str, own: str | None, available: list[str], chosen: str | None
) -> None:
    made = plan(template={"name": "spring_offer", "languages": chain})

    assert choose_language(made, own, available) == chosen


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ("https://e.example", "https://e.example?utm_source=wa"),
        ("https://e.example/a?b=1&utm_source=x#top", "https://e.example/a?b=1&utm_source=wa#top"),
        ("https://e.example/ş?b=", "https://e.example/ş?b=&utm_source=wa"),
    ],
)
def test_utm_parameters_join_what_the_target_has(target: str, url: str) -> None:
    assert Link(target, (("source", "wa"),)).url == url


def test_scheduling_by_hand_sets_the_start_and_keeps_the_rest() -> None:
    made = scheduled(plan(), NOW + DAY)

    assert made.start == NOW + DAY
    assert made.expiry(NOW + DAY) == NOW + 4 * DAY
    assert restored(made.written) == made
    with pytest.raises(ValueError, match="expires before"):
        scheduled(plan(expires="2026-11-23T09:00Z"), NOW + 2 * DAY)


@pytest.mark.parametrize(
    ("policy", "late_by", "verdict"),
    [
        ("start", timedelta(hours=40), LateStart.START),
        ("start", timedelta(days=3), LateStart.CANCEL),
        ("cancel", timedelta(0), LateStart.START),
        ("cancel", timedelta(seconds=1), LateStart.CANCEL),
        ("cancel after 2 h", timedelta(hours=2), LateStart.START),
        ("cancel after 2 h", timedelta(hours=2, seconds=1), LateStart.CANCEL),
    ],
)
def test_a_missed_start_follows_the_campaigns_policy(policy: str, late_by: timedelta, verdict: LateStart) -> None:
    made = replace(plan(late_start=policy), start=NOW)

    assert late_verdict(made, NOW + late_by) is verdict


# the house


def test_the_house_speaks_in_the_settings_own_texts() -> None:
    house = house_rules("1/day, 2/week, 6/month", "09:00-20:00", "tr")

    assert house.caps == (Cap(1, DAY), Cap(2, 7 * DAY), Cap(6, 30 * DAY))
    assert house.quiet_hours == ((540, 1200),)
    assert house.languages == ("person", "tr", "en")
    assert house_rules("1/day", "", "en") == HouseRules((Cap(1, DAY),), languages=("person", "en", "tr"))
    with pytest.raises(ValueError, match=r"often.* is no frequency cap"):
        house_rules("1/day, often", "", "tr")


def test_the_houses_languages_serve_where_a_campaign_names_none() -> None:
    house = house_rules("1/day", "", "en")

    assert plan_of(written(LEAST), house=house).languages == ("person", "en", "tr")
    assert plan_of(written(LEAST | {"template": {"name": "a", "language": "de"}}), house=house).languages == ("de",)
