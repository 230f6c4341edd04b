"""Where a person stands: a pure fold over the ledger's events, so a cache of it may be thrown away at any time.

Events are folded in the order in which the person acted; of two at the same instant the more restrictive counts last.
The order in which they arrived does not matter. Deadlines are part of the standing and bind by themselves: ask a
standing `at(moment)`, and a request that nobody answered has lapsed whether or not a timer noticed.
The moves are data in consent/moves.py; the rules are section 3.2 of reference/consent.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from consent.events import EVERY_PURPOSE, ActorKind, Draft, Event, EventType
from consent.moves import PREFERENCE, TABLE, Cell, Input, Needs, State, Why, input_of

__all__ = [
    "Cell", "Input", "Mark", "Needs", "OutOfOrder", "Standing", "Standings", "State", "Why",
    "advance", "answer", "concerns", "fold", "input_of", "proof_is_complete", "proof_strength",
]  # fmt: skip

REQUEST_LIFETIME = timedelta(hours=48)
REQUEST_LIFETIME_MAX = timedelta(days=7)
PAUSE_MAX = timedelta(hours=24)
ASK_AGAIN_AFTER = timedelta(days=30)

ATTESTED = "attestation"
"""The `method` of an import row whose text is not in the ledger but attested by the operator."""

PLATFORM_STOPS = frozenset({PREFERENCE, "provider_error"})
"""Sources that report Meta's own switch. Error 131050 only echoes it, so it does not make a refusal of its own."""

WHOLE_PERSON = frozenset({EventType.SUPPRESSED, EventType.NUMBER_REASSIGNED, EventType.HELD, EventType.ERASED})
FOR_EVERY_PURPOSE = frozenset({Input.STOP, Input.DECLINE, Input.PAUSE, Input.ERASE, Input.CORRECTION})
"""What may be said once for all purposes. A consent may not: each purpose is its own choice (KVKK, GDPR, LGPD)."""


class OutOfOrder(ValueError):
    """The event is not later than all that were folded; fold them again, with it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The event that set a flag on the whole person."""

    at: datetime
    event_seq: int
    event_hash: str
    event_id: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person stands for one purpose. Every field is flat, so it is also a narrow row.

    `since` is when the person acted (or the deadline came), `event_*` the event that brought the person here: for
    `granted`, the one that authorises a message. `deadline` is when the state ends by itself; in `revoked` it is
    the end of a newly opened request, and in `expired` the end of an undecided pause. `consent_id` and
    `consent_ends` tell of the consent that lies beneath a pause or that Meta's switch took. `proof` is 0 to 4 (see
    `proof_strength`). `refused` is set by a refusal and cleared only by the person's own later consent.
    """

    state: State = State.NONE
    since: datetime | None = None
    deadline: datetime | None = None
    event_seq: int | None = None
    event_hash: str | None = None
    event_id: str | None = None
    consent_id: str | None = None
    consent_ends: datetime | None = None
    proof: int = 0
    refused: bool = False

    def at(self, moment: datetime) -> Standing:
        """This standing at a moment: deadlines that have come (deadline <= moment) have taken effect."""
        now = self
        while (ended := _next_end(now, moment)) is not None:
            now = ended
        return now

    @property
    def granted(self) -> bool:
        """Whether this standing, already asked `at` a moment, allows a message that needs consent."""
        return self.state is State.GRANTED


NOWHERE = Standing()


@dataclass(frozen=True, slots=True)
class Standings:
    """One person: a standing per purpose, and what holds for all of them.

    `every` is the standing of any purpose that was never spoken of. `last_at` is the newest `occurred_at` folded:
    an event later than it may be appended with `advance`, any other needs a new `fold`.
    """

    purposes: Mapping[str, Standing] = field(default_factory=dict)
    every: Standing = NOWHERE
    suppressed: Mark | None = None
    held: Mark | None = None
    erased: Mark | None = None
    last_at: datetime | None = None

    def of(self, purpose: str) -> Standing:
        return self.purposes.get(purpose, self.every)

    def at(self, moment: datetime) -> Standings:
        """The same person at a moment, with every deadline that has come applied."""
        now = {purpose: standing.at(moment) for purpose, standing in self.purposes.items()}
        return replace(self, purposes=now, every=self.every.at(moment))

    def may_advance(self, event: Draft) -> bool:
        return self.last_at is None or event.occurred_at > self.last_at


NOBODY = Standings()


def fold(events: Iterable[Event]) -> Standings:
    """Where one person stands after these events of theirs, in whatever order they come."""
    standings = NOBODY
    for event in sorted(events, key=_order):
        standings = _apply(standings, event)
    return standings


def advance(standings: Standings, event: Event) -> Standings:
    """The same as folding everything again with `event`, when it is later than all of it.

    Raises OutOfOrder when it is not: then the standing must be folded from the events.
    """
    if not standings.may_advance(event):
        raise OutOfOrder(f"event {event.event_id} is not later than {standings.last_at}; fold the events again")
    return _apply(standings, event)


_RANK = {
    Input.REQUEST: 0, Input.START: 1, Input.PREFERENCE_RESUMED: 1, Input.CONFIRM: 2, Input.GRANT: 2, Input.IMPORT: 2,
    Input.CORRECTION: 4, Input.PAUSE: 5, Input.DECLINE: 6, Input.STOP: 7, Input.ERASE: 8,
}  # fmt: skip


def _order(event: Event) -> tuple[datetime, int, str]:
    one = input_of(event)
    return event.occurred_at, 0 if one is None else _RANK[one], event.event_id


def concerns(event: Draft) -> bool:
    """Whether an event binds WhatsApp: all of its own channel; of SMS, the same number's refusals but no consent."""
    if event.channel == "whatsapp":
        return True
    return event.channel == "sms" and input_of(event) in FOR_EVERY_PURPOSE


