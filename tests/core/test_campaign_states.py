"""A campaign's life: the table of moves."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.campaign import (
    ENDED,
    MOVES,
    CampaignPlan,
    CampaignState,
    can_move,
    may_come_from,
    parse_campaign,
    state_diagram,
)
from gateway.core.campaign.fields import FIELDS, REQUIRED

S = CampaignState


def test_every_state_has_its_row() -> None:
    assert set(MOVES) == set(S)
    assert set().union(*MOVES.values()) | {S.PLANNED} == set(S)


@pytest.mark.parametrize(
    "path",
    [
        [S.PLANNED, S.SCHEDULED, S.LAUNCHING, S.RUNNING, S.DONE],
        [S.PLANNED, S.SCHEDULED, S.PLANNED, S.CANCELLED],
        [S.SCHEDULED, S.PAUSED, S.SCHEDULED],
        [S.LAUNCHING, S.PAUSED, S.LAUNCHING],
        [S.RUNNING, S.PAUSED, S.RUNNING, S.CANCELLED],
        [S.PAUSED, S.DONE],
    ],
)
def test_a_campaign_can_live_like_this(path: list[CampaignState]) -> None:
    assert all(can_move(now, then) for now, then in pairwise(path))


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (S.PLANNED, S.LAUNCHING),
        (S.PLANNED, S.PAUSED),
        (S.RUNNING, S.LAUNCHING),
        (S.RUNNING, S.SCHEDULED),
        (S.DONE, S.RUNNING),
        (S.CANCELLED, S.SCHEDULED),
    ],
)
def test_a_campaign_cannot_live_like_that(now: CampaignState, then: CampaignState) -> None:
    assert not can_move(now, then)


def test_two_states_are_the_end() -> None:
    assert {S.DONE, S.CANCELLED} == ENDED


@given(st.sampled_from(S), st.sampled_from(S))
def test_looking_back_agrees_with_looking_forward(now: CampaignState, then: CampaignState) -> None:
    assert (now in may_come_from(then)) is can_move(now, then)


def test_every_campaign_that_has_not_ended_can_be_cancelled() -> None:
    assert all(can_move(state, S.CANCELLED) for state in set(S) - ENDED)


def test_the_diagram_is_drawn_from_the_table() -> None:
    lines = state_diagram().splitlines()

    assert lines[:2] == ["stateDiagram-v2", "    [*] --> planned"]
    assert len(lines) == 2 + sum(map(len, MOVES.values())) + len(ENDED)
    assert "    running --> paused" in lines


PAGE = (Path(__file__).parents[2] / "docs" / "campaigns.md").read_text(encoding="utf-8")


def test_the_page_shows_the_table_as_it_is() -> None:
    assert re.findall(r"```mermaid\n(.*?)\n```", PAGE, re.S) == [state_diagram()]


def test_the_page_explains_every_field_and_no_other() -> None:
    [table] = re.findall(r"## Fields\n(.*?)\n## ", PAGE, re.S)

    assert re.findall(r"^\| `(\w+)` \|", table, re.M) != []
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.M)) == set(FIELDS)
    assert set(re.findall(r"^\| `(\w+)` \| yes", table, re.M)) == set(REQUIRED)


def test_the_pages_example_is_a_plan() -> None:
    [example] = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)

    assert isinstance(parse_campaign(example, "yaml", now=datetime(2026, 11, 22, tzinfo=UTC)), CampaignPlan)
