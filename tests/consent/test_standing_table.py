"""Every cell of the table in reference/consent.md 3.2, from events to standing."""

from __future__ import annotations

from typing import Any

import pytest

from consent.events import SUBJECT, SYSTEM, Event, EventType
from consent.moves import TABLE, Input, State
from consent.standing import fold
from tests.consent.events_given import EVIDENCE, FILE, OPERATOR, TEXT, at, event

PAPER = {"actor": OPERATOR, "source": "paper", "evidence": EVIDENCE}
ROW = {"actor": FILE, "source": "import", "method": "list", "text": TEXT, "evidence": EVIDENCE}
BARE_ROW = {"actor": FILE, "source": "import", "method": "list"}

DAYS_40 = 40 * 24

WAYS_THERE: dict[State, list[Event]] = {
    State.NONE: [],
    State.PENDING: [event(1, EventType.REQUESTED, -1, actor=SYSTEM)],
    State.DECLINED: [event(1, EventType.REQUESTED, -2, actor=SYSTEM), event(2, EventType.DECLINED, -1)],
    State.LAPSED: [event(1, EventType.REQUESTED, -100, actor=SYSTEM)],
    State.GRANTED: [event(1, EventType.REQUESTED, -2, actor=SYSTEM), event(2, EventType.CONFIRMED, -1)],
    State.PAUSED: [event(1, EventType.GRANTED, -2), event(2, EventType.PAUSED, -1, actor=SYSTEM)],
    State.REVOKED: [event(1, EventType.GRANTED, -2), event(2, EventType.REVOKED, -1)],
    State.EXPIRED: [event(1, EventType.GRANTED, -2, expires_at=at(-1))],
    State.ERASED: [event(1, EventType.GRANTED, -2), event(2, EventType.ERASED, -1, actor=SYSTEM, purpose="*")],
}
ALL_STATES = list(State)

INPUTS: dict[str, tuple[EventType, dict[str, Any]]] = {
    "request by us": (EventType.REQUESTED, {"actor": SYSTEM}),
    "request by the person": (EventType.REQUESTED, {"actor": SUBJECT, "source": "web_form"}),
    "confirm": (EventType.CONFIRMED, {}),
    "confirm by an operator": (EventType.CONFIRMED, {"actor": OPERATOR, "source": "admin"}),
    "no": (EventType.DECLINED, {}),
    "grant by the person": (EventType.GRANTED, {"source": "web_form"}),
    "grant on paper": (EventType.GRANTED, PAPER),
    "grant on paper, unproven": (EventType.GRANTED, PAPER | {"evidence": None}),
    "grant by an operator": (EventType.GRANTED, {"actor": OPERATOR, "source": "admin"}),
    "import row": (EventType.GRANTED_BY_IMPORT, ROW),
    "import row without proof": (EventType.GRANTED_BY_IMPORT, BARE_ROW),
    "import row named paper": (EventType.GRANTED, ROW | {"source": "paper"}),
    "stop": (EventType.REVOKED, {}),
    "registry stop": (EventType.REVOKED_BY_REGISTRY, {"actor": SYSTEM, "source": "iys"}),
    "operator stop": (EventType.REVOKED, {"actor": OPERATOR, "source": "admin"}),
    "131050": (EventType.REVOKED, {"actor": SYSTEM, "source": "provider_error"}),
    "suppressed": (EventType.SUPPRESSED, {"purpose": "*"}),
    "number reassigned": (EventType.NUMBER_REASSIGNED, {"actor": SYSTEM, "purpose": "*"}),
    "start": (EventType.RESUMED, {}),
    "start by an operator": (EventType.RESUMED, {"actor": OPERATOR, "source": "admin"}),
    "preference resumed": (EventType.RESUMED, {"source": "wa_pref"}),
    "pause": (EventType.PAUSED, {"actor": SYSTEM}),
    "erase": (EventType.ERASED, {"actor": SYSTEM, "purpose": "*"}),
    "ttl row": (EventType.REQUEST_EXPIRED, {"actor": SYSTEM}),
    "end row": (EventType.EXPIRED, {"actor": SYSTEM}),
    "exported": (EventType.EXPORTED, {"actor": OPERATOR}),
}