def _apply(standings: Standings, event: Event) -> Standings:
    one = input_of(event) if concerns(event) else None
    purposes, every = standings.purposes, standings.every
    if event.type in WHOLE_PERSON or event.purpose == EVERY_PURPOSE:
        if one in FOR_EVERY_PURPOSE:
            purposes = {purpose: _step(was, event, one) for purpose, was in purposes.items()}
            every = _step(every, event, one)
    elif one is not None:
        purposes = {**purposes, event.purpose: _step(standings.of(event.purpose), event, one)}
    marks = standings.suppressed, standings.held, standings.erased
    after = Standings(purposes, every, *marks, last_at=event.occurred_at)
    if event.type in _MARKING or (standings.suppressed is not None and _is_own_consent(standings, after, event)):
        return _marked(after, event)
    return after


_MARKING = WHOLE_PERSON | {EventType.SUPPRESSION_LIFTED, EventType.CORRECTED}


def _marked(after: Standings, event: Event) -> Standings:
    mark = Mark(event.occurred_at, event.seq, event.hash, event.event_id)
    match event.type:
        case EventType.SUPPRESSED | EventType.NUMBER_REASSIGNED:
            return replace(after, suppressed=mark)
        case EventType.HELD:
            return replace(after, held=mark)
        case EventType.ERASED:
            return replace(after, erased=after.erased or mark)
        case EventType.CORRECTED:
            return replace(after, held=None) if _lifts_hold(after.held, event) else after
        case EventType.SUPPRESSION_LIFTED if not event.by_the_person:
            return after
    return replace(after, suppressed=None)


def _lifts_hold(held: Mark | None, event: Event) -> bool:
    """A hold that should not be, or no longer, is corrected by name; what it revoked stays revoked."""
    about_it = event.purpose == EVERY_PURPOSE and held is not None and held.event_id in event.causes
    return about_it and event.actor.kind in (ActorKind.OPERATOR, ActorKind.SUBJECT)


