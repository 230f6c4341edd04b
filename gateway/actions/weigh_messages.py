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

from consent.address import Address
from consent.facts import FOREVER, AddressState, CampaignState, Facts, Hold, Policy
from consent.ledger import Stored, stored_for
from consent.policy import Decision, decide
from consent.reasons import Reason
from gateway.actions.tag_limits import tag_sends
from gateway.core.failure import Scope
from gateway.storage import recipients, templates
from gateway.storage.contacts import NOT_ON_WHATSAPP
from gateway.storage.recipients import Recipient


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
    capped_tags: frozenset[str] = frozenset()
    iys: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What the batch's queries found out, and the decision for each message, in the order asked."""

    people: Mapping[int, Recipient]
    addresses: Mapping[int, Address]
    facts: Sequence[Facts]
    decisions: Sequence[Decision]


def weigh(
    connection: Connection,
    messages: Sequence[Weighed],
    now: datetime,
    *,
    lock: bool = False,
    holds: Sequence[templates.Hold] | None = None,
) -> Found:
    """Decide each message. With `lock`, nothing it rests on changes until the transaction ends.

    `holds` are those in force, when the caller has read them already.
    """
    ids = sorted({m.subject_id for m in messages})
    standings = recipients.standings(connection, ids, lock=lock)
    people = recipients.people(connection, ids, lock=lock)
    addresses = recipients.addresses(connection, ids)
    in_flight = recipients.with_marketing_in_flight(connection, ids)
    held = Holds(templates.holds(connection, now) if holds is None else holds)
    tagged = tag_sends(connection, {(m.subject_id, m.capped_tags) for m in messages if m.capped_tags})
    facts = [
        facts_of(
            m,
            people.get(m.subject_id, NOBODY),
            m.subject_id in addresses,
            stored_for(standings, m.subject_id, m.purpose),
            held,
            now,
            m.subject_id in in_flight,
            tagged.get((m.subject_id, m.capped_tags), ()),
        )
        for m in messages
    ]
    return Found(people, addresses, facts, [decide(f, m.policy) for f, m in zip(facts, messages, strict=True)])


NOBODY = Recipient(frozenset(), frozenset(), None, None, None, None, None, ())

_HELD_BECAUSE = {
    Scope.TEMPLATE: Reason.TEMPLATE_HELD,
    Scope.CAMPAIGN: Reason.CAMPAIGN_PAUSED,
    Scope.NUMBER: Reason.NUMBER_HELD,
    Scope.ACCOUNT: Reason.ACCOUNT_HELD,
    Scope.EVERYTHING: Reason.ACCOUNT_HELD,
    Scope.UTILITY: Reason.ACCOUNT_HELD,
    Scope.COUNTRY: Reason.ACCOUNT_HELD,
}


class Holds:
    """What may not be sent for now, asked for one message and one person."""

    def __init__(self, holds: Sequence[templates.Hold]) -> None:
        self._by_place = {(hold.scope, hold.target): hold for hold in holds}

    def _first(self, places: Sequence[tuple[Scope, str]]) -> Hold | None:
        found = next((self._by_place[place] for place in places if place in self._by_place), None)
        return None if found is None else Hold(_HELD_BECAUSE[found.scope], found.until)

    def on_template(self, message: Weighed) -> Hold | None:
        if not self._by_place:
            return None
        return self._first([(Scope.TEMPLATE, message.template or ""), (Scope.CAMPAIGN, str(message.campaign_id))])

    def on_number(self, message: Weighed, regions: frozenset[str]) -> Hold | None:
        if not self._by_place:
            return None
        places = [(Scope.EVERYTHING, templates.EVERYTHING), (Scope.ACCOUNT, templates.EVERYTHING)]
        if message.purpose == "utility":
            places.append((Scope.UTILITY, templates.EVERYTHING))
        if message.purpose == "marketing":
            places += [(Scope.COUNTRY, region) for region in sorted(regions)]
        return self._first([(Scope.NUMBER, message.number_id), *places])


def facts_of(
    message: Weighed,
    person: Recipient,
    reachable: bool,
    stored: Stored,
    held: Holds,
    now: datetime,
    in_flight: bool,
    tag_recent: tuple[datetime, ...] = (),
) -> Facts:
    """The one place where facts are put together, for one person or for a group of people who are alike."""
    standing = stored.standing.at(now)
    return Facts(
        now=now,
        purpose=message.purpose,
        is_reply=message.is_answer,
        is_acknowledgement=message.is_answer,
        standing=standing.state.value,
        standing_deadline=standing.deadline,
        event_seq=standing.event_seq,
        event_hash=standing.event_hash,
        iys=message.iys,
        suppressed=stored.suppressed or stored.held,
        address=_address_state(person, reachable),
        blocked_until=FOREVER if person.blocked and person.blocked != NOT_ON_WHATSAPP else None,
        cool_until=person.cool_until,
        zones=person.zones,
        regions=person.regions,
        recent=person.sends,
        tag_recent=tag_recent,
        open_message=in_flight,
        last_inbound_at=person.last_inbound_at,
        free_entry_until=person.free_entry_until,
        free_form=message.is_free_form,
        campaign=message.campaign,
        expires_at=message.expires_at,
        template_hold=held.on_template(message),
        number_hold=held.on_number(message, person.regions),
        parameter_problem=message.parameter_problem,
        parameter_name=message.parameter_name,
    )


def _address_state(person: Recipient, reachable: bool) -> AddressState:
    if not reachable:
        return AddressState.NONE
    return AddressState.SUSPECT if person.blocked == NOT_ON_WHATSAPP else AddressState.REACHABLE
