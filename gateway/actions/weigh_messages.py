"""Gather what a decision looks at, for many messages at once, and decide each with the one pure `decide`.

Trigger: release, dry run and `izin why`: all three come here, so what they say agrees.
Reads:   standings, people, addresses, holds: one query each for the whole batch.
Writes:  nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from consent import ledger, vault
from consent.address import Address
from consent.facts import FOREVER, AddressState, CampaignState, Facts, Hold, Policy
from consent.ledger import Stored
from consent.policy import Decision, decide
from consent.reasons import Reason
from gateway.core.failure import Scope
from gateway.storage import contacts, templates
from gateway.storage.contacts import NOT_ON_WHATSAPP, PersonState


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """One message to be decided: everything that does not depend on the person is given here."""

    subject_id: int
    purpose: str
    number_id: str
    expires_at: datetime
    policy: Policy
    campaign_id: int | None = None
    campaign: CampaignState = CampaignState.NONE
    template: str | None = None
    is_answer: bool = False
    is_free_form: bool = False
    parameter_problem: Reason | None = None
    parameter_name: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What the batch's queries found out, and the decision for each message, in the order asked."""

    people: Mapping[int, PersonState]
    addresses: Mapping[int, Address]
    facts: Sequence[Facts]
    decisions: Sequence[Decision]


def weigh(connection: Connection, messages: Sequence[Weighed], now: datetime, *, lock: bool = False) -> Found:
    """Decide each message. With `lock`, nothing it rests on changes until the transaction ends."""
    ids = sorted({m.subject_id for m in messages})
    standings = ledger.stored_standings(connection, ids, lock=lock)
    people = contacts.states(connection, ids, lock=lock)
    identifiers = vault.identifiers_of(connection, ids)
    addresses = {s: address for s in ids if (address := vault.address_of(identifiers.get(s, ())))}
    in_flight = contacts.with_marketing_in_flight(connection, ids)
    held = _Holds(templates.holds(connection, now))
    facts = [
        _facts(
            m, people.get(m.subject_id), addresses, ledger.stored_for(standings, m.subject_id, m.purpose), held, now,
            in_flight,
        )
        for m in messages
    ]  # fmt: skip
    return Found(people, addresses, facts, [decide(f, m.policy) for f, m in zip(facts, messages, strict=True)])


_HELD_BECAUSE = {
    Scope.TEMPLATE: Reason.TEMPLATE_HELD,
    Scope.CAMPAIGN: Reason.CAMPAIGN_PAUSED,
    Scope.NUMBER: Reason.NUMBER_HELD,
    Scope.ACCOUNT: Reason.ACCOUNT_HELD,
    Scope.EVERYTHING: Reason.ACCOUNT_HELD,
    Scope.UTILITY: Reason.ACCOUNT_HELD,
    Scope.COUNTRY: Reason.ACCOUNT_HELD,
}


class _Holds:
    def __init__(self, holds: Sequence[templates.Hold]) -> None:
        self._by_place = {(hold.scope, hold.target): hold for hold in holds}

    def _first(self, places: Sequence[tuple[Scope, str]]) -> Hold | None:
        found = next((self._by_place[place] for place in places if place in self._by_place), None)
        return None if found is None else Hold(_HELD_BECAUSE[found.scope], found.until)

    def on_template(self, message: Weighed) -> Hold | None:
        places = [(Scope.TEMPLATE, message.template or "")]
        return self._first([*places, (Scope.CAMPAIGN, str(message.campaign_id))])

    def on_number(self, message: Weighed, region: str | None) -> Hold | None:
        places = [(Scope.EVERYTHING, templates.EVERYTHING), (Scope.ACCOUNT, templates.EVERYTHING)]
        if message.purpose == "utility":
            places.append((Scope.UTILITY, templates.EVERYTHING))
        if message.purpose == "marketing" and region:
            places.append((Scope.COUNTRY, region))
        return self._first([(Scope.NUMBER, message.number_id), *places])


def _facts(
    message: Weighed,
    person: PersonState | None,
    addresses: Mapping[int, Address],
    stored: Stored,
    held: _Holds,
    now: datetime,
    in_flight: Mapping[int, int],
) -> Facts:
    standing = stored.standing.at(now)
    region = person.region if person else None
    sends = person.sends if person else ()
    return Facts(
        now=now,
        purpose=message.purpose,
        is_reply=message.is_answer,
        is_acknowledgement=message.is_answer,
        standing=standing.state.value,
        standing_deadline=standing.deadline,
        event_seq=standing.event_seq,
        event_hash=standing.event_hash,
        suppressed=stored.suppressed or stored.held,
        address=_address_state(person, message.subject_id in addresses),
        blocked_until=FOREVER if person and person.blocked and person.blocked != NOT_ON_WHATSAPP else None,
        cool_until=person.cool_until if person else None,
        zones=_zones(person),
        regions=frozenset({region}) if region else frozenset(),
        recent=sends,
        tag_recent=(),
        open_message=message.subject_id in in_flight,
        last_inbound_at=person.last_inbound_at if person else None,
        free_entry_until=person.free_entry_until if person else None,
        free_form=message.is_free_form,
        campaign=message.campaign,
        expires_at=message.expires_at,
        template_hold=held.on_template(message),
        number_hold=held.on_number(message, region),
        parameter_problem=message.parameter_problem,
        parameter_name=message.parameter_name,
    )


def _zones(person: PersonState | None) -> frozenset[str]:
    if person is None:
        return frozenset()
    return frozenset({person.zone}) if person.zone else person.zones


def _address_state(person: PersonState | None, reachable: bool) -> AddressState:
    if not reachable:
        return AddressState.NONE
    return AddressState.SUSPECT if person and person.blocked == NOT_ON_WHATSAPP else AddressState.REACHABLE
