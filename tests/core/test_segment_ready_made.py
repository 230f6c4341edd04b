"""The ready-made segments can be read, explained, and copied into a campaign as they stand."""

from __future__ import annotations

import pytest

from gateway.core.segment import Segment, explain, parse, write
from gateway.core.segment.cleaning import CLEANING
from gateway.core.segment.ready_made import READY_MADE

EVERY = {**READY_MADE, **CLEANING}


@pytest.mark.parametrize("name", EVERY)
def test_a_ready_made_segment_is_an_ordinary_one(name: str) -> None:
    one = EVERY[name]
    segment = parse(one.text)
    assert isinstance(segment, Segment)
    assert write(segment.where) == one.text
    assert explain(segment, "tr") != explain(segment, "en")
    assert one.about.tr != one.about.en


def test_those_that_a_shop_asks_for_first_are_there() -> None:
    assert set(READY_MADE) == {"new", "active", "passive", "vip", "at_risk", "cart_left", "watched"}


@pytest.mark.parametrize("name", READY_MADE)
def test_its_name_is_no_segment_by_itself(name: str) -> None:
    assert not isinstance(parse(name), Segment)