def _is_own_consent(before: Standings, after: Standings, event: Event) -> bool:
    """Consenting anew in person also ends the silence that the person had asked for."""
    if event.actor.kind is not ActorKind.SUBJECT or event.source == PREFERENCE:
        return False
    now = after.of(event.purpose)
    return now.granted and now.event_id == event.event_id and not before.of(event.purpose).granted


def answer(standing: Standing, draft: Draft, one: Input) -> tuple[State | None, Cell]:
    """The state an input leads to from a standing that is already `at` its moment; None when it moves nothing."""
    cell = TABLE[standing.state][one]
    for needs, state in cell.moves:
        if _HOLDS[needs](standing, draft):
            return state, cell
    return None, cell


def _step(standing: Standing, event: Event, one: Input) -> Standing:
    was = standing.at(event.occurred_at)
    state, _ = answer(was, event, one)
    if state is None:
        return _remember_refusal(was, event, one)
    return _LANDINGS[state](was, event, one)


def _remember_refusal(was: Standing, event: Event, one: Input) -> Standing:
    """A refusal that moves nothing still counts against files, operators and Meta's switch."""
    if one not in (Input.DECLINE, Input.STOP, Input.PAUSE) or was.state is State.ERASED:
        return was
    by_hand = event.source not in PLATFORM_STOPS and was.state is State.REVOKED
    if by_hand and was.consent_id is not None:
        was = replace(was, consent_id=None, consent_ends=None)
    return was if was.refused else replace(was, refused=True)


def _landed(state: State, event: Event, deadline: datetime | None = None, **kept: Any) -> Standing:
    return Standing(state, event.occurred_at, deadline, event.seq, event.hash, event.event_id, **kept)


def _pending(was: Standing, event: Event, one: Input) -> Standing:
    longest = event.occurred_at + REQUEST_LIFETIME_MAX
    deadline = min(event.expires_at or event.occurred_at + REQUEST_LIFETIME, longest)
    return _landed(State.PENDING, event, deadline=deadline, refused=was.refused)


def _granted(was: Standing, event: Event, one: Input) -> Standing:
    if one in (Input.START, Input.PREFERENCE_RESUMED) and was.consent_id is not None:
        own_end = event.expires_at if event.by_the_person else None
        return _landed(State.GRANTED, event, deadline=own_end or was.consent_ends, proof=was.proof)
    return _landed(State.GRANTED, event, deadline=event.expires_at, proof=proof_strength(event))


def _paused(was: Standing, event: Event, one: Input) -> Standing:
    longest = event.occurred_at + PAUSE_MAX
    deadline = min(event.expires_at or longest, longest)
    return _landed(State.PAUSED, event, deadline, refused=True, **(_beneath(was) if was.granted else {}))


def _beneath(was: Standing) -> dict[str, Any]:
    return {"consent_id": was.event_id, "consent_ends": was.deadline, "proof": was.proof}


def _revoked(was: Standing, event: Event, one: Input) -> Standing:
    if was.state is State.REVOKED:
        return replace(was, deadline=_pending(was, event, one).deadline)
    if one is Input.CORRECTION and event.expires_at is not None:
        return _shortened(was, event.expires_at)
    if was.granted and event.source == PREFERENCE:
        return _landed(State.REVOKED, event, refused=True, **_beneath(was))
    open_request = was.deadline if was.state is State.PENDING else None
    return _landed(State.REVOKED, event, deadline=open_request, refused=True)


def _shortened(was: Standing, ends: datetime) -> Standing:
    """A correction that carries the right end date shortens the consent; it never lengthens one."""
    if was.state is State.PAUSED:
        return replace(was, consent_ends=min(ends, was.consent_ends or ends))
    return replace(was, deadline=min(ends, was.deadline or ends))


def _ended(state: State) -> Callable[[Standing, Event, Input], Standing]:
    def land(was: Standing, event: Event, one: Input) -> Standing:
        return _landed(state, event, refused=was.refused or state is State.DECLINED)

    return land


