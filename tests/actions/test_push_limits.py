"""Which of Meta's limits on writing templates forbid a push, asked before Meta is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.actions.push_template import (
    CREATIONS_PER_HOUR,
    EDITABLE,
    EDITS_PER_MONTH,
    Pushes,
    not_now,
    samples_of,
    with_samples,
)
from gateway.core.template import Category, Header, HeaderFormat, TemplateStatus, refused_by_meta
from gateway.storage import template_history
from gateway.storage.database import Database
from gateway.storage.template_history import Change
from tests.core.templates import SPRING, template

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
MINE = template(SPRING)


def says(mine: object, theirs: object, **pushes: int) -> str:
    found = not_now(mine, theirs, Pushes(**pushes))  # type: ignore[arg-type]  # both are templates or None
    return found.en if found else ""


@pytest.mark.parametrize("status", TemplateStatus)
def test_only_three_states_may_be_edited(status: TemplateStatus) -> None:
    assert (says(MINE, replace(MINE, status=status)) == "") == (status in EDITABLE)


@pytest.mark.parametrize(
    ("created", "allowed"), [(0, True), (CREATIONS_PER_HOUR - 1, True), (CREATIONS_PER_HOUR, False)]
)
def test_a_hundred_templates_are_created_in_an_hour(created: int, allowed: bool) -> None:
    assert (says(MINE, None, created=created) == "") == allowed
    assert says(MINE, MINE, created=created) == "", "an edit creates nothing"


@pytest.mark.parametrize(
    ("pushes", "allowed"),
    [
        ({}, True),
        ({"edited_today": 1, "edited_this_month": 1}, False),
        ({"edited_this_month": EDITS_PER_MONTH - 1}, True),
        ({"edited_this_month": EDITS_PER_MONTH}, False),
    ],
)
def test_an_approved_template_is_edited_once_a_day_and_ten_times_a_month(pushes: dict[str, int], allowed: bool) -> None:
    assert (says(MINE, MINE, **pushes) == "") == allowed
    for status in (TemplateStatus.REJECTED, TemplateStatus.PAUSED):
        assert says(MINE, replace(MINE, status=status), **pushes) == ""


def test_the_category_changes_only_while_it_is_not_approved() -> None:
    utility = replace(MINE, category=Category.UTILITY)
    assert "stays MARKETING" in says(utility, MINE)
    assert says(utility, replace(MINE, status=TemplateStatus.REJECTED)) == ""


def pushed(name: str, was: str | None, at: datetime, source: str = "push") -> Change:
    return Change(name, "tr", "content", was, "PENDING", source, at)


def test_pushes_are_counted_from_the_history_and_nothing_else_is(database: Database) -> None:
    hour = timedelta(hours=1)
    with database.write() as connection:
        template_history.record(
            connection,
            [
                pushed("a", None, NOW - hour / 2),
                pushed("b", None, NOW - 2 * hour),
                pushed("a", "APPROVED", NOW - hour / 3),
                pushed("b", "APPROVED", NOW - hour / 3),
                pushed("a", "APPROVED", NOW - hour / 3, source="sync"),
            ],
        )
    with database.read() as connection:
        assert template_history.pushes(connection, False, NOW - hour) == 1
        assert template_history.pushes(connection, True, NOW - hour) == 2
        assert template_history.pushes(connection, True, NOW - hour, "a", "tr") == 1
        assert template_history.pushes(connection, True, NOW - hour, "a", "en") == 0


def test_samples_of_cards_are_replaced_like_the_headers() -> None:
    image = Header(HeaderFormat.IMAGE, sample="kapak.jpg")
    item = {**SPRING, "components": [SPRING["components"][1]]}
    made = replace(template(item), header=image)
    assert samples_of(made) == [(image, "kapak.jpg")]
    assert samples_of(with_samples(made, {"kapak.jpg": "4::x"})) == [(replace(image, sample="4::x"), "4::x")]
    assert samples_of(with_samples(made, {"other.jpg": "4::x"})) == [(image, "kapak.jpg")]


@pytest.mark.parametrize(
    ("subcode", "place"), [(2388299, "body"), (2388047, "header"), (2388073, "footer"), (2388024, "name")]
)
def test_metas_subcodes_become_places(subcode: int, place: str) -> None:
    found = refused_by_meta(subcode, "said so")
    assert (found.place.en, found.sentence.en.endswith("(said so)")) == (place, True)
    assert found.sentence.tr != found.sentence.en


def test_a_subcode_that_nobody_knows_is_told_in_metas_words() -> None:
    assert refused_by_meta(7, "The moon is full.").sentence.en == "Meta did not take it: The moon is full."
