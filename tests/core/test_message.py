"""The message's table of moves: every cell, and what races between webhooks and answers may do."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.message import (
    ENDED,
    FINAL,
    MOVES,
    RECEIPTS,
    Outgoing,
    State,
    acknowledgement_key,
    after_status,
    can_move,
    confirmation_key,
    may_come_from,
    read_tracker,
    state_diagram,
    tracker,
)

STATES_MD = Path(__file__).parents[2] / "docs" / "states.md"
STATUSES = ["sent", "delivered", "read", "failed", "played", "warning", ""]

# One row a state, one mark a column in the order of `State`: the table, written a second time by hand.
COLUMNS = [state.value for state in State]
TABLE = """
queued      . x . . . x x x x x . .
sending     x . x x x x x x x x x x
accepted    x . . . x x x . x . x .
held        x . . . x x x . x . x .
sent        x . . . . x x . x . x .
delivered   . . . . . . x . . . . .
read        . . . . . . . . . . . .
refused     . . . . . . . . . . . .
expired     . . . . . x x . . . . .
cancelled   . . . . . . . . . . . .
failed      . . . . . . . . . . . .
unsure      x . x x x x x . . . x .
"""
CELLS = [
    (State(line.split()[0]), State(column), mark == "x")
    for line in TABLE.strip().splitlines()
    for column, mark in zip(COLUMNS, line.split()[1:], strict=True)
]


@pytest.mark.parametrize(("now", "then", "allowed"), CELLS)
def test_every_cell_of_the_table(now: State, then: State, allowed: bool) -> None:
    assert can_move(now, then) is allowed


def test_the_table_has_a_row_for_every_state() -> None:
    assert set(MOVES) == set(State)
    assert len(CELLS) == len(State) ** 2


def test_final_states_lead_nowhere() -> None:
    assert sorted(FINAL) == ["cancelled", "failed", "read", "refused"]
    assert FINAL < ENDED


def test_every_state_can_reach_an_end() -> None:
    reaching = set(ENDED)
    while grown := {state for state in State if MOVES[state] & reaching} - reaching:
        reaching |= grown
    assert reaching == set(State)


def test_what_may_become_delivered() -> None:
    assert may_come_from(State.DELIVERED) == {
        State.QUEUED,
        State.SENDING,
        State.ACCEPTED,
        State.HELD,
        State.SENT,
        State.UNSURE,
        State.EXPIRED,
    }


@given(st.sampled_from(list(State)), st.sampled_from(list(State)))
def test_may_come_from_is_the_table_read_backwards(now: State, then: State) -> None:
    assert (now in may_come_from(then)) is can_move(now, then)


@pytest.mark.parametrize("now", [State.SENDING, State.UNSURE])
@pytest.mark.parametrize(
    ("status", "then"),
    [
        ("sent", State.SENT),
        ("delivered", State.DELIVERED),
        ("read", State.READ),
        ("played", State.READ),
        ("failed", State.FAILED),
    ],
)
def test_a_receipt_may_overtake_our_own_answer(now: State, status: str, then: State) -> None:
    assert after_status(now, status) is then


def test_our_own_late_answer_does_not_undo_a_receipt() -> None:
    for seen in RECEIPTS | {State.FAILED}:
        assert not can_move(seen, State.ACCEPTED)


@pytest.mark.parametrize("order", list(permutations(["sent", "delivered", "read", "delivered", "sent"])))
def test_any_order_of_receipts_ends_read(order: tuple[str, ...]) -> None:
    state = State.ACCEPTED
    for status in order:
        state = after_status(state, status) or state
    assert state is State.READ


RANK = {State.SENDING: 0, State.UNSURE: 0, State.ACCEPTED: 1, State.HELD: 1, State.SENT: 2} | {
    State.DELIVERED: 3,
    State.READ: 4,
    State.FAILED: 5,
}


@given(st.sampled_from([State.SENDING, State.UNSURE, State.ACCEPTED]), st.lists(st.sampled_from(STATUSES)))
def test_statuses_never_move_backwards(start: State, statuses: list[str]) -> None:
    state = start
    for status in statuses:
        then = after_status(state, status)
        assert then is None or RANK[then] > RANK[state]
        state = then or state


@given(st.sampled_from(list(State)), st.sampled_from(STATUSES))
def test_a_repeated_status_changes_nothing(state: State, status: str) -> None:
    once = after_status(state, status) or state
    assert after_status(once, status) is None


def test_an_unknown_status_changes_nothing() -> None:
    assert after_status(State.ACCEPTED, "teleported") is None


def test_a_failure_after_delivery_is_not_believed() -> None:
    assert after_status(State.DELIVERED, "failed") is None


def test_only_a_proof_of_delivery_counts_from_an_earlier_attempt() -> None:
    assert after_status(State.SENDING, "failed", same_attempt=False) is None
    assert after_status(State.ACCEPTED, "sent", same_attempt=False) is None
    assert after_status(State.SENDING, "delivered", same_attempt=False) is State.DELIVERED


def test_a_message_waiting_to_go_again_believes_a_delivery_but_not_a_stale_sent() -> None:
    assert after_status(State.QUEUED, "delivered") is State.DELIVERED
    assert after_status(State.QUEUED, "sent") is None
    assert after_status(State.QUEUED, "failed") is None


def test_an_assumed_expiry_gives_way_to_a_receipt() -> None:
    assert after_status(State.EXPIRED, "delivered") is State.DELIVERED
    assert after_status(State.EXPIRED, "failed") is None


@given(st.integers(1, 10**18 - 1), st.integers(1, 1000))
def test_a_tracker_comes_back_as_it_went(message_id: int, attempt: int) -> None:
    written = tracker(message_id, attempt)
    assert read_tracker(written) == (message_id, attempt)
    assert len(written) <= 512


def test_the_first_attempts_tracker_is_the_bare_row_id() -> None:
    message = Outgoing(message_id=17, number_id="1", purpose="marketing", to="+905550000001")
    assert message.tracker == "17"


@pytest.mark.parametrize("text", ["", ".", "x", "17.x", "-1", "1.2.3", "١٧", "order-17", " 17", "9" * 31, ".2"])
def test_somebody_elses_tracker_is_none_of_ours(text: str) -> None:
    assert read_tracker(text) is None


def test_keys_name_what_must_happen_once() -> None:
    assert acknowledgement_key("wamid.A") == "ack:wamid.A"
    assert confirmation_key("r-1") == "confirm:r-1"


def test_the_diagram_shows_every_move_once() -> None:
    arrows = [line for line in state_diagram().splitlines() if "-->" in line and "[*]" not in line]
    assert len(arrows) == len(set(arrows)) == sum(map(len, MOVES.values()))


def test_the_document_shows_the_table_as_it_is() -> None:
    again = "print(gateway.core.message.state_diagram())"
    assert f"```mermaid\n{state_diagram()}\n```" in STATES_MD.read_text(), f"write it anew with {again}"