_LANDINGS: Mapping[State, Callable[[Standing, Event, Input], Standing]] = {
    State.PENDING: _pending,
    State.GRANTED: _granted,
    State.PAUSED: _paused,
    State.REVOKED: _revoked,
    State.DECLINED: _ended(State.DECLINED),
    State.LAPSED: _ended(State.LAPSED),
    State.ERASED: _ended(State.ERASED),
}


def _next_end(now: Standing, moment: datetime) -> Standing | None:
    """The standing after its first deadline that has come by `moment`; None when none has."""
    if now.deadline is None and now.consent_ends is None:
        return None
    ends = _ends(now)
    if not ends:
        return None
    when, one = min(ends)
    if when > moment:
        return None
    state = TABLE[now.state][one].moves[0][1]
    kept = now.deadline if now.state is State.PAUSED and state is State.EXPIRED else None
    refused = now.refused or state is State.REVOKED
    return replace(now, state=state, since=when, deadline=kept, consent_id=None, consent_ends=None, refused=refused)


def _ends(now: Standing) -> list[tuple[datetime, Input]]:
    ends = []
    if now.deadline is not None and now.state is not State.REVOKED:
        ends.append((now.deadline, Input.END if now.granted else Input.TTL))
    if now.state is State.PAUSED and now.consent_ends is not None:
        ends.append((now.consent_ends, Input.END))
    return ends


def proof_strength(draft: Draft) -> int:
    """How good the proof of a consent is.

    4 the person's own act, 3 proven on paper or from a call, 2 a record that names its text, 1 one that does not.
    """
    if draft.type is not EventType.GRANTED_BY_IMPORT:
        if draft.actor.kind is ActorKind.SUBJECT:
            return 4
        if draft.by_the_person:
            return 3
    return 1 if draft.text is None else 2


def proof_is_complete(draft: Draft) -> bool:
    """Whether an import row brings all it needs: source, attestation as evidence, and the text or an attested one."""
    return bool(draft.source) and draft.evidence is not None and (draft.text is not None or draft.method == ATTESTED)


def _has_proof(was: Standing, draft: Draft) -> bool:
    return proof_is_complete(draft) and not was.refused


def _is_newer(was: Standing, draft: Draft) -> bool:
    return _has_proof(was, draft) and was.since is not None and draft.occurred_at > was.since


def _has_open_request(was: Standing, draft: Draft) -> bool:
    return draft.by_the_person and was.deadline is not None and draft.occurred_at < was.deadline


def _waited(was: Standing, draft: Draft) -> bool:
    long_ago = was.since is not None and draft.occurred_at >= was.since + ASK_AGAIN_AFTER
    return long_ago and not was.refused


def _may_unpause(draft: Draft) -> bool:
    return draft.by_the_person or draft.actor.kind is ActorKind.OPERATOR


_HOLDS: Mapping[Needs, Callable[[Standing, Draft], bool]] = {
    Needs.NOTHING: lambda was, draft: True,
    Needs.PERSON: lambda was, draft: draft.by_the_person,
    Needs.PERSON_OR_UNREFUSED: lambda was, draft: draft.by_the_person or not was.refused,
    Needs.OPERATOR: lambda was, draft: draft.actor.kind is ActorKind.OPERATOR,
    Needs.THIRTY_DAYS: _waited,
    Needs.PROOF: _has_proof,
    Needs.NEWER_PROOF: _is_newer,
    Needs.BETTER_PROOF: lambda was, draft: _is_newer(was, draft) and proof_strength(draft) > was.proof,
    Needs.OPEN_REQUEST: _has_open_request,
    Needs.CONSENT_BENEATH: lambda was, draft: was.consent_id is not None and _may_unpause(draft),
    Needs.TAKEN_BY_PREFERENCE: lambda was, draft: was.consent_id is not None,
    Needs.CITES_GRANT: lambda was, draft: (was.consent_id or was.event_id) in draft.causes,
}