#                              none     pending  declined lapsed   granted  paused   revoked  expired  erased
EXPECTED = """
request by us                | pending  pending  declined lapsed   granted  paused   revoked  pending  erased
request by the person        | pending  pending  pending  pending  granted  paused   revoked  pending  erased
confirm                      | none     granted  declined lapsed   granted  paused   revoked  granted  erased
confirm by an operator       | none     pending  declined lapsed   granted  paused   revoked  expired  erased
no                           | none     declined declined lapsed   revoked  revoked  revoked  declined erased
grant by the person          | granted  granted  granted  granted  granted  granted  granted  granted  erased
grant on paper               | granted  granted  granted  granted  granted  granted  granted  granted  erased
grant on paper, unproven     | granted  granted  declined lapsed   granted  paused   revoked  granted  erased
grant by an operator         | granted  granted  declined lapsed   granted  paused   revoked  granted  erased
import row                   | granted  pending  declined lapsed   granted  paused   revoked  granted  erased
import row without proof     | none     pending  declined lapsed   granted  paused   revoked  expired  erased
import row named paper       | granted  pending  declined lapsed   granted  paused   revoked  granted  erased
stop                         | revoked  revoked  revoked  revoked  revoked  revoked  revoked  revoked  erased
registry stop                | revoked  revoked  revoked  revoked  revoked  revoked  revoked  revoked  erased
operator stop                | revoked  revoked  revoked  revoked  revoked  revoked  revoked  revoked  erased
131050                       | revoked  revoked  revoked  revoked  revoked  revoked  revoked  revoked  erased
suppressed                   | revoked  revoked  revoked  revoked  revoked  revoked  revoked  revoked  erased
number reassigned            | revoked  revoked  revoked  revoked  revoked  revoked  revoked  revoked  erased
start                        | none     pending  pending  pending  granted  granted  granted  pending  erased
start by an operator         | none     pending  declined lapsed   granted  granted  revoked  expired  erased
preference resumed           | none     pending  declined lapsed   granted  paused   revoked  expired  erased
pause                        | paused   paused   declined paused   paused   paused   revoked  paused   erased
erase                        | erased   erased   erased   erased   erased   erased   erased   erased   erased
ttl row                      | none     pending  declined lapsed   granted  paused   revoked  expired  erased
end row                      | none     pending  declined lapsed   granted  paused   revoked  expired  erased
exported                     | none     pending  declined lapsed   granted  paused   revoked  expired  erased
"""

CELLS = [
    (state, name.strip(), State(expected))
    for line in EXPECTED.strip().splitlines()
    for name, states in [line.split("|")]
    for state, expected in zip(ALL_STATES, states.split(), strict=True)
]


@pytest.mark.parametrize("state", ALL_STATES)
def test_there_is_a_way_to_every_state(state: State) -> None:
    assert fold(WAYS_THERE[state]).at(at(0)).of("marketing").state is state


@pytest.mark.parametrize(("state", "name", "expected"), CELLS, ids=[f"{s}, {n}" for s, n, _ in CELLS])
def test_a_cell_of_the_table(state: State, name: str, expected: State) -> None:
    kind, fields = INPUTS[name]
    after = fold([*WAYS_THERE[state], event(9, kind, 0, **fields)])
    assert after.at(at(0)).of("marketing").state is expected


def test_every_input_is_in_the_cells_above() -> None:
    assert {name for _, name, _ in CELLS} == set(INPUTS)


def test_no_cell_of_the_data_is_empty() -> None:
    assert {state: set(row) for state, row in TABLE.items()} == {state: set(Input) for state in State}


def test_a_withdrawn_person_who_asks_anew_stays_withdrawn_until_confirming() -> None:
    asked = [*WAYS_THERE[State.REVOKED], event(3, EventType.REQUESTED, 0, source="web_form")]
    assert fold(asked).of("marketing").state is State.REVOKED
    assert fold([*asked, event(4, EventType.CONFIRMED, 47)]).of("marketing").state is State.GRANTED


def test_a_withdrawn_person_who_confirms_too_late_stays_withdrawn() -> None:
    asked = [*WAYS_THERE[State.REVOKED], event(3, EventType.REQUESTED, 0, source="web_form")]
    assert fold([*asked, event(4, EventType.CONFIRMED, 48)]).of("marketing").state is State.REVOKED


def test_a_code_sent_before_the_stop_still_confirms_after_it() -> None:
    stopped = [event(1, EventType.REQUESTED, 0, actor=SYSTEM), event(2, EventType.REVOKED, 1)]
    assert fold([*stopped, event(3, EventType.CONFIRMED, 2)]).of("marketing").state is State.GRANTED


def test_a_person_who_let_a_request_lapse_may_be_asked_again_after_thirty_days() -> None:
    lapsed = event(1, EventType.REQUESTED, 0, actor=SYSTEM)
    soon = event(2, EventType.REQUESTED, 48 + 29 * 24, actor=SYSTEM)
    late = event(2, EventType.REQUESTED, 48 + 30 * 24, actor=SYSTEM)
    assert fold([lapsed, soon]).of("marketing").state is State.LAPSED
    assert fold([lapsed, late]).of("marketing").state is State.PENDING


def test_a_person_who_declined_is_never_asked_again_by_us() -> None:
    again = event(9, EventType.REQUESTED, DAYS_40, actor=SYSTEM)
    assert fold([*WAYS_THERE[State.DECLINED], again]).of("marketing").state is State.DECLINED
