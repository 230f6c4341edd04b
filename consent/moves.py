"""The moves of a standing: every state, every input, and what one does to the other, as data.

The table is section 3.2 of reference/consent.md, cell by cell, with three columns of the house beside it: `pause` (a
complaint or a weak sign of refusal holds the consent), `preference resumed` (Meta's own switch, turned back on) and
`correction`. Nothing here runs; consent/standing.py walks the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from consent.events import ActorKind, Draft, EventType


class State(StrEnum):
    """Where a person stands, for one purpose."""

    NONE = "none"
    PENDING = "pending"
    DECLINED = "declined"
    LAPSED = "lapsed"
    GRANTED = "granted"
    PAUSED = "paused"
    REVOKED = "revoked"
    EXPIRED = "expired"
    ERASED = "erased"


class Input(StrEnum):
    """What can happen to a standing: the columns of the table."""

    REQUEST = "request"
    CONFIRM = "confirm"
    DECLINE = "decline"
    TTL = "ttl"
    GRANT = "grant"
    IMPORT = "import"
    STOP = "stop"
    START = "start"
    END = "end"
    ERASE = "erase"
    PAUSE = "pause"
    PREFERENCE_RESUMED = "preference_resumed"
    CORRECTION = "correction"


class Needs(StrEnum):
    """What must hold for a move to happen. `consent.standing` knows how to look."""

    NOTHING = "nothing"
    PERSON = "person"
    """The person's own act, or one proven on paper or in a call."""
    PERSON_OR_UNREFUSED = "person_or_unrefused"
    """Anybody may, unless the person refused earlier: then only the person."""
    OPERATOR = "operator"
    THIRTY_DAYS = "thirty_days"
    """Thirty days have passed in this state, and no refusal lies beneath it."""
    PROOF = "proof"
    """An import row with source, evidence (attestation) and text, and no refusal beneath."""
    NEWER_PROOF = "newer_proof"
    """As PROOF, and the person acted after this state began."""
    BETTER_PROOF = "better_proof"
    """As NEWER_PROOF, and stronger than the proof in force."""
    OPEN_REQUEST = "open_request"
    """The person's own act, no later than the deadline of a request that is known."""
    CONSENT_BENEATH = "consent_beneath"
    """A pause lies over a consent; the person or an operator may take the pause away."""
    TAKEN_BY_PREFERENCE = "taken_by_preference"
    """Meta's switch took a consent that was in force, and nothing else took it since."""
    CITES_GRANT = "cites_grant"
    """The correction names, in `causes`, the event that grants."""


class Why(StrEnum):
    """Why an input moves nothing. The sentences are in consent/verdicts.py."""

    NOT_ASKED = "not_asked"
    ALREADY_ASKED = "already_asked"
    TOO_LATE = "too_late"
    NOTHING_RUNNING = "nothing_running"
    ALREADY_GRANTED = "already_granted"
    AWAITS_ANSWER = "awaits_answer"
    DECLINED = "declined"
    UNANSWERED = "unanswered"
    WITHDRAWN = "withdrawn"
    ALREADY_REFUSED = "already_refused"
    PROOF_MISSING = "proof_missing"
    PROOF_NOT_NEWER = "proof_not_newer"
    ON_HOLD = "on_hold"
    ONLY_THE_PERSON = "only_the_person"
    ASKED_RECENTLY = "asked_recently"
    NOTHING_TO_RESUME = "nothing_to_resume"
    NOT_TAKEN_BY_PREFERENCE = "not_taken_by_preference"
    NOTHING_TO_CORRECT = "nothing_to_correct"
    ERASED = "erased"
    OLDER_THAN_REFUSAL = "older_than_refusal"
    IN_THE_FUTURE = "in_the_future"
    SUPPRESSED = "suppressed"
    NO_BLANKET_CONSENT = "no_blanket_consent"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: the first move whose need holds is made; otherwise the state stays and `why` says so."""

    moves: tuple[tuple[Needs, State], ...]
    why: Why | None = None
    new_subject: bool = False
    """The person is welcome, but under a new random reference: this one is erased and stays so."""


def to(state: State, needs: Needs = Needs.NOTHING, why: Why | None = None) -> Cell:
    return Cell(((needs, state),), why)


def either(*moves: tuple[Needs, State], why: Why) -> Cell:
    return Cell(moves, why)


def stays(why: Why) -> Cell:
    return Cell((), why)


INPUT_OF: Mapping[EventType, Input] = {
    EventType.REQUESTED: Input.REQUEST,
    EventType.CONFIRMED: Input.CONFIRM,
    EventType.DECLINED: Input.DECLINE,
    EventType.GRANTED: Input.GRANT,
    EventType.RENEWED: Input.GRANT,
    EventType.GRANTED_BY_IMPORT: Input.IMPORT,
    EventType.PAUSED: Input.PAUSE,
    EventType.RESUMED: Input.START,
    EventType.REVOKED: Input.STOP,
    EventType.REVOKED_BY_REGISTRY: Input.STOP,
    EventType.SUPPRESSED: Input.STOP,
    EventType.NUMBER_REASSIGNED: Input.STOP,
    EventType.HELD: Input.STOP,
    EventType.ERASED: Input.ERASE,
    EventType.CORRECTED: Input.CORRECTION,
}
"""`request_expired` and `expired` are not here: they only tell, the deadline itself decides. Nor are
`suppression_lifted` and `exported`, which move no standing."""

PREFERENCE = "wa_pref"
"""The source code of Meta's own marketing switch (webhook `user_preferences`)."""


