"""Whether what was sent was allowed: every message against the standing that its person had when it left."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from consent.events import Event, Purpose, from_mapping, moment_from
from consent.proof.findings import Doubt, Findings
from consent.standing import Standings, fold

NEEDS_NO_CONSENT = frozenset({Purpose.UTILITY.value, Purpose.SERVICE.value, Purpose.AUTHENTICATION.value})


def event_from(body: bytes, hash_: str) -> Event:
    """The event in canonical bytes. Raises KeyError or ValueError when they are not one."""
    return from_mapping(json.loads(body), hash_)


RELEASE_MAX = timedelta(seconds=5)
"""How far the clocks of a release and of an event may be apart and the release still have seen it, or not."""


def check_message(message: Mapping[str, Any], events: Sequence[Event], findings: Findings) -> None:
    """Doubt a message that its person's events did not allow when it left.

    `events` are all events of the subject that the material holds, in any order. A release saw the ledger up to some
    event; which one, clocks can tell only to within RELEASE_MAX. A doubt is raised when none of those would do.
    """
    where = f"message {message['id']}"
    released = moment_from(message["released_at"])
    cited = _cited(message, events, findings, where)
    if cited is None and message["purpose"] not in NEEDS_NO_CONSENT:
        return
    objections = [_objection(message, fold(seen).at(released), cited) for seen in _possibly_seen(events, released)]
    if all(objections):
        doubt, sentence = objections[-1] or (Doubt.NOT_CONSENTED, "")
        findings.doubt(doubt, where, sentence)


def _possibly_seen(events: Sequence[Event], released: datetime) -> Iterator[list[Event]]:
    """The person's events as a release at this moment may have found them: shortest first."""
    ordered = sorted(events, key=lambda one: one.seq)
    for count in range(len(ordered) + 1):
        seen, unseen = ordered[:count], ordered[count:]
        if seen and seen[-1].recorded_at > released + RELEASE_MAX:
            return
        if not unseen or unseen[0].recorded_at >= released - RELEASE_MAX:
            yield seen


def _cited(message: Mapping[str, Any], events: Iterable[Event], findings: Findings, where: str) -> Event | None:
    seq, hash_ = message["event_seq"], message["event_hash"]
    if seq is None:
        if message["purpose"] not in NEEDS_NO_CONSENT:
            findings.doubt(Doubt.UNKNOWN_EVENT, where, f"a {message['purpose']} message that cites no event")
        return None
    found = next((one for one in events if one.seq == seq), None)
    if found is None:
        findings.doubt(Doubt.UNKNOWN_EVENT, where, f"it cites event {seq}, which is not one of this person's here")
        return None
    if found.hash != hash_:
        findings.doubt(Doubt.WRONG_EVENT, where, f"it cites event {seq} by a hash that this event does not have")
        return None
    return found


def _objection(message: Mapping[str, Any], standings: Standings, cited: Event | None) -> tuple[Doubt, str] | None:
    standing, purpose = standings.of(message["purpose"]), message["purpose"]
    if purpose == Purpose.SERVICE and message["template"] is None:
        return None  # an answer inside the window that the person opened, such as the acknowledgement of a STOP
    if standings.suppressed or standings.held or standings.erased:
        return Doubt.NOT_CONSENTED, "it left after the person had asked for no messages at all"
    if purpose in NEEDS_NO_CONSENT:
        return None
    if not standing.granted:
        return Doubt.NOT_CONSENTED, f"when it left, the person's consent was {standing.state}"
    if cited is None or standing.event_seq != cited.seq:
        return Doubt.WRONG_EVENT, f"it cites another event than {standing.event_seq}, the one that was in force"
    return None
