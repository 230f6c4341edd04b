"""A campaign's life as a table: its states, and the only moves between them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class CampaignState(StrEnum):
    PLANNED = "planned"
    SCHEDULED = "scheduled"
    LAUNCHING = "launching"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


MOVES: Mapping[CampaignState, frozenset[CampaignState]] = {
    CampaignState.PLANNED: frozenset({CampaignState.SCHEDULED, CampaignState.CANCELLED}),
    # back to planned when the start is taken back; done when it expired before it could start
    CampaignState.SCHEDULED: frozenset(
        {
            CampaignState.PLANNED,
            CampaignState.LAUNCHING,
            CampaignState.PAUSED,
            CampaignState.DONE,
            CampaignState.CANCELLED,
        }
    ),
    CampaignState.LAUNCHING: frozenset(
        {CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.DONE, CampaignState.CANCELLED}
    ),
    CampaignState.RUNNING: frozenset({CampaignState.PAUSED, CampaignState.DONE, CampaignState.CANCELLED}),
    # resumed where it was: before the start, with the audience half planned, or with everybody planned
    CampaignState.PAUSED: frozenset(
        {
            CampaignState.SCHEDULED,
            CampaignState.LAUNCHING,
            CampaignState.RUNNING,
            CampaignState.DONE,
            CampaignState.CANCELLED,
        }
    ),
    CampaignState.DONE: frozenset(),
    CampaignState.CANCELLED: frozenset(),
}

ENDED = frozenset(state for state, following in MOVES.items() if not following)


def can_move(now: CampaignState, then: CampaignState) -> bool:
    return then in MOVES[now]


def may_come_from(then: CampaignState) -> frozenset[CampaignState]:
    """The states that may become `then`, for an UPDATE's WHERE clause."""
    return frozenset(state for state, following in MOVES.items() if then in following)


def state_diagram() -> str:
    """The table as a Mermaid state diagram."""
    arrows = [f"    {now} --> {then}" for now in CampaignState for then in CampaignState if then in MOVES[now]]
    ends = [f"    {state} --> [*]" for state in CampaignState if state in ENDED]
    return "\n".join(["stateDiagram-v2", f"    [*] --> {CampaignState.PLANNED}", *arrows, *ends])