def input_of(draft: Draft) -> Input | None:
    """The column of the table that an event belongs to; None when it moves no standing."""
    found = INPUT_OF.get(draft.type)
    if found is Input.GRANT and draft.actor.kind is ActorKind.IMPORT:
        return Input.IMPORT  # a file is a file, whatever it calls its rows
    if found is Input.START and draft.source == PREFERENCE:
        return Input.PREFERENCE_RESUMED
    return found


def _nobody_home() -> dict[Input, Cell]:
    """What is the same in every state without a consent in force."""
    return {
        Input.TTL: stays(Why.NOTHING_RUNNING),
        Input.END: stays(Why.NOTHING_RUNNING),
        Input.STOP: to(State.REVOKED),
        Input.ERASE: to(State.ERASED),
        Input.PREFERENCE_RESUMED: stays(Why.NOT_TAKEN_BY_PREFERENCE),
        Input.CORRECTION: stays(Why.NOTHING_TO_CORRECT),
    }


_UNANSWERED_OR_DECLINED: dict[Input, Cell] = {
    **_nobody_home(),
    Input.CONFIRM: stays(Why.TOO_LATE),
    Input.DECLINE: stays(Why.ALREADY_REFUSED),
    Input.GRANT: to(State.GRANTED, Needs.PERSON, Why.ONLY_THE_PERSON),
    Input.START: to(State.PENDING, Needs.PERSON, Why.ONLY_THE_PERSON),
}

TABLE: Mapping[State, Mapping[Input, Cell]] = {
    State.NONE: {
        **_nobody_home(),
        Input.REQUEST: to(State.PENDING, Needs.PERSON_OR_UNREFUSED, Why.DECLINED),
        Input.CONFIRM: stays(Why.NOT_ASKED),
        Input.DECLINE: stays(Why.NOT_ASKED),
        Input.GRANT: to(State.GRANTED, Needs.PERSON_OR_UNREFUSED, Why.ONLY_THE_PERSON),
        Input.IMPORT: to(State.GRANTED, Needs.PROOF, Why.PROOF_MISSING),
        Input.START: stays(Why.NOTHING_TO_RESUME),
        Input.PAUSE: to(State.PAUSED),
    },
    State.PENDING: {
        **_nobody_home(),
        Input.REQUEST: stays(Why.ALREADY_ASKED),
        Input.CONFIRM: to(State.GRANTED, Needs.PERSON, Why.ONLY_THE_PERSON),
        Input.DECLINE: to(State.DECLINED),
        Input.TTL: to(State.LAPSED),
        Input.GRANT: to(State.GRANTED, Needs.PERSON_OR_UNREFUSED, Why.ONLY_THE_PERSON),
        Input.IMPORT: stays(Why.AWAITS_ANSWER),
        Input.START: stays(Why.AWAITS_ANSWER),
        Input.PAUSE: to(State.PAUSED),
    },
    State.DECLINED: {
        **_UNANSWERED_OR_DECLINED,
        Input.REQUEST: to(State.PENDING, Needs.PERSON, Why.DECLINED),
        Input.IMPORT: stays(Why.DECLINED),
        Input.PAUSE: stays(Why.ALREADY_REFUSED),
    },
    State.LAPSED: {
        **_UNANSWERED_OR_DECLINED,
        Input.REQUEST: either(
            (Needs.PERSON, State.PENDING), (Needs.THIRTY_DAYS, State.PENDING), why=Why.ASKED_RECENTLY
        ),
        Input.IMPORT: stays(Why.UNANSWERED),
        Input.PAUSE: to(State.PAUSED),
    },
    State.GRANTED: {
        Input.REQUEST: stays(Why.ALREADY_GRANTED),
        Input.CONFIRM: stays(Why.ALREADY_GRANTED),
        Input.DECLINE: to(State.REVOKED),
        Input.TTL: stays(Why.NOTHING_RUNNING),
        Input.GRANT: to(State.GRANTED),
        Input.IMPORT: to(State.GRANTED, Needs.BETTER_PROOF, Why.ALREADY_GRANTED),
        Input.STOP: to(State.REVOKED),
        Input.START: stays(Why.ALREADY_GRANTED),
        Input.END: to(State.EXPIRED),
        Input.ERASE: to(State.ERASED),
        Input.PAUSE: to(State.PAUSED),
        Input.PREFERENCE_RESUMED: stays(Why.ALREADY_GRANTED),
        Input.CORRECTION: to(State.REVOKED, Needs.CITES_GRANT, Why.NOTHING_TO_CORRECT),
    },
    State.PAUSED: {
        Input.REQUEST: stays(Why.ON_HOLD),
        Input.CONFIRM: stays(Why.ON_HOLD),
        Input.DECLINE: to(State.REVOKED),
        Input.TTL: to(State.REVOKED),  # nobody decided in a day, so the doubt counts as a refusal
        Input.GRANT: to(State.GRANTED, Needs.PERSON, Why.ONLY_THE_PERSON),
        Input.IMPORT: stays(Why.ON_HOLD),
        Input.STOP: to(State.REVOKED),
        Input.START: either(
            (Needs.CONSENT_BENEATH, State.GRANTED),
            (Needs.PERSON, State.PENDING),
            (Needs.OPERATOR, State.LAPSED),
            why=Why.ONLY_THE_PERSON,
        ),
        Input.END: to(State.EXPIRED),
        Input.ERASE: to(State.ERASED),
        Input.PAUSE: stays(Why.ON_HOLD),
        Input.PREFERENCE_RESUMED: stays(Why.NOT_TAKEN_BY_PREFERENCE),
        Input.CORRECTION: to(State.REVOKED, Needs.CITES_GRANT, Why.NOTHING_TO_CORRECT),
    },
    State.REVOKED: {
        **_nobody_home(),
        # A request opens, but the refusal stands until the person confirms it: asking takes nothing away.
        Input.REQUEST: to(State.REVOKED, Needs.PERSON, Why.WITHDRAWN),
        Input.CONFIRM: to(State.GRANTED, Needs.OPEN_REQUEST, Why.TOO_LATE),
        Input.DECLINE: stays(Why.ALREADY_REFUSED),
        Input.GRANT: to(State.GRANTED, Needs.PERSON, Why.ONLY_THE_PERSON),
        Input.IMPORT: stays(Why.WITHDRAWN),
        Input.STOP: stays(Why.ALREADY_REFUSED),
        Input.START: to(State.GRANTED, Needs.PERSON, Why.ONLY_THE_PERSON),
        Input.PAUSE: stays(Why.ALREADY_REFUSED),
        Input.PREFERENCE_RESUMED: to(State.GRANTED, Needs.TAKEN_BY_PREFERENCE, Why.NOT_TAKEN_BY_PREFERENCE),
    },
    State.EXPIRED: {
        **_nobody_home(),
        Input.REQUEST: to(State.PENDING, Needs.PERSON_OR_UNREFUSED, Why.ON_HOLD),
        Input.CONFIRM: to(State.GRANTED, Needs.PERSON, Why.ONLY_THE_PERSON),
        Input.DECLINE: to(State.DECLINED),
        Input.TTL: to(State.REVOKED),  # reached only while a pause from before the end is undecided
        Input.GRANT: to(State.GRANTED, Needs.PERSON_OR_UNREFUSED, Why.ONLY_THE_PERSON),
        Input.IMPORT: to(State.GRANTED, Needs.NEWER_PROOF, Why.PROOF_NOT_NEWER),
        Input.START: to(State.PENDING, Needs.PERSON, Why.ONLY_THE_PERSON),
        Input.PAUSE: to(State.PAUSED),
    },
    State.ERASED: {
        **{one: stays(Why.ERASED) for one in Input},
        Input.REQUEST: Cell((), Why.ERASED, new_subject=True),
        Input.GRANT: Cell((), Why.ERASED, new_subject=True),
        Input.START: Cell((), Why.ERASED, new_subject=True),
    },
}


def state_diagram() -> str:
    """The table as a Mermaid state diagram, each arrow with the inputs that can make it; docs/states.md shows it."""
    inputs: dict[tuple[State, State], list[str]] = {}
    for now, row in TABLE.items():
        for one, cell in row.items():
            for _, then in cell.moves:
                if then is not now and one.value not in inputs.setdefault((now, then), []):
                    inputs[now, then].append(one.value)
    arrows = [f"    {now} --> {then}: {', '.join(by)}" for (now, then), by in inputs.items()]
    return "\n".join(["stateDiagram-v2", f"    [*] --> {State.NONE}", *arrows])
